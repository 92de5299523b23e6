"""The tables about cameras: the list, ratios against targets, coverage by area, its details, and blind areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from files.writing.ledger_tables import area_names, column, days, lon_lat, where_points_lie
from files.writing.words import word
from spatial.coverage.figures.yardstick import changed, ratios

if TYPE_CHECKING:
    from collections.abc import Mapping

    from files.writing.options import ExportOptions

    Frames = Mapping[str, pd.DataFrame]

__all__ = ["camera_rows", "coverage_rows", "detail_rows", "gap_rows", "ratio_rows"]

_LEVELS = {"county": 0, "town": 1, "village": 2}
_MOST_GAPS = 500
_TURN = 1.1  # turning is told where a camera sees a tenth more for it


def camera_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per camera: columns of the device catalogue, where it stands by our count, and what it really sees."""
    cameras = frames["cameras"].sort_values("camera_id", ignore_index=True)
    table = pd.DataFrame({name: cameras.get(name) for name in ("camera_id", "gb_id", "camera", "pole_id")},
                         index=cameras.index)  # fmt: skip
    table["lon"], table["lat"] = lon_lat(cameras)
    table["village"], table["cell_code"] = where_points_lie(cameras, frames)
    table["camera_kind"] = [word(kind, options) for kind in column(cameras, "kind")]
    for name in ("point_class", "azimuth_deg", "azimuth_tolerance_deg", "headings_deg", "hfov_deg", "vfov_deg",
                 "focal_mm", "sensor", "range_m", "night_m", "mount_m", "tilt_deg"):  # fmt: skip
        table[name] = cameras.get(name)
    size = zip(column(cameras, "width_px"), column(cameras, "height_px"), strict=True)
    table["resolution"] = [f"{width:.0f}×{height:.0f}" if pd.notna(width) and pd.notna(height) else None
                           for width, height in size]  # fmt: skip
    table["status"] = [word(value, options) for value in column(cameras, "status")]
    for name in ("networked", "shared", "sign"):
        table[name] = [None if pd.isna(value) else options.say(*("是", "yes") if value else ("否", "no"))
                       for value in column(cameras, name)]  # fmt: skip
    for name in ("installed", "filed"):
        table[name] = days(cameras.get(name), len(cameras))
    table["owner"], table["retention_days"] = cameras.get("owner"), cameras.get("retention_days")
    return table.assign(**_seen(cameras["camera_id"], frames.get("views"), options))


def _seen(ids: pd.Series[str], views: pd.DataFrame | None, options: ExportOptions) -> dict[str, Any]:
    """Tell what each camera sees by the latest run: area, blocked share, first obstacle, better heading, defaults."""
    if views is None:
        return {}
    known = pd.DataFrame(views.drop(columns="geometry", errors="ignore")).set_index("camera_id").reindex(ids)
    area, best = (pd.to_numeric(column(known, name)).to_numpy(dtype=float) for name in ("area_m2", "best_m2"))
    gain = np.divide(best, area, out=np.where(best > 0, np.inf, 1.0), where=area > 0)
    heading = pd.to_numeric(column(known, "best_azimuth_deg")).to_numpy(dtype=float)
    turn = [
        None if not times >= _TURN else options.say(
            f"转到 {to:.0f}° 可看到 {_times(times)} 倍", f"turned to {to:.0f}° it sees {_times(times)}×"
        ) for to, times in zip(heading, gain, strict=True)
    ]  # fmt: skip
    seen = {name: column(known, name).to_numpy() for name in ("area_m2", "blocked_share", "obstacle_m")}
    sure = column(known, "sure_m2").to_numpy(), column(known, "possible_m2").to_numpy()
    return {
        "view_m2": seen["area_m2"], "sure_m2": sure[0], "possible_m2": sure[1], "blocked_share": seen["blocked_share"],
        "obstacle_m": seen["obstacle_m"], "turn": turn,
        "assumed": [_inputs(text, options) for text in column(known, "assumed")],
    }  # fmt: skip


_INPUTS = {
    "kind": ("类型", "type"), "azimuth_deg": ("朝向", "heading"), "hfov_deg": ("水平角", "width of view"),
    "vfov_deg": ("竖直角", "height of view"), "focal_mm": ("焦距", "focal length"), "sensor": ("靶面", "sensor"),
    "width_px": ("像素", "pixels"), "mount_m": ("挂高", "mount height"), "tilt_deg": ("俯角", "tilt"),
}  # fmt: skip


def _inputs(text: object, options: ExportOptions) -> str:
    """Name the inputs that were defaults; what has no word stays as the column is called."""
    if not isinstance(text, str):
        return ""
    return options.say("、", ", ").join(options.say(*_INPUTS.get(name, (name, name))) for name in text.split())


def _times(gain: float) -> str:
    return f"{gain:.1f}" if gain < 100 else "100+"


