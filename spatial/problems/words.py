"""Values and columns in Chinese, for sentences that name them: `{value:zh}` in the form of a problem."""

from __future__ import annotations

__all__ = ["Word"]

_ZH = {
    "working": "完好", "faulty": "故障", "offline": "离线",
    "lead": "网格长", "full": "专职网格员", "part": "兼职网格员", "police": "社区民警", "instructor": "指导员",
    "party": "党员", "volunteer": "志愿者",
    "merged": "合并", "split": "拆分", "renamed": "更名", "recoded": "代码变更", "abolished": "撤销",
    "kind": "类型（kind）", "azimuth_deg": "朝向（azimuth_deg）", "hfov_deg": "水平角（hfov_deg）",
    "vfov_deg": "竖直角（vfov_deg）", "focal_mm": "焦距（focal_mm）", "sensor": "靶面（sensor）",
    "width_px": "横向像素（width_px）", "height_px": "纵向像素（height_px）", "mount_m": "挂高（mount_m）",
    "tilt_deg": "俯角（tilt_deg）",
    "households": "户数（households）", "occupied_households": "常住户数（occupied_households）",
    "residents": "人口（residents）", "workload": "工作量（workload）", "party_members": "党员数（party_members）",
}  # fmt: skip


class Word(str):
    """Text that a form may ask for in Chinese.

    >>> "{0:zh}, {0}".format(Word("offline")), "{0:zh}".format(Word("211122"))
    ('离线, offline', '211122')
    """

    __slots__ = ()

    def __format__(self, spec: str, /) -> str:
        """Give the Chinese word where the form says ``:zh`` and one is known, else the text."""
        return _ZH.get(self, str(self)) if spec == "zh" else super().__format__(spec)
