"""Outlines and code tables of the sample counties, read from package data.

Outlines are EPSG:4490; codes and names are the published ones of 2023. README.md names sources and licences.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from importlib import resources

import geopandas as gpd
import pandas as pd
from shapely.geometry import shape

from spatial.errors import SchemaError

__all__ = ["COUNTIES", "County", "county"]

COUNTIES: dict[str, str] = {
    "panshan": "211122",
    "qibin": "410611",
    "nanjiang": "511922",
    "muye": "410711",
    "pingqiao": "411503",
    "tiny": "211122",
}
"""County code by the short name that commands take; `tiny` is two towns of Panshan, for tests."""

_SIZES = {
    "panshan": (100_000, 844, 4_000),
    "qibin": (75_000, 640, 3_400),
    "nanjiang": (165_000, 1_390, 5_200),
    "muye": (34_000, 290, 2_600),
    "pingqiao": (160_000, 1_360, 5_600),
    "tiny": (3_000, 25, 140),
}
"""Households, cells and cameras of a sample; 844 cells and 4,000 cameras are Panshan's, the others follow it."""


@dataclass(frozen=True)
class County:
    """One sample county: outline in degrees, code tables, and how large a sample of it is.

    `outline` is a GeoDataFrame in EPSG:4490 with one row (county_code, county); `towns` has town_code and town;
    `villages` has village_code, village, town_code and town. All codes are text.
    """

    name: str
    code: str
    title: str
    outline: gpd.GeoDataFrame
    towns: pd.DataFrame
    villages: pd.DataFrame
    households: int
    cells: int
    cameras: int


def county(name_or_code: str) -> County:
    """Give a sample county by its short name or its 6-digit code; `tiny` by its name only.

    Raises
    ------
    SchemaError
        Where no such county is shipped; the message lists those that are.

    Examples
    --------
    >>> panshan = county("211122")
    >>> panshan.title, len(panshan.towns), len(panshan.villages)
    ('盘山县', 14, 178)
    """
    by_code = {code: name for name, code in COUNTIES.items() if name != "tiny"}
    name = by_code.get(name_or_code, name_or_code)
    if name not in COUNTIES:
        known = "、".join(f"{short} {code}" for short, code in COUNTIES.items())
        raise SchemaError(
            f"没有示例县 {name_or_code!r}；可用的有：{known}",
            f"no sample county {name_or_code!r}; shipped are {known.replace('、', ', ')}",
        )
    code = COUNTIES[name]
    outline = _outline(name)
    towns, villages = _tables(code, tiny=name == "tiny")
    return County(name, code, str(outline["county"].iloc[0]), outline, towns, villages, *_SIZES[name])


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _outline(name: str) -> gpd.GeoDataFrame:
    """Read one outline without a driver: coordinates stay as they are written."""
    feature = json.loads(_text(f"{name}.geojson"))["features"][0]
    return gpd.GeoDataFrame([feature["properties"]], geometry=[shape(feature["geometry"])], crs="EPSG:4490")


def _tables(code: str, *, tiny: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the towns and villages of a county, sorted by code."""
    towns = _rows("towns.csv")
    towns = towns[towns["county_code"] == code]
    villages = _rows("villages.csv")
    villages = villages[villages["county_code"] == code]
    if tiny:
        villages = villages[villages["tiny"] == "1"]
        towns = towns[towns["town_code"].isin(villages["town_code"])]
    villages = villages.merge(towns[["town_code", "town"]], on="town_code", how="left")
    return (
        towns[["town_code", "town"]].reset_index(drop=True),
        villages[["village_code", "village", "town_code", "town"]].reset_index(drop=True),
    )


def _rows(name: str) -> pd.DataFrame:
    rows = list(csv.DictReader(io.StringIO(_text(name))))
    return pd.DataFrame(rows, dtype=object)
