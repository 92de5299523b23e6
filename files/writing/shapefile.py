"""Shapefiles that come back as they were: short column names, GBK with its .cpg, and re-read before they count.

A dBase name has 10 bytes. Longer names are cut by most writers, some so that the file cannot be read again; here
they are shortened by a table, and numbered where two would be alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyogrio

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

__all__ = ["short_names", "write_shapefile"]

_KNOWN = {"village_code": "vill_code", "county_code": "cnty_code", "party_members": "party_mem",
          "occupied_households": "occupied", "deviation_share": "dev_share", "compactness": "compact",
          "responsible": "respons", "party_group": "party_grp", "building_id": "bldg_id", "incident_id": "incid_id",
          "azimuth_tolerance_deg": "azim_tol", "headings_deg": "headings", "azimuth_deg": "azimuth",
          "retention_days": "keep_days", "point_class": "pt_class", "blocked_share": "blocked",
          "possible_m2": "poss_m2", "not_at_once": "not_once", "households_within": "hh_within",
          "nearest_camera_m": "near_cam_m"}  # fmt: skip
_SUFFIXES = (".cpg", ".dbf", ".prj", ".shp", ".shx")


def short_names(columns: Sequence[str]) -> dict[str, str]:
    """Give every column a name of at most 10 bytes in GBK, no two alike whatever their case.

    >>> short_names(["cell_code", "village_code", "所属社区名称", "所属社区名字"])
    {'cell_code': 'cell_code', 'village_code': 'vill_code', '所属社区名称': '所属社区名', '所属社区名字': '所属社区1'}
    """
    short: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = base = _cut(_KNOWN.get(column, column), 10)
        serial = 0
        while name.lower() in taken:
            serial += 1
            name = _cut(base, 10 - len(str(serial))) + str(serial)
        taken.add(name.lower())
        short[column] = name
    return short


def write_shapefile(frame: gpd.GeoDataFrame, path: Path) -> list[Path]:
    """Write one layer and read it again; gives all files of it.

    Texts that GBK cannot hold make the whole file UTF-8. Raises `SchemaError` where what comes back differs.
    """
    short = short_names([column for column in frame.columns if column != "geometry"])
    renamed = frame.rename(columns=short)
    texts = renamed.select_dtypes(include=["object", "string"]).columns.drop("geometry", errors="ignore")
    encoding = _encoding(str(value) for column in texts for value in renamed[column].dropna())
    for column in renamed.select_dtypes(include=["bool", "boolean"]).columns:
        renamed[column] = renamed[column].astype("Int8")  # dBase knows no truth, 1 and 0 are read everywhere
    pyogrio.write_dataframe(renamed, path, driver="ESRI Shapefile", encoding=encoding)
    path.with_suffix(".cpg").write_text(encoding, encoding="ascii")
    back = pyogrio.read_dataframe(path, encoding=encoding)
    key = next(iter(short.values()), None)
    same = len(back) == len(frame) and (
        key is None or back[key].astype(str).tolist() == renamed[key].astype(str).tolist()
    )
    if not same:
        raise SchemaError(f"{path.name} 写出后读回不一致，请改用 gpkg", f"{path.name} reads back differently; use gpkg")
    return [path.with_suffix(suffix) for suffix in _SUFFIXES if path.with_suffix(suffix).exists()]


def _cut(name: str, size: int) -> str:
    """Cut a name to `size` bytes of GBK, never within a character."""
    raw = name.encode("gb18030")[:size]
    return raw.decode("gb18030", errors="ignore")


def _encoding(texts: object) -> str:
    """GBK where it holds every text, else UTF-8."""
    try:
        "\n".join(texts).encode("gbk")  # type: ignore[arg-type]  # an iterable of str from above
    except UnicodeEncodeError:
        return "UTF-8"
    return "GBK"
