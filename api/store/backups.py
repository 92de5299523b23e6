"""Backups made before anything destructive: a file beside the project, or a schema beside the project's own.

A backup is an ordinary project of the moment before the change. It is made inside the change's write transaction,
before its first write, so nobody can write between the two; `wangge copy BACKUP NEW` brings it back.

- A file is copied through SQLite's backup interface into `county.backups/20261122T050102Z-load-cameras.gpkg`, with
  the permissions of the project, under a hidden name until it is whole.
- A database gets the schema `wangge_backup_20261122t050102z_load_cameras`, in the same transaction. Where the role may
  not create schemas, a file is written to `DATABASE.backups/` in the working folder, or in `WANGGE_BACKUPS`.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from api.store import backup_file, backup_schema
from api.store.backup_file import Backup
from api.store.geopackage import GeoPackage
from api.store.models import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from api.store.backend import Backend

__all__ = ["KEEP", "KEEP_SETTING", "Backup", "backed_up", "list_backups", "make_backup", "prune_backups"]

KEEP = 10
"""So many backups of a project are kept, unless its setting `backups_keep` says otherwise."""
KEEP_SETTING = "backups_keep"


def make_backup(backend: Backend, connection: Connection, *, reason: str) -> Backup:
    """Keep the project as it is, inside an open write transaction and before the first write of it.

    Parameters
    ----------
    backend, connection
        The place of the project, and the connection of `backend.transaction(write=True)`.
    reason
        What is about to happen, for the backup's name: "load-cameras", "upgrade-0001".

    Raises
    ------
    StoreError
        The folder cannot be written, the disk is full, or neither schema nor file can be made. Nothing has
        changed by then.
    """
    stamp, words = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}", _plain(reason)
    if isinstance(backend, GeoPackage):
        return backup_file.save(backend, stamp=stamp, reason=words)
    if backup_schema.may_create(connection):
        return backup_schema.save(backend, connection, stamp=stamp, reason=words)
    return backup_file.save_rows(backend, connection, stamp=stamp, reason=words)


@contextmanager
def backed_up(backend: Backend, connection: Connection, *, reason: str) -> Iterator[Backup]:
    """Make a backup, and take it away again where the change inside the block fails.

    Raises the refusals of `make_backup`.
    """
    backup = make_backup(backend, connection, reason=reason)
    try:
        yield backup
    except BaseException:
        if backup.path is not None:
            with suppress(OSError):
                backup.path.unlink()
        raise


def list_backups(backend: Backend) -> list[Backup]:
    """Give the backups of a project, newest first; files and schemas that are none are left out."""
    found = backup_file.found(backend)
    if not isinstance(backend, GeoPackage):
        with backend.transaction(write=False) as connection:
            found += backup_schema.found(backend, connection)
    return sorted(found, key=lambda backup: (backup.at, backup.name), reverse=True)


def prune_backups(backend: Backend, *, keep: int | None = None) -> list[str]:
    """Remove all but the newest `keep` backups (else as the project's setting says); gives the names removed.

    Called after the commit of a change. What cannot be removed stays.
    """
    old = list_backups(backend)[max(1, _kept(backend) if keep is None else keep) :]
    gone = backup_file.remove(backup for backup in old if backup.path is not None)
    schemas = [backup.name for backup in old if backup.path is None]
    if schemas:
        with backend.transaction(write=True) as connection:
            gone += backup_schema.remove(connection, schemas)
    return gone


def _kept(backend: Backend) -> int:
    with backend.transaction(write=False) as connection:
        query = text(f"SELECT value FROM {SETTINGS} WHERE key = :key")  # noqa: S608 - a name of ours
        value = connection.execute(query, {"key": KEEP_SETTING}).scalar()
    if isinstance(value, str):
        value = json.loads(value)
    return value if isinstance(value, int) else KEEP


def _plain(reason: str) -> str:
    """Write a reason so that it can stand in a name.

    >>> _plain("load cameras / 摄像机")
    'load-cameras'
    """
    return re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:30] or "change"
