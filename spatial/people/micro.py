"""Micro cells (微网格): 30 to 100 households of one cell, by building and row, towers by stairwell.

Homes of one building stay together. Each cell is halved across its longer side, by households, until every part is
near the target (recursive coordinate bisection; Berger and Bokhari 1987, doi:10.1109/TC.1987.1676942).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree

from spatial.errors import SchemaError
from spatial.problems import Problems
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Micro", "micro_cells"]

_MOST = 99  # two digits
_NO_HOMES = pd.DataFrame({"micro_code": [], "home_id": []}, dtype=object)


@dataclass(frozen=True)
class Micro:
    """Rows of the layers `micro_cells` and `micro_homes` without `plan`, what is wrong, and the figures."""

    micro_cells: gpd.GeoDataFrame
    micro_homes: pd.DataFrame
    problems: Problems
    figures: dict[str, Any]


@dataclass(frozen=True)
class _Homes:
    """Homes of one cell, sorted by id: coordinates, households, residents and the building of each."""

    ids: NDArray[np.object_]
    xy: Floats
    households: Floats
    residents: Floats
    building: Ints


def micro_cells(
    cells: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    target: int = 60,
    members: gpd.GeoDataFrame | None = None,
    geometry: bool = True,
) -> Micro:
    """Part the homes of every cell into micro cells of about `target` households.

    Parameters
    ----------
    cells, homes, buildings : GeoDataFrame
        Layers in the same metres. Homes within one footprint stay together unless they are too many.
    target : int
        Households of a micro cell; from half of it to five thirds of it is a good size (30-100 at 60).
    members : GeoDataFrame, optional
        Party members and volunteers lead the micro cells of the cell they live in, nearest first in total.
    geometry : bool
        Draw each micro cell as the part of its cell that is nearest to its homes.

    Returns
    -------
    Micro
        A home with more households than a micro cell may have gets several micro codes, by stairwell, which have no
        geometry. A cell without households gets one micro cell. Codes run west to east, then north to south.
    """
    if target < 1:
        raise SchemaError(f"微网格目标户数 {target} 应不小于 1", f"the micro target is {target}; it must be at least 1")
    problems = Problems()
    cells = cells.sort_values("cell_code", ignore_index=True)
    homes = homes.sort_values("home_id", ignore_index=True)
    columns = _columns(homes, buildings)
    inside = homes.groupby(homes_in_cells(homes, cells), sort=True).indices
    leads = _leads(members, cells)
    rows: list[dict[str, Any]] = []
    links: list[pd.DataFrame] = []
    for code, shape in zip(cells["cell_code"], cells.geometry, strict=True):
        chosen = np.asarray(inside.get(code, np.empty(0, np.int64)), dtype=np.int64)
        here = _Homes(*(part[chosen] for part in columns))
        label, towers = _part(here, target)
        made, link = _one_cell(code, shape, here, label, towers, geometry=geometry)
        if len(made) > _MOST:
            problems.add("micro-cells-too-many", code=code, count=len(made), geometry=shape.representative_point())
            continue
        _give_leads(made, leads.get(code))
        rows += made
        links.append(link)
    _say_sizes(problems, rows, target)
    return _answer(rows, links, problems, cells.crs)


def _columns(homes: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> tuple[NDArray[Any], ...]:
    """Read the homes into arrays; homes outside every footprint are a building of their own."""
    points = homes.geometry.to_numpy()
    building = np.arange(len(homes), dtype=np.int64)
    if buildings is not None and len(buildings) and len(homes):
        order = np.argsort(buildings["building_id"].to_numpy(dtype=str), kind="stable")
        home, hit = shapely.STRtree(buildings.geometry.to_numpy()[order]).query(points, predicate="intersects")
        lowest = np.full(len(homes), len(order))
        np.minimum.at(lowest, home, hit)
        building = np.where(lowest < len(order), lowest + len(homes), building)
    residents = pd.to_numeric(homes["residents"]) if "residents" in homes else pd.Series(np.nan, index=homes.index)
    return (homes["home_id"].to_numpy(dtype=object), np.asarray(shapely.get_coordinates(points)),
            np.asarray(pd.to_numeric(homes["households"]).astype("float64").fillna(0)),
            np.asarray(residents, dtype=np.float64), building)  # fmt: skip


def _part(homes: _Homes, target: int) -> tuple[Ints, Ints]:
    """Label each home with its part; also give into how many stairwells each home is split (1 for most)."""
    high = target * 5 // 3
    towers = np.where(homes.households > high, np.rint(homes.households / target), 1).astype(np.int64)
    label = np.full(len(homes.ids), -1, dtype=np.int64)
    plain = np.flatnonzero(towers == 1)
    total = float(homes.households[plain].sum())
    tall = np.flatnonzero(towers > 1)
    if len(tall) and total < target / 2:  # too few for a micro cell of their own: they join the nearest tower
        label[tall] = np.arange(len(tall))
        if len(plain):
            near = KDTree(homes.xy[tall]).query(homes.xy[plain])[1]
            label[plain] = near
        return label, towers
    if len(plain):
        label[plain] = _bisect(homes, plain, max(1, round(total / target)), high)
    label[tall] = label.max(initial=-1) + 1 + np.arange(len(tall))
    return label, towers


def _bisect(homes: _Homes, rows: Ints, parts: int, high: int) -> Ints:
    """Halve the buildings across their longer side, by households, into `parts` parts."""
    _, unit = np.unique(homes.building[rows], return_inverse=True)
    weight = np.bincount(unit, homes.households[rows])
    crowded = weight > high  # a building too large for one micro cell is parted along its own homes
    _, unit = np.unique(np.where(crowded[unit], rows, -1 - unit), return_inverse=True)
    weight = np.bincount(unit, homes.households[rows])
    size = np.bincount(unit)
    xy = np.column_stack([np.bincount(unit, homes.xy[rows, axis]) / size for axis in (0, 1)])
    label = np.zeros(len(weight), dtype=np.int64)
    queue = [(np.arange(len(weight)), min(parts, len(weight)), 0)]
    while queue:
        members, count, first = queue.pop()
        if count == 1:
            label[members] = first
            continue
        left = count // 2
        order = members[_along(xy[members])]
        run = np.cumsum(weight[order])
        ideal = run[-1] * left / count
        cut = int(np.argmin(np.abs(run - ideal))) + 1
        cut = min(max(cut, left), len(order) - (count - left))
        queue += [(order[:cut], left, first), (order[cut:], count - left, first + left)]
    return label[unit]


def _along(xy: Floats) -> Ints:
    """Order points along the longest direction of their spread."""
    centred = xy - xy.mean(axis=0)
    spread = centred.T @ centred
    angle = 0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1])
    along = np.round(centred @ np.array([np.cos(angle), np.sin(angle)]), 3)
    return np.lexsort((xy[:, 1], xy[:, 0], along))


def _one_cell(
    code: str, shape: BaseGeometry, homes: _Homes, label: Ints, towers: Ints, *, geometry: bool
) -> tuple[list[dict[str, Any]], pd.DataFrame]:  # fmt: skip
    """Make the rows of one cell: parts in code order, a tower's stairwells one after the other."""
    if not len(homes.ids):
        row = {"micro_code": f"{code}01", "cell_code": code, "households": 0.0, "residents": 0.0, "lead_id": None,
               "geometry": shape if geometry else None, "at": shape.representative_point().coords[0]}  # fmt: skip
        return [row], _NO_HOMES
    parts = [np.flatnonzero(label == part) for part in range(int(label.max()) + 1)]
    means = np.array([homes.xy[part].mean(axis=0) for part in parts])
    order = np.lexsort((-np.round(means[:, 1]), np.round(means[:, 0])))
    shapes = _shapes(shape, homes, label, len(parts)) if geometry else [None] * len(parts)
    rows: list[dict[str, Any]] = []
    links: list[pd.DataFrame] = []
    for part in order:
        inside = parts[part]
        stairs = int(towers[inside].max())
        tall = inside[towers[inside] > 1]
        for stair in range(stairs):
            serial = f"{code}{len(rows) + 1:02d}"
            share = np.where(towers[inside] > 1, 1 / towers[inside], 1.0 if stair == stairs - 1 else 0.0)
            rows.append({
                "micro_code": serial, "cell_code": code, "households": float((homes.households[inside] * share).sum()),
                "residents": _sum(homes.residents[inside] * share), "lead_id": None,
                "geometry": shapes[part] if stairs == 1 else None, "at": tuple(means[part]),
            })  # fmt: skip
            held = inside if stair == stairs - 1 else tall
            links.append(pd.DataFrame({"micro_code": serial, "home_id": homes.ids[held]}))
    return rows, pd.concat(links, ignore_index=True)


