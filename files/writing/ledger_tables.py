"""The tables of the ledger as frames: one row per cell, town, camera, site, area or problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from files.writing.columns import ROLE_NAMES
from files.writing.words import word
from spatial.crs import MetreDoor, measuring_crs
from spatial.planning.sides import SIDES, four_sides
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from files.writing.options import ExportOptions

    Frames = Mapping[str, pd.DataFrame]

__all__ = ["camera_rows", "cell_rows", "change_rows", "coverage_rows", "problem_rows", "site_rows", "town_rows"]


def cell_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per cell: the ledger itself, in the order of codes."""
    cells = frames["cells"].sort_values("cell_code", ignore_index=True)
    table = pd.DataFrame({"cell_code": cells["cell_code"]})
    table["cell"] = cells.get("cell")
    table["kind"] = [word(kind, options) for kind in cells["kind"]]
    names = _village_names(frames)
    table["town"] = cells["village_code"].map(names["town"]) if len(names) else None
    table["village"] = cells["village_code"].map(names["village"]) if len(names) else None
    metres = _metres(frames, options)
    for side, texts in _side_words(metres, names, options).items():
        table[side] = cells["cell_code"].map(texts)
    for column in ("area_m2", "households", "residents"):
        table[column] = cells.get(column)
    table["special"] = _special(metres, cells)
    for column in ("party_members", "workload", "deviation_share"):
        table[column] = cells.get(column)
    if "assignments" in frames:
        people = _people(frames)
        for role in ROLE_NAMES:
            table[role] = cells["cell_code"].map(people.get(role, {}))
    table["start_date"] = _days(cells.get("start_date"), len(cells))
    table["end_date"] = _days(cells.get("end_date"), len(cells))
    table["signature"] = ""
    return table


def town_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per town, and the county's total below."""
    cells = frames["cells"]
    names = _village_names(frames)
    town = cells["village_code"].map(names["town"]) if len(names) else pd.Series("", index=cells.index)
    villages = frames.get("villages")
    order = cells["village_code"].str[:-3]
    if villages is not None:
        order = cells["village_code"].map(villages.set_index("village_code")["town_code"]).fillna(order)
    basic = cells["kind"] == "basic"
    staff = frames.get("assignments")
    rows: list[dict[str, Any]] = []
    groups = [*cells.groupby(order, sort=True).groups.items(), ("", cells.index)]
    for code, index in groups:
        part, held = cells.loc[index], cells.loc[index][basic.loc[index]]
        row: dict[str, Any] = {"town": town.loc[index].iloc[0] if code else options.say("全县", "County")}
        row |= {"villages": part["village_code"].nunique(), "cells": len(held), "special_cells": len(part) - len(held)}
        row |= {name: part[name].sum(min_count=1) if name in part else None
                for name in ("households", "residents", "party_members")}  # fmt: skip
        row |= {"least": held["households"].min(), "most": held["households"].max()}
        if staff is not None:
            here = staff[staff["cell_code"].isin(part["cell_code"])]
            row |= {"leads": int((here["role"] == "lead").sum()), "others": int((here["role"] != "lead").sum())}
        rows.append(row)
    return pd.DataFrame(rows)


def change_rows(changes: pd.DataFrame, options: ExportOptions) -> pd.DataFrame:
    """One row per pair of old and new cell that is not simply unchanged."""
    table = changes[changes["kind"] != "unchanged"]
    return pd.DataFrame({"old_code": table["old_code"], "new_code": table["new_code"],
                         "change": [word(kind, options) for kind in table["kind"]],
                         "households": table["households"], "kept_share": table["kept_share"]})  # fmt: skip


