"""A village over tolerance, and what was tried to help it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Integers

__all__ = ["Case", "Trial"]


@dataclass(frozen=True)
class Trial:
    """A remedy that was tried: its kind (blocks, hamlets, bridge, cells, keep), what it brings and what it touches.

    `named` are the blocks or hamlets that are cut, with what their pieces hold, and `more` so many others; or the
    number of cells.
    """

    kind: str
    deviation_share: float
    named: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Case:
    """One village: the loads of its units, its cells, its parts (loads, cells), what was reached, and the search.

    `names` name the units and `part_names` the heaviest block of each part; `kinds` say of each unit whether it is a
    `hamlet` that stays whole, a `building` (or a spot) that nothing can part, or a `block`. `pairs` are the borders
    between units that a cell may cross. Without them nothing is said of single blocks or of pockets. `label` is the
    cell of each unit, and `proven` means that no plan with these parts is more even. `trials` are remedies that were
    tried.
    """

    village_code: str
    units: Floats
    cells: int
    part_loads: Floats
    part_cells: Floats
    deviation_share: float
    starts: int
    steps: int
    tolerance: float = 0.05
    names: tuple[str, ...] = ()
    pairs: Integers | None = None
    proven: bool = False
    label: Integers | None = None
    part_names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()
