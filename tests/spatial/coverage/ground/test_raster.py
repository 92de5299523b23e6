"""The raster of counts: right to a thousandth along walls of any direction, and never the wrong way round."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage.ground import count, discs_covered, lay, look
from spatial.coverage.ground.tiles import Scene, tiles_of
from spatial.coverage.sight.gather import gather
from spatial.coverage.sight.sights import sights
from spatial.coverage.sight.visibility import walls
from tests.spatial.coverage.sight.test_hard_scenes import free_eye, hard_scene
from tests.spatial.coverage.views.test_views import buildings_of, one_sector


def ground_of(areas, footprints=(), threads=1):
    none = np.empty(0, dtype=object)
    scene = Scene(np.array(areas, dtype=object), np.array([*footprints, *none], dtype=object), np.empty((0, 5)),
                  np.empty((0, 3)), np.empty((0, 3)), 0)  # fmt: skip
    return lay(scene, tiles_of(scene), threads=threads)


def seen_m2(ground, views, threads=1):
    """Square metres of interest, and those seen by one, two and four or more."""
    tally = count(ground, look(np.array(views, dtype=object), ground.tiles), threads=threads)
    return tally.villages[1] / 4, tally.seen.blocks.sum() / 4


@pytest.mark.parametrize("turn", [0.0, 0.01, 30.0, 90.0])
def test_rows_of_equal_walls_are_counted_to_a_thousandth(turn):
    """Sixty strips 10.3 m wide whose sides run along the squares: asked in their middles, 3 % would be missing."""
    strips = [shapely.box(k * 20.2, 0.0, k * 20.2 + 10.3, 80.0) for k in range(60)]
    strips = [shapely.affinity.rotate(strip, turn, origin=(600, 40)) for strip in strips]
    interest = seen_m2(ground_of(strips), [])[0][0]
    assert interest == pytest.approx(60 * 10.3 * 80, rel=1e-3 if turn < 90 else 5e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_camera_never_lowers_an_obstacle_never_raises_and_nothing_is_lost(seed):
    rng = np.random.default_rng(seed)
    shapes = hard_scene(rng)
    ground = ground_of([shapely.box(-60, -60, 60, 60)], shapes)
    sectors = [one_sector(rng.uniform(0, 360), rng.choice([60.0, 200.0, 360.0]), 0.0, 40.0) for _ in range(4)]
    eyes = [free_eye(rng, shapes) for _ in sectors]

    def views(standing):
        return [sights(eye[None], one, standing).shapes[0] for eye, one in zip(eyes, sectors, strict=True)]

    standing, fewer = walls(buildings_of(shapes)), walls(buildings_of(shapes[:-1]))
    these = views(standing)
    now, blind = seen_m2(ground, these)
    assert now[1] + blind == now[0]
    assert (seen_m2(ground, these[:-1])[0] <= now).all()
    assert (now <= seen_m2(ground, views(fewer))[0] + 0.25).all()  # a square at most: chords of cut arcs are finer
    mixed = [these[k] for k in rng.permutation(4)]
    assert (
        seen_m2(ground_of([shapely.box(-60, -60, 60, 60)], rng.permutation(shapes), threads=3), mixed, 3)[0] == now
    ).all()


def test_walls_behind_nearer_ones_are_not_even_looked_at():
    """In a courtyard, a town of any size outside adds no wall to what the eye gathers."""
    yard = shapely.box(-12, -12, 12, 12).difference(shapely.box(-10, -10, 10, 10))
    town = [shapely.box(x, y, x + 8, y + 8) for x in range(-110, 110, 20) for y in range(-110, 110, 20)
            if max(abs(x + 4), abs(y + 4)) > 20]  # fmt: skip

    def gathered(shapes):
        standing = walls(buildings_of(shapes))
        eye = np.array([0.3, 0.2, 0.0, 2 * math.pi, 0.0, 100.0, 1.5, 1.5, 0.0])
        marks = np.full(len(standing.lattice.points), -1, np.int32)
        return gather(eye, 0, standing.lattice, marks)[1]

    assert gathered([yard]) <= 5
    assert gathered([yard, *town]) < 40  # what the directions of its corners show
    assert gathered([*town]) > 100


def test_a_disc_is_covered_from_half_of_its_free_ground_on():
    ground = ground_of([shapely.box(0, 0, 20, 20)])
    found = count(ground, look(np.empty(0, dtype=object), ground.tiles))
    discs = np.array([[100, 50], [100, 49], [101, 50], [1, 1], [0, 0]])
    assert discs_covered(replace(found, discs=discs)).tolist() == [True, False, False, True, False]
