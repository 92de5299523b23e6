"""How the columns of the papers are called, in both languages, and how wide they stand."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COLUMNS", "ROLE_NAMES", "Heading"]


@dataclass(frozen=True)
class Heading:
    """Name of a column in Chinese and English, its width in characters, and its number format if it has one."""

    zh: str
    en: str
    width: float = 10
    number: str = ""


_COUNT, _DECIMAL, _SHARE, _DEGREES = "#,##0", "#,##0.0", "0.0%", "0.000000"

COLUMNS: dict[str, Heading] = {
    "cell_code": Heading("网格编码", "Cell code", 18),
    "cell": Heading("网格名称", "Cell", 18),
    "kind": Heading("网格类型", "Kind", 9),
    "town": Heading("乡镇（街道）", "Town", 14),
    "village": Heading("村（社区）", "Village", 14),
    "village_code": Heading("村（社区）编码", "Village code", 15),
    "north": Heading("北至", "North", 12),
    "east": Heading("东至", "East", 12),
    "south": Heading("南至", "South", 12),
    "west": Heading("西至", "West", 12),
    "area_m2": Heading("面积（平方米）", "Area (m²)", 13, _COUNT),
    "households": Heading("户数", "Households", 8, _COUNT),
    "residents": Heading("人口", "Residents", 8, _COUNT),
    "special": Heading("重点户", "Special households", 8, _COUNT),
    "party_members": Heading("党员数", "Party members", 8, _COUNT),
    "workload": Heading("年走访量", "Visits a year", 9, _COUNT),
    "deviation_share": Heading("户数偏差", "Deviation", 9, "+0.0%;-0.0%;0.0%"),
    "lead": Heading("网格长", "Lead", 12),
    "full": Heading("专职网格员", "Full-time", 12),
    "part": Heading("兼职网格员", "Part-time", 14),
    "police": Heading("社区民警", "Police", 12),
    "instructor": Heading("网格指导员", "Instructor", 12),
    "start_date": Heading("启用日期", "Start", 11),
    "end_date": Heading("停用日期", "End", 11),
    "signature": Heading("签字", "Signature", 12),
    "villages": Heading("村（社区）数", "Villages", 10, _COUNT),
    "cells": Heading("基本网格数", "Basic cells", 10, _COUNT),
    "special_cells": Heading("专属网格数", "Special cells", 10, _COUNT),
    "least": Heading("最少户数", "Fewest households", 9, _COUNT),
    "most": Heading("最多户数", "Most households", 9, _COUNT),
    "leads": Heading("网格长人数", "Leads", 10, _COUNT),
    "others": Heading("其他成员人次", "Other members", 11, _COUNT),
    "old_code": Heading("原网格编码", "Old code", 18),
    "new_code": Heading("新网格编码", "New code", 18),
    "kept_share": Heading("占原网格户数", "Share of old cell", 12, _SHARE),
    "change": Heading("变更类型", "Change", 10),
    "camera_id": Heading("点位编号", "Camera", 16),
    "gb_id": Heading("国标编码（20 位）", "GB/T 28181 id", 24),
    "camera": Heading("设备名称", "Name", 20),
    "pole_id": Heading("杆号", "Pole", 12),
    "lon": Heading("经度", "Longitude", 12, _DEGREES),
    "lat": Heading("纬度", "Latitude", 11, _DEGREES),
    "camera_kind": Heading("摄像机类型", "Type", 10),
    "point_class": Heading("点位类别", "Point class", 9),
    "azimuth_deg": Heading("朝向（°）", "Azimuth (°)", 9, _COUNT),
    "hfov_deg": Heading("水平视场角（°）", "Horizontal FOV (°)", 10, _COUNT),
    "vfov_deg": Heading("垂直视场角（°）", "Vertical FOV (°)", 10, _COUNT),
    "range_m": Heading("最大可视距离（米）", "Range (m)", 11, _COUNT),
    "mount_m": Heading("安装高度（米）", "Mount (m)", 9, _DECIMAL),
    "resolution": Heading("分辨率", "Resolution", 12),
    "status": Heading("状态", "Status", 8),
    "networked": Heading("联网", "Networked", 7),
    "shared": Heading("共享", "Shared", 7),
    "owner": Heading("管理单位", "Owner", 16),
    "installed": Heading("安装日期", "Installed", 11),
    "filed": Heading("备案日期", "Filed", 11),
    "sign": Heading("提示标识", "Sign", 8),
    "retention_days": Heading("保存天数", "Retention (days)", 9, _COUNT),
    "site_id": Heading("拟建点位", "Site", 12),
    "gain_share": Heading("新增覆盖占比", "Gain share", 11, "0.000%"),
    "cost_yuan": Heading("估算造价（元）", "Cost (yuan)", 12, _COUNT),
    "phase": Heading("建设期次", "Phase", 8, _COUNT),
    "covers": Heading("覆盖对象", "Covers", 30),
    "survey_power": Heading("取电条件", "Power", 10),
    "survey_network": Heading("网络条件", "Network", 10),
    "survey_pole": Heading("立杆条件", "Pole site", 10),
    "survey_photo": Heading("现场照片", "Photo", 18),
    "survey_by": Heading("勘点人", "Surveyed by", 10),
    "survey_date": Heading("勘点日期", "Date", 11),
    "level": Heading("级别", "Level", 8),
    "code": Heading("编码", "Code", 16),
    "name": Heading("名称", "Name", 16),
    "places_covered": Heading("已覆盖重点部位", "Places covered", 10, _COUNT),
    "places": Heading("重点部位", "Places", 9, _COUNT),
    "places_share": Heading("覆盖率（点位计）", "Places covered ÷ places", 11, _SHARE),
    "cameras": Heading("摄像机", "Cameras", 8, _COUNT),
    "cameras_networked": Heading("已联网", "Networked", 8, _COUNT),
    "networked_share": Heading("联网率", "Networked share", 9, _SHARE),
    "cameras_working": Heading("完好", "Working", 8, _COUNT),
    "working_share": Heading("完好率", "Working share", 9, _SHARE),
    "cameras_filed": Heading("已建档", "Filed", 8, _COUNT),
    "filed_share": Heading("建档率", "Filed share", 9, _SHARE),
    "cameras_hd": Heading("高清", "HD", 8, _COUNT),
    "hd_share": Heading("高清率", "HD share", 9, _SHARE),
    "covered_m2": Heading("可视面积（平方米）", "Area seen (m²)", 13, _COUNT),
    "aoi_m2": Heading("应看面积（平方米）", "Area of interest (m²)", 13, _COUNT),
    "covered_share": Heading("覆盖率（面积计）", "Area seen ÷ area", 11, _SHARE),
    "severity": Heading("级别", "Severity", 8),
    "problem": Heading("问题", "Problem", 28),
    "layer": Heading("图层", "Layer", 12),
    "message": Heading("说明", "Message", 64),
    "remedy": Heading("办法", "Remedy", 48),
}

ROLE_NAMES = ("lead", "full", "part", "police", "instructor")
