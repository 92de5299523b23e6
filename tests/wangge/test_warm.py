"""Warming up says that it is done, and nothing of the county that it throws away."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from spatial.planning.edits import rebalance as _  # noqa: F401  # the module below is hidden by its function
from wangge import cli, warm

rebalancing = sys.modules["spatial.planning.edits.rebalance"]

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_warming_says_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def demo(argv: list[str]) -> int:
        print("项目", argv[1])  # noqa: T201  # what the demo says
        return 0

    evened: list[Path] = []
    monkeypatch.setattr(cli, "main", demo)
    monkeypatch.setattr(warm, "_even_out", evened.append)
    assert warm.main() == 0
    assert [path.name for path in evened] == ["county.gpkg"]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "wangge-warm" not in lines[0]


def test_a_failed_warming_is_no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "main", lambda _argv: 2)
    assert warm.main() == 2


def test_evening_out_runs_its_kernel(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    search = rebalancing._searched
    monkeypatch.setattr(rebalancing, "_searched", lambda *given: searched.append(1) or search(*given))
    warm._even_out(tiny_project)
    assert searched == [1]


_MISSED = """
import importlib, pkgutil, sys
import spatial
from numba.core.dispatcher import Dispatcher
from wangge.warm import main

assert main() == 0
for module in pkgutil.walk_packages(spatial.__path__, "spatial."):
    importlib.import_module(module.name)
kernels = {id(one): one for name, module in list(sys.modules.items()) if name.startswith("spatial.")
           for one in vars(module).values() if isinstance(one, Dispatcher)}
called = {id(other) for one in kernels.values() for name in one.py_func.__code__.co_names
          if isinstance(other := one.py_func.__globals__.get(name), Dispatcher) and other is not one}
assert len(kernels) > 100
for place, one in kernels.items():
    if place not in called and not one.signatures:
        print("missed:", one.py_func.__module__, one.py_func.__name__)
"""


def test_warming_compiles_every_kernel_that_is_not_part_of_another() -> None:
    """In a process of its own: what other tests have called must not count."""
    done = subprocess.run([sys.executable, "-c", _MISSED], capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.splitlines() if line.startswith("missed:")] == []
