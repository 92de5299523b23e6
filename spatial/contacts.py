"""Party members and volunteers, and the households each of them keeps in touch with (党员联系户).

Inside each cell the most households that its people can keep are reached, and the sum of the distances to them is
the least there is: one exact transport problem per cell (`spatial.transport`). Nobody crosses a cell's border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from spatial.errors import SchemaError
from spatial.problems import Problems
from spatial.transport import Side, transport
from spatial.walking import straight_m
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Contacts", "assign_contacts"]

_KINDS = ("party", "volunteer")
_NEAREST = 4  # people per home that the search begins with; more are priced in


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
        problem per cell; people in no cell one problem each.
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
    parts: list[pd.DataFrame] = []
    reached: dict[str, int] = {}
    for code, rows in homes.groupby(home_cell, sort=True).indices.items():
        who = np.asarray(groups.get(code, np.empty(0, np.int64)))
        count = 0
        if len(who):
            found, count = _one_cell(homes.iloc[rows], people.iloc[who], capacity[who])
            parts.append(found)
        reached[code] = count
    _say_short(problems, homes, home_cell, reached, people_cell, capacity)
    frame = pd.concat(parts, ignore_index=True) if parts else _empty()
    frame = frame.sort_values(["home_id", "member_id"], ignore_index=True)
    return Contacts(frame, problems, _figures(frame, homes, people, sum(reached.values())))


def _counts(homes: gpd.GeoDataFrame) -> Ints:
    """Households of each home as whole numbers; empty counts are none."""
    return np.asarray(pd.to_numeric(homes["households"]).astype("float64").fillna(0), dtype=np.int64)


def _capacity(people: gpd.GeoDataFrame, limit: int) -> Ints:
    """Households that each person can keep."""
    if "capacity" not in people:
        return np.full(len(people), limit, dtype=np.int64)
    return np.asarray(pd.to_numeric(people["capacity"]).astype("float64").fillna(limit), dtype=np.int64)


def _one_cell(homes: gpd.GeoDataFrame, people: gpd.GeoDataFrame, capacity: Ints) -> tuple[pd.DataFrame, int]:
    """Solve one cell; also count the households that were reached."""
    home = np.asarray(shapely.get_coordinates(homes.geometry.to_numpy()), dtype=np.float64)
    person = np.asarray(shapely.get_coordinates(people.geometry.to_numpy()), dtype=np.float64)
    _, near = KDTree(person).query(home, k=min(_NEAREST, len(person)))
    near = near.reshape(len(home), -1)

    def distance(source: Ints, target: Ints) -> Floats:
        return straight_m(person[source], home[target])

    households = _counts(homes)
    flow = transport(
        Side(capacity, np.zeros(len(person), np.int64)),
        Side(households, households),
        near=(near.ravel().astype(np.int64), np.repeat(np.arange(len(home)), near.shape[1])),
        bound=distance,
        cost=distance,
    )
    found = pd.DataFrame({
        "home_id": homes["home_id"].to_numpy()[flow.target],
        "member_id": people["member_id"].to_numpy()[flow.source],
        "distance_m": distance(flow.source, flow.target),
    })  # fmt: skip
    return found, int(flow.units.sum())


def _say_short(
    problems: Problems, homes: gpd.GeoDataFrame, home_cell: pd.Series[str], reached: dict[str, int],
    *people: Any,
) -> None:  # fmt: skip
    """Write down every cell whose people cannot keep all its households."""
    people_cell, capacity = people
    households = pd.Series(_counts(homes)).groupby(home_cell, sort=True).sum()
    room = pd.Series(capacity, dtype="int64").groupby(people_cell).sum()
    for code, total in households.items():
        missing = int(total) - reached[str(code)]
        if missing:
            problems.add("contact-households-short", code=str(code), households=int(total), count=missing,
                         capacity=int(room.get(code, 0)))  # fmt: skip


def _empty() -> pd.DataFrame:
    columns = {"home_id": "object", "member_id": "object", "distance_m": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def _figures(frame: pd.DataFrame, homes: gpd.GeoDataFrame, people: gpd.GeoDataFrame, reached: int) -> dict[str, Any]:
    return {
        "households": int(_counts(homes).sum()),
        "households_reached": reached,
        "people": len(people),
        "people_used": int(frame["member_id"].nunique()),
        "contacts": len(frame),
        "distance_m_mean": float(frame["distance_m"].mean()) if len(frame) else None,
    }
