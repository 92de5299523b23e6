"""Rights of real database roles: enough for the work, and nothing beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from api.jobs.check import run_check
from api.jobs.database import DatabaseOptions, run_database
from api.jobs.export import ExportJob, run_export
from api.jobs.map import MapOptions, run_map
from api.jobs.plans_call import PlansCall, run_history, run_plans
from api.server import page_answers
from api.store import Project, StoreError, copy_project, open_project
from api.store.backups import list_backups
from api.store.errors import NoRightError, NotAProjectError
from api.store.migrate import downgrade, upgrade
from api.store.urls import with_schema
from spatial.layers import LAYERS
from tests.cluster import execute
from wangge.summary import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.postgis
SENSITIVE = sorted(name for name, layer in LAYERS.items() if layer.sensitive)


@pytest.fixture
def roles(postgis_url: str) -> Iterator[Callable[[str], str]]:
    """Give a function from a role's name to its URL; the owner has a database of their own, in a schema."""
    names = ("owner", "reader", "writer", "nobody")
    for name in names:
        if not execute(postgis_url, f"SELECT 1 FROM pg_roles WHERE rolname = 'w_{name}'"):  # noqa: S608 - ours
            execute(postgis_url, f"CREATE ROLE w_{name} LOGIN")
    database = postgis_url.partition("@/")[2].partition("?")[0]
    execute(postgis_url, f"GRANT CREATE ON DATABASE {database} TO w_owner")
    yield lambda name: with_schema(postgis_url.replace("postgres@", f"w_{name}@"), "panshan")
    for name in names:
        execute(postgis_url, f"DROP OWNED BY w_{name} CASCADE")


@pytest.fixture
def owned(roles: Callable[[str], str], rows_of: Callable[..., Any]) -> Callable[[str], str]:
    """Give the URLs of roles on a project with rows, rights given."""
    with open_project(roles("owner"), create=True) as project, project.change(who="owner", action="load") as change:
        for name in LAYERS:
            if name != "history":
                change.append(name, rows_of(name, 4))
        change.set("measuring_crs", "EPSG:4550")
        change.set("users", {"a": {"link": "s3cret"}})
    run_database(roles("owner"), DatabaseOptions(readers=("w_reader",), writers=("w_writer",)))
    return roles


def test_a_reader_sees_what_is_not_sensitive(owned: Callable[[str], str]) -> None:
    with open_project(owned("reader")) as project:
        assert set(LAYERS) - set(project.layers()) == set(SENSITIVE)
        assert len(project.read("cells_current")) + len(project.read("cells")) > 0
        assert project.settings == {"measuring_crs": "EPSG:4550"}
        assert project.read("history", columns=["who", "action"]).to_numpy().tolist() == [["owner", "load"]]
        assert not project.is_writable
        for name in SENSITIVE:
            with pytest.raises(NoRightError, match=rf"w_reader lacks .*{name}.*--sensitive") as refused:
                project.read(name)
            assert "缺少权限" in refused.value.zh
        with pytest.raises(NoRightError):
            project.read("history")  # what was before and after may name homes and people
        with pytest.raises(NoRightError), project.change(who="reader", action="edit") as change:
            change.delete("cells")


def test_a_reader_is_told_who_did_what_when(owned: Callable[[str], str], tiny_project: Path) -> None:
    source, mine = (with_schema(owned(name), "tiny") for name in ("owner", "reader"))
    copy_project(str(tiny_project), source)
    assert run_plans(source, PlansCall("restore", at=run_history(source)["history"][0]["id"], name="再来"))["plan"]
    run_database(source, DatabaseOptions(readers=("w_reader",)))
    full, seen = run_history(source), run_history(mine)
    kept = ("id", "at", "who", "plan", "action")
    assert [[row[key] for key in kept] for row in seen["history"]] == [
        [row[key] for key in kept] for row in full["history"]
    ]
    assert all(row["before"] is None and row["after"] is None and row["zh"] for row in seen["history"])
    assert "p001" in full["history"][0]["zh"]
    assert "p001" not in seen["history"][0]["zh"]
    plans = run_plans(mine, PlansCall())
    assert plans["plans"] == run_plans(source, PlansCall())["plans"]
    for told, answer in (("history", seen), ("plans", plans)):
        assert "this database role" in answer["notes"][0]["en"]
        assert any("这个数据库账号" in line for line in lines(told, {"action": "list", **answer}))
    assert full["notes"] == []
    run_database(source, DatabaseOptions(readers=("w_reader",), sensitive=True))
    assert run_history(mine)["history"] == full["history"]


