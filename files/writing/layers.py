"""Layers as files for other programs: GeoPackage, GeoJSON, Shapefile, KML, CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from files.writing.shapefile import write_shapefile
from spatial.datum import from_wgs84

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from files.writing.options import ExportOptions

__all__ = ["LAYER_FORMATS", "in_datum", "write_csv", "write_geojson", "write_layers"]

LAYER_FORMATS = ("gpkg", "geojson", "shp", "kml", "csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def in_datum(frame: pd.DataFrame, datum: str) -> pd.DataFrame:
    """Give a frame of EPSG:4490 degrees in the asked datum; frames without geometry as they are.

    GCJ-02 and BD-09 have no EPSG code; such frames carry EPSG:4326, as the programs that take them expect.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or datum == "cgcs2000":
        return frame
    moved = frame.geometry.to_numpy() if datum == "wgs84" else from_wgs84(frame.geometry.to_numpy(), datum)
    carried: pd.DataFrame = frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs="EPSG:4326"))
    return carried


def write_layers(
    frames: Mapping[str, pd.DataFrame], folder: Path, kind: str, *, options: ExportOptions
) -> list[Path]:  # fmt: skip
    """Write all frames in one format into `folder`; one GeoPackage, else one file per layer."""
    suffix = f"-{options.datum}" if options.datum in {"gcj02", "bd09"} else ""
    moved = {name: _plain(in_datum(frame, options.datum)) for name, frame in frames.items()}
    if kind == "gpkg":
        path = folder / f"{options.stem}-{options.say('图层', 'layers')}{suffix}.gpkg"
        for name, frame in moved.items():
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
        return [path]
    paths: list[Path] = []
    for name, frame in moved.items():
        path = folder / f"{options.stem}-{name}{suffix}.{kind}"
        if kind == "csv":
            write_csv(frame, path)
        elif not isinstance(frame, gpd.GeoDataFrame):
            continue
        elif kind == "shp":
            paths += write_shapefile(frame[frame.geometry.notna()], path)
            continue
        elif kind == "geojson":
            write_geojson(frame, path)
        else:
            _write_kml(frame, path)
        paths.append(path)
    return paths


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Write JSON values and dates as text, so that every format holds them alike."""
    texts: dict[str, Any] = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_datetime64_any_dtype(values.dtype):
            said = values.map(lambda moment: moment.isoformat(), na_action="ignore").astype(object)
            texts[column] = said.where(values.notna(), None)  # pyogrio fails on a column of nothing but NaT
        elif values.dtype == object and values.map(lambda value: isinstance(value, dict | list)).any():
            texts[column] = values.map(lambda value: json.dumps(value, ensure_ascii=False), na_action="ignore")
    return frame.assign(**texts) if texts else frame


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write RFC 7946: degrees of WGS 84 with 7 decimals, outer rings counter-clockwise, no crs member."""
    frame = frame.set_crs("EPSG:4326", allow_override=True)  # CGCS2000 is WGS 84 to centimetres
    pyogrio.write_dataframe(frame, path, driver="GeoJSON", layer_options={"RFC7946": "YES"})


def _write_kml(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write KML with the first text column as the name of each placemark."""
    frame = frame[frame.geometry.notna()].set_crs("EPSG:4326", allow_override=True)
    titles = [column for column in ("cell", "village", "place", "camera", "cell_code") if column in frame]
    label = frame[titles[0]] if titles else frame[frame.columns[0]]
    key = frame[frame.columns[0]].astype(str)
    named = frame.assign(Name=label.where(label.notna(), key).astype(str))
    pyogrio.write_dataframe(named, path, driver="LIBKML" if "LIBKML" in pyogrio.list_drivers() else "KML")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 with a byte order mark, which Excel and WPS need; points as lon and lat, no formulas."""
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if isinstance(frame, gpd.GeoDataFrame):
        points = shapely.get_type_id(frame.geometry.to_numpy()) == 0
        if points.any():
            table["lon"] = shapely.get_x(frame.geometry.to_numpy())
            table["lat"] = shapely.get_y(frame.geometry.to_numpy())
    for column in table.select_dtypes(include=["object", "string"]).columns:
        table[column] = table[column].map(_harmless, na_action="ignore")
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _harmless(value: object) -> object:
    """Keep a text from being read as a formula by a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
