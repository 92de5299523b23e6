"""Words of the map that lays two plans over another."""

from __future__ import annotations

__all__ = ["COMPARE"]

COMPARE = {
    "title_compare": ("方案对比", "Two plans compared"),
    "about_compare": (
        "{a}（原）→ {b}（新）；颜色是换了网格的地方，标记后是户数",
        "{a} (old) → {b} (new); colours show ground that changed its cell, numbers its households",
    ),
    "compare_only": (
        "{plan} 没有规划 {n} 个村（社区），不计入：{names}",
        "{plan} does not plan {n} villages, which count nowhere here: {names}",
    ),
    "compare_cells": ("网格", "cells"),
    "compare_unchanged": ("不变", "unchanged"),
    "compare_new": ("新编码", "new codes"),
    "compare_retired": ("停用编码", "retired codes"),
    "compare_moved": ("户换了网格", "households move"),
    "compare_kept": ("户留在原网格", "households stay"),
    "old_borders": ("原界线（{a}）", "Old borders ({a})"),
    "new_borders": ("新界线（{a}）", "New borders ({a})"),
    "change_unchanged": ("未变", "unchanged"),
    "change_kept": ("沿用编码，范围有变", "keeps its code"),
    "change_moved": ("划入邻格", "moved to another cell"),
    "change_split": ("拆出新格", "split to a new code"),
    "change_merged": ("并入他格", "merged"),
    "change_new": ("换了新码", "under a new code"),
    "change_retired": ("撤销", "retired"),
    "change_ground": ("只换地，无户", "ground without households"),
    "mark_kept": ("沿", "K"),
    "mark_moved": ("划", "M"),
    "mark_split": ("拆", "S"),
    "mark_merged": ("并", "+"),
    "mark_new": ("新", "N"),
    "mark_retired": ("撤", "R"),
    "mark_ground": ("·", "·"),
    "changes": ("变更 {n} 处", "{n} changes"),
    "changes_more": ("另有 {n} 处，见变更清单（--out FILE.xlsx）", "{n} more in the change list (--out FILE.xlsx)"),
    "old_cell": ("原格", "Old cell"),
    "new_cell": ("新格", "New cell"),
    "change": ("变更", "Change"),
    "share_of_old": ("占原格", "Of old cell"),
}
