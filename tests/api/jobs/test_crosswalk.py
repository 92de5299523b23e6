"""`wangge crosswalk` over the grids of other departments that a project holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from api.jobs.crosswalk import CrosswalkOptions, run_crosswalk
from api.jobs.desk import Desk, opened
from api.jobs.load import LoadOptions, run_load
from spatial.errors import SchemaError
from wangge.summary import lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def crossed(tiny_project: Path, tmp_path: Path) -> Path:
    """Give a project with a second system, whose two areas meet in the middle of the county."""
    with opened(tiny_project) as store:
        west, south, east, north = store.read("villages").total_bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    frame = gpd.GeoDataFrame(
        {"overlay_id": ["w", "e"], "system": "城管", "name": ["西区", "=东区"]}, geometry=halves, crs=4326
    )
    frame.to_file(tmp_path / "halves.geojson")
    run_load(tiny_project, LoadOptions("overlays", str(tmp_path / "halves.geojson")))
    return tiny_project


def test_every_household_of_a_covered_county_is_in_one_area(crossed: Path) -> None:
    answer = run_crosswalk(crossed, CrosswalkOptions())
    with opened(crossed) as store:
        desk = Desk(store)
        homes, cells = desk.read("homes"), desk.cells(answer["plan"])
    pairs = pd.DataFrame(answer["pairs"])
    assert set(pairs["system"]) == {"城管", "警务区"}
    assert pairs[pairs["system"] == "城管"]["households"].sum() == homes["households"].sum()
    halves = next(each for each in answer["systems"] if each["system"] == "城管")
    assert halves["split"] > 0
    assert halves["nested"] + halves["split"] + halves["partly"] + halves["outside"] == len(cells)
    said = "\n".join(lines("crosswalk", answer))
    assert "城管（2 个）" in said
    assert "西区" in said


@pytest.mark.parametrize("ending", ["xlsx", "csv", "geojson"])
def test_the_list_is_written_as(crossed: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"pairs.{ending}"
    answer = run_crosswalk(crossed, CrosswalkOptions(system="城管", out=str(file)))
    count = len(answer["pairs"])
    if ending == "geojson":
        drawn = gpd.read_file(file)
        assert len(drawn) == count
        assert drawn.geometry.is_valid.all()
    elif ending == "csv":
        table = pd.read_csv(file, dtype=str, encoding="utf-8-sig")
        assert len(table) == count
        assert set(table["name"]) == {"西区", "'=东区"}
    else:
        book = openpyxl.load_workbook(file)
        assert [sheet.max_row - 3 for sheet in book] == [1, count]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (CrosswalkOptions(system="消防"), "现有：城管、警务区"),
        (CrosswalkOptions(out="list.pdf"), "xlsx"),
        (CrosswalkOptions(plan="no"), "没有名为 no 的方案"),
    ],
)
def test_what_is_not_there_is_refused(crossed: Path, options: CrosswalkOptions, words: str) -> None:
    with pytest.raises(SchemaError) as refused:
        run_crosswalk(crossed, options)
    assert words in refused.value.zh
