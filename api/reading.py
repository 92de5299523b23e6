"""What one user may read of the project as it stands: within the scope, and not more than the role sees.

Cameras, what they see and the edges of what they do not see are for security officers; people, and counts under
five, for those who draw. Everyone else gets counts per cell, small ones blanked.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from api.auth import Principal, within
from api.jobs.current import county_title, current_where, headline
from api.jobs.edit_log import stacks
from api.jobs.revisions import plan_revision, revision_now, shown_revision
from api.refusals import UnknownCodeError
from web import without_small_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from api.settings import ServiceState

__all__ = ["Reading"]

_CAMERA_LAYERS = frozenset({"cameras", "views", "gaps", "sites", "incidents", "coverage_details"})
_PEOPLE_LAYERS = frozenset({"homes", "members", "assignments", "contacts", "micro_homes"})
_BY_VILLAGE = frozenset({"villages", "cells", "blocks", "hamlets"})
_GIVE_SMALL_COUNTS_AWAY = ("households", "max_deviation_share")
_NAME_PEOPLE = frozenset({"cell-walk-too-long"})
_COUNTS_PEOPLE = r"\d (?:户|人|名)"
"""Problems about cells whose words tell a member, or counts that maps blank where they are small."""
_PROBLEMS_SHOWN, _ALIKE = 100, 5
"""So many are listed on the page, which says how many there are."""


class Reading:
    """The project as one user sees it; the current plan and the latest runs."""

    def __init__(self, state: ServiceState, principal: Principal) -> None:
        self.state = state
        self.project = state.project
        self.principal = principal
        self.plan = self.project.current_plan()

    @property
    def revision(self) -> int:
        """How far this user has now seen the history; an edit names it."""
        return revision_now(self.project)

    @property
    def shown(self) -> int:
        """A number that changes with everything a page shows."""
        return shown_revision(self.project)

    def villages(self, code: str | None = None) -> list[str]:
        """List the villages in reach, or the one named; `UnknownCodeError` where it is not in reach."""
        table = self.project.read("villages", columns=["village_code", "town_code", "county_code"])
        rows = table.to_numpy().tolist()
        reach = [row[0] for row in rows if within(row, self.principal.scope)]
        if code is None:
            return reach
        if code not in reach:
            raise UnknownCodeError(f"没有编码为 {code} 的村（社区）", f"there is no village {code}")
        return [code]

    def layer(self, name: str, *, village: str | None = None) -> gpd.GeoDataFrame:
        """Read one layer as it stands, within the scope."""
        where = current_where(self.project, name, plan=self.plan) or {}
        within_villages = village is not None or bool(self.principal.scope)
        if within_villages and name in _BY_VILLAGE:
            where["village_code"] = self.villages(village)
        frame = self.project.read(name, where=where or None)
        if within_villages and name not in _BY_VILLAGE:
            frame = frame[_meets(frame, self._land(self.villages(village)))].reset_index(drop=True)
        return self.discreet({name: frame})[name]

    def within_scope(self, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Keep of whole layers the rows in reach; rows without a place go by their cell."""
        if not self.principal.scope:
            return dict(frames)
        reach = self.villages()
        land = self._land(reach)
        cells = self.project.read("cells", where={"village_code": reach}, columns=["cell_code"])["cell_code"]
        kept = {}
        for name, frame in frames.items():
            if name in _BY_VILLAGE:
                keep = frame["village_code"].isin(reach)
            elif "geometry" in frame:
                keep = pd.Series(_meets(frame, land), frame.index)
            else:
                keep = frame["code" if "code" in frame else "cell_code"].isin([*reach, *cells])
            kept[name] = frame[keep].reset_index(drop=True)
        return kept

    def discreet(self, frames: Mapping[str, Any]) -> dict[str, Any]:
        """Blank small counts in cells and villages for those who do not draw."""
        shown = dict(frames)
        if self.principal.can_edit or not {"cells", "villages"} & shown.keys():
            return shown
        cells = shown.get("cells", self._cells(["village_code", "kind", "households", "residents", "workload"]))
        blanked = without_small_counts(cells, shown.get("villages"))
        return shown | {
            name: frame for name, frame in zip(("cells", "villages"), blanked, strict=True) if name in shown
        }

    def blocks(self, village: str) -> gpd.GeoDataFrame:
        """Read the blocks of the current plan in one village, each with its cell; for those who draw."""
        self.principal.require_edit()
        members = self.project.read("plan_blocks", where={"plan": self.plan}, columns=["block_id", "cell_code"])
        blocks = self.project.read("blocks", where={"village_code": self.villages(village)})
        return blocks.merge(members, on="block_id").sort_values("block_id").reset_index(drop=True)

    def sees(self, layer: str) -> bool:
        """Tell whether the role sees a layer as it is."""
        if layer in _CAMERA_LAYERS:
            return self.principal.sees_cameras
        return layer not in _PEOPLE_LAYERS or self.principal.role in {"planner", "admin"}

    def figures(self) -> dict[str, Any]:
        """Give the headline figures of plan and coverage, without totals that would give a small count away."""
        figures = headline(self.project, plan=self.plan)
        if self.principal.can_edit:
            return figures
        return {name: value for name, value in figures.items() if name not in _GIVE_SMALL_COUNTS_AWAY}

    def problems(self) -> list[dict[str, Any]]:
        """List the problems of the current plan and of the data that are this user's to see, worst and newest first."""
        frame = self.project.read("problems").iloc[::-1]
        runs = [self.project.current_run(kind) for kind in ("coverage", "site")]
        frame = frame[frame["plan"].isna() | (frame["plan"] == self.plan)]
        frame = frame[frame["run"].isna() | frame["run"].isin(runs)]
        frame = frame[frame["layer"].fillna("").map(self.sees).astype(bool)]
        if not self.principal.can_edit:
            counts = frame["message_zh"].str.contains(_COUNTS_PEOPLE) & ~frame["layer"].isin(_CAMERA_LAYERS)
            frame = frame[~(counts | frame["problem"].isin(_NAME_PEOPLE))]
        if self.principal.scope:
            reach = self.villages()
            named = frame["code"].fillna("").astype(str).map(lambda code: code in reach or code[:-3] in reach)
            frame = frame[named | _meets(frame, self._land(reach))]
        columns = ["problem", "severity", "layer", "code", "message_zh", "message_en", "remedy"]
        frame = frame.sort_values("severity", kind="stable")
        places, frame = frame.geometry.to_numpy(), frame[columns]
        rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
        for row, place in zip(rows, places, strict=True):
            row["at"] = None if place is None else [round(place.x, 6), round(place.y, 6)]
        return rows

    def page_state(self) -> dict[str, Any]:
        """Give what the drawing page starts from."""
        with self.project.reading():
            plans = self.project.read("plans", columns=["plan", "status", "made_at"])
            where = {"fid": plan_revision(self.project, self.plan)}
            last = self.project.read("history", where=where, columns=["at"])
            undo, redo = stacks(self.project, self.plan, self.principal.name)
            current = plans[plans["plan"] == self.plan]
            problems = self.problems()
            open_plan = self.plan is not None and "final" not in set(current["status"])
            return {
                "county": county_title(self.project), "plan": self.plan,
                "status": current["status"].iloc[0] if len(current) else None,
                "sample": bool(self.project.settings.get("sample")), "revision": self.revision,
                "saved_at": last["at"].iloc[-1].isoformat() if len(last) else None, "band": [300, 500],
                "can_edit": self.principal.can_edit and open_plan, "can_undo": bool(undo) and open_plan,
                "can_redo": bool(redo) and open_plan, "user": self.principal.name, "role": self.principal.role,
                "plans": [
                    {"plan": plan, "status": status, "made_at": made.isoformat()}
                    for plan, status, made in plans.itertuples(index=False)
                ],
                "figures": self.figures(), "problems": _foremost(problems), "problems_total": len(problems),
                "remarks": self._remarks(),
            }  # fmt: skip

    def reaches(self, longitude: float, latitude: float) -> bool:
        """Tell whether a place lies within the scope."""
        scope = self.principal.scope
        return not scope or bool(shapely.intersects_xy(self._land(self.villages()), longitude, latitude))

    def _land(self, villages: list[str]) -> shapely.Geometry:
        """Give the ground of villages as one geometry."""
        borders = self.project.read("villages", where={"village_code": villages}, columns=["geometry"])
        return shapely.union_all(borders.geometry.to_numpy())

    def _remarks(self) -> dict[str, str]:
        """Give the remarks on cells by code; for those who draw."""
        if not self.principal.can_edit:
            return {}
        cells = self._cells(["cell_code", "village_code", "note"])
        cells = cells[cells["note"].notna() & cells["village_code"].isin(self.villages())]
        return dict(zip(cells["cell_code"], cells["note"], strict=True))

    def _cells(self, columns: list[str]) -> Any:
        return self.project.read("cells", where=current_where(self.project, "cells", plan=self.plan), columns=columns)


def _foremost(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choose what the page lists: errors, then some of every kind, so that one kind does not crowd out the others."""
    told: Counter[str] = Counter()
    first: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    for row in problems:
        told[row["problem"]] += 1
        alike = row["severity"] != "error" and told[row["problem"]] > _ALIKE
        (later if alike else first).append(row)
    return (first + later)[:_PROBLEMS_SHOWN]


def _meets(frame: gpd.GeoDataFrame, land: shapely.Geometry) -> Any:
    """Tell which rows lie on some land, at least in part; rows without a place do not."""
    shapely.prepare(land)
    return shapely.intersects(land, frame.geometry.to_numpy())