def _sum(values: Floats) -> float | None:
    """Sum, or nothing where any value is unknown."""
    return None if np.isnan(values).any() else float(values.sum())


def _shapes(shape: BaseGeometry, homes: _Homes, label: Ints, count: int) -> list[BaseGeometry | None]:
    """Cut the cell into the areas nearest to the homes of each part."""
    if count == 1:
        return [shape]
    xy, first = np.unique(homes.xy, axis=0, return_index=True)
    if len(xy) < 2:
        return [None] * count
    areas = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=shape, ordered=True))
    shapes: list[BaseGeometry | None] = []
    for part in range(count):
        area = shapely.intersection(shapely.coverage_union_all(areas[label[first] == part]), shape)
        pieces = shapely.get_parts(area)
        pieces = pieces[(shapely.get_dimensions(pieces) == 2) & (shapely.area(pieces) > 1e-3)]
        shapes.append(shapely.multipolygons(pieces) if len(pieces) else None)
    return shapes


def _leads(members: gpd.GeoDataFrame | None, cells: gpd.GeoDataFrame) -> dict[str, tuple[Any, Floats]]:
    """Ids and places of the party members and volunteers of each cell."""
    if members is None or not len(members):
        return {}
    people = members[members["kind"].isin(("party", "volunteer"))].sort_values("member_id", ignore_index=True)
    groups = people.groupby(homes_in_cells(people, cells), sort=True).indices
    ids, points = people["member_id"].to_numpy(dtype=object), people.geometry.to_numpy()
    return {str(code): (ids[rows], np.asarray(shapely.get_coordinates(points[rows]))) for code, rows in groups.items()}


