"""Two made counties that the tests of this folder look at, each made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from data.boundaries import County, county
from spatial.crs import MetreDoor, measuring_crs
from spatial.sample import SampleCounty, sample_county

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True)
class Made:
    county: County
    outline: gpd.GeoDataFrame
    sample: SampleCounty

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        return self.sample.frames[layer]


def make(name: str, seed: int = 0) -> Made:
    shipped = county(name)
    middle = shipped.outline.union_all().centroid
    outline = MetreDoor(measuring_crs(middle.x, middle.y)).forward(shipped.outline)
    sample = sample_county(
        outline,
        shipped.towns,
        shipped.villages,
        households=shipped.households,
        cells=shipped.cells,
        cameras=shipped.cameras,
        seed=seed,
    )
    return Made(shipped, outline, sample)


@pytest.fixture(scope="session")
def tiny() -> Made:
    return make("tiny")


@pytest.fixture(scope="session")
def panshan() -> Made:
    return make("panshan")


@pytest.fixture(scope="session", params=["tiny", "panshan"])
def made(request: pytest.FixtureRequest) -> Made:
    return request.getfixturevalue(request.param)
