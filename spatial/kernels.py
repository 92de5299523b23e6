"""One place that says how numba kernels are compiled and where their machine code is kept.

Machine code is kept in the user's cache folder, by numba's version and by the sources of all kernels of a package:
numba looks only at the file of a kernel itself, and would go on with what it inlined from another file before that
was changed (by an upgrade, say).
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs

__all__ = ["cache_base", "kernel", "sources_digest"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_HERE = Path(__file__).parent


def kernel(function: _Function) -> _Function:
    """Compile a function to machine code once per machine and version (numba, cached on disk, no GIL).

    Kernels call kernels of their own package below `spatial` only: one cache folder stands for one package.
    """
    package = function.__module__.split(".")[1] if function.__module__.startswith("spatial.") else ""
    before = getattr(numba.config, "CACHE_DIR")  # noqa: B009 -- see below
    setattr(numba.config, "CACHE_DIR", _cache_folder(package))  # noqa: B010 -- numba builds these names at run time
    try:
        return cast("_Function", numba.njit(cache=True, nogil=True)(function))
    finally:
        setattr(numba.config, "CACHE_DIR", before)  # noqa: B010 -- see above


def cache_base() -> Path:
    """Give the folder below which compiled kernels are kept: NUMBA_CACHE_DIR, or the user's cache folder."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("wangge", appauthor=False))


def sources_digest(folder: Path) -> str:
    """Give a short digest of the sources below a folder that hold kernels."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes()
        if b"@kernel" in source:
            digest.update(source)
    return digest.hexdigest()


@functools.cache
def _cache_folder(package: str) -> str:
    """Give the cache folder of a package's kernels, or a temporary one where that cannot be written."""
    name = f"kernels-{numba.__version__}"
    if package and (_HERE / package).is_dir():
        name = f"{name}-{package}-{sources_digest(_HERE / package)}"
    folder = cache_base() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return tempfile.gettempdir()
    return str(folder) if os.access(folder, os.W_OK) else tempfile.gettempdir()
