"""The people of a carried plan: kept with their cells, with what no longer holds left out and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from spatial.planning.carry import Carried

__all__ = ["PEOPLE", "carried_people"]

PEOPLE = ("assignments", "micro_cells", "micro_homes", "contacts")
"""Layers of a plan's people."""


def carried_people(
    made: Carried,
    rows: Mapping[str, pd.DataFrame],
    *,
    homes: gpd.GeoDataFrame | None,
    members: gpd.GeoDataFrame | None,
) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Carry people by cell, micro-cells of cells whose ground stayed, contacts whose home and person share a cell.

    `rows` are the rows of the earlier plan by layer; `homes` and `members` are in the metres of the new cells. Gives
    the rows of the new plan but for its name, and counts; what is left out is added to the problems of `made`.
    """
    posts = rows["assignments"]
    kept = posts[posts["cell_code"].isin(list(made.codes))].reset_index(drop=True)
    micro = rows["micro_cells"]
    then = micro["cell_code"].map(made.codes)
    stays = then.notna() & ~then.isin(made.changed)
    for code, gone in micro[~stays].groupby("cell_code"):
        made.problems.add("carry-people-dropped", code=str(code), count=len(gone))
    names = pd.Series(then[stays] + micro.loc[stays, "micro_code"].str[-2:], index=micro.index[stays])
    codes = dict(zip(micro.loc[stays, "micro_code"], names, strict=True))
    inside = rows["micro_homes"][rows["micro_homes"]["micro_code"].isin(list(codes))].reset_index(drop=True)
    contacts = _together(made, rows["contacts"], homes, members)
    dropped = len(rows["contacts"]) - len(contacts)
    if dropped:
        made.problems.add("carry-contacts-dropped", code="", count=dropped, total=len(rows["contacts"]))
    frames = {
        "assignments": kept.assign(cell_code=kept["cell_code"].map(made.codes)),
        "micro_cells": micro[stays].assign(cell_code=then[stays], micro_code=names).reset_index(drop=True),
        "micro_homes": inside.assign(micro_code=inside["micro_code"].map(codes)), "contacts": contacts,
    }  # fmt: skip
    return frames, {
        "assignments": len(kept), "assignments_dropped": len(posts) - len(kept),
        "micro_cells": len(frames["micro_cells"]), "contacts": len(contacts), "contacts_dropped": dropped,
    }  # fmt: skip


def _together(
    made: Carried, contacts: pd.DataFrame, homes: gpd.GeoDataFrame | None, members: gpd.GeoDataFrame | None
) -> pd.DataFrame:
    """Keep the contacts whose home and person lie in one cell of the new plan."""
    if homes is None or members is None or contacts.empty:
        return contacts.iloc[:0].reset_index(drop=True)
    home = homes_in_cells(homes, made.cells).set_axis(homes["home_id"])
    person = homes_in_cells(members, made.cells).set_axis(members["member_id"])
    one, other = contacts["home_id"].map(home), contacts["member_id"].map(person)
    return contacts[one.notna() & (one == other)].reset_index(drop=True)
