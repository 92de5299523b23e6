"""The tiny county planned and staffed, on both backends, and a hand that edits it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from api.store import copy_project, open_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.store import Project

_SHOWN = ("cell", "kind", "locked", "note", "start_date", "households", "deviation_share")


class Hand:
    """Reads the cells of a plan, and finds neighbours to edit."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def cells(self, plan: str | None = None) -> Any:
        where = {"plan": plan or self.project.current_plan(), "end_date": None}
        return self.project.read("cells", where=where).sort_values("cell_code", ignore_index=True)

    def shown(self, plan: str | None = None) -> dict[str, tuple[Any, ...]]:
        """Give every cell with its exact geometry and all that people see."""
        cells = self.cells(plan)
        columns = [cells[name].astype(object).where(cells[name].notna(), None) for name in _SHOWN]
        shapes = cells.geometry.normalize().to_wkb()
        return {code: rest for code, *rest in zip(cells["cell_code"], shapes, *columns, strict=True)}

    def pairs(self) -> list[tuple[str, str]]:
        """Give two neighbouring cells of each village that has some."""
        found = []
        for _, mine in self.cells().groupby("village_code"):
            for i, j in itertools.combinations(range(len(mine)), 2):
                if mine.geometry.iloc[i].intersection(mine.geometry.iloc[j]).length > 0:
                    found.append((mine["cell_code"].iloc[i], mine["cell_code"].iloc[j]))
                    break
        return found

    def line(self, code: str) -> tuple[tuple[float, float], ...]:
        """Give a line straight across a cell."""
        west, south, east, north = self.cells().set_index("cell_code").geometry[code].bounds
        return ((west + east) / 2, south - 0.001), ((west + east) / 2, north + 0.001)


@pytest.fixture
def county(tiny_project: Path, target: str) -> Iterator[Project]:
    """Open the tiny county on each backend."""
    copy_project(tiny_project, target)
    with open_project(target) as project:
        yield project


@pytest.fixture
def hand(county: Project) -> Hand:
    return Hand(county)
