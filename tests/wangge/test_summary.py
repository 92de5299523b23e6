"""What a command says of its answer."""

from __future__ import annotations

from wangge.summary import lines


def _ratio(name: str, **known: object) -> dict[str, object]:
    empty = {"part": 0, "whole": 0, "unknown": 0, "share": None, "target": None, "before": None, "change": None}
    return {"ratio": name, "point_class": ""} | empty | known


COVERAGE = {
    "run": "c002", "cameras": 3, "covered_share": 0.0, "aoi_m2": 0.0, "gaps": 0, "problems": 0, "since": "c001",
    "pixel_level": "IEC/EN 62676-4:2014 observe (62.5 px/m)", "assumed_share": 0.4, "assumed": {"status": 2},
    "not_at_once_share": 0.0,
    "ratios": [_ratio("area"), _ratio("places"), _ratio("filed", unknown=3), _ratio("hd"),
               _ratio("working", part=3, whole=3, share=1.0, target=0.98, before=0.9, change=0.1),
               _ratio("networked", part=1, whole=2, share=0.5, target=1.0, unknown=1)],
}  # fmt: skip


def test_a_share_of_nothing_is_not_called_zero_percent() -> None:
    first = lines("coverage", COVERAGE)[0]
    assert "0.0%" not in first
    assert "没有房屋、道路、重点部位" in first
    assert "12.5%" in lines("coverage", {**COVERAGE, "aoi_m2": 800.0, "covered_share": 0.125})[0]


def test_every_ratio_has_its_counts_its_target_and_what_changed() -> None:
    said = "\n".join(lines("coverage", COVERAGE))
    assert "完好率 3/3 = 100.0%，目标 98%（比 c001 +10.0 个百分点）" in said
    assert "联网率 1/2 = 50.0%，目标 100%，1 台未填" in said
    assert "2 台没有填状态，按在用计" in said
    assert "建档率 –（清单未填，无从计）" in said
    assert "2014 observe" in said
    assert "40% 靠缺省参数" in said


def test_a_preview_names_no_file_of_refused_rows_as_it_writes_none() -> None:
    counts = dict.fromkeys(("added", "removed", "moved", "changed", "renamed", "same"), 0)
    answer = {
        "layer": "cameras", "rows": 3, "total": 4, "datum": "wgs84", "preview": True, "notes": [], "changes": counts,
        "backup": None, "rejected": 1, "rejected_file": None,
    }  # fmt: skip
    assert lines("load", answer)[-1] == "1 行未收"
    assert lines("load", {**answer, "rejected_file": "坏.csv"})[-1] == "1 行未收，见 坏.csv"
