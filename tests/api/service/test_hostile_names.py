"""Names that are programs somewhere: stored as they are, shown as they are, run nowhere."""

from __future__ import annotations

import pytest

from api.server import running
from api.store import open_project
from tests.web.conftest import HOSTILE

NAMES = [
    HOSTILE,
    "'; DROP TABLE cells; --",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raise %}",
    "wangge-data-goes-here",
]


@pytest.fixture
def hostile(tiny_project):
    """Give a project whose county, towns, villages, cells, places and cameras have hostile names."""
    with open_project(tiny_project) as project:
        with project.change(who="<b>li</b>", action="test") as change:
            for layer, columns in {
                "villages": ("village", "town", "county"), "cells": ("cell", "note"), "places": ("place",),
                "cameras": ("camera", "owner"), "hamlets": ("hamlet",),
            }.items():  # fmt: skip
                table = project.read(layer)
                key = table.columns[0]
                names = [NAMES[number % len(NAMES)] for number in range(len(table))]
                county = {"county": HOSTILE} if "county" in columns else {}
                change.update(layer, table[[key]].assign(**(dict.fromkeys(columns, names) | county)), keys=[key])
        yield project


@pytest.mark.browser
def test_no_name_runs_on_any_page(browser, hostile) -> None:
    said, alerts = [], []
    with running(hostile) as link:
        base = link.partition("/?")[0]
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.on("console", lambda note: said.append(note.text) if note.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
        page.goto(link)
        for path in ("/", "/map", "/map?view=gaps&lang=en", "/embed/cells"):
            page.goto(base + path)
            page.wait_for_selector("html[data-ready]")
            assert page.title() != "broken"
            assert page.locator("img[src=x]").count() == 0
            shown = page.evaluate("wangge.page.atlas.villages.map(each => each.name)")
            assert set(shown) == set(NAMES)
            assert "<script>document.title" in page.title()
        context.close()
    assert alerts == []
    assert said == []
    assert hostile.count("cells") > 0
