"""One place that says how numba kernels are compiled and where their machine code is kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs

__all__ = ["kernel"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _cache_folder() -> str:
    """Give the user's cache folder, or a temporary one where that cannot be written."""
    folder = Path(platformdirs.user_cache_dir("wangge", appauthor=False)) / f"kernels-{numba.__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return tempfile.gettempdir()
    return str(folder) if os.access(folder, os.W_OK) else tempfile.gettempdir()


if not getattr(numba.config, "CACHE_DIR", ""):  # NUMBA_CACHE_DIR, where set, wins
    setattr(numba.config, "CACHE_DIR", _cache_folder())  # noqa: B010 -- numba builds this module's names at run time


def kernel(function: _Function) -> _Function:
    """Compile a function to machine code once per machine and version (numba, cached on disk, no GIL)."""
    return cast("_Function", numba.njit(cache=True, nogil=True)(function))
