"""Blocks cut along a drawn line: around buildings, through no hamlet, with the nodes their neighbours need."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from spatial.errors import InfeasibleError
from spatial.planning.blocks.edges import coverage_edges
from spatial.planning.blocks.people import place_points
from spatial.planning.cells import SUMS
from spatial.sums import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import LineString

    from spatial.planning.edits.state import PlanState
    from spatial.planning.types import Integers

    Shapes = NDArray[Any]

__all__ = ["cut_along", "drawn_on", "snapped"]

_STEP_M = 5.0
"""A drawn line is looked at in steps of this length."""
_CLEAR_M = 0.5
"""A cut stays this far from footprints."""
_REACH_M = 0.05
_LEAST_M2 = 60.0
_SAME_M = 1e-6
"""A node this near to an edge lies on it."""


def snapped(line: LineString, state: PlanState, *, within: float) -> LineString:
    """Move a line onto the barriers that lie within some metres of it."""
    if state.barriers is None or len(state.barriers) == 0 or within <= 0 or line.length == 0:
        return line
    barriers = state.barriers.geometry.to_numpy()
    near = barriers[shapely.STRtree(barriers).query(line, predicate="dwithin", distance=within)]
    if len(near) == 0:
        return line
    points: Any = shapely.points(shapely.get_coordinates(shapely.segmentize(line, _STEP_M)))
    ways = shapely.shortest_line(points[:, None], near[None, :])
    length = shapely.length(ways)
    best = length.argmin(axis=1)
    row = np.arange(len(points))
    feet = shapely.get_coordinates(ways[row, best]).reshape(-1, 2, 2)[:, 1]
    xy = np.where((length[row, best] <= within)[:, None], feet, shapely.get_coordinates(points))
    moved: Any = shapely.simplify(shapely.linestrings(xy), 0.1)
    answer: LineString = moved if moved.is_simple and moved.length > 0 else line
    return answer


def cut_along(
    state: PlanState, frame: gpd.GeoDataFrame, cell_code: str, *, line: LineString, least_m: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Cut the blocks of one cell that a line crosses; gives the blocks after that, and the new ones among them.

    A block stays whole where either part would be thinner than `least_m`, where a hamlet would be cut, and
    where the line does not leave exactly two parts. Neighbours that get a node on their border become children
    too, with the same ground; the border of the village gets none.
    """
    shapes = frame.geometry.to_numpy()
    mine = np.flatnonzero((frame["cell_code"] == cell_code).to_numpy())
    path = _around(drawn_on(line, shapes[mine]), shapes[mine], state)
    rim = _rim(shapes)
    rows = [int(row) for row in mine if _well_inside(shapes[row], path, least_m)]
    rows = [row for row in rows if not _cuts_hamlet(shapes[row], path, state)]
    while rows:
        parts, owner, spoiled = _parted(shapes[rows], _chains(path, shapes[rows], rim))
        if not spoiled:
            return _replaced(state, frame, np.array(rows), parts, owner, rim)
        rows = [row for place, row in enumerate(rows) if place not in spoiled]
    return frame, None


def drawn_on(line: LineString, shapes: Shapes) -> LineString:
    """Draw a line straight on, far beyond the bounds of some areas. `InfeasibleError` without two points."""
    xy = shapely.get_coordinates(line)
    keep = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1)) if len(xy) else np.zeros(0, bool)
    xy = xy[keep]
    if len(xy) < 2:
        raise InfeasibleError("线至少要有两个不同的点", "a line needs two different points")
    left, low, right, high = shapely.total_bounds(shapes)
    reach = 4 * (np.hypot(right - left, high - low) + float(line.length))
    first, last = xy[0] - xy[1], xy[-1] - xy[-2]
    start, end = xy[0] + first / np.hypot(*first) * reach, xy[-1] + last / np.hypot(*last) * reach
    path: Any = shapely.linestrings(np.vstack([start, xy, end]))
    drawn: LineString = path
    return drawn


def _around(path: Any, shapes: Shapes, state: PlanState) -> Any:
    """Lead a line around the footprints that it crosses, the shorter way each."""
    if state.buildings is None or len(state.buildings) == 0:
        return path
    buildings = state.buildings.geometry.to_numpy()
    near = shapely.STRtree(buildings).query(path, predicate="dwithin", distance=_CLEAR_M)
    near = near[shapely.intersects(buildings[near], shapely.box(*shapely.total_bounds(shapes)))]
    if len(near) == 0:
        return path
    clumps = shapely.get_parts(shapely.union_all(shapely.buffer(buildings[near], _CLEAR_M, join_style="mitre")))
    for clump in clumps:
        ring = shapely.get_exterior_ring(clump)
        spots = shapely.get_parts(shapely.intersection(path, ring))
        spots = spots[shapely.get_type_id(spots) == 0]
        if len(spots) < 2:
            continue
        along = shapely.line_locate_point(path, spots)
        first, last = spots[along.argmin()], spots[along.argmax()]
        ends = [substring(path, 0, along.min()), substring(path, along.max(), path.length)]
        path = shapely.linestrings(
            np.vstack([shapely.get_coordinates(ends[0]), _shorter(ring, first, last), shapely.get_coordinates(ends[1])])
        )
    return path


