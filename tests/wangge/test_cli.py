"""The frame of the command line: help, refusals of the call itself, exit codes, JSON, Ctrl-C."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wangge.parser import build_parser

ROOT = Path(__file__).resolve().parents[2]

COMMANDS = (
    "demo", "load", "check", "plan", "assign", "coverage", "site", "compare", "export", "map", "copy", "user", "serve",
)  # fmt: skip


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, wangge.cli\n"
        "try: wangge.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pandas', 'folium', 'spatial', 'api', 'web', 'files'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        build_parser().parse_args([command, "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert " · " in text
    assert "--json" in text


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["load"], "PROJECT"),
        (["bogus"], "bogus"),
        (["plan", "x.gpkg", "--cells", "many"], "many"),
        (["plan", "x.gpkg", "--cells", "-3"], "-3"),
        (["plan", "x.gpkg", "--cells", "3", "--households", "4"], "--households"),
        (["plan", "x.gpkg", "--tolerance", "7"], "7"),
        (["load", "x.gpkg", "cells", "y.csv"], "villages"),
        (["site", "x.gpkg"], "--cameras"),
        (["user", "x.gpkg", "add", "li", "--role", "king"], "king"),
        (["serve", "x.gpkg", "--port", "99999"], "99999"),
        (["copy", "a.gpkg", "b.gpkg", "--force"], "--force"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_refused_in_two_lines(call, words: list[str], named: str) -> None:
    assert named in call(*words).refused()


def test_no_command_shows_the_help_and_exits_2(call) -> None:
    done = call()
    assert done.code == 2
    assert "wangge" in done.out


def test_version(call) -> None:
    assert call("--version").out.startswith("wangge 0.")


def test_a_missing_project_is_refused_and_not_made(call, tmp_path: Path) -> None:
    for command in ("check", "plan", "assign", "coverage"):
        assert "nowhere.gpkg" in call(command, tmp_path / "nowhere.gpkg").refused()
    assert list(tmp_path.iterdir()) == []


def test_an_unexpected_fault_is_one_named_line_and_exit_70(call, small, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("api.jobs.check.run_check", broken)
    done = call("check", small.project)
    assert done.code == 70
    assert "RuntimeError: boom" in done.err
    assert "Traceback" not in done.err
    monkeypatch.setenv("WANGGE_DEBUG", "1")
    assert "Traceback" in call("check", small.project).err


def test_ctrl_c_leaves_the_project_as_it_was(call, small, stored, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored(small.project)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("api.jobs.plan.store_draft", interrupted)  # in the middle of the transaction
    done = call("plan", small.project)
    assert done.code == 130
    assert len(done.err.splitlines()) == 2
    assert stored(small.project) == before


def test_json_is_one_object_and_nothing_else(small, shell) -> None:
    done = shell("check", small.project, "--json")
    assert done.returncode in {0, 1}
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("{")
    assert done.stderr == ""


def test_english_on_request(small, shell) -> None:
    assert (
        "loaded"
        in shell("load", small.project, "homes", small.folder / "homes.geojson", "--replace", WANGGE_LANG="en").stdout
    )


def test_a_wrong_value_is_said_in_one_language_a_line(call) -> None:
    zh, en = call("assign", "x.gpkg", "--contacts", "0").refused().splitlines()
    assert "须为正整数" in zh
    assert "whole number" not in zh
    assert "whole number" in en
    assert en.isascii()


def test_english_is_english_only(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from wangge.cli import main

    monkeypatch.setenv("WANGGE_LANG", "en")
    assert main(["check", "nothing.gpkg"]) == 2
    said = capsys.readouterr().err
    assert said.isascii()
    assert len(said.splitlines()) == 1


def test_check_prints_a_few_of_each_kind_and_counts_the_rest(call, tiny_project) -> None:
    counts = call("check", tiny_project, "--json").json["kinds"]
    kind, many = max(counts.items(), key=lambda item: item[1])
    printed = call("check", tiny_project).out
    assert many > 3, kind
    assert f"……同类另有 {many - 3} 条" in printed
