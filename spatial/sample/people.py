"""Who lives in a county, and who serves it: homes, members, incidents. Counts only, and no names of anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.sample.frames import codes, either, layer_frame
from spatial.sample.lines import points_at

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

    from spatial.sample.settlement import Settlement

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["homes_frame", "incidents_frame", "members_frame"]

_TITLES = {
    "lead": "网格长", "full": "专职网格员", "part": "兼职网格员", "police": "社区民警",
    "instructor": "网格指导员", "party": "联户党员", "volunteer": "志愿者",
}  # fmt: skip
_INCIDENTS = ("矛盾纠纷", "治安", "交通", "环境卫生", "公共设施", "消防隐患", "求助")


def homes_frame(
    settlement: Settlement,
    villages: pd.DataFrame,
    community: NDArray[np.bool_],
    hamlet_names: NDArray[np.object_],
    *,
    crs: pyproj.CRS,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Make one home per building that is lived in: households, those at home, residents, party members, special.

    Rural villages are hollowed out: a third of their households live away on average.
    """
    lived = np.flatnonzero(settlement.households > 0)
    village, households = settlement.village[lived], settlement.households[lived]
    at_home = np.where(community, rng.normal(0.88, 0.04, len(community)), rng.normal(0.7, 0.12, len(community)))
    at_home = np.clip(at_home, 0.32, 0.97)
    in_need = np.clip(np.where(community, 0.05, 0.1) * rng.lognormal(0, 0.35, len(community)), 0.02, 0.25)
    occupied = rng.binomial(households, at_home[village])
    residents = occupied + rng.poisson(occupied * np.where(community, 1.75, 1.55)[village])
    hamlet = settlement.hamlet[lived]
    name = either(hamlet >= 0, hamlet_names[np.maximum(hamlet, 0)], None)
    columns = {
        "home_id": codes("H", len(lived)),
        "village_code": villages["village_code"].to_numpy(dtype=object)[village],
        "households": households,
        "occupied_households": occupied,
        "residents": residents,
        "party_members": rng.binomial(residents, 0.055),
        "special": rng.binomial(households, in_need[village]),
        "hamlet": name,
    }
    return layer_frame("homes", columns, shapely.centroid(settlement.footprints[lived]), crs=crs)


def members_frame(
    homes: gpd.GeoDataFrame, villages: pd.DataFrame, *, cells: int, crs: pyproj.CRS, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Make members of every kind, living in homes spread over every village.

    Every village has a lead more than its share of the cells, rounded down, so that no cell goes without; party
    members and volunteers, ten households each, are enough for all households.
    """
    households = homes["households"].to_numpy()
    number = villages.reset_index().set_index("village_code")["index"]
    village = number.loc[homes["village_code"]].to_numpy()
    per_village = np.bincount(village, weights=households, minlength=len(villages))
    share = per_village / per_village.sum()
    quota = {
        "lead": np.floor(share * cells).astype(np.int64) + 1,
        "full": np.ceil(share * cells / 3).astype(np.int64),
        "part": np.ceil(share * cells / 4).astype(np.int64),
        "police": np.where(share * cells >= 3, 1, 0),
        "instructor": np.where(share * cells >= 6, 1, 0),
        "party": np.ceil(per_village / 13).astype(np.int64),
        "volunteer": np.ceil(per_village / 35).astype(np.int64),
    }
    order = np.lexsort((homes.geometry.x, homes["hamlet"].fillna("").to_numpy(dtype=str), village))
    at: list[Ints] = []
    kind: list[str] = []
    for title, wanted in quota.items():
        at.append(_spread(order, village[order], households[order], wanted, rng))
        kind += [title] * len(at[-1])
    home = np.concatenate(at)
    serial = np.concatenate([np.arange(1, len(part) + 1) for part in at])
    names = [f"{_TITLES[one]}{n:04d}(示意)" for one, n in zip(kind, serial.tolist(), strict=True)]
    capacity = {"lead": 1, "full": 3, "part": 4, "police": 8, "instructor": 6, "party": 10, "volunteer": 10}
    columns = {
        "member_id": codes("M", len(home)),
        "member": np.array(names, dtype=object),
        "kind": np.array(kind, dtype=object),
        "capacity": np.array([capacity[one] for one in kind]),
    }
    return layer_frame("members", columns, homes.geometry.to_numpy()[home], crs=crs)


def _spread(order: Ints, village: Ints, households: Ints, wanted: Ints, rng: np.random.Generator) -> Ints:
    """Pick homes at even steps of households along `order`, `wanted` of them in every village."""
    before = np.concatenate([[0], np.cumsum(households)])
    first = np.searchsorted(village, np.arange(len(wanted)))
    last = np.searchsorted(village, np.arange(len(wanted)), side="right")
    low, high = before[first], before[last]
    wanted = np.where(high > low, wanted, 0)
    of = np.repeat(np.arange(len(wanted)), wanted)
    step = np.arange(len(of)) - np.repeat(np.cumsum(wanted) - wanted, wanted) + rng.uniform(0.25, 0.75, len(of))
    place = low[of] + step / wanted[of] * (high - low)[of]
    chosen: Ints = order[np.searchsorted(before, place, side="right") - 1]
    return chosen


def incidents_frame(
    homes: gpd.GeoDataFrame, *, count: int, crs: pyproj.CRS, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Make incidents of one year (2025): clustered at a few homes in a hundred, more of them in summer."""
    households = homes["households"].to_numpy().astype(float)
    heat = rng.gamma(0.35, 1.0, len(homes)) * np.sqrt(households)
    home = rng.choice(len(homes), count, p=heat / heat.sum())
    xy = shapely.get_coordinates(homes.geometry.to_numpy()[home]) + rng.normal(0, 9.0, (count, 2))
    season = np.array([7, 8, 7, 8, 9, 9, 10, 10, 9, 8, 7, 8], dtype=float)
    month = rng.choice(12, count, p=season / season.sum()) + 1
    columns = {
        "incident_id": codes("I", count),
        "kind": rng.choice(np.array(_INCIDENTS, dtype=object), count, p=[0.22, 0.12, 0.18, 0.2, 0.12, 0.07, 0.09]),
        "month": np.array([f"2025-{one:02d}" for one in month.tolist()], dtype=object),
    }
    return layer_frame("incidents", columns, points_at(xy), crs=crs)
