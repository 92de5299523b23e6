"""What a change of plan means: which households go from which old cell to which new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.within import homes_in_cells

__all__ = ["Comparison", "change_map", "compare_plans", "not_planned_in"]


_SLIVER_M2 = 1.0
_TOUCHED = 0.01  # borders drawn anew overlap a neighbour by less


@dataclass(frozen=True)
class Comparison:
    """One row per pair of old and new cell that share households or ground, and the totals.

    `kept_share` is the part of the old cell's households that goes to the new one. Kinds: unchanged (same code,
    same extent), kept (same code, other extent), moved (between cells that both plans have), split (to a code
    that the old plan lacks, while the old cell lives on), merged (from a cell that ends to one that both plans
    have), new (from a cell that ends, or from nowhere, to a new code) and retired (nothing takes it over).
    """

    frame: pd.DataFrame
    totals: dict[str, Any]


def compare_plans(
    a_cells: pd.DataFrame, a_plan_blocks: pd.DataFrame, b_cells: pd.DataFrame, b_plan_blocks: pd.DataFrame,
    blocks: pd.DataFrame, *, homes: gpd.GeoDataFrame | None = None,
) -> Comparison:  # fmt: skip
    """Compare plan A (old) with plan B (new), household by household.

    Parameters
    ----------
    a_cells, b_cells : DataFrame
        Layer `cells` of each plan; polygons in metres are needed only where `homes` are.
    a_plan_blocks, b_plan_blocks : DataFrame
        block_id and cell_code of each plan.
    blocks : DataFrame
        Layer `blocks` with every block of both plans; `parent_id` joins a split block to its parent.
    homes : GeoDataFrame, optional
        Layer `homes` in metres: used instead of blocks where a village was cut into other blocks in between.
    """
    twins = _twins(blocks)
    a_plan_blocks, b_plan_blocks = (
        plan.assign(block_id=plan["block_id"].replace(twins)) for plan in (a_plan_blocks, b_plan_blocks)
    )
    atoms = _atoms(a_plan_blocks, b_plan_blocks, blocks[~blocks["block_id"].isin(twins)])
    if homes is not None and len(homes) and _cut_anew(atoms):
        atoms = pd.DataFrame({
            "old_code": homes_in_cells(homes, _shapes(a_cells)).to_numpy(),
            "new_code": homes_in_cells(homes, _shapes(b_cells)).to_numpy(),
            "households": homes["households"].to_numpy(dtype=np.float64, na_value=0),
        })  # fmt: skip
    pairs = atoms.groupby(["old_code", "new_code"], dropna=False)["households"].sum().reset_index()
    pairs = _with_lonely(pairs, a_cells["cell_code"], b_cells["cell_code"])
    pairs = pairs[pairs["old_code"].notna() | pairs["new_code"].notna()]
    before = pairs.groupby("old_code")["households"].sum()
    total = pairs["old_code"].map(before).astype("float64")
    pairs["kept_share"] = np.where(total > 0, pairs["households"] / total.where(total > 0, 1), np.nan)
    pairs["kind"] = _kinds(pairs, set(a_cells["cell_code"]), set(b_cells["cell_code"]))
    pairs = pairs.sort_values(["old_code", "new_code"], ignore_index=True, na_position="last")
    return Comparison(pairs[["old_code", "new_code", "households", "kept_share", "kind"]], _totals(pairs))


def not_planned_in(other: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> list[str]:
    """Name the villages of a plan whose ground another plan leaves out, as one made for some villages only does.

    Ground is asked, not codes: a village that was renamed or merged in between is planned by both.

    Parameters
    ----------
    other, cells : GeoDataFrame
        Cells of the other plan, and those of the plan in question with `village_code`; metres.

    Returns
    -------
    list of str
        Codes of villages of which the other plan's cells cover less than a hundredth, sorted.
    """
    require_metres(other, "cells")
    shapes, there = cells.geometry.to_numpy(), other.geometry.to_numpy()
    mine, theirs = shapely.STRtree(there).query(shapes, predicate="intersects")
    shared = np.bincount(mine, shapely.area(shapely.intersection(shapes[mine], there[theirs])), len(shapes))
    areas = pd.DataFrame({"village": cells["village_code"].to_numpy(), "shared": shared, "all": shapely.area(shapes)})
    sums = areas.groupby("village")[["shared", "all"]].sum()
    return sorted(sums.index[sums["shared"] < _TOUCHED * sums["all"]])


def change_map(a_cells: gpd.GeoDataFrame, b_cells: gpd.GeoDataFrame, comparison: Comparison) -> gpd.GeoDataFrame:
    """Draw what changed: the ground that went from one cell to another, and cells that are as they were.

    Parameters
    ----------
    a_cells, b_cells : GeoDataFrame
        Cells of the old and the new plan, in one metric CRS.
    comparison : Comparison
        What `compare_plans` found for them.

    Returns
    -------
    GeoDataFrame
        old_code · new_code · kind · households · area_m2 · geometry, one row per pair of cells that share ground,
        sorted by codes, with the kinds of the comparison ("ground" where land changes cells and no household does).
        Slivers under a square metre are left out; ground that only one plan has carries one code.
    """
    require_metres(a_cells, "cells")
    require_metres(b_cells, "cells")
    a, b = a_cells.geometry.to_numpy(), b_cells.geometry.to_numpy()
    old, new = shapely.STRtree(b).query(a, predicate="intersects")
    shapes = shapely.intersection(a[old], b[new])
    alone = [
        shapely.difference(here, shapely.union_all(there[shapely.STRtree(there).query(here)]))
        for here, there in [*((shape, b) for shape in a), *((shape, a) for shape in b)]
    ]
    blank_a, blank_b = np.full(len(b), None, object), np.full(len(a), None, object)
    codes_a, codes_b = a_cells["cell_code"].to_numpy(dtype=object), b_cells["cell_code"].to_numpy(dtype=object)
    frame = pd.DataFrame({
        "old_code": np.concatenate([codes_a[old], codes_a, blank_a]),
        "new_code": np.concatenate([codes_b[new], blank_b, codes_b]),
    })  # fmt: skip
    geometry = np.array([_land(shape) for shape in [*shapes, *alone]], object)
    frame["area_m2"] = shapely.area(geometry)
    names = ["old_code", "new_code"]
    known = comparison.frame[[*names, "kind", "households"]]
    frame[names], known = frame[names].fillna(""), known.assign(**{name: known[name].fillna("") for name in names})
    frame = frame.merge(known, on=names, how="left")
    frame["kind"] = frame["kind"].fillna("ground")
    frame["households"] = frame["households"].fillna(0.0)
    frame[names] = frame[names].astype(object).where(frame[names] != "", None)
    real = (frame["area_m2"] > _SLIVER_M2).to_numpy()
    drawn = gpd.GeoDataFrame(frame[real], geometry=geometry[real], crs=a_cells.crs)
    drawn = drawn.sort_values(names, na_position="last", ignore_index=True)
    return drawn[["old_code", "new_code", "kind", "households", "area_m2", "geometry"]]


def _land(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep what has an area of a shape."""
    parts = shapely.get_parts(shape)
    parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
    land: Any = shapely.multipolygons(parts)
    return cast("shapely.Geometry", land)


