"""What changed since the final plan: ground, households, names, remarks and locks, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.jobs.compare import compared
from api.jobs.desk import Desk, opened, plan_named
from api.jobs.plans import edit_log, edits_since, final_in_force
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    import pandas as pd

    from api.jobs.desk import Target

__all__ = ["changes_since_final"]

_WRITTEN = ("cell", "note", "locked", "party_group", "responsible")


def changes_since_final(project: Target, plan: str | None = None) -> dict[str, Any]:
    """Compare a plan, the one made last unless named, with the final plan in force of its villages.

    Returns
    -------
    dict
        `plan`, `final`, `final_at`, `final_by`; `villages` that differ; how many `cells_changed`, `blocks_moved`,
        `households_moved`; `cells` (old_code, new_code, households, kept_share, kind of each pair that is not
        unchanged); `attributes` (cell_code, column, before, after); `edits` in between, None where the plan does not
        come from the final one; and the totals of `compare`.

    Raises
    ------
    InfeasibleError
        Where no plan of these villages is final.
    """
    with opened(project) as store, store.reading():
        name = plan_named(store, plan)
        final = final_in_force(store, name)
        if final is None:
            raise InfeasibleError(
                "还没有定稿的方案可比：先送审（review），再定稿（final）",
                "no plan is final yet: send one to review, then make it final",
            )
        made = store.read("history", where={"plan": final, "action": "status"}, columns=["at", "who"]).tail(1)
        comparison = compared(Desk(store), final, name)
        pairs = comparison.frame
        rows = pairs[pairs["kind"] != "unchanged"].astype(object)
        cells = rows.where(rows.notna(), None).to_dict("records")
        written = _attributes(store.read("cells", where={"plan": [final, name], "end_date": None},
                                         columns=["plan", "cell_code", *_WRITTEN]), final, name)  # fmt: skip
        codes = {code for row in cells for code in (row["old_code"], row["new_code"]) if code is not None}
        return {
            "plan": name, "final": final,
            "final_at": made["at"].iloc[0].isoformat() if len(made) else None,
            "final_by": made["who"].iloc[0] if len(made) else None,
            "villages": sorted({code[:-3] for code in codes} | {row["cell_code"][:-3] for row in written}),
            "cells_changed": len(codes | {row["cell_code"] for row in written}),
            "blocks_moved": _blocks_moved(store, final, name), "cells": cells, "attributes": written,
            "edits": edits_since(edit_log(store), store.read("plans", columns=["plan", "parent"]), name, final),
            **comparison.totals,
        }  # fmt: skip


def _blocks_moved(store: Any, final: str, plan: str) -> int:
    """Count the blocks that are in another cell, or new, or gone."""
    a, b = (store.read("plan_blocks", where={"plan": one}).set_index("block_id")["cell_code"] for one in (final, plan))
    both = a.index.intersection(b.index)
    return int((a[both] != b[both]).sum()) + len(b.index.difference(a.index))


def _attributes(cells: pd.DataFrame, final: str, plan: str) -> list[dict[str, Any]]:
    """List the names, remarks and locks that differ in cells of both plans."""
    frames = [cells[cells["plan"] == one].set_index("cell_code")[list(_WRITTEN)] for one in (final, plan)]
    both = sorted(frames[0].index.intersection(frames[1].index))
    before, after = (frame.loc[both].astype(object).where(frame.loc[both].notna(), None) for frame in frames)
    return [
        {"cell_code": code, "column": name, "before": old, "after": new}
        for name in _WRITTEN
        for code, old, new in zip(both, before[name], after[name], strict=True)
        if (old or None) != (new or None)
    ]
