"""Reads map files through GDAL: GeoPackage, GeoJSON, KML, GML, FlatGeobuf, shapefile; and says which layer it took."""

from __future__ import annotations

import tempfile
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj

from files.reading.encoding import decode, decode_value, sniff_values
from files.reading.errors import ReadError
from files.reading.raw import Raw
from files.reading.shapefile import companions, declared_encoding, forced
from spatial.layers import LAYERS

if TYPE_CHECKING:
    import geopandas as gpd

    from files.reading.raw import Note

__all__ = ["read_shapefile", "read_vector"]

_KML_FIELDS = frozenset({
    "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet",
})  # fmt: skip
"""Fields that the reader of KML puts before those of the file."""
_TEXT = {".geojson", ".json", ".kml", ".gml", ".xml", ".geojsonl"}


def read_vector(path: Path, layer: str, *, encoding: str = "auto") -> Raw:
    """Read one layer of a map file: the one named like ours, else the only one.

    JSON and XML that are not UTF-8 are converted on the way.

    Raises
    ------
    ReadError
        GDAL cannot read it, it has no rows, or several layers of which none is named like ours.
    """
    notes: list[Note] = []
    if path.suffix.lower() not in _TEXT:
        return _finish(_read(path, _choose(path, layer)), path, notes)
    text, found = decode(path.read_bytes(), name=path.name, encoding=encoding)
    if found in {"utf-8", "utf-8-sig"}:
        return _finish(_read(path, _choose(path, layer)), path, notes)
    notes.append((f"文件编码为 {found}，已转换为 UTF-8", f"the file is in {found} and was converted to UTF-8"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        head, mark, rest = text.partition("?>")
        declared = text.startswith("<?xml") and mark
        copy.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{rest}' if declared else head + mark + rest, "utf-8")
        return _finish(_read(copy, _choose(copy, layer)), path, notes)


def read_shapefile(path: Path, layer: str, *, encoding: str = "auto") -> Raw:
    """Read a shapefile; its texts are decoded value by value, for most come without a .cpg or with a wrong one.

    Raises
    ------
    ReadError
        A companion file is missing, or `encoding` does not fit.
    """
    LAYERS[layer]  # a KeyError here is the caller's, not the file's
    companions(path)
    frame = _read(path, path.stem, encoding="ISO-8859-1")  # byte for byte; decoded below
    texts = [name for name in frame.columns if name != "geometry" and pd.api.types.is_string_dtype(frame[name])]
    data = {name: frame[name].astype(object).map(_bytes, na_action="ignore") for name in texts}
    heads = [_bytes(str(name)) for name in frame.columns]
    declared = declared_encoding(path)
    values = [value for column in data.values() for value in column.dropna().unique()]
    found = encoding if encoding != "auto" else (sniff_values([*heads, *values]) or "utf-8")
    if encoding == "auto" and declared == "big5" and forced(values, "big5"):
        found = "big5"
    notes: list[Note] = []
    if encoding != "auto":
        if not forced([*heads, *values], encoding):
            raise ReadError(
                f"{path.name} 不能按 {encoding} 读出；去掉 --encoding 可自动识别",
                f"{path.name} cannot be read as {encoding}; leave --encoding out to find it",
            )
    elif any(not value.isascii() for value in [*heads, *values]) and found != declared:
        said = f".cpg 写的是 {declared}" if declared else "没有 .cpg"
        said_en = f"the .cpg says {declared}" if declared else "there is no .cpg"
        notes.append((f"{said}，按内容识别为 {found}", f"{said_en}; by its content it is {found}"))
    for name, column in data.items():
        frame[name] = column.map(lambda value: decode_value(value, found), na_action="ignore").astype(object)
    frame.columns = [decode_value(head, found) for head in heads]
    return _finish(frame, path, notes)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", errors="replace")


def _choose(path: Path, layer: str) -> str:
    """Name the layer of a file to read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            listed = pyogrio.list_layers(path)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
            raise _unreadable(path, fault) from None
    contract = LAYERS[layer]
    names = [str(name) for name, kind in listed if kind is not None or not contract.geometry_required]
    if not names:
        raise ReadError(f"{path.name} 里没有图层", f"{path.name} holds no map layer")
    named = [name for name in names if name.casefold() == layer]
    if not named and len(names) > 1:
        raise ReadError(
            f"{path.name} 有 {len(names)} 个图层（{'、'.join(names[:12])}），没有一个叫 {layer}；请改名或单独导出",
            f"{path.name} has {len(names)} layers ({', '.join(names[:12])}), none called {layer}; rename or export one",
        )
    return named[0] if named else names[0]


def _read(path: Path, name: str, *, encoding: str | None = None) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():  # GDAL's remarks on the file; what matters is checked afterwards
        warnings.simplefilter("ignore")
        try:
            return pyogrio.read_dataframe(path, layer=name, encoding=encoding, datetime_as_string=True)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, RuntimeError) as fault:
            raise _unreadable(path, fault) from None


def _unreadable(path: Path, fault: Exception) -> ReadError:
    # What follows a semicolon is advice for programmers.
    reason = textwrap.shorten(str(fault).partition(";")[0].replace(str(path), path.name), 160, placeholder="…")
    return ReadError(
        f"{path.name} 读不出来：文件损坏，或不是 {path.suffix} 格式（{reason}）",
        f"{path.name} cannot be read: damaged, or not in the format {path.suffix} ({reason})",
    )


def _finish(frame: pd.DataFrame, path: Path, notes: list[Note]) -> Raw:
    """Split a frame into cells, shapes and CRS; rows are counted from 1."""
    if frame.empty:
        raise ReadError(f"{path.name} 的图层是空的，没有要素", f"the layer in {path.name} is empty: no features")
    shapes: Any = None
    crs = None
    if "geometry" in frame:
        shapes = np.asarray(frame["geometry"].to_numpy(), dtype=object)
        crs = getattr(frame, "crs", None)
    cells = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if path.suffix.lower() in {".kml", ".kmz"}:
        cells = cells.drop(columns=[name for name in cells if name in _KML_FIELDS])
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    for name in [name for name in cells if pd.api.types.is_object_dtype(cells[name])]:
        odd = cells[name].map(lambda cell: isinstance(cell, list | dict | np.ndarray))
        cells[name] = cells[name].where(~odd.astype(bool), cells[name].astype(str))
    return Raw(cells, shapes, None if crs is None else pyproj.CRS.from_user_input(crs), notes=notes)
