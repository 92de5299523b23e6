"""How large cells should be: sizes by the class of a village, and the visits that make its workload."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from math import inf
from typing import TYPE_CHECKING, Any

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable

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

    Each table but `workload`, `borders` and `rules` is a size; `target_households` must be above zero. What is left
    out is as shipped. Raises `SchemaError` that names table, key, value and what may stand there.

    >>> read_profile("[all]\ntarget_households = 300").sizes[0].max_households
    375.0
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(
            f"规模配置不是 TOML，读不懂：{error}", f"the profile cannot be read as TOML: {error}"
        ) from error
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise _refusal(name, table, "要写在 [组名] 下面，如 [rural]", "belongs under a [table], such as [rural]")
    work, borders, rules = (tables.pop(name, {}) for name in ("workload", "borders", "rules"))
    sizes = tuple(_size(name, table) for name, table in tables.items()) or default_profile().sizes
    _require_apart(sizes)
    return Profile(sizes, _rules(rules), **_numbers("borders", borders, _BORDERS),
                   **_numbers("workload", work, _WORK))  # fmt: skip


@cache
def default_profile() -> Profile:
    """Give the profile that ships with the product."""
    return read_profile(files("spatial.planning").joinpath("profile.toml").read_text(encoding="utf-8"))


_BORDERS = ("barrier_weight",)
_KINDS = ("community", "village")
_WORK = tuple(field.name for field in fields(Profile) if field.name not in {"sizes", "rules", *_BORDERS})


def _refusal(key: str, value: Any, zh: str, en: str) -> SchemaError:
    """Name what is wrong in a profile, and what may stand there."""
    return SchemaError(f"规模配置 {key} = {value!r}：{zh}", f"profile, {key} = {value!r}: {en}")


def _number(key: str, value: Any, *, above: bool = False) -> float:
    """Read a number that is not below zero, or `above` it."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf
    if not fits or (above and value == 0):
        zh, en = ("大于 0 的数", "above 0") if above else ("不小于 0 的数", "of 0 or more")
        raise _refusal(key, value, f"要写{zh}", f"give a number {en}")
    return float(value)


def _only(title: str, table: dict[str, Any], names: Iterable[str]) -> None:
    """Refuse a key that a table does not have."""
    for name in table.keys() - set(names):
        listed = "、".join(sorted(names))
        raise _refusal(f"{title}.{name}", table[name], f"没有这一项，可写：{listed}",
                       f"no such key, known are {listed.replace('、', ', ')}")  # fmt: skip


def _numbers(title: str, table: dict[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    """Read numbers of a table."""
    _only(title, table, names)
    return {name: _number(f"{title}.{name}", value) for name, value in table.items()}


def _rules(table: dict[str, Any]) -> Rules:
    """Read the rules: true or false where a rule is on or off, else a number above zero."""
    switch = {field.name: isinstance(field.default, bool) for field in fields(Rules)}
    _only("rules", table, switch)
    for name, value in table.items():
        if switch[name] and not isinstance(value, bool):
            raise _refusal(f"rules.{name}", value, "要写 true 或 false", "give true or false")
    given: dict[str, Any] = {
        name: value if switch[name] else _number(f"rules.{name}", value, above=True) for name, value in table.items()
    }
    return Rules(**given)


def _require_apart(sizes: tuple[Size, ...]) -> None:
    """Refuse a class or kind that stands in two sizes: which of them counts would depend on their order."""
    for key in ("classes", "kinds"):
        first: dict[str, str] = {}
        for size in sizes:
            for value in getattr(size, key):
                if first.setdefault(value, size.name) != size.name:
                    raise _refusal(f"{size.name}.{key}", value, f"已写在 [{first[value]}] 里，只能写在一组",
                                   f"stands in [{first[value]}] already; it belongs to one table")  # fmt: skip


def _size(name: str, table: dict[str, Any]) -> Size:
    _only(name, table, [field.name for field in fields(Size) if field.name != "name"])
    for key in ("classes", "kinds"):
        if not isinstance(table.get(key, []), list):
            raise _refusal(f"{name}.{key}", table[key], '要写成清单，如 ["210"]', 'give a list, such as ["210"]')
    target = _number(f"{name}.target_households", table.get("target_households"), above=True)
    usual = {"min_households": target * 0.75, "max_households": target * 1.25, "max_residents": 1200.0,
             "min_party_members": 0.0}  # fmt: skip
    numbers = {key: _number(f"{name}.{key}", table.get(key, value)) for key, value in usual.items()}
    least, most = numbers["min_households"], numbers["max_households"]
    for key, wrong in (("min_households", least > target), ("max_households", most < target)):
        if wrong:
            zh = f"目标 target_households = {target:g} 要在 min_households 与 max_households 之间"
            en = f"target_households = {target:g} must lie between min_households and max_households"
            raise _refusal(f"{name}.{key}", table.get(key, numbers[key]), zh, en)
    classes, kinds = (tuple(str(each) for each in table.get(key, ())) for key in ("classes", "kinds"))
    for kind in kinds:
        if kind not in _KINDS:
            raise _refusal(f"{name}.kinds", kind, f"没有这一类，可写：{'、'.join(_KINDS)}",
                           f"no such kind, known are {', '.join(_KINDS)}")  # fmt: skip
    return Size(name, classes, kinds, target, **numbers)
