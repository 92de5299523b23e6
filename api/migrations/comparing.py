"""How autogenerate compares a project with the models: our tables only, and types by what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoalchemy2 import Geometry
from sqlalchemy import JSON, BigInteger, Boolean, DateTime, Double, Float, Integer, Text

from api.store.column_types import Moment, Shape
from api.store.geometry import SRID
from api.store.models import RELATIONS

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

__all__ = ["compare_type", "include_name"]

_FAMILIES: tuple[tuple[str, tuple[type[TypeEngine[Any]], ...]], ...] = (
    ("boolean", (Boolean,)),
    ("moment", (Moment, DateTime)),
    ("double", (Double, Float)),
    ("whole", (BigInteger, Integer)),
    ("text", (Text, JSON)),
)


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out tables that are not ours: GeoPackage's and PostGIS's own, R-trees, QGIS styles."""
    return kind != "table" or name in RELATIONS


def compare_type(_context: Any, _inspected: Any, _column: Any, stored: Any, wanted: Any) -> bool:
    """Tell whether a stored column is of another type than its model says."""
    return _meaning(stored) != _meaning(wanted)


def _meaning(kind: Any) -> str:
    if isinstance(kind, Shape):
        return f"{kind.kind} {SRID}"
    if isinstance(kind, Geometry):
        return f"{kind.geometry_type} {kind.srid}"
    return next((name for name, types in _FAMILIES if isinstance(kind, types)), str(kind))
