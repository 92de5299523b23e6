"""Pixel density levels: how many pixels a metre must have before an image serves a task.

Two editions are in use side by side and must be named with every figure: IEC/EN 62676-4:2014 (DORI) and
IEC/EN 62676-4:2025, which moves face identification from 250 to 500 px/m.
"""

from __future__ import annotations

import math

from spatial.errors import SchemaError

__all__ = ["PIXEL_LEVELS", "pixel_density", "pixel_name"]

PIXEL_LEVELS: dict[str, dict[str, float]] = {
    "2014": {"monitor": 12.5, "detect": 25, "observe": 62.5, "recognise": 125, "identify": 250, "inspect": 1000},
    "2025": {
        "overview": 20, "outline": 40, "discern": 80, "perceive": 125, "characterise": 250, "validate": 500,
        "scrutinise": 1500,
    },
}  # fmt: skip
"""Pixels per metre by edition of IEC/EN 62676-4 and level."""


def pixel_density(pixels: str | float) -> float:
    """Give the pixels per metre of a level such as ``2014:observe``, or of a plain number.

    Raises
    ------
    SchemaError
        For an edition or level that neither table has, or a density that is not above zero.

    >>> pixel_density("2014:observe"), pixel_density("2025:discern"), pixel_density("40")
    (62.5, 80.0, 40.0)
    """
    text = str(pixels).strip().lower()
    edition, _, level = text.partition(":")
    density = PIXEL_LEVELS.get(edition, {}).get(_british(level))
    if density is None and not level:
        density = _number(text)
    if density is None:
        known = " ".join(f"{year}:{name}" for year, table in PIXEL_LEVELS.items() for name in table)
        raise SchemaError(
            f"像素密度 {pixels} 不认识；可用 {known}，或每米像素数（大于 0）",
            f"pixel level {pixels} is unknown; use one of {known}, or a number of pixels per metre above 0",
        )
    return float(density)


def pixel_name(pixels: str | float) -> str:
    """Name a level with its edition and figure, as outputs must.

    >>> pixel_name("2014:observe")
    'IEC/EN 62676-4:2014 observe (62.5 px/m)'
    """
    density = pixel_density(pixels)
    edition, _, level = str(pixels).strip().lower().partition(":")
    return f"IEC/EN 62676-4:{edition} {_british(level)} ({density:g} px/m)" if level else f"{density:g} px/m"


def _british(level: str) -> str:
    return level.replace("recognize", "recognise").replace("characterize", "characterise")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value > 0 and math.isfinite(value) else None
