"""A project: one county or several, in one GeoPackage file or one PostGIS database."""

from __future__ import annotations

import json
import threading
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyproj
from sqlalchemy import Connection, func, select

from api.store.backend import conditions
from api.store.change import Change
from api.store.geopackage import GeoPackage
from api.store.marks import layer_marks
from api.store.models import SETTINGS, table_of
from api.store.reading import count_rows, read_layer
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    import geopandas as gpd
    import pandas as pd

    from api.store.backend import Backend

__all__ = ["Project"]


class Project:
    """An open project; made by `open_project`.

    Every call uses a connection of its own, so that threads may share a project. Frames are in EPSG:4490.
    """

    def __init__(self, backend: Backend, *, fresh: bool = False) -> None:
        self._backend = backend
        self._unused = weakref.finalize(self, backend.remove_unused) if fresh else None
        self._here = threading.local()

    @property
    def target(self) -> str:
        """Path or URL of the project; a password is not shown."""
        return self._backend.target

    @property
    def path(self) -> Path | None:
        """Path of the project file, or None for a database."""
        return self._backend.path if isinstance(self._backend, GeoPackage) else None

    @property
    def is_file(self) -> bool:
        """Whether the project is a file."""
        return self.path is not None

    @property
    def settings(self) -> dict[str, Any]:
        """Project-wide settings as they are now; written by `Change.set`."""
        table = table_of(SETTINGS)
        with self._connection() as connection:
            rows = connection.execute(select(table.c.key, self._backend.json(table.c.value)).order_by(table.c.key))
            return {key: None if value is None else json.loads(value) for key, value in rows}

    @property
    def crs(self) -> pyproj.CRS | None:
        """The measuring CRS recorded in the project, or None before the first load."""
        recorded = self.settings.get("measuring_crs")
        return None if recorded is None else pyproj.CRS.from_user_input(recorded)

    def read(
        self,
        layer: str,
        *,
        where: Mapping[str, Any] | None = None,
        bbox: tuple[float, float, float, float] | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Read a layer (or `cells_current`) as a frame, in the order of loading.

        Parameters
        ----------
        layer
            A name of `spatial.layers.LAYERS`, or `cells_current`.
        where
            Per column a value or several; None asks for missing values.
        bbox
            West, south, east, north in degrees; rows whose bounds meet it.
        columns
            Columns to read, `geometry` and `fid` only where named; None reads all but `fid`.

        Returns
        -------
        GeoDataFrame or DataFrame
            A `GeoDataFrame` in EPSG:4490 where `geometry` was read.
        """
        with self._connection() as connection:
            return read_layer(self._backend, connection, layer, where=where, bbox=bbox, columns=columns)

    def count(self, layer: str, *, where: Mapping[str, Any] | None = None) -> int:
        """Count the rows of a layer, or those that `where` asks for."""
        with self._connection() as connection:
            return count_rows(self._backend, connection, layer, where=where)

    def marks(self, *layers: str) -> dict[str, str]:
        """Give a mark of each layer, which changes when the layer is written to, by whatever program."""
        with self._connection() as connection:
            return layer_marks(connection, layers)

    def newest(self, layer: str, *, where: Mapping[str, Any] | None = None) -> int:
        """Give the `fid` of the row written last, of those that `where` asks for; 0 where there is none."""
        table = table_of(layer)
        query = select(func.max(table.c.fid)).where(*conditions(self._backend, table, where or {}))
        with self._connection() as connection:
            return int(connection.execute(query).scalar_one() or 0)

    def layers(self) -> dict[str, int]:
        """Give the number of rows of every layer, empty ones included; those that this role may not read are not."""
        with self._connection() as connection:
            seen = self._backend.readable(connection, LAYERS)
            return {name: self.count(name) for name in LAYERS if name in seen}

    def shows(self, layer: str) -> bool:
        """Tell whether this role may read a layer: not sensitive ones where the database keeps them from it."""
        with self._connection() as connection:
            return bool(self._backend.readable(connection, [layer]))

    @property
    def tells_all(self) -> bool:
        """Whether the history may be read whole: a database role without sensitive layers sees who, when, what."""
        with self._connection() as connection:
            return "history" in self._backend.readable(connection, ["history"], whole=True)

    @property
    def is_writable(self) -> bool:
        """Whether changes are allowed at all: not to a database role that may only read, nor to a standby server."""
        return self._backend.writable()

    def current_plan(self) -> str | None:
        """Name the plan made last, which `cells_current` shows; None where there is none."""
        return self._latest("plans", "plan", {})

    def current_run(self, kind: str = "coverage") -> str | None:
        """Name the run of a kind made last; None where there is none."""
        return self._latest("runs", "run", {"kind": kind})

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all reads of this thread inside the block see one consistent state."""
        with self._connection():
            yield

    @contextmanager
    def change(self, *, who: str, action: str, plan: str | None = None) -> Iterator[Change]:
        """Change the project in one transaction with one row of history; an exception undoes all of it.

        Reads of the same thread inside the block see what was written so far.

        Raises
        ------
        BusyProjectError
            Where another process is writing and does not finish in time.
        RuntimeError
            Inside `reading` or another `change` of the same thread.
        """
        if getattr(self._here, "connection", None) is not None:
            raise RuntimeError("a change cannot begin inside another change or a consistent read")
        with self._backend.transaction(write=True) as connection:
            self._here.connection = connection
            change = Change(self._backend, connection, who=who, action=action, plan=plan)
            try:
                yield change
                change.close()
            finally:
                self._here.connection = None
        self.keep()

    def snapshot(self, path: str | Path) -> Path:
        """Write a consistent copy as a plain GeoPackage, fit for any reader; also while others write.

        Raises
        ------
        ProjectExistsError
            Where something is at `path` already.
        """
        from api.store.copying import snapshot  # noqa: PLC0415 - copying opens projects itself

        return snapshot(self, Path(path))

    @property
    def backend(self) -> Backend:
        """The place that holds the project; for the store's own modules."""
        return self._backend

    def keep(self) -> None:
        """Keep a new file from now on; `change` does so by itself when it commits."""
        if self._unused is not None:
            self._unused.detach()

    def close(self) -> None:
        """Let go of the project; a file that was made and never committed to is removed."""
        if self._unused is not None:
            self._unused()  # once; does nothing after `keep`
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Give this thread's open connection, or a new read transaction."""
        held: Connection | None = getattr(self._here, "connection", None)
        if held is not None:
            yield held
            return
        with self._backend.transaction(write=False) as connection:
            self._here.connection = connection
            try:
                yield connection
            finally:
                self._here.connection = None

    def _latest(self, layer: str, name: str, where: Mapping[str, Any]) -> str | None:
        made: pd.DataFrame | gpd.GeoDataFrame = self.read(layer, where=where, columns=[name, "made_at"])
        if made.empty:
            return None
        return str(made.sort_values("made_at", kind="stable")[name].iloc[-1])
