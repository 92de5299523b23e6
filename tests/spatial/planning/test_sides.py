"""Four sides of a cell in names."""

from __future__ import annotations

import geopandas as gpd
import shapely

from spatial.planning.sides import four_sides

CRS = "EPSG:4550"


def test_each_side_names_its_neighbour_or_barrier() -> None:
    boxes = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    cells = gpd.GeoDataFrame({"cell_code": ["A", "B"]}, geometry=boxes, crs=CRS)
    lines = [shapely.MultiLineString([[(0, 101), (100, 101)]]), shapely.MultiLineString([[(0, -1), (100, -1)]])]
    barriers = gpd.GeoDataFrame({"kind": ["river", "road"], "road_class": [None, "county"]}, geometry=lines, crs=CRS)
    sides = four_sides(cells, barriers=barriers).set_index(["cell_code", "side"])
    assert sides.loc[("A", "north")].tolist() == ["river", ""]
    assert sides.loc[("A", "south")].tolist() == ["county", ""]
    assert sides.loc[("A", "east")].tolist() == ["cell", "B"]
    assert sides.loc[("A", "west")].tolist() == ["outside", ""]
    assert sides.loc[("B", "west")].tolist() == ["cell", "A"]
    assert len(four_sides(cells)) == 8
