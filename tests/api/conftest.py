"""Projects to test with, on both backends, and rows for every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from api.store import Project, open_project
from spatial.layers import LAYERS, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_TEXTS = (
    "盘山县 胡家镇",
    "naïve \N{GRINNING FACE} 𠮷",
    "",
    "'; DROP TABLE cells; --",
    "0012",
    'a\nb\t"c"\\',
    "NULL",
    "\\N",
)
_MOMENTS = pd.to_datetime(
    ["2026-02-28T23:59:59.123Z", "1999-12-31T16:00:00Z", "2026-06-01T00:00:00.001Z"], utc=True, format="ISO8601"
)
_JSON = ({"户数": 400, "list": [1, 2.5, None, True]}, [], "text", 0, {"deep": {"er": [[]]}})
_NUMBERS = (0.1, -0.0, 1e308, 5e-324, 123456.789, float(np.nextafter(1, 2)))
_WHOLES = (0, 1, 2**62, 7)


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a project may be made: a path, and a URL where there is PostGIS."""
    if request.param == "postgis":
        return str(request.getfixturevalue("postgis_url"))
    return str(tmp_path / "县 county #1%.gpkg")


@pytest.fixture
def project(target: str) -> Iterator[Project]:
    """Open an empty project on each backend."""
    with open_project(target, create=True) as project:
        yield project


@pytest.fixture
def rows_of() -> Callable[..., pd.DataFrame]:
    """Give a function that makes `count` rows of a layer: every type, every second optional value missing."""
    return _rows


def _rows(layer: str, count: int = 8, *, seed: int = 0, first: int = 0) -> Any:
    form = LAYERS[layer]
    rng = np.random.default_rng(seed)
    data = {column.name: _values(column, count, first, leading=column.name in form.key) for column in form.columns}
    frame = pd.DataFrame(data)
    if form.geometry is None:
        return frame
    shapes = [_shape(form.geometry, rng) for _ in range(count)]
    if not form.geometry_required:
        shapes[::2] = [None] * len(shapes[::2])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))


def _values(column: Column, count: int, first: int, *, leading: bool) -> Any:
    numbers = range(first, first + count)
    if leading:
        return pd.array([f"{column.name}-{number}" for number in numbers], dtype="str")
    choices: dict[str, Any] = {
        "text": _TEXTS, "integer": _WHOLES, "double": _NUMBERS, "boolean": (True, False), "datetime": _MOMENTS,
        "json": _JSON,
    }  # fmt: skip
    pool = choices[column.kind]
    values = [pool[number // 2 % len(pool)] if number % 2 or column.required else None for number in numbers]
    if column.kind == "json":
        array = np.empty(count, dtype=object)
        array[:] = values
        return array
    whole = "int64" if column.required else "Int64"
    kinds = {"text": "str", "integer": whole, "double": "float64", "boolean": "boolean"}
    return pd.DatetimeIndex(values).as_unit("ms") if column.kind == "datetime" else pd.array(values, kinds[column.kind])


def _shape(kind: str, rng: np.random.Generator) -> Any:
    x, y = rng.uniform(121, 122), rng.uniform(41, 42)
    if kind == "Point":
        return shapely.Point(x, y)
    ring = shapely.Point(x, y).buffer(rng.uniform(0.001, 0.01), quad_segs=3)
    if kind == "MultiLineString":
        return shapely.MultiLineString([ring.exterior, shapely.LineString([(x, y), (x + 0.1, y)])])
    hole = shapely.Polygon(ring.exterior, [shapely.affinity.scale(ring, 0.5, 0.5).exterior])
    return shapely.MultiPolygon([hole, shapely.box(x + 0.02, y, x + 0.03, y + 0.01)])
