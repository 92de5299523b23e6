"""Incoming villages against each other and against those already there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from spatial.crs import MetreDoor, measuring_crs
from spatial.errors import BoundaryError, SchemaError
from spatial.problems import Problems
from spatial.tiling import mend_coverage, overlapping, width

if TYPE_CHECKING:
    from files.reading.raw import Note
    from spatial.tiling import MendedCoverage

__all__ = ["tile_villages"]

_WIDTH_M = 2.0


def tile_villages(
    villages: gpd.GeoDataFrame, stored: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, list[Note], Problems]:
    """Mend narrow gaps and overlaps of villages in storage degrees; vertices that stay are exact.

    Raises
    ------
    SchemaError
        A village is already in the project.
    BoundaryError
        Two villages overlap by more than 2 m, within the file or with one already in the project.
    """
    if villages.empty:
        return villages, [], Problems()
    west, south, east, north = villages.total_bounds
    door = MetreDoor(measuring_crs((west + east) / 2, (south + north) / 2))
    metres = door.forward(villages)
    if stored is not None and len(stored):
        _refuse_stored(villages, stored)
        _refuse_overlap(metres, door.forward(stored[["village_code", "village", "geometry"]]))
    mended = mend_coverage(metres, width_m=_WIDTH_M)
    notes: list[Note] = []
    if max(mended.overlap_m2, mended.gap_m2) > 0.05:
        notes.append((
            f"村界已修补：重叠 {mended.overlap_m2:.1f} 平方米、空隙 {mended.gap_m2:.1f} 平方米（宽度不超过 2 米）",
            f"village borders mended: overlaps {mended.overlap_m2:.1f} m², gaps {mended.gap_m2:.1f} m², up to 2 m wide",
        ))  # fmt: skip
    return door.back(mended.frame), notes, _problems(mended, door)


def _problems(mended: MendedCoverage, door: MetreDoor) -> Problems:
    """List gaps that stay and villages in several pieces, drawn in storage degrees."""
    problems = Problems()
    problems.extend(mended.problems)
    frame = mended.frame
    counts = shapely.get_num_geometries(frame.geometry.to_numpy())
    for place in map(int, (counts > 1).nonzero()[0]):
        shape = frame.geometry.iloc[place]
        share = max(part.area for part in shape.geoms) / shape.area
        if share < 1 - 1e-6:  # slivers of a mended ring are no pieces
            code, name = frame["village_code"].iloc[place], frame["village"].iloc[place]
            point = shape.representative_point()
            problems.add(
                "village-in-pieces", code=code, geometry=point, name=name, pieces=int(counts[place]), share=share
            )
    points = gpd.GeoDataFrame(geometry=[row["geometry"] for row in problems.rows], crs=door.crs)
    for row, point in zip(problems.rows, door.back(points).geometry, strict=True):
        row["geometry"] = point
    return problems


def _refuse_stored(villages: gpd.GeoDataFrame, stored: gpd.GeoDataFrame) -> None:
    known = villages["village_code"].isin(stored["village_code"])
    if known.any():
        code, name = villages.loc[known, ["village_code", "village"]].iloc[0]
        count = int(known.sum())
        raise SchemaError(
            f"村（社区）{code} {name} 已在项目中（共 {count} 个）；要换掉整层请加 --replace",
            f"village {code} {name} is in the project already ({count} in all); to replace the layer add --replace",
        )


def _refuse_overlap(metres: gpd.GeoDataFrame, stored: gpd.GeoDataFrame) -> None:
    pairs, shared = overlapping(metres.geometry.to_numpy(), stored.geometry.to_numpy())
    for new, old, shape in zip(*pairs, shared, strict=True):
        if width(shape) > _WIDTH_M:
            first, second = metres.iloc[int(new)], stored.iloc[int(old)]
            zh = f"{first['village_code']} {first['village']} 与项目中的 {second['village_code']} {second['village']}"
            en = f"{first['village_code']} {first['village']} and {second['village_code']} {second['village']}"
            raise BoundaryError(
                f"村界重叠：{zh} 重叠 {shape.area:.0f} 平方米，最宽 {width(shape):.1f} 米；请改正边界，或加 --replace",
                f"village borders overlap: {en} of the project share {shape.area:.0f} m², {width(shape):.1f} m at the "
                "widest; correct the border, or add --replace",
            )
