"""What if: cameras that stop, go, turn, move or come, counted without computing the rest again.

The ground stays laid out (`spatial.coverage.ground`); only the views of the cameras in question are computed, and
only the tiles that their old and new views touch are counted. The answer is the one of a full run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.coverage.figures.table import coverage_figures, coverage_table
from spatial.coverage.ground import count, discs_covered, look, tiles_under
from spatial.coverage.views import camera_views
from spatial.coverage.views.inventory import listed, working
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spatial.arrays import Flags, Ints
    from spatial.coverage.state import CoverageState
    from spatial.coverage.views import Views
    from spatial.coverage.views.inventory import Listed

__all__ = ["WhatIf", "what_if"]


@dataclass(frozen=True)
class WhatIf:
    """Table and figures after a change, as `cover` would give them (`gaps` and `problems` are left out)."""

    table: pd.DataFrame
    figures: dict[str, Any]


def what_if(
    state: CoverageState,
    *,
    offline: Sequence[str] = (),
    removed: Sequence[str] = (),
    turned: Mapping[str, float] | None = None,
    moved: Mapping[str, tuple[float, float]] | None = None,
    changed: gpd.GeoDataFrame | None = None,
    threads: int = 2,
) -> WhatIf:
    """Answer a change of cameras.

    Parameters
    ----------
    offline, removed : sequence of str
        Cameras that stop working (they stay in the list), and that leave the list.
    turned, moved : mapping
        New heading in degrees, and new position in metres, by camera.
    changed : GeoDataFrame
        Rows in the CRS of the run that replace the camera of the same `camera_id`, or add a new one.

    Raises
    ------
    SchemaError
        For a camera that is not in the list.
    """
    fresh = _fresh(state, turned or {}, moved or {}, changed)
    fresh = fresh[~fresh["camera_id"].isin(removed)]
    off, out = _rows(state, offline), _rows(state, removed)
    replaced = state.listed.ids.get_indexer(fresh["camera_id"]) if len(fresh) else np.empty(0, np.int64)
    gone = ~state.seeing
    touched = np.unique(np.concatenate([off, out, replaced[replaced >= 0]]))
    before = state.lens.bounds[touched[~gone[touched]]]
    gone[touched] = True
    views = None
    more = look(np.empty(0, dtype=object), state.ground.tiles)
    seeing = np.zeros(len(fresh), bool)
    if len(fresh):
        options = state.options
        seeing = working(fresh) & ~fresh["camera_id"].isin([*options.without, *offline, *removed]).to_numpy()
        views = camera_views(
            fresh, standing=state.standing, terrain=state.terrain, pixels=options.pixels, target_m=options.target_m
        )
        shapes = views.frame.geometry.to_numpy().copy()
        shapes[~seeing] = None
        more = look(shapes, state.ground.tiles)
    chosen = tiles_under(state.ground.tiles, before, more.bounds)
    tally = count(state.ground, state.lens, gone=gone, more=more, before=state.tally, chosen=chosen, threads=threads)
    dropped = np.union1d(out, replaced[replaced >= 0]).astype(np.int64)
    after = replace(
        state, tally=tally, covered=discs_covered(tally), road_covered=tally.samples > 0,
        listed=_relisted(state, dropped, off, fresh, views, seeing),
    )  # fmt: skip
    table = coverage_table(after, "")
    return WhatIf(table, coverage_figures(after, table))


def _fresh(
    state: CoverageState, turned: Mapping[str, float], moved: Mapping[str, tuple[float, float]],
    changed: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Rows of the cameras that are looked through again."""
    names = list(dict.fromkeys([*turned, *moved]))
    frame = state.cameras.iloc[_rows(state, names)].reset_index(drop=True)
    if turned:
        mine = frame["camera_id"].isin(list(turned)).to_numpy()
        azimuth = frame["azimuth_deg"].to_numpy(dtype=float, na_value=np.nan) if "azimuth_deg" in frame else np.nan
        frame["azimuth_deg"] = np.where(mine, frame["camera_id"].map(turned).to_numpy(dtype=float), azimuth)
        for column in ("headings_deg", "azimuth_tolerance_deg"):
            if column in frame:
                frame[column] = frame[column].where(~mine, None)
    if moved:
        points = frame.geometry.to_numpy().copy()
        for row, name in enumerate(frame["camera_id"]):
            if name in moved:
                points[row] = shapely.Point(moved[name])
        frame = frame.set_geometry(points, crs=state.cameras.crs)
    if changed is None or not len(changed):
        return frame
    both = [part for part in (frame[~frame["camera_id"].isin(changed["camera_id"])], changed) if len(part)]
    return gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=state.cameras.crs)


def _rows(state: CoverageState, names: Sequence[str]) -> Ints:
    """Row numbers of some cameras."""
    rows = state.listed.ids.get_indexer(pd.Index(list(names)))
    if (rows < 0).any():
        name = list(names)[int(np.argmax(rows < 0))]
        raise SchemaError(f"摄像机 {name} 不在清单中；请核对编号", f"camera {name} is not in the list; check the id")
    return np.asarray(rows, dtype=np.int64)


def _relisted(
    state: CoverageState, dropped: Ints, off: Ints, fresh: gpd.GeoDataFrame, views: Views | None, seeing: Flags
) -> Listed:
    """Change the rows of the list that a change touches."""
    old = state.listed
    names = ("counted", "told", "camera", "area_m2", "empty", "resting", "turning")
    columns = {name: np.delete(getattr(old, name), dropped, axis=0) for name in names}
    ids = old.ids.delete(dropped) if len(dropped) else old.ids
    off = np.setdiff1d(off, dropped)
    off = off - np.searchsorted(dropped, off)
    columns["counted"][off[:, None], _WORKING] = 0
    columns["area_m2"][off] = 0.0
    if views is not None:
        new = listed(fresh, views, seeing, state.units, state.targets.iloc[:0])
        columns = {name: np.concatenate([columns[name], getattr(new, name)]) for name in names}
        ids = ids.append(new.ids)
    return replace(old, ids=ids, **columns)


_WORKING = [1, 6, 11, 16, 21]  # columns of the inventory that count working cameras: all, and by point class
