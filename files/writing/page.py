"""The interactive map as one file that opens with no network."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from web import MapFrames, county_map

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from files.writing.options import ExportOptions

__all__ = ["write_page"]


def write_page(frames: Mapping[str, pd.DataFrame], path: Path, *, options: ExportOptions) -> None:
    """Write the map of all frames that it knows."""
    known = {field.name: frames[field.name] for field in fields(MapFrames) if field.name in frames}
    html = county_map(MapFrames(**known), title=options.county or options.stem, sample=options.sample,
                      public=options.public, language=options.lang)  # fmt: skip
    path.write_text(html, encoding="utf-8")
