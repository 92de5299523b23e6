"""What can go wrong, as one tree; every error speaks Chinese and English.

::

    SpatialError(ValueError)
    ├── SchemaError        a frame lacks columns, or holds values that no rule allows
    ├── CrsError           coordinates without, or in the wrong, reference system
    ├── BoundaryError      areas that cannot be mended: overlaps, broken rings, nothing inside
    └── InfeasibleError    what was asked for cannot be had, with the figures that show it

HTTP statuses and exit codes are no business of these classes; the outer rooms map them.
"""

from __future__ import annotations

__all__ = ["BoundaryError", "CrsError", "InfeasibleError", "SchemaError", "SpatialError"]


class SpatialError(ValueError):
    """A refusal that names the thing, the figures and the remedy, in both languages.

    >>> error = SchemaError("第 3 行：户数为 -2", "row 3: households is -2")
    >>> error.zh, str(error)
    ('第 3 行：户数为 -2', 'row 3: households is -2')
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en

    def __reduce__(self) -> tuple[type[SpatialError], tuple[str, str]]:
        """Cross from one process to another with both languages."""
        return type(self), (self.zh, self.en)


class SchemaError(SpatialError):
    """A frame lacks columns, or holds values that no rule allows."""


class CrsError(SpatialError):
    """Coordinates without a reference system, or in the wrong one."""


class BoundaryError(SpatialError):
    """Areas that cannot be mended without guessing."""


class InfeasibleError(SpatialError):
    """What was asked for cannot be had."""
