"""What a project asks of the place it lives in, and the two ways of asking that both places share."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, Table, or_

from api.store.column_types import Moment
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

__all__ = ["Backend", "conditions"]


class Backend(Protocol):
    """A GeoPackage file or a PostGIS database that holds a project."""

    target: str
    engine: Engine

    def transaction(self, *, write: bool) -> AbstractContextManager[Connection]:
        """Open a connection and a transaction: a consistent state to read, or the one writer of the moment."""
        ...

    def shape(self, table: Table) -> ColumnElement[Any]:
        """Give the geometry column as the backend's raw bytes, for `decode`."""
        ...

    def json(self, element: ColumnElement[Any]) -> ColumnElement[Any]:
        """Give a JSON column as text."""
        ...

    def decode(self, values: Sequence[Any]) -> NDArray[np.object_]:
        """Turn the raw bytes of `shape` into geometries."""
        ...

    def is_one_of(self, element: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
        """Ask whether a column is in a list, of any length, by one parameter."""
        ...

    def intersects(self, table: Table, bbox: tuple[float, float, float, float]) -> ColumnElement[bool]:
        """Ask the spatial index for rows that may meet a box of degrees."""
        ...

    def insert(
        self, connection: Connection, table: str, columns: Mapping[str, list[Any]], shapes: NDArray[np.object_] | None
    ) -> int:
        """Insert rows given by column, keeping indexes and counts; gives their number."""
        ...

    def update(
        self,
        connection: Connection,
        table: str,
        columns: Mapping[str, list[Any]],
        shapes: NDArray[np.object_] | None,
        keys: Mapping[str, list[Any]],
    ) -> int:
        """Change the rows that have the keys; gives the number of rows changed."""
        ...

    def clear(self, connection: Connection, table: str) -> int:
        """Delete every row of a table; gives their number."""
        ...

    def readable(self, connection: Connection, tables: Iterable[str], *, whole: bool = False) -> set[str]:
        """Tell which tables may be read: some column of them, or `whole`."""
        ...

    def writable(self) -> bool:
        """Tell whether anything may be changed."""
        ...

    def finish(self, connection: Connection, tables: set[str]) -> None:
        """Bring the metadata of changed tables up to date, before the commit."""
        ...

    def remove_unused(self) -> None:
        """Take a new project away again, unless something was committed to it."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


def conditions(backend: Backend, table: Table, where: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Turn `{column: value or list}` into SQL conditions; None asks for NULL, an empty list for nothing.

    Raises
    ------
    SchemaError
        For a column that the layer does not have.
    """
    asked = []
    for name, value in where.items():
        if name not in table.c or name == "geom":
            raise SchemaError(
                f"图层 {table.name} 没有列 {name}，不能按它筛选",
                f"layer {table.name} has no column {name} to select by",
            )
        column = table.c[name]
        if isinstance(value, (str, bytes)) or (np.ndim(value) == 0 and not isinstance(value, (set, frozenset))):
            asked.append(_is(column, _plain(column, value)))
            continue
        values = [_plain(column, one) for one in value]
        listed = backend.is_one_of(column, [one for one in values if one is not None])
        asked.append(or_(listed, column.is_(None)) if None in values else listed)
    return asked


def _is(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _plain(column: Any, value: Any) -> Any:
    """Make numpy and pandas scalars plain; missing values None."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if isinstance(column.type, Moment):
        return pd.Timestamp(value).to_pydatetime() if not isinstance(value, datetime) else value
    return value.item() if isinstance(value, np.generic) else value
