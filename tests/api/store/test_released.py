"""Projects as every released revision left them: they open, nothing is lost on the way up, down and up again."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from api.store import NotAProjectError, Project, open_project
from api.store.backups import list_backups
from api.store.copying import _batches
from api.store.migrate import REVISION, alembic_config, downgrade, stored_revision, upgrade
from api.store.models import RELATIONS, SETTINGS, table_of
from api.store.urls import with_schema
from spatial.layers import LAYERS
from tests.cluster import execute

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASED = Path(__file__).parent / "released"
REVISIONS = sorted(path.name.partition(".")[0] for path in RELEASED.glob("*.gpkg.gz"))
"""Every revision that people have."""
_LATER = ("coverage_details",)
"""Layers that came with the newest revision."""
Rows = dict[str, list[tuple[Any, ...]]]


_PLACES = [
    pytest.param((revision, place), marks=pytest.mark.postgis if place == "database" else (), id=f"{revision}-{place}")
    for revision in REVISIONS
    if revision < REVISION
    for place in ("file", "database")
]


@pytest.fixture(params=_PLACES)
def released(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Give the revision and the place of a project that a released version wrote."""
    revision, place = request.param
    if place == "file":
        path = tmp_path / "county.gpkg"
        path.write_bytes(gzip.decompress((RELEASED / f"{revision}.gpkg.gz").read_bytes()))
        return revision, str(path)
    url = str(request.getfixturevalue("postgis_url"))
    execute(url, (RELEASED / f"{revision}.sql").read_text(encoding="utf-8"))
    return revision, with_schema(url, f"released_{revision}")


def rows_in(project: Project) -> Rows:
    """Give every stored value of every table, geometries as WKB."""
    found: Rows = {}
    with project.backend.transaction(write=False) as connection:
        for name in (*LAYERS, SETTINGS):
            found[name] = []
            for columns, shapes in _batches(project.backend, connection, table_of(name)):
                wkb = [] if shapes is None else [[None if one is None else one.wkb for one in shapes]]
                found[name] += zip(*columns.values(), *wkb, strict=True)
    return found


def columns_in(project: Project) -> dict[str, list[str]]:
    """Give the columns that the tables of a project have, whatever its revision."""
    with project.backend.transaction(write=False) as connection:
        inspector = sa.inspect(connection)
        there = sorted(set(inspector.get_table_names()) & {*LAYERS, SETTINGS})
        return {name: [str(column["name"]) for column in inspector.get_columns(name)] for name in there}


def values_in(project: Project, columns: dict[str, list[str]]) -> Rows:
    """Give what these columns hold, as the database writes it down."""
    with project.backend.transaction(write=False) as connection:
        return {
            name: sorted(
                (
                    tuple(row)
                    for row in connection.execute(sa.select(*map(sa.literal_column, names)).select_from(sa.table(name)))
                ),
                key=str,
            )
            for name, names in columns.items()
        }


def indexes_in(project: Project) -> dict[str, set[str]]:
    """Give the indexes of every table, and of a file its triggers and its layers as GDAL finds them."""
    with project.backend.transaction(write=False) as connection:
        inspector = sa.inspect(connection)
        found = {name: {str(one["name"]) for one in inspector.get_indexes(name)} for name in (*LAYERS, SETTINGS)}
        if project.is_file:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            found["triggers"] = set(connection.scalars(sa.text(triggers)))
            listed = "SELECT table_name || ' ' || data_type FROM gpkg_contents"
            found["layers"] = set(connection.scalars(sa.text(listed)))
    return found


def change_revision(project: Project, revision: str, step: Callable[..., None]) -> None:
    with project.backend.transaction(write=True) as connection:
        step(connection, revision)
        if project.is_file:
            assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"


def require_sound(project: Project) -> None:
    """Hold indexes and counts of a file to its rows; on PostGIS the server does that by itself.

    Of an earlier revision, the layers that are as they are now.
    """
    held = columns_in(project)
    same = [name for name in LAYERS if set(table_of(name).columns.keys()) <= set(held.get(name, ()))]
    assert len(same) > 20
    for name, form in LAYERS.items():
        if name in same and form.geometry and not name.startswith("history"):
            shapes = project.read(name).geometry
            box = (70.0, 0.0, 140.0, 60.0)
            assert len(project.read(name, bbox=box)) == int((~(shapes.isna() | shapes.is_empty)).sum())
    if project.is_file:
        with project.backend.transaction(write=False) as connection:
            counts = connection.execute(sa.text("SELECT table_name, feature_count FROM gpkg_ogr_contents"))
            stored = {name: count for name, count in counts if name in same}
        assert stored == {name: project.count(name) for name in same}


