"""The project store: frames in, frames out, one transaction and one row of history per change."""

from __future__ import annotations

from api.store.change import Change
from api.store.copying import copy_project
from api.store.errors import (
    BusyProjectError,
    GeometryTypeError,
    MissingProjectError,
    NotAProjectError,
    ProjectAsInputError,
    ProjectExistsError,
    RepeatedKeyError,
    RowConflictError,
    StaleInputError,
    StoreError,
    UnknownKeyError,
    UnsupportedError,
)
from api.store.opening import is_database, open_project, refuse_project_as_input
from api.store.project import Project
from api.store.versions import row_versions

__all__ = [
    "BusyProjectError",
    "Change",
    "GeometryTypeError",
    "MissingProjectError",
    "NotAProjectError",
    "Project",
    "ProjectAsInputError",
    "ProjectExistsError",
    "RepeatedKeyError",
    "RowConflictError",
    "StaleInputError",
    "StoreError",
    "UnknownKeyError",
    "UnsupportedError",
    "copy_project",
    "is_database",
    "open_project",
    "refuse_project_as_input",
    "row_versions",
]
