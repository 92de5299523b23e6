"""The same answer from this machine and from a Dask worker; refusals cross unchanged."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import geopandas as gpd
import pytest
import shapely

from api.jobs.elsewhere import done_at
from spatial import PlanOptions, plan_cells
from spatial.errors import InfeasibleError


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@pytest.fixture(scope="module")
def scheduler():
    """Start a scheduler and one worker, each a process of its own on loopback."""
    pytest.importorskip("distributed", reason="distributed is not installed: pip install 'wangge[dask]'")
    address = f"tcp://127.0.0.1:{_free_port()}"
    port = address.rsplit(":", 1)[1]
    quiet = {"env": os.environ | {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}, "stderr": subprocess.DEVNULL}
    common = ["--no-dashboard", "--host", "127.0.0.1"]
    processes = [
        subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", port, *common], **quiet),
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", *common], **quiet
        ),
    ]
    try:
        _await_worker(address)
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


def _await_worker(address: str) -> None:
    from distributed import Client

    deadline = time.monotonic() + 60
    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=max(1, deadline - time.monotonic()))


def _village() -> gpd.GeoDataFrame:
    row = {
        "village_code": ["211122100201"], "village": ["甲村"], "town_code": ["211122100"], "town": ["甲镇"],
        "county_code": ["211122"], "county": ["盘山县"], "households": [400],
    }  # fmt: skip
    return gpd.GeoDataFrame(row, geometry=[shapely.box(0, 0, 2000, 1000)], crs="EPSG:4550")


def _homes() -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(
        *zip(*[(50 + 100 * i, 50 + 100 * j) for i in range(20) for j in range(10)], strict=True)
    )
    ids = [f"H{number}" for number in range(200)]
    return gpd.GeoDataFrame({"home_id": ids, "households": 2}, geometry=points, crs="EPSG:4550")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_a_worker_gives_the_same_plan(scheduler):
    given = {"villages": _village(), "homes": _homes(), "options": PlanOptions(cells=4)}
    here = done_at(None, plan_cells, **given)
    there = done_at(scheduler, plan_cells, **given)
    assert here.cells.equals(there.cells)
    assert len(there.cells) == 4


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_a_refusal_comes_back_as_it_was_raised(scheduler):
    with pytest.raises(InfeasibleError) as refused:
        done_at(scheduler, plan_cells, villages=_village(), homes=_homes(), options=PlanOptions(cells=0, scope=("9",)))
    assert "9" in refused.value.zh


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_address_where_nobody_answers_is_refused(monkeypatch):
    pytest.importorskip("distributed", reason="distributed is not installed: pip install 'wangge[dask]'")
    monkeypatch.setattr("api.jobs.elsewhere._PATIENCE_S", 1)
    with pytest.raises(InfeasibleError, match="no scheduler answers"):
        done_at(f"tcp://127.0.0.1:{_free_port()}", plan_cells, villages=_village())
