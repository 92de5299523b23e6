"""The ledger: right sheets and words, codes as text, nothing that runs, readable by others."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from files.writing import export_files
from files.writing.ledger import write_ledger

ALL = ["说明", "汇总", "台账", "点位表", "拟建点位", "覆盖", "问题"]


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
    assert book.sheetnames == ["说明", "汇总", "台账", "覆盖"]
    table = _table(book["台账"])
    assert "网格长" not in table
    assert table["党员数"].isna().all()


def test_another_reader_and_english(frames, options, tmp_path) -> None:
    write_ledger(frames, tmp_path / "l.xlsx", options=replace(options, lang="en"))
    book = CalamineWorkbook.from_path(tmp_path / "l.xlsx")
    assert book.sheet_names == ["About", "Summary", "Ledger", "Cameras", "Sites", "Coverage", "Problems"]
    rows = book.get_sheet_by_name("Ledger").to_python()
    assert rows[2][:2] == ["Cell code", "Cell"]
    assert rows[3][0] == "211122001001001"


def test_a_project_of_cameras_alone_has_a_ledger_too(frames, options, tmp_path) -> None:
    only = {name: frames[name] for name in ("cameras", "coverage", "problems")}
    write_ledger(only, tmp_path / "l.xlsx", options=options)
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    assert book.sheetnames == ["说明", "点位表", "覆盖", "问题"]
    far = frames["cameras"].set_geometry(frames["cameras"].geometry.translate(5, 5))
    write_ledger(frames | {"cameras": far}, tmp_path / "l.xlsx", options=options)
    assert _table(openpyxl.load_workbook(tmp_path / "l.xlsx")["点位表"])["网格编码"].isna().all()
