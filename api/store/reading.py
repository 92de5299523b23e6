"""Reading layers: one SELECT per layer, its columns at once, geometries decoded as one array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Connection, Select, Text, func, select, type_coerce
from sqlalchemy.types import NullType

from api.store.backend import Backend, conditions
from api.store.codec import UNREADABLE
from api.store.errors import StoreError
from api.store.frames import make_frame
from api.store.models import layer_of, table_of
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from spatial.layers import Layer

__all__ = ["count_rows", "read_layer", "require_layer"]

Bbox = tuple[float, float, float, float]


def read_layer(
    backend: Backend,
    connection: Connection,
    name: str,
    *,
    where: Mapping[str, Any] | None = None,
    bbox: Bbox | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read a layer, or the rows of it that are asked for, in the order of loading.

    Raises `SchemaError` for a layer or column that there is not, or a `bbox` of a layer without geometry; `StoreError`
    where stored rows cannot be read.
    """
    layer = require_layer(name)
    names = _asked_columns(layer, columns)
    if bbox is not None and layer.geometry is None:
        raise SchemaError(f"图层 {name} 没有几何，不能按范围读取", f"layer {name} has no geometry to select by bbox")
    fetched = [*names, "geometry"] if bbox is not None and "geometry" not in names else names
    table = table_of(name)
    query = select(*(_expression(backend, layer, name, one) for one in fetched)).order_by(table.c.fid)
    asked = conditions(backend, table, where or {})
    if bbox is not None:
        asked.append(backend.intersects(table, bbox))
    rows = _fetch(connection, query.where(*asked))
    raw = [[row[place] for row in rows] for place in range(len(fetched))]
    try:
        shapes = backend.decode(raw[fetched.index("geometry")]) if "geometry" in fetched else None
        frame = make_frame(layer, fetched, raw, shapes)
    except (*UNREADABLE, ValueError) as error:
        raise StoreError(
            f"图层 {name} 中有读不出来的值（在项目之外改过）：{error}；请运行 wangge check 查看是哪些行",
            f"layer {name} holds values that cannot be read, changed by a program outside: {error}; "
            "wangge check lists their rows",
        ) from error
    return frame if bbox is None else _within(frame, shapes, bbox)[names]


def count_rows(backend: Backend, connection: Connection, name: str, *, where: Mapping[str, Any] | None = None) -> int:
    """Count the rows of a layer, or those that `where` asks for."""
    require_layer(name)
    table = table_of(name)
    query = select(func.count()).select_from(table).where(*conditions(backend, table, where or {}))
    return int(connection.execute(query).scalar_one())


def require_layer(name: str) -> Layer:
    """Give a layer by its name.

    Raises
    ------
    SchemaError
        Where there is no such layer.
    """
    try:
        return layer_of(name)
    except KeyError:
        raise SchemaError(f"没有图层 {name}", f"there is no layer {name}") from None


def _asked_columns(layer: Layer, columns: Sequence[str] | None) -> list[str]:
    everything = [*layer.names, *(["geometry"] if layer.geometry else [])]
    if columns is None:
        return everything
    unknown = [name for name in columns if name not in (*everything, "fid")]
    if unknown:
        raise SchemaError(
            f"图层 {layer.name} 没有这些列：{'、'.join(unknown)}",
            f"layer {layer.name} has no columns {', '.join(unknown)}",
        )
    return list(columns)


def _expression(backend: Backend, layer: Layer, table_name: str, name: str) -> Any:
    """Give the SQL of one column: raw values, converted as whole arrays later."""
    table = table_of(table_name)
    if name == "geometry":
        return backend.shape(table)
    if name != "fid" and layer.column(name).kind == "json":
        return backend.json(table.c[name])
    return type_coerce(table.c[name], Text if name != "fid" and layer.column(name).kind == "text" else NullType())


def _fetch(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Fetch plain tuples from the driver; SQLAlchemy's row objects would cost a third of a whole-layer read."""
    result = connection.execute(query)
    rows: list[tuple[Any, ...]] = list(result.cursor.fetchall()) if result.cursor is not None else []
    result.close()
    return rows


def _within(frame: pd.DataFrame, shapes: Any, bbox: Bbox) -> pd.DataFrame:
    """Keep rows whose bounds meet the box exactly; the indexes of both backends are rounded to 32 bits."""
    west, south, east, north = bbox
    bounds = shapely.bounds(shapes)
    meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    kept = frame[np.asarray(meets, bool)].reset_index(drop=True)
    return gpd.GeoDataFrame(kept) if isinstance(frame, gpd.GeoDataFrame) else kept
