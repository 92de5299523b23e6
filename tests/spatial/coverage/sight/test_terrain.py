"""Hills: every cell against a ray followed with NumPy, and views without what hills hide."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from spatial.coverage.sight.terrain import Terrain, cells_seen, hidden_ground
from spatial.coverage.views import camera_views
from tests.spatial.coverage.views.test_views import CRS, cameras_at

RES = 12.5
AFFINE = (RES, 0.0, 500_000.0, 0.0, -RES, 4_570_000.0)


def hills(side=80, seed=1):
    """Smooth random hills, 150 m high."""
    rng = np.random.default_rng(seed)
    wave = np.fft.rfftfreq(side)[None], np.fft.fftfreq(side)[:, None]
    size = np.hypot(*wave)
    size[0, 0] = 1.0
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((side, side))) * size**-1.8, (side, side))
    return 150.0 * (field - field.min()) / np.ptp(field)


def ray(heights, row, column, above, i, j, target, res=RES):
    """Tell whether an eye sees a cell, by the definition: one crossing after the other."""
    corner = int(np.floor(row)), int(np.floor(column))
    p, q = row - corner[0], column - corner[1]
    four = heights[corner[0] : corner[0] + 2, corner[1] : corner[1] + 2]
    eye = np.array([1 - p, p]) @ four @ np.array([1 - q, q]) + above
    down, across = i - row, j - column
    reach = res * np.hypot(down, across)
    bend = 6 / 7 / (2 * 6_371_000.0)
    along = abs(down) >= abs(across)
    start, stop, other, slope = (row, i, column, across) if along else (column, j, row, down)
    lines = np.arange(np.floor(min(start, stop)) + 1, np.ceil(max(start, stop)))
    t = (lines - start) / (stop - start) if start != stop else np.empty(0)
    place = other + slope * t
    grid = heights if along else heights.T
    ground = [np.interp(at, np.arange(grid.shape[1]), grid[int(line)]) for line, at in zip(lines, place, strict=True)]
    end = heights[i, j] - reach**2 * bend + target
    return bool((np.array(ground) - (t * reach) ** 2 * bend <= eye + (end - eye) * t + 1e-9).all())


@pytest.mark.parametrize("seed", range(3))
def test_every_cell_equals_its_own_ray(seed):
    heights = hills(seed=seed)
    terrain = Terrain(heights, AFFINE, CRS)
    rng = np.random.default_rng(seed)
    place = rng.uniform(30, 50, (3, 2))
    xy = np.column_stack([500_000 + (place[:, 1] + 0.5) * RES, 4_570_000 - (place[:, 0] + 0.5) * RES])
    seen, first = cells_seen(terrain, xy, crs=CRS, above_m=np.full(3, 5.0), reach_m=np.full(3, 300.0))
    for e in range(3):
        rows, columns = np.nonzero(seen[e] != 2)
        assert len(rows) == pytest.approx(np.pi * (300 / RES) ** 2, rel=0.03)
        cells = np.column_stack([rows, columns]) + first[e]
        right = [ray(heights, *place[e], 5.0, i, j, 1.5) for i, j in cells]
        assert seen[e][rows, columns].astype(bool).tolist() == right
        assert 0.05 < np.mean(right) < 0.95


def test_a_ridge_hides_the_valley_behind_it_and_a_taller_pole_looks_over():
    heights = np.zeros((60, 60))
    heights[:, 30] = 8.0
    terrain = Terrain(heights, AFFINE, CRS)
    x, y = 500_000 + 28.5 * RES, 4_570_000 - 30 * RES
    ridge = 500_000 + 30.5 * RES - x
    for mount, hidden in ((5.0, True), (60.0, False)):
        steep = {"tilt_deg": [89.0], "vfov_deg": [170.0]}
        frame = cameras_at((x, y), azimuth_deg=[90.0], hfov_deg=[40.0], range_m=[60.0], mount_m=[mount], **steep)
        view = camera_views(frame, terrain=terrain).frame.iloc[0]
        assert view.geometry.contains(shapely.Point(x + ridge - 8, y))
        assert view.geometry.contains(shapely.Point(x + ridge + 25, y)) is not hidden
        assert bool(view["blocked_share"] > 0.3) is hidden


def test_level_ground_hides_nothing_and_a_hole_in_the_model_neither():
    heights = np.full((60, 60), 100.0)
    heights[20:25, 20:25] = np.nan
    xy = np.array([[500_000 + 30.2 * RES, 4_570_000 - 30.7 * RES], [0.0, 0.0]])
    found = hidden_ground(
        Terrain(heights, AFFINE, CRS), xy, crs=CRS, above_m=np.full(2, 5.0), reach_m=np.full(2, 250.0)
    )
    assert found.tolist() == [None, None]


def test_the_earth_bends_away_beyond_a_kilometre():
    heights = np.zeros((60, 1500))
    xy = np.array([[500_000 + 30.5 * RES, 4_570_000 - 30.5 * RES]])
    seen, _ = cells_seen(Terrain(heights, AFFINE, CRS), xy, crs=CRS, above_m=np.array([2.0]),
                         reach_m=np.array([16_000.0]), target_m=0.5)  # fmt: skip
    row = seen[0][seen.shape[1] // 2]
    far = np.flatnonzero(row == 1).max() - len(row) // 2
    assert far * RES == pytest.approx(np.sqrt(2 * 6_371_000 * 7 / 6) * (2.0**0.5 + 0.5**0.5), rel=0.01)


def test_a_model_in_degrees_hides_the_same_ground():
    heights = np.zeros((200, 200))
    heights[:, 100] = 9.0
    lon, lat = Transformer.from_crs(CRS, 4490, always_xy=True).transform(500_000.0, 4_570_000.0)
    step = 1e-4
    terrain = Terrain(heights, (step, 0.0, lon - 100.5 * step, 0.0, -step, lat + 100.5 * step), "EPSG:4490")
    found = hidden_ground(terrain, np.array([[499_960.0, 4_570_000.0]]), crs=CRS, above_m=np.array([4.0]),
                          reach_m=np.array([100.0]))[0]  # fmt: skip
    assert found.contains(shapely.Point(500_040, 4_570_010))
    assert not found.intersects(shapely.Point(499_970, 4_570_010))
    assert found.bounds[0] == pytest.approx(500_000 + 0.5 * step * 111_320 * np.cos(np.radians(lat)), abs=1.0)
