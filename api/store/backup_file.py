"""Backups as files: whole copies of a project file, or the rows of a database where no schema can be made."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url, select

from api.store.drafts import building
from api.store.errors import StoreError
from api.store.frames import check_columns, column_values, geometry_values
from api.store.geopackage import GeoPackage, connect
from api.store.models import SETTINGS, table_of
from api.store.reading import read_layer
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from api.store.backend import Backend

__all__ = ["FOLDER", "Backup", "folder_of", "found", "remove", "save", "save_rows"]

FOLDER = "WANGGE_BACKUPS"
"""Environment variable: where the backup files of databases go, instead of the working folder."""

_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-([a-z0-9-]+?)(?:\.\d+)?\.gpkg")


@dataclass(frozen=True)
class Backup:
    """One backup: `target` is what `open_project` and `wangge copy` take; `path` is None for a schema.

    `at` is ISO 8601 in UTC, `reason` what was about to happen, `bytes` its size.
    """

    name: str
    target: str
    at: str
    reason: str
    bytes: int
    path: Path | None = None


def save(backend: GeoPackage, *, stamp: str, reason: str) -> Backup:
    """Copy a project file whole while the caller holds its write lock; raises `StoreError` where it cannot be."""
    place = _place(folder_of(backend), f"{stamp}-{reason}", like=backend.path)
    try:
        with building(place) as draft:
            _claim(draft)
            with closing(connect(backend.path, busy_s=backend.busy_s)) as source, closing(sqlite3.connect(draft)) as to:
                source.backup(to)
                to.execute("pragma journal_mode = delete")
            _settle(draft, like=backend.path)
    except (OSError, sqlite3.Error) as error:
        raise _refused(place, error) from error
    _sync(place.parent)
    return _described(place)


def save_rows(backend: Backend, connection: Connection, *, stamp: str, reason: str) -> Backup:
    """Write every row of a database project to a file, read through the caller's own transaction.

    Raises `StoreError` where the file cannot be written, or the tables are of an earlier version.
    """
    from api.store.migrate import REVISION, stored_revision  # noqa: PLC0415 - for databases without schemas only

    if stored_revision(connection) != REVISION:
        raise StoreError(
            f"数据库 {backend.target} 要先升级，但没有权限新建架构来备份：请管理员执行 GRANT CREATE ON DATABASE … TO …",
            f"database {backend.target} is to be upgraded, but the role may make no schema for the backup: "
            "ask for GRANT CREATE ON DATABASE … TO …",
        )
    place = _place(folder_of(backend), f"{stamp}-{reason}", like=None)
    try:
        with building(place) as draft:
            _write_rows(backend, connection, draft)
            with closing(sqlite3.connect(draft)) as to:
                to.execute("pragma journal_mode = delete")
            draft.chmod(0o600)  # camera positions and homes: for whoever made it
            _sync(draft)
    except (OSError, sqlite3.Error) as error:
        raise _refused(place, error) from error
    return _described(place)


def folder_of(backend: Backend) -> Path:
    """Give the folder for backup files of a project: `county.backups` beside it, or where databases have theirs."""
    if isinstance(backend, GeoPackage):
        path = backend.path.resolve()
        return path.with_name(f"{path.stem}.backups")
    url = make_url(backend.target)
    names = [url.database or "database", str(url.query.get("schema", ""))]
    return Path(os.environ.get(FOLDER) or Path.cwd()) / f"{'.'.join(name for name in names if name)}.backups"


def found(backend: Backend) -> list[Backup]:
    """Give the backup files of a project, in any order."""
    try:
        entries = sorted(folder_of(backend).iterdir())
    except OSError:
        return []
    return [_described(path) for path in entries if _NAME.fullmatch(path.name) and path.is_file()]


def remove(backups: Iterable[Backup]) -> list[str]:
    """Delete backup files; gives the names of those that are gone."""
    gone = []
    for backup in backups:
        with suppress(OSError):
            if backup.path is not None:
                backup.path.unlink()
                gone.append(backup.name)
    return gone


def _place(folder: Path, name: str, *, like: Path | None) -> Path:
    """Give a free name in the folder, which is made where it is not there; who reads the project may look in."""
    try:
        if not folder.is_dir():
            mode = 0o600 if like is None else like.stat().st_mode & 0o777
            folder.mkdir(mode=0o700, parents=like is None)
            folder.chmod(mode | (mode & 0o444) >> 2)
        place, number = folder / f"{name}.gpkg", 1
        while place.exists():
            number += 1
            place = folder / f"{name}.{number}.gpkg"
    except OSError as error:
        raise _refused(folder, error) from error
    return place


def _write_rows(backend: Backend, connection: Connection, path: Path) -> None:
    """Make a project at `path` with every row that the caller's transaction sees."""
    from api.store.opening import open_project  # noqa: PLC0415 - opening makes backups itself

    settings = table_of(SETTINGS)
    with open_project(path, create=True) as copy, copy.backend.transaction(write=True) as to:
        for name, form in LAYERS.items():
            frame = read_layer(backend, connection, name)
            if len(frame):
                values = {one.name: column_values(form, one, frame[one.name]) for one in check_columns(form, frame)}
                copy.backend.insert(to, name, values, geometry_values(form, frame) if form.geometry else None)
        rows = connection.execute(select(settings.c.key, backend.json(settings.c.value))).all()
        if rows:
            keys, values_of = zip(*rows, strict=True)
            copy.backend.insert(to, SETTINGS, {"key": list(keys), "value": list(values_of)}, None)
        copy.backend.finish(to, {*LAYERS, SETTINGS})
        copy.keep()


def _claim(draft: Path) -> None:
    """Make the file before SQLite does, so that nobody else can read it while it grows."""
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _settle(draft: Path, *, like: Path) -> None:
    """Give a whole draft the permissions of the project, and bring it to the disk."""
    state = like.stat()
    if hasattr(os, "chown"):
        with suppress(OSError):  # only the owner's own groups may be given
            os.chown(draft, -1, state.st_gid)
    draft.chmod(state.st_mode & 0o777)
    _sync(draft)


def _sync(path: Path) -> None:
    """Bring a file or folder to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _described(path: Path) -> Backup:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(path.name)
    year, month, day, hour, minute, second, reason = match.groups()
    at = f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
    return Backup(path.stem, str(path), at, reason, path.stat().st_size, path)


def _refused(place: Path, error: Exception) -> StoreError:
    reason = getattr(error, "strerror", None) or str(error)
    return StoreError(
        f"备份 {place} 写不成（{reason}），项目没有改动；请腾出空间或改权限，或加 --no-backup 不备份",
        f"the backup {place} cannot be written ({reason}); the project is as it was. Make room, change the "
        "permissions, or do without by --no-backup",
    )
