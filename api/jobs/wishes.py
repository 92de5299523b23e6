"""What a person may ask of one village of a plan: each wish, the pure edit behind it, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.jobs.edit_log import EDITS
from api.refusals import UnknownCodeError
from spatial.errors import InfeasibleError, SchemaError
from spatial.planning.edits import merge, move_blocks, move_border, rebalance, set_special, split_by_line

if TYPE_CHECKING:
    from api.jobs.rewrite import Village
    from spatial.planning.edits import Edit

__all__ = [
    "BlockWish", "Border", "CellWish", "Lock", "Merge", "Move", "Rebalance", "Remark", "Rename", "Special", "Split",
    "Wish", "cells_named", "made", "one_line", "said", "said_of_cells", "written",
]  # fmt: skip

_LONGEST = 2000


@dataclass(frozen=True)
class Split:
    """Split one cell along a line of longitude, latitude."""

    cell: str
    line: tuple[tuple[float, float], ...]
    action: str = "split"


@dataclass(frozen=True)
class Merge:
    """Merge `other` into its neighbour `keep`, whose code stays."""

    keep: str
    other: str
    action: str = "merge"


@dataclass(frozen=True)
class Move:
    """Move blocks into one cell."""

    blocks: tuple[str, ...]
    to: str
    action: str = "move"


@dataclass(frozen=True)
class Border:
    """Move the border of two cells onto a line of longitude, latitude."""

    cell: str
    other: str
    line: tuple[tuple[float, float], ...]
    action: str = "border"


@dataclass(frozen=True)
class Rebalance:
    """Even out the households of neighbouring cells; `keep` is the share of households that must stay."""

    cells: tuple[str, ...]
    keep: float | None = None
    action: str = "rebalance"


@dataclass(frozen=True)
class Special:
    """Make a cell a special one, or a basic one again; its code changes."""

    cell: str
    special: bool = True
    action: str = "special"


@dataclass(frozen=True)
class Rename:
    """Give a cell another name; its code stays."""

    cell: str
    name: str
    action: str = "rename"


@dataclass(frozen=True)
class Remark:
    """Write a remark on a cell; an empty one takes it away."""

    cell: str
    text: str
    action: str = "remark"


@dataclass(frozen=True)
class Lock:
    """Lock cells of one village, or unlock them; the blocks of a locked cell stay where they are."""

    cells: tuple[str, ...]
    locked: bool = True

    @property
    def action(self) -> str:
        """Name of the action in history."""
        return "lock" if self.locked else "unlock"


BlockWish = Split | Merge | Move | Border | Rebalance | Special
CellWish = Rename | Remark | Lock
Wish = BlockWish | CellWish


def cells_named(wish: Wish) -> tuple[str, ...]:
    """Give the cells that a wish names; the first one says which village it is about."""
    match wish:
        case Merge():
            return (wish.keep, wish.other)
        case Move():
            return (wish.to,)
        case Border():
            return (wish.cell, wish.other)
        case Lock() | Rebalance():
            return wish.cells
        case _:
            return (wish.cell,)


def made(village: Village, wish: BlockWish) -> Edit:
    """Call the pure edit; raises `UnknownCodeError` for a cell or block that the village has not."""
    state, start = village.state, village.today
    for code in cells_named(wish)[1:]:
        _require_cell(village, code)
    match wish:
        case Split():
            line = village.line(wish.line)
            return split_by_line(
                state,
                wish.cell,
                line=line,
                used_codes=village.used_codes,
                start_date=start,
                cut_blocks=village.own_blocks,
            )
        case Merge():
            return merge(state, wish.keep, wish.other, keep=wish.keep, start_date=start)
        case Border():
            return move_border(state, wish.cell, wish.other, line=village.line(wish.line), start_date=start)
        case Rebalance():
            return rebalance(state, list(wish.cells), keep=wish.keep, start_date=start)
        case Special():
            return set_special(state, wish.cell, special=wish.special, start_date=start)
        case Move():
            unknown = set(wish.blocks) - set(state.plan_blocks["block_id"])
            if unknown:
                first = min(unknown)
                raise UnknownCodeError(f"村 {village.code} 里没有图斑 {first}", f"no block {first} in {village.code}")
            return move_blocks(state, list(wish.blocks), to_cell=wish.to, start_date=start)


def written(wish: CellWish) -> dict[str, dict[str, object]]:
    """Give the columns of cells that a wish writes, by code."""
    match wish:
        case Rename():
            return {wish.cell: {"cell": one_line(wish.name) or _no_name(wish.cell)}}
        case Remark():
            return {wish.cell: {"note": one_line(wish.text) or None}}
        case Lock():
            return {code: {"locked": wish.locked} for code in wish.cells}


def said(wish: BlockWish, edit: Edit, removed: tuple[str, ...]) -> tuple[str, str]:
    """Say what an edit of blocks did, in both languages."""
    now = {code: after for code, (_, after) in sorted(edit.households.items()) if after is not None}
    zh = "，".join(f"{code[-3:]} 格 {count:.0f} 户" for code, count in now.items())
    en = ", ".join(f"{code[-3:]}: {count:.0f} households" for code, count in now.items())
    gone = ("，停用 " + "、".join(code[-3:] for code in removed)) if removed else ""
    return f"已{EDITS[wish.action][0]}：{zh}{gone}", f"{EDITS[wish.action][1]} done: {en}"


def said_of_cells(wish: CellWish) -> tuple[str, str]:
    """Say what an edit of a cell's name, remark or lock did."""
    codes = cells_named(wish)
    zh, en = EDITS[wish.action]
    return f"已{zh}：{'、'.join(code[-3:] for code in codes)} 格", f"{en} done: {', '.join(c[-3:] for c in codes)}"


def _require_cell(village: Village, code: str) -> None:
    if code not in set(village.state.cells["cell_code"]):
        raise InfeasibleError(
            f"网格 {code} 不在同一个村（社区）里，不能一起改",
            f"cell {code} is not in the same village; cells of two villages cannot be changed together",
        )


def one_line(text: str) -> str:
    """Give a text on one line without control characters; refuses one that is too long."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(words) > _LONGEST:
        raise SchemaError(f"文字太长，最多 {_LONGEST} 字", f"the text is too long: {_LONGEST} characters at most")
    return words


def _no_name(code: str) -> str:
    raise SchemaError(f"网格 {code} 的名称不能为空", f"the name of cell {code} must not be empty")
