"""What it is worth to see something: one table of weights for ranking blind areas and for siting cameras.

The weights are a convention of this program, in points: a school gate is worth three junctions, a
junction as much as 500 m of road or the open land of 100 households. They follow the working
order 围、连、补 of police planning: mouths and key places first, then roads, then the rest.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from spatial.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

    from spatial.arrays import Floats

__all__ = ["Prices", "Weights", "read_weights", "target_weights"]


@dataclass(frozen=True)
class Weights:
    """Points for each thing that is seen."""

    place: tuple[float, float, float] = (30.0, 20.0, 10.0)  # by priority 1, 2, 3
    junction: float = 10.0
    entrance: float = 10.0
    cordon: tuple[float, float, float] = (20.0, 15.0, 10.0)  # county, town, village border
    road_m: float = 0.02
    household: float = 0.1
    incident: float = 0.0  # for siting only; blind areas are ranked with a weight of their own
    open_m2: float = 0.0005


@dataclass(frozen=True)
class Prices:
    """What building costs, in yuan: assumptions, to be replaced by the county's own.

    Budgets of counties run from 26,000 to 51,000 yuan a point, pole, power and network included; a pole that stands
    costs what its list says, else nothing.
    """

    camera_yuan: float = 6_000.0
    pole_yuan: float = 30_000.0
    turn_yuan: float = 300.0


def read_weights(text: str) -> tuple[Weights, Prices]:
    r"""Read the tables `weights` and `costs` of a TOML file; what they leave out keeps its default.

    Raises `SchemaError` for an unknown name, a number below zero, or three numbers where one is due (or the reverse).

    >>> read_weights("[weights]\nplace = [50, 20, 5]\n[costs]\ncamera_yuan = 4500")[0].place
    (50.0, 20.0, 5.0)
    """
    try:
        tables = tomllib.loads(text)
        weights, prices = _of(Weights, tables.pop("weights", {})), _of(Prices, tables.pop("costs", {}))
        _none_left(tables)
    except (tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError) as error:
        raise SchemaError(
            f"权重配置读不懂：{error}；可用的名称见 docs/siting.md",
            f"the weights cannot be read: {error}; docs/siting.md lists the names",
        ) from error
    return weights, prices


def _none_left(tables: dict[str, Any]) -> None:
    """Refuse tables that mean nothing."""
    if tables:
        raise ValueError(f"[{next(iter(tables))}]")


def _of(kind: Any, table: dict[str, Any]) -> Any:
    """Fill a kind from a table; ValueError for what does not fit."""
    defaults = {field.name: field.default for field in fields(kind)}
    values: dict[str, Any] = {}
    for name, given in table.items():
        several = isinstance(defaults.get(name), tuple)
        numbers = tuple(float(number) for number in given) if isinstance(given, list) else (float(given),)
        fits = name in defaults and isinstance(given, list) == several and len(numbers) == (3 if several else 1)
        if not fits or not all(0 <= number < np.inf for number in numbers):
            raise ValueError(f"{name} = {given}")
        values[name] = numbers if several else numbers[0]
    return kind(**values)


_LEVELS = {"county": 0, "town": 1, "village": 2}


def target_weights(targets: pd.DataFrame, weights: Weights) -> Floats:
    """Give the points of every disc of `spatial.coverage.ground.targets.targets`."""
    kind = targets["kind"].to_numpy()
    priority = np.clip(targets["priority"].to_numpy(dtype=int), 1, 3) - 1
    level = np.array([_LEVELS.get(name, 2) for name in targets["level"]], dtype=int)
    answer: Floats = np.array(weights.place)[priority]
    answer[kind == "junction"] = weights.junction
    answer[kind == "entrance"] = weights.entrance
    gates = kind == "cordon"
    answer[gates] = np.array(weights.cordon)[level[gates]]
    return answer
