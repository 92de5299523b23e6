"""Work shared by threads; the order of results, and the results, never depend on how many there are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["in_order"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def in_order(
    work: Callable[[_In], _Out],
    jobs: Iterable[_In],
    *,
    workers: int | None = None,
    done: Callable[[int], None] | None = None,
) -> list[_Out]:
    """Run `work` on every job and give the results in the order of the jobs; GEOS and numba free the GIL."""
    count = workers or min(8, os.cpu_count() or 1)
    results: list[_Out] = []
    if count == 1:
        for job in jobs:
            results.append(work(job))
            if done:
                done(len(results))
        return results
    with ThreadPoolExecutor(count) as pool:
        for result in pool.map(work, jobs):
            results.append(result)
            if done:
                done(len(results))
    return results
