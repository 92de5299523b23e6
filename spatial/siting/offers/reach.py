"""The fewest new cameras for a share of demand where cameras that hang may be turned as well: a bound, and a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.siting.covering.asked import Asked
from spatial.siting.covering.problem import CoverProblem
from spatial.siting.covering.program import relaxed
from spatial.siting.covering.rack import Rack
from spatial.siting.covering.search import joined
from spatial.siting.offers.master import best_offers

if TYPE_CHECKING:
    from spatial.siting.offers.priced import Places

__all__ = ["fewest", "fewest_bound"]

_EPS, _ROUNDING = 1e-9, 1e-6
_TRIES, _LARGE = 8, 500  # numbers of cameras tried for a proof; more cameras than that are not


def fewest(places: Places, need: float, turns: float, known: int, *, prove: bool) -> tuple[tuple[int, ...] | None, int]:
    """Look for fewer than `known` paid rows that cover `need`: such rows (None: none found), and a bound on any.

    With `prove` numbers are tried upwards from the bound of the relaxation, while each is proven to be too few.
    """
    bound = min(fewest_bound(places, need, turns), known)
    if not prove or known > _LARGE:
        return None, bound
    sure = True
    for count in range(bound, min(known, bound + _TRIES)):
        tried = best_offers(places, float(count), turns, prove=True)
        if tried.covered >= need * (1 - _EPS):
            return tried.rows, bound
        sure = sure and tried.bound < need * (1 - _EPS)
        bound += sure
    return None, bound


def fewest_bound(places: Places, need: float, turns: float) -> int:
    """Bound the number of paid rows that cover `need` from below, with at most so many turns."""
    asked = Asked.of(places.matrix, places.weight, None, ())
    matrix, value = joined(asked.matrix, asked.worth)
    problem = CoverProblem(
        matrix, value, places.cost, need=need / asked.unit, rack=Rack(places.place, places.room),
        turned=places.turns, turns=turns,
    )  # fmt: skip
    return int(max(0.0, np.ceil(-relaxed(problem.program()).bound - _ROUNDING)))
