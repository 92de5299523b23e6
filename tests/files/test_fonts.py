"""The vendored fonts: as the script made them, free, and with every character of the shipped names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "files" / "fonts"


def test_the_fonts_are_those_of_the_checksums() -> None:
    lines = (FONTS / "checksums.txt").read_text(encoding="ascii").split("\n")
    sums = dict(line.split("  ")[::-1] for line in lines if line)
    assert set(sums) == {path.name for path in FONTS.glob("*.ttf")}
    for name, checksum in sums.items():
        assert hashlib.sha256((FONTS / name).read_bytes()).hexdigest() == checksum


def test_the_licence_lies_beside_them() -> None:
    assert "SIL Open Font License" in (FONTS / "LICENSE-OFL.txt").read_text(encoding="utf-8")


def test_every_shipped_name_and_all_of_gb2312_can_be_written() -> None:
    with TTFont(FONTS / "NotoSansSC-Regular.ttf", lazy=True) as font:
        known = set(font.getBestCmap())
    tables = (ROOT / "data" / "boundaries").rglob("*.csv")
    names = {ord(sign) for table in tables for sign in table.read_text(encoding="utf-8-sig") if ord(sign) > 0x7F}
    assert len(names) > 100
    assert names <= known
    pairs = ((a, b) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    signs = {bytes(pair).decode("gb2312", errors="ignore") for pair in pairs} - {""}
    assert {ord(sign) for sign in signs} <= known