def camera_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per camera, with the columns of the device catalogue and where it stands by our count."""
    cameras = frames["cameras"].sort_values("camera_id", ignore_index=True)
    table = pd.DataFrame({name: cameras.get(name) for name in ("camera_id", "gb_id", "camera", "pole_id")},
                         index=cameras.index)  # fmt: skip
    table["lon"], table["lat"] = _lon_lat(cameras)
    table["village"], table["cell_code"] = _where(cameras, frames)
    table["camera_kind"] = [word(kind, options) for kind in _column(cameras, "kind")]
    for name in ("point_class", "azimuth_deg", "hfov_deg", "vfov_deg", "range_m", "mount_m"):
        table[name] = cameras.get(name)
    size = zip(_column(cameras, "width_px"), _column(cameras, "height_px"), strict=True)
    table["resolution"] = [f"{width:.0f}×{height:.0f}" if pd.notna(width) and pd.notna(height) else None
                           for width, height in size]  # fmt: skip
    table["status"] = [word(value, options) for value in _column(cameras, "status")]
    for name in ("networked", "shared", "sign"):
        table[name] = [None if pd.isna(value) else options.say(*("是", "yes") if value else ("否", "no"))
                       for value in _column(cameras, name)]  # fmt: skip
    for name in ("installed", "filed"):
        table[name] = _days(cameras.get(name), len(cameras))
    table["owner"], table["retention_days"] = cameras.get("owner"), cameras.get("retention_days")
    return table


def site_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per proposed camera, with empty columns to fill in on the spot."""
    del options
    sites = frames["sites"].sort_values("site_id", ignore_index=True)
    table = pd.DataFrame({"site_id": sites["site_id"]})
    table["lon"], table["lat"] = _lon_lat(sites)
    table["village"], table["cell_code"] = _where(sites, frames)
    for name in ("pole_id", "azimuth_deg", "hfov_deg", "range_m", "gain_share", "cost_yuan", "phase", "covers"):
        table[name] = sites.get(name)
    for name in ("survey_power", "survey_network", "survey_pole", "survey_photo", "survey_by", "survey_date"):
        table[name] = ""
    return table


def coverage_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per county, town and village: every ratio stands beside what it was divided from."""
    runs = frames["coverage"]
    runs = runs[runs["level"].isin(("county", "town", "village"))]
    order = runs["level"].map({"county": 0, "town": 1, "village": 2})
    runs = runs.assign(order=order).sort_values(["order", "code"], ignore_index=True)
    names = _area_names(frames)
    table = pd.DataFrame({"level": [word(level, options, level=True) for level in runs["level"]], "code": runs["code"],
                          "name": runs["code"].map(names)})  # fmt: skip
    pairs = (("places_covered", "places", "places_share"), ("cameras_networked", "cameras", "networked_share"),
             ("cameras_working", "cameras", "working_share"), ("cameras_filed", "cameras", "filed_share"),
             ("cameras_hd", "cameras", "hd_share"), ("covered_m2", "aoi_m2", "covered_share"))  # fmt: skip
    for part, whole, share in pairs:
        top, below = (pd.to_numeric(_column(runs, name)).astype("float64") for name in (part, whole))
        table[part], table[whole] = top, below
        table[share] = (top / below.where(below > 0)).to_numpy()
    return table


def problem_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per problem, errors first."""
    problems = frames["problems"].sort_values(["severity", "problem", "code"], ignore_index=True)
    return pd.DataFrame({"severity": [word(value, options) for value in problems["severity"]],
                         "problem": problems["problem"], "layer": problems["layer"], "code": problems["code"],
                         "message": problems["message_zh" if options.lang == "zh" else "message_en"],
                         "remedy": problems["remedy"]})  # fmt: skip


def _village_names(frames: Frames) -> pd.DataFrame:
    """Town and village by village code."""
    villages = frames.get("villages")
    if villages is None:
        return pd.DataFrame(columns=["town", "village"])
    return pd.DataFrame(villages[["village_code", "town", "village"]]).set_index("village_code")


def _area_names(frames: Frames) -> dict[str, str]:
    """Names of counties, towns and villages by code."""
    villages = frames.get("villages")
    if villages is None:
        return {}
    names: dict[str, str] = {}
    for code, name in (("county_code", "county"), ("town_code", "town"), ("village_code", "village")):
        names |= dict(zip(villages[code], villages[name], strict=True))
    return names


