"""The tables of the ledger as frames: one row per cell, town, site or problem; what they share with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from files.writing.columns import ROLE_NAMES
from files.writing.words import word
from spatial.crs import MetreDoor, measuring_crs
from spatial.people.walking import longest_walks, on_foot
from spatial.planning.sides import SIDES, four_sides
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from files.writing.options import ExportOptions

    Frames = Mapping[str, pd.DataFrame]

__all__ = [
    "area_names", "cell_rows", "change_rows", "column", "days", "gain_rows", "lon_lat", "problem_rows", "site_rows",
    "town_rows", "turn_rows", "where_points_lie",
]  # fmt: skip

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


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
        table["walk_m"] = cells["cell_code"].map(longest_walks(on_foot(frames["assignments"])))
    table["start_date"] = days(cells.get("start_date"), len(cells))
    table["end_date"] = days(cells.get("end_date"), len(cells))
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


def site_rows(frames: Frames, options: ExportOptions) -> pd.DataFrame:
    """One row per proposed camera, with empty columns to fill in on the spot."""
    sites = frames["sites"].sort_values("site_id", ignore_index=True)
    table = pd.DataFrame({"site_id": sites["site_id"]})
    table["lon"], table["lat"] = lon_lat(sites)
    table["village"], table["cell_code"] = where_points_lie(sites, frames)
    for name in ("pole_id", "azimuth_deg", "hfov_deg", "range_m", "gain_share", "cost_yuan", "phase", "covers"):
        table[name] = sites.get(name)
    for name in ("azimuth_deg", "hfov_deg", "range_m"):
        table[name] = pd.to_numeric(table[name]).round(1)
    table["covers"] = [
        options.say(*text.split(" · ")) if str(text).count(" · ") == 1 else text for text in table["covers"]
    ]
    for name in ("survey_power", "survey_network", "survey_pole", "survey_photo", "survey_by", "survey_date"):
        table[name] = ""
    return table


def turn_rows(turns: Mapping[str, str]) -> pd.DataFrame:
    """One row per camera that is to be turned, in the order of gain, with empty columns to fill in on the spot."""
    table = pd.DataFrame({"camera_id": list(turns), "message": list(turns.values())})
    return table.assign(survey_by="", survey_date="")


def gain_rows(frames: Frames) -> pd.DataFrame:
    """Say what the first, second, fifth, tenth ... and last proposed camera adds, and all up to it; in their order."""
    sites = frames["sites"].sort_values("site_id", ignore_index=True)
    gain = pd.to_numeric(sites["gain_share"])
    steps = sorted({n for n in (*_STEPS, len(sites)) if 0 < n <= len(sites)})
    table = pd.DataFrame({
        "cameras_added": range(1, len(sites) + 1), "phase": sites.get("phase"), "gain_share": gain,
        "gain_total": gain.cumsum(), "cost_total": pd.to_numeric(sites["cost_yuan"]).cumsum(),
    })  # fmt: skip
    return table.iloc[[n - 1 for n in steps]].reset_index(drop=True)


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


def where_points_lie(points: pd.DataFrame, frames: Frames) -> tuple[Any, Any]:
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


def lon_lat(points: pd.DataFrame) -> tuple[Any, Any]:
    """Give longitudes and latitudes of points."""
    geometry = gpd.GeoSeries(points["geometry"]).to_numpy()
    return shapely.get_x(geometry), shapely.get_y(geometry)


def column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Give a column, or as many empty values where it is missing."""
    return frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)


def days(values: pd.Series[Any] | None, count: int) -> list[str | None]:
    """Dates as YYYY-MM-DD."""
    if values is None:
        return [None] * count
    return [None if pd.isna(value) else str(value)[:10] for value in values]


def area_names(frames: Frames) -> dict[str, str]:
    """Names of counties, towns and villages by code."""
    villages = frames.get("villages")
    if villages is None:
        return {}
    names: dict[str, str] = {}
    for code, name in (("county_code", "county"), ("town_code", "town"), ("village_code", "village")):
        names |= dict(zip(villages[code], villages[name], strict=True))
    return names
