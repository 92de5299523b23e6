"""Warming up says that it is done, and nothing of the county that it throws away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wangge import cli, warm

if TYPE_CHECKING:
    import pytest


def test_warming_says_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def demo(argv: list[str]) -> int:
        print("项目", argv[1])  # noqa: T201  # what the demo says
        return 0

    monkeypatch.setattr(cli, "main", demo)
    assert warm.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "wangge-warm" not in lines[0]


def test_a_failed_warming_is_no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "main", lambda _argv: 2)
    assert warm.main() == 2
