"""A county of two villages, twelve square blocks each, and a model in memory of what edits do to its plans."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from api.store import Project

__all__ = ["BLOCKS", "Block", "Model", "county", "line_of"]

_COLUMNS, _ROWS, _SIZE = 4, 3, 1 / 256
_VILLAGES = {"211122101201": (122.0, 41.0), "211122101202": (122.0 + _COLUMNS * _SIZE, 41.0)}

_NAMES = dict(zip(_VILLAGES, ("东村", "西村"), strict=True))


@dataclass(frozen=True)
class Block:
    """One square: its village, its column and row there, its households."""

    village: str
    column: int
    row: int
    households: float

    @property
    def shape(self) -> shapely.Polygon:
        """Ground of the block, in degrees."""
        west, south = _VILLAGES[self.village]
        x, y = west + self.column * _SIZE, south + self.row * _SIZE
        return shapely.box(x, y, x + _SIZE, y + _SIZE)


BLOCKS = {
    f"{village}-{column}{row}": Block(village, column, row, 60.0 + 7 * column + 3 * row)
    for village in _VILLAGES for column in range(_COLUMNS) for row in range(_ROWS)
}  # fmt: skip


def county() -> dict[str, Any]:
    """Give the layers that a run begins with."""
    lands = [shapely.union_all([b.shape for b in BLOCKS.values() if b.village == code]) for code in _VILLAGES]
    villages = gpd.GeoDataFrame(
        {"village_code": list(_VILLAGES), "village": list(_NAMES.values()), "town_code": "211122101", "town": "镇",
         "county_code": "211122", "county": "县", "households": [_total(code) for code in _VILLAGES]},
        geometry=lands, crs="EPSG:4490",
    )  # fmt: skip
    blocks = gpd.GeoDataFrame(
        {"block_id": list(BLOCKS), "village_code": [b.village for b in BLOCKS.values()],
         "households": [b.households for b in BLOCKS.values()]},
        geometry=[b.shape for b in BLOCKS.values()], crs="EPSG:4490",
    ).assign(residents=0.0, party_members=0.0, workload=0.0, area_m2=1.0)  # fmt: skip
    return {"villages": villages, "blocks": blocks}


def line_of(cell: str, *, at: int, upright: bool) -> tuple[tuple[float, float], ...]:
    """Give a line across the whole village of a cell, along the borders of its blocks."""
    west, south = _VILLAGES[cell[:-3]]
    if upright:
        x = west + at * _SIZE
        return ((x, south - _SIZE / 9), (x, south + (_ROWS + 1 / 9) * _SIZE))
    y = south + at * _SIZE
    return ((west - _SIZE / 9, y), (west + (_COLUMNS + 1 / 9) * _SIZE, y))


def _total(village: str) -> int:
    return int(sum(block.households for block in BLOCKS.values() if block.village == village))


@dataclass
class _Plan:
    members: dict[str, str]
    attributes: dict[str, dict[str, Any]]
    used: set[str]
    status: str = "draft"
    steps: list[_Step] = field(default_factory=list)


@dataclass
class _Step:
    """One edit: the village's blocks and cells before and after, and whether it is taken back."""

    who: str
    village: str
    before: dict[str, str]
    after: dict[str, str]
    old: dict[str, dict[str, Any] | None]
    new: dict[str, dict[str, Any] | None]
    done: bool = True
    gone: bool = False


