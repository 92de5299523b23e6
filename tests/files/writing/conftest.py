"""A small county of two towns, four villages and sixteen cells, in storage degrees."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from files.writing import ExportOptions

X0, Y0, STEP = 121.9, 41.2, 0.01


def _multi(*bounds: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(*bounds)])


def _villages() -> gpd.GeoDataFrame:
    names = [
        ("211122001001", "兴隆社区", "211122001", "太平街道"),
        ("211122001201", "新立村", "211122001", "太平街道"),
        ("211122103207", "羊圈子村", "211122103", "甜水镇"),
        ("211122103208", "二道沟村", "211122103", "甜水镇"),
    ]
    frame = pd.DataFrame(names, columns=["village_code", "village", "town_code", "town"])
    frame["county_code"], frame["county"] = "211122", "盘山县"
    frame["kind"] = ["community", "village", "village", "village"]
    boxes = [_multi(X0 + 4 * i * STEP, Y0, X0 + 4 * (i + 1) * STEP, Y0 + 4 * STEP) for i in range(4)]
    return gpd.GeoDataFrame(frame, geometry=boxes, crs="EPSG:4490")


def _cells(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for place, code in enumerate(villages["village_code"]):
        for part in range(4):
            x, y = X0 + (4 * place + 2 * (part // 2)) * STEP, Y0 + 2 * (1 - part % 2) * STEP
            shapes.append(_multi(x, y, x + 2 * STEP, y + 2 * STEP))
            rows.append({"cell_id": f"p001:{code}{part + 1:03d}", "plan": "p001", "cell_code": f"{code}{part + 1:03d}",
                         "cell": f"第{part + 1}网格", "kind": "basic", "village_code": code,
                         "households": 100.0 + 7 * part, "residents": 300.0, "party_members": 3.0, "workload": 280.0,
                         "deviation_share": 0.02 * part, "area_m2": 3_700_000.0, "compactness": 0.78,
                         "start_date": "2026-11-22T00:00:00Z", "end_date": None})  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4490")


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    """Layers of the small county, with one text that looks like a formula."""
    villages = _villages()
    cells = _cells(villages)
    cells.loc[1, "cell"] = '=HYPERLINK("http://x")'
    centre = cells.geometry.representative_point()
    members = gpd.GeoDataFrame({"member_id": [f"M{i:03d}" for i in range(16)], "member": None, "kind": "lead",
                                "phone": "13800000000"}, geometry=centre, crs="EPSG:4490")  # fmt: skip
    members.loc[2, "member"] = "张三"
    road = shapely.MultiLineString([[(X0, Y0 + 2 * STEP), (X0 + 16 * STEP, Y0 + 2 * STEP)]])
    river = shapely.MultiLineString([[(X0 + 8 * STEP, Y0), (X0 + 8.1 * STEP, Y0 + 4 * STEP)]])
    barriers = gpd.GeoDataFrame({"barrier_id": ["1", "2"], "kind": ["road", "river"], "road_class": ["county", None]},
                                geometry=[road, river], crs="EPSG:4490")  # fmt: skip
    homes = gpd.GeoDataFrame({"home_id": [f"H{i:03d}" for i in range(16)], "households": 9, "special": 2},
                             geometry=centre, crs="EPSG:4490")  # fmt: skip
    cameras = gpd.GeoDataFrame(
        {"camera_id": ["C1", "C2"], "gb_id": ["21112200001310000001", None], "camera": ["村口东", "@桥头"],
         "kind": ["bullet", None], "status": ["working", "offline"], "networked": [True, None],
         "width_px": [1920, None], "height_px": [1080, None], "installed": ["2024-03-01T00:00:00Z", None]},
        geometry=centre[:2].to_numpy(), crs="EPSG:4490",
    )  # fmt: skip
    coverage = pd.DataFrame({
        "run": "c001", "code": ["211122", "211122001", "211122103", *villages["village_code"], cells["cell_code"][0]],
        "level": ["county", "town", "town", *["village"] * 4, "cell"], "aoi_m2": 1000.0, "covered_m2": 400.0,
        "covered_share": 0.4, "places": [8, 4, 4, 2, 2, 2, 2, 0], "places_covered": [4, 2, 2, 1, 1, 1, 1, 0],
        "cameras": [2, 2, 0, 2, 0, 0, 0, 2], "cameras_working": [1, 1, 0, 1, 0, 0, 0, 1],
        "cameras_networked": [1, 1, 0, 1, 0, 0, 0, 1], "cameras_filed": 0, "cameras_hd": 1})  # fmt: skip
    sites = gpd.GeoDataFrame(
        {"run": "s001", "site_id": ["S1"], "azimuth_deg": 90.0, "gain_share": 0.1, "cost_yuan": 30000.0, "phase": 1},
        geometry=centre[:1].to_numpy(), crs="EPSG:4490",
    )  # fmt: skip
    assignments = pd.DataFrame({"plan": "p001", "cell_code": cells["cell_code"], "member_id": members["member_id"],
                                "role": "lead", "walk_m": 100.0})  # fmt: skip
    problems = gpd.GeoDataFrame(
        {"problem": ["cell-overloaded"], "severity": ["warning"], "layer": ["cells"], "code": ["211122001001001"],
         "message_zh": ["网格每日走访过多"], "message_en": ["too many visits"], "remedy": ["拆分"]},
        geometry=centre[:1].to_numpy(), crs="EPSG:4490",
    )  # fmt: skip
    return {"villages": villages, "homes": homes, "barriers": barriers, "members": members, "cameras": cameras,
            "cells": cells, "assignments": assignments, "coverage": coverage, "sites": sites,
            "problems": problems}  # fmt: skip


@pytest.fixture
def options() -> ExportOptions:
    """Options of a sample county."""
    return ExportOptions(name="盘山县", county="盘山县", plan="p001", sample=True, today=date(2026, 11, 22),
                         issuer="县委政法委", review_number="辽S〔2026〕001号")  # fmt: skip


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers from a fixed seed."""
    return np.random.default_rng(0)