def _metres(frames: Frames, options: ExportOptions) -> dict[str, gpd.GeoDataFrame]:
    """Cells, barriers and homes in the metres of the county."""
    cells = frames["cells"]
    middle = shapely.box(*cells.total_bounds).centroid
    door = MetreDoor(options.measuring_crs or measuring_crs(middle.x, middle.y))
    wanted = (name for name in ("cells", "barriers", "homes") if name in frames)
    return {name: door.forward(gpd.GeoDataFrame(frames[name])) for name in wanted}


def _side_words(
    metres: dict[str, gpd.GeoDataFrame], names: pd.DataFrame, options: ExportOptions
) -> dict[str, dict[str, str]]:
    """Words for what bounds each cell on each side."""
    sides = four_sides(metres["cells"], barriers=metres.get("barriers"))
    village = names["village"].to_dict() if len(names) else {}
    texts: dict[str, dict[str, str]] = {side: {} for side in SIDES}
    rows = zip(*(sides[name].astype(str) for name in ("cell_code", "side", "what", "code")), strict=True)
    for cell_code, side, what, code in rows:
        if what != "cell":
            texts[side][cell_code] = word(what, options) or what
        elif code[:-3] == cell_code[:-3]:
            texts[side][cell_code] = options.say(f"{code[-3:]} 网格", f"cell {code[-3:]}")
        else:
            texts[side][cell_code] = village.get(code[:-3], code[:-3])
    return texts


def _special(metres: dict[str, gpd.GeoDataFrame], cells: pd.DataFrame) -> pd.Series[float] | None:
    """Count special households per cell, where the homes tell them."""
    homes = metres.get("homes")
    if homes is None or "special" not in homes or homes["special"].isna().all():
        return None
    counts = pd.to_numeric(homes["special"]).astype("float64").groupby(homes_in_cells(homes, metres["cells"])).sum()
    return cells["cell_code"].map(counts).fillna(0)


def _people(frames: Frames) -> dict[str, dict[str, str]]:
    """Names, else ids, of the people of each cell, by role."""
    staff = frames["assignments"].sort_values(["cell_code", "member_id"])
    label = staff["member_id"].astype(str)
    members = frames.get("members")
    if members is not None and "member" in members:
        known = members.dropna(subset=["member"]).set_index("member_id")["member"]
        label = staff["member_id"].map(known).where(lambda names: names.notna(), label)
    joined = label.groupby([staff["role"], staff["cell_code"]]).agg("、".join)
    return {role: joined[role].to_dict() for role in joined.index.get_level_values(0).unique()}


def _where(points: pd.DataFrame, frames: Frames) -> tuple[Any, Any]:
    """Village name and cell code of points, in degrees, where cells are known."""
    cells = frames.get("cells")
    if cells is None or not isinstance(points, gpd.GeoDataFrame):
        return None, None
    tree = shapely.STRtree(cells.geometry.to_numpy())
    point, cell = tree.query(points.geometry.to_numpy(), predicate="intersects")
    codes = (
        pd.Series(cells["cell_code"].to_numpy()[cell]).groupby(point).min().reindex(range(len(points))).astype(object)
    )
    village = codes.str[:-3].map(_village_names(frames)["village"]) if len(codes) else None
    return np.asarray(village), codes.to_numpy()


def _lon_lat(points: pd.DataFrame) -> tuple[Any, Any]:
    geometry = gpd.GeoSeries(points["geometry"]).to_numpy()
    return shapely.get_x(geometry), shapely.get_y(geometry)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _days(values: pd.Series[Any] | None, count: int) -> list[str | None]:
    """Dates as YYYY-MM-DD."""
    if values is None:
        return [None] * count
    return [None if pd.isna(value) else str(value)[:10] for value in values]
