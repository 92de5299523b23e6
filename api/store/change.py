"""One change of a project: one transaction, one row of history."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, insert, literal, select, type_coerce
from sqlalchemy.types import NullType

from api.store.backend import Backend, conditions
from api.store.errors import UnknownKeyError, repeated_key
from api.store.frames import check_columns, column_values, dump_json, geometry_values
from api.store.models import SETTINGS, table_of
from api.store.reading import count_rows, read_layer, require_layer
from api.store.versions import Expected, conflict, differing, expected_versions, keys_of, row_versions
from spatial.errors import SchemaError
from spatial.layers import LAYERS, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.sql.dml import Delete

__all__ = ["Change"]

_SHOWN = 5
_FEW = 2_000


class Change:
    """What happens to a project between the begin and the commit of one transaction.

    Made by `Project.change`; do not keep it beyond its `with` block.
    """

    def __init__(self, backend: Backend, connection: Connection, *, who: str, action: str, plan: str | None) -> None:
        self.who = who
        self.action = action
        self.plan = plan
        self._backend = backend
        self._connection = connection
        self._touched: set[str] = set()
        self._counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._before: Any = None
        self._after: Any = None

    @property
    def connection(self) -> Connection:
        """The connection of this transaction, for a backup of what it is about to change."""
        return self._connection

    def append(self, layer: str, frame: pd.DataFrame) -> int:
        """Add rows; gives their number.

        Raises
        ------
        RepeatedKeyError
            Where a key stands twice in the frame or is stored already.
        SchemaError, CrsError, GeometryTypeError
            Where the frame does not fit the layer.
        """
        form = _writable(layer)
        columns = check_columns(form, frame)
        absent = [name for name in form.required if name not in frame.columns]
        if absent:
            raise SchemaError(
                f"图层 {layer} 缺少必填列：{'、'.join(absent)}", f"layer {layer} lacks columns {', '.join(absent)}"
            )
        if frame.empty:
            return 0
        values = {column.name: column_values(form, column, frame[column.name]) for column in columns}
        shapes = geometry_values(form, frame) if form.geometry else None
        self._refuse_repeated(form, frame)
        return self._note(layer, "added", self._backend.insert(self._connection, layer, values, shapes))

    def replace(self, layer: str, frame: pd.DataFrame, where: Mapping[str, Any] | None = None) -> int:
        """Delete the rows that `where` asks for (without it: all), then append; gives the rows added."""
        self.delete(layer, where)
        return self.append(layer, frame)

    def delete(self, layer: str, where: Mapping[str, Any] | None = None, *, expect: Expected | None = None) -> int:
        """Delete the rows that `where` asks for, without it all; gives their number.

        With `expect`, versions or rows as read, they must be exactly the rows expected, unchanged.

        Raises
        ------
        RowConflictError
            Where one of them was changed, deleted or added since.
        """
        form = _writable(layer)
        if expect is not None:
            where = {"fid": self._require_expected(form, where, expect)}
        if not where:
            return self._note(layer, "deleted", self._backend.clear(self._connection, layer))
        table = table_of(layer)
        query: Delete = delete(table).where(*conditions(self._backend, table, where))
        return self._note(layer, "deleted", self._connection.execute(query).rowcount)

    def update(
        self, layer: str, frame: pd.DataFrame, keys: Sequence[str] | None = None, *, expect: Expected | None = None
    ) -> int:
        """Change the columns that `frame` holds, in the rows that have its keys; gives the rows changed.

        With `expect`, versions or rows as read, each row must still be the one expected (optimistic locking):
        the check and the write are one transaction.

        Raises
        ------
        UnknownKeyError
            Where a key of the frame is not stored.
        RowConflictError
            Where a row was changed or deleted since it was read; both versions go with it.
        """
        form = _writable(layer)
        by = list(keys or form.key)
        columns = check_columns(form, frame)
        if not by or any(name not in frame.columns for name in by):
            raise SchemaError(
                f"图层 {layer}：更新需要键列 {'、'.join(by)}", f"layer {layer}: an update needs columns {', '.join(by)}"
            )
        if frame.empty:
            return 0
        if expect is not None:
            self._require_expected(form, {name: frame[name].tolist() for name in by}, expect, yours=frame)
        self._refuse_unknown(form, frame, by)
        values = {column.name: column_values(form, column, frame[column.name]) for column in columns}
        found = {name: values.pop(name) for name in by}
        shapes = geometry_values(form, frame) if form.geometry and "geometry" in frame.columns else None
        if not values and shapes is None:
            return 0
        changed = self._backend.update(self._connection, layer, values, shapes, found)
        return self._note(layer, "changed", changed)

    def copy(self, layer: str, where: Mapping[str, Any], values: Mapping[str, str]) -> int:
        """Add copies of the rows that `where` asks for, with other `values` of some text columns, within the database.

        The values must keep keys apart; gives the rows added.
        """
        table = table_of(_writable(layer).name)
        kept = [column for column in table.c if column.name not in {"fid", *values}]
        source = select(*(literal(value) for value in values.values()), *(type_coerce(c, NullType()) for c in kept))
        source = source.where(*conditions(self._backend, table, where)).order_by(table.c.fid)
        query = insert(table).from_select([*values, *(column.name for column in kept)], source, include_defaults=False)
        done = self._connection.execute(query, execution_options={"preserve_rowcount": True})
        return self._note(layer, "added", done.rowcount)

    def set(self, key: str, value: Any) -> None:
        """Write one project-wide setting, a small JSON value."""
        table = table_of(SETTINGS)
        self._connection.execute(delete(table).where(table.c.key == key))
        row: dict[str, list[Any]] = {"key": [key], "value": [dump_json(value)]}
        self._backend.insert(self._connection, SETTINGS, row, None)
        self._touched.add(SETTINGS)

    def record(self, *, before: Any = None, after: Any = None) -> None:
        """Say what the history row keeps (JSON); without it, the counts per layer are kept."""
        self._before, self._after = before, after

    def close(self) -> None:
        """Write the history row and bring metadata up to date; called by the project before the commit."""
        now = datetime.now(UTC)
        after = self._after if self._before is not None or self._after is not None else self._counts or None
        frame = pd.DataFrame({
            "id": [f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"], "at": [now], "who": [self.who],
            "plan": [self.plan], "action": [self.action], "before": [self._before], "after": [after],
        })  # fmt: skip
        form = LAYERS["history"]
        values = {column.name: column_values(form, column, frame[column.name]) for column in form.columns}
        self._backend.insert(self._connection, "history", values, None)
        self._backend.finish(self._connection, self._touched | {"history"})

    def _note(self, layer: str, verb: str, count: int) -> int:
        if count:
            self._counts[layer][verb] = self._counts[layer].get(verb, 0) + count
            self._touched.add(layer)
        return count

    def _stored(self, form: Layer, keys: pd.MultiIndex) -> NDArray[np.bool_]:
        """Tell which keys are stored; few are asked for by name, many are compared with all stored ones."""
        by = [str(name) for name in keys.names]
        few = {name: keys.get_level_values(name).unique().tolist() for name in by} if len(keys) <= _FEW else None
        stored = read_layer(self._backend, self._connection, form.name, where=few, columns=by)
        return np.asarray(keys.isin(pd.MultiIndex.from_frame(stored)), bool)

    def _require_expected(
        self, form: Layer, where: Mapping[str, Any] | None, expect: Expected, *, yours: pd.DataFrame | None = None
    ) -> list[int]:
        """Hold the rows asked for to those expected, and from others until the commit; gives their fids."""
        if not form.key:
            raise SchemaError(
                f"图层 {form.name} 没有键，行没有版本可比", f"layer {form.name} has no key, its rows cannot be compared"
            )
        table = table_of(form.name)
        held = select(table.c.fid).where(*conditions(self._backend, table, where or {})).with_for_update()
        self._connection.execute(held).all()  # on PostGIS from editors that do not wait for our lock, QGIS among them
        columns = [*form.names, *(["geometry"] if form.geometry else []), "fid"]
        stored = read_layer(self._backend, self._connection, form.name, where=where, columns=columns)
        now, expected = row_versions(stored, form.name), expected_versions(expect, form.name)
        if yours is None:
            asked = now.index.union(expected.index)
        else:
            asked = keys_of(form, yours)
            unread = asked.difference(expected.index)
            if len(unread):
                raise SchemaError(
                    f"图层 {form.name}：没有给出 {len(unread)} 行的版本（如 {unread[0]}），请先读取再修改",
                    f"layer {form.name}: no version was given for {len(unread)} rows ({unread[0]}, …); read them first",
                )
        changed = differing(now, expected, asked)
        if len(changed):
            raise conflict(
                form.name, changed, yours=yours, stored=stored.drop(columns="fid"), expect=expect, history=self._log
            )
        return [int(fid) for fid in stored["fid"]]

    def _log(self, actions: Sequence[str]) -> pd.DataFrame:
        where, columns = {"action": list(actions)}, ["at", "who", "action", "after"]
        return read_layer(self._backend, self._connection, "history", where=where, columns=columns)

    def _refuse_repeated(self, form: Layer, frame: pd.DataFrame) -> None:
        if not form.key:
            return
        keys = pd.MultiIndex.from_frame(frame[list(form.key)].astype(object))
        twice = keys.duplicated()
        if twice.any():
            raise _repeated(form, keys[twice].unique(), stored=False)
        if count_rows(self._backend, self._connection, form.name):
            there = self._stored(form, keys)
            if there.any():
                raise _repeated(form, keys[there], stored=True)

    def _refuse_unknown(self, form: Layer, frame: pd.DataFrame, by: Sequence[str]) -> None:
        keys = pd.MultiIndex.from_frame(frame[list(by)].astype(object))
        if keys.has_duplicates:
            raise _repeated(form, keys[keys.duplicated()].unique(), stored=False)
        absent = keys[~self._stored(form, keys)]
        if len(absent):
            shown = [_show(key) for key in absent[:_SHOWN]]
            raise UnknownKeyError(
                f"图层 {form.name}：{len(absent)} 行的 {'+'.join(by)} 不存在（{'、'.join(shown)}）",
                f"layer {form.name}: {len(absent)} rows have an unknown {'+'.join(by)} ({', '.join(shown)})",
            )


def _writable(name: str) -> Layer:
    """Give a layer that may be written; the view and the history may not."""
    form = require_layer(name)
    if name not in LAYERS or name == "history":
        raise SchemaError(f"图层 {name} 只读", f"layer {name} is read-only")
    return form


def _repeated(form: Layer, keys: pd.Index[Any], *, stored: bool) -> Exception:
    return repeated_key(form.name, form.key, [_show(key) for key in keys[:_SHOWN]], len(keys), stored=stored)


def _show(key: tuple[Any, ...]) -> str:
    return "/".join(str(part) for part in key)
