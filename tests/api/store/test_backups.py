"""Backups before anything destructive: whole, of the very moment, private, few, and good to go back to."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.store import Project, StoreError, backup_file, backup_schema, copy_project, open_project
from api.store.backups import KEEP, KEEP_SETTING, Backup, backed_up, list_backups, make_backup, prune_backups
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

Rows = Callable[..., Any]


@pytest.fixture
def full(project: Project, rows_of: Rows) -> Project:
    """Make a project with rows in every layer, a setting, and more homes than are indexed one by one."""
    with project.change(who="测试", action="fill") as change:
        for name in LAYERS:
            if name != "history":
                change.append(name, rows_of(name, 300 if name == "homes" else 8))
        change.set("说明", {"a": [1, None, "二"]})
    return project


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(backup_file.FOLDER, str(tmp_path))


def save(project: Project, reason: str = "load cameras") -> Backup:
    with project.backend.transaction(write=True) as connection:
        return make_backup(project.backend, connection, reason=reason)


def content(project: Project) -> dict[str, Any]:
    """Give everything a project holds, fit to compare; SQLite knows no -0.0."""
    layers = {name: project.read(name).astype(str).to_csv().replace("-0.0", "0.0") for name in LAYERS}
    return {**layers, "settings": project.settings}


class TestOnBothBackends:
    def test_a_backup_is_the_project_of_that_moment_and_opens(self, full: Project) -> None:
        before = content(full)
        with full.change(who="a", action="load cameras") as change:
            backup = make_backup(full.backend, change._connection, reason="load cameras")
            change.delete("cameras")
            change.delete("homes")
        assert full.count("cameras") == 0
        with open_project(backup.target) as kept:
            assert content(kept) == before
        assert backup.reason == "load-cameras"
        assert backup.at.endswith("Z")
        assert backup.bytes > 0

    def test_a_backup_restored_by_copy_can_be_worked_on(self, full: Project, rows_of: Rows, tmp_path: Path) -> None:
        before = content(full)
        backup = save(full)
        new = tmp_path / "restored.gpkg"
        copy_project(backup.target, new)
        with open_project(new) as restored:
            assert content(restored) == before
            with restored.change(who="b", action="more") as change:
                change.append("cameras", rows_of("cameras", 5, first=100))
            assert restored.count("cameras") == 13

    def test_the_backup_itself_takes_new_rows(self, full: Project, rows_of: Rows) -> None:
        """Keys, sequences, indexes and the view are its own, so that it can stand in for the project."""
        backup = save(full)
        with open_project(backup.target) as kept:
            with kept.change(who="b", action="more") as change:
                change.append("homes", rows_of("homes", 300, first=1000))
            with pytest.raises(StoreError, match="repeat"), kept.change(who="b", action="again") as change:
                change.append("homes", rows_of("homes", 3))
            assert kept.count("homes") == 600
            assert len(kept.read("homes", bbox=(121, 41, 122, 42))) == 600
            assert kept.read("cells_current").equals(full.read("cells_current"))
        assert full.count("homes") == 300

    def test_backups_are_listed_newest_first_and_the_oldest_go(self, project: Project) -> None:
        names = [save(project, f"load {number}").name for number in range(4)]
        assert {backup.name for backup in list_backups(project.backend)} == set(names)
        ages = [backup.at for backup in list_backups(project.backend)]
        assert ages == sorted(ages, reverse=True)
        gone = prune_backups(project.backend, keep=3)
        assert len(gone) == 1
        assert len(list_backups(project.backend)) == 3
        assert prune_backups(project.backend) == []

    def test_how_many_are_kept_is_a_setting(self, project: Project) -> None:
        with project.change(who="a", action="set") as change:
            change.set(KEEP_SETTING, 2)
        for _ in range(4):
            save(project, "same")
        prune_backups(project.backend)
        assert len(list_backups(project.backend)) == 2
        assert KEEP == 10

    def test_a_failed_change_leaves_no_backup(self, full: Project) -> None:
        def fail() -> None:
            with (
                full.change(who="a", action="load") as change,
                backed_up(full.backend, change._connection, reason="load"),
            ):
                change.delete("cameras")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert list_backups(full.backend) == []
        assert full.count("cameras") == 8

    def test_no_writer_comes_between_backup_and_change(self, target: str, full: Project, rows_of: Rows) -> None:
        """A second writer waits: what it adds is not in the backup, and is not lost either."""
        began, done = threading.Event(), threading.Event()

        def write() -> None:
            with open_project(target) as other:
                began.set()
                with other.change(who="b", action="add") as change:
                    change.append("poles", rows_of("poles", 3, first=500))
            done.set()

        with full.change(who="a", action="load cameras") as change:
            thread = threading.Thread(target=write)
            thread.start()
            assert began.wait(20)
            time.sleep(0.2)
            backup = make_backup(full.backend, change._connection, reason="load cameras")
            change.delete("cameras")
            assert not done.is_set()
        thread.join(30)
        with open_project(backup.target) as kept:
            assert (kept.count("poles"), kept.count("cameras")) == (8, 8)
        assert (full.count("poles"), full.count("cameras")) == (11, 0)

    def test_what_another_process_committed_before_is_in_the_backup(
        self, target: str, full: Project, rows_of: Rows
    ) -> None:
        with open_project(target) as other, other.change(who="b", action="add") as change:
            change.append("poles", rows_of("poles", 3, first=500))
        backup = save(full)
        with open_project(backup.target) as kept:
            assert kept.count("poles") == 11

    def test_strange_reasons_make_plain_names(self, project: Project) -> None:
        backup = save(project, "导入 / ../../etc; DROP TABLE %s '\"")
        assert backup.reason == "etc-drop-table-s"
        assert [found.name for found in list_backups(project.backend)] == [backup.name]


class TestFiles:
    @pytest.fixture
    def target(self, tmp_path: Path) -> str:
        return str(tmp_path / "county.gpkg")

    def test_it_lies_beside_the_project_with_its_permissions(self, full: Project, tmp_path: Path) -> None:
        assert full.path is not None
        full.path.chmod(0o640)
        backup = save(full)
        assert backup.path is not None
        assert backup.path.parent == tmp_path / "county.backups"
        assert stat.S_IMODE(backup.path.stat().st_mode) == 0o640
        assert stat.S_IMODE(backup.path.parent.stat().st_mode) == 0o750
        assert list(backup.path.parent.iterdir()) == [backup.path]

    def test_it_is_a_sound_file_without_a_log_beside_it(self, full: Project) -> None:
        backup = save(full)
        with closing(sqlite3.connect(f"file:{backup.path}?mode=ro", uri=True)) as kept:
            assert kept.execute("pragma integrity_check").fetchone() == ("ok",)
            assert kept.execute("pragma journal_mode").fetchone() == ("delete",)

    def test_a_folder_that_cannot_be_made_refuses_and_loses_nothing(self, full: Project, tmp_path: Path) -> None:
        (tmp_path / "county.backups").write_text("in the way")

        def replace() -> None:
            with full.change(who="a", action="load") as change:
                make_backup(full.backend, change._connection, reason="load")
                change.delete("cameras")

        with pytest.raises(StoreError, match="--no-backup") as refused:
            replace()
        assert "备份" in refused.value.zh
        assert full.count("cameras") == 8

    def test_a_full_disk_refuses_and_leaves_no_half(self, full: Project, tmp_path: Path) -> None:
        """A limit on the size of files stands for the disk; it is too small for the copy."""
        full.close()
        script = textwrap.dedent("""
            import resource, signal, sys
            from api.store import StoreError, open_project
            from api.store.backups import make_backup
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            with open_project(sys.argv[1]) as project:
                try:
                    with project.change(who="a", action="load") as change:
                        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
                        make_backup(project.backend, change._connection, reason="load")
                        change.delete("cameras")
                except StoreError as error:
                    print(error)
        """)
        said = subprocess.run(
            [sys.executable, "-c", script, str(full.path)], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert "cannot be written" in said.stdout, said
        assert list((tmp_path / "county.backups").iterdir()) == []
        with open_project(tmp_path / "county.gpkg") as project:
            assert project.count("cameras") == 8

    def test_a_killed_process_leaves_no_half_that_counts(self, full: Project, tmp_path: Path) -> None:
        """What a kill leaves is hidden, is no backup, and is swept away by the next of that name."""
        folder = tmp_path / "county.backups"
        folder.mkdir()
        (folder / ".20261122T050102Z-load.gpkg.00000000-1-0a1b2c3d.new.gpkg").write_bytes(b"half")
        (folder / "notes.txt").write_text("mine")
        assert list_backups(full.backend) == []
        backup = save(full)
        assert [found.name for found in list_backups(full.backend)] == [backup.name]
        prune_backups(full.backend, keep=1)
        assert (folder / "notes.txt").exists()


@pytest.mark.postgis
class TestSchemas:
    @pytest.fixture
    def target(self, postgis_url: str) -> str:
        return postgis_url

    def test_indexes_and_keys_have_their_own_names(self, full: Project) -> None:
        backup = save(full)
        query = (
            "SELECT tablename, indexname, replace(indexdef, schemaname || '.', '') FROM pg_indexes "
            "WHERE schemaname = '{}' AND tablename <> 'spatial_ref_sys' ORDER BY 1, 2"
        )
        with full.backend.transaction(write=False) as connection:
            old, new = (connection.exec_driver_sql(query.format(name)).all() for name in ("public", backup.name))
        assert new == old
        assert len(new) > 40

    def test_a_rolled_back_change_takes_its_backup_along(self, full: Project) -> None:
        def fail() -> None:
            with full.change(who="a", action="load") as change:
                make_backup(full.backend, change._connection, reason="load")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert list_backups(full.backend) == []

    def test_a_role_that_makes_no_schemas_gets_a_file(
        self, full: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        before = content(full)
        monkeypatch.setattr(backup_schema, "may_create", lambda _: False)
        backup = save(full)
        assert backup.path is not None
        assert backup.path.parent.parent == tmp_path
        assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
        assert [found.name for found in list_backups(full.backend)] == [backup.name]
        with open_project(backup.target) as kept:
            assert content(kept) == before

    def test_schemas_of_others_are_no_backups(self, full: Project) -> None:
        with full.backend.transaction(write=True) as connection:
            connection.exec_driver_sql("CREATE SCHEMA wangge_backup_mine")
            connection.exec_driver_sql("CREATE SCHEMA wangge_backup_other")
            connection.exec_driver_sql("COMMENT ON SCHEMA wangge_backup_other IS 'not { json'")
        assert list_backups(full.backend) == []
        assert prune_backups(full.backend, keep=1) == []


@pytest.fixture
def anywhere(tmp_path: Path) -> Iterator[Project]:
    with open_project(tmp_path / "county.gpkg", create=True) as project:
        yield project


def test_two_backups_of_one_second_have_two_names(anywhere: Project) -> None:
    assert len({save(anywhere, "same").name for _ in range(3)}) == 3
