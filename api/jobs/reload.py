"""What a load changes in its layer, told before anything is replaced, and what the plan loses by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from spatial.crs import MetreDoor
from spatial.layers import LAYERS
from spatial.reload import KINDS, Reload, compare_inventory
from spatial.within import homes_in_cells

if TYPE_CHECKING:
    from api.store import Project

__all__ = ["Reloaded", "compared_with_stored", "repeats", "stored_rows"]

_EXAMPLES = 3
_WAYS = (("北", "north"), ("东北", "north-east"), ("东", "east"), ("东南", "south-east"),
         ("南", "south"), ("西南", "south-west"), ("西", "west"), ("西北", "north-west"))  # fmt: skip
_NAMES = {"added": "新增", "removed": "删除", "renamed": "改号", "moved": "移位", "changed": "改值"}


@dataclass(frozen=True)
class Reloaded:
    """A comparison, what it means for the plan by village (None without a plan), and sentences in both languages."""

    found: Reload
    effects: pd.DataFrame | None
    notes: list[tuple[str, str]]

    def answer(self) -> dict[str, Any]:
        """Give what the command answers: counts, the systematic shift, the first rows of each kind."""
        shift, frame = self.found.shift, self.found.frame
        first = frame.groupby("kind", sort=False).head(_EXAMPLES)
        return {
            "changes": self.found.counts,
            "shift": None if shift is None else {
                "count": shift.count, "metres": round(shift.metres, 1), "direction_deg": round(shift.direction_deg, 1),
            },
            "examples": [_example(dict(row)) for _, row in first.iterrows()],
            "effects": None if self.effects is None else {
                "villages": len(self.effects), "homes_moved": int(self.effects["homes_moved"].sum()),
                "cells_changed": int(self.effects["cells_changed"].sum()),
            },
        }  # fmt: skip


def stored_rows(store: Project, layer: str) -> Any:
    """Give the rows of a layer that a replacement would take away: of blocks only those that were loaded."""
    frame = store.read(layer)
    if layer == "blocks":
        loaded = store.settings.get("loaded_blocks", [])
        frame = frame[frame["block_id"].isin(loaded)].reset_index(drop=True)
    return frame


def compared_with_stored(
    store: Project, layer: str, frame: pd.DataFrame, *, crs: str | None, replace: bool = True
) -> Reloaded:
    """Compare a frame with the layer that it is to replace, or to join; `crs` is the project's measuring CRS."""
    stored = stored_rows(store, layer) if replace else store.read(layer, where={LAYERS[layer].key[0]: []})
    door = None if crs is None or LAYERS[layer].geometry is None else MetreDoor(crs)
    before, after = (_in_metres(one, door) for one in (stored, frame))
    found = compare_inventory(layer, before, after)
    plan = store.current_plan() if replace and len(stored) else None
    effects = _effects(store, plan, before, after, door) if layer == "homes" and plan and door else None
    return Reloaded(found, effects, [*_notes(layer, found), *_losses(store, layer, plan, found, effects)])


def repeats(store: Project, layer: str, frame: pd.DataFrame, *, crs: str | None) -> tuple[str, str] | None:
    """Say of rows whose keys are stored how many are the same and how many differ; None where none is."""
    key = LAYERS[layer].key[0]
    stored = store.read(layer)
    stored, again = stored[stored[key].isin(frame[key])], frame[frame[key].isin(stored[key])]
    if again.empty or again[key].duplicated().any():
        return None
    door = None if crs is None or LAYERS[layer].geometry is None else MetreDoor(crs)
    counts = compare_inventory(layer, _in_metres(stored, door), _in_metres(again, door)).counts
    same, differ = counts["same"], len(again) - counts["same"]
    return (
        f"其中 {same} 行与项目里相同、{differ} 行不同；先看会改什么：--replace --preview",
        f"{same} of them are the same as stored, {differ} differ; see what would change: --replace --preview",
    )


def _in_metres(frame: pd.DataFrame, door: MetreDoor | None) -> pd.DataFrame:
    if door is None or not isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    carried: pd.DataFrame = door.forward(frame)
    return carried


