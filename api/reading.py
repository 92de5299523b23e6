"""What one user may read of the project as it stands: within the scope, and not more than the role sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.auth import Principal, within
from api.errors import UnknownCodeError
from api.jobs.current import county_title, current_where, headline
from api.jobs.edit_log import stacks
from api.settings import ServiceState, revision_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["PUBLIC", "Reading", "suppressed"]

PUBLIC = Principal("public", "viewer")
"""Who looks at an embed."""

_CAMERA_LAYERS = frozenset({"cameras", "views", "sites", "incidents"})
_PEOPLE_LAYERS = frozenset({"members", "assignments"})
_COUNTS = ("households", "residents", "party_members", "workload", "occupied_households")
_PROBLEMS_SHOWN = 200


class Reading:
    """The project as one user sees it; the current plan and the latest runs."""

    def __init__(self, state: ServiceState, principal: Principal) -> None:
        self.state = state
        self.project = state.project
        self.principal = principal
        self.plan = self.project.current_plan()

    @property
    def revision(self) -> int:
        """Revision of the project."""
        return revision_of(self.project)

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
        if (village is not None or self.principal.scope) and name in {"villages", "cells", "blocks", "hamlets"}:
            where["village_code"] = self.villages(village)
        return self.project.read(name, where=where or None)

    def blocks(self, village: str) -> gpd.GeoDataFrame:
        """Read the blocks of the current plan in one village, each with its cell."""
        members = self.project.read("plan_blocks", where={"plan": self.plan}, columns=["block_id", "cell_code"])
        blocks = self.project.read("blocks", where={"village_code": self.villages(village)})
        return blocks.merge(members, on="block_id").sort_values("block_id").reset_index(drop=True)

    def sees(self, layer: str) -> bool:
        """Tell whether the role sees a layer on a map."""
        if layer in _CAMERA_LAYERS:
            return self.principal.sees_cameras
        return layer not in _PEOPLE_LAYERS or self.principal.role in {"planner", "admin"}

    def figures(self) -> dict[str, Any]:
        """Give the headline figures of plan and coverage."""
        return headline(self.project, plan=self.plan)

    def problems(self) -> list[dict[str, Any]]:
        """List the problems of the current plan and of the data, worst first."""
        frame = self.project.read("problems")
        runs = [self.project.current_run(kind) for kind in ("coverage", "site")]
        frame = frame[frame["plan"].isna() | (frame["plan"] == self.plan)]
        frame = frame[frame["run"].isna() | frame["run"].isin(runs)]
        columns = ["problem", "severity", "layer", "code", "message_zh", "message_en", "remedy"]
        frame = frame[columns].sort_values("severity", kind="stable").head(_PROBLEMS_SHOWN)
        rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return rows

    def page_state(self) -> dict[str, Any]:
        """Give what the drawing page starts from."""
        with self.project.reading():
            plans = self.project.read("plans", columns=["plan", "status", "made_at"])
            last = self.project.read("history", columns=["at"])
            undo, redo = stacks(self.project, self.plan)
            current = plans[plans["plan"] == self.plan]
            return {
                "county": county_title(self.project), "plan": self.plan,
                "status": current["status"].iloc[0] if len(current) else None,
                "sample": bool(self.project.settings.get("sample")), "revision": self.revision,
                "saved_at": last["at"].iloc[-1].isoformat() if len(last) else None, "band": [300, 500],
                "can_edit": self.principal.can_edit and self.plan is not None, "can_undo": bool(undo),
                "can_redo": bool(redo), "user": self.principal.name, "role": self.principal.role,
                "plans": [
                    {"plan": plan, "status": status, "made_at": made.isoformat()}
                    for plan, status, made in plans.itertuples(index=False)
                ],
                "figures": self.figures(), "problems": self.problems(),
            }  # fmt: skip


def suppressed(frame: pd.DataFrame) -> pd.DataFrame:
    """Blank counts from 1 to 4, which could point at single households."""
    columns = [column for column in _COUNTS if column in frame]
    return frame.assign(
        **{column: frame[column].where(~frame[column].between(0, 5, inclusive="neither")) for column in columns}
    )
