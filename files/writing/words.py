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
    "1": ("一级", "first"), "2": ("二级", "second"), "3": ("三级", "third"),
    "away_from_blind_area": ("20 米内无盲区", "no blind area within 20 m"),
    "within_1000_m": ("1000 米内", "within 1000 m"), "checkpoint": ("检查站", "checkpoint"),
    "government": ("党政机关", "government"), "station": ("车站码头", "station"),
    "square": ("广场", "square"), "stadium": ("体育场馆", "stadium"), "mall": ("商业中心", "mall"),
    "religious": ("宗教场所", "religious place"), "school": ("学校", "school"),
    "public_order": ("治安复杂区域", "public order"), "main_road": ("交通干线", "main road"),
    "hospital": ("医院", "hospital"), "bank": ("金融机构", "bank"), "hazardous": ("危险物品场所", "hazardous site"),
    "museum": ("博物馆展览馆", "museum"), "waterway": ("重点水域航道", "waterway"), "foreign": ("涉外场所", "foreign"),
    "scenic": ("旅游景区", "scenic area"), "park": ("公园", "park"), "car_park": ("停车场", "car park"),
    "bridge": ("桥梁", "bridge"), "market": ("集市", "market"), "village_entrance": ("村口", "village entrance"),
    "junction": ("路口", "junction"), "service_station": ("服务站（区）", "service station"),
    "border": ("边境沿线", "border"),
    "error": ("错误", "error"), "warning": ("提醒", "warning"),
    "kept": ("沿用编码", "kept"), "moved": ("划转", "moved"), "split": ("拆分", "split"), "merged": ("并入", "merged"),
    "new": ("新设", "new"), "retired": ("撤销", "retired"), "unchanged": ("未变", "unchanged"),
    "same": ("范围相同", "same extent"), "cell_within": ("本网格在内", "cell within"),
    "overlay_within": ("对方网格在内", "area within"), "crosses": ("交叉", "crosses"),
}  # fmt: skip

_LEVELS = {"county": ("县", "county"), "town": ("乡镇（街道）", "town"), "village": ("村（社区）", "village")}


_SUBJECTS = {
    "road": ("道路（米）", "roads (m)"), "corridor": ("干道成线（米）", "main roads in line (m)"),
    "place": ("重点部位（按类型）", "places by kind"), "priority": ("重点部位（按等级）", "places by priority"),
    "cordon": ("边界通道", "border crossings"), "station": ("服务站可及户", "households near a service station"),
    "household": ("不临盲区户", "households away from blind areas"),
}  # fmt: skip
_GAPS = {
    "area": ("空地", "area"), "place": ("重点部位", "place"), "junction": ("路口", "junction"),
    "entrance": ("村口", "entrance"), "road": ("路段", "road"), "cordon": ("边界通道", "border crossing"),
    "none": ("附近没有摄像机朝这边", "no camera looks here"), "blocked": ("被建筑物遮挡", "blocked"),
    "offline": ("摄像机不在线", "camera does not work"), "too_far": ("太远", "too far"),
    "too_coarse": ("像素不够", "too few pixels"),
}  # fmt: skip


def word(
    value: object, options: ExportOptions, *, level: bool = False, subject: bool = False, gap: bool = False
) -> str | None:
    """Give a stored value in the language of the paper; unknown values as they are, empty ones as None.

    `level`, `subject` and `gap` choose the words of areas, of coverage details and of blind areas.
    """
    if not isinstance(value, str) or not value:
        return None
    pair = (_LEVELS if level else _SUBJECTS if subject else _GAPS if gap else _WORDS).get(value)
    return options.say(*pair) if pair else value
