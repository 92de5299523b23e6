"""The history in words: what a Chinese reader sees holds no names of tables and keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.jobs.timeline import _LAYERS, timeline
from api.store import open_project
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from pathlib import Path


def test_every_layer_that_is_loaded_has_a_chinese_name() -> None:
    assert {layer.name for layer in LAYERS.values() if layer.input} == set(_LAYERS)


def test_the_history_of_a_whole_demo_is_chinese(tiny_project: Path) -> None:
    with open_project(tiny_project) as project:
        listed = timeline(project)
    assert {"coverage", "site", "assign", "plan", "demo"} <= {row["action"] for row in listed}
    for row in listed:
        assert not re.search(r"[a-z]{3,}", row["zh"]), row["zh"]


@pytest.mark.parametrize(("replaced", "zh", "en"), [(True, "整层替换 是", "replaced yes"), (False, "否", "no")])
def test_a_load_says_its_file_rows_and_whether_it_replaced(tmp_path: Path, replaced, zh, en) -> None:
    with open_project(tmp_path / "county.gpkg", create=True) as project:
        with project.change(who="李", action="load cameras") as change:
            change.record(after={"file": "点位.xlsx", "rows": 12, "replaced": replaced, "changes": None})
        (row,) = timeline(project)
    assert row["zh"].startswith("导入摄像机：文件 点位.xlsx，行数 12，整层替换 ")
    assert zh in row["zh"]
    assert en in row["en"]
