"""What can be wrong with a file before its rows are looked at."""

from __future__ import annotations

from spatial.errors import SpatialError

__all__ = ["ReadError"]


class ReadError(SpatialError):
    """A file is missing, is not what its name says, or does not hold the layer that was asked for."""
