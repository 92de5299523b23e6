"""Text on a PDF page in the vendored fonts: measured, shortened, with a halo that stays out of the text layer."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont as FontFile
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.pathobject import PDFPathObject

__all__ = ["FONTS", "INK", "body_font", "draw_text", "shorten", "text_width"]

FONTS = Path(__file__).parents[1] / "fonts"
INK = "#1f2933"
_REGULAR, _BOLD = "NotoSansSC-Regular", "NotoSansSC-Bold"
_MISSING = "〓"  # stands where neither font has a character


def body_font() -> str:
    """Register the fonts and name the one of running text."""
    _characters(_BOLD)
    _characters(_REGULAR)
    return _REGULAR


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in points."""
    font, words = _set(text, bold=bold)
    return float(pdfmetrics.stringWidth(words, font, size))


def shorten(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Cut a text to a width in points, with an ellipsis where anything was cut."""
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text + "…" if text else ""


def draw_text(
    page: Any, x: float, y: float, text: str, *, size: float, bold: bool = False, colour: str = INK,
    align: str = "left", halo: float = 0.0,
) -> None:  # fmt: skip
    """Draw one line with its baseline at `y`; `halo` is the width of a white edge in points."""
    width = text_width(text, size, bold=bold)
    x -= width / 2 if align == "centre" else width if align == "right" else 0
    if halo:
        _halo(page, (x, y), text, size=size, bold=bold, halo=halo)
    page.setFillColor(colour)
    font, words = _set(text, bold=bold)
    page.setFont(font, size)
    page.drawString(x, y, words)


@cache
def _characters(font: str) -> frozenset[int]:
    """Register a font with the PDF library, once a process, and list what it has."""
    face = TTFont(font, str(FONTS / f"{font}.ttf"))
    pdfmetrics.registerFont(face)
    return frozenset(face.face.charToGlyph)


def _set(text: str, *, bold: bool) -> tuple[str, str]:
    """Choose the font of a text, bold where that font has all of it; unknown characters become a mark."""
    signs = {ord(sign) for sign in text}
    font = _BOLD if bold and signs <= _characters(_BOLD) else _REGULAR  # one weight per text, never a mixture
    known = _characters(font)
    return font, "".join(sign if ord(sign) in known else _MISSING for sign in text)


def _halo(page: Any, at: tuple[float, float], text: str, *, size: float, bold: bool, halo: float) -> None:
    """Stroke the outlines of the glyphs in white, as drawings: text is found and copied only once."""
    x, y = at
    scale = size / 1000
    font, words = _set(text, bold=bold)
    for sign in words:
        page.saveState()
        page.translate(x, y)
        page.scale(scale, scale)
        page.setStrokeColor("#ffffff")
        page.setLineWidth(2 * halo / scale)
        page.setLineJoin(1)
        page.drawPath(PDFPathObject(code=list(_outline(font, sign))), stroke=1, fill=0)
        page.restoreState()
        x += pdfmetrics.stringWidth(sign, font, size)


@cache
def _glyphs(font: str) -> tuple[Any, Any, float]:
    file = FontFile(BytesIO((FONTS / f"{font}.ttf").read_bytes()), lazy=True)
    return file.getGlyphSet(), file.getBestCmap(), 1000 / file["head"].unitsPerEm


@cache
def _outline(font: str, sign: str) -> tuple[str, ...]:
    """Outline of one glyph as PDF operators, in thousandths of the type size."""
    glyphs, names, scale = _glyphs(font)
    pen = _PathPen(glyphs, scale)
    glyphs[names[ord(sign)]].draw(pen)
    return tuple(pen.calls)


class _PathPen(BasePen):  # type: ignore[misc]  # fontTools is untyped
    """Collects the PDF operators m, l, c and h with their points."""

    def __init__(self, glyphs: Any, scale: float) -> None:
        super().__init__(glyphs)
        self.calls: list[str] = []
        self._scale = scale

    def _add(self, operator: str, *points: tuple[float, float]) -> None:
        self.calls.append(
            " ".join(f"{value * self._scale:.0f}" for point in points for value in point) + f" {operator}"
        )

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802  the pen protocol names it
        self._add("m", pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self._add("l", pt)

    def _curveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]) -> None:  # noqa: N802
        self._add("c", pt1, pt2, pt3)

    def _closePath(self) -> None:  # noqa: N802
        self.calls.append("h")
