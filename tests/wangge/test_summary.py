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
