"""Problems of what a county sent: layers, columns, codes, coordinates."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "home-outside-villages", "warning", "homes",
        "住户点 {code} 不在任何村（社区）内，离最近的村界 {metres:.0f} 米",
        "home {code} lies in no village ({metres:.0f} m from the nearest)",
        "核对坐标或村界 · check its coordinates or the village borders",
    ),
)  # fmt: skip
