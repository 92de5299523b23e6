"""What camera lists write as a direction: one number, several, a range, compass letters or Chinese words."""

from __future__ import annotations

import re

__all__ = ["Heading", "headings"]

Heading = tuple[float, float | None]
"""Heading in degrees clockwise from north, and the width of the view where the text was a range."""

_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WORDS = {name: 22.5 * place for place, name in enumerate(_POINTS)} | {
    "北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0,
}  # fmt: skip
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*[-~～—]\s*(\d+(?:\.\d+)?)")


def headings(text: str) -> list[Heading]:
    """Read the headings of one camera; what cannot be read is left out.

    >>> headings("90;270")
    [(90.0, None), (270.0, None)]
    >>> headings("350-20, SW")
    [(5.0, 30.0), (225.0, None)]
    """
    found = (_heading(part.strip()) for part in re.split(r"[;；,，、/|]", text))
    return [heading for heading in found if heading is not None]


def _heading(part: str) -> Heading | None:
    word = _WORDS.get(part.upper().removesuffix("向").removesuffix("方"))
    if word is not None:
        return word, None
    span = _RANGE.fullmatch(part)
    if span is not None:
        first, last = float(span[1]), float(span[2])
        width = (last - first) % 360.0
        return (first + width / 2) % 360.0, width or None
    try:
        return float(part.rstrip("°度")) % 360.0, None
    except ValueError:
        return None
