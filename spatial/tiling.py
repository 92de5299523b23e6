"""Villages as one coverage: narrow gaps and overlaps are mended, wide overlaps refused, wide gaps named.

Mending is GEOS coverage cleaning; vertices that need no mending keep their exact coordinates. Borders that
another file drew a little differently leave slivers of centimetres, which nobody meant; an overlap or gap wider
than 2 m is a dispute or a hole, and nobody but the county can settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.crs import require_metres
from spatial.errors import BoundaryError
from spatial.problems import Problems

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["MendedCoverage", "mend_coverage", "overlapping", "width"]

_NOISE_M2 = 1e-6
"""Areas of rounding, far below what a survey can mean."""


@dataclass(frozen=True)
class MendedCoverage:
    """The mended frame, how much area changed hands, and the gaps that stay."""

    frame: gpd.GeoDataFrame
    overlap_m2: float
    gap_m2: float
    problems: Problems


def mend_coverage(villages: gpd.GeoDataFrame, *, width_m: float = 2.0) -> MendedCoverage:
    """Make valid village polygons a coverage; rows, order and all other columns stay.

    What was mended comes back as multi-polygons.

    Parameters
    ----------
    villages
        Valid polygons in metres, with `village_code` and `village`.
    width_m
        Gaps and overlaps up to this width are mended.

    Raises
    ------
    BoundaryError
        Two villages overlap more widely; both are named, with area and width.
    """
    require_metres(villages, "villages")
    shapes = villages.geometry.to_numpy()
    pairs, shared = overlapping(shapes)
    wide = [place for place, shape in enumerate(shared) if width(shape) > width_m]
    if wide:
        _refuse(villages, pairs[:, wide], shared[wide], width_m)
    mended, gap_m2 = shapes, 0.0
    if not shapely.coverage_is_valid(shapes) or any(width(hole) <= width_m for hole in _holes(shapes)):
        mended = _clean(villages, shapes, width_m)
        gap_m2 = float(shapely.union_all(mended).area - shapely.union_all(shapes).area)
    problems = Problems()
    for hole in _holes(mended):
        around = villages["village"].to_numpy()[shapely.intersects(mended, hole)]
        names = "、".join(sorted(map(str, around))[:6])
        point = hole.representative_point()
        problems.add("village-gap", geometry=point, area_m2=hole.area, width_m=width(hole), names=names)
    frame = villages.set_geometry(mended, crs=villages.crs)
    return MendedCoverage(frame, float(shapely.area(shared).sum()), max(0.0, gap_m2), problems)


def _clean(villages: gpd.GeoDataFrame, shapes: NDArray[np.object_], width_m: float) -> NDArray[np.object_]:
    """Clean a coverage and make sure that it is one afterwards, with every village still there."""
    clean = shapely.coverage_clean  # type: ignore[attr-defined]  # new in 2.2, not yet in the stubs
    with np.errstate(over="ignore"):  # coordinates under 1e-150 m overflow on the way; what comes out is checked below
        mended: NDArray[np.object_] = clean(shapes, gap_width=width_m, snapping_distance=0.0)
    if shapely.is_empty(mended).any():
        lost = _name(villages, int(np.flatnonzero(shapely.is_empty(mended))[0]))
        raise BoundaryError(
            f"村（社区）{lost} 整个落在别的村里，修补后没有面积；请删除或改正",
            f"village {lost} lies wholly within others and has no area left; delete or correct it",
        )
    if not shapely.coverage_is_valid(mended):
        raise BoundaryError(
            "村界修补后仍不能严丝合缝；请在 GIS 中检查拓扑后重新导入",
            "the village borders do not close even after mending; check their topology in a GIS and load again",
        )
    single = np.flatnonzero(shapely.get_type_id(mended) == 3)
    mended[single] = shapely.multipolygons(mended[single], indices=np.arange(len(single)))
    return mended


def overlapping(
    shapes: NDArray[np.object_], others: NDArray[np.object_] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Find pairs of areas that share more than their border: two rows of positions, and the shared areas."""
    tree = shapely.STRtree(shapes if others is None else others)
    first, second = tree.query(shapes, predicate="intersects")
    if others is None:
        first, second = first[first < second], second[first < second]
    against = shapes if others is None else others
    touching = shapely.touches(shapes[first], against[second])
    first, second = first[~touching], second[~touching]
    shared = shapely.intersection(shapes[first], against[second])
    real = shapely.area(shared) > _NOISE_M2
    return np.vstack([first[real], second[real]]), shared[real]


def width(shape: BaseGeometry) -> float:
    """Width of an area where it is widest: the diameter of its largest inscribed circle, in its units.

    >>> round(width(shapely.box(0, 0, 100, 2)), 2)
    2.0
    """
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return 0.0
    return max(2 * float(shapely.length(shapely.maximum_inscribed_circle(part, tolerance=0.01))) for part in parts)


def _holes(shapes: NDArray[np.object_]) -> list[BaseGeometry]:
    """Areas that villages enclose and none of them holds."""
    union = shapely.union_all(shapes)
    rings = [ring for part in shapely.get_parts(union) for ring in shapely.get_rings(part)[1:]]
    holes: list[BaseGeometry] = [shapely.Polygon(ring) for ring in rings]
    return [hole for hole in holes if hole.area > _NOISE_M2]


def _refuse(villages: gpd.GeoDataFrame, pairs: NDArray[np.intp], shared: NDArray[np.object_], width_m: float) -> None:
    """Say which two villages overlap most, and how many other pairs do."""
    worst = int(np.argmax(shapely.area(shared)))
    names = [_name(villages, int(place)) for place in pairs[:, worst]]
    area, wide, more = float(shapely.area(shared)[worst]), width(shared[worst]), len(shared) - 1
    raise BoundaryError(
        f"村界重叠：{names[0]} 与 {names[1]} 重叠 {area:.0f} 平方米，"
        f"最宽 {wide:.1f} 米（超过 {width_m:g} 米不自动修补）"
        + (f"，另有 {more} 对" if more else "")
        + "；请改正边界后重新导入",
        f"village borders overlap: {names[0]} and {names[1]} share {area:.0f} m², {wide:.1f} m at the widest "
        f"(more than {width_m:g} m is not mended)" + (f", and {more} more pairs" if more else "")
        + "; correct the border and load again",
    )  # fmt: skip


def _name(villages: gpd.GeoDataFrame, place: int) -> str:
    row = villages.iloc[place]
    return f"{row['village_code']} {row['village']}"
