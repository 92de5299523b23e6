"""From a sheet as people fill it in to a table: finds the header below titles, joins merged headers, drops totals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from files.reading.errors import ReadError
from files.reading.synonyms import known_names, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from files.reading.raw import Note

__all__ = ["is_blank", "table_from"]

_LOOKED_AT = 25
_TOTALS = ("合计", "总计", "小计", "共计", "填表", "制表", "审核", "备注:", "备注：", "注:", "注：", "total")


def table_from(
    rows: Sequence[Sequence[Any]], layer: str, *, name: str, extra: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[Note]]:
    """Find the header of a sheet and give the rows below it, numbered as in the file.

    Parameters
    ----------
    rows
        All cells, row by row, from the first row of the file.
    layer
        The layer whose column names are looked for.
    name
        The file, for messages.
    extra
        More names that the user's own mapping says are columns.

    Raises
    ------
    ReadError
        Nothing in it, or no row below the header.
    """
    filled = [place for place, row in enumerate(rows) if not all(is_blank(cell) for cell in row)]
    if not filled:
        raise ReadError(f"{name} 是空的，没有任何行", f"{name} is empty: it has no rows")
    known = known_names(layer) | {plain(word) for word in extra}
    top = _header_row(rows, filled, known)
    names, first = _names(rows, top, known)
    notes: list[Note] = []
    kept: list[int] = []
    dropped: list[int] = []
    for place in filled:
        if place < first:
            continue
        (dropped if _is_total(rows[place]) else kept).append(place)
    if dropped:
        listed = "、".join(str(place + 1) for place in dropped[:5])
        notes.append((f"第 {listed} 行是合计或附注，已跳过", f"rows {listed} are totals or remarks and were left out"))
    if not kept:
        raise ReadError(f"{name} 只有表头，没有数据行", f"{name} has a header and no rows")
    width = len(names)
    body = [[*rows[place][:width], *[None] * (width - len(rows[place]))] for place in kept]
    cells = pd.DataFrame(body, columns=names, index=pd.Index([place + 1 for place in kept]), dtype=object)
    return cells.loc[:, [bool(column) for column in names]], notes


def is_blank(cell: object) -> bool:
    """Say whether a cell holds nothing that can be read."""
    if isinstance(cell, float):
        return math.isnan(cell)
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _header_row(rows: Sequence[Sequence[Any]], filled: Sequence[int], known: set[str]) -> int:
    """Choose the row with the most known names; the first row with two or more cells where none has any."""
    best, most = -1, 0
    for place in filled[:_LOOKED_AT]:
        found = len({plain(cell) for cell in rows[place] if isinstance(cell, str)} & known)
        if found > most:
            best, most = place, found
    if best >= 0:
        return best
    wide = [place for place in filled[:_LOOKED_AT] if sum(not is_blank(cell) for cell in rows[place]) > 1]
    return wide[0] if wide else filled[0]


def _names(rows: Sequence[Sequence[Any]], top: int, known: set[str]) -> tuple[list[str], int]:
    """Read the names in the header row, and in the one below or above it where headers are merged."""
    names = _texts(rows[top])
    first = top + 1
    below = _texts(rows[first]) if first < len(rows) else []
    if _continues(names, below, known):
        names = [lower if plain(lower) in known or not upper else upper for upper, lower in _pairs(names, below)]
        first += 1
    elif top > 0:
        above = _texts(rows[top - 1])
        names = [lower or (upper if plain(upper) in known else "") for upper, lower in _pairs(above, names)]
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name in seen:
            names[place] = f"{name}_{seen[name]}"
        seen[name] = seen.get(name, 0) + 1
    return names, first


def _continues(names: list[str], below: list[str], known: set[str]) -> bool:
    """Say whether the next row is the second row of a merged header: only words, some known, over unknown ones."""
    words = [word for word in below if word]
    if not words or any(any(sign.isdigit() for sign in word) for word in words):
        return False
    return any(plain(lower) in known and plain(upper) not in known for upper, lower in _pairs(names, below))


def _pairs(upper: list[str], lower: list[str]) -> list[tuple[str, str]]:
    width = max(len(upper), len(lower))
    return list(zip(upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower)), strict=True))


def _texts(row: Sequence[Any]) -> list[str]:
    return ["" if is_blank(cell) else str(cell).strip().replace("\n", "") for cell in row]


def _is_total(row: Sequence[Any]) -> bool:
    first = next((str(cell).strip().lower() for cell in row if not is_blank(cell)), "")
    return first.replace(" ", "").replace("\u3000", "").startswith(_TOTALS)
