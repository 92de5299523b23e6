"""Labels on a map sheet: the important first, each moved a little or dropped rather than laid over another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from files.writing.typeface import INK, draw_text, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from files.writing.sheet_map import MapWindow

__all__ = ["Label", "place_labels"]

_TRIES = ((0, 0), (0, 1), (0, -1), (0.6, 0), (-0.6, 0), (0.6, 1), (-0.6, 1), (0.6, -1), (-0.6, -1), (0, 2), (0, -2))


@dataclass(frozen=True)
class Label:
    """Lines of text around a point of the page, in points; `movable` ones may step aside."""

    x: float
    y: float
    lines: tuple[str, ...]
    size: float
    bold: bool = False
    colour: str = INK
    second_size: float = 0.0
    movable: bool = True
    of: str = ""  # code of what is named, where it matters who found no room


def place_labels(
    page: Any, window: MapWindow, labels: Sequence[Label], *, taken: Sequence[tuple[float, float, float, float]] = ()
) -> list[Label]:  # fmt: skip
    """Draw labels in their order and give those that found no room.

    `taken` are boxes (x low, y low, x high, y high) of the page that must stay free, such as the legend.
    """
    boxes = list(taken)
    dropped: list[Label] = []
    for label in labels:
        for trial in _trials(label):
            box = _box(trial)
            if _inside(box, window) and not any(_meet(box, other) for other in boxes):
                boxes.append(box)
                _draw(page, trial, box[3])
                break
        else:
            dropped.append(label)
    return dropped


def _trials(label: Label) -> list[Label]:
    """List what to try: movable labels step aside, the others stay where they are and get smaller."""
    if label.movable:
        width, height = _extent(label)
        return [replace(label, x=label.x + x * width, y=label.y + y * height) for x, y in _TRIES]
    first = replace(label, lines=label.lines[:1])
    return [label, first, replace(first, size=label.size * 0.75)]


def _box(label: Label) -> tuple[float, float, float, float]:
    """Give the box of the page that a label takes."""
    width, height = _extent(label)
    return (label.x - width / 2, label.y - height / 2, label.x + width / 2, label.y + height / 2)


def _sizes(label: Label) -> list[float]:
    """Type size of each line."""
    return [label.size, *[label.second_size or label.size] * (len(label.lines) - 1)]


def _extent(label: Label) -> tuple[float, float]:
    """Width and height of a label, in points."""
    sizes = _sizes(label)
    width = max(text_width(line, size, bold=label.bold) for line, size in zip(label.lines, sizes, strict=True))
    return width + 2, sum(sizes) * 1.12


def _draw(page: Any, label: Label, top: float) -> None:
    for place, (line, size) in enumerate(zip(label.lines, _sizes(label), strict=True)):
        top -= size * 1.12
        draw_text(page, label.x, top + size * 0.22, line, size=size, bold=label.bold and place == 0,
                  colour=label.colour if place == 0 else "#52606d", align="centre", halo=size * 0.11)  # fmt: skip


def _inside(box: tuple[float, float, float, float], window: MapWindow) -> bool:
    return (box[0] >= window.x + 3 and box[2] <= window.x + window.width - 3
            and box[1] >= window.y + 3 and box[3] <= window.y + window.height - 3)  # fmt: skip


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
