"""Sentences name values and columns in the reader's language."""

from __future__ import annotations

from spatial.layers import LAYERS
from spatial.problems import Problems
from spatial.problems.words import Word


def _said(problem: str, **figures: object) -> tuple[str, str]:
    problems = Problems()
    problems.add(problem, **figures)
    return problems.rows[0]["message_zh"], problems.rows[0]["message_en"]


def test_states_roles_and_columns_are_said_in_both_languages() -> None:
    assert _said("camera-class1-offline", code="C1", value="faulty") == (
        "一类点 C1 状态为故障",
        "class 1 camera C1 is faulty",
    )
    zh, en = _said("members-unplaced", code="lead", count=3, members=9)
    assert zh.startswith("网格长：9 人中有 3 人")
    assert en.startswith("role lead: 3 of 9")
    zh, en = _said("view-assumed", code="focal_mm", count=1, total=2)
    assert zh == "2 台摄像机中 1 台缺少焦距（focal_mm），按机型默认值计算"
    assert "lack focal_mm;" in en


def test_a_code_that_is_no_word_stays_as_it_is() -> None:
    assert _said("camera-class1-offline", code="lead", value="offline")[0] == "一类点 lead 状态为离线"


def test_every_state_and_role_of_the_layers_has_a_word() -> None:
    columns = {(layer, column.name): column for layer, spec in LAYERS.items() for column in spec.columns}
    for key in (("cameras", "status"), ("members", "kind")):
        assert all(f"{Word(value):zh}" != value for value in columns[key].choices)
