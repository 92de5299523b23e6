"""Which way a camera looks: degrees, words, compass letters, several headings, and the codes of two standards.

The codes 1-8 mean different things in GB/T 28181 (DirectionType) and GA/T 1400 (MonitorDirection): 5 is south-east
in one and north-east in the other. A column of bare digits that names no standard is therefore refused.
A direction given as one of eight is uncertain by 22.5°.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from files.reading.synonyms import plain
from files.reading.values import UnreadableError, half_width, read_text_cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["CODE_LISTS", "Heading", "read_headings"]

CODE_LISTS: dict[str, dict[int, float | None]] = {
    "gbt28181": {1: 90, 2: 270, 3: 180, 4: 0, 5: 135, 6: 45, 7: 225, 8: 315},
    "gat1400": {1: 90, 2: 270, 3: 180, 4: 0, 5: 45, 6: 225, 7: 135, 8: 315, 9: None},
}
_NAMED = {"directiontype": "gbt28181", "monitordirection": "gat1400", "azimuthdeg": "degrees",
          "azimuth": "degrees", "azimuthde": "degrees", "bearing": "degrees"}  # fmt: skip
_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_LETTERS = {letters: place * 22.5 for place, letters in enumerate(_POINTS)}
_CHINESE = {"北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0}
_SWITCHED = {"北东": "东北", "南东": "东南", "南西": "西南", "北西": "西北"}
_EIGHTH_DEG = 22.5


@dataclass(frozen=True)
class Heading:
    """Degrees clockwise from north; `others` holds all headings where there are several, as text "90;270"."""

    azimuth_deg: float | None = None
    tolerance_deg: float | None = None
    others: str | None = None
    width_deg: float | None = None


def read_headings(
    cells: pd.Series, *, source: str, codes: str | None = None
) -> tuple[list[Heading], dict[Any, tuple[str, str]]]:
    """Read a column of directions; give one heading a row and, by row, why a cell cannot be read.

    `source` is the column's name in the file, `codes` the code list that the user named for it, if any.
    """
    empty = cells.isna()
    texts = [None if blank else read_text_cell(cell) for cell, blank in zip(cells, empty, strict=True)]
    scheme = codes or _NAMED.get(plain(source))
    bad: dict[Any, tuple[str, str]] = {}
    if scheme is None and _bare_codes(texts):
        remedy = f'azimuth_deg = {{ column = "{source}", codes = "gbt28181" }} (gat1400, degrees)'
        zh = f"只有 1-9，可能是 GB/T 28181 或 GA/T 1400 的方向代码，也可能是度；请在 --columns 中写明：{remedy}"
        en = f"bare digits 1-9: codes of GB/T 28181 or of GA/T 1400, or degrees; say which with --columns: {remedy}"
        reason = (zh, en)
        return [Heading()] * len(texts), {row: reason for row, text in zip(cells.index, texts, strict=True) if text}
    headings = []
    for row, text in zip(cells.index, texts, strict=True):
        try:
            headings.append(_heading(text, scheme))
        except UnreadableError as fault:
            headings.append(Heading())
            bad[row] = (fault.zh, fault.en)
    return headings, bad


def _bare_codes(texts: Iterable[str | None]) -> bool:
    """Say whether all that a column holds is digits 1-9."""
    listed = [half_width(text).removesuffix(".0") for text in texts if text]
    return bool(listed) and all(re.fullmatch("[1-9]", text) for text in listed)


def _heading(text: str | None, scheme: str | None) -> Heading:
    if text is None or not half_width(text):
        return Heading()
    short = half_width(text)
    if scheme in CODE_LISTS and re.fullmatch(r"\d(\.0)?", short):
        code = int(short[0])
        if code not in CODE_LISTS[scheme]:
            raise UnreadableError(f"不是 {scheme} 的方向代码 1-8", f"is no direction code 1-8 of {scheme}")
        angle = CODE_LISTS[scheme][code]
        return Heading() if angle is None else Heading(angle, _EIGHTH_DEG)
    span = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[-~至到]\s*(\d+(?:\.\d+)?)", short)
    if span:
        start, end = (float(part) % 360 for part in span.groups())
        width = (end - start) % 360 or 360.0
        return Heading((start + width / 2) % 360, None, None, width)
    parts = [part for part in re.split(r"[;,、/|]", short) if part.strip()]
    angles = [_angle(part.strip()) for part in parts]
    known = [angle for angle, _ in angles if angle is not None]
    if not known:
        return Heading()
    tolerance = max((tolerance for _, tolerance in angles if tolerance is not None), default=None)
    if len(known) == 1:
        return Heading(known[0], tolerance)
    return Heading(known[0], tolerance, ";".join(f"{angle:g}" for angle in known))


def _angle(text: str) -> tuple[float | None, float | None]:
    """Read one direction; with it how many degrees it may be off, where the word says so."""
    number = re.fullmatch(r"([-+]?\d+(?:\.\d+)?)\s*[°度]?", text)
    if number:
        angle = float(number.group(1))
        if not -180 <= angle <= 360:
            raise UnreadableError("方位角应在 0-360 度", "an azimuth runs from 0 to 360 degrees")
        return angle % 360, None
    word = re.sub(r"(朝|向|面|方向|方|侧|偏|正)", "", text)
    moved = re.search(r"([东西南北]+)[向往至到]([东西南北]+)", text)
    if moved:  # 西向东: looks east
        word = moved.group(2)
    word = _SWITCHED.get(word, word)
    if word in _CHINESE:
        return _CHINESE[word], _EIGHTH_DEG
    letters = text.upper().replace(" ", "")
    if letters in _LETTERS:
        return _LETTERS[letters], _EIGHTH_DEG if len(letters) < 3 else _EIGHTH_DEG / 2
    if text in {"全向", "全景", "360", "全方位", "环视", "其他", "其它", "未知", "不定"}:
        return None, None
    raise UnreadableError("不认识的方向；请写度数或 东、东南…", "is no direction; write degrees or N, NE, E…")
