"""Why a village is over tolerance: what forces it, by how much, and what would help; or how far the search came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatial.planning.certificates.bounds import coarse_bound, part_bound, pocket_bound, whole_bound
from spatial.planning.certificates.words import Figures, told

if TYPE_CHECKING:
    from spatial.planning.certificates.cases import Case

__all__ = ["certificate", "likely_cells"]

_FAR = 3
"""How many cells more or fewer are tried for a remedy."""
_SPECIFIC = ("block-larger-than-cell", "parts", "pocket", "whole-households")
"""Bounds that name what forces them; they go before a proof that names nothing."""
_FINE = 2e-4
_TRIED = 2
"""Numbers of cells that are tried."""


def certificate(case: Case) -> dict[str, Any]:
    """Explain a village over tolerance: `kind`, `bound_share`, and the remedy in both languages.

    A unit larger than a cell, parts that each take a whole number of cells, a pocket behind a unit that everything
    must pass, and whole households each bound the deviation from below; the largest bound is given where it explains
    the deviation. Without one, the figure is the best the search found: proven where all plans were gone through, else
    no bound.
    """
    mean = max(float(case.units.sum()) / case.cells, 1e-12)
    bounds = _bounds(case, case.cells)
    if case.pairs is not None and case.label is not None and len(case.pairs):
        bounds["indivisible"] = coarse_bound(case.units / mean, case.pairs, case.label, case.cells)
    kind = max(bounds, key=lambda name: bounds[name])
    bound = bounds[kind]
    exact = max(_SPECIFIC, key=lambda name: bounds[name])
    if bounds[exact] >= case.deviation_share - _FINE:
        kind, bound = exact, bounds[exact]
    elif case.proven or (kind == "indivisible" and bound >= case.deviation_share - 1e-6):
        kind, bound = "proven-best", case.deviation_share
    elif bound <= 0 or (bound < 0.5 * case.deviation_share and kind != "block-larger-than-cell"):
        kind, bound = "best-found", case.deviation_share
    unit = int(case.units.argmax())
    if kind == "pocket" and case.pairs is not None:
        unit = pocket_bound(case.units / mean, case.pairs)[1]
    least = max(0.0, *_bounds(case, case.cells).values())
    zh, en = told(case, kind, Figures(bound, mean, least, unit))
    return {
        "village_code": case.village_code,
        "kind": kind,
        "bound_share": round(bound, 6),
        "remedy": f"{zh} · {en}",
        "remedy_zh": zh,
        "remedy_en": en,
    }


def _bounds(case: Case, cells: int) -> dict[str, float]:
    """Give every bound, for any number of cells."""
    mean = max(float(case.units.sum()) / cells, 1e-12)
    loads = case.units / mean
    pocket = 0.0 if case.pairs is None or cells < 2 else pocket_bound(loads, case.pairs)[0]
    return {
        "block-larger-than-cell": float(loads.max(initial=0)) - 1,
        "parts": part_bound(case.part_loads[case.part_cells > 0] / mean, cells),
        "pocket": pocket,
        "whole-households": whole_bound(loads, mean),
    }


def likely_cells(case: Case) -> list[int]:
    """Give the nearest numbers of cells that nothing known forces over tolerance."""
    units = int((case.units > 0).sum())
    near = [case.cells + way * step for step in range(1, _FAR + 1) for way in (-1, 1)]
    # However far away: the most cells among which the largest unit is none too many.
    fitting = int(float(case.units.sum()) * (1 + case.tolerance) / max(float(case.units.max(initial=0)), 1e-9))
    near += [] if fitting in near or fitting >= case.cells else [fitting]
    found = [
        cells for cells in near
        if 1 <= cells <= units and (cells == 1 or max(_bounds(case, cells).values()) <= case.tolerance)
    ]  # fmt: skip
    return found[:_TRIED]
