"""Both versions of a village where two people changed it: what the page saw and asked, and what is there now."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from api.geojson import cells_geojson
from api.jobs.desk import Desk
from api.jobs.edit_log import later_rows
from api.jobs.past import cells_then, past_of
from api.jobs.revisions import PLAN_ACTIONS, revision_now
from api.jobs.timeline import in_words
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    import geopandas as gpd

    from api.jobs.wishes import Wish
    from api.store import Project

__all__ = ["conflict_of"]

_SHOWN = 20


def conflict_of(
    project: Project, plan: str, *, village: str | None, seen: int, asked: Wish | str
) -> dict[str, Any] | None:
    """Give both versions of a village, as JSON: `yours` at revision `seen`, `now`, and who changed what in between.

    `yours.cells` is null where the plan did not exist at that revision. None without a village.
    """
    if village is None:
        return None
    with project.reading():
        now = project.read("cells", where={"plan": plan, "village_code": village, "end_date": None})
        later = later_rows(project, plan, seen, PLAN_ACTIONS)
        rows = project.read("history", where={"id": later["id"].tolist()[-200:]})
        here = rows[[row is None or row.get("village", village) == village for row in rows["after"]]]
        wish = {"action": asked} if isinstance(asked, str) else {**asdict(asked), "action": asked.action}
        return {
            "village_code": village, "plan": plan,
            "yours": {"revision": seen, "asked": wish, "cells": _then(project, plan, village, seen)},
            "now": {"revision": revision_now(project), "cells": json.loads(cells_geojson(now, remarks=True))},
            "changes": in_words(project, here.tail(_SHOWN).iloc[::-1]),
        }  # fmt: skip


def _then(project: Project, plan: str, village: str, seen: int) -> Any:
    """Give the cells of a village at a revision as GeoJSON."""
    try:
        past = past_of(project, plan, since=seen, village=village)
        if not past.villages:
            where = {"plan": plan, "village_code": village, "end_date": None}
            return json.loads(cells_geojson(project.read("cells", where=where), remarks=True))
        desk = Desk(project)
        cells: gpd.GeoDataFrame = desk.back(cells_then(desk, plan, past))
        return json.loads(cells_geojson(cells, remarks=True))
    except InfeasibleError:
        return None
