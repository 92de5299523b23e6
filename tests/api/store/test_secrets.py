"""A password in a project's URL, or a person's row, is in no refusal."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sqlalchemy.exc import DBAPIError

from api.store import StoreError, copy_project, open_project

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cret"  # noqa: S105 - not one


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cret@127.0.0.1:1/db",
        "postgresql://127.0.0.1:1/db?user=u&password=s3cret",
        "postgresql://u@127.0.0.1:1/db?sslpassword=s3cret",
        "postgresql://u:s3cret@127.0.0.1:port/db",
        "postgresql://u:s3cret@[::1/db",
        "postgresql:u:s3cret",
        "postgres://u:s3cret@127.0.0.1:99999/db",
        "Postgresql://u:s3cret@127.0.0.1:1/db",
        " postgresql://u:s3cret@127.0.0.1:1/db",
        "postgresql+psycopg2://u:s3cret@127.0.0.1:1/db",
        "mysql://u:s3cret@host/db",
        "mysql:/u:s3cret@host/db",
        "postgresql://u:p@s3cret@127.0.0.1:1/db",
    ],
)
def test_no_refusal_repeats_a_password(url) -> None:
    with pytest.raises(StoreError) as refused:
        open_project(url, busy_s=1)
    assert SECRET not in refused.value.zh + refused.value.en
    told = "".join(traceback.format_exception_only(refused.value))
    assert SECRET not in told


@pytest.mark.parametrize("url", ["mysql://u:s3cret@host/db", "mysql://u:s3cret@host/db.gpkg"])
def test_nor_does_the_refusal_of_a_place_to_copy_to(tmp_path: Path, url: str) -> None:
    open_project(tmp_path / "county.gpkg", create=True).close()
    with pytest.raises(StoreError) as refused:
        copy_project(str(tmp_path / "county.gpkg"), url)
    assert SECRET not in refused.value.zh + refused.value.en


def test_a_fault_of_the_database_does_not_print_rows(tmp_path: Path) -> None:
    with open_project(tmp_path / "county.gpkg", create=True) as project:
        with project.change(who="a", action="make") as change:
            change.set("x", 1)
        with (
            pytest.raises(DBAPIError) as fault,
            project.backend.transaction(write=True) as connection,
        ):
            connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", (SECRET,))
        assert SECRET not in str(fault.value)


@pytest.mark.parametrize(
    "name", ["县 城.gpkg", "a#b.gpkg", "a%20b.gpkg", "a?mode=memory.gpkg", "a&b;c'\".gpkg", "-x.gpkg"]
)
def test_any_file_name_is_a_file_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_project(name, create=True) as project, project.change(who="a", action="load") as change:
        change.append("micro_homes", pd.DataFrame({"plan": "p", "micro_code": "m", "home_id": ["h"]}))
    assert {one.name for one in tmp_path.iterdir()} == {name}
    with open_project(name) as again:
        copy = again.snapshot(f"copy of {name}")
    with open_project(copy) as copied:
        assert copied.count("micro_homes") == 1


def test_a_link_to_a_project_is_the_same_project(tmp_path: Path) -> None:
    link = tmp_path / "link.gpkg"
    link.symlink_to(tmp_path / "county.gpkg")
    with open_project(tmp_path / "county.gpkg", create=True) as project:
        with project.change(who="a", action="one") as change:
            change.set("x", 1)
        with open_project(link) as same:
            with same.change(who="b", action="two") as change:
                change.set("x", 2)
            assert project.settings == {"x": 2}
    assert {one.name for one in tmp_path.iterdir()} == {"county.gpkg", "link.gpkg"}


def test_a_project_that_was_deleted_is_missed_and_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    with open_project(path, create=True) as project:
        with project.change(who="a", action="one") as change:
            change.set("x", 1)
        path.unlink()
        with pytest.raises(StoreError):
            project.count("history")
        with pytest.raises(StoreError), project.change(who="a", action="two") as change:
            change.set("x", 2)
        assert not path.exists()
