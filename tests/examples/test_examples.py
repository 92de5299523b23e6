"""Every example runs, writes what it says it writes, and is listed in the docs."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run one example as a script, from and into a folder of its own; gives that folder and what was printed."""

    def call(name: str, folder: Path = tmp_path) -> tuple[Path, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", [f"{name}.py", str(folder)])
        monkeypatch.setenv("WANGGE_LANG", "zh")
        runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
        return folder, capsys.readouterr().out

    return call


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_listed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert f"examples/{path.name}" in text
    assert f"examples/{path.name}" in (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")


def test_a_county_is_planned(run) -> None:
    folder, said = run("plan_county")
    cells = gpd.read_file(folder / "cells.geojson")
    assert len(cells) == 25
    assert cells["village_code"].nunique() == 8
    assert "'exact_tiling': True, 'buildings_cut': 0" in said


def test_coverage_falls_with_the_pixels_asked_for(run) -> None:
    folder, said = run("coverage_gaps")
    shares = [float(line.split("%")[0].split()[-1]) for line in said.splitlines() if " km2" in line]
    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[-1] < shares[0] < 100
    assert len(gpd.read_file(folder / "views.geojson")) == 140
    assert set(gpd.read_file(folder / "gaps.geojson")["kind"]) >= {"area", "place"}


def test_sites_come_with_a_bound(run) -> None:
    folder, said = run("site_with_bound")
    before, after, bound, _ = (float(share) for share in re.findall(r"([\d.]+)%", said.splitlines()[0]))
    assert before < after <= bound
    assert len(gpd.read_file(folder / "sites.geojson")) == 10


def test_two_plans_are_compared(run) -> None:
    folder, _ = run("compare_two_plans")
    changes = pd.read_csv(folder / "changes.csv", dtype=str)
    assert changes["new_code"].nunique() == 26
    assert "unchanged" in set(changes["kind"])


def test_a_cell_is_split_and_merged_again(run) -> None:
    folder, said = run("edit_plan")
    assert len(gpd.read_file(folder / "split.geojson")) >= 2
    assert "retired ('" in said  # the merge retires what the split created


def test_papers_come_from_files(run) -> None:
    folder, said = run("papers_from_files")
    assert "GBK" in said
    ledger = next((folder / "papers").glob("*.xlsx"))
    assert openpyxl.load_workbook(ledger, read_only=True).sheetnames
    assert next((folder / "papers").glob("*.pdf")).read_bytes().startswith(b"%PDF")
    assert (folder / "map.html").stat().st_size > 100_000


def test_a_project_is_read_from_a_snapshot(run, tiny_project) -> None:
    shutil.move(tiny_project, tiny_project.with_name("county.gpkg"))
    folder, said = run("read_project", tiny_project.parent)
    assert len(gpd.read_file(folder / "snapshot.gpkg", layer="cells_current")) == 25
    assert "plan p001 measured in EPSG:4550" in said
