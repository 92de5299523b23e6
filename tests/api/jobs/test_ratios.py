"""Two coverage runs of a list that was worked on between them: ratios, targets and what changed, from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from api.jobs.coverage import CoverageJob, run_coverage
from api.jobs.current import headline
from api.jobs.export import _run
from api.jobs.load import LoadOptions, run_load
from api.jobs.ratios import run_before, stored_ratios
from api.store import open_project

if TYPE_CHECKING:
    from pathlib import Path


def _cameras(path: Path, **more: list[object]) -> str:
    frame = {
        "camera_id": ["C1", "C2", "C3"],
        "kind": ["ptz"] * 3,
        "range_m": [60.0] * 3,
        "point_class": ["1", "1", "2"],
    }
    spots = [shapely.Point(122.0 + 0.001 * k, 41.0) for k in range(3)]
    gpd.GeoDataFrame(frame | more, geometry=spots, crs=4490).to_file(path)
    return str(path)


def _row(answer, ratio, point_class=""):
    return next(row for row in answer["ratios"] if (row["ratio"], row["point_class"]) == (ratio, point_class))


@pytest.fixture
def answers(tmp_path: Path):
    """Run twice; the offline camera works again before the second run, and one more is said to be networked."""
    path, file = str(tmp_path / "county.gpkg"), tmp_path / "cameras.geojson"
    place = {"place_id": ["P"], "place": ["p"], "kind": ["school"], "priority": [1]}
    gpd.GeoDataFrame(place, geometry=[shapely.Point(122.001, 41.0)], crs=4490).to_file(tmp_path / "places.geojson")
    run_load(path, LoadOptions(layer="places", file=str(tmp_path / "places.geojson"), datum="cgcs2000"))
    lists = (
        {"status": ["working", "offline", "working"], "networked": [True, False, None]},
        {"status": ["working"] * 3, "networked": [True, True, None]},
    )
    found = []
    for more in lists:
        _cameras(file, **more)
        run_load(path, LoadOptions(layer="cameras", file=str(file), datum="cgcs2000", replace=True))
        found.append(run_coverage(path, CoverageJob()))
    return path, *found


def test_a_run_that_leaves_cameras_out_is_marked_in_figures_and_papers(answers):
    path, *_ = answers
    with open_project(path) as store:
        assert "what_if" not in headline(store, plan=None)
    run_coverage(path, CoverageJob(without=("C2",)))
    with open_project(path) as store:
        assert headline(store, plan=None)["what_if"] is True
        assert _run(store)["pixel_level"].endswith("设想：1 台摄像机按停用计算")


def test_the_second_run_says_what_changed_since_the_first(answers):
    _, first, second = answers
    assert (first["since"], second["since"]) == (None, "c001")
    assert {row["change"] for row in first["ratios"]} == {None}
    working = _row(second, "working")
    assert (working["part"], working["whole"], working["target"]) == (3, 3, 0.98)
    assert working["change"] == pytest.approx(1 / 3)
    assert _row(second, "working", "1")["change"] == pytest.approx(1 / 2)
    assert _row(second, "working", "2")["target"] == 0.95
    assert _row(second, "places")["change"] == 1.0
    assert _row(second, "area")["change"] > 0.3
    assert _row(second, "area")["measure"] == "area"


def test_what_is_not_told_is_left_out_and_counted(answers):
    _, first, second = answers
    assert (_row(first, "networked")["part"], _row(first, "networked")["whole"]) == (1, 2)
    assert _row(second, "networked")["share"] == second["networked_share"] == 1.0
    assert _row(second, "networked")["unknown"] == second["unknown"]["networked"] == 1
    assert _row(second, "networked", "2")["share"] is None
    assert _row(second, "filed")["share"] is None


def test_a_run_at_another_level_or_with_cameras_left_out_is_not_compared(answers):
    path, *_ = answers
    assert run_coverage(path, CoverageJob(pixels="2014:detect"))["since"] is None
    assert run_coverage(path, CoverageJob(without=("C1",)))["since"] is None
    assert run_coverage(path, CoverageJob())["since"] == "c002"


def test_the_store_gives_what_the_answer_gave(answers):
    path, _, second = answers
    with open_project(path) as store:
        assert run_before(store, "c002", {"pixels": "2014:observe", "without": []}) == "c001"
        stored = stored_ratios(store, "c002", level="county").set_index(["ratio", "point_class"])
    for row in second["ratios"]:
        there = stored.loc[(row["ratio"], row["point_class"])]
        assert (there["part"], there["whole"]) == pytest.approx((row["part"], row["whole"]), nan_ok=True) or (
            row["part"] is None
        )
    assert {row["subject"] for row in second["details"]} == {"place", "priority"}
