"""Figures of a coverage run by county, town, village and cell, and their sums for the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from spatial.coverage.optics.pixels import pixel_name
from spatial.coverage.views.inventory import COUNTED, TOLD
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.arrays import Floats, Ints
    from spatial.coverage.state import CoverageState

__all__ = ["coverage_figures", "coverage_table"]

_SUMS = ("aoi_m2", "covered_m2", "k2_m2", "road_m", "road_covered_m", "places", "places_covered", "junctions",
         "junctions_covered", "entrances", "entrances_covered", *COUNTED,
         *(f"{name}_{code}" for code in ("1", "2", "3", "9") for name in COUNTED))  # fmt: skip


def coverage_table(state: CoverageState, run: str) -> pd.DataFrame:
    """Make the layer `coverage`: every level, rows sorted by level (county first) and code.

    Land and roads outside all villages are left out. A camera or place of the lists that lies outside is counted
    in the nearest village, so that villages sum to towns and towns to the county. What the list says nothing about
    for any camera (networked, filed, pixels) is missing, not 0.
    """
    area = state.units
    villages = _sums(state, state.tally.villages, 0, len(area.village_codes))
    levels = [_level(villages, area.counties, "county")]
    if area.villages is not None:
        levels += [_level(villages, area.towns, "town"), _level(villages, area.village_codes, "village")]
    if area.cells is not None:
        cells = _sums(state, state.tally.cells, 1, len(area.cell_codes))
        levels.append(_level(cells, area.cell_codes, "cell"))
    table = pd.concat(levels, ignore_index=True)
    aoi = table["aoi_m2"].to_numpy()
    table["covered_share"] = _shares(table["covered_m2"].to_numpy(), aoi)
    table["k2_share"] = _shares(table["k2_m2"].to_numpy(), aoi)
    table["run"] = run
    counts = [name for name in _SUMS if not name.endswith(("_m", "_m2"))]
    table[counts] = table[counts].round().astype(int)
    for name in state.listed.silent:
        unknown = [column for column in counts if column.startswith(f"cameras_{name}")]
        table[unknown] = pd.NA
        table = table.astype(dict.fromkeys(unknown, "Int64"))
    return table[LAYERS["coverage"].names]


def _sums(state: CoverageState, squares: Ints, column: int, count: int) -> Floats:
    """Sum everything that adds up, one row per unit; what lies outside all units (0) is left out."""
    unit, metres = state.tally.sample_units[:, column], state.roads.samples[:, 2]
    camera, aim = state.listed.camera[:, column], state.listed.target[:, column]
    parts = [squares[:, :3] * state.options.resolution**2]
    seen = np.flatnonzero(state.road_covered)
    parts += [_binned(unit, metres, count), _binned(unit[seen], metres[seen], count)]
    kind = state.targets["kind"].to_numpy()
    for name in ("place", "junction", "entrance"):
        mine = (kind == name).astype(float)
        parts += [_binned(aim, mine, count), _binned(aim, mine * state.covered, count)]
    rows = (np.ones(len(camera)), (camera, np.arange(len(camera))))
    parts.append(csr_array(rows, shape=(count + 1, len(camera))) @ state.listed.counted)
    return np.column_stack(parts)[1:]


def _binned(unit: Ints, weights: Floats, count: int) -> Floats:
    return np.bincount(unit, weights, minlength=count + 1)[: count + 1]


def _level(sums: Floats, names: NDArray[np.str_], level: str) -> pd.DataFrame:
    """Sum rows of units by name, one row per name, sorted."""
    codes, number = np.unique(names, return_inverse=True)
    total = np.zeros((len(codes), sums.shape[1]))
    np.add.at(total, number, sums)
    return pd.DataFrame(total, columns=list(_SUMS)).assign(code=codes.astype(object), level=level)


def _shares(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def coverage_figures(state: CoverageState, table: pd.DataFrame) -> dict[str, Any]:
    """Sum the county rows into the figures of the answer.

    `views` counts the rows of that layer, `views_empty` those that show nothing at this pixel level.
    `assumed_share` is the part of the working cameras' view area whose heading, width or far limit is a default
    (`spatial.coverage.optics.Optics.resting`); defaults that only shape the dead zone do not count. A share of cameras
    is None where the list has no such column, and leaves out those of which it says nothing (`unknown`).
    """
    county = table[table["level"] == "county"]
    total = county[[name for name in _SUMS if name in county.columns]].sum()

    def share(part: float, whole: float) -> float:
        return float(part / whole) if whole else 0.0

    cameras = state.listed
    gates = (state.targets["kind"] == "cordon").to_numpy()
    counted = ("places", "junctions", "entrances")
    told = dict.fromkeys(_RATIOS, total["cameras"]) | dict(zip(TOLD, cameras.told.sum(axis=0), strict=True))
    return {
        "cameras": int(total["cameras"]),
        "views": len(cameras.ids),
        "views_empty": int(cameras.empty.sum()),
        "pixels": state.options.pixels,
        "pixel_level": pixel_name(state.options.pixels),
        "aoi_m2": float(total["aoi_m2"]),
        "covered_share": share(total["covered_m2"], total["aoi_m2"]),
        "k2_share": share((county["k2_share"] * county["aoi_m2"]).sum(), total["aoi_m2"]),
        **{key: int(total[key]) for name in counted for key in (name, f"{name}_covered")},
        "cordon": int(gates.sum()),
        "cordon_covered": int(state.covered[gates].sum()),
        "road_m": float(total["road_m"]),
        "road_covered_m": float(total["road_covered_m"]),
        "road_covered_share": share(total["road_covered_m"], total["road_m"]),
        **{
            f"{name}_share": None if name in cameras.silent else share(total[f"cameras_{name}"], told[name])
            for name in _RATIOS
        },
        "unknown": {name: int(total["cameras"] - told[name]) for name in TOLD}
        | ({"filed": int(total["cameras"])} if "filed" in cameras.silent else {"filed": 0}),
        "assumed_share": share(cameras.area_m2[cameras.resting].sum(), cameras.area_m2.sum()),
        "not_at_once_share": share(cameras.area_m2[cameras.turning].sum(), cameras.area_m2.sum()),
    }


_RATIOS = ("working", "networked", "filed", "hd")
