"""The command of the benchmarks: each in a process of its own, a failure is said and keeps nothing from running."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

from benchmarks import __main__ as command
from benchmarks import install


def test_all_are_run_in_processes_of_their_own_and_a_failure_is_told(monkeypatch, capsys):
    sections, ran = {}, []

    def run(arguments, **_):
        ran.append(arguments[-1])
        return SimpleNamespace(returncode=int(arguments[-1] == "views"))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(command, "write_section", sections.__setitem__)
    assert command.main([]) == 1
    assert tuple(ran) == command.ALL
    assert "!!! the benchmark views failed" in capsys.readouterr().err
    told = "\n".join(sections["run"])
    assert "| views | 0 | failed |" in told
    assert "| plan | 0 | |" in told
    assert command.main(["nothing"]) == 2


def test_a_peer_that_cannot_be_had_is_said_with_what_to_do_and_the_others_are_installed(monkeypatch, capsys):
    asked = []

    def run(arguments, **_):
        asked.append(arguments[-1])
        return SimpleNamespace(returncode=int("visilibity" in arguments[-1]), stderr="error: swig not found\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert install.install(install.wanted()) == ["visilibity"]
    said = capsys.readouterr().err
    assert "swig not found" in said
    assert "apt-get install g++ swig" in said
    assert {name.partition(">")[0] for name in asked} >= {"spopt", "kahip", "gerrychain", "k-means-constrained", "pulp"}
