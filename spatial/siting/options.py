"""What is asked of a choice of sites."""

from __future__ import annotations

from dataclasses import dataclass, field

from spatial.weights import Prices, Weights

__all__ = ["SiteOptions"]


@dataclass(frozen=True)
class SiteOptions:
    """What is asked for: exactly one of a number of cameras, a budget in yuan, or a share of all demand.

    `phases` splits the sites into so many steps of equal number, the most useful first; `prove` asks for the
    proven optimum. Each position is tried with `headings` headings and takes at most `per_pole` cameras, those that
    hang there included. At most `turn` of the cameras that work may be turned; turns and sites are chosen together.
    """

    cameras: int | None = None
    budget: float | None = None
    reach: float | None = None
    phases: int = 1
    prove: bool = False
    headings: int = 8
    per_pole: int = 3
    turn: int = 0
    weights: Weights = field(default_factory=Weights)
    prices: Prices = field(default_factory=Prices)
