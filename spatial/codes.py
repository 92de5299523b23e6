"""Codes of villages: which scheme they follow, what their digits say, and how they differ from the shipped tables.

Mainland scheme (statistical division code, 国统字〔2009〕91号): 12 digits = province 2, prefecture 2, county 2,
town 3, village 3. Any other codes are a "free" scheme: they are kept as they are and nothing is read from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CodeTables", "Scheme", "check_codes", "mainland", "scheme_of", "village_kind"]

Scheme = Literal["mainland12", "free"]

_MAINLAND = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}[0-5]\d{2}[0-5]\d{2}"
"""Provinces that the code list has; town and village parts run from 001 to 599."""


@dataclass(frozen=True)
class CodeTables:
    """Names by code: `towns` has town_code (9 digits), town; `villages` has village_code (12 digits), village."""

    towns: pd.DataFrame
    villages: pd.DataFrame


def mainland(codes: Iterable[str]) -> NDArray[np.bool_]:
    """Say which codes have the form of the mainland scheme.

    >>> mainland(["211122103207", "10002010038", "w4711"]).tolist()
    [True, False, False]
    """
    listed = pd.Series(list(codes), dtype=object).astype("string")
    return listed.str.fullmatch(_MAINLAND).to_numpy(dtype=bool, na_value=False)


def scheme_of(codes: Iterable[str]) -> Scheme:
    """Name the scheme of village codes: mainland only if every one follows it, and there is at least one.

    >>> scheme_of(["211122103207", "211122103001"]), scheme_of(["10002010038"]), scheme_of([])
    ('mainland12', 'free', 'free')
    """
    follows = mainland(codes)
    return "mainland12" if len(follows) and follows.all() else "free"


def village_kind(codes: Iterable[str]) -> list[str]:
    """Read village or community from digits 10-12 of mainland codes; all other codes are villages.

    001-199 and 400-499 are residents' committees (社区), 200-399 and 500-599 villagers' committees (村).

    >>> village_kind(["211122103207", "211122103001", "10002010038"])
    ['village', 'community', 'village']
    """
    listed = list(codes)
    follows = mainland(listed)
    kinds = []
    for code, known in zip(listed, follows, strict=True):
        serial = int(code[9:12]) if known else 200
        kinds.append("community" if serial < 200 or 400 <= serial < 500 else "village")
    return kinds


def check_codes(villages: pd.DataFrame, *, tables: CodeTables | None = None) -> Problems:
    """Compare codes and names of villages with the shipped tables; differences are warnings, never refusals.

    Codes of a free scheme, and counties that the tables do not hold, give none. `villages` has the columns of
    the layer; its geometry, where there is one, places the problem.
    """
    problems = Problems()
    follows = mainland(villages["village_code"])
    if follows.any() and not follows.all():
        problems.add("code-scheme-mixed", mainland=int(follows.sum()), other=int((~follows).sum()))
    if tables is None or not len(follows) or not follows.all():
        return problems
    names = dict(zip(tables.villages["village_code"], tables.villages["village"], strict=True))
    counties = {code[:6] for code in names}
    for row in villages.to_dict("records"):
        code, name, shape = row["village_code"], row["village"], row.get("geometry")
        if code[:6] not in counties:
            continue
        point = None if shape is None else shape.representative_point()
        known = names.get(code)
        if known is None:
            problems.add("village-code-unknown", code=code, geometry=point, name=name)
        elif _stem(known) != _stem(name):
            problems.add("village-name-differs", code=code, geometry=point, name=name, known=known)
    problems.extend(_check_towns(villages, tables.towns))
    return problems


def _check_towns(villages: pd.DataFrame, towns: pd.DataFrame) -> Problems:
    """Compare the names of towns, once per town."""
    problems = Problems()
    names = {str(code)[:9]: name for code, name in zip(towns["town_code"], towns["town"], strict=True)}
    for code, name in villages[["town_code", "town"]].drop_duplicates().to_numpy(dtype=object):
        known = names.get(str(code)[:9])
        if known is not None and _stem(known) != _stem(name):
            problems.add("town-name-differs", code=str(code), name=name, known=known)
    return problems


def _stem(name: str | None) -> str:
    """Leave out what official and everyday names differ in.

    >>> _stem("新立村村委会") == _stem("新立村") == _stem("新立村村民委员会")
    True
    """
    text = "" if name is None else str(name).strip()
    for ending in ("村民委员会", "居民委员会", "村委会", "居委会", "委员会", "社区", "街道办事处", "街道"):
        if text.endswith(ending) and len(text) > len(ending):
            text = text[: -len(ending)]
            break
    return text.removesuffix("村")
