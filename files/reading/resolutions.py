"""How many pixels a camera has, as lists write it: 1920×1080, 1080P, 4K, 200万, 8MP.

Megapixels name a width and a height only where one size is common: two are 1920×1080 and eight 3840×2160 with every
maker, while four are 2560×1440 with one and 2688×1520 with the next. What could be either is left unread.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

from files.reading.synonyms import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from files.reading.raw import Note

__all__ = ["read_resolutions", "resolution_column"]

_HEADINGS = frozenset({
    "分辨率", "像素", "像素数", "图像分辨率", "视频分辨率", "摄像机像素", "摄像机分辨率", "设备像素", "设备分辨率",
    "总像素", "resolution", "pixels", "megapixels",
})  # fmt: skip
_LINES = {"4k": (3840, 2160), "uhd": (3840, 2160), "2160p": (3840, 2160), "1440p": (2560, 1440), "1080p": (1920, 1080),
          "1080i": (1920, 1080), "960p": (1280, 960), "720p": (1280, 720)}  # fmt: skip
_MEGAPIXELS = {1.0: (1280, 720), 2.0: (1920, 1080), 8.0: (3840, 2160)}
_SIZE = re.compile(r"(?<!\d)(\d{3,5})(?:像素)?\s*[x×*]\s*(\d{3,5})(?!\d)")
_MEGA = re.compile(r"(\d+(?:\.\d+)?)(mp|m|百万|万)(?:像素|pixels?)?")
_IN = {"mp": 1.0, "m": 1.0, "百万": 1.0, "万": 0.01}
_TOLD = 5


def resolution_column(names: Sequence[str]) -> str | None:
    """Name the column that writes width and height as one, or None."""
    return next((name for name in names if plain(name) in _HEADINGS), None)


def read_resolutions(cells: pd.Series) -> tuple[dict[str, pd.Series], list[Note]]:
    """Read `width_px` and `height_px`; empty where no cell can be read. What cannot is named in the note."""
    present = cells.dropna().astype("str").str.strip()
    present = present[present != ""]
    sizes = {text: _size(text) for text in present.unique()}
    read = [size for size in sizes.values() if size is not None]
    if not read:
        return {}, []
    parts = {
        name: pd.Series([None if pd.isna(text) else (sizes.get(text) or (None, None))[part]
                         for text in present.reindex(cells.index)], index=cells.index, dtype=object)
        for name, part in (("width_px", 0), ("height_px", 1))
    }  # fmt: skip
    return parts, _unread(present, [text for text, size in sizes.items() if size is None], str(cells.name))


def _size(text: str) -> tuple[int, int] | None:
    """Read one cell.

    >>> _size("200万像素"), _size("1920*1080 25fps"), _size("4K"), _size("400万")
    ((1920, 1080), (1920, 1080), (3840, 2160), None)
    """
    short = unicodedata.normalize("NFKC", text).casefold()
    short = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", short)  # two numbers stay two
    if written := set(_SIZE.findall(short)):
        width, height = next(iter(written))
        return (int(width), int(height)) if len(written) == 1 else None
    words = set(re.findall(r"4k|uhd|\d{3,4}[pi](?![a-z])", short))
    named = {_LINES[word] for word in words if word in _LINES}
    counts = [float(number) * _IN[unit] for number, unit in _MEGA.findall(short)]
    counted = {_MEGAPIXELS.get(round(count, 3)) for count in counts}
    found = named | counted
    return found.pop() if len(found) == 1 else None


def _unread(present: pd.Series[str], texts: list[str], source: str) -> list[Note]:
    """Say which ways of writing were left unread, and how to write them."""
    if not texts:
        return []
    count = int(present.isin(texts).sum())
    shown = texts[:_TOLD]
    more = "…" if len(texts) > _TOLD else ""
    return [(
        f"{source} 有 {count} 行不能确定宽和高，留空：{'、'.join(shown)}{more}（可写作 2560×1440）",
        f"{source}: {count} rows tell no width and height: {', '.join(shown)}{more} (write 2560×1440)",
    )]  # fmt: skip
