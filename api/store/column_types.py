"""Column types that are one thing in Python and the native thing on both backends.

`Shape` is GeoAlchemy2's `Geometry` on PostGIS and a GeoPackage blob on SQLite; `Moment` is an aware time to the
millisecond (GeoPackage DATETIME, timestamptz); `Json` is text on SQLite and `json` on PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from api.store.codec import decode, encode
from api.store.errors import GeometryTypeError
from api.store.geometry import SRID

__all__ = ["GEOPACKAGE", "Json", "Moment", "Number", "Shape", "wrong_type"]

GEOPACKAGE = "geopackage"
"""Name of GeoAlchemy2's GeoPackage dialect."""

Number = BigInteger().with_variant(Integer, GEOPACKAGE)
"""Whole numbers of 64 bits on both backends."""

Json = JSON


@compiles(JSON, GEOPACKAGE)
def _json_is_text(_element: JSON, _compiler: Any, **_options: Any) -> str:
    """GeoPackage knows no JSON type."""
    return "TEXT"


class _Blob(UserDefinedType[bytes]):
    """The SQLite side of `Shape`: its declared type is the GeoPackage geometry type."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_options: Any) -> str:
        return self.kind


class _IsoText(UserDefinedType[str]):
    """The SQLite side of `Moment`: ISO 8601 text in a column declared DATETIME."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "DATETIME"


class Shape(TypeDecorator[BaseGeometry]):
    """A shapely geometry of one type in EPSG:4490; another type is refused when it is bound."""

    impl = Geometry
    cache_ok = True

    def __init__(self, kind: str = "GEOMETRY") -> None:
        super().__init__(kind, srid=SRID, spatial_index=False)
        self.kind = kind.upper()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give the native type of a backend."""
        if dialect is not None and dialect.name == GEOPACKAGE:
            return _Blob(self.kind)
        native: TypeEngine[Any] = Geometry(self.kind, srid=SRID, spatial_index=False)
        return native

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> Any:
        """Turn a geometry into what the backend takes."""
        if value is None:
            return None
        if self.kind not in ("GEOMETRY", value.geom_type.upper()):
            raise wrong_type("", self.kind, value.geom_type, 1)
        return encode([value], SRID)[0] if dialect.name == GEOPACKAGE else from_shape(value, srid=SRID)

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseGeometry | None:
        """Turn what the backend gives into a geometry."""
        if value is None:
            return None
        geometry: BaseGeometry = decode([value])[0] if dialect.name == GEOPACKAGE else to_shape(value)
        return geometry

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: ARG002 - SQLAlchemy's signature
        """Compare with geometries only."""
        return self


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, to the millisecond, as GeoPackage writes it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give the native type of a backend."""
        return _IsoText() if dialect is not None and dialect.name == GEOPACKAGE else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Bring a moment to UTC and whole milliseconds; one without a zone is taken as UTC."""
        if value is None:
            return None
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if dialect.name == GEOPACKAGE:
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give moments back with their zone."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if dialect.name == GEOPACKAGE else value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def wrong_type(layer: str, wanted: str, found: str, count: int) -> GeometryTypeError:
    """Say that `count` geometries of a layer are of another type than it holds."""
    where_zh, where_en = (f"图层 {layer}：", f"layer {layer}: ") if layer else ("", "")
    return GeometryTypeError(
        f"{where_zh}{count} 个几何为 {found}，该图层只能存 {wanted}",
        f"{where_en}{count} geometries are {found}; it holds {wanted} only",
    )
