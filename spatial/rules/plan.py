"""Every rule that a finished plan is held to, on re-read data: what breaks one becomes a problem, never an exception.

Sources of the rules: 属地管理, 无缝拼接, 现状管理, 方便管理, 管理对象, 负载均衡 and numbering as in DB6101/T 3185-2024
and the unit-grid standards; sizes from the profile. Errors are what no plan may have, warnings what needs a look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.codes import scheme_of
from spatial.crs import require_metres
from spatial.cuts import check_barriers, check_cuts
from spatial.planning.profiles import Profile, Rules, default_profile
from spatial.problems import Problems
from spatial.rules.borders import check_borders
from spatial.rules.people import check_people
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["check_plan", "walk_limits"]


def check_plan(
    cells: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    *,
    homes: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    hamlets: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    assignments: pd.DataFrame | None = None,
    members: pd.DataFrame | None = None,
    profile: Profile | None = None,
    mainland: bool | None = None,
) -> Problems:
    """Hold one plan to every rule about cells and people.

    Parameters
    ----------
    cells : GeoDataFrame
        Layer `cells` of one plan, in metres; cells that ended are left out of the check.
    villages : GeoDataFrame
        Layer `villages` in the same metres. Villages that the plan leaves out are a problem each.
    homes, buildings, hamlets, barriers : GeoDataFrame, optional
        Layers in the same metres; without one, its rules are not checked.
    assignments, members : DataFrame, optional
        People of this plan. Without assignments the rules about people are not checked.
    mainland : bool, optional
        Whether codes have the mainland form; by default, whether every village code has.

    Returns
    -------
    Problems
        Empty for a plan without fault. The order follows rules, then codes.
    """
    require_metres(cells, "cells")
    require_metres(villages, "villages")
    limits = profile or default_profile()
    rules = limits.rules
    problems = Problems()
    if "end_date" in cells:
        cells = cells[cells["end_date"].isna()]
    cells = cells.sort_values("cell_code", ignore_index=True)
    villages = villages.sort_values("village_code", ignore_index=True)
    check_borders(problems, cells, villages)
    if mainland is None:
        mainland = scheme_of(villages["village_code"]) == "mainland12"
    _codes(problems, cells, mainland=mainland)
    _village_rules(problems, cells, villages)
    sizes = _sizes(cells, villages, limits)[1]
    _load(problems, cells, sizes, rules)
    check_cuts(problems, cells, villages, buildings=buildings, hamlets=hamlets)
    if barriers is not None and len(barriers):
        check_barriers(problems, cells, barriers)
    if homes is not None and len(homes):
        _homes(problems, homes, cells)
    if assignments is not None:
        minutes = walk_limits(cells, villages, limits)
        check_people(problems, cells, assignments, members=members, walk_minutes=minutes,
                     metres_a_minute=rules.metres_a_minute, lead_rule=rules.one_lead_per_cell,
                     member_rule=rules.one_cell_per_member)  # fmt: skip
    return problems


def walk_limits(cells: pd.DataFrame, villages: pd.DataFrame, profile: Profile) -> NDArray[np.float64]:
    """Give the longest walk of each cell in minutes: shorter in communities than in villages."""
    urban, _ = _sizes(cells, villages, profile)
    rules = profile.rules
    return np.where(urban, rules.walk_minutes_urban, rules.walk_minutes_rural).astype(np.float64)


def _codes(problems: Problems, cells: gpd.GeoDataFrame, *, mainland: bool) -> None:
    """Codes are unique, and are the village code with three digits."""
    code = cells["cell_code"].astype(str)
    counts = code.value_counts()
    for name in sorted(counts.index[counts > 1]):
        first = np.flatnonzero(code == name)[0]
        problems.add("cell-code-repeats", code=name, count=int(counts[name]), geometry=_spot(cells, first))
    village = cells["village_code"].astype(str)
    serial = code.str[-3:]
    formed = serial.str.fullmatch(r"\d{3}") & (code.str[:-3] == village)
    if mainland:
        formed &= code.str.len() == 15
    for row in np.flatnonzero(~formed.to_numpy(dtype=bool)):
        problems.add("cell-code-form", code=code.iloc[row], village=village.iloc[row], geometry=_spot(cells, row))


def _village_rules(problems: Problems, cells: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> None:
    """Every village has a basic cell, and its serials run west to east, then north to south."""
    basic = _basic(cells)
    served = set(cells.loc[basic, "village_code"])
    grounds = villages.geometry.to_numpy()
    for row in np.flatnonzero(~villages["village_code"].isin(served).to_numpy()):
        problems.add("village-without-cells", code=villages["village_code"].iloc[row],
                     geometry=grounds[row].representative_point())  # fmt: skip
    spots = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))
    frame = pd.DataFrame({"village": cells["village_code"], "code": cells["cell_code"],
                          "x": np.round(spots[:, 0]), "y": -spots[:, 1]})[basic]  # fmt: skip
    by_place = frame.sort_values(["village", "x", "y"])["code"].to_numpy()
    by_code = frame.sort_values(["village", "code"])
    wrong = set(by_code.loc[by_code["code"].to_numpy() != by_place, "village"])
    for row in np.flatnonzero(villages["village_code"].isin(wrong).to_numpy()):
        problems.add("cell-codes-out-of-order", code=villages["village_code"].iloc[row],
                     geometry=grounds[row].representative_point())  # fmt: skip


def _sizes(
    cells: pd.DataFrame, villages: pd.DataFrame, profile: Profile
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """For each cell whether its village is urban, and its limits: households low and high, residents, party members."""
    table: dict[str, tuple[bool, float, float, float, float]] = {}
    columns = [villages[name] if name in villages else pd.Series(None, index=villages.index, dtype=object)
               for name in ("class", "kind")]  # fmt: skip
    for code, village_class, kind in zip(villages["village_code"], *columns, strict=True):
        size = profile.size(village_class=_known(village_class), kind=_known(kind))
        table[code] = (size.name == "urban", size.min_households, size.max_households, size.max_residents,
                       size.min_party_members)  # fmt: skip
    rows = [table.get(code, (False, 0.0, np.inf, np.inf, 0.0)) for code in cells["village_code"]]
    values = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return values[:, 0] > 0, values[:, 1:]


def _known(value: object) -> str | None:
    """Text, or nothing for an empty value."""
    return value if isinstance(value, str) and value else None


def _load(problems: Problems, cells: gpd.GeoDataFrame, sizes: NDArray[np.float64], rules: Rules) -> None:
    """Households, residents, party members and visits of basic cells stay within their limits."""
    basic = _basic(cells)
    households, residents, workload = (_numbers(cells, name) for name in ("households", "residents", "workload"))
    low, high, most, least = sizes.T
    known = bool(np.nansum(households) > 0)  # none at all is said once, by `verify_plan`
    for row in np.flatnonzero(known & basic & ((households < low) | (households > high))):
        problems.add("cell-households-outside-band", code=cells["cell_code"].iloc[row], low=f"{low[row]:g}",
                     households=float(households[row]), high=f"{high[row]:g}", geometry=_spot(cells, row))  # fmt: skip
    for row in np.flatnonzero(basic & (residents > most)):
        problems.add("cell-over-residents", code=cells["cell_code"].iloc[row], residents=float(residents[row]),
                     limit=f"{most[row]:g}", geometry=_spot(cells, row))  # fmt: skip
    party = _numbers(cells, "party_members")
    for row in np.flatnonzero(basic & (party < least)):
        problems.add("cell-party-members-few", code=cells["cell_code"].iloc[row], members=float(party[row]),
                     least=f"{least[row]:g}", geometry=_spot(cells, row))  # fmt: skip
    visits = workload / rules.working_days
    for row in np.flatnonzero(basic & (visits > rules.visits_a_day)):
        problems.add("cell-overloaded", code=cells["cell_code"].iloc[row], visits=float(visits[row]),
                     limit=f"{rules.visits_a_day:g}", geometry=_spot(cells, row))  # fmt: skip


def _homes(problems: Problems, homes: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> None:
    """Every home lies in a cell."""
    lost = np.flatnonzero(homes_in_cells(homes, cells).isna().to_numpy())
    if len(lost):
        first = homes.iloc[lost].sort_values("home_id").iloc[0]
        problems.add("home-outside-cells", code=str(first["home_id"]), count=len(lost), geometry=first["geometry"])


def _basic(cells: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which cells are basic ones; all of them where the frame does not say."""
    return np.asarray(cells["kind"] == "basic", dtype=bool) if "kind" in cells else np.ones(len(cells), dtype=bool)


def _numbers(cells: gpd.GeoDataFrame, name: str) -> NDArray[np.float64]:
    """One measure of the cells; NaN, which no limit flags, where it is not known."""
    if name not in cells:
        return np.full(len(cells), np.nan)
    return np.asarray(pd.to_numeric(cells[name]), dtype=np.float64)


def _spot(cells: gpd.GeoDataFrame, row: int | np.intp) -> BaseGeometry:
    """Give a point within one cell."""
    shape: BaseGeometry = cells.geometry.iloc[int(row)]
    return shape.representative_point()
