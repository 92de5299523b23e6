"""Degrees outside, metres inside: which metres a county measures in, and a door that loses no vertex.

Storage is EPSG:4490 (CGCS2000 degrees); WGS 84 and TWD97 degrees are taken as equal to it (centimetres).
Measuring is CGCS2000 / 3-degree Gauss-Krüger by central meridian, one zone for a whole county, and an
estimated UTM zone outside 73.5-136.5° E. Axis order is always x east, y north.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from spatial.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["STORAGE", "WEB", "MetreDoor", "measuring_crs", "require_metres"]

STORAGE = "EPSG:4490"
WEB = "EPSG:4326"


def measuring_crs(longitude: float, latitude: float) -> pyproj.CRS:
    """Choose the metric CRS for a county by the longitude and latitude of its centroid, in degrees.

    >>> measuring_crs(121.99, 41.24).to_epsg()
    4550
    >>> measuring_crs(24.94, 60.17).to_epsg()
    32635
    """
    if 73.5 <= longitude <= 136.5:
        meridian = min(135, 3 * round(longitude / 3))
        return pyproj.CRS.from_epsg(4534 + (meridian - 75) // 3)
    zone = min(60, int((longitude + 180) // 6) + 1)
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def require_metres(frame: gpd.GeoDataFrame, name: str = "frame") -> None:
    """Raise `CrsError` unless `frame` is in a projected CRS whose unit is the metre."""
    crs = frame.crs
    if crs is None or not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise CrsError(
            f"{name} 的坐标系是 {crs and crs.name}，这里需要以米为单位的投影坐标系",
            f"{name} is in {crs and crs.name}; a projected CRS in metres is needed here",
        )


class MetreDoor:
    """Carries frames from degrees to metres and back, giving input vertices back to the last bit.

    A round trip through a projection changes most vertices in their last bits, and coverages then no longer
    close. The door remembers the degrees of every vertex that it carried in; going back it looks each vertex
    up by its exact metres and computes only those it never saw.

    >>> door = MetreDoor(measuring_crs(122, 41))
    >>> frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([122.1], [41.3]), crs=STORAGE)
    >>> door.back(door.forward(frame)).geometry[0] == frame.geometry[0]
    True
    """

    def __init__(self, crs: pyproj.CRS | str) -> None:
        self.crs = pyproj.CRS.from_user_input(crs)
        self._in = pyproj.Transformer.from_crs(STORAGE, self.crs, always_xy=True)
        self._out = pyproj.Transformer.from_crs(self.crs, STORAGE, always_xy=True)
        self._pending: list[tuple[NDArray[np.complex128], NDArray[np.float64]]] = []
        self._metres: NDArray[np.complex128] = np.empty(0, np.complex128)
        self._degrees: NDArray[np.float64] = np.empty((0, 2))

    def forward(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Carry a frame of storage degrees into metres; the input is left as it is."""

        def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            metres = np.column_stack(self._in.transform(xy[:, 0], xy[:, 1]))
            self._pending.append((_keys(metres), xy.copy()))
            return metres

        moved = shapely.transform(frame.geometry.to_numpy(), move)
        return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=self.crs))

    def back(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Carry a frame of metres back to storage degrees; vertices that came in through this door are exact."""
        self._settle()

        def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            degrees = np.column_stack(self._out.transform(xy[:, 0], xy[:, 1]))
            if len(self._metres):
                keys = _keys(xy)
                place = np.minimum(np.searchsorted(self._metres, keys), len(self._metres) - 1)
                seen = self._metres[place] == keys
                degrees[seen] = self._degrees[place[seen]]
            return degrees

        moved = shapely.transform(frame.geometry.to_numpy(), move)
        return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=STORAGE))

    def _settle(self) -> None:
        """Sort what came in since the last way back into the table of known vertices."""
        if not self._pending:
            return
        keys = np.concatenate([self._metres, *(pair[0] for pair in self._pending)])
        degrees = np.concatenate([self._degrees, *(pair[1] for pair in self._pending)])
        self._metres, first = np.unique(keys, return_index=True)
        self._degrees = degrees[first]
        self._pending = []


def _keys(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Pack x and y into one sortable number; complex sorts by real part, then imaginary."""
    return np.ascontiguousarray(xy[:, :2], dtype=np.float64).view(np.complex128).ravel()
