"""Rules about the people of a plan: one lead per cell, one cell per member, walks that can be walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.people.walking import DRIVING

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from spatial.problems import Problems

__all__ = ["check_people", "check_walks"]

_SINGLE = ("lead", "full")  # roles whose people have one cell


def check_people(
    problems: Problems, cells: gpd.GeoDataFrame, assignments: pd.DataFrame, *, members: pd.DataFrame | None = None,
    walk_minutes: NDArray[np.float64], metres_a_minute: float = 80, lead_rule: bool = True, member_rule: bool = True,
) -> None:  # fmt: skip
    """Write down every cell and member that breaks a rule; `walk_minutes` holds the limit of each cell."""
    _unknown(problems, cells, assignments, members)
    if lead_rule:
        _leads(problems, cells, assignments, members)
    if member_rule:
        _single(problems, assignments, members)
    if member_rule and members is not None:
        _idle(problems, assignments, members)
    check_walks(problems, cells, assignments, walk_minutes=walk_minutes, metres_a_minute=metres_a_minute)


def _unknown(
    problems: Problems, cells: gpd.GeoDataFrame, assignments: pd.DataFrame, members: pd.DataFrame | None
) -> None:  # fmt: skip
    """Find codes that neither the plan nor the list has."""
    lost = set(assignments["cell_code"]) - set(cells["cell_code"])
    if members is not None:
        lost |= set(assignments["member_id"]) - set(members["member_id"])
    for code in sorted(lost):
        problems.add("assignment-unknown", code=str(code))


def _leads(
    problems: Problems, cells: gpd.GeoDataFrame, assignments: pd.DataFrame, members: pd.DataFrame | None
) -> None:  # fmt: skip
    """Find basic cells without exactly one lead."""
    counts = assignments.loc[assignments["role"] == "lead", "cell_code"].value_counts()
    basic = cells[cells["kind"] == "basic"] if "kind" in cells else cells
    found = basic["cell_code"].map(counts).fillna(0).to_numpy(dtype=np.int64)
    leads = (
        len(assignments[assignments["role"] == "lead"]) if members is None else int((members["kind"] == "lead").sum())
    )
    for row in np.flatnonzero(found != 1):
        code, spot = basic["cell_code"].iloc[row], basic.geometry.iloc[row].representative_point()
        if found[row]:
            problems.add("cell-several-leads", code=code, count=int(found[row]), geometry=spot)
        else:
            problems.add("cell-without-lead", code=code, cells=len(basic), leads=leads, geometry=spot)


def _single(problems: Problems, assignments: pd.DataFrame, members: pd.DataFrame | None) -> None:
    """Find leads and full-time members with more cells than one, or than their stated capacity."""
    counts = assignments.loc[assignments["role"].isin(_SINGLE), "member_id"].value_counts()
    allowed = pd.Series(1.0, index=counts.index)
    if members is not None and "capacity" in members:
        stated = pd.to_numeric(members.set_index("member_id")["capacity"]).astype("float64")
        allowed = stated.reindex(counts.index).clip(lower=1).fillna(1)
    for code in sorted(counts.index[counts > allowed]):
        problems.add("member-several-cells", code=str(code), count=int(counts[code]), geometry=_place(members, code))


def _idle(problems: Problems, assignments: pd.DataFrame, members: pd.DataFrame) -> None:
    """Find full-time members without a cell; a lead in reserve is no fault."""
    full = members.loc[members["kind"] == "full", "member_id"]
    for code in sorted(full[~full.isin(assignments["member_id"])]):
        problems.add("member-without-cell", code=str(code), geometry=_place(members, code))


def _place(members: pd.DataFrame | None, code: str) -> BaseGeometry | None:
    """Give where a member lives, as far as the list says."""
    if members is None or "geometry" not in members:
        return None
    spots = members.loc[(members["member_id"] == code).to_numpy(), "geometry"]
    return None if spots.empty or spots.isna().iloc[0] else spots.iloc[0]


def check_walks(
    problems: Problems, cells: gpd.GeoDataFrame, assignments: pd.DataFrame, *, walk_minutes: NDArray[np.float64],
    metres_a_minute: float = 80,
) -> None:  # fmt: skip
    """Write down every walk longer than the limit of its cell, in minutes, in the order of the cells."""
    row = pd.Index(cells["cell_code"]).get_indexer(assignments["cell_code"])
    metres = np.asarray(pd.to_numeric(assignments["walk_m"]), dtype=np.float64)
    minutes = metres / metres_a_minute
    over = (row >= 0) & (minutes > np.where(row >= 0, walk_minutes[row], np.inf))
    shared = assignments["role"].isin(DRIVING).to_numpy()
    for place in np.flatnonzero(over & ~shared):
        problems.add("cell-walk-too-long", code=cells["cell_code"].iloc[row[place]], minutes=float(minutes[place]),
                     member=assignments["member_id"].iloc[place], metres=float(metres[place]),
                     limit=f"{walk_minutes[row[place]]:g}",
                     geometry=cells.geometry.iloc[row[place]].representative_point())  # fmt: skip
