"""Fills in what a file leaves out but its own codes say: keys, towns of villages, kinds; never by guessing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from files.reading.identity import make_keys
from spatial.codes import mainland, village_kind
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from files.reading.incoming import Rejections
    from files.reading.raw import Note
    from spatial.codes import CodeTables

__all__ = ["fill_keys", "fill_villages", "reject_repeated"]


def fill_keys(
    frame: pd.DataFrame, layer: str, cells: pd.DataFrame, shapes: NDArray[Any]
) -> tuple[pd.DataFrame, list[Note]]:
    """Give every row its key: the national id of a camera, else a fingerprint of what the row holds.

    A file that has no key at all gets fingerprints, the same in any row order, so that loading it twice is
    noticed. Rows without a key in a file that has keys stay as they are, to be refused. Villages are never named
    this way.
    """
    key = LAYERS[layer].key[-1]
    filled = frame.copy()
    if key in filled and filled[key].notna().any():
        return filled, []
    if layer == "cameras" and "gb_id" in filled and filled["gb_id"].notna().all():
        filled[key] = filled["gb_id"]
        return filled, [
            ("没有摄像机编号列，以国标编码代替", "no camera ids; the national ids (gb_id) stand in for them")
        ]
    if layer == "villages":
        return filled, []
    filled[key] = make_keys(layer, cells, shapes)
    zh, en = (
        f"文件没有可用的编号，已按内容生成 {key}",
        f"no usable key in the file; {key} was made from each row's content",
    )
    return filled, [(zh, en)]


def fill_villages(frame: pd.DataFrame, *, tables: CodeTables | None = None) -> tuple[pd.DataFrame, list[Note]]:
    """Read what mainland codes say of towns, counties and kinds, and names of towns from the shipped table.

    Codes padded with zeros to 12 digits (town 211122103000) are cut to their own length. Villages of another
    scheme are villages, not communities.
    """
    filled = frame.copy()
    notes: list[Note] = []
    if "village_code" not in filled:
        return filled, notes
    codes = filled["village_code"].map(lambda code: code if isinstance(code, str) else "")
    follows = pd.Series(mainland(codes), index=filled.index)
    for column, digits in (("town_code", 9), ("county_code", 6)):
        own = codes.str[:digits]
        if column not in filled:
            if not follows.all():
                continue
            filled[column] = own.astype(object)
            notes.append((f"{column} 取自村代码", f"{column} was read from the village codes"))
        else:
            padded = follows & (filled[column] == own.str.ljust(12, "0"))
            filled.loc[padded, column] = own[padded].astype(object)
    if "town" not in filled and "town_code" in filled and tables is not None:
        names = dict(zip(tables.towns["town_code"].astype(str).str[:9], tables.towns["town"], strict=True))
        found = filled["town_code"].map(names)
        if found.notna().all():
            filled["town"] = found.astype(object)
            notes.append(("乡镇名称取自附带的区划代码表", "names of towns were taken from the shipped code table"))
    kinds = pd.Series(village_kind(codes), index=filled.index, dtype=object)
    filled["kind"] = filled["kind"].where(filled["kind"].notna(), kinds) if "kind" in filled else kinds
    return filled, notes


def reject_repeated(frame: pd.DataFrame, layer: str, *, source: dict[str, str], rejections: Rejections) -> None:
    """Refuse every row whose key, or national id, another row has too; say which row."""
    columns = [*LAYERS[layer].key[-1:], *(["gb_id"] if layer == "cameras" else [])]
    for column in columns:
        if column not in frame:
            continue
        values = frame[column].dropna()
        values = values[values != ""]
        for value, rows in values[values.duplicated(keep=False)].groupby(values, sort=False).groups.items():
            listed = "、".join(str(row) for row in list(rows)[:4])
            listed_en = listed.replace("、", ", ")
            reason = (
                f"重复：第 {listed} 行相同；编号必须唯一",
                f"repeated: rows {listed_en} have it; it must be unique",
            )
            for row in rows:
                rejections.add(row, source.get(column, column), value, reason)
