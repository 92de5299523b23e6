"""Which encoding the bytes of a Chinese text are in: UTF-8 where they are strictly that, else GB 18030."""

from __future__ import annotations

import codecs
from collections import Counter
from typing import TYPE_CHECKING

from files.reading.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["decode", "decode_value", "read_text", "sniff_values"]

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read_text(path: Path, *, encoding: str = "auto") -> tuple[str, str]:
    """Read a text file and name the encoding that it was in."""
    return decode(path.read_bytes(), name=path.name, encoding=encoding)


def decode(data: bytes, *, name: str, encoding: str = "auto") -> tuple[str, str]:
    """Turn bytes into text and name their encoding.

    Raises
    ------
    ReadError
        The bytes are text in no encoding tried, or not in the one asked for.

    >>> decode("户数,村".encode("gbk"), name="a.csv")
    ('户数,村', 'gb18030')
    """
    if encoding != "auto":
        return _strictly(data, encoding, name), encoding
    for mark, found in _BOMS.items():
        if data.startswith(mark):
            return _strictly(data, found, name), found
    for found in ("utf-8", "gb18030"):
        try:
            text = data.decode(found)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, found
        break
    raise ReadError(
        f"{name} 不是文本文件，或编码无法识别；请用 --encoding 写明编码",
        f"{name} is no text file, or its encoding is unknown; name it with --encoding",
    )


def sniff_values(values: Iterable[bytes]) -> str | None:
    """Choose between UTF-8 and GB 18030 by how many values each can read; None where all are ASCII.

    A value that a fixed-width field cut in the middle of a character counts as readable.

    >>> sniff_values(["新立村".encode("gbk"), b"A1"]), sniff_values(["新立村".encode()[:8]]), sniff_values([b"A1"])
    ('gb18030', 'utf-8', None)
    """
    score: Counter[str] = Counter()
    foreign = [value for value in values if not value.isascii()]
    for value in foreign:
        for encoding in ("utf-8", "gb18030"):
            score[encoding] += _reads(value, encoding)
    if not foreign:
        return None
    return "utf-8" if score["utf-8"] >= score["gb18030"] * 0.5 and score["utf-8"] else "gb18030"


def decode_value(value: bytes, encoding: str) -> str:
    """Read one fixed-width value, dropping a last character that was cut; the other encoding where it must be.

    >>> decode_value("新立村".encode()[:8], "utf-8"), decode_value("新立村".encode("gbk"), "utf-8")
    ('新立', '新立村')
    """
    other = "gb18030" if encoding in {"utf-8", "utf-8-sig"} else "utf-8"
    for name in (encoding, other):
        if _reads(value, name):
            return codecs.getincrementaldecoder(name)().decode(value)
    return value.decode(encoding, errors="replace")


def _reads(value: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(value)
    except UnicodeDecodeError:
        return False
    return True


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise ReadError(
            f"不认识的编码 {encoding}；可用 utf-8、gb18030、big5 等",
            f"unknown encoding {encoding}; try utf-8, gb18030, big5",
        ) from None
    except UnicodeDecodeError as fault:
        raise ReadError(
            f"{name} 不能按 {encoding} 读出（第 {fault.start + 1} 个字节不符）；去掉 --encoding 可自动识别",
            f"{name} cannot be read as {encoding} (byte {fault.start + 1}); leave --encoding out to find it",
        ) from None
