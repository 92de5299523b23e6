"""Several projects in one database: each in the schema that its URL names, and none in another's way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlalchemy as sa

from api.store import MissingProjectError, NotAProjectError, ProjectExistsError, copy_project, open_project
from api.store.urls import with_schema
from tests.cluster import execute

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'wangge[postgis]'")
pytestmark = pytest.mark.postgis


def _own(url: str) -> list[str]:
    found = execute(url, "SELECT schemaname FROM pg_tables WHERE tablename = 'alembic_version' ORDER BY 1")
    return [name for (name,) in found]


@pytest.mark.parametrize("name", ["panshan", "盘山_2026", "Nan_Jiang", "select"])
def test_a_project_lives_in_the_schema_that_its_url_names(
    postgis_url: str, name: str, rows_of: Callable[..., Any]
) -> None:
    url = f"{postgis_url}&schema={name}"
    with pytest.raises(MissingProjectError):
        open_project(url)
    with open_project(url, create=True) as project:
        assert project.backend.schema == name
        with project.change(who="a", action="load") as change:
            change.append("homes", rows_of("homes", 300))
        assert len(project.read("homes", bbox=(121, 41, 122, 42))) == 300
    assert _own(postgis_url) == [name]
    with pytest.raises(MissingProjectError):
        open_project(postgis_url)  # the one in the named schema is not taken for it


def test_a_project_in_the_default_schema_is_not_taken_for_one_in_another(
    postgis_url: str, rows_of: Callable[..., Any]
) -> None:
    with open_project(postgis_url, create=True) as public, public.change(who="a", action="load") as change:
        change.append("homes", rows_of("homes", 3))
    execute(postgis_url, "CREATE SCHEMA empty")
    with pytest.raises(MissingProjectError):
        open_project(with_schema(postgis_url, "empty"))
    with open_project(with_schema(postgis_url, "empty"), create=True) as other:
        assert not any(other.layers().values())
        with other.change(who="b", action="load") as change:
            change.append("homes", rows_of("homes", 5))
    with open_project(postgis_url) as public:
        assert public.layers()["homes"] == 3
    assert _own(postgis_url) == ["empty", "public"]


def test_writers_of_two_projects_do_not_wait_for_each_other(postgis_url: str) -> None:
    one, two = (with_schema(postgis_url, name) for name in ("one", "two"))
    with open_project(one, create=True) as first, open_project(two, create=True, busy_s=5) as second:
        with first.change(who="a", action="x") as held:
            held.set("a", 1)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(_write, second).result(timeout=30)
        assert second.settings == {"b": 2}


def _write(project: Any) -> None:
    with project.change(who="b", action="y") as change:
        change.set("b", 2)


def test_postgis_may_be_installed_in_any_schema(postgis_url: str, rows_of: Callable[..., Any]) -> None:
    execute(postgis_url, "DROP EXTENSION postgis")
    execute(postgis_url, 'CREATE SCHEMA "gis tools"')
    execute(postgis_url, 'CREATE EXTENSION postgis SCHEMA "gis tools"')
    for url in (postgis_url, with_schema(postgis_url, "panshan")):
        with open_project(url, create=True) as project:
            with project.change(who="a", action="load") as change:
                change.append("cells", rows_of("cells", 5))
            assert len(project.read("cells", bbox=(121, 41, 122, 42))) > 0


def test_postgis_is_never_installed_in_the_schema_of_a_project(postgis_url: str) -> None:
    execute(postgis_url, "DROP EXTENSION postgis")
    with open_project(with_schema(postgis_url, "panshan"), create=True) as project:
        assert project.count("homes") == 0
    execute(postgis_url, "DROP SCHEMA panshan CASCADE")
    assert execute(postgis_url, "SELECT extname FROM pg_extension WHERE extname = 'postgis'") == [("postgis",)]


def test_a_search_path_of_the_server_changes_nothing(postgis_url: str, rows_of: Callable[..., Any]) -> None:
    with open_project(with_schema(postgis_url, "panshan"), create=True) as project:
        name = project.backend.engine.url.database
    execute(postgis_url, "CREATE SCHEMA trap; CREATE TABLE trap.homes (fid int)")
    execute(postgis_url, f"ALTER DATABASE {name} SET search_path = trap, public")
    execute(postgis_url, f"ALTER DATABASE {name} SET extra_float_digits = 0")
    execute(postgis_url, f"ALTER DATABASE {name} SET timezone = 'Asia/Shanghai'")
    with open_project(with_schema(postgis_url, "panshan")) as project:
        frame = rows_of("cameras", 12)
        with project.change(who="a", action="load") as change:
            change.append("cameras", frame)
        stored = project.read("cameras")
        pd.testing.assert_series_equal(stored["azimuth_deg"], frame["azimuth_deg"], check_exact=True)
        pd.testing.assert_series_equal(stored["installed"], frame["installed"])
    with pytest.raises(NotAProjectError, match=r'"homes" already exists\); add \?schema='):
        open_project(postgis_url, create=True)  # without a schema: the first of the path, as it always was
    execute(postgis_url, "DROP TABLE trap.homes")
    with open_project(postgis_url, create=True) as first:
        assert first.backend.schema == "trap"


@pytest.mark.parametrize(
    "name", ["pg_catalog", "PG_x", "information_schema", "1a", "a b", 'a"b', "a;DROP TABLE x", "a,b", "县" * 22]
)
def test_names_that_are_none_are_refused(postgis_url: str, name: str) -> None:
    url = sa.make_url(postgis_url).update_query_dict({"schema": name}).render_as_string(hide_password=False)
    with pytest.raises(NotAProjectError) as refused:
        open_project(url, create=True)
    assert "schema" in refused.value.en
    assert _own(postgis_url) == []


def test_a_schema_made_for_nothing_goes_again(postgis_url: str) -> None:
    execute(postgis_url, "CREATE ROLE keeper LOGIN") if not execute(
        postgis_url, "SELECT 1 FROM pg_roles WHERE rolname = 'keeper'"
    ) else None
    name = sa.make_url(postgis_url).database
    execute(postgis_url, f"GRANT CREATE ON DATABASE {name} TO keeper")
    execute(postgis_url, "DROP EXTENSION postgis")
    mine = with_schema(postgis_url.replace("postgres@", "keeper@"), "mine")
    with pytest.raises(Exception, match="CREATE EXTENSION postgis"):
        open_project(mine, create=True)
    assert execute(postgis_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'mine'") == []


def test_a_copy_from_schema_to_schema_is_a_project_of_its_own(postgis_url: str, rows_of: Callable[..., Any]) -> None:
    source, target = (with_schema(postgis_url, name) for name in ("a", "b"))
    with open_project(source, create=True) as project, project.change(who="a", action="load") as change:
        change.append("homes", rows_of("homes", 20))
    assert copy_project(source, target)["homes"] == 20
    with pytest.raises(ProjectExistsError):
        copy_project(source, target)
    with open_project(target) as copy, copy.change(who="a", action="clear") as change:
        change.delete("homes")
    with open_project(source) as project:
        assert project.count("homes") == 20
