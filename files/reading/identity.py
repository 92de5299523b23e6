"""Keys and codes: text always, ruined ones refused, repeated ones refused, missing ones made from the row itself.

A spreadsheet keeps 15 digits of a number. A 20-digit device id that was ever a number is lost for good, and
shows it: in scientific notation, with zeros at its end, or as a number that a double holds exactly.
"""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from files.reading.values import half_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["is_code", "make_keys", "read_codes"]

_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_NUMBER_ENDING = re.compile(r"(\d+)\.0+")
_RUINED = (
    "编码超过 15 位且经过数字格式，末几位已丢失，无法恢复；请在 Excel 中把该列设为“文本”，从原系统重新导出",
    "more than 15 digits that went through a number: the last ones are lost; export it again with the column as text",
)
_CODES = frozenset({
    "village_code", "town_code", "county_code", "class", "home_id", "building_id", "barrier_id", "hamlet_id",
    "overlay_id", "member_id", "camera_id", "gb_id", "pole_id", "place_id", "zone_id", "incident_id", "block_id",
    "parent_id",
})  # fmt: skip


def is_code(name: str) -> bool:
    """Say whether a column holds codes: keys, and references to the keys of other layers."""
    return name in _CODES


def read_codes(cells: pd.Series) -> tuple[pd.Series, dict[Any, tuple[str, str]], int]:
    """Read codes as text; give them, why rows are refused, and how many were mended (`.0`, full width, quotes)."""
    texts: list[str | None] = []
    bad: dict[Any, tuple[str, str]] = {}
    mended = 0
    for row, cell in zip(cells.index, cells.astype(object), strict=True):
        text, changed, ruined = _code(cell)
        mended += changed
        texts.append(text)
        if ruined:
            bad[row] = _RUINED
    values = pd.Series(texts, index=cells.index, dtype=object)
    for row in _doubles(values):
        bad.setdefault(row, _RUINED)
    return values, bad, mended


def _code(cell: Any) -> tuple[str | None, bool, bool]:
    """Read one code: its text, whether it was mended, whether it is ruined."""
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return None, False, False
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            return f"{cell:.0f}", False, True
        return (str(int(cell)) if cell.is_integer() else repr(cell)), False, False
    if not isinstance(cell, str):
        return str(cell), False, False
    text = half_width(cell).strip("'‘’`\"“”\t ")
    whole = _NUMBER_ENDING.fullmatch(text)
    if whole:
        text = whole.group(1)
    if not text or text in {"-", "—", "/", "null", "NULL", "None"}:
        return None, False, False
    ruined = bool(_SCIENTIFIC.fullmatch(text)) or (text.isdigit() and len(text) >= 18 and text.endswith("00000"))
    ruined |= bool(whole and len(text) > 15)
    return text, text != cell, ruined


def _doubles(values: pd.Series) -> list[Any]:
    """Give the rows whose 19- or 20-digit code a double holds exactly, if there are more than chance explains.

    Near 3.4e19 doubles lie 4,096 apart, so of honest codes one in 4,096 is one.
    """
    long = values[values.notna() & values.astype(str).str.fullmatch(r"\d{19,20}")]
    exact = [row for row, text in long.items() if int(float(text)) == int(text)]
    if not exact:
        return []
    expected = sum(1 / math.ulp(float(text)) for text in long)
    likely = 1 - sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(min(len(exact), 150)))
    return exact if likely < 0.01 else []


def make_keys(layer: str, cells: pd.DataFrame, shapes: NDArray[np.object_] | Sequence[Any]) -> list[str]:
    """Make a key from what each row holds, the same in any row order; rows that are alike are numbered.

    >>> keys = make_keys("homes", pd.DataFrame({"households": [1, 2, 1]}), [None, None, None])
    >>> keys[0][:6], keys[0] != keys[1], keys[2] == keys[0] + "-2"
    ('homes-', True, True)
    """
    seen: dict[str, int] = {}
    keys = []
    for values, shape in zip(cells.astype(object).to_numpy(), shapes, strict=True):
        text = "\x1f".join(map(str, values)) + "\x1e" + ("" if shape is None else shape.wkt)
        stem = f"{layer}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"
        seen[stem] = seen.get(stem, 0) + 1
        keys.append(stem if seen[stem] == 1 else f"{stem}-{seen[stem]}")
    return keys
