"""The road hierarchy: trunks through the seat, county roads to the towns, town and village roads, bridges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import Delaunay

from spatial.sample.lines import as_lines, chains, cut, points_at, rounded
from spatial.sample.mesh import weave

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.sample.mesh import Mesh
    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["CLASSES", "Roads", "build_roads", "node_roads"]

CLASSES = np.array(["street", "village", "town", "county", "provincial", "national"], dtype=object)
"""Road classes by rank; motorways are no part of the network, they pass over it."""


@dataclass(frozen=True)
class Roads:
    """Noded road pieces: lines, rank (row of `CLASSES`), and whether the piece is a bridge."""

    lines: Geometries
    rank: Ints
    bridge: NDArray[np.bool_]


def build_roads(
    ground: Ground,
    *,
    villages: Geometries,
    town: Ints,
    seat_village: Ints,
    cores: Geometries,
    streets: Geometries,
    main: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Roads:
    """Build all roads but lanes: every village's centre joins the network.

    `town` is the town number of every village, `seat_village` the village of every town in which its seat lies.
    """
    centres = _centres(villages, ground)
    shrunk = shapely.buffer(cores, -5.0)
    urban = np.zeros(len(villages), dtype=bool)
    urban[shapely.STRtree(villages).query(shrunk, predicate="intersects")[1]] = True
    mesh = weave(ground, cores, streets, centres[~urban], rng=rng)
    stations = mesh.nearest(centres)
    stations[urban] = mesh.nearest(centres[urban], among=len(mesh.crossings))
    _pick_trunks(mesh, ground)
    seats = stations[seat_village]
    hub = int(mesh.nearest(ground.seat[None], among=len(mesh.crossings))[0])
    for seat in seats[np.argsort(np.hypot(*(mesh.xy[seats] - ground.seat).T))].tolist():
        mesh.route(hub, np.array([seat]), 3)
    for a, b in _neighbour_pairs(mesh.xy[seats], 1.25):
        mesh.route(int(seats[a]), seats[[b]], 3)
    for k in np.unique(town):
        mesh.route(int(seats[k]), stations[town == k], 2)
    for a, b in _neighbour_pairs(centres, 0.9):
        mesh.route(int(stations[a]), stations[[b]], 1)
    lines, rank = _draw(mesh, main, streets)
    lines, rank = node_roads(lines, rank)
    return _bridge(lines, rank, ground)


def _centres(villages: Geometries, ground: Ground) -> Floats:
    """Give a point well inside every village, clear of water."""
    dry = shapely.difference(villages, shapely.buffer(ground.water, 60.0))
    dry = np.where(shapely.is_empty(dry), villages, dry)
    parts, of = shapely.get_parts(dry, return_index=True)
    order = np.lexsort((shapely.area(parts), of))
    last = np.flatnonzero(np.diff(np.append(of[order], -1)) != 0)
    circles = shapely.maximum_inscribed_circle(parts[order][last], tolerance=15.0)
    return shapely.get_coordinates(shapely.get_point(circles, 0))


def _pick_trunks(mesh: Mesh, ground: Ground) -> None:
    """Pick a national road along the long axis of the county and provincial ones across it, through the seat."""
    parts = shapely.get_parts(ground.outline)
    shell = parts[np.argmax(shapely.area(parts))]
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shell))
    sides = np.diff(box[:3], axis=0)
    long = sides[np.argmax(np.hypot(*sides.T))]
    long = long / np.hypot(*long)
    short = np.array([-long[1], long[0]])
    outside = np.flatnonzero(~shapely.contains_xy(ground.outline, mesh.xy[:, 0], mesh.xy[:, 1]))
    rim = outside[shapely.dwithin(points_at(mesh.xy[outside]), shell, 0.03 * ground.scale_m)]
    offset = mesh.xy[rim] - ground.seat
    hub = int(mesh.nearest(ground.seat[None], among=len(mesh.crossings))[0])
    for direction, rank in ((long, 5), (-long, 5), (short, 4), (-short, 4), (long + 0.9 * short, 4)):
        ahead = offset @ direction - 0.8 * np.abs(offset @ np.array([-direction[1], direction[0]]))
        mesh.route(hub, rim[[np.argmax(ahead)]], rank)


def _neighbour_pairs(xy: Floats, factor: float) -> list[tuple[int, int]]:
    """Give pairs of neighbours that no third point is much nearer to than they are to each other."""
    if len(xy) < 4:
        return [(a, b) for a in range(len(xy)) for b in range(a)]
    simplices = Delaunay(xy).simplices
    pairs = np.unique(
        np.sort(np.vstack([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [0, 2]]]), axis=1), axis=0
    )
    gap = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    far = np.full(len(pairs), np.inf)
    length = dict(zip(map(tuple, pairs.tolist()), gap.tolist(), strict=True))
    place = {pair: n for n, pair in enumerate(length)}
    for triangle in np.sort(simplices, axis=1).tolist():
        a, b, c = triangle
        sides = {
            (a, b): (length[a, c], length[b, c]),
            (b, c): (length[a, b], length[a, c]),
            (a, c): (length[a, b], length[b, c]),
        }
        for pair, others in sides.items():
            far[place[pair]] = min(far[place[pair]], max(others))
    return [(int(a), int(b)) for a, b in pairs[gap <= factor * far]]


def _draw(mesh: Mesh, main: NDArray[np.bool_], streets: Geometries) -> tuple[Geometries, Ints]:
    """Turn picked edges into lines: chains of the land rounded off, streets as they are."""
    count = len(mesh.streets)
    land = np.flatnonzero(mesh.rank[count:] > 0) + count
    stops = np.unique(mesh.edges[:count]).tolist()
    paths, rank = chains(mesh.edges[land], mesh.rank[land], stops=stops)
    rough = as_lines([mesh.xy[path] for path in paths])
    step = float(np.median(shapely.length(rough) / np.array([len(path) - 1 for path in paths])))
    tolerance = np.array([0.1, 0.1, 0.14, 0.2, 0.3, 0.4])[rank] * step
    plain = shapely.simplify(rough, tolerance)
    curved = as_lines([rounded(shapely.get_coordinates(line), rounds=3) for line in plain])
    middles = shapely.line_interpolate_point(mesh.streets, 0.5, normalized=True)
    hit = shapely.STRtree(streets[main]).query(middles, predicate="dwithin", distance=0.05)[0]
    wide = np.zeros(count, dtype=bool)
    wide[hit] = True
    street_rank = np.where(mesh.rank[:count] >= 3, mesh.rank[:count], np.where(wide, 2, 0))
    return np.concatenate([curved, mesh.streets]), np.concatenate([rank, street_rank])


def node_roads(lines: Geometries, rank: Ints) -> tuple[Geometries, Ints]:
    """Node lines where they meet; every piece keeps the highest rank of the lines it lies on."""
    pieces = shapely.get_parts(shapely.node(shapely.multilinestrings(list(lines)))).astype(object)
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=0.02)
    new = np.zeros(len(pieces), dtype=np.int64)
    np.maximum.at(new, piece, rank[line])
    keep = shapely.length(pieces) > 0.01
    return pieces[keep], new[keep]


def _bridge(lines: Geometries, rank: Ints, ground: Ground) -> Roads:
    """Cut roads at the banks; the piece over a river is a bridge."""
    hit = np.unique(shapely.STRtree(lines).query(ground.rivers, predicate="intersects")[1])
    pieces: list[shapely.Geometry] = []
    ranks: list[int] = []
    over: list[bool] = []
    banks = shapely.boundary(ground.water)
    for number in hit.tolist():
        line = lines[number]
        points = shapely.get_parts(shapely.intersection(line, banks))
        for piece in cut(line, shapely.line_locate_point(line, points)):
            pieces.append(piece)
            ranks.append(int(rank[number]))
            over.append(bool(shapely.intersects(ground.rivers, piece).any()))
    rest = np.setdiff1d(np.arange(len(lines)), hit)
    return Roads(
        np.concatenate([lines[rest], np.array(pieces, dtype=object)]),
        np.concatenate([rank[rest], np.array(ranks, dtype=np.int64)]),
        np.concatenate([np.zeros(len(rest), dtype=bool), np.array(over, dtype=bool)]),
    )