def _twins(blocks: pd.DataFrame) -> dict[str, str]:
    """Give the blocks that have the ground of their parent, but for nodes on its border, and the first of each line."""
    if "parent_id" not in blocks or "area_m2" not in blocks:
        return {}
    area = pd.to_numeric(blocks["area_m2"], errors="coerce").to_numpy(float)
    of = pd.Series(area, index=blocks["block_id"].to_numpy(dtype=object))
    whole = np.abs(of.reindex(blocks["parent_id"]).to_numpy() - area) < _SLIVER_M2
    first = dict(zip(blocks["block_id"][whole], blocks["parent_id"][whole], strict=True))
    for name, parent in first.items():
        while parent in first:
            parent = first[parent]  # noqa: PLW2901 -- climbs to the first of the line
        first[name] = parent
    return first


def _cut_anew(atoms: pd.DataFrame) -> bool:
    """Tell whether some block of one plan is no block of the other, although both plan its village."""
    villages = [atoms[name].dropna().str[:-3] for name in ("old_code", "new_code")]
    both = set(villages[0]) & set(villages[1])
    lonely = atoms["old_code"].isna() | atoms["new_code"].isna()
    village = atoms["old_code"].fillna(atoms["new_code"]).str[:-3]
    return bool((lonely & village.isin(both)).any())


