"""Files are built beside their place, under a hidden name, and put there at once: nobody ever sees half of one.

A draft is named `.county.gpkg.HOST-PID-RANDOM.new.gpkg`. One that a killed process left behind is swept away by
the next who opens or makes the same file; a draft of a living process, or of another machine on a shared disk, is
left alone for a day.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.store.errors import exists_already

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["building", "drafting", "put", "sweep"]

_DAY_S = 86_400
_BESIDE = ("", "-journal", "-wal", "-shm")
"""A database and the files that SQLite may leave beside it."""
_DRAFT = re.compile(r"\.(?:([0-9a-f]{8})-(\d+)-)?[0-9a-f]{8}\.new(?:\.gpkg)?(?:-journal|-wal|-shm)?$")
"""Which host and process works on a draft; early versions did not say."""


@contextmanager
def building(path: Path) -> Iterator[Path]:
    """Give the name of a draft to write; when the block ends well, it becomes `path`.

    Raises
    ------
    ProjectExistsError
        Where something is at `path` by then; it is left as it is.
    """
    with drafting(path) as draft:
        yield draft
        if not put(draft, path):
            raise exists_already(path)


@contextmanager
def drafting(path: Path) -> Iterator[Path]:
    """Give the name of a draft beside `path`, and remove what is left of it afterwards, whatever happens."""
    sweep(path)
    draft = path.with_name(f".{path.name}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.new.gpkg")
    try:
        yield draft
    finally:
        for ending in _BESIDE:
            draft.with_name(draft.name + ending).unlink(missing_ok=True)


def put(draft: Path, path: Path) -> bool:
    """Give the draft its name; False where that is taken."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # file systems without hard links
        if path.exists():
            return False
        draft.rename(path)
    return True


def sweep(path: Path) -> None:
    """Remove drafts of `path` that nobody works on any more; a folder that may not be changed stays as it is."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(path.parent):
            ours = entry.name.startswith(".") and entry.name.lstrip(".").startswith(f"{path.name}.")
            if ours and _DRAFT.search(entry.name) and _is_stale(entry):
                os.unlink(entry.path)  # noqa: PTH108 - scandir's own path


def _is_stale(entry: os.DirEntry[str]) -> bool:
    owner = _DRAFT.search(entry.name)
    if owner and owner[1] == _host() and os.name != "nt":  # there, signal 0 would end the process
        return not _is_alive(int(owner[2]))
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > _DAY_S


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"
