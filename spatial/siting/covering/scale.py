"""Brings numbers of any unit to one scale, so that a covering is the same problem in yuan, in millions, or in shares.

A solver lets a rule be broken by some 1e-6, and a search calls two numbers equal that differ by some 1e-9. Numbers that
are multiples of one unit become those whole multiples, free of rounding: 0.1, 0.2, 0.3 are 1, 2, 3. A proof steps from
one whole number to the next. Other numbers are multiplied by a power of two, which rounds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spatial.arrays import Floats

__all__ = ["Scaled", "scaled_budget", "scaled_prices", "scaled_weights"]

_MUCH = 2.0**40
_FINE = 2.0**-20  # no unit below this share of the greatest number is looked for
_NOISE = 2.0**-34
_SAME = 1e-13
_SLACK = 1e-12


@dataclass(frozen=True)
class Scaled:
    """Numbers to scale; times `unit` they are what was given. `whole` tells whether they are whole multiples of it."""

    values: Floats
    unit: float
    whole: bool


def scaled_weights(given: Floats) -> Scaled:
    """Bring weights to scale: whole multiples where they are such, else to a sum of about a million."""
    return _multiples(given) or _by_two(given, float((given / given.max()).sum()) * 2.0**-20)


def scaled_prices(given: Floats) -> Scaled:
    """Bring prices to scale: whole multiples where they are such, else to at most about a thousand."""
    return _multiples(given) or _by_two(given, 2.0**-10)


def _by_two(given: Floats, share: float) -> Scaled:
    """Measure in a share of the greatest number, rounded to a power of two."""
    exponent = int(np.frexp(given.max())[1]) + int(np.frexp(share)[1])
    return Scaled(np.ldexp(given, -exponent), float(np.ldexp(1.0, exponent)), whole=False)


def scaled_budget(budget: float, prices: Scaled) -> float:
    """Bring a budget to the scale of prices; of whole prices it buys whole ones."""
    if not np.isfinite(budget):
        return np.inf
    purse = budget / prices.unit
    return float(np.floor(purse * (1 + _SLACK) + _SLACK)) if prices.whole else purse


def _multiples(given: Floats) -> Scaled | None:
    """Read numbers as whole multiples of their greatest common unit, as far as there is one."""
    some = np.unique(given[given > 0])
    if not len(some):
        return Scaled(given, 1.0, whole=True)
    if some[-1] < _MUCH and bool((some == np.rint(some)).all()):
        unit = float(np.gcd.reduce(some.astype(np.int64)))
        whole: Floats = given / unit
    else:
        unit = _unit(some)
        whole = np.rint(given / unit) if unit else given
        if not unit or (np.abs(given - whole * unit) > _SAME * given).any():
            return None
    return Scaled(whole, unit, whole=True) if (whole / whole.max()).sum() * whole.max() <= _MUCH else None


def _unit(some: Floats) -> float:
    """Find the number that all are multiples of, but for rounding, by Euclid's steps; 0 where there is none."""
    top = float(some[-1])
    unit = float(some[0])
    while unit > top * _FINE:
        rest = np.abs(some - np.rint(some / unit) * unit)
        if rest.max() <= top * _NOISE:
            whole = np.rint(some / unit)
            return float((some / top).sum() / (whole / whole[-1]).sum() * (top / whole[-1]))
        large, small = unit, float(rest.max())
        while small > top * _NOISE:
            large, small = small, abs(large - round(large / small) * small)
        unit = large
    return 0.0
