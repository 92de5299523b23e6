"""Every command, column and problem is documented, and the pages are those the code prints."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from spatial.problems import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]


def _pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


@pytest.mark.parametrize("name", ["commands.md", "layers.md", "problems.md"])
def test_a_page_is_what_the_code_prints(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == _pages()[name], "run: python docs/build.py"


def test_every_kind_of_problem_is_raised_somewhere() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("spatial", "files", "api", "web")
        for path in (ROOT / room).rglob("*.py")
        if not (path.parent.name == "problems" and path.name in {"data.py", "plan.py", "coverage.py"})
    )
    assert [name for name in CATALOGUE if f'"{name}"' not in code] == []


def test_every_problem_speaks_both_languages() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    for kind in CATALOGUE.values():
        assert han.search(kind.zh), kind.problem
        assert not han.search(re.sub(r"\{\w+[^}]*\}", "", kind.en)), kind.problem


def test_the_readmes_name_only_commands_that_exist() -> None:
    known = set(re.findall(r"^## wangge (\w+)", _pages()["commands.md"], flags=re.MULTILINE))
    for name in ("README.md", "README.en.md"):
        used = set(re.findall(r"^wangge (\w+)", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))
        assert used <= known


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "README.en.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{page.name}: {target}"
