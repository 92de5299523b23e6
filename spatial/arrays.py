"""Names for the arrays that coverage passes around, and points that are always an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[Any]  # NumPy's stubs take bincount and add.at for integers: the name says what is meant
    Ints = NDArray[Any]
    Flags = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

__all__ = ["column", "equals", "met", "points_at"]


def points_at(xy: ArrayLike) -> Geometries:
    """Make one point per row ``(x, y)``; no rows give an empty array."""
    return np.asarray(shapely.points(np.asarray(xy, dtype=float).reshape(-1, 2)), dtype=object)


def column(frame: Any, name: str, default: float = np.nan) -> Floats:
    """Read a column of numbers; a missing column and missing values give `default`.

    >>> import pandas as pd
    >>> column(pd.DataFrame({"a": [1, None]}), "a", 7.0).tolist(), column(pd.DataFrame({"a": [1]}), "b").tolist()
    ([1.0, 7.0], [nan])
    """
    if name not in frame.columns:
        return np.full(len(frame), default)
    values = frame[name].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(values), default, values)


def equals(frame: Any, name: str, value: object) -> Flags:
    """Tell where a column holds a value; a missing column and missing values (None, NaN, NA) hold none.

    >>> import pandas as pd
    >>> equals(pd.DataFrame({"bridge": pd.array([True, None, False], dtype="boolean")}), "bridge", True).tolist()
    [True, False, False]
    """
    if name not in frame.columns:
        return np.zeros(len(frame), bool)
    given = frame[name]
    return np.asarray(given.notna() & given.astype(object).where(given.notna(), None).eq(value), dtype=bool)


def met(tree: shapely.STRtree, shapes: Geometries) -> list[Ints]:
    """Give for each shape the numbers of the shapes of a tree that it meets, in one query and one pass.

    >>> tree = shapely.STRtree(shapely.box([0, 1, 9], 0, [2, 3, 10], 1))
    >>> [found.tolist() for found in met(tree, shapely.box([0.5, 5], 0, [1.5, 6], 1))]
    [[0, 1], []]
    """
    first, second = tree.query(shapes, predicate="intersects")
    order = np.lexsort((second, first))
    return np.split(second[order], np.searchsorted(first[order], np.arange(1, len(shapes))))[: len(shapes)]