def _give_leads(rows: list[dict[str, Any]], people: tuple[Any, Floats] | None) -> None:
    """Give the micro cells of one cell their leads: as many people as there are, the least walk in total."""
    if people is None:
        return
    ids, xy = people
    turns = -(-len(rows) // len(ids))
    at = np.array([row["at"] for row in rows])
    distance = np.hypot(at[:, None, 0] - xy[None, :, 0], at[:, None, 1] - xy[None, :, 1])
    row, column = linear_sum_assignment(np.tile(distance, turns))
    for place, person in zip(row, column % len(ids), strict=True):
        rows[place]["lead_id"] = ids[person]


def _say_sizes(problems: Problems, rows: list[dict[str, Any]], target: int) -> None:
    low, high = target // 2, target * 5 // 3
    alone = {row["cell_code"] for row in rows if row["micro_code"].endswith("02")}
    for row in rows:
        small = row["households"] < low and row["cell_code"] in alone  # a small cell is one micro cell, rightly
        if small or row["households"] > high:
            problems.add("micro-cell-size", code=row["micro_code"], households=row["households"], low=low, high=high,
                         geometry=shapely.Point(row["at"]))  # fmt: skip


def _answer(rows: list[dict[str, Any]], links: list[pd.DataFrame], problems: Problems, crs: Any) -> Micro:
    names = ["micro_code", "cell_code", "households", "residents", "lead_id", "geometry"]
    frame = gpd.GeoDataFrame([{name: row[name] for name in names} for row in rows], columns=names,
                             geometry="geometry", crs=crs)  # fmt: skip
    homes = (
        pd.concat(links, ignore_index=True) if links else pd.DataFrame({"micro_code": [], "home_id": []}, dtype=object)
    )
    homes = homes.sort_values(["micro_code", "home_id"], ignore_index=True)
    held = frame["households"].to_numpy(dtype=np.float64)
    figures = {"micro_cells": len(frame), "households_mean": float(held.mean()) if len(held) else None,
               "with_lead": int(frame["lead_id"].notna().sum())}  # fmt: skip
    return Micro(frame, homes, problems, figures)
