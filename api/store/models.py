"""SQLAlchemy models of a project: one per layer of `spatial.layers`, plus `project` for its settings.

Columns are said once, in `spatial.layers.LAYERS`; here they become tables. The geometry column is `geom` in the
database and `geometry` in frames. `cells_current` is a view and has its own table object, of no model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Double, Index, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase

from api.store.column_types import Json, Moment, Number, Shape
from api.store.geometry import GEOMETRY_COLUMN
from spatial.layers import LAYERS, Layer

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

__all__ = ["CURRENT_CELLS", "CURRENT_CELLS_SQL", "MODELS", "RELATIONS", "SETTINGS", "Base", "layer_of", "table_of"]

CURRENT_CELLS = "cells_current"
SETTINGS = "project"

_TYPES: dict[str, Any] = {
    "text": Text,
    "integer": Number,
    "double": Double,
    "boolean": Boolean,
    "datetime": Moment,
    "json": Json,
}
_LOOKED_UP: dict[str, tuple[tuple[str, ...], ...]] = {
    "homes": (("village_code",),),
    "blocks": (("village_code",),),
    "cells": (("plan",), ("village_code", "plan")),
    "history": (("plan", "action", "fid"),),
    "problems": (("plan",),),
}
"""Columns asked for often, alone or together, that lead no unique key; `plan`, `action` ask for the newest `fid`."""
_INDEX_NAMES: dict[tuple[str, ...], str] = {("plan", "action", "fid"): "ix_history_plan_action"}
"""Indexes that are not named after their first column alone."""


class Base(DeclarativeBase):
    """The metadata of a project; migrations are compared with it."""

    metadata = MetaData(
        naming_convention={
            "uq": "uq_%(table_name)s",
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


def _table_columns(layer: Layer) -> list[Column[Any]]:
    columns = [Column("fid", Number, primary_key=True)]
    for column in layer.columns:
        kind: TypeEngine[Any] = _TYPES[column.kind]() if isinstance(_TYPES[column.kind], type) else _TYPES[column.kind]
        columns.append(Column(column.name, kind, nullable=not column.required))
    if layer.geometry:
        columns.append(Column(GEOMETRY_COLUMN, Shape(layer.geometry.upper()), nullable=not layer.geometry_required))
    return columns


def _model(layer: Layer) -> type[Base]:
    """Build the model of a layer: `micro_cells` becomes `MicroCells`."""
    extras: list[Any] = []
    if layer.key:
        extras.append(UniqueConstraint(*layer.key))
    extras.extend(Index(_INDEX_NAMES.get(columns), *columns) for columns in _LOOKED_UP.get(layer.name, ()))
    if layer.geometry:
        name = f"idx_{layer.name}_{GEOMETRY_COLUMN}"  # GeoAlchemy2's name; on SQLite the R-tree stands for it
        extras.append(Index(name, GEOMETRY_COLUMN, postgresql_using="gist").ddl_if(dialect="postgresql"))
    table = Table(layer.name, Base.metadata, *_table_columns(layer), *extras)
    name = "".join(word.capitalize() for word in layer.name.split("_"))
    return type(name, (Base,), {"__table__": table, "__doc__": f"Rows of the layer `{layer.name}`."})


MODELS: dict[str, type[Base]] = {layer.name: _model(layer) for layer in LAYERS.values()}
"""The model of every layer, by the layer's name."""


class Setting(Base):
    """One project-wide setting: a key and a JSON value."""

    __table__ = Table(
        SETTINGS,
        Base.metadata,
        Column("fid", Number, primary_key=True),
        Column("key", Text, nullable=False),
        Column("value", Json, nullable=True),
        UniqueConstraint("key"),
    )


_CELLS = LAYERS["cells"]
_VIEWS = Table(CURRENT_CELLS, MetaData(), *_table_columns(_CELLS))
CURRENT_CELLS_SQL = (
    f"CREATE VIEW {CURRENT_CELLS} AS SELECT {', '.join(['fid', *_CELLS.names, GEOMETRY_COLUMN])} FROM cells "  # noqa: S608
    "WHERE end_date IS NULL AND plan = (SELECT plan FROM plans ORDER BY made_at DESC, fid DESC LIMIT 1)"
)
"""The cells in force of the plan made last, one layer for QGIS and the map."""

RELATIONS = frozenset({*MODELS, SETTINGS, CURRENT_CELLS})
"""Every table and view of a project."""


def table_of(layer: str) -> Table:
    """Give the table of a layer, or of the view `cells_current`; KeyError for another name."""
    if layer == CURRENT_CELLS:
        return _VIEWS
    if layer == SETTINGS:
        return Base.metadata.tables[SETTINGS]
    return Base.metadata.tables[LAYERS[layer].name]


def layer_of(name: str) -> Layer:
    """Give the layer whose columns `name` has; KeyError for an unknown one."""
    return _CELLS if name == CURRENT_CELLS else LAYERS[name]
