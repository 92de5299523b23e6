"""Kernels are compiled again when any kernel of their package changes, and not otherwise."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import spatial
from spatial.kernels import sources_digest

ROOM = Path(spatial.__file__).parent


def test_the_digest_follows_the_kernels_and_nothing_else(tmp_path):
    (tmp_path / "a.py").write_text("@kernel\ndef f(): ...\n")
    (tmp_path / "b.py").write_text("def plain(): ...\n")
    first = sources_digest(tmp_path)
    (tmp_path / "b.py").write_text("def other(): ...\n")
    assert sources_digest(tmp_path) == first
    (tmp_path / "a.py").write_text("@kernel\ndef g(): ...\n")
    assert sources_digest(tmp_path) != first


def test_kernels_call_kernels_of_their_own_package_only():
    """The cache folder of a package stands for its own sources: a callee elsewhere could change unseen."""
    for path in ROOM.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "@kernel" not in source or path.name == "kernels.py":
            continue
        package = path.relative_to(ROOM).parts[0]
        tree = ast.parse(source)
        called = {
            node.func.id
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            and any("kernel" in ast.unparse(d) for d in function.decorator_list)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        imported = {
            alias.asname or alias.name: node.module or ""
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        strange = {name for name in called & set(imported) if imported[name].split(".")[1:2] != [package]}
        assert not strange, f"{path.name}: {strange}"


def test_a_changed_callee_in_another_file_is_compiled_again(tmp_path):
    room = tmp_path / "spatial" / "toy"
    room.mkdir(parents=True)
    (room / "__init__.py").touch()
    (tmp_path / "spatial" / "__init__.py").touch()
    (tmp_path / "spatial" / "kernels.py").write_bytes((ROOM / "kernels.py").read_bytes())
    head = "from spatial.kernels import kernel\n"
    (room / "outer.py").write_text(
        f"{head}from spatial.toy.inner import inner\n@kernel\ndef outer(x):\n    return inner(x)\n"
    )
    plain = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
    answers = []  # without .pyc files: those are told apart by whole seconds and sizes, and both versions are alike
    for factor in (2, 3):
        (room / "inner.py").write_text(f"{head}@kernel\ndef inner(x):\n    return {factor} * x\n")
        done = subprocess.run(
            [sys.executable, "-c", "from spatial.toy.outer import outer; print(outer(10))"],
            cwd=tmp_path, env=plain,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        answers.append(int(done.stdout))
    assert answers == [20, 30]
