"""Party members and volunteers, and the households each of them keeps in touch with (党员联系户).

Inside each cell the most households that its people can keep are reached, and the sum of the distances to them is
the least there is: one exact transport problem per cell (`spatial.people.nearest_kept`), whose prices prove it.
Nobody crosses a cell's border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatial.errors import SchemaError
from spatial.people.nearest_kept import keep_nearest
from spatial.people.walking import straight_m
from spatial.problems import Problems
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Contacts", "assign_contacts"]

_KINDS = ("party", "volunteer")
_NOTHING = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True)
class Contacts:
    """Rows of the layer `contacts` without `plan`, what is wrong, and the figures."""

    contacts: pd.DataFrame
    problems: Problems
    figures: dict[str, Any]


def assign_contacts(
    homes: gpd.GeoDataFrame, members: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, *, limit: int = 10
) -> Contacts:
    """Give each party member and volunteer at most `limit` nearby households of the same cell.

    Parameters
    ----------
    homes : GeoDataFrame
        Points with `home_id` and `households`, in metres. A home with several households can be shared.
    members : GeoDataFrame
        Layer `members`; only the kinds party and volunteer count. A `capacity` in the list wins over `limit`.
    cells : GeoDataFrame
        Layer `cells` in the same metres.
    limit : int
        Households that one person keeps.

    Returns
    -------
    Contacts
        `contacts` has home_id, member_id and the straight `distance_m`. Households that nobody can keep are one
        problem per cell; people in no cell one problem each. `distance_gap_m` is the total distance less the
        bound that the prices of the optimum prove: 0 where the answer is the least there is.
    """
    if limit < 1:
        raise SchemaError(f"每人联系户数 {limit} 应不小于 1", f"contacts per person is {limit}; it must be at least 1")
    people = members[members["kind"].isin(_KINDS)].sort_values("member_id", ignore_index=True)
    homes = homes[_counts(homes) > 0].sort_values("home_id", ignore_index=True)
    problems = Problems()
    home_cell = homes_in_cells(homes, cells)
    people_cell = homes_in_cells(people, cells)
    for row in np.flatnonzero(people_cell.isna()):
        problems.add("contact-outside-cells", code=people["member_id"].iloc[row], geometry=people.geometry.iloc[row])
    capacity = _capacity(people, limit)
    groups = people_cell.groupby(people_cell, sort=True).indices
    parts: list[tuple[Ints, Ints, Floats]] = []
    households, home_xy, people_xy = _counts(homes), _xy(homes), _xy(people)
    reached: dict[str, int] = {}
    gap = 0.0
    for code, rows in homes.groupby(home_cell, sort=True).indices.items():
        who = np.asarray(groups.get(code, np.empty(0, np.int64)), dtype=np.int64)
        count = 0
        if len(who):
            home, person, metres, count, off = _one_cell(home_xy[rows], households[rows], people_xy[who], capacity[who])
            gap += off
            parts.append((rows[home], who[person], metres))
        reached[code] = count
    _say_short(problems, homes, home_cell, reached, people_cell, capacity)
    home, person, metres = (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else _NOTHING
    frame = pd.DataFrame({"home_id": homes["home_id"].to_numpy(dtype=object)[home],
                          "member_id": people["member_id"].to_numpy(dtype=object)[person],
                          "distance_m": metres})  # fmt: skip
    frame = frame.sort_values(["home_id", "member_id"], ignore_index=True)
    return Contacts(frame, problems, _figures(frame, homes, people, sum(reached.values()), gap))


def _counts(homes: gpd.GeoDataFrame) -> Ints:
    """Households of each home as whole numbers; empty counts are none."""
    return np.asarray(pd.to_numeric(homes["households"]).astype("float64").fillna(0), dtype=np.int64)


def _capacity(people: gpd.GeoDataFrame, limit: int) -> Ints:
    """Households that each person can keep."""
    if "capacity" not in people:
        return np.full(len(people), limit, dtype=np.int64)
    return np.asarray(pd.to_numeric(people["capacity"]).astype("float64").fillna(limit), dtype=np.int64)


def _xy(frame: gpd.GeoDataFrame) -> Floats:
    """Coordinates of points; NaN where there is none."""
    points = frame.geometry.to_numpy()
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _one_cell(home: Floats, households: Ints, person: Floats, capacity: Ints) -> tuple[Ints, Ints, Floats, int, float]:
    """Solve one cell: rows of homes and people that belong together, their metres, households reached, the gap."""
    unit = np.repeat(np.arange(len(home)), households)
    kept = keep_nearest(home[unit], person, capacity)
    reached = kept.keeper >= 0
    pairs = np.unique(np.column_stack([unit[reached], kept.keeper[reached]]), axis=0)
    metres = straight_m(person[pairs[:, 1]], home[pairs[:, 0]])
    return pairs[:, 0], pairs[:, 1], metres, int(reached.sum()), kept.total_m - kept.bound_m


def _say_short(
    problems: Problems, homes: gpd.GeoDataFrame, home_cell: pd.Series[str], reached: dict[str, int],
    *people: Any,
) -> None:  # fmt: skip
    """Write down every cell whose people cannot keep all its households; once, where there is nobody at all."""
    people_cell, capacity = people
    if not len(capacity):
        problems.add("contacts-without-people", households=int(_counts(homes).sum()))
        return
    households = pd.Series(_counts(homes)).groupby(home_cell, sort=True).sum()
    room = pd.Series(capacity, dtype="int64").groupby(people_cell).sum()
    for code, total in households.items():
        missing = int(total) - reached[str(code)]
        if missing:
            problems.add("contact-households-short", code=str(code), households=int(total), count=missing,
                         capacity=int(room.get(code, 0)))  # fmt: skip


def _figures(
    frame: pd.DataFrame, homes: gpd.GeoDataFrame, people: gpd.GeoDataFrame, reached: int, gap: float
) -> dict[str, Any]:
    return {
        "households": int(_counts(homes).sum()),
        "households_reached": reached,
        "people": len(people),
        "people_used": int(frame["member_id"].nunique()),
        "contacts": len(frame),
        "distance_gap_m": gap,
        "distance_m_mean": float(frame["distance_m"].mean()) if len(frame) else None,
    }
