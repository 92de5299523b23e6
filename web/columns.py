"""Columns of a frame as lists that JSON can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

__all__ = ["column", "numbers", "pointed", "texts"]


def pointed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows that have a place."""
    return frame[frame.geometry.notna() & ~frame.geometry.is_empty]


def texts(frame: DataFrame, name: str, default: str = "") -> list[str]:
    """Give a column as texts; what is missing takes the default."""
    if name not in frame:
        return [default] * len(frame)
    return [default if pd.isna(value) else str(value) for value in frame[name]]


def numbers(values: Series | NDArray[np.float64], digits: int) -> list[float | int | None]:
    """Numbers rounded for display; NaN and infinities become None."""
    array = np.asarray(pd.to_numeric(pd.Series(values)), dtype=np.float64)
    rounded = np.round(array, digits)
    whole = digits == 0
    return [None if not np.isfinite(one) else int(one) if whole else float(one) for one in rounded]


def column(frame: DataFrame, name: str, digits: int = 0) -> list[float | int | None]:
    """Give a column of numbers, or as many Nones where there is none."""
    return numbers(frame[name], digits) if name in frame else [None] * len(frame)
