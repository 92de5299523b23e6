"""The change list of two plans (网格变更对照表) as a workbook of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl import Workbook

from files.writing.ledger_tables import change_rows
from files.writing.workbook import Table, add_table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from files.writing.options import ExportOptions

__all__ = ["write_changes"]


def write_changes(changes: pd.DataFrame, path: Path, *, options: ExportOptions) -> None:
    """Write every pair of old and new cell that changed; `changes` is the frame of a comparison."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    line = options.say(f"方案：{options.plan}", f"Plans: {options.plan}") if options.plan else ""
    table = Table(options.say("变更", "Changes"), options.say("网格变更对照表", "changes of cells"), line,
                  change_rows(changes, options))  # fmt: skip
    add_table(book, table, options=options)
    book.save(path)
