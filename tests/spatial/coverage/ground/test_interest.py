"""The area of interest: built-up land against its definition, at the houses where a short cut would go wrong."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.coverage.ground.interest import built_up


def houses(count, spread_m, *, seed):
    rng = np.random.default_rng(seed)
    low, size = rng.uniform(0, spread_m, (count, 2)), rng.uniform(5, 22, (count, 2))
    shapes = [shapely.box(*a, *(a + b)) for a, b in zip(low, size, strict=True)]
    turned = [
        shapely.affinity.rotate(shape, angle) for shape, angle in zip(shapes, rng.uniform(0, 90, count), strict=True)
    ]
    return gpd.GeoDataFrame(geometry=turned, crs="EPSG:4550")


@pytest.mark.parametrize("count", [1, 3, 15, 40, 400])
def test_built_up_land_is_closed_by_30_m_and_grown_by_20(count):
    frame = houses(count, 600, seed=count)
    united = shapely.union_all(frame.geometry.to_numpy())
    asked = united.buffer(30, quad_segs=64).buffer(-30, quad_segs=64).buffer(20, quad_segs=64)
    land = built_up(frame)
    assert shapely.area(land).sum() == pytest.approx(asked.area, rel=2e-3)
    assert shapely.union_all(land).symmetric_difference(asked).area < 0.01 * asked.area
