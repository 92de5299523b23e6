"""Profiles as TOML: sizes, work, borders, and rules that can be switched off."""

from __future__ import annotations

import pytest

from spatial.errors import SchemaError
from spatial.planning.options import PlanOptions
from spatial.planning.profiles import Rules, default_profile, read_profile

SIZE = "[all]\ntarget_households = 300\n"


def test_what_a_profile_leaves_out_is_as_shipped() -> None:
    given, shipped = read_profile(SIZE), default_profile()
    assert [size.name for size in given.sizes] == ["all"]
    assert (given.rules, given.barrier_weight, given.special_visits) == (Rules(), 0.6, 12)
    assert (shipped.rules, shipped.barrier_weight) == (Rules(), 0.6)


def test_rules_are_switched_off_and_limits_set() -> None:
    rules = read_profile(SIZE + "[rules]\none_cell_per_member = false\nwalk_minutes_rural = 45\n").rules
    assert rules == Rules(one_cell_per_member=False, walk_minutes_rural=45)


def test_borders_are_weighed_by_the_profile_unless_the_call_says_otherwise() -> None:
    profile = read_profile(SIZE + "[borders]\nbarrier_weight = 2\n")
    assert PlanOptions(profile=profile).barrier_weight == 2
    assert PlanOptions(profile=profile, barriers=0).barrier_weight == 0


@pytest.mark.parametrize(
    "table",
    [
        "[rules]\none_cell_per_member = 0", "[rules]\nvisits_a_day = true", "[rules]\nvisits_a_day = 0",
        "[rules]\nno_such_rule = 1", "[borders]\nbarrier_weight = -1", "[borders]\nsizes = 1",
        "[borders]\nspecial_visits = 3", "[workload]\nbarrier_weight = 3", "[workload]\nvisits_per_km2 = nan",
        "[rules]\nmetres_a_minute = inf",
    ],
)  # fmt: skip
def test_what_no_profile_has_is_refused(table: str) -> None:
    with pytest.raises(SchemaError) as refused:
        read_profile(SIZE + table)
    assert table.split("\n")[1].split(" ", maxsplit=1)[0] in refused.value.zh


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("min_party_members = 3", "min_party_members = 3"), ("[rural]\nmin_party_member = 3", "rural.min_party_member"),
        ("[rural]\nclasses = ['220']", "rural.target_households = None"),
        ("[rural]\ntarget_households = 'x'", "rural.target_households = 'x'"),
        ("[rural]\ntarget_households = 200\nclasses = '220'", "rural.classes"), ("[rural\n", "line 1"),
        ("[workload]\narea_km2 = 10", "visits_per_km2"), ("[rules]\none_lead_per_cell = 3", "true"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_key_and_what_may_stand_there(text: str, named: str) -> None:
    with pytest.raises(SchemaError) as refused:
        read_profile(text)
    assert named in refused.value.zh
    assert named in refused.value.en


def test_a_profile_that_only_weighs_work_keeps_the_sizes_as_shipped() -> None:
    profile = read_profile("[workload]\nvisits_per_km2 = 5")
    assert (profile.sizes, profile.visits_per_km2) == (default_profile().sizes, 5)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[a]\ntarget_households = 200\nmin_households = 300", "a.min_households"),
        ("[a]\ntarget_households = 600\nmax_households = 300", "a.max_households"),
        ("[a]\ntarget_households = 200\nkinds = ['city']", "a.kinds"),
        (SIZE + "classes = ['210']\n[b]\ntarget_households = 200\nclasses = ['210']", "b.classes"),
    ],
)
def test_sizes_that_contradict_themselves_or_each_other_are_refused_in_both_languages(text: str, named: str) -> None:
    with pytest.raises(SchemaError) as refused:
        read_profile(text)
    assert named in refused.value.zh
    assert named in refused.value.en
