"""What the layer `problems` lists: each kind belongs to the job that can find it again, and nothing stands twice.

A job replaces what it found before and leaves the rest alone. Rows of data carry neither plan nor run, those of
planning and assigning their plan, those of coverage and siting their run; only the latest run of a kind is listed.
`check` finds everything anew that the data and the plans themselves show, and keeps `LASTING`: what only the work
itself could know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spatial.problems import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from api.store import Change, Project

__all__ = [
    "LASTING",
    "OF_HOUSEHOLDS",
    "joined",
    "kept_by_check",
    "list_of_assignment",
    "list_of_data",
    "list_of_run",
    "once",
]

OF_HOUSEHOLDS = frozenset({
    "home-outside-villages", "home-in-other-village", "households-differ", "households-spread",
    "residents-spread",
})  # fmt: skip
"""Planning and checking both find these; they are about data, whichever plan met them."""

LASTING = frozenset({
    "datum-unchecked", "datum-alike", "village-gap", "village-in-pieces",
    "part-joined-across-barrier", "part-joined-as-piece", "cells-fewer-than-asked", "over-tolerance",
    "cell-over-tolerance", "hamlet-across-barrier", "village-all-special",
    "keep-not-met", "keep-holds-back",
    "blocks-mended", "balance-assumed",
    "members-unplaced", "cells-without-role", "contact-households-short", "contacts-without-people",
    "contact-outside-cells", "micro-cell-size", "micro-cells-too-many", "micro-cells-without-lead",
    "carry-inferred", "carry-part-joined", "carry-cell-ended", "carry-new-ground", "carry-households-lost",
    "carry-people-dropped", "carry-contacts-dropped",
})  # fmt: skip
"""Known to the reader, the planner or the assignment only; a check cannot find them again and keeps them."""

_BATCH = 5000


def list_of_data(change: Change, found: gpd.GeoDataFrame) -> None:
    """List problems of data; one of the same kind and code that is listed already gives way."""
    for (kind, layer), rows in found.groupby(["problem", "layer"], sort=False):
        codes = rows["code"].unique().tolist()
        for start in range(0, len(codes), _BATCH):
            where = {"problem": kind, "layer": layer, "code": codes[start : start + _BATCH], "plan": None, "run": None}
            change.delete("problems", where)
    change.append("problems", once(found))


def list_of_assignment(change: Change, found: gpd.GeoDataFrame, *, plan: str) -> None:
    """List what an assignment found; all that was said of this plan's people before gives way."""
    kinds = [*(kind.problem for kind in people.KINDS), "cell-walk-too-long"]
    change.delete("problems", {"plan": plan, "problem": kinds})
    change.append("problems", once(found))


def list_of_run(change: Change, found: gpd.GeoDataFrame, *, earlier: Sequence[str]) -> None:
    """List what a run found; what `earlier` runs of its kind or a check said of the same gives way."""
    if len(earlier):
        change.delete("problems", {"run": list(earlier)})
    if len(found):
        change.delete("problems", {"run": None, "plan": None, "problem": found["problem"].unique().tolist()})
    change.append("problems", once(found))


def kept_by_check(store: Project, *, kinds: frozenset[str] = LASTING) -> gpd.GeoDataFrame:
    """Give the rows that a check leaves listed: `kinds` of data and of plans that are there, and the latest runs."""
    listed: gpd.GeoDataFrame = store.read("problems")
    plans = store.read("plans", columns=["plan"])["plan"]
    latest = [store.current_run("coverage"), store.current_run("site")]
    of_run = listed["run"].notna()
    alive = listed["problem"].isin(kinds) & (listed["plan"].isna() | listed["plan"].isin(plans))
    return listed[(of_run & listed["run"].isin(latest)) | (~of_run & alive)].reset_index(drop=True)


def once(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the first of each kind and code per plan; rows without a code are told apart by what they say.

    Rows of a run come first in a check: a run knows the pixel level asked for, a check takes the usual one.
    """
    key = found[["problem", "layer", "plan", "code"]].astype(object).fillna("")
    key["code"] = key["code"].where(key["code"] != "", found["message_en"])
    kept: gpd.GeoDataFrame = found[~key.duplicated()].reset_index(drop=True)
    return kept


def joined(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put lists of problems after one another; at least one must be given."""
    filled = [frame for frame in frames if len(frame)]
    together: gpd.GeoDataFrame = pd.concat(filled, ignore_index=True) if filled else frames[0]
    return together
