"""Map sheets (网格图) as one PDF: an index of the county and a sheet for every town, A3 landscape.

All pages share the subset of the fonts that the texts need, so the fonts are embedded once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from files.writing.sheet_county import County, county_of
from files.writing.sheet_frame import A3, Layout, draw_frame, draw_key, draw_north, draw_scale
from files.writing.sheet_labels import Label, place_labels
from files.writing.sheet_map import MapWindow, borders, fit_window
from files.writing.sheet_style import draw_base, draw_borders, draw_cells, keys_of
from files.writing.sheet_table import StripColumn, draw_strip, rows_that_fit
from files.writing.typeface import body_font, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from files.writing.options import ExportOptions

__all__ = ["write_map_sheets"]

_COMMITTEE = re.compile(r"(村|社区)(?:民|居民)?委(?:员)?会$")  # on maps 新立村 says what 新立村委会 does
_CROWD, _NEAR_M = 4, 150.0  # so many cells without a number, so near to one another, are drawn once more
_OVERVIEW_ROADS = ("motorway", "national", "provincial", "county", "town")


def write_map_sheets(frames: Mapping[str, pd.DataFrame], path: Path, *, options: ExportOptions) -> None:
    """Write the county index and one sheet per town; without cells, one sheet of what there is."""
    county = county_of(frames, options)
    rl_config.useA85 = 0  # binary streams: a fifth smaller, and no Python loop over every byte
    page = Canvas(str(path), pagesize=A3, pageCompression=1, invariant=1, initialFontName=body_font())
    planned = len(frames.get("cells", ())) > 0
    title = options.say(
        f"{options.county}{'网格划分图' if planned else '现状图'}",
        f"{options.county} {'cell map' if planned else 'base map'}".strip(),
    )
    page.setTitle(title)
    page.setAuthor(options.issuer)
    page.setSubject(options.say("示意数据", "sample data") if options.sample else title)
    _index_sheet(page, county, title)
    for code, name in _towns(county).items():
        _town_sheet(page, county, code, name)
    page.save()


def _towns(county: County) -> dict[str, str]:
    """Names of towns by code, in the order of codes, where villages and cells are known."""
    if "villages" not in county.layers or "cells" not in county.layers:
        return {}
    towns = county.layer("cells").dropna(subset=["town_code"]).drop_duplicates("town_code").sort_values("town_code")
    return dict(zip(towns["town_code"], towns["town"], strict=True))


def _index_sheet(page: Any, county: County, title: str) -> None:
    """Draw the county: cells in five colours, names of towns and villages, the sums of every town."""
    options = county.options
    layout = Layout(strip_width=268 if "cells" in county.layers else 0)
    grounds = county.layers.get("villages", county.layers.get("cells"))
    bounds = (grounds if grounds is not None else next(iter(county.layers.values()))).total_bounds
    window = fit_window(layout.map, bounds, margin=0.03)
    barriers = county.layer("barriers")
    if "cells" in county.layers and len(barriers):
        barriers = barriers[(barriers["kind"] != "road") | barriers["road_class"].isin(_OVERVIEW_ROADS)]
    _draw_ground(page, window, county, barriers, overview=True)
    labels = [*_area_labels(county, window, "town", 15, bold=True), *_area_labels(county, window, "village", 6.5)]
    _finish(page, layout, window, county, title, labels=labels, barriers=barriers, shown=county.layer("villages"))
    if "cells" in county.layers:
        draw_strip(page, layout.strip, _town_columns(options), _town_rows(county), row_height=17)
    page.showPage()


def _town_sheet(page: Any, county: County, code: str, name: str) -> None:
    """Draw one town: numbered cells with households, and the table of its cells at the right."""
    options = county.options
    villages = county.layer("villages")
    here = villages[villages["town_code"] == code]
    cells = county.layer("cells")
    cells = cells[cells["town_code"] == code]
    layout = Layout(strip_width=352)
    window = fit_window(layout.map, here.total_bounds, margin=0.03)
    barriers = county.layer("barriers")
    _draw_ground(page, window, county, barriers, town=code)
    title = options.say(f"{options.county}{name}网格划分图", f"{name} cell map")
    labels = [*_cell_labels(cells, window), *_area_labels(county, window, "village", 12, bold=True, town=code)]
    unnamed = _finish(page, layout, window, county, title, labels=labels, barriers=barriers, shown=here)
    rows = _cell_rows(cells, county)
    fit = rows_that_fit(layout.strip[3])
    strips = _strips(rows, fit)
    draw_strip(page, layout.strip, _columns(county), strips[0])
    page.showPage()
    for first in range(1, len(strips), 3):
        _more_rows(page, county, title, strips[first : first + 3])
    crowded = cells[cells["cell_code"].isin([label.of for label in unnamed])]
    for bounds in _crowds(crowded):
        _detail_sheet(page, county, code, title, bounds)


def _crowds(cells: gpd.GeoDataFrame) -> list[list[float]]:
    """Give the bounds of every place where several cells were too small for their numbers."""
    if len(cells) < _CROWD:
        return []
    grounds = shapely.get_parts(shapely.union_all(shapely.buffer(cells.geometry.to_numpy(), _NEAR_M)))
    inside = [cells.geometry[shapely.intersects(cells.geometry.to_numpy(), ground)] for ground in grounds]
    return [part.total_bounds.tolist() for part in inside if len(part) >= _CROWD]


def _detail_sheet(page: Any, county: County, code: str, title: str, bounds: list[float]) -> None:
    """Draw the crowded middle of a town once more, large enough for the number of every cell."""
    layout = Layout(strip_width=0)
    window = fit_window(layout.map, bounds, margin=0.03)
    barriers = county.layer("barriers")
    _draw_ground(page, window, county, barriers, town=code)
    cells = county.layer("cells")
    cells = cells[(cells["town_code"] == code) & shapely.intersects(cells.geometry, shapely.box(*window.ground))]
    labels = [*_cell_labels(cells, window), *_area_labels(county, window, "village", 12, bold=True, town=code)]
    words = county.options.say(f"{title}（放大图）", f"{title} (detail)")
    _finish(page, layout, window, county, words, labels=labels, barriers=barriers, shown=cells)
    page.showPage()


def _strips(rows: list[list[str]], fit: int) -> list[list[list[str]]]:
    """Part rows into strips of at most `fit`; a heading is never the last of its strip."""
    strips: list[list[list[str]]] = []
    while len(rows) > fit:
        cut = fit - 1 if len(rows[fit - 1]) == 1 else fit
        strips.append(rows[:cut])
        rows = rows[cut:]
    return [*strips, rows]


def _more_rows(page: Any, county: County, title: str, strips: list[list[list[str]]]) -> None:
    """Carry the table on to a page of up to three strips."""
    layout = Layout(strip_width=352)
    words = county.options.say(f"{title}（续表）", f"{title} (continued)")
    draw_frame(page, layout, words, options=county.options, scale=None, crs="")
    width = (A3[0] - 2 * layout.map[0] - 20) / 3
    for place, rows in enumerate(strips):
        x = layout.map[0] + place * (width + 10)
        draw_strip(page, (x, layout.map[1], width, layout.map[3]), _columns(county), rows)
    page.showPage()


def _draw_ground(
    page: Any, window: MapWindow, county: County, barriers: gpd.GeoDataFrame, *, overview: bool = False, town: str = ""
) -> None:  # fmt: skip
    """Draw everything inside the map frame except words."""
    page.saveState()
    clip = page.beginPath()
    clip.rect(window.x, window.y, window.width, window.height)
    page.clipPath(clip, stroke=0, fill=0)
    cells, villages = county.layer("cells"), county.layer("villages")
    lines, buildings = dict(county.lines), county.layer("buildings")
    if town:
        cells_here = cells[cells["town_code"] == town]
        lines["cell"] = borders(cells_here.geometry.to_numpy())
        ground = shapely.union_all(villages.geometry[villages["town_code"] == town].to_numpy())
        buildings = buildings.iloc[buildings.sindex.query(ground, predicate="intersects")]
    elif len(cells):
        lines["cell"] = borders(cells.geometry.to_numpy())
    draw_cells(page, window, cells, villages, town=town)
    draw_borders(page, window, lines, overview=overview, casing=True)
    draw_base(page, window, barriers, None if overview and len(cells) else buildings,
              gaps=None if len(cells) else county.layer("gaps"), overview=overview)  # fmt: skip
    draw_borders(page, window, lines, overview=overview, casing=False)
    page.restoreState()


def _finish(
    page: Any, layout: Layout, window: MapWindow, county: County, title: str, *, labels: list[Label],
    barriers: gpd.GeoDataFrame, shown: gpd.GeoDataFrame,
) -> list[Label]:  # fmt: skip
    """Draw the frame, the furniture beside what is `shown`, and the labels that find room; give the others."""
    options = county.options
    draw_frame(page, layout, title, options=options, scale=window.scale, crs=county.crs_name)
    keys = keys_of(barriers, window, county.layers, options)
    taken = [draw_key(page, window, keys, title=options.say("图例", "Legend"), shown=shown.geometry.to_numpy())]
    taken += [draw_north(page, window), draw_scale(page, window, options=options)]
    return place_labels(page, window, labels, taken=taken)


def _area_labels(
    county: County, window: MapWindow, level: str, size: float, *, bold: bool = False, town: str = ""
) -> list[Label]:  # fmt: skip
    """Names of towns or villages, the largest first."""
    villages = county.layer("villages")
    if not len(villages):
        return []
    if town:
        villages = villages[villages["town_code"] == town]
    key = f"{level}_code"
    areas = (
        villages.dissolve(by=key, method="coverage", aggfunc="first") if level == "town" else villages.set_index(key)
    )
    parts = areas.geometry.map(lambda shape: max(shapely.get_parts(shape), key=shapely.area))
    areas = areas.assign(geometry=parts, size=shapely.area(parts.to_numpy())).sort_values(
        ["size", level], ascending=False
    )
    points = window.to_page(shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy())))
    colour = "#3b2f1e" if level == "town" else "#5a3d12" if bold else "#52606d"
    movable = bold  # small names on the index stand in their village or not at all
    names = [_COMMITTEE.sub(r"\1", str(name)) for name in areas[level]]
    return [Label(float(x), float(y), (name,), size, bold=bold, colour=colour, movable=movable)
            for (x, y), name in zip(points, names, strict=True)]  # fmt: skip


def _cell_labels(cells: gpd.GeoDataFrame, window: MapWindow) -> list[Label]:
    """Give serial and households of each cell, in the middle of its widest part; large cells first."""
    circles = shapely.maximum_inscribed_circle(cells.geometry.to_numpy(), tolerance=2 / window.points_per_m)
    points = window.to_page(shapely.get_coordinates(shapely.get_point(circles, 0)))
    radii = shapely.length(circles) * window.points_per_m
    labels = []
    for row in np.argsort(-radii, kind="stable"):
        code, households = cells["cell_code"].iloc[row], cells["households"].iloc[row]
        lines = (code[-3:],) if pd.isna(households) else (code[-3:], f"{households:.0f}")
        x, y = points[row].tolist()
        labels.append(Label(x, y, lines, 9, bold=True, second_size=7, movable=False, of=code))
    return labels


def _columns(county: County) -> list[StripColumn]:
    """Columns of the cell table; people only where they are known."""
    say = county.options.say
    lead = [StripColumn(say("网格长", "Lead"), 1.6)] if county.leads else []
    front = (StripColumn(say("编码", "Code"), 1.6), StripColumn(say("名称", "Name"), 1.9))
    return [*front, StripColumn(say("户数", "Homes"), 0.7, "right"), *lead, StripColumn(say("签字", "Signature"), 1.2)]


def _cell_rows(cells: gpd.GeoDataFrame, county: County) -> list[list[str]]:
    """Rows of the cell table, with a heading for every village."""
    rows: list[list[str]] = []
    say = county.options.say
    for village, part in cells.groupby("village_code", sort=True):
        sums = part["households"].sum()
        words = say(f"{len(part)} 个网格 {sums:.0f} 户", f"{len(part)} cells, {sums:.0f} households")
        rows.append([f"{part['village'].iloc[0]}　{village}　{words}"])
        names = part["cell"] if "cell" in part else pd.Series(None, index=part.index, dtype=object)
        for code, name, households in zip(part["cell_code"], names, part["households"], strict=True):
            title = name if isinstance(name, str) and name else say(f"第 {code[-3:]} 网格", f"Cell {code[-3:]}")
            lead = [county.leads.get(code, "")] if county.leads else []
            rows.append([code, title, "" if pd.isna(households) else f"{households:.0f}", *lead, ""])
    return rows


def _town_columns(options: ExportOptions) -> list[StripColumn]:
    """Columns of the index table."""
    names = options.say("乡镇（街道） 村 网格 户数 最少 最多", "Town Villages Cells Households Min Max").split()
    shares = (1.0, 1.0, 1.4, 1.1, 1.1)
    return [StripColumn(names[0], 3), *(StripColumn(*pair, "right") for pair in zip(names[1:], shares, strict=True))]


def _town_rows(county: County) -> list[list[str]]:
    """Rows of the index table: one per town, the county last."""
    cells = county.layer("cells")
    total = county.options.say("全县合计", "County")
    groups = [(str(part["town"].iloc[0]), part) for _, part in cells.groupby("town_code", sort=True)]
    rows = []
    for name, part in [*groups, (total, cells)]:
        held = part["households"]
        ends = ("", "") if held.isna().all() else (f"{held.min():.0f}", f"{held.max():.0f}")
        rows.append([shorten(name, 92, 10), str(part["village_code"].nunique()), str(len(part)),
                     f"{held.sum():,.0f}", *ends])  # fmt: skip
    return rows
