"""A throw-away PostgreSQL of our own that may be killed: it tells its process, and starts again on the same data."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Server"]

_OPTIONS = ("-c", "listen_addresses=", "-c", "max_connections=60", "-c", "fsync=off")
"""A commit is in the log, and the log with the operating system, before it is acknowledged (synchronous_commit is on);
fsync matters to power failures only, and after each kill would sync some fifty databases anew."""


class Server:
    """One cluster in a folder of its own, on a socket there; gone when the `with` block ends."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="wangge-soak-"))
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not binaries:
            raise FileNotFoundError("no PostgreSQL: apt-get install postgresql postgresql-postgis")
        self._binaries = binaries[-1].parent
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        if root:
            shutil.chown(self.home, "postgres", "postgres")
        self._as: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if root else {}

    def __enter__(self) -> Self:
        """Make the cluster, start it, and make a template with PostGIS."""
        subprocess.run(
            [self._binaries / "initdb", "-D", self.home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            check=True, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as,
        )  # fmt: skip
        self.start()
        self.sql("CREATE DATABASE with_postgis")
        self.sql("CREATE EXTENSION postgis", "with_postgis")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and remove the folder."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self) -> None:
        """Start, recover what the log says, and come back when connections are taken."""
        self._postmaster = subprocess.Popen(
            [self._binaries / "postgres", "-D", self.home / "data", "-k", self.home, "-c", "port=54331", *_OPTIONS],
            cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as,
        )  # fmt: skip
        self.wait()

    def url(self, name: str) -> str:
        """Give the URL of one database."""
        return f"postgresql://postgres@/{name}?host={self.home}&port=54331"

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run one statement."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def clone(self, name: str, template: str) -> str:
        """Make a database that is like another one; gives its URL.

        By files, between two checkpoints: cloned through the log (PostgreSQL 15), a sequence keeps the values that it
        took ahead without logging them again, and after a crash hands some out a second time.
        """
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            strategy = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}{strategy}")
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database and whoever is in it."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def serving(self, database: str) -> list[int]:
        """Give the processes that serve clients of a database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
            return [pid for (pid,) in connection.execute(asked, (database,))]

    def kill(self) -> None:
        """Kill the whole server as `kill -9` does, its children too, so that nothing is written any more."""
        postmaster = self._postmaster.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        self._postmaster.kill()
        for pid in map(int, children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._postmaster.wait()
        deadline = time.monotonic() + 30
        while any(_alive(pid) for pid in map(int, children)):
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not die")
            time.sleep(0.02)

    def wait(self) -> None:
        """Wait until connections are taken again, after the loss of one of its processes."""
        deadline = time.monotonic() + 300
        while True:
            try:
                self.sql("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return


def _alive(pid: int) -> bool:
    """Tell whether a process still runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
