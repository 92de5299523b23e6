"""The form of one kind of problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ProblemKind"]


@dataclass(frozen=True)
class ProblemKind:
    """One kind of problem; `zh`, `en` and `remedy` are format strings over `code` and its figures."""

    problem: str
    severity: Literal["error", "warning"]
    layer: str
    zh: str
    en: str
    remedy: str = ""
