"""Where the rows of a file lie: shapes from cells or features, through CRS, repair and datum, to storage degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from files.reading.coordinates import read_points
from files.reading.crs import parse_crs, to_degrees
from files.reading.errors import ReadError
from files.reading.placing import Known, far_away, settle_datum
from files.reading.shapes import fit_shapes
from spatial.errors import CrsError
from spatial.layers import LAYERS
from spatial.problems import Problems

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from files.reading.columns import Columns
    from files.reading.incoming import Rejections
    from files.reading.raw import Note, Raw

__all__ = ["Placed", "place_shapes"]


@dataclass(frozen=True)
class Placed:
    """Shapes in storage degrees, what was done to them, problems, and the datum that they were taken as."""

    shapes: NDArray[np.object_]
    notes: list[Note]
    problems: Problems
    datum: str


def place_shapes(
    raw: Raw,
    layer: str,
    read: Columns,
    *,
    datum: str,
    crs: str | int | None,
    known: Known,
    rejections: Rejections,
    source: Path,
) -> Placed:
    """Bring the shapes of a file to storage degrees, of the layer's type, within reach of the villages."""
    contract = LAYERS[layer]
    shapes = _shapes(raw, layer, read, rejections, source)
    if shapely.is_missing(shapes).all():
        return Placed(shapes, [], Problems(), "crs")
    given = _crs(raw, crs, source)
    shapes, _, notes = to_degrees(shapes, given, name=source.name)
    fitted = fit_shapes(shapes, contract)
    rows = raw.cells.index
    told = set(rejections.frame()["row"])
    for place, reason in fitted.faults.items():
        if rows[place] not in told:
            rejections.add(rows[place], "geometry", "", reason)
    notes += _mended(fitted.repaired, fitted.flattened, read.frame, contract.key[-1])
    shapes, said, problems = fitted.shapes, "wgs84", Problems()
    if given.is_projected and datum == "auto" and "Pseudo-Mercator" not in given.name:
        said = "crs"
    elif not raw.settled or datum != "auto":
        declared = read.frame.get("village_code") if layer != "villages" else None
        shapes, said, more, problems = settle_datum(
            shapes, layer=layer, datum=datum, known=known, declared=declared, name=source.name
        )
        notes += more
    if layer != "villages":
        shapes = _within_reach(shapes, known.villages, rows, notes, rejections)
    return Placed(shapes, notes, problems, said)


def _shapes(raw: Raw, layer: str, read: Columns, rejections: Rejections, source: Path) -> NDArray[np.object_]:
    contract = LAYERS[layer]
    if raw.shapes is not None and not shapely.is_missing(raw.shapes).all():
        return raw.shapes
    if contract.geometry != "Point" and "wkt" not in read.mapped.sources:
        raise ReadError(
            f"{source.name} 是表格，没有图形；{layer} 需要{'面' if contract.geometry == 'MultiPolygon' else '线'}，"
            "请用 GeoPackage、GeoJSON、shapefile 或 KML",
            f"{source.name} is a table without shapes; {layer} needs them: send GeoPackage, GeoJSON, shapefile or KML",
        )
    shapes, bad = read_points(
        raw.cells.rename(columns=str), read.mapped.sources, optional=not contract.geometry_required
    )
    for row, column, value, reason in bad:
        rejections.add(row, column, value, reason)
    return shapes


def _crs(raw: Raw, crs: str | int | None, source: Path) -> pyproj.CRS:
    """Decide the CRS: what the user says, else what the file says, else degrees for tables."""
    if crs is not None:
        return parse_crs(crs)
    if raw.crs is not None:
        return raw.crs
    if raw.shapes is None or source.suffix.lower() in {".kml", ".kmz"}:
        return parse_crs(4326)
    raise CrsError(
        f"{source.name} 没有坐标系（缺 .prj 或未定义）；请用 --crs 写明，例如 --crs 4490（经纬度）或 --crs 4550",
        f"{source.name} has no CRS; name it with --crs, for example --crs 4490 (degrees) or --crs 4550",
    )


def _mended(repaired: NDArray[np.bool_], flattened: int, frame: pd.DataFrame, key: str) -> list[Note]:
    notes: list[Note] = []
    if flattened:
        notes.append((f"{flattened} 个图形去掉了高程", f"{flattened} shapes lost their heights"))
    if repaired.any():
        codes = frame[key] if key in frame else pd.Series(frame.index.astype(str), index=frame.index)
        named = [str(code) for code in codes[repaired]]
        listed, listed_en = "、".join(named[:5]), ", ".join(named[:5])
        zh = f"{len(named)} 个自相交的图形已修复：{listed}"
        notes.append((zh, f"{len(named)} shapes that crossed themselves were mended: {listed_en}"))
    return notes


def _within_reach(
    shapes: NDArray[np.object_],
    villages: gpd.GeoDataFrame | None,
    rows: pd.Index,
    notes: list[Note],
    rejections: Rejections,
) -> NDArray[np.object_]:
    """Refuse what lies more than 5 km outside all villages; turn round what lies inside when x and y change places."""
    far = far_away(shapes, villages)
    if not far.any():
        return shapes
    turned = shapely.transform(shapes, lambda points: points[:, ::-1])
    back = far & ~far_away(turned, villages)
    if back.any():
        shapes = np.where(back, turned, shapes)
        count = int(back.sum())
        zh, en = (
            f"{count} 行经纬度写反，已对调",
            f"{count} rows had longitude and latitude swapped; they were turned round",
        )
        notes.append((zh, en))
    reason = (
        "离所有已导入的村界都超过 5 公里；请核对坐标、--datum 或 --crs",
        "lies more than 5 km from every loaded village; check it, --datum or --crs",
    )
    for place in np.flatnonzero(far & ~back):
        x, y = shapely.get_coordinates(shapely.centroid(shapes[place]))[0]
        rejections.add(rows[int(place)], "geometry", f"{x:.2f}, {y:.2f}", reason)
    return shapes
