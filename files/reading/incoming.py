"""What comes out of the door: good rows, what was done to them, and the rows that had to stay outside."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatial.errors import SchemaError
from spatial.schema import FAULT_COLUMNS

if TYPE_CHECKING:
    from files.reading.raw import Note
    from spatial.problems import Problems

__all__ = ["Incoming", "Rejections", "write_rejected"]


@dataclass(frozen=True)
class Incoming:
    """The rows of one file as a frame of a layer, in EPSG:4490, with a report.

    `frame` has the columns of the layer and, where it has one, `geometry`; `notes` say what was mended,
    converted or dropped; `rejected` lists row, column, value and reason of what was not taken (only with
    `accept_good`), `rejected_keys` are their keys; `datum` is what the coordinates were taken as.
    """

    layer: str
    frame: pd.DataFrame
    notes: list[Note]
    problems: Problems
    rejected: pd.DataFrame
    datum: str
    rejected_keys: tuple[str, ...] = ()


@dataclass
class Rejections:
    """A growing list of rows that cannot be taken, in the words of the file."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: Any, column: str, value: Any, reason: Note) -> None:
        """Write one fault down."""
        text = "" if value is None or value is pd.NA else str(value)
        self.rows.append(
            {"row": row, "column": column, "value": text[:80], "reason_zh": reason[0], "reason_en": reason[1]}
        )

    def frame(self) -> pd.DataFrame:
        """Give all faults, one a line, in the order of the file."""
        return pd.DataFrame(self.rows, columns=FAULT_COLUMNS).sort_values("row", kind="stable", ignore_index=True)

    def settle(self, path: Path, total: int, *, accept_good: bool) -> set[Any]:
        """Give the rows to leave out, or refuse the whole file.

        Raises
        ------
        SchemaError
            There are faults and the good rows alone were not asked for, or no row is good.
        """
        listed = self.frame()
        bad = set(listed["row"])
        if not bad or (accept_good and len(bad) < total):
            return bad
        first = listed.iloc[0]
        what = f"“{first['value']}”" if first["value"] else ""
        what_en = f" '{first['value']}'" if first["value"] else ""
        more = f"（共 {len(bad)} 行有误，这是第一处）" if len(bad) > 1 else ""
        more_en = f" ({len(bad)} rows are wrong; this is the first)" if len(bad) > 1 else ""
        remedy = "没有一行可用" if len(bad) == total else "改正后重新导入，或加 --accept-good 先收下其余行"
        remedy_en = "no row is good" if len(bad) == total else "correct it, or take the other rows with --accept-good"
        raise SchemaError(
            f"{path.name} 第 {first['row']} 行“{first['column']}”{what}：{first['reason_zh']}{more}。{remedy}",
            f"{path.name} row {first['row']}, column {first['column']}{what_en}: {first['reason_en']}{more_en}"
            f"; {remedy_en}",
        )


def write_rejected(path: Path, rejected: pd.DataFrame) -> Path:
    """Write the rows that were not taken beside the file that they came from, for Excel (UTF-8 with BOM).

    A list that is already there is left alone; the new one gets the next number. Where the folder cannot be
    written, the list goes to the current one.
    """
    folder = path.parent if os.access(path.parent, os.W_OK) else Path.cwd()
    target = folder / f"{path.stem}-rejected.csv"
    number = 2
    while target.exists():
        target = folder / f"{path.stem}-rejected-{number}.csv"
        number += 1
    titles = ["行 row", "列 column", "值 value", "原因", "reason"]
    rejected[FAULT_COLUMNS].set_axis(titles, axis=1).to_csv(target, index=False, encoding="utf-8-sig")
    return target
