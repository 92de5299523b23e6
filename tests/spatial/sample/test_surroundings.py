"""What surrounds the houses of a sample: shapes that stay valid in degrees."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from spatial.sample.surroundings import without_spikes

SPIKE = shapely.from_wkt(
    "POLYGON ((121.98324980366924 41.328663035176206, 121.98252582016516 41.329988226115695, "
    "121.98286540131946 41.330349812947695, 121.98288898082883 41.33046487027846, "
    "121.98289910103654 41.33056003326478, 121.98289770014756 41.33054686035088, "
    "121.98419061077517 41.330108896368266, 121.98484249658647 41.32918301593537, "
    "121.98324980366924 41.328663035176206))"
)


def test_a_spike_thinner_than_a_millimetre_is_taken_off_and_other_shapes_stay():
    plane = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4550", always_xy=True)
    carry = lambda shape: shapely.transform(shape, lambda xy: np.column_stack(plane.transform(*xy.T)))  # noqa: E731
    thin, plain = carry(SPIKE), shapely.box(500_000.1234567, 4_500_000, 500_100, 4_500_100)
    mended, same = without_spikes(np.array([thin, plain], dtype=object))
    assert same is plain
    assert mended.is_valid
    assert abs(mended.area - thin.buffer(0).area) < 1.0
    back = lambda xy: np.column_stack(plane.transform(*xy.T, direction="INVERSE"))  # noqa: E731
    assert shapely.transform(mended, back).is_valid
    assert not shapely.transform(thin, back).is_valid
