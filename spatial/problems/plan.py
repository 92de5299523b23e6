"""Problems of a plan: cells, borders, balance, people."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = ()
