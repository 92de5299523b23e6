"""What an export is asked for: names, datum, language, and whether strangers may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    import pandas as pd

__all__ = ["DATUMS", "ExportOptions"]

DATUMS = ("cgcs2000", "wgs84", "gcj02", "bd09")


@dataclass(frozen=True)
class ExportOptions:
    """Options of all papers and files; every text may stay empty.

    `name` begins all file names; without one, the county does. `today` stands on the papers, given by the caller.
    `public` leaves out sensitive layers, persons and counts under five. `sample` marks everything as 示意. `changes`
    is the frame of a comparison with the plan before. Of the latest coverage run, `pixel_level` names the density,
    `run_before` and `ratios_before` the run that it is compared with, `remedies` what mends a blind area by its id.
    `turns` says of the latest choice of sites which cameras are turned, how and for what, by camera.
    `measuring_crs` is the project's; without it one is chosen by the middle of the data. `protected` are files that no
    export may replace, such as the project itself.
    """

    name: str = ""
    county: str = ""
    plan: str = ""
    lang: Literal["zh", "en"] = "zh"
    datum: str = "cgcs2000"
    public: bool = False
    sample: bool = False
    today: date | None = None
    issuer: str = ""
    review_number: str = ""
    measuring_crs: str | None = None
    changes: pd.DataFrame | None = None
    ratios_before: pd.DataFrame | None = None
    run_before: str = ""
    pixel_level: str = ""
    remedies: Mapping[str, str] | None = None
    turns: Mapping[str, str] | None = None
    protected: tuple[Path, ...] = ()

    @property
    def stem(self) -> str:
        """First part of every file name, without what a file name may not hold."""
        name = self.name or self.county or "wangge"
        return "".join("_" if sign in '<>:"/\\|?*' or ord(sign) < 32 else sign for sign in name)

    def say(self, zh: str, en: str) -> str:
        """Choose a text by the language."""
        return zh if self.lang == "zh" else en