def _shorter(ring: Any, first: Any, last: Any) -> NDArray[np.float64]:
    """Give the corners of the shorter way along a ring."""
    a, b = (float(shapely.line_locate_point(ring, spot)) for spot in (first, last))
    low, high = min(a, b), max(a, b)
    inner = shapely.get_coordinates(substring(ring, low, high))
    outer = np.vstack([
        shapely.get_coordinates(substring(ring, high, ring.length)), shapely.get_coordinates(substring(ring, 0, low))
    ])  # fmt: skip
    if high - low <= ring.length / 2:
        return inner if a <= b else inner[::-1]
    return outer if a > b else outer[::-1]


def _well_inside(block: Any, path: LineString, least_m: float) -> bool:
    """Tell whether a line leaves two parts of a block that are both broad enough to be blocks."""
    chain = shapely.intersection(block, path)
    if chain.length < least_m:
        return False
    faces = _faces([block], [path])
    return len(faces) == 2 and bool(shapely.area(faces).min() >= max(least_m * chain.length / 2, _LEAST_M2))


def _faces(blocks: Any, lines: Any) -> Shapes:
    """Node the borders of blocks with lines, and give the faces within the blocks."""
    net = shapely.union_all([*shapely.boundary(blocks), *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    inside = shapely.STRtree(shapely.point_on_surface(faces)).query(np.asarray(blocks), predicate="intersects")[1]
    return np.asarray(faces[np.unique(inside)])


def _cuts_hamlet(block: Any, path: LineString, state: PlanState) -> bool:
    """Tell whether a line runs through a hamlet within a block."""
    if state.hamlets is None or len(state.hamlets) == 0:
        return False
    chain = shapely.intersection(block, path)
    hamlets = state.hamlets.geometry.to_numpy()
    near = hamlets[shapely.STRtree(hamlets).query(chain, predicate="intersects")]
    return bool((shapely.length(shapely.intersection(near, chain)) > _CLEAR_M).any())


def _rim(shapes: Shapes) -> Shapes:
    """Give the pieces of the village's own border."""
    edges = coverage_edges(shapes)
    edges = edges.take(~edges.inner)
    return np.asarray(shapely.linestrings(np.stack([edges.start, edges.end], axis=1)))


def _chains(path: LineString, blocks: Shapes, rim: Shapes) -> list[Any]:
    """Clip a line to the blocks it cuts; ends on the village's border go to its nearest corner, others a bit beyond."""
    tree = shapely.STRtree(rim)
    corners = np.unique(shapely.get_coordinates(blocks), axis=0)
    points = shapely.points(corners)
    corners = corners[np.unique(tree.query(points, predicate="dwithin", distance=_SAME_M)[0])]
    chains = []
    whole = shapely.line_merge(shapely.intersection(shapely.coverage_union_all(blocks), path))
    for chain in shapely.get_parts(whole):
        xy = shapely.get_coordinates(chain)
        for end, inner in ((0, 1), (-1, -2)):
            if len(tree.query(shapely.Point(xy[end]), predicate="dwithin", distance=_SAME_M)):
                away = np.hypot(*(corners - xy[end]).T)
                xy[end] = corners[away.argmin()]
            else:
                step = xy[end] - xy[inner]
                xy[end] = xy[end] + step * (_REACH_M / max(float(np.hypot(*step)), _REACH_M))
        chains.append(shapely.linestrings(xy))
    return chains


def _parted(blocks: Shapes, chains: list[Any]) -> tuple[Shapes, Integers, set[int]]:
    """Cut blocks by chains, all at once; gives the parts, their block, and the blocks not cut in exactly two."""
    faces = _faces(blocks, chains)
    face, block = shapely.STRtree(blocks).query(shapely.point_on_surface(faces), predicate="intersects")
    owner = np.zeros(len(faces), np.int64)
    owner[face] = block
    counts = np.bincount(owner, minlength=len(blocks))
    small = np.zeros(len(blocks), bool)
    small[owner[shapely.area(faces) < _LEAST_M2]] = True
    return faces, owner, set(np.flatnonzero((counts != 2) | small).tolist())


def _replaced(
    state: PlanState, frame: gpd.GeoDataFrame, rows: Integers, parts: Shapes, owner: Integers, rim: Shapes
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Put the parts in the place of their blocks, and new nodes into the neighbours."""
    shapes = frame.geometry.to_numpy()
    known = {tuple(xy) for xy in shapely.get_coordinates(shapes[rows]).tolist()}
    fresh = np.array(
        [xy for xy in np.unique(shapely.get_coordinates(parts), axis=0).tolist() if tuple(xy) not in known]
    )
    nodes = np.asarray(shapely.points(fresh)) if len(fresh) else np.empty(0, object)
    if len(nodes) and len(shapely.STRtree(rim).query(nodes, predicate="dwithin", distance=_SAME_M)[0]):
        return frame, None  # a node that only this village would have
    node, block = shapely.STRtree(shapes).query(nodes, predicate="dwithin", distance=_SAME_M)
    beside = np.setdiff1d(block, rows)
    noded = [_with_nodes(shapes[row], fresh[node[block == row]]) for row in beside]
    source = np.concatenate([rows[owner], beside]).astype(np.int64)
    geometry = np.array([_multi(shape) for shape in (*parts, *noded)], object)
    gone = np.concatenate([rows, beside])
    rest = np.setdiff1d(np.arange(len(frame)), gone)
    if not shapely.coverage_is_valid(np.concatenate([shapes[rest], geometry])):
        return frame, None
    children = _children(state, frame, source, geometry)
    whole = pd.concat([frame.iloc[rest], children], ignore_index=True)
    whole = gpd.GeoDataFrame(whole, geometry="geometry", crs=frame.crs)
    return whole.sort_values("block_id", ignore_index=True), children


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


def _with_nodes(shape: Any, nodes: NDArray[np.float64]) -> Any:
    """Insert nodes into the edges they lie on; no other vertex changes."""

    def ring(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        for spot in nodes:
            start, end = xy[:-1], xy[1:]
            run = end - start
            length = np.maximum(np.hypot(*run.T), 1e-12)
            along = ((spot - start) * run).sum(axis=1) / length
            off = np.abs(run[:, 0] * (spot - start)[:, 1] - run[:, 1] * (spot - start)[:, 0]) / length
            hit = np.flatnonzero((off < _SAME_M) & (along > _SAME_M) & (along < length - _SAME_M))
            if len(hit):
                xy = np.insert(xy, hit[0] + 1, spot, axis=0)
        return xy

    polygons = []
    for part in shapely.get_parts(shape):
        rings = [ring(shapely.get_coordinates(line)) for line in (part.exterior, *part.interiors)]
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.multipolygons(polygons)


def _children(state: PlanState, frame: gpd.GeoDataFrame, source: Integers, geometry: Shapes) -> gpd.GeoDataFrame:
    """Give the new blocks: named after their parent and ground, its people shared out by where the homes are."""
    parents = frame.iloc[source].reset_index(drop=True)
    children = parents.drop(columns="geometry").copy()
    children["parent_id"] = parents["block_id"]
    children["block_id"] = [f"{name}-{_mark(shape)}" for name, shape in zip(parents["block_id"], geometry, strict=True)]
    area = shapely.area(geometry)
    weights = _home_weights(state, geometry)
    for name in (*SUMS, *([state.measure] if state.measure not in SUMS else [])):
        if name not in parents:
            continue
        weight = weights.get(name, weights["households"])
        held = summed(source, weight, len(frame))[source]
        land = summed(source, area, len(frame))[source]
        value = pd.to_numeric(parents[name], errors="coerce").to_numpy(float)
        children[name] = np.where(held > 0, value * weight / np.where(held > 0, held, 1), value * area / land)
    children["area_m2"] = area
    return gpd.GeoDataFrame(children, geometry=geometry, crs=frame.crs)


def _mark(shape: Any) -> str:
    """Give a short hash of a shape to the millimetre."""
    xy = np.round(shapely.get_coordinates(shapely.normalize(shape)), 3) + 0.0
    return hashlib.blake2b(xy.tobytes(), digest_size=4).hexdigest()


def _home_weights(state: PlanState, geometry: Shapes) -> dict[str, NDArray[np.float64]]:
    """Add homes up by block, for every count they have."""
    weights = {"households": np.zeros(len(geometry))}
    if state.homes is None or len(state.homes) == 0:
        return weights
    points = state.homes.geometry.to_numpy()
    near = np.unique(shapely.STRtree(points).query(geometry, predicate="intersects")[1])
    place, away = place_points(points[near], geometry)
    inside = away == 0
    for name in ("households", "residents", "party_members"):
        if name in state.homes:
            values = pd.to_numeric(state.homes[name], errors="coerce").fillna(0.0).to_numpy(float)[near]
            total = summed(place[inside], values[inside], len(geometry))
            if total.sum() > 0:
                weights[name] = total
    return weights
