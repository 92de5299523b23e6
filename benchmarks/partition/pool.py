"""Instances shared by two processes, with everything compiled and imported before they start."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.partition.instances import synthetic
from benchmarks.partition.ours import OURS, solver
from benchmarks.partition.race import load_peers

__all__ = ["ready", "spread"]


def ready() -> None:
    """Import what peers need, and compile or load what ours needs, once, so that no run pays for it."""
    load_peers()
    warm = synthetic("village", 130, 10, 3000, 1)
    for name in OURS:
        solver(warm, name)(0)


def spread() -> ProcessPoolExecutor:
    """Give two processes, one on a machine with a single processor; each runs partitioners one after the other."""
    return ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("fork"))
