"""What a county sends: any file becomes a clean frame of one layer, or a refusal of one line."""

from __future__ import annotations

from files.reading.errors import ReadError
from files.reading.incoming import Incoming, write_rejected
from files.reading.layer import read_layer

__all__ = ["Incoming", "ReadError", "read_layer", "write_rejected"]
