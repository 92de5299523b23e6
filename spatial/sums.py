"""Sums by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from spatial.arrays import Floats, Ints

__all__ = ["summed"]


def summed(group: Ints, values: ArrayLike, count: int) -> Floats:
    """Add values up by group number; groups without values give 0.

    >>> summed(np.array([0, 2, 2]), [1, 2, 3], 4).tolist()
    [1.0, 0.0, 5.0, 0.0]
    """
    return np.bincount(group, weights=np.asarray(values, float), minlength=count).astype(np.float64)
