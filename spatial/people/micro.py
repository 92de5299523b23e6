"""Micro cells (微网格): 30 to 100 households of one cell, by building and row, towers by stairwell.

How homes are parted is in `spatial.people.micro_parts`; here the parts get codes, ground and leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from spatial.errors import SchemaError
from spatial.people.micro_parts import CellHomes, Sizes, parted_homes
from spatial.problems import Problems
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Micro", "micro_cells"]

_MOST = 99  # two digits
_STAFF = ("lead", "full", "part")
_NO_HOMES = pd.DataFrame({"micro_code": [], "home_id": []}, dtype=object)


@dataclass(frozen=True)
class Micro:
    """Rows of the layers `micro_cells` and `micro_homes` without `plan`, what is wrong, and the figures."""

    micro_cells: gpd.GeoDataFrame
    micro_homes: pd.DataFrame
    problems: Problems
    figures: dict[str, Any]


def micro_cells(
    cells: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    target: int = 60,
    members: gpd.GeoDataFrame | None = None,
    assignments: pd.DataFrame | None = None,
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
        Party members and volunteers lead the micro cells of the cell they live in, with the least walk in total.
    assignments : DataFrame, optional
        Rows of the layer `assignments`: where no party member or volunteer lives, the cell's own people lead.
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
    problems, sizes = Problems(), Sizes(target)
    cells = cells.sort_values("cell_code", ignore_index=True)
    homes = homes.sort_values("home_id", ignore_index=True)
    columns = _columns(homes, buildings)
    inside = homes.groupby(homes_in_cells(homes, cells), sort=True).indices
    leads = _leads(members, cells, assignments)
    rows: list[dict[str, Any]] = []
    links: list[pd.DataFrame] = []
    for code, shape in zip(cells["cell_code"], cells.geometry, strict=True):
        chosen = np.asarray(inside.get(code, np.empty(0, np.int64)), dtype=np.int64)
        here = CellHomes(*(part[chosen] for part in columns))
        label, towers = parted_homes(here, sizes)
        made, link = _one_cell(code, shape, here, label, towers, geometry=geometry)
        if len(made) > _MOST:
            problems.add("micro-cells-too-many", code=code, count=len(made), geometry=shape.representative_point())
            continue
        _give_leads(made, leads.get(code))
        if members is not None and code not in leads and here.households.sum() > 0:
            problems.add("micro-cells-without-lead", code=code, count=len(made),
                         geometry=shape.representative_point())  # fmt: skip
        rows += made
        links.append(link)
    _say_sizes(problems, rows, sizes)
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


def _one_cell(
    code: str, shape: BaseGeometry, homes: CellHomes, label: Ints, towers: Ints, *, geometry: bool
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
            last = stair == stairs - 1
            rows.append({
                "micro_code": serial, "cell_code": code,
                "households": float(_stair(homes.households[inside], towers[inside], stair, last=last).sum()),
                "residents": _sum(_stair(homes.residents[inside], towers[inside], stair, last=last)), "lead_id": None,
                "geometry": shapes[part] if stairs == 1 else None, "at": tuple(means[part]),
            })  # fmt: skip
            held = inside if last else tall
            links.append(pd.DataFrame({"micro_code": serial, "home_id": homes.ids[held]}))
    return rows, pd.concat(links, ignore_index=True)


def _stair(count: Floats, towers: Ints, stair: int, *, last: bool) -> Floats:
    """Give what one stairwell holds of each home: whole numbers of a tower, and all of the others in the last one."""
    share = np.floor(count * (stair + 1) / towers) - np.floor(count * stair / towers)
    return np.where(towers > 1, share if not last else count - np.floor(count * stair / towers), count * last)


def _sum(values: Floats) -> float | None:
    """Sum, or nothing where any value is unknown."""
    return None if np.isnan(values).any() else float(values.sum())


def _shapes(shape: BaseGeometry, homes: CellHomes, label: Ints, count: int) -> list[BaseGeometry | None]:
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


def _leads(
    members: gpd.GeoDataFrame | None, cells: gpd.GeoDataFrame, assignments: pd.DataFrame | None
) -> dict[str, tuple[Any, Floats]]:  # fmt: skip
    """Ids and places of those who may lead in each cell: its party members and volunteers, else its own staff."""
    if members is None or not len(members):
        return {}
    listed = members.sort_values("member_id", ignore_index=True)
    points = listed.geometry.to_numpy()
    placed = ~(shapely.is_missing(points) | shapely.is_empty(points))
    willing = listed[placed & listed["kind"].isin(("party", "volunteer")).to_numpy()]
    groups = willing.groupby(homes_in_cells(willing, cells), sort=True)["member_id"].agg(list).to_dict()
    if assignments is not None:
        serving = assignments[assignments["role"].isin(_STAFF) & assignments["member_id"].isin(listed["member_id"])]
        for code, ids in serving.groupby("cell_code")["member_id"].agg(lambda ids: sorted(set(ids))).items():
            groups.setdefault(code, ids)
    xy = np.full((len(listed), 2), np.nan)
    xy[placed] = shapely.get_coordinates(points[placed])
    row = pd.Index(listed["member_id"])
    return {str(code): (np.array(ids, dtype=object), xy[row.get_indexer(ids)]) for code, ids in groups.items()}


def _give_leads(rows: list[dict[str, Any]], people: tuple[Any, Floats] | None) -> None:
    """Give the micro cells of one cell their leads: as many people as there are, the least walk in total."""
    if people is None:
        return
    ids, xy = people
    turns = -(-len(rows) // len(ids))
    at = np.array([row["at"] for row in rows])
    distance = np.hypot(at[:, None, 0] - xy[None, :, 0], at[:, None, 1] - xy[None, :, 1])
    distance = np.nan_to_num(distance, nan=float(np.nanmax(distance, initial=0.0)) + 1.0)  # who has no place comes last
    row, column = linear_sum_assignment(np.tile(distance, turns))
    for place, person in zip(row, column % len(ids), strict=True):
        rows[place]["lead_id"] = ids[person]


def _say_sizes(problems: Problems, rows: list[dict[str, Any]], sizes: Sizes) -> None:
    low, high = sizes.low, sizes.high
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