def _ratios(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """Every ratio of the run with the change since the one before, in the order of areas."""
    found = changed(ratios(frames["coverage"], frames.get("coverage_details")), options.ratios_before)
    found = found[found["level"].isin(_LEVELS)]
    found = found.assign(order=found["level"].map(_LEVELS), name=found["code"].map(area_names(frames)))
    return found.sort_values(["order", "code"], kind="stable", ignore_index=True)


def ratio_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per official ratio of the county and its towns, all cameras first, then by point class."""
    found = _ratios(frames, options)
    found = found[found["level"].isin(("county", "town")) & found["ratio"].isin(_OFFICIAL)]
    reached = found["share"] >= found["target"]
    judged = found["share"].notna() & found["target"].notna()
    table = pd.DataFrame({
        "level": [word(level, options, level=True) for level in found["level"]], "code": found["code"],
        "name": found["name"], "ratio": [options.say(*_OFFICIAL[name]) for name in found["ratio"]],
        "point_class": found["point_class"].where(found["point_class"] != "", options.say("全部", "all")),
        "numerator": found["part"], "denominator": found["whole"], "unknown": found["unknown"], "share": found["share"],
        "target": found["target"],
        "reached": [options.say(*(("达标", "yes") if good else ("未达标", "no"))) if known else None
                    for good, known in zip(reached, judged, strict=True)],
        "before": found["before"], "change_points": found["change"],
    })  # fmt: skip
    return table.reset_index(drop=True)


_OFFICIAL = {"places": ("覆盖率（点位计）", "places covered (count)"), "networked": ("联网率", "networked"),
             "working": ("完好率", "working"), "filed": ("建档率", "filed"), "hd": ("高清率", "high-definition"),
             "area": ("覆盖率（面积计）", "covered (by area)")}  # fmt: skip


def coverage_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per county, town and village: every ratio stands beside what it was divided from, and what changed."""
    found = _ratios(frames, options)
    found = found[found["point_class"] == ""]
    first = found.drop_duplicates(["level", "code"])
    table = pd.DataFrame({"level": [word(level, options, level=True) for level in first["level"]],
                          "code": first["code"], "name": first["name"]})  # fmt: skip
    keys = pd.MultiIndex.from_frame(first[["level", "code"]])
    pairs = (("places", "places_covered", "places"), ("networked", "cameras_networked", "networked_known"),
             ("working", "cameras_working", "cameras"), ("filed", "cameras_filed", None),
             ("hd", "cameras_hd", "hd_known"), ("area", "covered_m2", "aoi_m2"))  # fmt: skip
    for ratio, part, whole in pairs:
        mine = found[found["ratio"] == ratio].set_index(["level", "code"]).reindex(keys)
        share = "covered_share" if ratio == "area" else f"{ratio}_share"
        table[part] = mine["part"].to_numpy()
        if whole is not None:
            table[whole] = mine["whole"].to_numpy()
        table[share] = mine["share"].to_numpy()
        if options.ratios_before is not None:
            table[f"{ratio}_change"] = mine["change"].to_numpy()
    return table.reset_index(drop=True)


def detail_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per area, subject and item: roads by class, places by kind, the cordon, corridors, households."""
    details = frames["coverage_details"]
    details = details[details["level"].isin(_LEVELS) & (details["subject"] != "known")]
    names, order = area_names(frames), details["level"].map(_LEVELS)
    details = details.assign(order=order).sort_values(["order", "code", "subject", "item"], ignore_index=True)
    total, covered = (pd.to_numeric(details[name]).astype("float64") for name in ("total", "covered"))
    return pd.DataFrame({
        "level": [word(level, options, level=True) for level in details["level"]], "code": details["code"],
        "name": details["code"].map(names), "subject": [word(one, options, subject=True) for one in details["subject"]],
        "item": [word(item, options, level=subject == "cordon")
                 for subject, item in zip(details["subject"], details["item"], strict=True)],
        "total": total, "covered": covered,
        "detail_share": covered / total.where(total > 0),
    })  # fmt: skip


def gap_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per blind area, the 500 heaviest: what it hides, why nobody sees it, and the nearest camera."""
    gaps = frames["gaps"].sort_values("rank").head(_MOST_GAPS).reset_index(drop=True)
    spoken = [text.partition(" · ")[::2] if isinstance(text, str) else ("", "") for text in column(gaps, "hides")]
    table = pd.DataFrame({"rank": gaps["rank"], "gap_id": gaps["gap_id"]})
    table["village"] = gaps["village_code"].map(area_names(frames))
    table["cell_code"] = gaps["cell_code"]
    table["gap_kind"] = [word(kind, options, gap=True) for kind in gaps["kind"]]
    table["area_m2"] = gaps["area_m2"]
    table["hides"] = [options.say(zh, en) for zh, en in spoken]
    table["reason"] = [word(reason, options, gap=True) for reason in gaps["reason"]]
    table["nearest_camera_m"] = gaps["nearest_camera_m"]
    table["remedy"] = gaps["gap_id"].map(options.remedies or {})
    return table
