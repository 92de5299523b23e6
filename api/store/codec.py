"""GeoPackage geometry blobs: shapely arrays in and out, and the few facts that triggers ask of one blob.

A blob is a header (magic, flags, srs_id, optional envelope) followed by ISO WKB: OGC 12-128r19, clause 2.1.3.
Points are written without an envelope, everything else with an XY envelope, as GDAL does.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["UNREADABLE", "blob_bounds", "blob_is_empty", "decode", "encode"]

_LITTLE, _XY_ENVELOPE, _EMPTY = 0x01, 0x02, 0x10
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_POINT = 0

UNREADABLE = (shapely.GEOSException, struct.error, IndexError, TypeError)
"""What reading a blob raises that is none."""


def encode(geometries: Sequence[BaseGeometry | None] | NDArray[Any], srid: int) -> list[bytes | None]:
    """Turn geometries into GeoPackage blobs; a missing geometry gives None.

    >>> encode([shapely.Point(1, 2), None], 4490)[0][:8].hex()
    '475000018a110000'
    """
    array = np.asarray(geometries, dtype=object)
    wkb = shapely.to_wkb(array, byte_order=1, include_srid=False, flavor="iso")
    head = {flags: b"GP\0" + bytes([flags]) + struct.pack("<i", srid) for flags in (1, 3, 17)}
    plain, boxed, empty = head[_LITTLE], head[_LITTLE | _XY_ENVELOPE], head[_LITTLE | _EMPTY]
    kinds = shapely.get_type_id(array)
    if (kinds == _POINT).all() and not shapely.is_empty(array).any():
        return [plain + one for one in wkb]
    envelopes = np.ascontiguousarray(shapely.bounds(array).reshape(-1, 4)[:, [0, 2, 1, 3]]).astype("<f8").tobytes()
    hollow = shapely.is_empty(array).tolist()
    return [
        None if one is None
        else empty + one if is_empty
        else plain + one if kind == _POINT
        else boxed + envelopes[32 * row : 32 * row + 32] + one
        for row, (one, kind, is_empty) in enumerate(zip(wkb, kinds.tolist(), hollow, strict=True))
    ]  # fmt: skip


def decode(blobs: Sequence[bytes | None]) -> NDArray[np.object_]:
    """Turn GeoPackage blobs into geometries; None stays None.

    >>> decode(encode([shapely.Point(1, 2), None], 4490))
    array([<POINT (1 2)>, None], dtype=object)
    """
    sizes = _ENVELOPE_BYTES
    geometries = shapely.from_wkb(
        np.array([None if blob is None else blob[8 + sizes[blob[3] >> 1 & 7] :] for blob in blobs], dtype=object)
    )
    return np.asarray(geometries, dtype=object)


def blob_bounds(blob: bytes) -> tuple[float, float, float, float]:
    """Give minx, maxx, miny, maxy of one blob, without parsing the geometry where an envelope says it."""
    order = "<" if blob[3] & _LITTLE else ">"
    if blob[3] >> 1 & 7:
        return struct.unpack_from(order + "4d", blob, 8)
    if blob[8] == 1 and struct.unpack_from("<I", blob, 9)[0] % 1000 == 1:
        x, y = struct.unpack_from("<2d", blob, 13)
        return x, x, y, y
    west, south, east, north = shapely.from_wkb(_wkb(blob)).bounds
    return west, east, south, north


def blob_is_empty(blob: bytes) -> bool:
    """Tell whether one blob holds an empty geometry, by its flag, envelope or coordinates."""
    if blob[3] & _EMPTY:
        return True
    if blob[3] >> 1 & 7:
        return False
    return bool(shapely.from_wkb(_wkb(blob)).is_empty)


def _wkb(blob: bytes) -> bytes:
    return blob[8 + _ENVELOPE_BYTES[blob[3] >> 1 & 7] :]
