"""What every reader hands on: the cells and shapes of a file as they stand there, before anything is understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

__all__ = ["Note", "Raw"]

Note = tuple[str, str]
"""One sentence in Chinese and in English: what was mended, converted or dropped."""


@dataclass(frozen=True)
class Raw:
    """Cells and shapes of one layer of a file.

    The index of `cells` is the number of the row as a person finds it: the line of a CSV file, the row of a
    sheet, the first, second … feature of a map layer. `shapes` is missing for tables. `settled` says that the
    columns are already ours and the coordinates known to be WGS 84 (OpenStreetMap).
    """

    cells: pd.DataFrame
    shapes: NDArray[np.object_] | None = None
    crs: pyproj.CRS | None = None
    settled: bool = False
    notes: list[Note] = field(default_factory=list)
