"""How large cells should be: sizes by the class of a village, and the visits that make its workload."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from math import inf
from typing import Any

from spatial.errors import SchemaError

__all__ = ["Profile", "Rules", "Size", "default_profile", "read_profile"]


@dataclass(frozen=True)
class Size:
    """The size of cells in one kind of village, in households, residents and party members per cell.

    `min_party_members` is a rule that `check` looks at (a party group needs members); 0 switches it off.
    """

    name: str
    classes: tuple[str, ...]
    kinds: tuple[str, ...]
    target_households: float
    min_households: float
    max_households: float
    max_residents: float
    min_party_members: float = 0


@dataclass(frozen=True)
class Rules:
    """What people and their work are held to.

    One lead per basic cell; one cell per lead and per full-time member (一格一员), which places with 1+3+N staffing,
    or several members per cell, switch off. Walks in minutes from where a member lives to the middle of the cell,
    shorter in communities than in villages.
    """

    one_lead_per_cell: bool = True
    one_cell_per_member: bool = True
    working_days: float = 250
    visits_a_day: float = 5
    walk_minutes_urban: float = 15
    walk_minutes_rural: float = 30
    metres_a_minute: float = 80


@dataclass(frozen=True)
class Profile:
    """Sizes by kind of village, what borders aim at, what makes work, and the rules of people.

    Work is visits a year to an ordinary and a special household; the other weights are visits a year as well, and 0
    unless a profile sets them: per square kilometre of land, party member, incident loaded, and kilometre walked
    from door to door. `barrier_weight` is what borders along roads and rivers are worth against compact cells.
    """

    sizes: tuple[Size, ...]
    rules: Rules = Rules()
    barrier_weight: float = 0.6
    ordinary_visits: float = 2
    special_visits: float = 12
    visits_per_km2: float = 0
    visits_per_party_member: float = 0
    visits_per_incident: float = 0
    visits_per_walked_km: float = 0

    def size(self, *, village_class: str | None, kind: str | None) -> Size:
        """Choose by the class code, else by the kind, else the last size of the profile."""
        for size in self.sizes:
            if village_class and village_class in size.classes:
                return size
        for size in self.sizes:
            if kind and kind in size.kinds:
                return size
        return self.sizes[-1]


def read_profile(text: str) -> Profile:
    r"""Read a profile from the text of a TOML file.

    Each table but `workload`, `borders` and `rules` is a size; `target_households` must be above zero. Raises
    `SchemaError`.

    >>> read_profile("[all]\ntarget_households = 300").sizes[0].max_households
    375.0
    """
    try:
        tables = tomllib.loads(text)
        work, borders, rules = (tables.pop(name, {}) for name in ("workload", "borders", "rules"))
        sizes = tuple(_size(name, table) for name, table in tables.items())
        profile = Profile(sizes, _rules(rules), **_numbers("borders", borders, _BORDERS),
                          **_numbers("workload", work, _WORK))  # fmt: skip
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SchemaError(f"规模配置读不懂：{error}", f"the profile cannot be read: {error}") from error
    if not sizes or any(size.target_households <= 0 for size in sizes):
        raise SchemaError(
            "规模配置里每一组都要有大于 0 的 target_households",
            "every size of a profile needs a target_households above 0",
        )
    return profile


@cache
def default_profile() -> Profile:
    """Give the profile that ships with the product."""
    return read_profile(files("spatial.planning").joinpath("profile.toml").read_text(encoding="utf-8"))


_BORDERS = ("barrier_weight",)
_WORK = tuple(field.name for field in fields(Profile) if field.name not in {"sizes", "rules", *_BORDERS})


def _numbers(title: str, table: dict[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    """Read numbers; ValueError for one that there is not, or that is below zero."""
    for name, value in table.items():
        if name not in names or isinstance(value, bool) or not 0 <= float(value) < inf:
            raise ValueError(f"{title}.{name} = {value}")
    return {name: float(value) for name, value in table.items()}


def _rules(table: dict[str, Any]) -> Rules:
    """Read the rules: true or false where a rule is on or off, else a number above zero; ValueError for others."""
    switch = {field.name: isinstance(field.default, bool) for field in fields(Rules)}
    for name, value in table.items():
        fits = name in switch and switch[name] == isinstance(value, bool)
        if not fits or not (switch[name] or 0 < float(value) < inf):
            raise ValueError(f"rules.{name} = {value}")
    given: dict[str, Any] = {name: value if switch[name] else float(value) for name, value in table.items()}
    return Rules(**given)


def _size(name: str, table: dict[str, Any]) -> Size:
    target = float(table["target_households"])
    return Size(
        name,
        tuple(str(code) for code in table.get("classes", ())),
        tuple(str(kind) for kind in table.get("kinds", ())),
        target,
        float(table.get("min_households", target * 0.75)),
        float(table.get("max_households", target * 1.25)),
        float(table.get("max_residents", 1200)),
        float(table.get("min_party_members", 0)),
    )
