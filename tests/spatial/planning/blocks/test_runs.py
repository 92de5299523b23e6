"""Blocks are the same whether a county is noded run by run, in threads, or as a whole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from benchmarks.wide_county import wide_county
from spatial.planning.blocks import BlockSizes, Ground, make, make_blocks, seams
from spatial.planning.blocks.borders import read_barriers


def _blocks(frames, *, workers):
    villages = frames["villages"].geometry.to_numpy()
    homes = frames["homes"].geometry.to_numpy()
    home = shapely.STRtree(villages).query(homes, predicate="intersects")[1]
    lines, none = read_barriers(frames["barriers"]), np.empty(0, object)
    ground = Ground(lines.lines, lines.hard, frames["buildings"].geometry.to_numpy(), none, np.zeros(0, bool), none)
    planned, households = np.arange(len(villages) - 1), np.ones(len(homes))
    kept = home < len(planned)
    return make_blocks(
        villages[planned], ground, points=homes[kept], home=home[kept], households=households[kept],
        sizes=BlockSizes(np.full(len(planned), 3.0), np.full(len(planned), 60_000.0)), others=villages[-1:],
        workers=workers,
    )  # fmt: skip


def _sorted(faces):
    spot = np.round(shapely.get_coordinates(shapely.centroid(faces.geometry)), 3)
    rows = np.lexsort((*spot.T, faces.village))
    return faces.village[rows], shapely.normalize(faces.geometry[rows])


def _assert_same(faces, others):
    (village, shape), (village_too, shape_too) = _sorted(faces), _sorted(others)
    assert (village == village_too).all()
    assert shapely.equals_exact(shape, shape_too, 1e-9).all()


@pytest.fixture(scope="module")
def frames():
    return wide_county(19, homes=50, columns=5)


def _as_one_run(count):
    return [np.arange(count)]


def test_runs_of_villages_give_the_blocks_of_the_whole(frames, monkeypatch):
    faces, others = _blocks(frames, workers=2)
    monkeypatch.setattr(make, "runs_of", _as_one_run)
    whole, beside = _blocks(frames, workers=1)
    _assert_same(faces, whole)
    assert shapely.equals_exact(others, beside, 1e-9).all()
    assert shapely.coverage_is_valid(np.concatenate([faces.geometry, others]))


def test_where_the_two_sides_of_a_seam_differ_the_county_is_noded_as_a_whole(frames, monkeypatch):
    faces, _ = _blocks(frames, workers=1)
    monkeypatch.setattr(seams, "_BESIDE_M", -1.0)  # nothing is found beside a run
    again, others = _blocks(frames, workers=1)
    assert shapely.coverage_is_valid(np.concatenate([again.geometry, others]))
    _assert_same(faces, again)


def test_a_node_that_one_side_of_a_seam_lacks_is_given_to_it(frames, monkeypatch):
    """The county is not noded as a whole for it: that takes as long as all runs together."""
    noding, missed = seams.noded, []

    def forgetful(areas):
        whole = noding(areas)
        if not missed:  # a node in the middle of the longest edge, on one side only
            row = int(np.argmax(shapely.intersects(shapely.boundary(whole), seam)))
            missed.append(row)
            whole[row] = shapely.segmentize(whole[row], shapely.length(whole[row]) / 9)
        return whole

    villages = frames["villages"].geometry.to_numpy()
    seam = shapely.intersection(*(shapely.union_all(villages[rows]) for rows in make.runs_of(len(villages) - 1)[:2]))
    monkeypatch.setattr(seams, "noded", forgetful)
    monkeypatch.setattr(seams, "_as_one", None)
    faces, others = _blocks(frames, workers=1)
    assert missed
    assert shapely.coverage_is_valid(np.concatenate([faces.geometry, others]))
