"""How many cells each village gets."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spatial.planning.options import PlanOptions
    from spatial.planning.profiles import Profile

__all__ = ["cells_needed", "sainte_lague"]


def cells_needed(
    villages: pd.DataFrame,
    weights: pd.DataFrame,
    *,
    options: PlanOptions,
    most: NDArray[np.int64] | None = None,
    least: NDArray[np.int64] | None = None,
    earlier: pd.Series[int] | None = None,
) -> pd.Series[int]:
    """Give the number of basic cells of every village, indexed by village_code.

    `weights` holds, by village_code, `households` and the balanced measure. A number per cell gives
    max(1, round-half-up(households / number)); a total is shared by Sainte-Laguë with at least one and at
    `most` so many each (aligned with the sorted codes); `least` are cells that locked ones take already. Where nothing
    is asked, villages that an `earlier` plan has keep its number, and the profile decides for the others.
    Raises `InfeasibleError` where a total lies below the number of villages or above that of households, or a
    village is unknown.
    """
    codes = pd.Index(sorted(villages["village_code"]), name="village_code")
    households = weights["households"].reindex(codes).fillna(0).to_numpy(float)
    if options.cells is not None:
        measure = weights[options.measure].reindex(codes).fillna(0).to_numpy(float)
        _require_households(options.cells, households)
        return pd.Series(_shared(measure, options.cells, most, least), index=codes)
    if options.cells_by is not None:
        return _from_list(codes, options.cells_by, least)
    if options.households is not None:
        target = np.full(len(codes), float(options.households))
    else:
        target = _targets(villages.set_index("village_code").reindex(codes), options.profile)
    needed = np.floor(households / target + 0.5)
    if options.households is None and earlier is not None:
        had = earlier.reindex(codes).to_numpy(dtype=float)
        needed = np.where(had > 0, had, needed)
    floor = 1 if least is None else least
    return pd.Series(np.maximum(floor, needed).astype(np.int64), index=codes)


def sainte_lague(
    weights: NDArray[np.float64],
    seats: int,
    *,
    most: NDArray[np.int64] | None = None,
    least: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Share `seats` by weight (highest odd quotients), each getting `least` (one); ties go to the first.

    >>> sainte_lague(np.array([53.0, 24.0, 23.0]), 7).tolist()
    [3, 2, 2]
    """
    won = np.ones(len(weights), np.int64) if least is None else least.astype(np.int64)
    if len(weights) == 0:
        return won
    shares = weights if weights.sum() > 0 else np.ones(len(weights))
    heap = [(-shares[i] / (2 * won[i] + 1), i) for i in range(len(shares))]
    heapq.heapify(heap)
    for _ in range(seats - int(won.sum())):
        _, i = heap[0]
        while most is not None and won[i] >= most[i]:
            heapq.heappop(heap)
            _, i = heap[0]
        won[i] += 1
        heapq.heapreplace(heap, (-shares[i] / (2 * won[i] + 1), i))
    return won


def _require_households(cells: int, households: NDArray[np.float64]) -> None:
    """Refuse more cells than there are households, where they are known, and villages without."""
    most = int(np.maximum(np.floor(households), 1).sum())
    if households.sum() > 0 and cells > most:
        raise InfeasibleError(
            f"要 {cells} 个网格，但总共只有 {households.sum():.0f} 户，每格至少一户。请减少网格数，或核对 --cells",
            f"{cells} cells were asked for, but there are {households.sum():.0f} households in all, one a cell at "
            "least: ask for fewer, or check --cells",
        )


def _shared(
    measure: NDArray[np.float64], cells: int, most: NDArray[np.int64] | None, least: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    villages = len(measure) if least is None else int((least > 0).sum())
    if cells < villages:
        raise InfeasibleError(
            f"要 {cells} 个网格，但有 {villages} 个村（社区），每个至少一个。请至少要 {villages} 个",
            f"{cells} cells were asked for {villages} villages that need one each: ask for at least {villages}",
        )
    if least is not None and cells < least.sum():
        raise InfeasibleError(
            f"要 {cells} 个网格，但锁定的网格和其余的地至少要 {least.sum()} 个。请多要几个，或解锁",
            f"{cells} cells were asked for, but locked cells and the ground beside them need {least.sum()}: "
            "ask for more, or unlock some",
        )
    if most is not None and cells > most.sum():
        raise InfeasibleError(
            f"要 {cells} 个网格，但各村的村民小组合计只能分 {most.sum()} 个。请减少网格数，或改用 --unit block",
            f"{cells} cells were asked for, but whole hamlets allow only {most.sum()}: "
            "ask for fewer, or plan with --unit block",
        )
    return sainte_lague(measure, cells, most=most, least=least)


def _from_list(codes: pd.Index[str], cells_by: Mapping[str, int], least: NDArray[np.int64] | None) -> pd.Series:
    unknown, missing = sorted(set(cells_by) - set(codes)), sorted(set(codes) - set(cells_by))
    if unknown or missing:
        code, zh, en = (
            (unknown[0], "不在要规划的村里", "is not planned")
            if unknown
            else (missing[0], "没有给网格数", "has no number of cells")
        )
        raise InfeasibleError(
            f"网格数清单：村 {code} {zh}（不明 {len(unknown)} 个，缺 {len(missing)} 个）",
            f"list of cells: village {code} {en} ({len(unknown)} unknown, {len(missing)} missing)",
        )
    given = pd.Series({code: int(cells_by[code]) for code in codes}).reindex(codes)
    if (given < 1).any():
        code = given.index[given < 1][0]
        raise InfeasibleError(
            f"村 {code} 的网格数是 {given[code]}，至少要 1",
            f"village {code} is given {given[code]} cells; it needs at least 1",
        )
    few = np.zeros(len(given), bool) if least is None else given.to_numpy() < least
    if few.any():
        code, need = given.index[few][0], int(least[few][0]) if least is not None else 1
        raise InfeasibleError(
            f"村 {code} 的网格数是 {given[code]}，锁定的网格和其余的地至少要 {need} 个。请多给几个，或解锁",
            f"village {code} is given {given[code]} cells; its locked cells and the ground beside them need {need}: "
            "give more, or unlock some",
        )
    return given


def _targets(villages: pd.DataFrame, profile: Profile) -> NDArray[np.float64]:
    """Look the target of each village up in the profile."""
    blank = pd.Series([None] * len(villages), index=villages.index, dtype=object)
    classes, kinds = villages.get("class", blank), villages.get("kind", blank)
    text = [
        (c if isinstance(c, str) else None, k if isinstance(k, str) else None)
        for c, k in zip(classes, kinds, strict=True)
    ]
    return np.array([profile.size(village_class=c, kind=k).target_households for c, k in text], float)