def test_problems_of_cameras_and_homes_are_not_for_readers(
    owned: Callable[[str], str], rows_of: Callable[..., Any]
) -> None:
    found = rows_of("problems", 4).assign(layer=["cameras", "homes", "cells", None])
    with open_project(owned("writer")) as project, project.change(who="writer", action="check") as change:
        change.replace("problems", found)
    with open_project(owned("reader")) as project:
        assert project.read("problems")["layer"].dropna().tolist() == ["cells"]  # the others stand where a home stands
    run_database(owned("owner"), DatabaseOptions(readers=("w_reader",), sensitive=True))
    for name in ("reader", "writer", "owner"):
        with open_project(owned(name)) as project:
            assert len(project.read("problems")) == 4


def test_a_reader_of_sensitive_layers_sees_all_but_what_opens_doors(owned: Callable[[str], str]) -> None:
    run_database(owned("owner"), DatabaseOptions(readers=("w_reader",), sensitive=True))
    with open_project(owned("reader")) as project:
        assert project.layers() == {**dict.fromkeys(LAYERS, 4), "history": 1}
        assert len(project.read("history")) == 1
        assert "users" not in project.settings
        with pytest.raises(NoRightError), project.change(who="reader", action="edit") as change:
            change.set("a", 1)


def test_a_writer_changes_rows_but_neither_tables_nor_the_past(
    owned: Callable[[str], str], rows_of: Callable[..., Any]
) -> None:
    with open_project(owned("writer")) as project:
        assert project.is_writable
        with project.change(who="writer", action="edit") as change:
            for name in LAYERS:
                if name != "history":
                    change.replace(name, rows_of(name, 1500 if name == "homes" else 3))
            change.set("users", {"a": {"link": None}})
            change.set("embeds", {})
        assert project.settings["users"] == {"a": {"link": None}}
        assert len(project.read("homes", bbox=(121, 41, 122, 42))) == 1500
    for statement in (
        "DELETE FROM history", "UPDATE history SET who = 'x'", "DROP TABLE cells", "ALTER TABLE cells ADD x int",
        "CREATE TABLE mine (a int)", "UPDATE alembic_version SET version_num = '0'", "TRUNCATE cells",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _as(owned("writer"), statement)


def test_a_service_runs_with_the_rights_of_a_writer(owned: Callable[[str], str], tiny_project: Path) -> None:
    copy_project(str(tiny_project), with_schema(owned("owner"), "tiny"))
    run_database(with_schema(owned("owner"), "tiny"), DatabaseOptions(writers=("w_writer",), readers=("w_reader",)))
    with open_project(with_schema(owned("writer"), "tiny")) as project:
        answer = page_answers(project)
        assert answer["healthz"]
        assert answer["status"] == 200
        run_check(project)


def test_a_reader_makes_public_papers_and_a_map(
    owned: Callable[[str], str], tiny_project: Path, tmp_path: Path
) -> None:
    source = with_schema(owned("owner"), "tiny")
    copy_project(str(tiny_project), source)
    run_database(source, DatabaseOptions(readers=("w_reader",)))
    mine = with_schema(owned("reader"), "tiny")
    files = run_export(mine, ExportJob(str(tmp_path / "out"), ("gpkg", "xlsx"), None, "cgcs2000", public=True))["files"]
    assert files
    assert run_map(mine, MapOptions(str(tmp_path / "map.html"), "cells"))["bytes"] > 10_000
    with pytest.raises(NoRightError):
        run_check(mine)
    run_database(source, DatabaseOptions(readers=("w_reader",), sensitive=True))
    with open_project(mine) as project:
        before = project.count("history")
        assert run_check(project)["plans"]
        assert project.count("history") == before  # a reader's check is told, and not stored


def test_rights_are_renewed_and_taken_back(owned: Callable[[str], str]) -> None:
    answer = run_database(owned("owner"), DatabaseOptions())
    held = [(one["role"], one["rights"], one["sensitive"]) for one in answer["roles"]]
    assert held == [("w_reader", "reader", False), ("w_writer", "writer", True)]
    assert answer["projects"] == ["panshan"]
    with open_project(owned("owner")) as project, project.backend.transaction(write=True) as connection:
        downgrade(connection, "0001")
        upgrade(connection)
    with open_project(owned("reader")) as project:
        assert "cells" in project.layers()
    answer = run_database(owned("owner"), DatabaseOptions(revoked=("w_reader", "w_writer")))
    assert answer["roles"] == []
    for name in ("reader", "writer", "nobody"):
        with pytest.raises(NoRightError, match=f"role w_{name} may not use schema panshan"):
            open_project(owned(name))


def test_an_older_project_is_brought_up_by_its_owner_alone(owned: Callable[[str], str]) -> None:
    with open_project(owned("owner")) as project, project.backend.transaction(write=True) as connection:
        downgrade(connection, "0001")
    for name in ("writer", "reader"):
        with pytest.raises(StoreError, match=r"must be made, or brought to \d+, by their owner"):
            open_project(owned(name))
    with open_project(owned("owner")):
        pass
    with open_project(owned("writer")) as project:
        assert project.count("cells") == 4


def test_an_upgrade_without_the_right_to_a_backup_is_refused_and_says_what_to_grant(
    owned: Callable[[str], str], postgis_url: str
) -> None:
    with open_project(owned("owner")) as project, project.backend.transaction(write=True) as connection:
        downgrade(connection, "0001")
    database = postgis_url.partition("@/")[2].partition("?")[0]
    execute(postgis_url, f"REVOKE CREATE ON DATABASE {database} FROM w_owner")
    with pytest.raises(StoreError, match="GRANT CREATE ON DATABASE") as refused:
        open_project(owned("owner"))
    assert "没有权限新建架构来备份" in refused.value.zh
    assert execute(postgis_url, "SELECT version_num FROM panshan.alembic_version") == [("0001",)]
    execute(postgis_url, f"GRANT CREATE ON DATABASE {database} TO w_owner")
    with open_project(owned("owner")) as project:
        assert [backup.reason for backup in list_backups(project.backend)] == ["upgrade-0001"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (DatabaseOptions(readers=("ghost",)), "no role ghost"),
        (DatabaseOptions(writers=('a"; DROP TABLE cells; --',)), "no role"),
        (DatabaseOptions(revoked=("w_owner",)), "owns the project"),
        (DatabaseOptions(readers=("postgres",)), "superuser"),
    ],
)
def test_rights_go_to_roles_that_can_have_them(
    owned: Callable[[str], str], options: DatabaseOptions, says: str
) -> None:
    with pytest.raises(StoreError, match=says):
        run_database(owned("owner"), options)
    with pytest.raises(NoRightError, match="does not own the project"):
        run_database(owned("writer"), options)


def test_a_file_has_no_roles(tmp_path: Path) -> None:
    with open_project(tmp_path / "county.gpkg", create=True) as project:
        assert isinstance(project, Project)
        with pytest.raises(NotAProjectError, match="is a file and has no roles"):
            run_database(project, DatabaseOptions())


def _as(url: str, statement: str) -> None:
    with open_project(url) as project:
        database = project.backend.engine.url.set(drivername="postgresql")
    execute(f"{database.render_as_string(hide_password=False)}&options=-csearch_path%3Dpanshan", statement)
