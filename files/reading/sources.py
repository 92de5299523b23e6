"""Finds out what a file is, by its first bytes before its name, and hands it to the reader for that."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from files.reading.errors import ReadError
from files.reading.osm import read_osm
from files.reading.tables import read_delimited, read_workbook
from files.reading.vector import read_shapefile, read_vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from files.reading.raw import Raw

__all__ = ["FORMATS", "read_raw", "require_file"]

FORMATS = "gpkg geojson json shp zip kml kmz gml fgb csv tsv txt xlsx xls ods osm.pbf osm tif"

_BINARY = {
    ".gpkg": ("GeoPackage", (b"SQLite format 3\x00",)),
    ".sqlite": ("SQLite", (b"SQLite format 3\x00",)),
    ".fgb": ("FlatGeobuf", (b"fgb",)),
    ".shp": ("shapefile", (b"\x00\x00\x27\x0a",)),
    ".zip": ("zip", (b"PK\x03\x04", b"PK\x05\x06")),
    ".kmz": ("KMZ", (b"PK\x03\x04",)),
    ".xlsx": ("Excel", (b"PK\x03\x04",)),
    ".xlsm": ("Excel", (b"PK\x03\x04",)),
    ".xlsb": ("Excel", (b"PK\x03\x04",)),
    ".ods": ("ODS", (b"PK\x03\x04",)),
    ".xls": ("Excel", (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")),
    ".tif": ("GeoTIFF", (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")),
    ".tiff": ("GeoTIFF", (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")),
}
_WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_TABLES = {".csv", ".tsv", ".txt", ".tab"}
_MAPS = {".gpkg", ".sqlite", ".fgb", ".geojson", ".json", ".geojsonl", ".kml", ".kmz", ".gml", ".xml"}
_UNPACKED_BYTES = 4 << 30
"""More than any county's files, less than a disk: what a zip may unpack to."""


def require_file(path: Path) -> None:
    """Make sure that a file is there, holds something, and is what its name says.

    Raises
    ------
    ReadError
        It is missing, a folder, empty, or has other first bytes than its kind.
    """
    if not path.exists():
        raise ReadError(f"找不到文件 {path}", f"no such file: {path}")
    if path.is_dir():
        raise ReadError(f"{path} 是文件夹，请给出其中的文件", f"{path} is a folder; name a file in it")
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as fault:
        raise ReadError(f"{path} 打不开：{fault.strerror}", f"{path} cannot be opened: {fault.strerror}") from None
    if not head:
        raise ReadError(f"{path.name} 是空文件（0 字节）", f"{path.name} is empty (0 bytes)")
    name, marks = _BINARY.get(path.suffix.lower(), ("", ()))
    if marks and not head.startswith(marks):
        text = head.decode("utf-8", errors="replace").strip()
        shown = f"“{text[:12]}…”" if text.isprintable() else head[:6].hex(" ")
        raise ReadError(
            f"{path.name} 不是 {name} 文件（开头是 {shown}）；请从来源重新导出，或改成正确的扩展名",
            f"{path.name} is no {name} file (it begins with {shown}); export it again, or give it its right ending",
        )


def read_raw(path: Path, layer: str, *, encoding: str = "auto", extra: Sequence[str] = ()) -> Raw:
    """Read the cells and shapes of `layer` from a file of any kind we know.

    Parameters
    ----------
    path
        The file; a zip may hold one of the other kinds.
    layer
        Layer of ours to look for.
    encoding
        Name of a text encoding, or `auto`.
    extra
        Names of columns that the user's mapping speaks of.

    Raises
    ------
    ReadError
        Whatever keeps the file from being read, with the remedy.
    """
    require_file(path)
    ending = path.suffix.lower()
    if path.name.lower().endswith((".osm.pbf", ".pbf", ".osm", ".osm.bz2")):
        return read_osm(path, layer)
    if ending == ".zip":
        return _read_zip(path, layer, encoding=encoding, extra=extra)
    if ending == ".shp":
        return read_shapefile(path, layer, encoding=encoding)
    if ending in _WORKBOOKS:
        return read_workbook(path, layer, extra=extra)
    if ending in _TABLES:
        return read_delimited(path, layer, encoding=encoding, extra=extra)
    if ending in _MAPS:
        return read_vector(path, layer, encoding=encoding)
    raise ReadError(
        f"{path.name}：不认识的格式 {ending or '（无扩展名）'}；可读 {FORMATS}",
        f"{path.name}: unknown format {ending or '(no ending)'}; readable are {FORMATS}",
    )


def _read_zip(path: Path, layer: str, *, encoding: str, extra: Sequence[str]) -> Raw:
    """Unpack a zip beside nothing of ours and read the one layer in it; the one named like ours, if there are more."""
    with tempfile.TemporaryDirectory() as folder:
        found = _unpack(path, Path(folder))
        known = [item for item in found if item.suffix.lower() in {".shp"} | _MAPS | _TABLES | _WORKBOOKS]
        maps = [item for item in known if item.suffix.lower() in {".shp"} | _MAPS - {".xml"}] or known
        named = [item for item in maps if item.stem.casefold() == layer]
        if len(maps) != 1 and len(named) != 1:
            listed = "、".join(item.name for item in maps[:12]) or "—"
            raise ReadError(
                f"{path.name} 里应有一个图层，却有 {len(maps)} 个（{listed}）；请把要的一个改名为 {layer}",
                f"{path.name} should hold one layer but has {len(maps)} ({listed}); rename the one meant to {layer}",
            )
        return read_raw((named or maps)[0], layer, encoding=encoding, extra=extra)


def _unpack(path: Path, folder: Path) -> list[Path]:
    """Unpack all files flat into a folder; old Chinese archives name their files in GBK."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if sum(item.file_size for item in members) > _UNPACKED_BYTES:
                raise ReadError(f"{path.name} 解压后超过 4 GB", f"{path.name} would unpack to more than 4 GB")
            found = []
            for item in members:
                target = folder / _member_name(item)
                if target.name.startswith(("._", ".")) or target.exists():
                    continue
                _put(target, archive.read(item))
                found.append(target)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        raise ReadError(
            f"{path.name} 解压失败：文件损坏或有密码", f"{path.name} cannot be unpacked: damaged, or with a password"
        ) from None
    return sorted(found)


def _put(target: Path, content: bytes) -> None:
    """Write one unpacked file; a full disk is no fault of the archive."""
    try:
        target.write_bytes(content)
    except OSError as error:
        raise ReadError(
            f"临时文件夹 {target.parent} 写不下解压的 {target.name}：{error.strerror}；请腾出空间",
            f"{target.name} cannot be unpacked into {target.parent}: {error.strerror}; make room there",
        ) from error


def _member_name(item: zipfile.ZipInfo) -> str:
    name = item.filename
    if not item.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = item.filename
    return Path(name.replace("\\", "/")).name
