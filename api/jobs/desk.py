"""What every job needs at hand: the project opened, its layers in metres, names of plans and runs."""

from __future__ import annotations

import getpass
import os
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from api.store import Project, open_project
from spatial.crs import STORAGE, MetreDoor
from spatial.errors import InfeasibleError, SchemaError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd

    from spatial.problems import Problems

__all__ = [
    "Desk",
    "Stopwatch",
    "Target",
    "counted",
    "new_name",
    "next_name",
    "next_run",
    "now",
    "opened",
    "plan_named",
    "settled",
    "who",
]

Target = Project | str | os.PathLike[str]


@contextmanager
def opened(target: Target, *, create: bool = False) -> Iterator[Project]:
    """Open a project for one job; one that is open already stays open afterwards."""
    if isinstance(target, Project):
        yield target
        return
    with open_project(target, create=create) as project:
        yield project


def who() -> str:
    """Name who does the work, for the history: the account of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a password file
        return "unknown"


def language() -> Literal["zh", "en"]:
    """Give the language of papers and maps: Chinese, or English with WANGGE_LANG=en."""
    return "en" if os.environ.get("WANGGE_LANG", "zh").lower().startswith("en") else "zh"


def now() -> pd.Timestamp:
    """Give this moment, UTC, to the second."""
    return pd.Timestamp.now(tz="UTC").floor("s")


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds so far, to the millisecond."""
        return round(time.perf_counter() - self._start, 3)


class Desk:
    """The layers of one project in metres, all through one door, so that vertices come back exact."""

    def __init__(self, project: Project) -> None:
        if project.crs is None:
            raise InfeasibleError(
                "项目里还没有村（社区）或摄像机，不知道在哪里：先 wangge load PROJECT villages FILE",
                "the project holds neither villages nor cameras yet: first wangge load PROJECT villages FILE",
            )
        self.project = project
        self.door = MetreDoor(project.crs)

    def read(self, layer: str, *, where: Mapping[str, Any] | None = None) -> gpd.GeoDataFrame:
        """Read one layer with geometry in metres; empty frames included."""
        return self.door.forward(self.project.read(layer, where=where))

    def some(self, layer: str, *, where: Mapping[str, Any] | None = None) -> gpd.GeoDataFrame | None:
        """Read one layer in metres, or None where it has no row."""
        frame = self.read(layer, where=where)
        return None if frame.empty else frame

    def near(self, layer: str, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        """Read in metres what meets the bounds of some places in metres, or None where there is nothing."""
        west, south, east, north = self.back(places).total_bounds
        frame = self.door.forward(self.project.read(layer, bbox=(west, south, east, north)))
        return None if frame.empty else frame

    def cells(self, plan: str) -> gpd.GeoDataFrame:
        """Read the cells of one plan that have not ended, in metres."""
        return self.read("cells", where={"plan": plan, "end_date": None})

    def back(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Carry a frame back to storage degrees."""
        return self.door.back(frame)

    def problems(self, problems: Problems, *, plan: str | None = None, run: str | None = None) -> gpd.GeoDataFrame:
        """Give problems as rows of their layer, in storage degrees."""
        frame = problems.frame(self.door.crs)
        if frame.empty:
            return frame.set_crs(STORAGE, allow_override=True)
        return self.back(frame).assign(plan=frame["plan"].fillna(plan), run=frame["run"].fillna(run))


def counted(problems: Problems | pd.DataFrame) -> dict[str, Any]:
    """Count problems for an answer: all, errors, warnings, and each kind."""
    frame = problems if isinstance(problems, pd.DataFrame) else pd.DataFrame(problems.rows, columns=_COUNTED)
    errors = int((frame["severity"] == "error").sum())
    kinds = {str(kind): int(count) for kind, count in frame["problem"].value_counts().sort_index().items()}
    return {"problems": len(frame), "errors": errors, "warnings": len(frame) - errors, "kinds": kinds}


_COUNTED = ["problem", "severity"]


def plan_named(project: Project, name: str | None) -> str:
    """Give the plan of that name, or the one made last where none is named.

    Raises `InfeasibleError` where there is no plan yet, `SchemaError` where none has that name.
    """
    plans = project.read("plans", columns=["plan"])["plan"].tolist()
    if not plans:
        raise InfeasibleError(
            "项目里还没有网格方案：先运行 wangge plan",
            "the project holds no plan yet: run wangge plan first",
        )
    if name is None:
        return str(project.current_plan())
    if name not in plans:
        raise SchemaError(
            f"没有名为 {name} 的方案；现有：{'、'.join(plans)}",
            f"there is no plan {name}; there are: {', '.join(plans)}",
        )
    return name


def new_name(project: Project, name: str | None) -> str:
    """Give the name of a new plan; a name in use, or one that no file or code can carry, is refused."""
    plans = set(project.read("plans", columns=["plan"])["plan"])
    if name is None:
        return next_name(plans, "p")
    if not re.fullmatch(r"[\w.-]{1,60}", name):
        raise SchemaError(
            f"方案名 {name!r} 不能用：只用文字、数字、- . _，不超过 60 个字",
            f"the plan name {name!r} cannot be used: letters, digits, - . _ only, 60 at most",
        )
    if name in plans:
        raise SchemaError(f"方案 {name} 已经存在：换一个名称", f"there is a plan {name} already: choose another name")
    return name


def next_name(taken: set[str], prefix: str) -> str:
    """Give the next free name of a series.

    >>> next_name({"p001", "x", "p007"}, "p")
    'p008'
    """
    numbers = [int(found.group(1)) for name in taken if (found := re.fullmatch(rf"{prefix}(\d+)", name))]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"


def next_run(project: Project, kind: str) -> str:
    """Give the name of the next run: c001 for coverage, s001 for site."""
    return next_name(set(project.read("runs", columns=["run"])["run"]), kind[0])


def settled(frame: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Keep the columns of a layer only, so that what an engine adds for itself is not stored."""
    known = set(LAYERS[layer].names) | {"geometry"}
    return frame.loc[:, [column for column in frame.columns if column in known]]
