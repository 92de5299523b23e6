"""What a project holds, as one text: two projects that went through the same transactions have the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from api.store import MissingProjectError, open_project
from spatial.layers import LAYERS

if TYPE_CHECKING:
    import pandas as pd

    from api.store import Project

__all__ = ["NOTHING", "rows_of_history", "state_of"]

NOTHING = "nothing"
"""A project that is not there, or to which nothing was committed: a kill may leave either before the first commit."""
_OF_THE_MOMENT = {"at", "id", "made_at", "seconds", "start_date", "end_date", "file", "backup"}
"""Columns and JSON keys that say when or where, not what."""


def state_of(target: str) -> str:
    """Give a digest of all layers, settings and the sequence of actions; the moments of them left out."""
    try:
        with open_project(target) as project:
            return _digest(project)
    except MissingProjectError:
        return NOTHING


def rows_of_history(target: str) -> list[str]:
    """Give the actions in the order of their transactions; none where there is no project."""
    try:
        with open_project(target) as project:
            return [str(action) for action in project.read("history")["action"]]
    except MissingProjectError:
        return []


def _digest(project: Project) -> str:
    with project.reading():
        if not any(project.layers().values()) and not project.settings:
            return NOTHING
        text = hashlib.sha256()
        for name in LAYERS:
            frame = project.read(name)
            for column in frame.columns:
                if column not in _OF_THE_MOMENT:
                    text.update(f"{name}.{column}:".encode())
                    text.update(_written(frame[column]))
        text.update(json.dumps(_plain(project.settings), sort_keys=True, default=str).encode())
    return text.hexdigest()[:16]


def _written(series: pd.Series[Any]) -> bytes:
    if series.name == "geometry":
        return b"".join(one or b"-" for one in series.to_wkb())
    return json.dumps(_plain(series.astype(object).where(series.notna(), None).tolist()), default=str).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items() if key not in _OF_THE_MOMENT}
    return [_plain(one) for one in value] if isinstance(value, list) else value
