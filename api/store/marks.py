"""A mark of what a layer holds, cheap to take and to compare: has anybody written to it since.

In a file it is the time of change and the row count that every program keeps which edits a GeoPackage (ours, GDAL,
QGIS), and the highest `fid`. PostGIS keeps no such time; there it is the number of rows and the sum of the
transactions that wrote them, over one scan. A mark says that something changed, not what: see `versions` for rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, Text, cast, column, func, literal_column, select
from sqlalchemy import table as sql_table

from api.store.column_types import GEOPACKAGE
from api.store.models import table_of
from api.store.reading import require_layer

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["layer_marks"]

_CONTENTS = sql_table("gpkg_contents", column("table_name"), column("last_change"))
_COUNTS = sql_table("gpkg_ogr_contents", column("table_name"), column("feature_count"))


def layer_marks(connection: Connection, layers: Iterable[str]) -> dict[str, str]:
    """Give the mark of each layer; a layer whose mark stayed was not written to. SchemaError for an unknown layer."""
    in_file = connection.dialect.name == GEOPACKAGE
    return {
        name: "/".join(map(str, connection.execute((_of_file if in_file else _of_database)(name)).one()))
        for name in dict.fromkeys(layers)
    }


def _of_file(name: str) -> Any:
    require_layer(name)
    changed = select(_CONTENTS.c.last_change).where(_CONTENTS.c.table_name == name).scalar_subquery()
    rows = select(_COUNTS.c.feature_count).where(_COUNTS.c.table_name == name).scalar_subquery()
    return select(changed, rows, select(func.max(table_of(name).c.fid)).scalar_subquery())


def _of_database(name: str) -> Any:
    require_layer(name)
    writer = cast(cast(literal_column("xmin"), Text), BigInteger)
    return select(func.count(), func.sum(writer), func.max(writer)).select_from(table_of(name))
