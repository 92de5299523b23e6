"""Who leads and serves which cell: exact minimum total walk, under capacities.

Each role is one transport problem (`spatial.people.transport`). A cell that has nobody of the role counts
before a person without a cell, and both before any distance. The walk is from the person to the centre of
the cell's households.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from spatial.crs import require_metres
from spatial.errors import SchemaError
from spatial.layers import ROLES
from spatial.people.transport import Side, transport
from spatial.people.walking import DETOUR, RoadNetwork, road_network, straight_m, walk_m, walk_table
from spatial.problems import Problems
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Assignment", "assign_members"]

_NEAREST = 12  # people per cell that the search begins with; more are priced in
_TABLE = 20_000_000  # walks kept in one table (80 MB); above that they are searched pair by pair
_SHARED = ("police", "instructor")  # roles of which one person usually serves many cells


@dataclass(frozen=True)
class Assignment:
    """People of cells: rows of the layer `assignments` without `plan`, what is wrong, and the figures."""

    assignments: pd.DataFrame
    problems: Problems
    figures: dict[str, Any]


def assign_members(
    cells: gpd.GeoDataFrame,
    members: gpd.GeoDataFrame,
    *,
    homes: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    roles: Sequence[str] = ROLES,
    one_to_one_lead: bool = True,
    detour: float = DETOUR,
) -> Assignment:
    """Give every basic cell its lead and its other members, with the least walking in total.

    Parameters
    ----------
    cells : GeoDataFrame
        Layer `cells` in metres; special cells get nobody here.
    members : GeoDataFrame
        Layer `members` in the same metres. Those without a point are placed last, where somebody is still
        missing, in the order of their ids and with an empty `walk_m`.
    homes : GeoDataFrame, optional
        Walks end at the mean of a cell's homes, weighted by households; else at a point within the cell.
    barriers : GeoDataFrame, optional
        Walks follow its roads; without roads they are straight lines times `detour`.
    one_to_one_lead : bool
        A lead has one cell, whatever `capacity` says. Otherwise a lead may have `capacity` cells.

    Raises
    ------
    SchemaError
        For a role that there is not, and for codes or ids that repeat.
    """
    _check(cells, members, roles)
    basic = cells[cells["kind"] == "basic"] if "kind" in cells else cells
    basic = basic.sort_values("cell_code", ignore_index=True)
    centres = _centres(basic, homes)
    staff = members[members["kind"].isin(list(roles))].sort_values("member_id", ignore_index=True)
    walks = _walks(centres, staff, road_network(barriers), detour)
    problems, parts, on_roads = Problems(), [], 0
    for role in roles:
        rows = np.flatnonzero(staff["kind"] == role)
        if not len(rows):
            continue
        people = staff.iloc[rows]
        capacity = _capacity(people, role, len(basic), one_to_one=one_to_one_lead)
        chosen = _place(people, walks, rows, capacity, single=role == "lead")
        on_roads += chosen.on_roads
        codes, ids = basic["cell_code"].to_numpy(), people["member_id"].to_numpy()
        parts.append(pd.DataFrame({"cell_code": codes[chosen.cell], "member_id": ids[chosen.person],
                                   "role": role, "walk_m": chosen.walk}))  # fmt: skip
        _say_unplaced(problems, role, people, chosen)
        if role != "lead":
            _say_without_role(problems, role, len(people), len(basic), chosen)
    if "lead" in roles:
        _say_without_lead(problems, basic, parts, int((members["kind"] == "lead").sum()))
    frame = pd.concat(parts, ignore_index=True) if parts else _empty()
    frame["rank"] = frame["role"].map({role: place for place, role in enumerate(ROLES)})
    frame = frame.sort_values(["cell_code", "rank", "member_id"], ignore_index=True).drop(columns="rank")
    figures = _figures(frame, basic, wanted=len(staff), on_roads=on_roads, detour=detour)
    return Assignment(frame, problems, figures)


@dataclass(frozen=True)
class _Chosen:
    """Rows of cells and people that were matched, with walks in metres (NaN where nobody knows)."""

    cell: Ints
    person: Ints
    walk: Floats
    on_roads: int


@dataclass(frozen=True)
class _Walks:
    """Metres from every member of the staff to every cell: looked up along roads, else computed."""

    centres: Floats
    xy: Floats
    network: RoadNetwork | None
    detour: float
    table: NDArray[np.float32] | None
    by_road: NDArray[np.bool_] | None

    def metres(self, person: Ints, cell: Ints) -> Floats:
        """Give the walks for index arrays of people and cells."""
        if self.table is not None:
            return np.asarray(self.table[cell, person], dtype=np.float64)
        return walk_m(self.centres[cell], self.xy[person], network=self.network, detour=self.detour)[0]

    def bound(self, person: Ints, cell: Ints) -> Floats:
        """Give what no walk can be below: itself where it is cheap to know, else the straight line."""
        if self.table is not None:
            return self.metres(person, cell)
        factor = self.detour if self.network is None else 1.0
        return straight_m(self.centres[cell], self.xy[person]) * factor

    def count_by_road(self, person: Ints, cell: Ints) -> int:
        """Count the walks that follow the roads."""
        if self.by_road is not None:
            return int(self.by_road[cell, person].sum())
        if self.network is None:
            return 0
        return int(walk_m(self.centres[cell], self.xy[person], network=self.network, detour=self.detour)[1].sum())


def _check(cells: gpd.GeoDataFrame, members: gpd.GeoDataFrame, roles: Sequence[str]) -> None:
    """Refuse frames in degrees, unknown roles and repeated keys."""
    require_metres(cells, "cells")
    require_metres(members, "members")
    unknown = sorted(set(roles) - set(ROLES))
    if unknown:
        raise SchemaError(f"没有角色 {'、'.join(unknown)}；可用：{'、'.join(ROLES)}",
                          f"no such role: {', '.join(unknown)}; known: {', '.join(ROLES)}")  # fmt: skip
    for frame, key in ((cells, "cell_code"), (members, "member_id")):
        twice = frame.loc[frame[key].duplicated(), key]
        if len(twice):
            raise SchemaError(f"{key} 重复：{twice.iloc[0]}（共 {len(twice)} 行）",
                              f"{key} {twice.iloc[0]} repeats ({len(twice)} rows in all)")  # fmt: skip


def _centres(cells: gpd.GeoDataFrame, homes: gpd.GeoDataFrame | None) -> Floats:
    """Give the household-weighted mean of each cell's homes, else a point within the cell."""
    inside = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))
    if homes is None or not len(homes) or not len(cells):
        return np.asarray(inside, dtype=np.float64)
    codes = homes_in_cells(homes, cells)
    kept = codes.notna().to_numpy()
    row = pd.Index(cells["cell_code"]).get_indexer(codes[kept])
    xy = shapely.get_coordinates(homes.geometry.to_numpy()[kept])
    weight = np.maximum(homes["households"].to_numpy(dtype=np.float64, na_value=0)[kept], 1e-9)
    total = np.bincount(row, weight, len(cells))
    means = np.column_stack([np.bincount(row, weight * xy[:, axis], len(cells)) for axis in (0, 1)])
    return np.where(total[:, None] > 0, means / np.maximum(total, 1e-12)[:, None], inside)


