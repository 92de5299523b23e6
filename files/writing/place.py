"""Where one file may be written: an ending that its writer knows, in a folder that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["require_place"]


def require_place(path: Path, endings: Sequence[str]) -> None:
    """Refuse a place where nothing can be written, before any work is done.

    Raises
    ------
    SchemaError
        For another ending than those, a folder, a project file, or a folder that is not there.
    """
    if path.suffix.lower() not in endings:
        *most, last = endings
        raise SchemaError(
            f"{path}：文件须以 {'、'.join(most)} 或 {last} 结尾",
            f"{path}: the file ends in {', '.join(most)} or {last}",
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise SchemaError(f"{path}：没有这个文件夹", f"{path}: there is no such folder to write to")
