"""The ledger: right sheets and words, codes as text, nothing that runs, readable by others."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from files.writing import export_files
from files.writing.ledger import write_ledger
from spatial.coverage.figures.yardstick import ratios

ALL = ["说明", "汇总", "台账", "点位表", "拟建点位", "边际收益", "四率", "覆盖", "问题"]


@pytest.fixture
def book(frames, options, tmp_path):
    write_ledger(frames, tmp_path / "l.xlsx", options=options)
    return openpyxl.load_workbook(tmp_path / "l.xlsx")


def _table(sheet) -> pd.DataFrame:
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0])


def test_the_sheets_are_there_in_order(book) -> None:
    assert book.sheetnames == ALL


def test_changes_have_a_sheet_when_there_are_changes(frames, options, tmp_path) -> None:
    changes = pd.DataFrame({"old_code": ["1", "2"], "new_code": ["1", "3"], "households": [5.0, 6.0],
                            "kept_share": [1.0, 0.5], "kind": ["unchanged", "split"]})  # fmt: skip
    write_ledger(frames, tmp_path / "l.xlsx", options=replace(options, changes=changes))
    table = _table(openpyxl.load_workbook(tmp_path / "l.xlsx")["变更"])
    assert table["变更类型"].tolist() == ["拆分"]


def test_every_cell_has_a_row_with_words(book) -> None:
    table = _table(book["台账"])
    assert len(table) == 16
    first = table.iloc[0]
    assert first["网格编码"] == "211122001001001"
    assert first["村（社区）"] == "兴隆社区"
    assert first["南至"] == "县道"
    assert first["东至"] == "003 网格"
    assert first["西至"] == "县外"
    assert first["重点户"] == 2
    assert first["网格长"] == "M000"
    assert table["网格长"][2] == "张三"
    assert first["启用日期"] == "2026-11-22"


def test_codes_are_text_and_texts_never_formulas(book) -> None:
    sheet = book["台账"]
    assert sheet["A4"].data_type == "s"
    assert sheet["A4"].number_format == "@"
    formulas = [c.coordinate for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == []
    assert _table(sheet)["网格名称"][1].startswith("=HYPERLINK")


def test_sheets_print_with_their_header(book) -> None:
    sheet = book["台账"]
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0
    assert "示意" in sheet["A1"].value


def test_totals_and_shares_say_what_they_are_divided_from(book) -> None:
    towns = _table(book["汇总"])
    assert towns["乡镇（街道）"].tolist() == ["太平街道", "甜水镇", "全县"]
    assert towns["户数"].tolist()[2] == sum(towns["户数"].tolist()[:2])
    coverage = _table(book["覆盖"])
    assert len(coverage) == 7
    assert coverage["覆盖率（点位计）"][0] == 0.5
    assert coverage["覆盖率（面积计）"][0] == 0.4
    assert coverage["联网率"][2] is None or pd.isna(coverage["联网率"][2])
    assert coverage["名称"][1] == "太平街道"


def test_cameras_keep_their_twenty_digits_and_get_their_cell(book) -> None:
    table = _table(book["点位表"])
    assert table["国标编码（20 位）"][0] == "21112200001310000001"
    assert table["网格编码"].tolist() == ["211122001001001", "211122001001002"]
    assert table["分辨率"][0] == "1920×1080"
    assert "13800000000" not in "".join(str(v) for s in book for row in s.iter_rows(values_only=True) for v in row)


def test_the_public_ledger_has_no_people_and_no_cameras(frames, options, tmp_path) -> None:
    (path,) = export_files(frames, tmp_path, ["xlsx"], options=replace(options, public=True))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["说明", "汇总", "台账", "四率", "覆盖"]
    table = _table(book["台账"])
    assert "网格长" not in table
    assert table["党员数"].isna().all()


@pytest.mark.parametrize(("lang", "said"), [("zh", "1 所学校；挂现有杆 L1"), ("en", "1 school; on pole L1")])
def test_the_survey_says_what_is_covered_in_its_own_language(frames, options, tmp_path, lang, said) -> None:
    sites = frames["sites"].assign(covers="1 所学校；挂现有杆 L1 · 1 school; on pole L1", range_m=34.2363812)
    write_ledger({**frames, "sites": sites}, tmp_path / "l.xlsx", options=replace(options, lang=lang))
    sheet = openpyxl.load_workbook(tmp_path / "l.xlsx")["拟建点位" if lang == "zh" else "Sites"]
    assert _table(sheet)["覆盖对象" if lang == "zh" else "Covers"].tolist() == [said]
    assert _table(sheet)["最大可视距离（米）" if lang == "zh" else "Range (m)"].tolist() == [34.2]
    assert sheet.row_dimensions[4].height is None


def test_a_row_makes_room_for_what_its_columns_wrap(frames, options, tmp_path) -> None:
    sites = frames["sites"].assign(covers="路口" * 40)
    write_ledger({**frames, "sites": sites}, tmp_path / "l.xlsx", options=options)
    assert openpyxl.load_workbook(tmp_path / "l.xlsx")["拟建点位"].row_dimensions[4].height > 5 * 12


def test_cameras_to_turn_have_a_sheet_of_their_own_for_the_house(frames, options, tmp_path) -> None:
    turning = replace(options, turns={"C2": "把摄像机 C2 由 0° 转到 90°", "C1": "把摄像机 C1 由 0° 转到 45°"})
    write_ledger(frames, tmp_path / "l.xlsx", options=turning)
    table = _table(openpyxl.load_workbook(tmp_path / "l.xlsx")["转动"])
    assert table["点位编号"].tolist() == ["C2", "C1"]
    assert table["说明"].tolist() == list(turning.turns.values())
    write_ledger(frames, tmp_path / "p.xlsx", options=replace(turning, public=True))
    assert "转动" not in openpyxl.load_workbook(tmp_path / "p.xlsx").sheetnames


def test_what_the_first_n_new_cameras_buy_is_added_up_and_drawn(frames, options, tmp_path) -> None:
    one = frames["sites"]
    many = pd.concat([one.assign(site_id=f"S{n:04}", gain_share=1 / 2**n) for n in range(1, 13)], ignore_index=True)
    write_ledger({**frames, "sites": many.iloc[::-1]}, tmp_path / "l.xlsx", options=options)
    sheet = openpyxl.load_workbook(tmp_path / "l.xlsx")["边际收益"]
    table = _table(sheet)
    assert table["新增台数"].tolist() == [1, 2, 5, 10, 12]
    assert table["新增覆盖占比"].tolist() == [1 / 2**n for n in (1, 2, 5, 10, 12)]
    assert table["累计新增覆盖"].tolist() == [1 - 1 / 2**n for n in (1, 2, 5, 10, 12)]
    assert table["累计造价（元）"].tolist() == [30_000 * n for n in (1, 2, 5, 10, 12)]
    (chart,) = sheet._charts
    assert chart.series[0].yVal.numRef.f == "'边际收益'!$D$4:$D$8"


def test_another_reader_and_english(frames, options, tmp_path) -> None:
    write_ledger(frames, tmp_path / "l.xlsx", options=replace(options, lang="en"))
    book = CalamineWorkbook.from_path(tmp_path / "l.xlsx")
    english = ["About", "Summary", "Ledger", "Cameras", "Sites", "Gains", "Ratios", "Coverage", "Problems"]
    assert book.sheet_names == english
    rows = book.get_sheet_by_name("Ledger").to_python()
    assert rows[2][:2] == ["Cell code", "Cell"]
    assert rows[3][0] == "211122001001001"


def test_a_project_of_cameras_alone_has_a_ledger_too(frames, options, tmp_path) -> None:
    only = {name: frames[name] for name in ("cameras", "coverage", "problems")}
    write_ledger(only, tmp_path / "l.xlsx", options=options)
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    assert book.sheetnames == ["说明", "点位表", "四率", "覆盖", "问题"]
    far = frames["cameras"].set_geometry(frames["cameras"].geometry.translate(5, 5))
    write_ledger(frames | {"cameras": far}, tmp_path / "l.xlsx", options=options)
    assert _table(openpyxl.load_workbook(tmp_path / "l.xlsx")["点位表"])["网格编码"].isna().all()


def test_ratios_stand_against_targets_and_the_run_before(frames, options, tmp_path) -> None:
    before = ratios(frames["coverage"].assign(cameras_working=0))
    write_ledger(frames, tmp_path / "l.xlsx", options=replace(options, ratios_before=before, run_before="c000"))
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    table = _table(book["四率"])
    working = table[(table["指标"] == "完好率") & (table["级别"] == "县")].iloc[0]
    assert working[["分子", "分母", "比例", "目标", "达标", "上次", "变化"]].tolist() == [
        1,
        2,
        0.5,
        0.98,
        "未达标",
        0,
        0.5,
    ]
    assert "c000" in book["四率"]["A2"].value
    assert _table(book["覆盖"])["完好率变化"][0] == 0.5


def test_the_camera_list_says_what_each_camera_sees(frames, options, tmp_path) -> None:
    views = pd.DataFrame({"camera_id": ["C2", "C1"], "area_m2": [0.0, 300.0], "blocked_share": [1.0, 0.6],
                          "obstacle_m": [None, 12.5], "best_azimuth_deg": [200.0, 140.0], "best_m2": [50.0, 690.0],
                          "assumed": ["mount_m", ""]})  # fmt: skip
    write_ledger(frames | {"views": views}, tmp_path / "l.xlsx", options=replace(options, pixel_level="62.5 px/m"))
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    table = _table(book["点位表"])
    assert table["转向建议"].tolist() == ["转到 140° 可看到 2.3 倍", "转到 200° 可看到 100+ 倍"]
    assert table["正前方首个遮挡（米）"][0] == 12.5
    assert table["被遮挡占比"].tolist() == [0.6, 1.0]
    assert table["按默认值计算的项"][1] == "挂高"
    assert "62.5 px/m" in book["点位表"]["A2"].value


def test_details_and_blind_areas_stay_in_the_house(frames, options, tmp_path) -> None:
    details = pd.DataFrame({"code": "211122", "level": "county", "subject": ["road", "cordon", "known"],
                            "item": ["county", "county", "hd"], "total": [200.0, 4, 2],
                            "covered": [50.0, 1, 1]})  # fmt: skip
    gaps = frames["cells"].iloc[:1].assign(run="c001", gap_id="G00001", rank=1, kind="area", reason="blocked",
                                           hides="1 所学校 · 1 school", nearest_camera_m=80.0)  # fmt: skip
    more = frames | {"coverage_details": details, "gaps": gaps}
    write_ledger(more, tmp_path / "l.xlsx", options=replace(options, remedies={"G00001": "修复 C2"}))
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    table = _table(book["覆盖明细"])
    assert table[["项目", "分类", "占比"]].to_numpy().tolist() == [
        ["边界通道", "县", 0.25], ["道路（米）", "县道", 0.25],
    ]  # fmt: skip
    blind = _table(book["盲区"]).iloc[0]
    assert blind[["遮住了什么", "原因", "办法", "村（社区）"]].tolist() == [
        "1 所学校",
        "被建筑物遮挡",
        "修复 C2",
        "兴隆社区",
    ]
    (path,) = export_files(more, tmp_path, ["xlsx"], options=replace(options, public=True))
    assert openpyxl.load_workbook(path).sheetnames == ["说明", "汇总", "台账", "四率", "覆盖"]
