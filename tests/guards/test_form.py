"""The form of the code is held by tests: sizes, layers, public names, style, types."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("spatial", "web", "files", "api", "wangge")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
MODULE_LINES = 300
FUNCTION_LINES = 60


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_are_modules_to_hold_to_the_rules() -> None:
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_and_its_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert len(text.splitlines()) <= MODULE_LINES
    assert {name: lines for name, lines in long.items() if lines > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_says_what_it_offers(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    entry = {"__init__.py", "__main__.py", "env.py"}
    assert "__all__" in names or path.name in entry or "versions" in path.parts


@pytest.mark.parametrize("tool", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=" ".join)
def test_style_and_types(tool: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_imports_go_down_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_public_names_of_spatial_can_all_be_had() -> None:
    import spatial

    assert [name for name in spatial.__all__ if getattr(spatial, name, None) is None] == []
    assert sorted(name for names in spatial._HOMES.values() for name in names) == sorted(spatial.__all__)
