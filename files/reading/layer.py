"""The door: any file of a county becomes a clean frame of one layer, or a refusal of one line."""

from __future__ import annotations

from dataclasses import dataclass
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
    from files.reading.raw import Note, Raw
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
    """Read one layer from a file; give its rows in EPSG:4490, held to the contract of the layer.

    Parameters
    ----------
    layer, path
        An input layer, and a map file, table, OpenStreetMap extract or (`terrain`) GeoTIFF. Never the project.
    datum
        `auto` finds it by what is known; else `wgs84`, `cgcs2000`, `gcj02`, `bd09`.
    crs, encoding
        For files that do not say; a CRS wins over what the file says, an encoding is `auto` by default.
    columns
        The user's mapping of columns, or the TOML file that holds it.
    accept_good
        Give the good rows and list the others; by default one bad row refuses the file.
    villages, roads, buildings, homes
        What the project holds already, in storage degrees, to compare with.
    tables
        Shipped codes and names, to warn of others.

    Raises
    ------
    ReadError
        The file cannot be read or does not hold the layer.
    SchemaError, CrsError, BoundaryError
        Rows cannot be taken, the place is unclear, villages overlap; the message names row, column and remedy.
    """
    source = Path(path)
    _check_options(layer, datum)
    if layer == "terrain":
        return _terrain(source, crs)
    known = Known(villages, roads, buildings, homes)
    said = _Said(datum, crs, encoding, columns, accept_good)
    return _read(layer, source, said, known, tables)


@dataclass(frozen=True)
class _Said:
    """What the caller says about the file."""

    datum: str
    crs: str | int | None
    encoding: str
    columns: Mapping[str, Any] | Path | str | None
    accept_good: bool


def _read(layer: str, source: Path, said: _Said, known: Known, tables: CodeTables | None) -> Incoming:
    """Read, map, place, check and mend, in this order."""
    extra = list(read_mapping(said.columns, layer)[0].values())
    raw = read_raw(source, layer, encoding=said.encoding, extra=extra)
    rejections = Rejections()
    read = read_columns(raw, layer, columns=said.columns, rejections=rejections)
    placed = place_shapes(
        raw, layer, read, datum=said.datum, crs=said.crs, known=known, rejections=rejections, source=source
    )
    frame, notes = _complete(read, raw, placed.shapes, layer, tables)
    require_columns(layer, read, frame, name=source.name)
    reject_repeated(frame, layer, source=read.mapped.sources, rejections=rejections)
    full = _sound(frame, placed.shapes, layer, rejections)
    _check_values(full, layer, read, rejections)
    out = rejections.settle(source, len(raw.cells), accept_good=said.accept_good)
    refused = full.loc[full.index.isin(list(out)), LAYERS[layer].key[0]].dropna().astype(str)
    clean = full[~full.index.isin(list(out))].reset_index(drop=True)
    problems = placed.problems
    if layer == "villages":
        clean, told, found = tile_villages(clean, known.villages)
        notes += told
        problems.extend(found)
        problems.extend(check_codes(clean, tables=tables))
    notes = [*raw.notes, *read.notes, *notes, *placed.notes]
    return Incoming(layer, clean, notes, problems, rejections.frame(), placed.datum, tuple(refused))


def _terrain(source: Path, crs: str | int | None) -> Incoming:
    from files.reading.terrain import read_terrain  # noqa: PLC0415 (rasterio is slow to import, and one layer needs it)

    require_file(source)
    frame = typed(read_terrain(source, crs=crs), LAYERS["terrain"])
    return Incoming("terrain", frame, [], Problems(), Rejections().frame(), "crs")


def _complete(
    read: Columns, raw: Raw, shapes: NDArray[np.object_], layer: str, tables: CodeTables | None
) -> tuple[pd.DataFrame, list[Note]]:
    """Add keys, and what the codes of villages say."""
    frame, notes = fill_keys(read.frame, layer, raw.cells, shapes)
    if layer == "villages":
        frame, told = fill_villages(frame, tables=tables)
        notes += told
    return frame, notes


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
