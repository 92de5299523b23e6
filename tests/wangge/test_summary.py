"""What a command says of its answer."""

from __future__ import annotations

from wangge.summary import lines

COVERAGE = {
    "run": "c001", "cameras": 3, "covered_share": 0.0, "aoi_m2": 0.0, "places": 0, "places_covered": 0, "gaps": 0,
    "networked_share": 0.0, "working_share": 1.0, "filed_share": None, "pixels": "2014:observe", "problems": 0,
}  # fmt: skip


def test_a_share_of_nothing_is_not_called_zero_percent() -> None:
    first = lines("coverage", COVERAGE)[0]
    assert "0.0%" not in first
    assert "没有房屋、道路、重点部位" in first
    assert "12.5%" in lines("coverage", {**COVERAGE, "aoi_m2": 800.0, "covered_share": 0.125})[0]


def test_a_preview_names_no_file_of_refused_rows_as_it_writes_none() -> None:
    counts = dict.fromkeys(("added", "removed", "moved", "changed", "renamed", "same"), 0)
    answer = {
        "layer": "cameras", "rows": 3, "total": 4, "datum": "wgs84", "preview": True, "notes": [], "changes": counts,
        "backup": None, "rejected": 1, "rejected_file": None,
    }  # fmt: skip
    assert lines("load", answer)[-1] == "1 行未收"
    assert lines("load", {**answer, "rejected_file": "坏.csv"})[-1] == "1 行未收，见 坏.csv"
