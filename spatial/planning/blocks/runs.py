"""Runs of villages: pieces of a county that threads work on, with what lies in or beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from spatial.planning.types import Geometries, Integers

__all__ = ["boxed", "runs_of", "split_by"]

_PER_RUN = 8
"""Villages to a run: enough that what every run costs is little, few enough that no thread waits long at the end."""


def runs_of(count: int) -> list[Integers]:
    """Give the positions of `count` villages in runs; never fewer than one run, however few workers there are.

    >>> [len(run) for run in runs_of(20)]
    [7, 7, 6]
    """
    return [np.asarray(run, np.int64) for run in np.array_split(np.arange(count), max(1, -(-count // _PER_RUN)))]


def split_by(group: Integers, count: int) -> list[Integers]:
    """Give the positions of the members of each group 0 … count - 1, in their order.

    >>> [rows.tolist() for rows in split_by(np.array([2, 0, 2]), 3)]
    [[1], [], [0, 2]]
    """
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, count)))


def boxed(tree: shapely.STRtree, areas: Geometries, *, beyond: float = 0.0) -> Integers:
    """Give what a tree holds whose box meets that of any of the areas, or lies `beyond` it by less; in its order."""
    left, low, right, high = np.atleast_2d(shapely.bounds(areas)).T
    return np.unique(tree.query(shapely.box(left - beyond, low - beyond, right + beyond, high + beyond))[1])
