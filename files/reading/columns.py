"""From the cells of a file to the columns of a layer: mapped, read, and every cell that cannot be read written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from files.reading.directions import read_headings
from files.reading.identity import is_code, read_codes
from files.reading.resolutions import read_resolutions, resolution_column
from files.reading.synonyms import map_columns, synonyms_of, words_of
from files.reading.values import read_column
from spatial.errors import SchemaError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from files.reading.incoming import Rejections
    from files.reading.raw import Note, Raw
    from files.reading.synonyms import Mapped
    from spatial.layers import Column, Layer

__all__ = ["Columns", "read_columns", "require_columns", "typed"]


@dataclass(frozen=True)
class Columns:
    """The columns of a layer that a file gives, as Python values in object columns, and what was noticed."""

    frame: pd.DataFrame
    mapped: Mapped
    notes: list[Note] = field(default_factory=list)

    def source(self, column: str) -> str:
        """Name a column of ours as the file does."""
        return self.mapped.sources.get(column, column)


def read_columns(
    raw: Raw, layer: str, *, columns: Mapping[str, Any] | Path | str | None, rejections: Rejections
) -> Columns:
    """Map and read all columns; unreadable cells go to `rejections` under the file's own column names.

    Raises
    ------
    ReadError
        The user's mapping does not fit the file.
    """
    cells = raw.cells.rename(columns=str)
    crowded = [name for name in cells.columns if _is_crowded(cells[name])]
    mapped = map_columns(list(cells.columns), layer, columns=columns, crowded=crowded)
    data: dict[str, pd.Series] = {}
    looks: dict[str, pd.Series] = {}
    notes: list[Note] = []
    mended = 0
    for column in LAYERS[layer].columns:
        source = mapped.sources.get(column.name)
        if source is None:
            continue
        if layer == "cameras" and column.name == "azimuth_deg":
            looks = _directions(cells[source], source, mapped.codes.get("azimuth_deg"), rejections)
        elif is_code(column.name):
            data[column.name], bad, changed = read_codes(cells[source])
            mended += changed
            _reject(rejections, cells[source], source, bad)
        else:
            words = words_of(layer, column.name, source)
            values, bad = read_column(column, cells[source], words=words)
            data[column.name] = values
            _reject(rejections, cells[source], source, bad)
    for name, values in looks.items():  # what the file says in a column of its own wins
        data[name] = data[name].where(data[name].notna(), values) if name in data else values
    if layer == "cameras":
        mapped, told = _resolution(cells, mapped, data)
        notes += told
    if mended:
        notes.append((f"{mended} 个编码去掉了空格、引号、全角或 .0", f"{mended} codes lost spaces, quotes or a .0"))
    frame = pd.DataFrame(data, index=cells.index, dtype=object)
    return Columns(frame, mapped, notes + _dropped(mapped, settled=raw.settled))


def require_columns(layer: str, columns: Columns, frame: pd.DataFrame, *, name: str) -> None:
    """Refuse a file that lacks a required column as a whole.

    Raises
    ------
    SchemaError
        Names the columns, and what else they may be called.
    """
    missing = [column for column in LAYERS[layer].required if column not in frame.columns]
    if not missing:
        return
    known = synonyms_of(layer)
    told = "；".join(f"{column}（可写作 {'、'.join(known[column][1:6])}）" for column in missing)
    told_en = "; ".join(f"{column} (also {', '.join(known[column][1:6])})" for column in missing)
    own = [*columns.mapped.sources.values(), *columns.mapped.unknown]
    has = ("、".join(own[:15]) or "—") + ("…" if len(own) > 15 else "")
    raise SchemaError(
        f"{name} 缺少 {layer} 必需的列：{told}。文件的列：{has}。可用 --columns 指定对应的列",
        f"{name} lacks columns that {layer} needs: {told_en}. It has: {has}. Map others with --columns",
    )


def typed(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Give all columns of a layer in order, with the types that the store reads and writes."""
    return pd.DataFrame({column.name: _typed(frame, column) for column in layer.columns}, index=frame.index)


def _typed(frame: pd.DataFrame, column: Column) -> pd.Series:
    kinds = {"integer": "Int64", "double": "float64", "boolean": "boolean"}
    if column.name not in frame:
        values = pd.Series(None, index=frame.index, dtype=object)
    else:
        values = frame[column.name].astype(object)
    values = values.where(values.notna(), None)
    if column.kind == "datetime":
        return pd.to_datetime(values, utc=True).dt.as_unit("ms")
    if column.kind == "double":
        return pd.to_numeric(values.where(values.notna(), np.nan)).astype("float64")
    return values.astype(kinds.get(column.kind, "str"))  # type: ignore[call-overload,no-any-return]  # names of types


def _is_crowded(cells: pd.Series) -> bool:
    """Say whether values repeat or are missing, so that nobody can have meant them as a key."""
    present = cells.dropna().astype(str)
    return len(present) < len(cells) or present.nunique() <= 0.5 * len(present)


def _directions(cells: pd.Series, source: str, codes: str | None, rejections: Rejections) -> dict[str, pd.Series]:
    """Read headings into the columns that hold them; but for the azimuth, only columns that hold any."""
    headings, bad = read_headings(cells, source=source, codes=codes)
    _reject(rejections, cells, source, bad)
    parts = {
        "azimuth_deg": [heading.azimuth_deg for heading in headings],
        "azimuth_tolerance_deg": [heading.tolerance_deg for heading in headings],
        "headings_deg": [heading.others for heading in headings],
        "hfov_deg": [heading.width_deg for heading in headings],
    }
    found = {name: pd.Series(values, index=cells.index, dtype=object) for name, values in parts.items()}
    return {name: values for name, values in found.items() if name == "azimuth_deg" or values.notna().any()}


def _resolution(cells: pd.DataFrame, mapped: Mapped, data: dict[str, pd.Series]) -> tuple[Mapped, list[Note]]:
    """Read width and height from a column that writes both, where no column of their own is there."""
    source = resolution_column(mapped.unknown)
    if source is None or "width_px" in data or "height_px" in data:
        return mapped, []
    found, notes = read_resolutions(cells[source])
    if not found:
        return mapped, []
    data.update(found)
    return replace(mapped, unknown=tuple(name for name in mapped.unknown if name != source)), notes


def _reject(rejections: Rejections, cells: pd.Series, source: str, bad: Mapping[Any, Note]) -> None:
    for row, reason in bad.items():
        rejections.add(row, source, cells.loc[row], reason)


def _dropped(mapped: Mapped, *, settled: bool) -> list[Note]:
    notes: list[Note] = []
    if mapped.personal:
        listed = "、".join(mapped.personal)
        notes.append((
            f"含个人信息或口令的列没有导入：{listed}",
            f"columns with personal data or passwords were not taken: {', '.join(mapped.personal)}",
        ))  # fmt: skip
    if mapped.unknown and not settled:
        shown = mapped.unknown[:12]
        rest = len(mapped.unknown) - len(shown)
        more, more_en = (f" 等 {len(mapped.unknown)} 列", f" and {rest} more") if rest else ("", "")
        notes.append((f"没有用到的列：{'、'.join(shown)}{more}", f"columns not used: {', '.join(shown)}{more_en}"))
    return notes