def _capacity(people: gpd.GeoDataFrame, role: str, cells: int, *, one_to_one: bool) -> Ints:
    """How many cells each person can have: what the list says, else one, or an even share for shared roles."""
    usual = -(-cells // len(people)) if role in _SHARED else 1
    if "capacity" not in people or (role == "lead" and one_to_one):
        return np.full(len(people), usual, dtype=np.int64)
    stated = pd.to_numeric(people["capacity"]).astype("float64")
    return np.asarray(stated.fillna(usual), dtype=np.int64)


def _walks(centres: Floats, staff: gpd.GeoDataFrame, network: RoadNetwork | None, detour: float) -> _Walks:
    """Prepare the walks of everybody; a table where it is small, pairs on demand in very large counties."""
    xy = np.full((len(staff), 2), np.nan)
    known = _located(staff.geometry.to_numpy())
    xy[known] = _xy(staff.geometry.to_numpy()[known])
    if network is None or len(centres) * len(staff) > _TABLE or not known.any():
        return _Walks(centres, xy, network, detour, None, None)
    table = np.full((len(centres), len(staff)), np.inf, dtype=np.float32)
    by_road = np.zeros(table.shape, dtype=bool)
    table[:, known], by_road[:, known] = walk_table(centres, xy[known], network=network, detour=detour)
    return _Walks(centres, xy, network, detour, table, by_road)


def _located(points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which people have a point."""
    return np.asarray(~(shapely.is_missing(points) | shapely.is_empty(points)), dtype=bool)


def _place(people: gpd.GeoDataFrame, walks: _Walks, rows: Ints, capacity: Ints, *, single: bool) -> _Chosen:
    """Match people of one role to cells; people without a point fill what is left.

    `rows` are their places in the walks; `single` allows one of them per cell.
    """
    centres, points = walks.centres, people.geometry.to_numpy()
    known = np.flatnonzero(_located(points) & (capacity > 0))
    most = max(1, -(-int(np.count_nonzero(capacity)) // max(1, len(centres)))) if len(centres) else 0
    most = min(most, 1) if single else most
    cell, person = np.empty(0, np.int64), np.empty(0, np.int64)
    if len(known) and len(centres):
        who = rows[known]
        _, near = KDTree(walks.xy[who]).query(centres, k=min(_NEAREST, len(who)))
        near = near.reshape(len(centres), -1)
        flow = transport(
            Side(capacity[known], np.full(len(known), int(most > 1 or len(known) <= len(centres)))),
            Side(np.full(len(centres), most), np.ones(len(centres), np.int64), weight=2),
            near=(near.ravel().astype(np.int64), np.repeat(np.arange(len(centres)), near.shape[1])),
            bound=lambda source, place: walks.bound(who[source], place),
            cost=lambda source, place: walks.metres(who[source], place),
        )
        cell, person = flow.target, known[flow.source]
    walk = walks.metres(rows[person], cell)
    late_cell, late_person = _fill(np.bincount(cell, minlength=len(centres)), points, capacity, most)
    return _Chosen(np.concatenate([cell, late_cell]), np.concatenate([person, late_person]),
                   np.concatenate([walk, np.full(len(late_cell), np.nan)]),
                   walks.count_by_road(rows[person], cell))  # fmt: skip


def _xy(points: NDArray[np.object_]) -> Floats:
    """Coordinates of points, one row each."""
    return np.asarray(shapely.get_coordinates(points), dtype=np.float64).reshape(-1, 2)


def _fill(served: Ints, points: NDArray[np.object_], capacity: Ints, most: int) -> tuple[Ints, Ints]:
    """Let people without a point take the cells that are still free, both in order."""
    lost = np.flatnonzero(~_located(points) & (capacity > 0))
    free = np.concatenate([np.flatnonzero(served == count) for count in range(most)] or [np.empty(0, np.int64)])
    slots = np.concatenate([lost, np.repeat(lost, capacity[lost] - 1)])
    # one person twice in one cell would say nothing, so a second slot goes to another free cell
    count = min(len(free), len(slots))
    return free[:count].astype(np.int64), slots[:count].astype(np.int64)


def _say_unplaced(problems: Problems, role: str, people: gpd.GeoDataFrame, chosen: _Chosen) -> None:
    left = len(people) - len(np.unique(chosen.person))
    if left:
        problems.add("members-unplaced", code=role, count=left, members=len(people))


def _say_without_role(problems: Problems, role: str, people: int, cells: int, chosen: _Chosen) -> None:
    empty = cells - len(np.unique(chosen.cell))
    if empty:
        problems.add("cells-without-role", code=role, count=empty, cells=cells, members=people)


def _say_without_lead(problems: Problems, cells: gpd.GeoDataFrame, parts: list[pd.DataFrame], leads: int) -> None:
    led = {code for part in parts if part["role"].eq("lead").all() for code in part["cell_code"]}
    for code, geometry in zip(cells["cell_code"], cells.geometry, strict=True):
        if code not in led:
            problems.add("cell-without-lead", code=code, geometry=geometry.representative_point(),
                         leads=leads, cells=len(cells))  # fmt: skip


def _empty() -> pd.DataFrame:
    columns = {"cell_code": "object", "member_id": "object", "role": "object", "walk_m": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def _figures(
    frame: pd.DataFrame, cells: gpd.GeoDataFrame, *, wanted: int, on_roads: int, detour: float
) -> dict[str, Any]:
    """Sum the assignment up, with the basis of its distances."""
    walks = frame["walk_m"].dropna()
    placed = frame["member_id"].nunique()
    leads = frame.loc[frame["role"] == "lead", "cell_code"].nunique()
    return {
        "cells": len(cells),
        "leads": int(leads),
        "cells_without_lead": len(cells) - int(leads),
        "members_placed": int(placed),
        "members_unplaced": wanted - int(placed),
        "walk_m_total": float(walks.sum()),
        "walk_m_mean": float(walks.mean()) if len(walks) else None,
        "walk_m_max": float(walks.max()) if len(walks) else None,
        "walks_on_roads": on_roads,
        "walk_basis": "roads" if on_roads else f"straight × {detour:g}",
    }