def test_every_revision_but_the_newest_was_released_with_a_project_to_keep() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert {revision.revision for revision in script.walk_revisions()} - set(REVISIONS) <= {REVISION}


def test_a_released_project_opens_and_comes_up_to_this_version(released: tuple[str, str]) -> None:
    revision, target = released
    with open_project(target) as project:
        with project.backend.transaction(write=False) as connection:
            assert stored_revision(connection) == REVISION
        require_sound(project)
        assert project.layers() == {**dict.fromkeys(LAYERS, 6), "homes": 5, "history": 2, **dict.fromkeys(_LATER, 0)}
        assert project.read("homes", columns=["fid"])["fid"].tolist() == [1, 2, 4, 5, 6]
        assert project.settings["measuring_crs"] == "EPSG:4550"
        assert project.read("history")["before"].tolist() == [None, {"户数": [1, None]}]
        assert [backup.reason for backup in list_backups(project.backend)] == [f"upgrade-{revision}"]


def test_a_fresh_project_and_an_upgraded_one_are_the_same(released: tuple[str, str], tmp_path: Path) -> None:
    _, target = released
    fresh = str(tmp_path / "fresh.gpkg") if target.endswith(".gpkg") else with_schema(target, "fresh")
    with open_project(target) as old, open_project(fresh, create=True) as new:
        assert indexes_in(old) == indexes_in(new)


def test_going_back_and_up_again_loses_nothing(released: tuple[str, str]) -> None:
    _, target = released
    with open_project(target) as project:
        rows, indexes = rows_in(project), indexes_in(project)
        earlier = [one for one in REVISIONS if one != REVISION]
        for revision in reversed(earlier):
            change_revision(project, revision, downgrade)
            with project.backend.transaction(write=False) as connection:
                assert stored_revision(connection) == revision
            require_sound(project)
            held = columns_in(project)
            values = values_in(project, held)
            change_revision(project, "head", upgrade)
            assert values_in(project, held) == values
            assert rows_in(project) == rows
            assert indexes_in(project) == indexes
        with project.change(who="a", action="edit") as change:  # and it works on, row ids and all
            change.delete("places", {"place_id": "place_id-3"})
            change.append("incidents", project.read("incidents").assign(incident_id=lambda f: f["incident_id"] + "x"))
        require_sound(project)
        assert project.read("incidents", columns=["fid"])["fid"].tolist() == list(range(1, 13))


def test_an_emptied_place_can_be_used_again(released: tuple[str, str]) -> None:
    _, target = released
    with open_project(target) as project:
        change_revision(project, "base", downgrade)
        with project.backend.transaction(write=False) as connection:
            assert stored_revision(connection) is None
            assert not RELATIONS & set(sa.inspect(connection).get_table_names())
        change_revision(project, "head", upgrade)
        assert not any(project.layers().values())
        require_sound(project)


_UPGRADER = """
import sys, time
from api.store import open_project, opening
upgrade = opening.upgrade
def hold(connection):
    upgrade(connection)
    print("upgraded", flush=True)
    time.sleep(60)
opening.upgrade = hold
open_project(sys.argv[1])
"""


def test_an_upgrade_that_is_killed_leaves_the_old_revision_whole(
    released: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    revision, target = released
    assert revision < REVISION
    upgrader = subprocess.Popen([sys.executable, "-c", _UPGRADER, target], stdout=subprocess.PIPE, text=True)
    assert upgrader.stdout is not None
    assert upgrader.stdout.readline() == "upgraded\n"  # after the last migration, before the commit
    upgrader.kill()
    upgrader.communicate()
    with monkeypatch.context() as patch:  # look at it as that version did
        patch.setattr("api.store.opening.REVISION", revision)
        with open_project(target) as project:
            assert project.count("cells") == 6
            with project.backend.transaction(write=False) as connection:
                assert stored_revision(connection) == revision
    with open_project(target) as project:
        require_sound(project)
        assert project.layers()["cells"] == 6
        for backup in list_backups(project.backend):  # that of the killed one, where it is a file, is as good
            assert backup.reason == f"upgrade-{revision}"
            with open_project(backup.target) as kept:
                assert rows_in(kept) == rows_in(project)


def test_a_project_of_a_later_version_is_left_alone(released: tuple[str, str]) -> None:
    _, target = released
    with open_project(target) as project, project.backend.transaction(write=True) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotAProjectError, match="newer version"):
        open_project(target)
