"""All that a county takes home, in one call: files appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from files.writing.layers import LAYER_FORMATS, in_datum, write_layers
from files.writing.options import DATUMS, ExportOptions
from files.writing.public import leaving
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

__all__ = ["FORMATS", "export_files"]

FORMATS = ("xlsx", "pdf", *LAYER_FORMATS, "html")


def export_files(
    frames: Mapping[str, pd.DataFrame],
    out: Path,
    formats: Sequence[str],
    *,
    options: ExportOptions | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Path]:
    """Write the asked formats into the folder `out` and give the files, sorted.

    Parameters
    ----------
    frames : mapping
        Layers by name, geometry in EPSG:4490 degrees, rows of one plan and one run.
    formats : sequence of str
        Any of `FORMATS`; a format given twice is written once.
    progress : callable, optional
        Called with done, total and words.

    Raises
    ------
    SchemaError
        For an unknown format or datum, for a target that is a protected file, and where nothing may leave.
    """
    options = options or ExportOptions()
    _check(formats, options)
    kept = leaving(frames, public=options.public)
    if not kept:
        raise SchemaError("没有可导出的图层", "there is no layer to export")
    wanted = [kind for kind in FORMATS if kind in formats]
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with tempfile.TemporaryDirectory(dir=out, prefix=".part-") as work:
        for done, kind in enumerate(wanted):
            if progress is not None:
                progress(done, len(wanted), kind)
            written += _write(kind, kept, Path(work), options)
        targets = [out / path.name for path in written]
        _refuse_protected(targets, options)
        for path, target in zip(written, targets, strict=True):
            os.replace(path, target)  # noqa: PTH105  Path.replace is the same call; os.replace says it is atomic
    if progress is not None:
        progress(len(wanted), len(wanted), "")
    return sorted(targets)


def _check(formats: Sequence[str], options: ExportOptions) -> None:
    """Refuse what is not known, and say what is."""
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown or not formats:
        given = "、".join(unknown) or "（空）"
        raise SchemaError(f"不支持的导出格式 {given}；可用：{' '.join(FORMATS)}",
                          f"unknown format {', '.join(unknown) or '(none)'}; known: {' '.join(FORMATS)}")  # fmt: skip
    if options.datum not in DATUMS:
        raise SchemaError(f"不支持的坐标基准 {options.datum}；可用：{' '.join(DATUMS)}",
                          f"unknown datum {options.datum}; known: {' '.join(DATUMS)}")  # fmt: skip


def _refuse_protected(targets: list[Path], options: ExportOptions) -> None:
    """Never write over the project."""
    held = {path.resolve() for path in options.protected}
    for target in targets:
        if target.resolve() in held:
            raise SchemaError(f"{target} 是项目文件，换一个输出目录", f"{target} is the project; choose another folder")


def _write(kind: str, frames: dict[str, pd.DataFrame], folder: Path, options: ExportOptions) -> list[Path]:
    """Write one format into the working folder."""
    if kind in LAYER_FORMATS:
        return write_layers(frames, folder, kind, options=options)
    if kind == "xlsx":
        from files.writing.ledger import write_ledger  # noqa: PLC0415  papers load their libraries when asked for

        path = folder / f"{options.stem}-{options.say('网格台账', 'ledger')}.xlsx"
        write_ledger({name: in_datum(frame, options.datum) if name in {"cameras", "sites"} else frame
                      for name, frame in frames.items()}, path, options=options)  # fmt: skip
    elif kind == "pdf":
        from files.writing.mapsheet import write_map_sheets  # noqa: PLC0415

        path = folder / f"{options.stem}-{options.say('网格图', 'map-sheets')}.pdf"
        write_map_sheets(frames, path, options=options)
    else:
        from files.writing.page import write_page  # noqa: PLC0415

        path = folder / f"{options.stem}-{options.say('网格地图', 'map')}.html"
        write_page(frames, path, options=options)
    return [path]
