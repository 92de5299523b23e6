"""The door: any file of a county becomes a clean frame of one layer, or a refusal of one line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from files.reading.columns import read_columns, require_columns, typed
from files.reading.derive import fill_keys, fill_villages, reject_repeated
from files.reading.errors import ReadError
from files.reading.incoming import Incoming, Rejections
from files.reading.placing import Known
from files.reading.position import place_shapes
from files.reading.sources import read_raw, require_file
from files.reading.synonyms import read_mapping
from files.reading.tiling import tile_villages
from spatial.codes import check_codes
from spatial.crs import STORAGE
from spatial.datum import DATUMS
from spatial.errors import CrsError
from spatial.layers import LAYERS
from spatial.problems import Problems
from spatial.schema import faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from files.reading.columns import Columns
    from spatial.codes import CodeTables

__all__ = ["read_layer"]


def read_layer(
    layer: str,
    path: str | Path,
    *,
    datum: str = "auto",
    crs: str | int | None = None,
    encoding: str = "auto",
    columns: Mapping[str, Any] | Path | str | None = None,
    accept_good: bool = False,
    villages: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    homes: gpd.GeoDataFrame | None = None,
    tables: CodeTables | None = None,
) -> Incoming:
    """Read one layer from a file and hold it to the contract of design.md §3.

    Parameters
    ----------
    layer
        An input layer of `spatial.layers`.
    path
        GeoPackage, GeoJSON, shapefile (also zipped), KML, GML, CSV, Excel, OpenStreetMap extract, or for
        `terrain` a GeoTIFF. Never the project file itself.
    datum
        `auto` finds the datum by what is known; else `wgs84`, `cgcs2000`, `gcj02`, `bd09`.
    crs
        EPSG code or text for files that do not say it; it wins over what a file says.
    encoding
        Name of the text encoding, or `auto`.
    columns
        The user's mapping of columns, or the TOML file that holds it.
    accept_good
        Give the good rows, and list the others, where by default one bad row refuses the file.
    villages, roads, buildings, homes
        What the project holds already, in storage degrees, to compare with.
    tables
        Shipped codes and names, to warn of others.

    Raises
    ------
    ReadError
        The file cannot be read or does not hold the layer.
    SchemaError
        Columns are missing or rows cannot be taken.
    CrsError
        The CRS or the datum is missing, unclear or unusable.
    BoundaryError
        Villages overlap more than can be mended.
    """
    source = Path(path)
    _check_options(layer, datum)
    known = Known(villages, roads, buildings, homes)
    if layer == "terrain":
        from files.reading.terrain import read_terrain  # noqa: PLC0415 (rasterio takes a second, and one layer needs it)

        require_file(source)
        frame = typed(read_terrain(source, crs=crs), LAYERS[layer])
        return Incoming(layer, frame, [], Problems(), Rejections().frame(), "crs")
    extra = list(read_mapping(columns, layer)[0].values())
    raw = read_raw(source, layer, encoding=encoding, extra=extra)
    rejections = Rejections()
    read = read_columns(raw, layer, columns=columns, rejections=rejections)
    shapes, notes, problems, said = place_shapes(
        raw, layer, read, datum=datum, crs=crs, known=known, rejections=rejections, source=source
    )
    frame, more = fill_keys(read.frame, layer, raw.cells, shapes)
    if layer == "villages":
        frame, told = fill_villages(frame, tables=tables)
        more += told
    require_columns(layer, read, frame, name=source.name)
    reject_repeated(frame, layer, source=read.mapped.sources, rejections=rejections)
    full = _sound(frame, shapes, layer, rejections)
    _check_values(full, layer, read, rejections)
    out = rejections.settle(source, len(raw.cells), accept_good=accept_good)
    clean = full.drop(index=[row for row in out if row in full.index]).reset_index(drop=True)
    if layer == "villages":
        clean, told, found = tile_villages(clean, villages)
        more += told
        problems.extend(found)
        problems.extend(check_codes(clean, tables=tables))
    rejected = rejections.frame()
    return Incoming(layer, clean, raw.notes + read.notes + more + notes, problems, rejected, said)


def _check_options(layer: str, datum: str) -> None:
    inputs = [name for name, contract in LAYERS.items() if contract.input]
    if layer not in inputs:
        listed = ", ".join(inputs)
        raise ReadError(
            f"没有可导入的图层 {layer}；可导入：{listed}", f"no layer {layer} can be loaded; there are {listed}"
        )
    if datum not in {"auto", *DATUMS}:
        listed = ", ".join(["auto", *DATUMS])
        raise CrsError(f"不认识的坐标基准 {datum}；可用：{listed}", f"unknown datum {datum}; known: {listed}")


def _sound(frame: pd.DataFrame, shapes: NDArray[np.object_], layer: str, rejections: Rejections) -> gpd.GeoDataFrame:
    """Give the rows that could be read, in the types of the layer, still under the file's row numbers."""
    sound = ~frame.index.isin(rejections.frame()["row"])
    return gpd.GeoDataFrame(typed(frame[sound], LAYERS[layer]), geometry=shapes[sound], crs=STORAGE)


def _check_values(full: gpd.GeoDataFrame, layer: str, read: Columns, rejections: Rejections) -> None:
    """Hold the rows that could be read to the contract of the layer."""
    for fault in faults(layer, full).to_dict("records"):
        rejections.add(
            fault["row"], read.source(fault["column"]), fault["value"], (fault["reason_zh"], fault["reason_en"])
        )