class Model:
    """What a project should hold: plans by name, each block in one cell, attributes of cells, undo by person."""

    def __init__(self) -> None:
        self.plans: dict[str, _Plan] = {}
        self.order: list[str] = []
        self.places: list[str] = []
        self.touched: list[tuple[str, str, str]] = []
        self.acknowledged = self.copies = 0

    @property
    def current(self) -> str | None:
        """Name of the plan made last."""
        return self.order[-1] if self.order else None

    @property
    def plan(self) -> _Plan:
        return self.plans[self.order[-1]]

    @property
    def members(self) -> dict[str, str]:
        return self.plan.members

    @property
    def attributes(self) -> dict[str, dict[str, Any]]:
        return self.plan.attributes

    @property
    def status(self) -> str:
        return self.plan.status

    @status.setter
    def status(self, value: str) -> None:
        self.plan.status = value

    @property
    def is_open(self) -> bool:
        return self.status != "final"

    def used_codes(self) -> set[str]:
        """Codes that any plan ever used."""
        return set().union(*(plan.used for plan in self.plans.values()))

    def members_of(self, project: Project) -> dict[str, str]:
        """Read which block is in which cell."""
        rows = project.read("plan_blocks", where={"plan": self.current})
        return dict(zip(rows["block_id"], rows["cell_code"], strict=True))

    def made(self, name: str, project: Project, *, parent: str | None) -> None:
        """Take a plan over as it was made: what a good plan is, the planner decides; the model holds it together."""
        self._add(name, _Plan({}, {}, set()))
        members = self.members_of(project)
        assert set(members) == set(BLOCKS)
        for code in set(members.values()):
            assert self._connected([block for block, cell in members.items() if cell == code]), code
        cells = project.read("cells", where={"plan": name, "end_date": None})
        attributes = {
            row.cell_code: {"locked": bool(row.locked), "note": row.note if isinstance(row.note, str) else None,
                            "cell": row.cell}
            for row in cells.itertuples()
        }  # fmt: skip
        if parent is not None:
            kept = set(members.values()) & set(self.plans[parent].members.values())
            assert not (set(members.values()) - kept) & self.plans[parent].used, "a code that ended was given again"
        self.plans[name] = _Plan(members, attributes, set(attributes))

    def branched(self, name: str, source: str) -> None:
        """Copy a plan."""
        of = self.plans[source]
        alive = {code: dict(of.attributes[code]) for code in set(of.members.values())}
        self._add(name, _Plan(dict(of.members), alive, set(alive)))

    def restored(self, name: str, past: dict[str, Any]) -> None:
        """Make a plan of an earlier state."""
        members = past["members"]
        alive = {code: dict(past["attributes"][code]) for code in set(members.values())}
        self._add(name, _Plan(dict(members), alive, set(alive)))

    def snapshot(self) -> dict[str, Any]:
        """Give the current plan as it stands."""
        return {"members": dict(self.members), "attributes": copy.deepcopy(self.attributes)}

    def edit(self, who: str, moved: dict[str, str]) -> None:
        """Put blocks into other cells."""
        village = BLOCKS[next(iter(moved))].village
        before = self._village(village)
        after = {**before, **moved}
        names = set(before.values()) ^ set(after.values())
        old = {code: dict(self.attributes[code]) if code in before.values() else None for code in names}
        for code in set(after.values()) - set(before.values()):
            self.attributes[code] = {"locked": False, "note": None, "cell": self._name(code)}
        new = {code: dict(self.attributes[code]) if code in after.values() else None for code in names}
        self.members.update(moved)
        self._step(_Step(who, village, before, after, old, new))

    def attribute(self, who: str, cell: str, name: str, value: Any) -> None:
        """Write one column of a cell."""
        before = self._village(cell[:-3])
        old = {cell: {name: self.attributes[cell][name]}}
        self.attributes[cell][name] = value
        self._step(_Step(who, cell[:-3], before, before, old, {cell: {name: value}}))

    def may_replay(self, action: str, who: str) -> bool | None:
        """Tell whether an undo or redo must be done or refused; None where the model does not know."""
        step = self._next(action, who)
        if step is None or not self.is_open:
            return False
        here, there = (step.after, step.before) if action == "undo" else (step.before, step.after)
        now = self._village(step.village)
        if here != there:
            if now != here:
                return False
            codes = {cell for block in here if here[block] != there[block] for cell in (here[block], there[block])}
            if any(self.attributes[code]["locked"] for code in codes if code in now.values()):
                return False
        mine = self.plan.steps.index(step)
        others = [one for one in self.touched if one[0] == self.current and one[1] == step.village and one[2] != who]
        del mine
        if others or here == there:
            left = step.new if action == "undo" else step.old
            same = all(
                values is None or (code in now.values() and all(
                    self.attributes[code][name] == value for name, value in values.items()))
                for code, values in left.items()
            )  # fmt: skip
            return None if same and others else same or None
        return None if any(values is None for values in (*step.old.values(), *step.new.values())) else True

    def replay(self, action: str, who: str) -> None:
        """Take an edit back, or make it again."""
        step = self._next(action, who)
        assert step is not None
        step.done = action == "redo"
        there, values = (step.before, step.old) if action == "undo" else (step.after, step.new)
        if step.before != step.after:
            self.members.update(there)
        for code, row in values.items():
            if row is not None:
                self.attributes.setdefault(code, {}).update(row)
        self.touched.append((str(self.current), step.village, who))

    def blocks_in(self, cell: str) -> list[str]:
        """Name the blocks of a cell."""
        return [block for block, code in self.members.items() if code == cell]

    def pick_plan(self, pick: int) -> str:
        return self.order[pick % len(self.order)]

    def pick_cell(self, pick: int) -> str:
        cells = sorted(set(self.members.values()))
        return cells[pick % len(cells)]

    def pick_pair(self, pick: int) -> tuple[str, str]:
        cell = self.pick_cell(pick)
        others = sorted({code for code in self.members.values() if code[:-3] == cell[:-3]})
        return cell, others[pick // 7 % len(others)]

    def pick_move(self, pick: int) -> tuple[str, str]:
        """Give a block, and a cell of its village: mostly a neighbour."""
        block = sorted(self.members)[pick % len(self.members)]
        near = sorted({self.members[other] for other in self.members if _touch(block, other)})
        return block, near[pick // 31 % len(near)]

    def may_move(self, block: str, to: str) -> bool | None:
        """Tell whether a block may go into a cell; None where it could enclose another."""
        home = self.members[block]
        if not self.is_open or home == to or self._locked(home, to):
            return False
        rest = [one for one in self.blocks_in(home) if one != block]
        if not rest or not self._connected(rest) or not self._connected([*self.blocks_in(to), block]):
            return False
        return None if self._holes([*self.blocks_in(to), block]) else True

    def may_merge(self, keep: str, other: str) -> bool | None:
        if not self.is_open or keep == other or self._locked(keep, other):
            return False
        both = [*self.blocks_in(keep), *self.blocks_in(other)]
        if not self._connected(both):
            return False
        return None if self._holes(both) else True

    def may_split(self, cell: str, sides: tuple[set[str], set[str]]) -> bool:
        return self.is_open and not self._locked(cell) and all(sides)

    def sides(self, cell: str, *, at: int, upright: bool) -> tuple[set[str], set[str]]:
        """Give the blocks of a cell on either side of a line."""
        low = {one for one in self.blocks_in(cell) if (BLOCKS[one].column if upright else BLOCKS[one].row) < at}
        return low, set(self.blocks_in(cell)) - low

    def _add(self, name: str, plan: _Plan) -> None:
        self.plans[name] = plan
        self.order.append(name)

    def _step(self, step: _Step) -> None:
        for one in self.plan.steps:
            one.gone |= one.who == step.who and not one.done  # an own new edit ends what could be redone
        self.plan.steps.append(step)
        self.plan.used |= set(step.after.values())
        self.touched.append((str(self.current), step.village, step.who))

    def _next(self, action: str, who: str) -> _Step | None:
        mine = [one for one in self.plan.steps if one.who == who and not one.gone]
        if action == "undo":
            return next((one for one in reversed(mine) if one.done), None)
        return next((one for one in mine if not one.done), None)

    def _village(self, village: str) -> dict[str, str]:
        return {block: cell for block, cell in self.members.items() if BLOCKS[block].village == village}

    def _locked(self, *cells: str) -> bool:
        return any(self.attributes[cell]["locked"] for cell in cells)

    def _name(self, code: str) -> str | None:
        return f"{_NAMES[code[:-3]]}{code[-2:]}网格"

    def _connected(self, blocks: list[str]) -> bool:
        found, left = {blocks[0]}, set(blocks[1:])
        while near := {one for one in left if any(_touch(one, other) for other in found)}:
            found, left = found | near, left - near
        return not left

    def _holes(self, blocks: list[str]) -> bool:
        shape = shapely.union_all([BLOCKS[one].shape for one in blocks])
        return any(len(part.interiors) for part in getattr(shape, "geoms", [shape]))


def _touch(one: str, other: str) -> bool:
    """Tell whether two blocks of one village share a side."""
    a, b = BLOCKS[one], BLOCKS[other]
    return a.village == b.village and abs(a.column - b.column) + abs(a.row - b.row) == 1