def _shapes(cells: pd.DataFrame) -> gpd.GeoDataFrame:
    """Take the frame as one with geometry, which homes need."""
    shapes: gpd.GeoDataFrame = cells
    return shapes


def _atoms(a: pd.DataFrame, b: pd.DataFrame, blocks: pd.DataFrame) -> pd.DataFrame:
    """Give the finest blocks of both plans with their cell in each; a split block inherits its parent's cell."""
    parent = blocks.set_index("block_id")["parent_id"].dropna() if "parent_id" in blocks else pd.Series(dtype=object)
    used = pd.Index(np.union1d(a["block_id"].to_numpy(str), b["block_id"].to_numpy(str)))
    above = pd.Series(used).map(parent)
    ancestors: set[str] = set()
    while above.notna().any():
        ancestors |= set(above.dropna())
        above = above.map(parent)
    atoms = used[~used.isin(list(ancestors))]
    households = blocks.set_index("block_id")["households"].reindex(atoms).fillna(0).to_numpy(dtype=np.float64)
    codes = [_climb(atoms, plan.set_index("block_id")["cell_code"], parent) for plan in (a, b)]
    return pd.DataFrame({"old_code": codes[0], "new_code": codes[1], "households": households})


def _climb(atoms: pd.Index[str], cell_of: pd.Series[str], parent: pd.Series[str]) -> Any:
    """Find the cell of each block, or of its nearest ancestor that the plan has."""
    at = pd.Series(atoms, dtype=object)
    found = at.map(cell_of)
    while True:
        at = at.map(parent).where(found.isna())
        if not at.notna().any():
            return found.to_numpy(dtype=object)
        found = found.where(found.notna(), at.map(cell_of))


def _with_lonely(pairs: pd.DataFrame, old: pd.Series[str], new: pd.Series[str]) -> pd.DataFrame:
    """Add cells that no pair names, so that every code of both plans is in the answer."""
    gone = pd.DataFrame({"old_code": old[~old.isin(pairs["old_code"])], "new_code": None, "households": 0.0})
    come = pd.DataFrame({"old_code": None, "new_code": new[~new.isin(pairs["new_code"])], "households": 0.0})
    parts = [part for part in (pairs, gone, come) if len(part)]
    return pd.concat([part.astype({"old_code": object, "new_code": object}) for part in parts], ignore_index=True)


def _kinds(pairs: pd.DataFrame, before: set[str], after: set[str]) -> list[str]:
    """Name each pair by what happened to its two cells."""
    partners = pairs.groupby("old_code")["new_code"].size()
    sources = pairs.groupby("new_code")["old_code"].size()
    kinds = []
    for old, new in zip(pairs["old_code"], pairs["new_code"], strict=True):
        if pd.isna(new):
            kinds.append("retired")
        elif pd.isna(old):
            kinds.append("new")
        elif old == new:
            kinds.append("unchanged" if partners[old] == 1 and sources[new] == 1 else "kept")
        elif new in before:
            kinds.append("moved" if old in after else "merged")
        else:
            kinds.append("split" if old in after else "new")
    return kinds


def _totals(pairs: pd.DataFrame) -> dict[str, Any]:
    """Sum the comparison up."""
    same = pairs["old_code"].notna() & (pairs["old_code"] == pairs["new_code"])
    households, kept = float(pairs["households"].sum()), float(pairs.loc[same, "households"].sum())
    old, new = set(pairs["old_code"].dropna()), set(pairs["new_code"].dropna())
    return {
        "cells_before": len(old),
        "cells_after": len(new),
        "cells_unchanged": int((pairs["kind"] == "unchanged").sum()),
        "cells_new": len(new - old),
        "cells_retired": len(old - new),
        "households": households,
        "households_moved": households - kept,
        "kept_share": kept / households if households else 1.0,
    }
