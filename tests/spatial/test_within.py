"""Homes in cells: one cell each, whatever the row order."""

from __future__ import annotations

import geopandas as gpd
import shapely

from spatial.within import homes_in_cells

CRS = "EPSG:4550"


def test_border_ties_go_to_the_lowest_code_in_any_row_order() -> None:
    cells = gpd.GeoDataFrame({"cell_code": ["B", "A"]},
                             geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], crs=CRS)  # fmt: skip
    homes = gpd.GeoDataFrame(geometry=shapely.points([[10, 5], [1, 1], [19, 1], [50, 5]]), index=[7, 5, 3, 1], crs=CRS)
    for order in (cells, cells.iloc[::-1]):
        codes = homes_in_cells(homes, order)
        assert codes.tolist() == ["A", "B", "A", None]
        assert codes.index.tolist() == [7, 5, 3, 1]


def test_no_homes_and_no_cells_give_nothing() -> None:
    cells = gpd.GeoDataFrame({"cell_code": []}, geometry=[], crs=CRS)
    homes = gpd.GeoDataFrame(geometry=[shapely.Point(1, 1)], crs=CRS)
    assert homes_in_cells(homes, cells).tolist() == [None]
    assert len(homes_in_cells(homes.iloc[:0], cells)) == 0
