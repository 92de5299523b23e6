"""A graph of squares that the tests of partitions share."""

from __future__ import annotations

import numpy as np

from spatial.planning.partition import Graph, make_graph


def lattice(columns: int, rows: int, weight: np.ndarray) -> Graph:
    """Join squares of 100 m to their four neighbours."""
    number = np.arange(columns * rows).reshape(rows, columns)
    pairs = np.vstack([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    length = np.full(len(pairs), 100.0)
    shared = np.bincount(pairs.ravel(), minlength=number.size) * 100.0
    y, x = np.divmod(np.arange(number.size), columns)
    return make_graph(
        pairs, length, length, np.ones(len(pairs)), weight=weight.astype(float), area=np.full(number.size, 1e4),
        outer=400.0 - shared, xy=np.column_stack([x, y]) * 100.0,
    )  # fmt: skip
