"""What lies behind the ratios, unit by unit: roads by class, places by kind, the cordon, corridors, reach, households.

Every row is a total and the part of it that is covered, so that rows add up from cells to villages, towns and the
county; only a crossing of a border belongs to both sides of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from spatial.arrays import points_at
from spatial.coverage.figures.corridors import MAIN_CLASSES, in_line
from spatial.coverage.ground.unseen import part_at
from spatial.coverage.views.inventory import POINT_CLASSES, TOLD
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.arrays import Floats, Ints
    from spatial.coverage.ground.unseen import BlindLand
    from spatial.coverage.state import CoverageState

__all__ = ["HIDES_M", "STATION_REACH_M", "coverage_details", "home_counts"]

HIDES_M = 20.0
"""Homes this near to unseen land, or to an unseen place, count as hidden by it."""
STATION_REACH_M = 1000.0
"""A service station reaches the households within this distance: a quarter of an hour on foot, with detours."""
SMALLEST_M2 = 100.0
"""Smaller blind areas hide nobody."""


@dataclass(frozen=True)
class _Part:
    """Rows that add up: what each is (a place in `names`), its village and cell (from 1, 0 outside), total, covered."""

    subject: str
    names: NDArray[np.str_]
    item: Ints
    units: Ints
    total: Floats
    covered: Floats


def coverage_details(state: CoverageState, land: BlindLand, run: str) -> pd.DataFrame:
    """Make the table `coverage_details`: rows sorted by level, code, subject and item; what has no total has no row."""
    parts = [*_roads(state), *_places(state), *_homes(state, land), *_told(state)]
    area = state.units
    levels = [("county", area.counties, 0)]
    if area.villages is not None:
        levels += [("town", area.towns, 0), ("village", area.village_codes, 0)]
    if area.cells is not None:
        levels.append(("cell", area.cell_codes, 1))
    tables = [table for part in parts if len(part.names) for table in _levels(part, levels)]
    tables += _cordon(state)
    columns = LAYERS["coverage_details"].names
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame({name: [] for name in columns})
    table = pd.concat(tables, ignore_index=True).assign(run=run)
    order = table["level"].map({"county": 0, "town": 1, "village": 2, "cell": 3})
    table = table.assign(order=order).sort_values(["order", "code", "subject", "item"], ignore_index=True)
    return table[columns]


def _levels(part: _Part, levels: list[tuple[str, NDArray[np.str_], int]]) -> list[pd.DataFrame]:
    """Add one part up by village and cell, and these by the names of every level; what lies outside is left out."""
    items = len(part.names)
    sums = {}
    for column, count in {column: len(names) for _, names, column in levels}.items():
        key = part.units[:, column].astype(np.int64) * items + part.item
        sums[column] = [
            np.bincount(key, values, minlength=(count + 1) * items)[items : (count + 1) * items].reshape(count, items)
            for values in (part.total, part.covered)
        ]
    return [_named(part, level, names, *sums[column]) for level, names, column in levels]


def _named(part: _Part, level: str, names: NDArray[np.str_], total: Floats, covered: Floats) -> pd.DataFrame:
    """Sum rows of units by name; what has no total has no row."""
    codes, code = np.unique(names, return_inverse=True)
    totals, parts = np.zeros((2, len(codes), len(part.names)))
    np.add.at(totals, code, total)
    np.add.at(parts, code, covered)
    unit, item = np.nonzero(totals > 0)
    if not len(unit):
        return pd.DataFrame()
    return pd.DataFrame({
        "code": codes[unit].astype(object), "level": level, "subject": part.subject,
        "item": part.names[item].astype(object), "total": totals[unit, item], "covered": parts[unit, item],
    })  # fmt: skip


def _one(subject: str, name: str, units: Ints, total: Floats, covered: Floats) -> _Part:
    """Make a part whose rows are all of one kind."""
    return _Part(subject, np.array([name]), np.zeros(len(total), np.int64), units, total, covered)


def _roads(state: CoverageState) -> list[_Part]:
    """Metres of road by class, and of main roads that lie in line."""
    samples, line = state.roads.samples, state.roads.sample_road
    names, code = np.unique(state.roads.classes, return_inverse=True)
    classes, metres, units = code[line], samples[:, 2], state.tally.sample_units
    main = np.isin(names, MAIN_CLASSES)[classes] if len(names) else np.zeros(len(line), bool)
    joined = in_line(state.roads, state.road_covered)
    return [
        _Part("road", names, classes, units, metres, metres * state.road_covered),
        _Part("corridor", names, classes[main], units[main], metres[main], (metres * joined)[main]),
    ]


def _places(state: CoverageState) -> list[_Part]:
    """Places by kind and by priority, one each."""
    mine = (state.targets["kind"] == "place").to_numpy()
    if state.places is None or not mine.any():
        return []
    units, one = state.listed.target[mine], np.ones(int(mine.sum()))
    covered = state.covered[mine].astype(float)
    kinds = state.places["kind"].to_numpy(dtype=object) if "kind" in state.places else np.full(len(one), "", object)
    priority = state.targets["priority"].to_numpy()[mine]
    return [
        _Part(subject, *np.unique(values.astype(str), return_inverse=True), units, one, covered)
        for subject, values in (("place", kinds), ("priority", priority))
    ]


def home_counts(state: CoverageState) -> tuple[Floats, Floats]:
    """Positions and household counts of homes; one household where the column is missing."""
    homes = state.homes
    if homes is None or not len(homes):
        return np.empty((0, 2)), np.empty(0)
    count = np.ones(len(homes))
    if "households" in homes.columns:
        count = homes["households"].to_numpy(dtype=float, na_value=0.0)
    return np.column_stack([homes.geometry.x, homes.geometry.y]), count


def _homes(state: CoverageState, land: BlindLand) -> list[_Part]:
    """Households away from blind areas, and in reach of a service station."""
    xy, households = home_counts(state)
    if not len(xy):
        return []
    units = np.column_stack([state.units.village_at(xy, nearest=True), state.units.cell_at(xy, nearest=True)])
    near = part_at(land, xy, HIDES_M)[0]
    large = np.r_[False, land.area_m2 >= SMALLEST_M2]
    away = households * ~large[near]
    parts = [_one("household", "away_from_blind_area", units, households, away)]
    stations = None if state.places is None else state.places[state.places["kind"] == "service_station"]
    if stations is not None and len(stations):
        at = np.column_stack([stations.geometry.x, stations.geometry.y])
        reached = KDTree(at).query(xy)[0] <= STATION_REACH_M
        parts.append(_one("station", f"within_{STATION_REACH_M:.0f}_m", units, households, households * reached))
    return parts


def _told(state: CoverageState) -> list[_Part]:
    """Cameras of which the list tells whether they are networked, or high-definition: all, and by point class."""
    listed, parts = state.listed, []
    every = listed.counted[:, 0]
    of_class = listed.counted[:, 5::5]
    for place, name in enumerate(TOLD):
        told = listed.told[:, place]
        parts.append(_one("known", name, listed.camera, every, told))
        for number, code in enumerate(POINT_CLASSES):
            mine = of_class[:, number]
            parts.append(_one("known", f"{name}_{code}", listed.camera, mine, told * mine))
    return parts


def _cordon(state: CoverageState) -> list[pd.DataFrame]:
    """Crossings of each border: the county's, all on the border of a town, a village, a cell's village."""
    mine = np.flatnonzero((state.targets["kind"] == "cordon").to_numpy())
    area = state.units
    if area.villages is None or not len(mine):
        return []
    border = state.targets["level"].to_numpy(dtype=object)[mine]
    seen = state.covered[mine].astype(float)
    points = points_at(state.targets[["x", "y"]].to_numpy(dtype=float)[mine])
    point, village = shapely.STRtree(area.villages).query(points, predicate="dwithin", distance=1.0)
    tables = []
    for level, names, borders in (
        ("county", area.counties, ("county",)), ("town", area.towns, ("county", "town")),
        ("village", area.village_codes, ("county", "town", "village")),
    ):  # fmt: skip
        rows = pd.DataFrame({"code": names[village].astype(object), "point": point}).drop_duplicates()
        rows = rows.assign(item=border[rows["point"]], total=1.0, covered=seen[rows["point"]])
        rows = rows[rows["item"].isin(borders)]
        sums = rows.groupby(["code", "item"], as_index=False)[["total", "covered"]].sum()
        tables.append(sums.assign(level=level, subject="cordon"))
    return tables
