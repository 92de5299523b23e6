"""What leaves the house: without sensitive layers, persons and small counts where strangers read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SMALLEST", "leaving"]

SMALLEST = 5
"""Counts from 1 to 4 are suppressed for the public: they could point at single households."""

_COUNTS = ("households", "residents", "occupied_households", "party_members", "workload", "special",
           "households_within")  # fmt: skip
_PERSONS = ("phone",)
_PUBLIC_PERSONS = ("phone", "member", "lead_id", "responsible", "party_group", "owner", "note")
_INNER = ("history", "plan_blocks", "terrain")  # of use only to the project itself


def leaving(frames: Mapping[str, pd.DataFrame], *, public: bool) -> dict[str, pd.DataFrame]:
    """Give the frames that may leave, in the order of the layers; inputs stay as they are.

    Phone numbers never leave. For the public, sensitive layers and names of persons are dropped, and so are
    problems, which may quote them, and blind areas, whose edges give cameras away; counts from 1 to 4 become empty.
    """
    kept: dict[str, pd.DataFrame] = {}
    for name in LAYERS:
        frame = frames.get(name)
        if frame is None or frame.empty or name in _INNER:
            continue
        if public and (LAYERS[name].sensitive or name in {"problems", "poles", "gaps"}):
            continue
        hidden = _PUBLIC_PERSONS if public else _PERSONS
        frame = frame.drop(columns=[column for column in hidden if column in frame])
        kept[name] = _suppressed(frame) if public else frame
    return kept


def _suppressed(frame: pd.DataFrame) -> pd.DataFrame:
    """Empty every count from 1 to 4."""
    small = {}
    for column in (name for name in _COUNTS if name in frame):
        values = pd.to_numeric(frame[column]).astype("float64")
        small[column] = values.where(~((values > 0) & (values < SMALLEST)))
    return frame.assign(**small) if small else frame
