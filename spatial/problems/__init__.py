"""Problems: what is wrong with the data or a plan, as rows that can be listed, counted and drawn.

A kind of problem has a stable kebab-case name, a severity, a layer and a sentence in both languages; the
catalogue below is the whole list, and the documentation shows it. Nothing is corrected in silence: whoever
mends or assumes something says so with a problem.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from spatial.problems import carry, coverage, data, people, plan, rules, store, views
from spatial.problems.kind import ProblemKind
from spatial.problems.words import Word

if TYPE_CHECKING:
    import pyproj
    from shapely.geometry.base import BaseGeometry

__all__ = ["CATALOGUE", "ProblemKind", "Problems"]

CATALOGUE: dict[str, ProblemKind] = {
    kind.problem: kind
    for kind in (
        *data.KINDS,
        *plan.KINDS,
        *people.KINDS,
        *rules.KINDS,
        *coverage.KINDS,
        *views.KINDS,
        *store.KINDS,
        *carry.KINDS,
    )
}


@dataclass
class Problems:
    """A growing list of problems, written down where they are found.

    >>> problems = Problems()
    >>> problems.add("home-outside-villages", code="H001", metres=312)
    >>> problems.frame().loc[0, "message_en"]
    'home H001 lies in no village (312 m from the nearest)'
    """

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, problem: str, *, code: str = "", geometry: BaseGeometry | None = None, **figures: Any) -> None:
        """Write one problem down; `figures` fill the sentences of its kind. KeyError for an unknown kind."""
        kind = CATALOGUE[problem]
        said = {name: Word(value) if isinstance(value, str) else value for name, value in figures.items()}
        self.rows.append({
            "problem": problem,
            "severity": kind.severity,
            "layer": kind.layer or figures.get("layer"),
            "code": code,
            "plan": None,
            "run": None,
            "message_zh": kind.zh.format(code=Word(code), **said),
            "message_en": kind.en.format(code=code, **figures),
            "remedy": kind.remedy.format(code=code, **figures) or None,
            "geometry": geometry,
        })  # fmt: skip

    def extend(self, other: Problems) -> None:
        """Take over all rows of another list."""
        self.rows.extend(other.rows)

    def frame(self, crs: pyproj.CRS | str | None = None) -> gpd.GeoDataFrame:
        """Give the rows as a frame of the layer `problems`, geometry in `crs`."""
        columns = ["problem", "severity", "layer", "code", "plan", "run", "message_zh", "message_en", "remedy"]
        return gpd.GeoDataFrame(self.rows, columns=[*columns, "geometry"], geometry="geometry", crs=crs)
