"""From cells as people write them to values as the layers hold them; what cannot be read for sure is refused.

Counts are whole numbers or nothing: "约300", "300户", "三百" are refused, because nobody can say what was meant.
Full-width digits, thousands separators and `.0` endings mean the same number and are mended.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spatial.layers import Column

__all__ = ["UnreadableError", "half_width", "read_column", "read_text_cell"]

_BLANKS = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "null", "none", "nan", "n/a", "#n/a", "na", "<null>", "无数据", "不详"}
)
_TRUE = frozenset(
    {"是", "有", "1", "true", "yes", "y", "t", "√", "✓", "✔", "已", "on", "对", "已联网", "已共享", "在线", "1.0"}
)
_FALSE = frozenset(
    {"否", "无", "0", "false", "no", "n", "f", "×", "✗", "未", "off", "没有", "未联网", "未共享", "离线", "0.0"}
)
_UNITS = {"_m": {"m": 1, "米": 1}, "_deg": {"°": 1, "度": 1}, "_mm": {"mm": 1, "毫米": 1},
          "_yuan": {"元": 1, "万元": 10_000}, "_m2": {"m²": 1, "平方米": 1}}  # fmt: skip
_FULL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x200B: None, 0xFEFF: None}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:[T ](\d{1,2}:\d{2}.*))?")
_EXCEL_EPOCH = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)


class UnreadableError(ValueError):
    """A cell that no rule reads; carries the reason in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def half_width(text: str) -> str:
    """Turn full-width signs into the common ones and strip spaces.

    >>> half_width(" １２．５　")
    '12.5'
    """
    return text.translate(_FULL).strip()


def read_column(
    column: Column, cells: pd.Series, *, words: Mapping[str, str] | None = None
) -> tuple[pd.Series, dict[Any, tuple[str, str]]]:
    """Read the cells of one column; give the values (None where empty) and, by row, why a cell cannot be read.

    `words` maps lower-case words to the values of a column with choices. Every distinct cell is read once.
    """
    read = _reader(column, words or {})
    objects = cells.astype(object)
    places, uniques = pd.factorize(_hashable(objects), use_na_sentinel=True)
    values: list[Any] = []
    reasons: list[tuple[str, str] | None] = []
    for cell in uniques:
        try:
            values.append(read(cell[1]))
            reasons.append(None)
        except UnreadableError as fault:
            values.append(None)
            reasons.append((fault.zh, fault.en))
    result = pd.Series([values[place] if place >= 0 else None for place in places], index=cells.index, dtype=object)
    bad = {
        row: reason for row, place in zip(cells.index, places, strict=True) if place >= 0 and (reason := reasons[place])
    }
    return result, bad


def _hashable(cells: pd.Series) -> pd.Series:
    """Tell 1, 1.0 and True apart, which are the same to a hash."""
    blank = cells.isna()
    listed = [None if empty else (type(cell), cell) for cell, empty in zip(cells, blank, strict=True)]
    return pd.Series(listed, index=cells.index, dtype=object)


def _reader(column: Column, words: Mapping[str, str]) -> Callable[[Any], Any]:
    readers: dict[str, Callable[[Any], Any]] = {
        "integer": _count,
        "double": lambda cell: _measure(cell, column.name),
        "boolean": _flag,
        "datetime": _moment,
    }
    if column.kind in readers:
        read = readers[column.kind]
        return (lambda cell: read(_word(cell, words))) if words else read
    if column.choices or words:
        return lambda cell: _choice(cell, column, words)
    return read_text_cell


def read_text_cell(cell: Any) -> str | None:
    """Read a cell as text; whole numbers lose their `.0`, blanks and dashes are None."""
    if isinstance(cell, str):
        text = cell.strip().strip("\u3000\ufeff\u200b")
        return None if text.casefold() in _BLANKS else text
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(float(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time(0):
        return cell.date().isoformat()
    return str(cell)


def _word(cell: Any, words: Mapping[str, str]) -> Any:
    return words.get(half_width(cell).casefold(), cell) if isinstance(cell, str) else cell


def _choice(cell: Any, column: Column, words: Mapping[str, str]) -> str | None:
    text = read_text_cell(cell)
    if text is None:
        return None
    low = half_width(text).casefold()
    if low in column.choices:
        return low
    if low in words:
        return words[low]
    if not column.choices:
        return text
    listed = [*column.choices, *(word for word in words if not word.isascii())]
    raise UnreadableError(f"不认识；可用 {'、'.join(listed[:12])}", f"is unknown; use {', '.join(column.choices)}")


def _number(cell: Any) -> float | None:
    """Read a plain number, or None for a blank."""
    if isinstance(cell, bool | dt.date):
        raise UnreadableError("应是数字", "must be a number")
    if isinstance(cell, str):
        text = half_width(cell).replace("−", "-")
        if text.casefold() in _BLANKS:
            return None
        if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
            text = text.replace(",", "")
        if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text):
            raise UnreadableError("不是确切的数字；请只填数字", "is no exact number; write digits only")
        return float(text)
    number = float(cell)
    return None if math.isnan(number) else number


def _count(cell: Any) -> int | None:
    number = _number(cell)
    if number is None:
        return None
    if not number.is_integer():
        raise UnreadableError("应是整数", "must be a whole number")
    return int(number)


def _measure(cell: Any, name: str) -> float | None:
    units = _UNITS.get("_" + name.rsplit("_", 1)[-1], {})
    if isinstance(cell, str):
        text = half_width(cell)
        for unit, factor in sorted(units.items(), key=lambda pair: -len(pair[0])):
            if text.casefold().endswith(unit) and text[: -len(unit)].strip():
                number = _number(text[: -len(unit)])
                return None if number is None else number * factor
    return _number(cell)


def _flag(cell: Any) -> bool | None:
    if isinstance(cell, bool):
        return cell
    text = half_width(str(cell)).casefold()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text in _BLANKS:
        return None
    raise UnreadableError("应填 是 或 否", "must be yes or no")


def _moment(cell: Any) -> dt.datetime | None:
    """Read a day or a moment; times without a zone are taken as UTC, a month as its first day."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=dt.UTC) if cell.tzinfo is None else cell.astimezone(dt.UTC)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day, tzinfo=dt.UTC)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell < 80_000:
        return _EXCEL_EPOCH + dt.timedelta(days=float(cell))
    text = re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", half_width(str(cell)).removesuffix(".0"))
    if text.casefold() in _BLANKS:
        return None
    try:
        found = _DATE.fullmatch(text.replace("月 ", "月"))
        if found is None:
            return _aware(dt.datetime.fromisoformat(text))
        year, month, day, clock = found.groups()
        if clock:
            return _aware(dt.datetime.fromisoformat(f"{year}-{int(month):02}-{int(day or 1):02}T{clock.zfill(5)}"))
        return dt.datetime(int(year), int(month), int(day or 1), tzinfo=dt.UTC)
    except ValueError:
        raise UnreadableError("不是日期；请写成 2025-03-01", "is no date; write it as 2025-03-01") from None


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
