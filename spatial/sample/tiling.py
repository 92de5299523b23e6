"""From labelled points to village polygons that tile the outline: one noded set of lines, faces, labels.

Every border is drawn once, so neighbours share their vertices and the result is a coverage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

from spatial.sample.lines import as_lines, bend, chains, points_at, rounded, segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.sample.areas import Layout
    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["faces_of", "merge_faces", "soft_borders", "tile", "tile_cores"]


WIGGLE_M, WIGGLE_WAVE_M = 34.0, 380.0
"""How far and how often borders wander: brings the roundness of villages to that of real ones (mean 0.5)."""


def tile(ground: Ground, layout: Layout) -> tuple[Geometries, Ints]:
    """Draw one polygon per rural village and one per town core (its communities together).

    Returns the polygons and, for each, the village number, or -1 - town number for a core.
    """
    label = np.where(layout.community[layout.village], -1 - layout.town[layout.village], layout.village)
    borders = soft_borders(layout.points, label, reach=ground.scale_m)
    faces = faces_of([shapely.boundary(ground.outline), *ground.hard, *borders])
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    inside = shapely.contains_xy(ground.outline, inner[:, 0], inner[:, 1])
    faces, inner = faces[inside], inner[inside]
    of_face = _most_common(faces, inner, layout.points, label)
    return merge_faces(faces, of_face, hard=ground.hard, towns=_towns(of_face, layout))


def _most_common(faces: Geometries, inner: Floats, points: Floats, label: Ints) -> Ints:
    """Give every face the commonest label of the points in it, an empty face that of the nearest point."""
    _, nearest = cKDTree(points).query(inner)
    of_face: Ints = label[nearest]
    point, face = shapely.STRtree(faces).query(points_at(points), predicate="within")
    pairs, count = np.unique(np.column_stack([face, label[point]]), axis=0, return_counts=True)
    order = np.argsort(count, kind="stable")
    of_face[pairs[order, 0]] = pairs[order, 1]
    return of_face


def tile_cores(
    layout: Layout, polygons: Geometries, names: Ints, streets: Geometries
) -> tuple[Geometries, Geometries, Ints]:
    """Divide the town cores among their communities along streets.

    Returns one polygon per village in the order of the code table, the street blocks of the cores, and the
    village number of every block.
    """
    faces = faces_of([*shapely.boundary(polygons), *streets])
    inner = shapely.point_on_surface(faces)
    where, in_polygon = shapely.STRtree(polygons).query(inner, predicate="within")
    label = np.full(len(faces), -1, dtype=np.int64)
    label[where] = names[in_polygon]
    faces, inner, label = faces[_known(where, len(faces))], inner[_known(where, len(faces))], label[np.unique(where)]
    core = label < 0
    xy = shapely.get_coordinates(inner)
    for name in np.unique(label[core]):
        mine = np.flatnonzero(label == name)
        points = layout.community[layout.village] & (layout.town[layout.village] == -1 - name)
        label[mine] = _divide(xy[mine], shapely.area(faces[mine]), layout.points[points], layout.village[points])
    merged, order = merge_faces(faces, label, hard=np.empty(0, dtype=object), towns=layout.town[label])
    blocks = faces[core]
    middles = shapely.get_coordinates(inner[core])
    owner = shapely.STRtree(merged).query(points_at(middles), predicate="within")
    of = np.zeros(len(blocks), dtype=np.int64)
    of[owner[0]] = order[owner[1]]
    return merged, blocks, of


def _known(where: Ints, size: int) -> NDArray[np.bool_]:
    """Mark the faces that lie in one of the polygons (all but holes outside of the outline)."""
    known = np.zeros(size, dtype=bool)
    known[where] = True
    return known


def _divide(faces: Floats, area: Floats, points: Floats, village: Ints) -> Ints:
    """Label the blocks of a core by the nearest point; a community left with less than a block takes the nearest."""
    _, nearest = cKDTree(points).query(faces)
    label = village[nearest]
    block = float(np.median(area))
    for name in np.unique(village):
        if area[label == name].sum() >= 0.5 * block:
            continue
        middle = points[village == name].mean(axis=0)
        names, counts = np.unique(label[area >= 0.5 * block], return_counts=True)
        free = np.isin(label, names[counts > 1]) & (area >= 0.5 * block)
        gap = np.where(free, np.hypot(*(faces - middle).T), np.inf)
        label[np.argmin(gap)] = name
    return label


def _towns(label: Ints, layout: Layout) -> Ints:
    """Give the town of village numbers and of core labels."""
    return np.where(label < 0, -1 - label, layout.town[np.maximum(label, 0)])


def soft_borders(points: Floats, label: Ints, *, reach: float) -> Geometries:
    """Draw the borders between labels as smoothed Voronoi edges; far dummy points close the diagram."""
    middle, far = points.mean(axis=0), 40 * reach
    dummies = middle + far * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]])
    diagram = Voronoi(np.vstack([points, dummies]))
    pairs = diagram.ridge_points
    ridges = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    real = (pairs < len(points)).all(axis=1) & (ridges >= 0).all(axis=1)
    pairs, ridges = pairs[real], ridges[real]
    differ = label[pairs[:, 0]] != label[pairs[:, 1]]
    edges = ridges[differ]
    edges = edges[edges[:, 0] != edges[:, 1]]
    paths, _ = chains(edges, np.zeros(len(edges), dtype=np.int64))
    lines = shapely.segmentize(as_lines([rounded(diagram.vertices[path], rounds=1) for path in paths]), 45.0)
    wiggle = np.array([[0.11, 0.3, 0.2], [0.83, 0.9, 0.6], [0.37, 0.6, 0.9], [0.59, 0.1, 0.4],
                       [0.97, 0.7, 0.1], [0.23, 0.5, 0.7], [0.71, 0.2, 0.5], [0.47, 0.8, 0.3]])  # fmt: skip
    wiggled: Geometries = shapely.transform(
        lines, lambda xy: bend(xy, phase=wiggle, reach_m=WIGGLE_M, wavelength_m=WIGGLE_WAVE_M)
    )
    return wiggled


def faces_of(lines: list[shapely.Geometry]) -> Geometries:
    """Node lines and give the faces between them."""
    noded = shapely.union_all(np.array(lines, dtype=object))
    faces: Geometries = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.area(faces) > 0
    return faces[inside]


def _neighbours(faces: Geometries, hard: Geometries) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
    """Give pairs of faces with the length of their common border, and whether a hard line runs on it."""
    start, end, of = segments_of_faces(faces)
    a, b = start.view(np.complex128).ravel(), end.view(np.complex128).ravel()
    low, high = np.where(a < b, a, b), np.where(a < b, b, a)
    order = np.lexsort((high, low))
    low, high, of = low[order], high[order], of[order]
    twin = np.flatnonzero((low[1:] == low[:-1]) & (high[1:] == high[:-1]))
    one, two = np.minimum(of[twin], of[twin + 1]), np.maximum(of[twin], of[twin + 1])
    length = np.abs(high[twin] - low[twin])
    on_hard = np.zeros(len(twin), dtype=bool)
    if len(hard):
        middle = (high[twin] + low[twin]) / 2
        points = shapely.points(middle.real, middle.imag)
        hit, _ = shapely.STRtree(hard).query(points, predicate="dwithin", distance=0.01)
        on_hard[hit] = True
    return one, two, length, on_hard


def segments_of_faces(faces: Geometries) -> tuple[Floats, Floats, Ints]:
    """Take faces apart into the segments of all their rings, with the number of the face."""
    rings, of = shapely.get_rings(faces, return_index=True)
    start, end, ring = segments(rings)
    return np.ascontiguousarray(start), np.ascontiguousarray(end), of[ring].astype(np.int64)


def merge_faces(
    faces: Geometries, label: Ints, *, hard: Geometries, towns: Ints, keep_share: float = 0.4
) -> tuple[Geometries, Ints]:
    """Dissolve faces by label so that each label is one piece on one side of the hard lines.

    The largest piece of a label stays; another piece goes to the neighbour (of its own town where there is one)
    with the longest common border on the same side. A piece with `keep_share` of its label's area stays where a
    hard line alone parts it from the rest: some villages do lie on both banks.
    """
    one, two, length, on_hard = _neighbours(faces, hard)
    area = shapely.area(faces)
    label, towns = label.copy(), towns.copy()
    for last in (False,) * 6 + (True,) * 6:
        stray = _strays(label, one, two, on_hard, area, keep_share, over_hard=last)
        if not stray.any():
            if last:
                break
            continue
        _reassign(label, towns, stray, (one, two, length, on_hard & (not last)), cores=last)
    names = np.unique(label)
    merged = [shapely.coverage_union_all(faces[label == name]) for name in names]
    return np.array(merged, dtype=object), names


def _strays(
    label: Ints,
    one: Ints,
    two: Ints,
    on_hard: NDArray[np.bool_],
    area: Floats,
    keep_share: float,
    *,
    over_hard: bool,
) -> NDArray[np.bool_]:
    """Mark the faces that lie apart from the largest piece of their label."""
    n = len(label)
    joined = (label[one] == label[two]) & (over_hard | ~on_hard)
    graph = coo_array((np.ones(joined.sum()), (one[joined], two[joined])), shape=(n, n))
    _, piece = connected_components(graph, directed=False)
    size = np.bincount(piece, weights=area)
    total = dict(zip(*_sums(label, area), strict=True))
    best: dict[int, int] = {}
    for number in np.argsort(size, kind="stable"):
        best[int(label[np.flatnonzero(piece == number)[0]])] = int(number)
    main = np.array([best[int(name)] for name in label])
    whole = np.array([total[int(name)] for name in label])
    keep = (size[piece] >= keep_share * whole) & (label >= 0) & (not over_hard)  # a town core keeps to one bank
    stray: NDArray[np.bool_] = (piece != main) & ~keep
    return stray


def _sums(label: Ints, area: Floats) -> tuple[list[int], list[float]]:
    names, inverse = np.unique(label, return_inverse=True)
    return names.tolist(), np.bincount(inverse, weights=area).tolist()


def _reassign(
    label: Ints,
    towns: Ints,
    stray: NDArray[np.bool_],
    borders: tuple[Ints, Ints, Floats, NDArray[np.bool_]],
    *,
    cores: bool,
) -> None:
    """Give every stray face to the settled neighbour with the longest border, its own town's counting thrice."""
    one, two, length, blocked = borders
    here, there = np.concatenate([one, two]), np.concatenate([two, one])
    metres = np.concatenate([length, length])
    open_ = stray[here] & ~stray[there] & ~np.concatenate([blocked, blocked]) & (label[here] != label[there])
    open_ &= cores | (label[there] >= 0)  # a core takes no land but what nobody else can have
    here, there, metres = here[open_], there[open_], metres[open_]
    metres = metres * np.where(towns[here] == towns[there], 3.0, 1.0)
    sums: dict[tuple[int, int], float] = {}
    for face, name, metre in zip(here.tolist(), label[there].tolist(), metres.tolist(), strict=True):
        sums[face, name] = sums.get((face, name), 0.0) + metre
    new: dict[int, tuple[float, int]] = {}
    for (face, name), metre in sums.items():
        new[face] = max(new.get(face, (0.0, name)), (metre, name))
    town_of = dict(zip(label.tolist(), towns.tolist(), strict=True))
    for face, (_, name) in new.items():
        label[face], towns[face] = name, town_of[name]