def _effects(
    store: Project, plan: str, before: pd.DataFrame, after: pd.DataFrame, door: MetreDoor
) -> pd.DataFrame | None:
    """Count by village the homes that come to lie in another cell, and the cells whose households change."""
    cells = store.read("cells", where={"plan": plan, "end_date": None})
    if cells.empty:
        return None
    cells = door.forward(cells)
    village_of = cells.set_index("cell_code")["village_code"]
    tables = [
        pd.DataFrame({
            "cell": homes_in_cells(homes.reset_index(drop=True), cells).to_numpy(),
            "households": pd.to_numeric(homes["households"]).to_numpy(float, na_value=0),
        }, index=pd.Index(homes["home_id"].astype(object)))
        for homes in (before, after)
    ]  # fmt: skip
    sums = pd.concat([table.groupby("cell")["households"].sum() for table in tables], axis=1).reindex(village_of.index)
    sums = sums.fillna(0.0).set_axis(["households_before", "households_after"], axis=1)
    changed = sums["households_before"] != sums["households_after"]
    both = tables[0][["cell"]].set_axis(["cell_before"], axis=1)
    both = both.join(tables[1]["cell"].rename("cell_after"), how="inner").fillna("")
    moved = both[both["cell_before"] != both["cell_after"]]
    where = moved["cell_before"].where(moved["cell_before"] != "", moved["cell_after"]).map(village_of)
    villages = sums.groupby(village_of).sum()
    villages["cells_changed"] = changed.groupby(village_of).sum().astype(int)
    villages["homes_moved"] = where.value_counts().reindex(villages.index).fillna(0).astype(int)
    villages = villages[(villages["cells_changed"] > 0) | (villages["homes_moved"] > 0)]
    columns = ["village_code", "homes_moved", "cells_changed", "households_before", "households_after"]
    return villages.rename_axis("village_code").reset_index()[columns]


def _notes(layer: str, found: Reload) -> list[tuple[str, str]]:
    """Say a systematic shift and columns that the new file does not have."""
    notes = []
    if found.shift is not None:
        count, metres = found.shift.count, found.shift.metres
        zh, en = _WAYS[round(found.shift.direction_deg / 45) % 8]
        notes.append((
            f"注意：{count} 行一起向{zh}移动约 {metres:,.0f} 米，是不是换了坐标基准（--datum）？",
            f"mind: {count} rows moved about {metres:,.0f} m {en} together: another datum (--datum)?",
        ))  # fmt: skip
    if found.emptied:
        names = ", ".join(found.emptied)
        notes.append((
            f"新文件没有这些列的值，替换后会变空：{names}",
            f"the new file has no values in these columns, they become empty: {names}",
        ))  # fmt: skip
    if found.counts["removed"] and not found.counts["same"] and not found.counts["changed"] and layer != "terrain":
        notes.append(
            ("没有一行与原来相同，请核对是不是同一张清单", "no row is as before: check that it is the same list")
        )
    return notes


def _losses(
    store: Project, layer: str, plan: str | None, found: Reload, effects: pd.DataFrame | None
) -> list[tuple[str, str]]:
    """Say what the plan loses by the replacement."""
    if plan is None:
        return []
    notes = []
    if effects is not None and len(effects):
        moved, cells = int(effects["homes_moved"].sum()), int(effects["cells_changed"].sum())
        notes.append((
            f"方案 {plan}：{moved} 处房屋落到别的网格，{cells} 个网格户数变化（{len(effects)} 个村，逐村见变更清单）",
            f"plan {plan}: {moved} homes in another cell, {cells} cells with other households, see --changes",
        ))  # fmt: skip
    gone = found.frame.loc[found.frame["kind"].isin(["removed"]), "code"].tolist()
    gone += found.frame.loc[found.frame["kind"] == "renamed", "old_code"].tolist()
    for table, column, of, zh, en in (
        (
            "assignments",
            "member_id",
            "members",
            "个岗位的人员不在新清单里",
            "posts are held by people the new list lacks",
        ),
        ("contacts", "home_id", "homes", "条党员联系户的房屋不在新清单里", "contacts are of homes the new list lacks"),
    ):
        if layer == of and gone:
            held = store.read(table, where={"plan": plan}, columns=[column])[column]
            count = int(held.isin(gone).sum())
            if count:
                notes.append((f"方案 {plan}：{count} {zh}，请重新分配（wangge assign）",
                              f"plan {plan}: {count} {en}; run wangge assign again"))  # fmt: skip
    if layer == "villages" and any(found.counts[kind] for kind in KINDS):
        notes.append((
            f"村界或村编码变了：方案 {plan} 的网格用 wangge carry 转到新的村上",
            f"villages changed: wangge carry brings the cells of plan {plan} over to the new ones",
        ))  # fmt: skip
    return notes


def _example(row: dict[str, Any]) -> dict[str, Any]:
    """Write one difference for people."""
    code, kind = row["code"], row["kind"]
    zh, en = f"{_NAMES[kind]} {code}", f"{kind} {code}"
    if kind == "renamed":
        zh, en = f"{zh}（原 {row['old_code']}）", f"{en} (was {row['old_code']})"
    elif kind == "moved" and not pd.isna(row["distance_m"]):
        way = _WAYS[round(row["direction_deg"] / 45) % 8]
        zh, en = f"{zh} {row['distance_m']:,.1f} 米 向{way[0]}", f"{en} {row['distance_m']:,.1f} m {way[1]}"
    elif kind == "changed":
        before, after = ("–" if pd.isna(row[name]) else row[name] for name in ("before", "after"))
        what = "" if row["column"] is None else f" {row['column']}：{before} → {after}"
        zh, en = zh + what, en + what.replace("：", ": ")
    return {"kind": kind, "code": code, "zh": zh, "en": en}
