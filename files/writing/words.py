"""Values of the data in the words of the papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from files.writing.options import ExportOptions

__all__ = ["word"]

_WORDS: dict[str, tuple[str, str]] = {
    "basic": ("基本网格", "basic"), "special": ("专属网格", "special"),
    "road": ("道路", "road"), "river": ("河流", "river"), "rail": ("铁路", "railway"), "wall": ("围墙", "wall"),
    "motorway": ("高速公路", "motorway"), "national": ("国道", "national road"),
    "provincial": ("省道", "provincial road"), "county": ("县道", "county road"), "town": ("乡道", "town road"),
    "village": ("村道", "village road"), "street": ("街巷", "street"), "outside": ("县外", "outside"),
    "bullet": ("枪机", "bullet"), "dome": ("半球", "dome"), "ptz": ("球机", "PTZ"),
    "panorama": ("全景", "panorama"), "gate": ("卡口", "gate"),
    "working": ("完好", "working"), "faulty": ("故障", "faulty"), "offline": ("离线", "offline"),
    "error": ("错误", "error"), "warning": ("提醒", "warning"),
    "kept": ("沿用编码", "kept"), "moved": ("划转", "moved"), "split": ("拆分", "split"), "merged": ("并入", "merged"),
    "new": ("新设", "new"), "retired": ("撤销", "retired"), "unchanged": ("未变", "unchanged"),
    "same": ("范围相同", "same extent"), "cell_within": ("本网格在内", "cell within"),
    "overlay_within": ("对方网格在内", "area within"), "crosses": ("交叉", "crosses"),
}  # fmt: skip

_LEVELS = {"county": ("县", "county"), "town": ("乡镇（街道）", "town"), "village": ("村（社区）", "village")}


def word(value: object, options: ExportOptions, *, level: bool = False) -> str | None:
    """Give a stored value in the language of the paper; unknown values as they are, empty ones as None."""
    if not isinstance(value, str) or not value:
        return None
    pair = (_LEVELS if level else _WORDS).get(value)
    return options.say(*pair) if pair else value
