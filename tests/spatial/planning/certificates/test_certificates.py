"""A certificate that calls itself a bound is one."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, product

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.planning import plan_cells
from spatial.planning.certificates import certificate
from spatial.planning.certificates.bounds import coarse_bound, pocket_bound, whole_bound
from spatial.planning.certificates.cases import Case, Trial
from spatial.planning.options import PlanOptions
from tests import strategies as make


def _case(loads: list[float], cells: int, part_cells: list[int], deviation: float) -> Case:
    units = np.full(10 * int(sum(loads)), 0.1)  # no whole numbers: those bound a cell as well
    return Case("211122103207", units, cells, np.array(loads), np.array(part_cells, float), deviation, 4, 1000)


@given(st.lists(st.integers(20, 400), min_size=2, max_size=4), st.integers(4, 9))
def test_no_way_of_sharing_cells_among_parts_beats_the_bound(loads, cells):
    mean = sum(loads) / cells
    ways = [way for way in product(range(1, cells), repeat=len(loads)) if sum(way) == cells]
    best = min(max(abs(load / count / mean - 1) for load, count in zip(loads, way, strict=True)) for way in ways)
    found = certificate(_case(loads, cells, [1] * len(loads), deviation=best))
    assert found["bound_share"] <= best + 1e-6
    if found["kind"] == "parts":
        assert abs(found["bound_share"] - best) < 1e-6


def test_a_block_larger_than_a_cell_is_named() -> None:
    units = np.array([150.0, 50.0, 50.0, 50.0])
    found = certificate(Case("1", units, 3, np.array([300.0]), np.array([3.0]), 0.5, 4, 1000))
    assert (found["kind"], found["bound_share"]) == ("block-larger-than-cell", 0.5)


def test_one_part_of_even_blocks_is_only_the_best_found() -> None:
    found = certificate(Case("1", np.full(7, 10.0), 3, np.array([70.0]), np.array([3.0]), 0.2857, 4, 1000))
    assert found["kind"] == "best-found"


def _best_of_all(loads: np.ndarray, pairs: np.ndarray, cells: int) -> float:
    """Go through every partition of a few units into connected cells."""
    best = np.inf
    for labels in product(range(cells), repeat=len(loads)):
        label = np.array(labels)
        if len(set(label)) == cells and all(_hangs(np.flatnonzero(label == cell), pairs) for cell in range(cells)):
            best = min(best, float(np.abs(np.bincount(label, loads, cells) - 1).max()))
    return best


def _hangs(units: np.ndarray, pairs: np.ndarray) -> bool:
    met, edge = {int(units[0])}, [int(units[0])]
    while edge:
        here = edge.pop()
        for one, two in pairs.tolist():
            for a, b in ((one, two), (two, one)):
                if a == here and b in units and b not in met:
                    met.add(b)
                    edge.append(b)
    return len(met) == len(units)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_no_plan_beats_the_bound_of_a_pocket(seed, cells):
    rng = np.random.default_rng(seed)
    parents = [int(rng.integers(0, i)) for i in range(1, 7)]
    pairs = np.array([(parent, i + 1) for i, parent in enumerate(parents)])
    extra = np.array([pair for pair in combinations(range(7), 2) if rng.random() < 0.1]).reshape(-1, 2)
    pairs = np.unique(np.vstack([pairs, extra]).astype(int), axis=0)
    weights = rng.integers(1, 12, 7).astype(float)
    loads = weights / (weights.sum() / cells)
    best = _best_of_all(loads, pairs, cells)
    assert pocket_bound(loads, pairs)[0] <= best + 1e-9
    assert whole_bound(loads, float(weights.sum() / cells)) <= best + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_no_plan_beats_the_bound_of_what_cannot_be_split(seed, cells):
    rng = np.random.default_rng(seed)
    pairs = np.array([(int(rng.integers(0, i)), i) for i in range(1, 7)])
    weights = rng.integers(1, 12, 7) * (rng.random(7) < 0.7)
    if (weights > 0).sum() < cells:
        return
    loads = weights / (weights.sum() / cells)
    best = _best_of_all(loads, pairs, cells)
    start = np.zeros(7, np.int64)
    start[np.argsort(-loads, kind="stable")[: cells - 1]] = np.arange(1, cells)
    bound = coarse_bound(loads, pairs, start, cells)
    assert bound <= max(best, float(np.abs(np.bincount(start, loads, cells) - 1).max())) + 1e-9
    if best < np.inf:
        assert bound <= best + 1e-9


def test_what_hangs_on_one_block_is_named() -> None:
    # Three fields of 40 around one of 30, two cells: one field alone, or all that hangs on the middle.
    units, pairs = np.array([30.0, 40.0, 40.0, 40.0]), np.array([(0, 1), (0, 2), (0, 3)])
    found = certificate(
        Case("1", units, 2, np.array([150.0]), np.array([2.0]), 0.4667, 4, 1000, 0.05, ("hub", "a", "b", "c"), pairs)
    )
    assert found["kind"] == "pocket"
    assert 0.466 < found["bound_share"] <= 0.4667
    assert "hub" in found["remedy_zh"]
    assert "hub" in found["remedy_en"]


def test_whole_households_bound_a_small_cell() -> None:
    found = certificate(Case("1", np.full(15, 1.0), 2, np.array([15.0]), np.array([2.0]), 1 / 15, 4, 1000))
    assert (found["kind"], found["bound_share"]) == ("whole-households", round(0.5 / 7.5, 6))


def test_a_proof_is_said_and_a_search_is_not_called_one() -> None:
    case = Case("1", np.full(7, 10.0), 3, np.array([70.0]), np.array([3.0]), 0.2857, 4, 1000, proven=True)
    assert certificate(case)["kind"] == "proven-best"


def test_remedies_are_told_in_figures_in_both_languages() -> None:
    trials = (
        Trial("hamlets", 0.06, ("柳林3组 (33 + 11)",), 2),
        Trial("bridge", 0.1),
        Trial("cells", 0.03, ("2",)),
    )
    case = replace(_case([90, 60], 3, [2, 1], 0.2), trials=trials, part_names=("a", "b"))
    found = certificate(case)
    for text in (found["remedy_zh"], found["remedy_en"]):
        assert all(figure in text for figure in ("柳林3组 (33 + 11)", "20.0%", "6.0%", "10.0%", "3.0%"))
    assert "and 2 more" in found["remedy_en"]
    assert "2 cells (about 75 each)" in found["remedy_en"]


@pytest.mark.parametrize("kind", ["hamlet", "building", "block"])
def test_what_is_too_large_is_named_with_its_kind(kind: str) -> None:
    units = np.array([150.0, 50.0, 50.0, 50.0])
    case = Case("1", units, 3, np.array([300.0]), np.array([3.0]), 0.5, 4, 1000, names=("x", *"abc"), kinds=(kind,) * 4)
    assert f"{kind} x (150)" in certificate(case)["remedy_en"]


def _village(**layers: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    return {"villages": make.villages_of([make.box(0, 0, 900, 600)]), **layers}


def _told(layers: dict[str, gpd.GeoDataFrame], cells: int) -> tuple[dict, float]:
    """Plan one village; gives its certificate, and the deviation that was reached."""
    made = plan_cells(**layers, options=PlanOptions(cells=cells, workers=1))
    return (made.certificates or [{}])[0], made.figures["max_deviation_share"]


def _promise(text: str) -> float:
    return float(re.findall(r"down to ([\d.]+)%", text)[0]) / 100


def test_a_bridge_brings_what_the_certificate_says_it_would() -> None:
    # Two fifths of the homes south of a river, three north of it; two cells.
    low, high = (make.scattered(seed, count, within=box) for seed, count, box in (
        (1, 60, (5, 5, 895, 290)), (2, 90, (5, 310, 895, 595)),
    ))  # fmt: skip
    river = ("river", None, False, [(-10, 300), (910, 300)])
    homes = make.homes_at(np.vstack([low, high]))
    told, off = _told(_village(homes=homes, barriers=make.lines_of(river)), 2)
    assert told["kind"] == "parts"
    assert told["bound_share"] == pytest.approx(0.2)
    roads = [("road", "village", True, [(x, 280), (x, 320)]) for x in range(20, 900, 40)]
    _, bridged = _told(_village(homes=homes, barriers=make.lines_of(river, *roads)), 2)
    assert bridged < off
    assert bridged <= max(_promise(told["remedy_en"]), 0.05) + 0.005


def test_cutting_the_hamlets_that_are_named_brings_what_the_certificate_says() -> None:
    # Five equal hamlets, three cells: one cell gets one of them, two get two.
    boxes = [(20 + 180 * i, 100, 160 + 180 * i, 500) for i in range(5)]
    spots = [make.scattered(i, 30, within=(a + 5, b + 5, c - 5, d - 5)) for i, (a, b, c, d) in enumerate(boxes)]
    village = make.villages_of([make.box(0, 0, 900, 600)])
    hamlets = gpd.GeoDataFrame(
        {"hamlet_id": list("abcde"), "hamlet": [f"{i}组" for i in range(5)],
         "village_code": village["village_code"].iloc[0]},
        geometry=[make.box(*box) for box in boxes], crs=village.crs,
    )  # fmt: skip
    homes = make.homes_at(np.vstack(spots))
    told, off = _told(_village(homes=homes, hamlets=hamlets), 3)
    assert off == pytest.approx(0.4)
    assert told["kind"] in {"indivisible", "proven-best"}
    named = re.findall(r"(\d组) \(", told["remedy_en"].split("cutting ")[1])
    assert named
    free = hamlets[~hamlets["hamlet"].isin(named)]
    _, cut = _told(_village(homes=homes, hamlets=free), 3)
    assert cut <= max(_promise(told["remedy_en"]), 0.05) + 0.005


def test_another_number_of_cells_brings_what_the_certificate_says() -> None:
    # Two apartment towers of 60 and two of 30 households: four cells cannot be even, two or three can.
    places = np.array([(100.0, 100.0), (800.0, 100.0), (100.0, 500.0), (800.0, 500.0)])
    homes = make.homes_at(places)
    homes["households"] = [60, 60, 30, 30]
    told, off = _told(_village(homes=homes), 4)
    assert told["kind"] in {"block-larger-than-cell", "proven-best", "indivisible"}
    assert "building" in told["remedy_en"]
    cells = int(re.findall(r"(\d+) cells \(about", told["remedy_en"])[0])
    promised = float(re.findall(r"bring it down to ([\d.]+)%", told["remedy_en"])[0]) / 100
    assert _told(_village(homes=homes), cells)[1] <= promised + 0.0005 < off


def test_towers_far_larger_than_a_cell_are_told_how_many_cells_fit() -> None:
    places = np.array([(100.0, 100.0), (800.0, 100.0), (450.0, 500.0)])
    homes = make.homes_at(np.vstack([places, make.scattered(1, 40, within=(200, 200, 700, 400))]))
    homes["households"] = [1667] * 3 + [1] * 40
    told, off = _told(_village(homes=homes), 11)
    assert told["kind"] == "block-larger-than-cell"
    assert off > 2
    assert "3 cells (about 1680 each)" in told["remedy_en"]
    assert _told(_village(homes=homes), 3)[1] < 0.05
