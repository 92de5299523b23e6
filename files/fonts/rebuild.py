"""Rebuild the two fonts of the papers from the npm package that carries Noto Sans SC as TrueType.

Run `python files/fonts/rebuild.py` with npm on the path. The package is fetched by name and version, both
weights are subset (GB 2312, the common Big5 characters, every character of the shipped place names, Latin), and
`checksums.txt` is written next to them. Same input, same bytes: the time stamp in the font is left as it was.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

__all__ = ["rebuild"]

FOLDER = Path(__file__).parent
PACKAGE = "@expo-google-fonts/noto-sans-sc@0.4.3"
WEIGHTS = {"NotoSansSC-Regular.ttf": "400Regular/NotoSansSC_400Regular.ttf",
           "NotoSansSC-Bold.ttf": "700Bold/NotoSansSC_700Bold.ttf"}  # fmt: skip
LATIN = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x2010, 0x2040), range(0x2190, 0x219A), range(0x2460, 0x2474))
SIGNS = "㎡㎞№℃≤≥≠≈±×÷√∞◎●○■□▲△▼▽◆◇★☆〓〇—…·−☐☑"


def rebuild() -> None:
    """Fetch the package, subset both weights, copy the licence and write the checksums."""
    with tempfile.TemporaryDirectory() as work:
        package = _fetch(Path(work))
        shutil.copyfile(package / "LICENSE_FONT", FOLDER / "LICENSE-OFL.txt")
        characters = wanted()
        for name, source in WEIGHTS.items():
            _subset(package / source, FOLDER / name, characters[name])
    lines = [f"{hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(WEIGHTS)]
    (FOLDER / "checksums.txt").write_text("".join(lines), encoding="ascii")


def wanted() -> dict[str, set[int]]:
    """List the code points of each weight: everything for the text weight, titles and names for the bold one."""
    base = {point for span in LATIN for point in span} | {ord(sign) for sign in SIGNS} | _place_names()
    signs = _decoded("gb2312", range(0xA1, 0xAA))
    level_1 = _decoded("gb2312", range(0xB0, 0xD8))
    level_2 = _decoded("gb2312", range(0xD8, 0xF8))
    big5 = _decoded("big5", range(0xA4, 0xC7))
    return {"NotoSansSC-Regular.ttf": base | signs | level_1 | level_2 | big5,
            "NotoSansSC-Bold.ttf": base | signs | level_1}  # fmt: skip


def _decoded(encoding: str, leads: range) -> set[int]:
    """List the code points of the rows of a double-byte code that begin with these lead bytes."""
    points: set[int] = set()
    for lead in leads:
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            text = bytes((lead, trail)).decode(encoding, errors="ignore")
            if len(text) == 1:
                points.add(ord(text))
    return points


def _place_names() -> set[int]:
    """List every character that the shipped place names use."""
    tables = sorted((FOLDER.parents[1] / "data" / "boundaries").rglob("*.csv"))
    return {ord(sign) for table in tables for sign in table.read_text(encoding="utf-8-sig") if ord(sign) > 0x7F}


def _fetch(work: Path) -> Path:
    """Let npm fetch the package by name and unpack it."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=work, check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607  a fixed call; npm is found on the path
    (archive,) = work.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(work, filter="data")
    return work / "package"


def _subset(source: Path, target: Path, points: set[int]) -> None:
    """Write one subset TrueType file without layout tables or hints, which a PDF does not use."""
    options = subset.Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True, drop_tables=[
        "GPOS", "GSUB", "GDEF", "BASE", "VORG", "vhea", "vmtx", "STAT", "DSIG",
    ])  # fmt: skip
    with TTFont(source, recalcTimestamp=False) as font:
        worker = subset.Subsetter(options)
        worker.populate(unicodes=points)
        worker.subset(font)
        font.save(target)


if __name__ == "__main__":
    rebuild()
