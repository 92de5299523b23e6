"""The change list of two plans."""

from __future__ import annotations

import openpyxl
import pandas as pd

from files.writing.changes import write_changes


def test_only_what_changed_is_listed(options, tmp_path) -> None:
    changes = pd.DataFrame({"old_code": ["1", "2", None], "new_code": ["1", "3", "4"], "households": [5.0, 6.0, 0.0],
                            "kept_share": [1.0, 0.5, None], "kind": ["unchanged", "split", "new"]})  # fmt: skip
    write_changes(changes, tmp_path / "c.xlsx", options=options)
    rows = list(openpyxl.load_workbook(tmp_path / "c.xlsx")["变更"].iter_rows(min_row=4, values_only=True))
    assert rows == [("2", "3", "拆分", 6, 0.5), (None, "4", "新设", 0, None)]
