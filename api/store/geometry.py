"""Where geometries are stored, on both backends: the name of their column, and their CRS (CGCS2000, EPSG:4490)."""

from __future__ import annotations

__all__ = ["GEOMETRY_COLUMN", "SRID"]

GEOMETRY_COLUMN = "geom"
SRID = 4490
