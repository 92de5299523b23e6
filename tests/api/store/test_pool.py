"""The pool of a database project: sized, patient for so long, whole again after the server was away, never leaking."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from api.server import running
from api.store import BusyProjectError, MissingProjectError, Project, StoreError, open_project
from api.store.limits import VARIABLES, Limits, limits_from
from tests.cluster import Cluster, execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'wangge[postgis]'")
pytestmark = pytest.mark.postgis


@pytest.fixture
def cluster(postgis_cluster: Cluster, postgis_url: str) -> Iterator[Cluster]:
    """Give the server, and bring it back after the test whatever happened."""
    yield postgis_cluster
    if not postgis_cluster.is_running:
        postgis_cluster.start()


@pytest.fixture
def project(postgis_url: str, rows_of: Callable[..., Any]) -> Iterator[Project]:
    with open_project(postgis_url, create=True) as project:
        with project.change(who="a", action="load") as change:
            change.append("homes", rows_of("homes", 50))
        yield project


def _lent(project: Project) -> int:
    return int(project.backend.engine.pool.checkedout())


def _open_at(postgis_url: str) -> int:
    """Count the connections of the project that the server knows of."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'wangge' AND datname = current_database()"
    return int(execute(postgis_url, query)[0][0])


def _set(project: Project, key: str, value: Any) -> None:
    with project.change(who="a", action="set") as change:
        change.set(key, value)


def test_the_server_may_restart_between_two_requests(cluster: Cluster, project: Project) -> None:
    with project.reading():
        assert project.count("homes") == 50
    cluster.restart()
    assert project.count("homes") == 50
    _set(project, "a", 1)
    assert project.settings == {"a": 1}
    assert _lent(project) == 0


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_goes_away_in_the_middle_is_named_and_nothing_is_half_done(
    project: Project, cluster: Cluster, how: str
) -> None:
    _set(project, "kept", 1)

    def cut_off() -> None:
        with project.change(who="a", action="x") as change:
            change.delete("homes")
            change.set("lost", 2)
            getattr(cluster, how)()
            change.set("lost", 3)

    with pytest.raises(MissingProjectError, match="was cut") as refused:
        cut_off()
    assert "断了" in refused.value.zh
    with pytest.raises(MissingProjectError, match=r"cannot connect|was cut"):
        project.count("homes")
    cluster.start()
    assert project.count("homes") == 50
    assert project.settings == {"kept": 1}
    assert _lent(project) == 0


def test_a_bulk_load_that_is_cut_off_is_named_too(
    project: Project, cluster: Cluster, rows_of: Callable[..., Any]
) -> None:
    def cut_off() -> None:
        with project.change(who="a", action="x") as change:
            cluster.kill()
            change.append("places", rows_of("places", 3000))

    with pytest.raises(MissingProjectError):
        cut_off()
    cluster.start()
    assert project.count("places") == 0


def test_no_connection_is_leaked_by_what_goes_wrong(
    project: Project, postgis_url: str, rows_of: Callable[..., Any]
) -> None:
    for number in range(12):
        with suppress(StoreError, KeyError, RuntimeError), project.change(who="a", action="x") as change:
            change.append("homes", rows_of("homes", 3))  # stored already
        with suppress(StoreError), project.reading():
            project.read("homes", bbox=(121, 41, 122, 42))
            raise BusyProjectError("", "")
        with suppress(Exception), project.backend.transaction(write=number % 2 == 0) as connection:
            connection.exec_driver_sql("SELECT 1 / 0")
    assert _lent(project) == 0
    assert 1 <= _open_at(postgis_url) <= 5
    project.close()
    assert _open_at(postgis_url) == 0


def test_the_pool_has_a_size_and_an_end(postgis_url: str, monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    monkeypatch.setenv("WANGGE_POOL_SIZE", "2")
    monkeypatch.setenv("WANGGE_POOL_OVERFLOW", "1")
    monkeypatch.setenv("WANGGE_POOL_WAIT_S", "0.2")
    project.close()
    with open_project(postgis_url) as small, ExitStack() as held:
        for _ in range(3):
            held.enter_context(small.backend.transaction(write=False))
        with pytest.raises(BusyProjectError, match="every database connection is in use"):
            small.count("homes")
        held.close()
        assert small.count("homes") == 50
        assert _open_at(postgis_url) == 2


def test_many_threads_share_few_connections(postgis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_POOL_SIZE", "3")
    monkeypatch.setenv("WANGGE_POOL_OVERFLOW", "0")
    with open_project(postgis_url, create=True) as project, running(project):

        def work(number: int) -> int:
            _set(project, f"k{number % 7}", number)
            return project.count("history")

        with ThreadPoolExecutor(12) as threads:
            counts = list(threads.map(work, range(60)))
        assert max(counts) == project.count("history") == 60
        assert _open_at(postgis_url) <= 3
        assert _lent(project) == 0


def test_readers_go_on_while_somebody_writes_and_a_second_writer_waits_so_long(
    postgis_url: str, project: Project
) -> None:
    with open_project(postgis_url, busy_s=0.3) as other, project.change(who="a", action="x") as change:
        change.delete("homes")
        assert other.count("homes") == 50
        with pytest.raises(BusyProjectError, match=r"waited 0\.3 s"):
            _set(other, "a", 1)
    assert project.count("homes") == 0


def test_reads_and_changes_have_limits_of_their_own(postgis_url: str, project: Project) -> None:
    with open_project(postgis_url, statement_s=30, read_s=0.2) as served:
        with pytest.raises(StoreError, match="longer than its limit"), served.backend.transaction(write=False) as reads:
            reads.exec_driver_sql("SELECT pg_sleep(5)")
        with served.backend.transaction(write=True) as writes:
            writes.exec_driver_sql("SELECT pg_sleep(0.4)")
        with served.backend.transaction(write=False) as reads:  # and the change's limit does not stay behind
            assert reads.exec_driver_sql("SHOW statement_timeout").scalar_one() == "200ms"


def test_a_writer_that_falls_asleep_lets_the_others_in(
    postgis_url: str, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    monkeypatch.setenv("WANGGE_IDLE_S", "0.3")
    done = threading.Event()

    def fall_asleep() -> None:
        with open_project(postgis_url) as sleepy, sleepy.change(who="a", action="x") as change:
            change.set("lost", 1)
            threading.Thread(target=lambda: (_set(project, "kept", 1), done.set())).start()
            assert done.wait(timeout=20)
            change.set("lost", 2)

    with pytest.raises(MissingProjectError):
        fall_asleep()
    assert project.settings == {"kept": 1}


@pytest.mark.parametrize("variable", sorted(VARIABLES.values()))
def test_every_variable_is_read_and_nonsense_is_refused(variable: str) -> None:
    assert limits_from({variable: "7"}) != Limits() == limits_from({variable: " "})
    for nonsense in ("many", "-1", "nan", "1e12"):
        with pytest.raises(StoreError, match=variable):
            limits_from({variable: nonsense})
