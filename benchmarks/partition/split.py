"""What splitting blocks between homes brings: the hard instances, planned whole and with blocks that may be split."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.partition.instances import instances
from spatial.planning import PlanOptions, plan_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.partition.instances import Instance
    from spatial.planning import Plan

__all__ = ["table"]

_KINDS = ("village", "towers")
_BLOCKS_PER_CELL = 30
"""Instances with more blocks to a cell than this are even with whole blocks."""
_CRS = "EPSG:4549"


def table() -> Iterator[str]:
    """Yield the lines of the table, and how many instances come within the largest home."""
    yield "\n### With block splitting allowed\n"
    yield (
        "The instances of at most 30 blocks to a cell, their blocks loaded as a user's own, tolerance 0: whole, "
        "and with `--split-blocks`. A home is the largest that nothing can split, as a share of the mean cell."
    )
    yield "\n| instance | blocks a cell | whole blocks | split | a home | blocks split | CPU s whole | split |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    within, count = 0, 0
    for instance in instances():
        if instance.kind not in _KINDS or instance.blocks_per_cell > _BLOCKS_PER_CELL:
            continue
        (whole, before), (split, after) = (_planned(instance, split=allowed) for allowed in (False, True))
        off, home = split.figures["max_deviation_share"], _largest_home(instance)
        within, count = within + (off <= home + 1e-9), count + 1
        cut, worst = split.blocks["parent_id"].nunique(), whole.figures["max_deviation_share"]
        yield (
            f"| {instance.name} | {instance.blocks_per_cell:.0f} | {worst:.2%} | {off:.2%} | {home:.2%} "
            f"| {cut} of {instance.graph.size} | {before:.2f} | {after:.2f} |"
        )
    yield f"\nWithin the largest home on {within} of {count} instances."


def _planned(instance: Instance, *, split: bool) -> tuple[Plan, float]:
    """Plan an instance, and say what CPU time that took."""
    outline = shapely.coverage_union_all(instance.faces)
    villages = gpd.GeoDataFrame({"village_code": ["211122101200"], "village": ["村"]}, geometry=[outline], crs=_CRS)
    blocks = gpd.GeoDataFrame(
        {"block_id": [f"b{i:04d}" for i in range(len(instance.faces))], "village_code": "211122101200"},
        geometry=instance.faces, crs=_CRS,
    )  # fmt: skip
    homes = gpd.GeoDataFrame(
        {"home_id": [f"h{i:05d}" for i in range(len(instance.homes))], "households": instance.households},
        geometry=shapely.points(instance.homes), crs=_CRS,
    )  # fmt: skip
    options = PlanOptions(cells=instance.cells, tolerance=0.0, split_blocks=split, workers=1)
    start = time.process_time()
    return plan_cells(villages, homes=homes, blocks=blocks, options=options), time.process_time() - start


def _largest_home(instance: Instance) -> float:
    _, spot = np.unique(np.round(instance.homes, 1), axis=0, return_inverse=True)
    held = np.bincount(spot.ravel(), instance.households)
    return float(held.max() / (instance.households.sum() / instance.cells))
