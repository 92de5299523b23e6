"""Every word that a page asks for is there, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from spatial.coverage.optics import optics
from spatial.layers import LAYERS, PLACE_KINDS
from web import STATIC
from web.compare_words import COMPARE
from web.county import VIEWS
from web.words import WORDS as SHARED

WORDS = {**SHARED, **COMPARE}
"""What some page or other carries: the map of two plans brings words of its own."""

TEMPLATE = Path(STATIC).parent / "templates" / "desk.html"
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))


def choices(layer: str, column: str) -> tuple[str, ...]:
    return LAYERS[layer].column(column).choices


def test_words_of_the_scripts_are_in_the_table() -> None:
    asked = set(re.findall(r"say\(\"([a-z0-9_]+)\"[,)]", SCRIPTS))
    rows = set(re.findall(r"^\s*\[\"([a-z_]+)\", ", SCRIPTS, re.MULTILINE))
    assert len(asked) > 50
    assert asked | rows <= set(WORDS)


def test_words_of_the_template_are_in_the_table() -> None:
    asked = set(re.findall(r"data-(?:word|tip)=\"([a-z_]+)\"", TEMPLATE.read_text(encoding="utf-8")))
    assert len(asked) > 15
    assert asked <= set(WORDS)


@pytest.mark.parametrize(
    "wanted",
    [
        *(f"place_{kind}" for kind in PLACE_KINDS),
        *(f"gap_{kind}" for kind in choices("gaps", "kind")),
        *(f"reason_{kind}" for kind in choices("gaps", "reason")),
        *(f"member_{kind}" for kind in choices("members", "kind")),
        *(f"kind_{kind}" for kind in choices("cameras", "kind")),
        *(f"camera_{kind}" for kind in choices("cameras", "status")),
        *(f"status_{kind}" for kind in choices("plans", "status")),
        *(f"input_{name}" for name in optics(pd.DataFrame({"kind": ["bullet"]})).assumed),
        *(f"{what}_{view}" for what in ("view", "title") for view in VIEWS),
    ],
)
def test_every_value_of_the_contract_has_a_word(wanted: str) -> None:
    assert wanted in WORDS


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_say_it(key: str) -> None:
    chinese, english = WORDS[key]
    assert chinese
    assert english
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert re.findall(r"\{\w+\}", chinese) == [] or sorted(re.findall(r"\{\w+\}", chinese)) == sorted(
        re.findall(r"\{\w+\}", english)
    )
