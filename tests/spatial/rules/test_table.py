"""Every rule about cells has a kind of problem: a stable code, its severity, two languages, a remedy, and a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from spatial.problems import CATALOGUE

HERE = Path(__file__).resolve().parents[2]
RULES = {
    "a cell lies in its village": ("error", "cell-outside-village", "cell-village-unknown"),
    "cells share no ground": ("error", "cells-overlap"),
    "cells leave no gap": ("error", "village-has-gaps", "tiling-broken"),
    "shared borders share their vertices": ("error", "borders-not-shared"),
    "a cell's border is valid": ("error", "cell-invalid"),
    "a cell is one piece": ("error", "cell-in-pieces"),
    "a village in pieces is a reason": ("warning", "cell-follows-village-pieces"),
    "a cell encloses no other": ("warning", "cell-with-hole"),
    "a code is used once": ("error", "cell-code-repeats"),
    "a code has its form": ("error", "cell-code-form"),
    "codes run west to east, north to south": ("warning", "cell-codes-out-of-order"),
    "a village has cells": ("error", "village-without-cells"),
    "no building is cut": ("error", "building-cut"),
    "a building across a village border is said": ("warning", "building-across-border"),
    "no hamlet is cut": ("warning", "hamlet-cut"),
    "no river, railway or motorway without a bridge inside": ("warning", "cell-spans-barrier"),
    "households within the band": ("warning", "cell-households-outside-band"),
    "no more residents than the cap": ("warning", "cell-over-residents"),
    "no more than five visits a day": ("warning", "cell-overloaded"),
    "party members for a group": ("warning", "cell-party-members-few"),
    "no cell without households": ("warning", "cell-without-households"),
    "the tolerance": ("warning", "over-tolerance"),
    "every home in a cell": ("error", "home-outside-cells"),
    "one lead a cell": ("error", "cell-without-lead", "cell-several-leads"),
    "one cell a member": ("error", "member-several-cells"),
    "a full-time member has a cell": ("error", "member-without-cell"),
    "assignments name what there is": ("error", "assignment-unknown"),
    "a walk of fifteen minutes, thirty in villages": ("warning", "cell-walk-too-long"),
    "cells are their blocks": ("error", "cell-not-its-blocks"),
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_kind_and_a_test_that_raises_it(rule: str) -> None:
    severity, *kinds = RULES[rule]
    tests = "".join(path.read_text("utf-8") for path in HERE.rglob("test_*.py") if path.name != Path(__file__).name)
    for name in kinds:
        kind = CATALOGUE[name]
        assert kind.severity == severity
        assert any("一" <= sign <= "鿿" for sign in kind.zh)
        assert kind.en.isascii() or "²" in kind.en
        assert "·" in kind.remedy
        assert f'"{name}"' in tests, f"no test raises {name}"
