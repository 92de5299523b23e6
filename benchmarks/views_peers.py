"""What others would take for the same views: shadows cut with shapely, CGAL, VisiLibity, visibility-polygon-js.

Each is given the footprints near a camera and asked for the whole visibility polygon; cutting it to the sector is not
counted as its time. One that is not installed is left out, and the table says so. The JavaScript one is fetched by
npm into a temporary folder.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from importlib import import_module
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Seer = Callable[[NDArray[np.float64], Shapes, float], shapely.Geometry]

__all__ = ["PEERS", "cgal", "js_views", "shadows", "timed", "visilibity"]


def shadows(eye: NDArray[np.float64], footprints: Shapes, reach: float) -> shapely.Geometry:
    """Subtract the shadow of every edge from a square around the eye: the way a GIS person would do it."""
    square = shapely.box(*(eye - 2 * reach), *(eye + 2 * reach))
    points, ring = shapely.get_coordinates(footprints, return_index=True)
    follows = ring[1:] == ring[:-1]
    if not follows.any():
        return square
    one, two = points[:-1][follows], points[1:][follows]

    def far(ends: NDArray[np.float64]) -> NDArray[np.float64]:
        away = ends - eye
        return np.asarray(eye + away / np.hypot(*away.T)[:, None] * reach * 50)

    quads = shapely.make_valid(shapely.polygons(np.stack([one, two, far(two), far(one), one], 1)))
    return shapely.difference(square, shapely.union_all(np.concatenate([np.atleast_1d(quads), footprints])))


def _frame(eye: NDArray[np.float64], footprints: Shapes, reach: float) -> NDArray[np.float64]:
    bounds = shapely.bounds(footprints) if len(footprints) else np.empty((0, 4))
    low = np.min(np.vstack([bounds[:, :2], eye - 1.5 * reach]), axis=0) - 5
    high = np.max(np.vstack([bounds[:, 2:], eye + 1.5 * reach]), axis=0) + 5
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]])


def _clockwise(footprints: Shapes) -> list[NDArray[np.float64]]:
    rings = [shapely.get_coordinates(shape.exterior)[:-1] for shape in footprints]
    return [ring[::-1] if shapely.is_ccw(shapely.LinearRing(ring)) else ring for ring in rings]


def visilibity(eye: NDArray[np.float64], footprints: Shapes, reach: float) -> shapely.Geometry:
    """Ask VisiLibity1."""
    lib = import_module("visilibity")

    def polygon(ring: NDArray[np.float64]) -> object:
        return lib.Polygon([lib.Point(float(x), float(y)) for x, y in ring])

    rings = [
        _frame(eye, footprints, reach),
        *(np.roll(r, -np.lexsort(r.T[::-1])[0], 0) for r in _clockwise(footprints)),
    ]
    seen = lib.Visibility_Polygon(lib.Point(*map(float, eye)), lib.Environment([polygon(ring) for ring in rings]), 1e-7)
    return shapely.Polygon([(seen[k].x(), seen[k].y()) for k in range(seen.n())])


def cgal(eye: NDArray[np.float64], footprints: Shapes, reach: float) -> shapely.Geometry:
    """Ask CGAL, exactly, through pyvispoly."""
    lib = import_module("pyvispoly")

    def polygon(ring: NDArray[np.float64]) -> object:
        return lib.Polygon([lib.Point(float(x), float(y)) for x, y in ring])

    area = lib.PolygonWithHoles(
        polygon(_frame(eye, footprints, reach)), [polygon(ring) for ring in _clockwise(footprints)]
    )
    seen = lib.VisibilityPolygonCalculator(area).compute_visibility_polygon(lib.Point(*map(float, eye)))
    return shapely.Polygon([(float(point.x()), float(point.y())) for point in seen.boundary()])


PEERS: dict[str, Seer] = {"shapely shadows": shadows, "CGAL (pyvispoly)": cgal, "VisiLibity1": visilibity}


def timed(
    seer: Seer, eyes: NDArray[np.float64], near: list[Shapes], reach: NDArray[np.float64], sectors: Shapes
) -> tuple[float, NDArray[np.float64]]:
    """CPU milliseconds per camera, and the areas inside the sectors (NaN where the peer failed)."""
    spent, areas = 0.0, np.full(len(eyes), np.nan)
    for k, eye in enumerate(eyes):
        start = time.process_time()
        try:
            seen = seer(eye, near[k], float(reach[k]))
        except ImportError:
            raise
        except Exception:  # noqa: BLE001, S112 -- a peer may fail in its own ways: that is a result too
            continue
        finally:
            spent += time.process_time() - start
        areas[k] = shapely.area(shapely.intersection(shapely.make_valid(seen), sectors[k]))
    return spent / max(len(eyes), 1) * 1000, areas


_SCRIPT = """
const pack = require('visibility-polygon'); const lib = pack.default || pack.VisibilityPolygon || pack;
const data = JSON.parse(require('fs').readFileSync('in.json')); const seen = [];
const run = e => { let s = lib.convertToSegments(e.polygons); if (e.broken) s = lib.breakIntersections(s);
  return lib.compute(e.eye, s); };
for (let i = 0; i < Math.min(30, data.length); i++) try { run(data[i]); } catch (x) {}
const from = process.cpuUsage();
for (const e of data) { try { seen.push(run(e)); } catch (x) { seen.push(null); } }
const used = process.cpuUsage(from);
require('fs').writeFileSync('out.json', JSON.stringify({ms: (used.user + used.system) / 1e3 / data.length, seen}));
"""


def js_views(
    eyes: NDArray[np.float64], near: list[Shapes], reach: NDArray[np.float64], sectors: Shapes, *, broken: bool = False
) -> tuple[float, NDArray[np.float64]]:
    """Ask visibility-polygon-js; `broken` lets it break crossing walls first. ImportError where it cannot be had."""
    if which("node") is None or which("npm") is None:
        raise ImportError("node")
    asked = [
        {
            "eye": eye.tolist(), "broken": broken,
            "polygons": [ring.tolist() for ring in (_frame(eye, mine, far), *_clockwise(mine))],
        } for eye, mine, far in zip(eyes, near, reach, strict=True)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        got = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "visibility-polygon@1.1.0"],  # noqa: S607
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
        if got.returncode:
            raise ImportError("visibility-polygon")
        Path(folder, "in.json").write_text(json.dumps(asked), encoding="utf-8")
        Path(folder, "run.js").write_text(_SCRIPT, encoding="utf-8")
        subprocess.run(["node", "run.js"], cwd=folder, check=True)  # noqa: S607
        answer = json.loads(Path(folder, "out.json").read_text(encoding="utf-8"))
    areas = np.full(len(eyes), np.nan)
    for k, ring in enumerate(answer["seen"]):
        if ring is not None and len(ring) > 2:
            areas[k] = shapely.area(shapely.intersection(shapely.make_valid(shapely.Polygon(ring)), sectors[k]))
    return float(answer["ms"]), areas
