"""What the tests of maps and pages share: a small county with hostile names, and a browser without a network."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from web import MapFrames

HOSTILE = "</script><script>document.title='broken'</script>{{ 7*7 }}{% raise %}\u2028'\"&村"
CRS = "EPSG:4326"


def boxes(columns: int, rows: int, *, west: float, south: float, step: float) -> list[shapely.Polygon]:
    """Squares of a chessboard, row by row."""
    return [
        shapely.box(west + x * step, south + y * step, west + (x + 1) * step, south + (y + 1) * step)
        for y in range(rows)
        for x in range(columns)
    ]


def small_county() -> MapFrames:
    """Four villages in two towns, sixteen cells and one special, and some of everything else."""
    whole = boxes(2, 2, west=122.0, south=41.0, step=0.02)
    codes = ["211122101001", "211122101002", "211122102001", "211122102002"]
    villages = gpd.GeoDataFrame(
        {
            "village_code": codes,
            "village": [HOSTILE, "新立村", "曙光村", "朝阳社区"],
            "town_code": [code[:9] for code in codes],
            "town": ["沙岭镇", "沙岭镇", "胡家镇", "胡家镇"],
            "households": [403, 480, 480, 480],
        },
        geometry=whole,
        crs=CRS,
    )
    cells = pd.concat([_cells(code, area) for code, area in zip(codes, whole, strict=True)], ignore_index=True)
    rng = np.random.default_rng(4)
    spots = shapely.points(rng.uniform((122.001, 41.001), (122.039, 41.039), (60, 2)))
    cameras = gpd.GeoDataFrame(
        {
            "camera_id": [f"SECRET{n:03d}" for n in range(60)],
            "camera": HOSTILE,
            "kind": "bullet",
            "azimuth_deg": 90.0,
            "status": ["working", "offline", "faulty"] * 20,
        },
        geometry=list(spots),
        crs=CRS,
    )
    views = gpd.GeoDataFrame(
        {"run": "c001", "camera_id": cameras["camera_id"], **_facts(len(cameras))},
        geometry=shapely.buffer(spots, 0.0004),
        crs=CRS,
    )
    members = gpd.GeoDataFrame(
        {"member_id": [f"m{n}" for n in range(20)], "member": "王秘密", "phone": "13900000000", "kind": "lead"},
        geometry=list(spots[:20]),
        crs=CRS,
    )
    places = gpd.GeoDataFrame(
        {"place_id": ["p1", "p2"], "place": [HOSTILE, "中心小学"], "kind": ["market", "school"], "priority": [1, 2]},
        geometry=[shapely.Point(122.005, 41.005), shapely.Point(122.031, 41.033)],
        crs=CRS,
    )
    return MapFrames(
        villages=villages,
        cells=cells,
        members=members,
        cameras=cameras,
        views=views,
        gaps=_gaps(cells),
        places=places,
        barriers=_barriers(),
        buildings=gpd.GeoDataFrame(
            {"building_id": [f"b{n}" for n in range(60)]},
            geometry=list(shapely.buffer(spots, 0.0001, cap_style="square")),
            crs=CRS,
        ),
        coverage=_coverage(cells),
        assignments=pd.DataFrame(
            {"plan": "p001", "cell_code": cells["cell_code"], "member_id": "m1", "role": "lead", "walk_m": 10.0}
        ),
    )


def _facts(count: int) -> dict[str, object]:
    """Give what a run finds of each camera: half of the view hidden, and twice as much to be seen another way."""
    return {
        "area_m2": [200.0] * count, "blocked_share": 0.5, "assumed": ["focal_mm tilt_deg", "", "kind"] * (count // 3),
        "obstacle_m": [14.2, np.nan, 3.0] * (count // 3), "best_azimuth_deg": [80.0, np.nan, 10.0] * (count // 3),
        "best_m2": [460.0, np.nan, 210.0] * (count // 3),
    }  # fmt: skip


def _coverage(cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """Shares from almost nothing to almost everything, cell by cell."""
    shares = np.linspace(0.05, 0.95, len(cells))
    return pd.DataFrame(
        {"run": "c001", "code": cells["cell_code"], "level": "cell", "covered_share": shares, "cameras": 3}
    )


def _cells(code: str, area: shapely.Polygon) -> gpd.GeoDataFrame:
    """Four basic cells of a village; the first village's first cell holds three households and a special cell."""
    west, south, _, _ = area.bounds
    quarters = boxes(2, 2, west=west, south=south, step=0.01)
    serials = ["001", "002", "003", "004"]
    first = code.endswith("101001")
    if first:
        hole = shapely.box(west + 0.004, south + 0.004, west + 0.006, south + 0.006)
        quarters = [shapely.difference(quarters[0], hole), *quarters[1:], hole]
        serials.append("901")
    count = len(quarters)
    households = [3.0, 120.0, 140.0, 140.0, 0.0] if first else [100.0, 120.0, 130.0, 130.0]
    return gpd.GeoDataFrame(
        {
            "cell_id": [f"p001:{code}{serial}" for serial in serials],
            "plan": "p001",
            "cell_code": [code + serial for serial in serials],
            "cell": None,
            "kind": ["special" if serial == "901" else "basic" for serial in serials],
            "village_code": code,
            "households": households[:count],
            "residents": 300.0,
            "party_members": 7.0,
            "deviation_share": [-0.17, 0.0, 0.08, 0.09, np.nan][:count],
            "area_m2": 930_000.0,
            "compactness": 0.78,
            "locked": False,
        },
        geometry=quarters,
        crs=CRS,
    )


def _gaps(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One blind area in the middle of every third cell."""
    rows = cells.iloc[::3].reset_index(drop=True)
    return gpd.GeoDataFrame(
        {
            "run": "c001",
            "gap_id": [f"g{n}" for n in range(len(rows))],
            "cell_code": rows["cell_code"],
            "kind": "area",
            "area_m2": 5_000.0,
            "households_within": 12,
            "rank": range(1, len(rows) + 1),
            "nearest_camera_m": 123.0,
            "reason": "blocked",
        },
        geometry=list(shapely.buffer(shapely.centroid(rows.geometry.to_numpy()), 0.001)),
        crs=CRS,
    )


def _barriers() -> gpd.GeoDataFrame:
    """One line of every class."""
    classes = ["motorway", "national", "provincial", "county", "town", "village", "street"]
    kinds = ["river", "rail", "wall", *["road"] * len(classes)]
    lines = [
        shapely.LineString([(122.0, 41.002 + 0.0035 * n), (122.04, 41.004 + 0.0035 * n)]) for n in range(len(kinds))
    ]
    return gpd.GeoDataFrame(
        {"barrier_id": kinds, "kind": kinds, "road_class": [None, None, None, *classes]}, geometry=lines, crs=CRS
    )


@pytest.fixture(scope="session")
def county_frames() -> MapFrames:
    """Give the small county with hostile names; frames are never changed."""
    return small_county()
