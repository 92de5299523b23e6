"""The files that belong to a shapefile: which are missing, and which encoding they claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from files.reading.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["companions", "declared_encoding", "forced"]

_CODEPAGES = {"utf8": "utf-8", "65001": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
              "936": "gb18030", "cp936": "gb18030", "big5": "big5", "950": "big5", "cp950": "big5"}  # fmt: skip
_LANGUAGE_IDS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}


def companions(path: Path) -> dict[str, Path]:
    """Find the files beside a .shp by their ending, in any case.

    Raises
    ------
    ReadError
        The index or the attribute table is missing.
    """
    beside = {
        item.suffix.lower(): item for item in path.parent.iterdir() if item.stem.casefold() == path.stem.casefold()
    }
    missing = [ending for ending in (".shx", ".dbf") if ending not in beside]
    if missing:
        listed = "、".join(missing)
        raise ReadError(
            f"{path.name} 缺少同名的 {listed} 文件；请把整套 shapefile（.shp .shx .dbf .prj）放在一起或打成 zip",
            f"{path.name} lacks its {', '.join(missing)}; keep .shp, .shx, .dbf and .prj together, or zip them",
        )
    return beside


def declared_encoding(path: Path) -> str | None:
    """Give the encoding that the .cpg or the header of the .dbf claims; None where neither does."""
    beside = companions(path)
    if ".cpg" in beside:
        said = beside[".cpg"].read_bytes()[:40].decode("ascii", errors="ignore")
        return _CODEPAGES.get(said.strip().lower().replace("-", "").replace("_", ""))
    with beside[".dbf"].open("rb") as file:
        head = file.read(32)
    return _LANGUAGE_IDS.get(head[29]) if len(head) == 32 else None


def forced(values: Iterable[bytes], encoding: str) -> bool:
    """Say whether every value can be read in an encoding, but for a last character that the field cut.

    Raises
    ------
    ReadError
        There is no such encoding.
    """
    try:
        for value in values:
            text = value.decode(encoding, errors="replace")
            if "\ufffd" in text[:-1]:
                return False
    except LookupError:
        raise ReadError(f"不认识的编码 {encoding}", f"unknown encoding {encoding}") from None
    return True
