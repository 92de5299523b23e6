"""Two plans on one Folium map that opens with no network: old borders, new borders, and what changed between them."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium
import pandas as pd
import shapely
from branca.element import CssLink, Figure, JavascriptLink

from web import assets
from web.compare_words import COMPARE
from web.county import finished
from web.encode import shapes_text
from web.painted import Painted, with_data
from web.payload import ground_text
from web.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

__all__ = ["KINDS", "ComparedPlans", "compare_map"]

KINDS = ("kept", "moved", "split", "merged", "new", "retired", "ground")
"""What may become of ground, in the order of the legend; what is unchanged has no colour."""

_METRE_DEG = 9e-6


@dataclass(frozen=True)
class ComparedPlans:
    """What the map shows, in degrees.

    `old` and `new` are the cells of both plans, `pieces` the frame of `change_map`, `rows` that of a comparison.
    """

    old: gpd.GeoDataFrame
    new: gpd.GeoDataFrame
    pieces: gpd.GeoDataFrame
    rows: pd.DataFrame
    villages: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame | None = None


def compare_map(
    plans: ComparedPlans, *, title: str, plan_a: str, plan_b: str, totals: Mapping[str, Any], sample: bool = False,
    language: str = "zh", only: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> str:  # fmt: skip
    """Draw what changed from one plan to another as one HTML page with everything in it.

    Parameters
    ----------
    plans : ComparedPlans
        Cells, pieces and changes, in degrees.
    title, plan_a, plan_b : str
        Name of the county, of the old and of the new plan.
    totals : Mapping
        Totals of the comparison, for the title line.
    sample : bool
        Mark the page as generated data (示意).
    only : tuple of two sequences of str
        Names of the villages that only the old, and only the new plan holds: they are not on the map.
    """
    data = {
        "about": {
            "title": title, "plan_a": plan_a, "plan_b": plan_b, "sample": sample, "language": language,
            "totals": {name: float(value) for name, value in totals.items()},
            "only": [list(names) for names in only],
            "kinds": [kind for kind in KINDS if (plans.pieces["kind"] == kind).any()],
        },
        "words": WORDS | COMPARE,
        "pieces": _pieces(plans.pieces),
        "old": _cells(plans.old),
        "new": _cells(plans.new),
        "villages": _shapes(plans.villages),
        "barriers": json.loads(ground_text(plans.barriers, None))["barriers"],
        "rows": _rows(plans),
    }  # fmt: skip
    figure = Figure(title=html.escape(title))
    chart = folium.Map(tiles=None, zoom_control=False, prefer_canvas=True)
    chart.options.update(max_zoom=19, min_zoom=4, zoom_snap=0.5, zoom_delta=1, wheel_px_per_zoom_level=90)
    figure.html.add_child(CssLink(f"{assets.PREFIX}/compare.css"))
    figure.html.add_child(JavascriptLink(f"{assets.PREFIX}/compare.js"))
    figure.add_child(chart)
    chart.add_child(Painted("compare"))
    page = assets.inlined(finished(figure.render(), language))
    return with_data(page, data)


def _shapes(frame: gpd.GeoDataFrame) -> str:
    return shapes_text(frame.geometry.to_numpy(), tolerance_deg=_METRE_DEG / 4)


def _cells(cells: gpd.GeoDataFrame) -> dict[str, Any]:
    households = pd.to_numeric(cells["households"]).fillna(0).round().astype(int)
    columns = {
        "code": cells["cell_code"].tolist(), "name": cells["cell"].fillna("").tolist(),
        "households": households.tolist(),
    }  # fmt: skip
    return {"shapes": _shapes(cells), "columns": columns}


def _pieces(pieces: gpd.GeoDataFrame) -> dict[str, Any]:
    """Give what changed; ground of cells that stay as they are needs no colour."""
    shown = pieces[(pieces["kind"] != "unchanged") & (shapely.area(pieces.geometry.to_numpy()) > 0)]
    columns = {
        "old": _codes(shown["old_code"]), "new": _codes(shown["new_code"]), "kind": shown["kind"].tolist(),
        "households": shown["households"].round().astype(int).tolist(), "area": shown["area_m2"].round().tolist(),
    }  # fmt: skip
    return {"shapes": _shapes(shown), "columns": columns}


def _rows(plans: ComparedPlans) -> list[dict[str, Any]]:
    """List the changes, most households first, those of kept codes last."""
    rows = plans.rows[plans.rows["kind"] != "unchanged"]
    names = dict(zip(plans.villages["village_code"], plans.villages["village"], strict=True))
    village = rows["old_code"].fillna(rows["new_code"]).str[:-3].map(names).fillna("")
    table = pd.DataFrame({
        "old": rows["old_code"], "new": rows["new_code"], "kind": rows["kind"], "village": village,
        "households": rows["households"].round().astype(int), "share": rows["kept_share"].round(4),
        "stays": rows["kind"] == "kept",
    })  # fmt: skip
    table = table.sort_values(["stays", "households", "old", "new"], ascending=[True, False, True, True])
    plain = table.drop(columns="stays").astype(object)
    plain = plain.where(plain.notna(), None)
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)]


def _codes(values: pd.Series[Any]) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values]
