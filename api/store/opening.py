"""Opening and making projects."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from api.store import gpkg
from api.store.drafts import drafting, put, sweep
from api.store.errors import (
    MissingProjectError,
    NoRightError,
    ProjectAsInputError,
    exists_already,
    missing,
    not_a_project,
)
from api.store.geopackage import GeoPackage, connect
from api.store.limits import limits_from
from api.store.migrate import REVISION, stored_revision, upgrade
from api.store.place import require_one_name
from api.store.postgis import PostGIS
from api.store.project import Project
from api.store.roles import require_owner

if TYPE_CHECKING:
    import os

    from api.store.backend import Backend
    from api.store.limits import Limits

__all__ = ["is_database", "open_project", "refuse_project_as_input", "require_place"]


def open_project(
    target: str | os.PathLike[str], *, create: bool = False, busy_s: float = 20.0, statement_s: float = 600.0,
    read_s: float | None = None,
) -> Project:  # fmt: skip
    """Open the project at a path (`county.gpkg`) or URL (`postgresql://…`, `postgresql://…?schema=panshan`).

    Parameters
    ----------
    target
        Path of a GeoPackage file or URL of a PostGIS database; `schema` says which of its projects.
    create
        Make the project (and its schema) where there is none. A file that was made and never written to goes again.
    busy_s
        How long to wait for another writer, in seconds.
    statement_s, read_s
        How long one statement of a change, and of a read, may take on PostGIS, in seconds; `read_s` is the same as
        `statement_s` unless it is given. On PostGIS the environment may say otherwise: see `api.store.limits`.

    Raises
    ------
    MissingProjectError
        Where there is none and `create` is not set.
    NotAProjectError
        For another kind of file or database, or a project of a newer version.
    NoRightError
        Where the role of the URL may not read it, or may not bring older tables to this version.
    """
    if is_database(target):
        reads = statement_s if read_s is None else read_s
        return _open_database(
            str(target), create=create, limits=limits_from(busy_s=busy_s, statement_s=statement_s, read_s=reads)
        )
    path = Path(target)
    _refuse_other_url(str(target))
    if path.is_dir():
        raise not_a_project(path, "是文件夹", "it is a folder")
    sweep(path)
    fresh = create and not path.exists() and _make_file(path, busy_s=busy_s)
    if path.exists():
        require_one_name(path)
    _require_geopackage(path, busy_s=busy_s)
    backend = GeoPackage(path, busy_s=busy_s)
    _settle(backend, create=False)
    _let_readers_in(path, busy_s=busy_s)
    return Project(backend, fresh=fresh)


def is_database(target: str | os.PathLike[str]) -> bool:
    """Tell whether a project's name is the URL of a database.

    >>> is_database("postgresql://localhost/county"), is_database("county.gpkg")
    (True, False)
    """
    return str(target).startswith(("postgresql:", "postgresql+psycopg:", "postgres:"))


def refuse_project_as_input(project: Project, file: str | os.PathLike[str]) -> None:
    """Raise `ProjectAsInputError` when `file` is the project's own file, by whatever name or link.

    Reading it by another library would drop this process's locks on it, and commits could get lost.
    """
    path = Path(file)
    if project.path is not None and path.exists() and path.samefile(project.path):
        raise ProjectAsInputError(
            f"{file} 就是项目文件本身，不能作为输入；请先用 wangge copy 或 wangge export 另存一份",
            f"{file} is the project itself and cannot be its input; save a copy first (wangge copy or wangge export)",
        )


def _refuse_other_url(target: str) -> None:
    """Refuse the URL of something else; it may hold a password and is not repeated."""
    found = re.match(r"\s*([A-Za-z][\w+.-]+):/", target)  # C:/county.gpkg is a path
    if found:
        raise not_a_project(
            f"{found.group(1)}://…", "项目是 .gpkg 文件或 postgresql:// 地址",
            "a project is a .gpkg file or a postgresql:// URL",
        )  # fmt: skip


def require_place(path: Path) -> None:
    """Refuse a path where no project file can be made: a wrong ending, no folder, or something there.

    Raises
    ------
    NotAProjectError, MissingProjectError, ProjectExistsError
        In this order.
    """
    _refuse_other_url(str(path))
    if path.suffix.lower() != ".gpkg":
        raise not_a_project(path, "项目文件名须以 .gpkg 结尾", "the name of a project file ends in .gpkg")
    if not path.parent.is_dir():
        raise MissingProjectError(f"文件夹 {path.parent} 不存在", f"folder {path.parent} does not exist")
    if path.exists():
        raise exists_already(path)


def _open_database(url: str, *, create: bool, limits: Limits) -> Project:
    database, made = PostGIS(url, limits=limits), False
    try:
        made = create and database.make_schema()
        _settle(database, create=create)
    except BaseException:
        if made:
            database.drop_schema()
        database.close()
        raise
    return Project(database)


def _settle(backend: Backend, *, create: bool) -> None:
    """Make sure the tables are those of this version; older ones are migrated, after a backup."""
    if isinstance(backend, PostGIS) and not backend.examine():
        raise missing(backend.target)
    with backend.transaction(write=False) as connection:
        revision = stored_revision(connection)
    if revision == REVISION:
        return
    if revision is None and not create:
        if isinstance(backend, PostGIS):
            raise missing(backend.target)
        raise not_a_project(backend.target, "是别的 GeoPackage", "it is some other GeoPackage")
    if revision is not None and revision > REVISION:
        raise not_a_project(backend.target, f"由更新的版本（{revision}）写成", f"a newer version ({revision}) wrote it")
    try:
        with backend.transaction(write=True) as connection:
            if isinstance(backend, PostGIS):
                backend.prepare(connection)
            found = stored_revision(connection)
            if found is None:
                upgrade(connection)
            elif found != REVISION:  # else another process has done it meanwhile
                from api.store.backups import backed_up  # noqa: PLC0415 - rare, and it opens projects itself

                if isinstance(backend, PostGIS):
                    require_owner(connection)
                with backed_up(backend, connection, reason=f"upgrade-{found}"):
                    upgrade(connection)
    except NoRightError as error:
        raise NoRightError(
            f"项目 {backend.target} 的表须由库主建立或升级到 {REVISION}：请库主打开一次（wangge database URL）；"
            f"{error.zh}",
            f"the tables of {backend.target} must be made, or brought to {REVISION}, by their owner: let them open it "
            f"once (wangge database URL); {error.en}",
        ) from error


def _require_geopackage(path: Path, *, busy_s: float) -> None:
    """Refuse files that are no GeoPackage; the question goes through sqlite3, never through `open`."""
    with contextlib.closing(connect(path, busy_s=busy_s)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone()
    if not known:
        raise not_a_project(path, "不是 GeoPackage", "it is no GeoPackage")


def _let_readers_in(path: Path, *, busy_s: float) -> None:
    """Set write-ahead logging, which a snapshot or GDAL's copy lacks, so that readers and writers do not wait."""
    with (
        contextlib.closing(connect(path, busy_s=busy_s)) as connection,
        contextlib.suppress(sqlite3.OperationalError),  # read-only, or in use: it works as it is
    ):
        connection.execute("pragma journal_mode = wal")


def _make_file(path: Path, *, busy_s: float) -> bool:
    """Build a new project beside its place and link it there at once, so that nobody sees half of one.

    Tells whether the project is ours: somebody else may have been quicker, and theirs is then used.
    """
    require_place(path)
    with drafting(path) as draft:
        with contextlib.closing(connect(draft, busy_s=busy_s, mode="rwc")) as connection:
            connection.execute("BEGIN IMMEDIATE")
            gpkg.create_base(connection)
            connection.execute("COMMIT")
        backend = GeoPackage(draft, busy_s=busy_s)
        with backend.transaction(write=True) as session:
            upgrade(session)
        backend.close()
        _let_readers_in(draft, busy_s=busy_s)  # last: GDAL reads the identity from the file itself
        return put(draft, path)
