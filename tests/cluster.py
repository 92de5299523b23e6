"""A throw-away PostgreSQL with PostGIS: on a socket of its own, nobody listens on a port, gone after the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

__all__ = ["Cluster", "execute", "server_programs"]


def server_programs() -> Path | None:
    """Folder of the newest PostgreSQL server with PostGIS on this machine, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    extension = any(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return folders[-1].parent if folders and extension and (not root or shutil.which("runuser")) else None


class Cluster:
    """One server; `url` has a `{name}` for the database. Everybody on the socket is trusted, whatever role they name.

    Commits are on disk as far as the kernel goes (no fsync): they outlive the server's death, not the machine's.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._home = Path(tempfile.mkdtemp(prefix="wangge-pg-"))
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        self._user = ["runuser", "-u", "postgres", "--"] if root else []
        if root:
            shutil.chown(self._home, "postgres", "postgres")
        self.url = f"postgresql://postgres@/{{name}}?host={self._home}&port=54329"
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-k {self._home} -c listen_addresses= -c port=54329 -c fsync=off"
        self._run("pg_ctl", "-o", options, "-l", str(self._home / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` rolls back what is open, `immediate` is a crash that it recovers from."""
        self._run("pg_ctl", "-m", mode, "-w", "stop")

    def restart(self) -> None:
        """Stop and start the server; every connection is cut."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Kill the server with SIGKILL and wait until it is gone; `start` brings it back."""
        number = int((self._home / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        os.kill(number, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._backends():
            time.sleep(0.05)
        for lock in ("data/postmaster.pid", ".s.PGSQL.54329.lock"):
            (self._home / lock).unlink(missing_ok=True)  # a zombie that nobody waits for would keep it valid

    @property
    def is_running(self) -> bool:
        """Whether the server is up."""
        try:
            self._run("pg_ctl", "status")
        except subprocess.CalledProcessError:
            return False
        return True

    def remove(self) -> None:
        """Stop the server, if it runs, and delete everything."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self._home, ignore_errors=True)

    def _backends(self) -> bool:
        """Tell whether a process of the server still works in its data folder."""
        data = str(self._home / "data")
        for process in Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                if str(process.readlink()) == data:
                    return True
        return False

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._user, self._programs / program, "-D", self._home / "data", *arguments]
        subprocess.run(
            command, check=True, cwd=self._home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120
        )


def execute(url: str, statement: str) -> list[Any]:
    """Run one statement outside of any transaction; gives its rows."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []
