"""How many cells a village gets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InfeasibleError, SchemaError
from spatial.planning.demand.sizing import cells_needed, sainte_lague
from spatial.planning.options import PlanOptions
from spatial.planning.profiles import read_profile


def _needed(held: list[float], **options: object) -> list[int]:
    codes = [f"v{i}" for i in range(len(held))]
    classes = (["111", "220", None] * len(codes))[: len(codes)]
    kinds = (["community", "village", "community"] * len(codes))[: len(codes)]
    villages = pd.DataFrame({"village_code": codes, "class": classes, "kind": kinds})
    weights = pd.DataFrame({"households": held}, index=pd.Index(codes))
    return cells_needed(villages, weights, options=PlanOptions(**options)).tolist()


def test_a_number_per_cell_rounds_half_up_and_gives_at_least_one() -> None:
    assert _needed([0, 149, 150, 250, 350], households=100) == [1, 1, 2, 3, 4]


def test_without_a_number_the_profile_decides_by_class_then_kind() -> None:
    assert _needed([800, 800, 800]) == [2, 4, 2]


def test_more_cells_than_households_are_refused() -> None:
    assert sum(_needed([3, 0, 4], cells=8)) == 8
    with pytest.raises(InfeasibleError, match="7 households in all"):
        _needed([3, 0, 4], cells=9)
    assert sum(_needed([0, 0], cells=9)) == 9  # nothing is known of the households


def test_lists_must_name_every_village_and_no_other() -> None:
    assert _needed([10, 10], cells_by={"v0": 3, "v1": 1}) == [3, 1]
    with pytest.raises(InfeasibleError, match="v1 has no number"):
        _needed([10, 10], cells_by={"v0": 3})
    with pytest.raises(InfeasibleError, match="x is not planned"):
        _needed([10, 10], cells_by={"v0": 3, "v1": 1, "x": 2})
    with pytest.raises(InfeasibleError, match="at least 1"):
        _needed([10, 10], cells_by={"v0": 3, "v1": 0})


def test_options_that_contradict_are_refused() -> None:
    with pytest.raises(InfeasibleError, match="give one of households, cells"):
        PlanOptions(households=100, cells=10)
    with pytest.raises(InfeasibleError, match="above 0"):
        PlanOptions(households=0)
    with pytest.raises(InfeasibleError, match="keep"):
        PlanOptions(keep=1.5)


def test_profiles_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SchemaError, match="above 0"):
        read_profile("[all]\ntarget_households = 0")
    with pytest.raises(SchemaError, match="cannot be read"):
        read_profile("[all")
    with pytest.raises(SchemaError, match="target_households"):
        read_profile("[all]\nclasses = []")


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=20), st.integers(0, 100))
def test_sainte_lague_shares_all_seats_and_more_weight_never_gets_fewer(weights: list[float], extra: int) -> None:
    array = np.array(weights)
    won = sainte_lague(array, len(weights) + extra)
    assert won.sum() == len(weights) + extra
    assert won.min() >= 1
    order = np.argsort(array, kind="stable")
    steps = np.diff(won[order])
    assert (steps[np.diff(array[order]) > 0] >= 0).all()


def test_an_earlier_plan_gives_the_numbers_where_nothing_else_is_asked() -> None:
    codes = ["v1", "v2"]
    villages = pd.DataFrame({"village_code": codes, "kind": "village"})
    weights = pd.DataFrame({"households": [1000.0, 600.0]}, index=pd.Index(codes, name="village_code"))
    earlier = pd.Series({"v1": 7})
    assert cells_needed(villages, weights, options=PlanOptions(), earlier=earlier).tolist() == [7, 3]
    assert cells_needed(villages, weights, options=PlanOptions(households=200), earlier=earlier).tolist() == [5, 3]
