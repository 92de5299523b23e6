"""The official ratios of a coverage run against their targets and against the run before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatial.coverage.figures.yardstick import changed, counties, ratios
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from api.store import Project

__all__ = ["county_details", "county_ratios", "run_before", "stored_ratios"]

_DECIDING = ("pixels", "without")
"""Runs that differ in these settings do not measure the same, and are not compared."""
_NOTHING_KNOWN = pd.DataFrame(columns=list(LAYERS["coverage_details"].names))


def run_before(store: Project, run: str | None, settings: dict[str, Any]) -> str | None:
    """Name the coverage run before `run` (None: the latest of all) with the same pixel level and cameras left out."""
    runs = store.read("runs", where={"kind": "coverage"}).sort_values("made_at", kind="stable")
    if run is not None:
        place = runs["run"].tolist().index(run)
        runs = runs.iloc[:place]
    wanted = [_plain(settings.get(name)) for name in _DECIDING]
    same = [[_plain(one.get(name)) for name in _DECIDING] == wanted for one in runs["settings"]]
    return str(runs["run"][same].iloc[-1]) if any(same) else None


def stored_ratios(store: Project, run: str, *, level: str | None = None) -> pd.DataFrame:
    """Give the ratios of a run as it is stored, of one level or of all.

    Of how many cameras the list tells something is sensitive: where this role may not know, those shares are missing.
    """
    where = {"run": run} if level is None else {"run": run, "level": level}
    known = {"subject": "known"} | where
    details = store.read("coverage_details", where=known) if store.shows("coverage_details") else _NOTHING_KNOWN
    return ratios(store.read("coverage", where=where), details)


def county_ratios(now: pd.DataFrame, before: pd.DataFrame | None) -> list[dict[str, Any]]:
    """List the ratios of all counties together, with target and change, as the answer of the command has them."""
    table = changed(counties(now), None if before is None else counties(before)).drop(columns=["level", "code"])
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in records]


def county_details(details: pd.DataFrame) -> list[dict[str, Any]]:
    """List totals and covered parts of all counties together: roads by class, places by kind, and so on."""
    mine = details[(details["level"] == "county") & (details["subject"] != "known")]
    sums = mine.groupby(["subject", "item"], sort=False, as_index=False)[["total", "covered"]].sum()
    return [{str(name): value for name, value in row.items()} for row in sums.to_dict("records")]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list | tuple) else value
