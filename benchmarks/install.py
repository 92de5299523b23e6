"""Installs what the benchmarks compare with, one by one: what cannot be had is said aloud, and the rest goes on.

What is pure or comes as a wheel stands in the extra `bench` of pyproject.toml. VisiLibity is compiled: it needs a C++
compiler, and swig, which the extra brings along.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

__all__ = ["install", "wanted"]

_ROOT = Path(__file__).resolve().parents[1]
_COMPILED = {"visilibity": "needs a C++ compiler and swig: apt-get install g++ swig, then pip install visilibity"}


def wanted() -> list[str]:
    """Give the requirements of all peers, those that are compiled last."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["optional-dependencies"]["bench"], *_COMPILED]


def install(requirements: list[str]) -> list[str]:
    """Install requirements one by one with pip; give those that could not be had."""
    missing = []
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # finds swig of this environment
    for requirement in requirements:
        command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        done = subprocess.run(  # noqa: S603
            [*command, "-c", str(_ROOT / "constraints.txt"), requirement], env={**os.environ, "PATH": beside},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            missing.append(requirement)
            last = (done.stderr.strip().splitlines() or ["no word from pip"])[-1]
            how = _COMPILED.get(requirement, f'pip install "{requirement}"')
            sys.stderr.write(f"\n!!! {requirement} could not be installed: {last}\n!!! to have it beside us: {how}\n\n")
    return missing


if __name__ == "__main__":
    absent = install(wanted())
    if absent:
        sys.stderr.write(f"!!! the benchmarks run without {', '.join(absent)}, and their tables say so\n")
