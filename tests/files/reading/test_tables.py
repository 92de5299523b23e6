"""Workbooks and text tables as offices keep them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest

from files.reading import ReadError, read_layer
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

GB = "21112200001320000001"


def workbook(path: Path, rows: list[list[Any]], *, merge: tuple[str, ...] = (), title: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merge:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def said(incoming: Any) -> str:
    return "\n".join(part for note in incoming.notes for part in note)


class TestEncodings:
    text = "住户编号,户数,经度,纬度,村民小组\nH1,3,121.91,41.21,一组\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    def test_every_encoding_in_use_is_found(self, tmp_path: Path, encoding: str) -> None:
        (tmp_path / "h.csv").write_bytes(self.text.encode(encoding))
        incoming = read_layer("homes", tmp_path / "h.csv")
        assert incoming.frame["hamlet"].tolist() == ["一组"]
        assert ("GBK" in said(incoming)) == (encoding in {"gbk", "gb18030"})

    def test_a_wrong_encoding_by_order_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "h.csv").write_bytes(self.text.encode("gbk"))
        with pytest.raises(ReadError, match="cannot be read as utf-8"):
            read_layer("homes", tmp_path / "h.csv", encoding="utf-8")
        assert len(read_layer("homes", tmp_path / "h.csv", encoding="gbk").frame) == 1

    def test_an_unknown_encoding_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "h.csv").write_bytes(self.text.encode())
        with pytest.raises(ReadError, match="unknown encoding"):
            read_layer("homes", tmp_path / "h.csv", encoding="klingon")

    @pytest.mark.parametrize("sign", ["\t", ";"])
    def test_the_delimiter_is_found(self, tmp_path: Path, sign: str) -> None:
        (tmp_path / "h.csv").write_text(self.text.replace(",", sign), "utf-8")
        assert len(read_layer("homes", tmp_path / "h.csv").frame) == 1


class TestSheets:
    def test_titles_merged_headers_blank_rows_and_totals_are_understood(self, tmp_path: Path) -> None:
        path = workbook(
            tmp_path / "h.xlsx",
            [
                ["盘山县太平镇住户登记表", None, None, None, None],
                [None] * 5,
                ["住户编号", "户数（户）", "位置", None, "备注"],
                [None, None, "经度", "纬度", None],
                ["H1", "１２", 121.91, 41.21, None],
                [None] * 5,
                ["H2", 3, 121.93, 41.22, "空房"],
                ["合计", 15, None, None, None],
            ],
            merge=("A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4"),
        )
        incoming = read_layer("homes", path)
        assert incoming.frame["home_id"].tolist() == ["H1", "H2"]
        assert incoming.frame["households"].tolist() == [12, 3]
        assert "第 8 行" in said(incoming)

    def test_the_row_of_the_sheet_is_named(self, tmp_path: Path) -> None:
        rows = [
            ["登记表"],
            [None],
            ["住户编号", "户数", "经度", "纬度"],
            ["H1", 1, 121.9, 41.2],
            [None],
            ["H2", "约30", 121.9, 41.2],
        ]
        with pytest.raises(SchemaError, match="row 6, column 户数 '约30'"):
            read_layer("homes", workbook(tmp_path / "h.xlsx", rows))

    def test_merged_cells_hold_for_all_their_rows(self, tmp_path: Path) -> None:
        rows = [
            ["编号", "村代码", "户数", "经度", "纬度"],
            ["H1", "211122103200", 1, 121.9, 41.2],
            ["H2", None, 1, 121.9, 41.2],
        ]
        frame = read_layer("homes", workbook(tmp_path / "h.xlsx", rows, merge=("B2:B3",))).frame
        assert frame["village_code"].tolist() == ["211122103200"] * 2

    def test_numbers_in_code_columns_become_text(self, tmp_path: Path) -> None:
        rows = [["编号", "村代码", "户数", "经度", "纬度"], [1.0, 211122103200, 1, 121.9, 41.2]]
        frame = read_layer("homes", workbook(tmp_path / "h.xlsx", rows)).frame
        assert frame.loc[0, ["home_id", "village_code"]].tolist() == ["1", "211122103200"]

    @pytest.mark.parametrize(
        "both", ["121.91,41.21", "121.91，41.21", "121.91 41.21", "(121.91, 41.21)", "121°54′36″E，41°12′36″N",
                 "N41°12'36\" E121°54'36\"", "东经121度54分36秒 北纬41度12分36秒", "41.21,121.91"],
    )  # fmt: skip
    def test_both_coordinates_in_one_cell(self, tmp_path: Path, both: str) -> None:
        path = workbook(tmp_path / "h.xlsx", [["编号", "户数", "经纬度"], ["H1", 1, both]])
        point = read_layer("homes", path).frame.geometry[0]
        assert (point.x, point.y) == pytest.approx((121.91, 41.21), abs=1e-9)

    def test_degrees_minutes_seconds_in_two_columns(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "h.xlsx", [["编号", "户数", "经度", "纬度"], ["H1", 1, "121°54′36″", "41°12′36.0″"]])
        point = read_layer("homes", path).frame.geometry[0]
        assert (point.x, point.y) == pytest.approx((121.91, 41.21), abs=1e-9)

    @pytest.mark.parametrize("cell", [None, "", "待定", "121.9.1", 0])
    def test_missing_and_unreadable_coordinates_are_refused(self, tmp_path: Path, cell: object) -> None:
        lat = 0 if cell == 0 else 41.2
        path = workbook(
            tmp_path / "h.xlsx", [["编号", "户数", "经度", "纬度"], ["H1", 1, cell, lat], ["H2", 1, 121.9, 41.2]]
        )
        with pytest.raises(SchemaError, match="row 2, column 经度"):
            read_layer("homes", path)

    def test_members_need_no_place(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "m.xlsx", [["编号", "姓名", "岗位", "联系户数"], ["M1", "甲", "网格长", 10]])
        frame = read_layer("members", path).frame
        assert frame.geometry.isna().all()
        assert frame.loc[0, "capacity"] == 10

    def test_the_sheet_named_like_the_layer_is_taken(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["说明"])
        sheet = book.create_sheet("homes")
        sheet.append(["编号", "户数", "经度", "纬度"])
        sheet.append(["H1", 1, 121.9, 41.2])
        book.save(tmp_path / "h.xlsx")
        assert len(read_layer("homes", tmp_path / "h.xlsx").frame) == 1
        with pytest.raises(ReadError, match="2 sheets"):
            read_layer("poles", tmp_path / "h.xlsx")

    def test_empty_and_header_only_sheets_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ReadError, match="empty"):
            read_layer("homes", workbook(tmp_path / "a.xlsx", []))
        with pytest.raises(ReadError, match="no rows"):
            read_layer("homes", workbook(tmp_path / "b.xlsx", [["编号", "户数", "经度", "纬度"]]))

    def test_a_text_named_xlsx_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "h.xlsx").write_text("a,b", "utf-8")
        with pytest.raises(ReadError, match="no Excel file"):
            read_layer("homes", tmp_path / "h.xlsx")


class TestRuinedIds:
    @pytest.mark.parametrize(
        "cell", [34020000001320000123, "3.40200000013200E+19", "34020000001320000000", "34020000001320001536"]
    )
    def test_ids_that_went_through_a_number_are_refused(self, tmp_path: Path, cell: object) -> None:
        path = workbook(tmp_path / "c.xlsx", [["编号", "国标编码", "经度", "纬度"], ["C1", cell, 121.9, 41.2]])
        with pytest.raises(SchemaError, match="went through a number") as caught:
            read_layer("cameras", path)
        assert "文本" in caught.value.zh
        with pytest.raises(SchemaError):
            read_layer("cameras", path, accept_good=True)

    def test_honest_ids_are_text_to_the_last_digit(self, tmp_path: Path) -> None:
        rows = [
            ["国标编码", "经度", "纬度"],
            *([f"211122000013200{place:05}", 121.9, 41.2] for place in range(1, 3000)),
        ]
        frame = read_layer("cameras", workbook(tmp_path / "c.xlsx", rows)).frame
        assert frame["gb_id"].tolist() == [row[0] for row in rows[1:]]
        assert frame["camera_id"].tolist() == frame["gb_id"].tolist()

    def test_a_quote_before_a_code_is_taken_off(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "c.xlsx", [["编号", "国标编码", "经度", "纬度"], ["C1", f"'{GB}", 121.9, 41.2]])
        assert read_layer("cameras", path).frame["gb_id"].tolist() == [GB]

    def test_numbers_with_a_zero_ending_are_mended(self, tmp_path: Path) -> None:
        (tmp_path / "h.csv").write_text("编号,村代码,户数,经度,纬度\nH1,211122103200.0,1,121.9,41.2\n", "utf-8")
        assert read_layer("homes", tmp_path / "h.csv").frame["village_code"].tolist() == ["211122103200"]


class TestCameras:
    def test_a_gb28181_catalogue_is_understood(self, tmp_path: Path) -> None:
        rows = [
            ["DeviceID", "Name", "Longitude", "Latitude", "PTZType", "DirectionType", "HorizontalFieldAngle",
             "VerticalFieldAngle", "MaxViewDistance", "PointType", "RecordSaveDays", "Status",
             "InstallTime", "ManagementUnit", "Password"],
            [GB, "村口", "121.91", "41.21", "1", "5", "60", "34", "80", "1", "30", "ON",
             "2021-03-05T08:00:00", "公安局", "x"],
            [GB[:-1] + "2", "路口", "121.92", "41.21", "3", "6", "48", "27", "60", "3", "90", "OFF",
             "20220101", "公安局", "x"],
        ]  # fmt: skip
        incoming = read_layer("cameras", workbook(tmp_path / "c.xlsx", rows))
        first, second = incoming.frame.iloc[0], incoming.frame.iloc[1]
        assert (first["kind"], first["azimuth_deg"], first["azimuth_tolerance_deg"]) == ("ptz", 135, 22.5)
        assert (second["kind"], second["azimuth_deg"]) == ("bullet", 45)
        assert (first["status"], second["status"]) == ("working", "offline")
        assert (first["hfov_deg"], first["vfov_deg"], first["range_m"], first["retention_days"]) == (60, 34, 80, 30)
        assert first["installed"] == pd.Timestamp("2021-03-05T08:00", tz="UTC")
        assert (first["point_class"], first["owner"]) == ("1", "公安局")
        assert "Password" in said(incoming)

    def test_the_same_code_is_another_direction_in_ga1400(self, tmp_path: Path) -> None:
        rows = [["ApeID", "Longitude", "Latitude", "MonitorDirection", "IsOnline"], [GB, 121.91, 41.21, 5, 1]]
        frame = read_layer("cameras", workbook(tmp_path / "c.xlsx", rows)).frame
        assert frame.loc[0, ["azimuth_deg", "status"]].tolist() == [45, "working"]

    def test_bare_digits_that_name_no_standard_are_refused_until_told(self, tmp_path: Path) -> None:
        rows = [["编号", "经度", "纬度", "方向"], ["C1", 121.91, 41.21, 5], ["C2", 121.91, 41.21, 6]]
        path = workbook(tmp_path / "c.xlsx", rows)
        with pytest.raises(SchemaError, match="gbt28181"):
            read_layer("cameras", path)
        told = {"azimuth_deg": {"column": "方向", "codes": "gat1400"}}
        assert read_layer("cameras", path, columns=told).frame["azimuth_deg"].tolist() == [45, 225]

    @pytest.mark.parametrize(
        ("cell", "azimuth", "tolerance"),
        [("东南", 135, 22.5), ("朝北", 0, 22.5), ("西向东", 90, 22.5), ("NE", 45, 22.5), ("225°", 225, None),
         (-90, 270, None), (360, 0, None), ("南西", 225, 22.5)],
    )  # fmt: skip
    def test_words_letters_and_degrees(
        self, tmp_path: Path, cell: object, azimuth: float, tolerance: float | None
    ) -> None:
        path = workbook(tmp_path / "c.xlsx", [["编号", "经度", "纬度", "朝向"], ["C1", 121.91, 41.21, cell]])
        row = read_layer("cameras", path).frame.iloc[0]
        assert row["azimuth_deg"] == azimuth
        assert (None if pd.isna(row["azimuth_tolerance_deg"]) else row["azimuth_tolerance_deg"]) == tolerance

    def test_several_headings_are_kept(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "c.xlsx", [["编号", "经度", "纬度", "朝向"], ["C1", 121.91, 41.21, "90;270"]])
        assert read_layer("cameras", path).frame.loc[0, "headings_deg"] == "90;270"

    def test_our_own_columns_come_back_as_they_were(self, tmp_path: Path) -> None:
        text = (
            "camera_id,azimuth_deg,azimuth_tolerance_deg,headings_deg,hfov_deg,networked,installed,lon,lat\n"
            "C1,5,22.5,5;95,48,true,2024-01-02T00:00:00Z,121.91,41.21\nC2,,,,,false,,121.92,41.21\n"
        )
        (tmp_path / "c.csv").write_text(text, "utf-8")
        frame = read_layer("cameras", tmp_path / "c.csv").frame
        assert frame.loc[0, ["azimuth_deg", "azimuth_tolerance_deg", "headings_deg", "hfov_deg"]].tolist() == [
            5,
            22.5,
            "5;95",
            48,
        ]
        assert frame["networked"].tolist() == [True, False]
        assert frame.loc[0, "installed"] == pd.Timestamp("2024-01-02", tz="UTC")

    @pytest.mark.parametrize(
        ("cell", "size"),
        [("1920×1080", (1920, 1080)), ("1920*1080", (1920, 1080)), ("2560 X 1440 25fps", (2560, 1440)),
         ("200万", (1920, 1080)), ("200万像素", (1920, 1080)), ("2MP", (1920, 1080)), ("2.0百万像素", (1920, 1080)),
         ("１０８０Ｐ", (1920, 1080)), ("200万(1080P)", (1920, 1080)), ("4K", (3840, 2160)), ("800万", (3840, 2160)),
         ("400万", None), ("2K", None), ("高清", None), ("1920×1080/704×576", None), ("800万 1080P", None),
         (200, None), ("12345678", None)],
    )  # fmt: skip
    @pytest.mark.parametrize("heading", ["像素", "分辨率", "Resolution"])
    def test_a_resolution_is_read_as_width_and_height(
        self, tmp_path: Path, heading: str, cell: object, size: tuple[int, int] | None
    ) -> None:
        rows = [["编号", "经度", "纬度", heading], ["C1", 121.91, 41.21, cell], ["C2", 121.91, 41.22, "1280*720"]]
        incoming = read_layer("cameras", workbook(tmp_path / "c.xlsx", rows))
        read = incoming.frame.loc[0, ["width_px", "height_px"]]
        assert (None if read.isna().all() else tuple(read)) == size
        assert incoming.frame.loc[1, ["width_px", "height_px"]].tolist() == [1280, 720]
        said = " ".join(zh for zh, _ in incoming.notes)
        assert "没有用到的列" not in said
        assert (str(cell) in said) == (size is None)

    def test_a_column_of_their_own_wins_over_the_resolution(self, tmp_path: Path) -> None:
        rows = [["编号", "经度", "纬度", "像素", "水平像素"], ["C1", 121.91, 41.21, "4K", 1280]]
        row = read_layer("cameras", workbook(tmp_path / "c.xlsx", rows)).frame.iloc[0]
        assert row["width_px"] == 1280
        assert pd.isna(row["height_px"])

    def test_an_unknown_word_is_refused_with_the_known_ones(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "c.xlsx", [["编号", "经度", "纬度", "在线状态"], ["C1", 121.91, 41.21, "也许"]])
        with pytest.raises(SchemaError, match="working") as caught:
            read_layer("cameras", path)
        assert "在线" in caught.value.zh


@pytest.mark.parametrize(
    ("cell", "moment"),
    [("2021-03-05", "2021-03-05"), ("2021/3/5", "2021-03-05"), ("2021.3.5", "2021-03-05"),
     ("2021年3月5日", "2021-03-05"), ("20210305", "2021-03-05"),
     ("2021年3月", "2021-03-01"), (dt.date(2021, 3, 5), "2021-03-05"), (44260, "2021-03-05")],
)  # fmt: skip
def test_dates_in_many_forms(tmp_path: Path, cell: object, moment: str) -> None:
    path = workbook(tmp_path / "c.xlsx", [["编号", "经度", "纬度", "安装时间"], ["C1", 121.91, 41.21, cell]])
    assert read_layer("cameras", path).frame.loc[0, "installed"] == pd.Timestamp(moment, tz="UTC")


@pytest.mark.parametrize(
    ("cell", "flag"), [("是", True), ("否", False), ("有", True), ("无", False), (1, True), (0, False), ("√", True)]
)
def test_yes_and_no_in_many_forms(tmp_path: Path, cell: object, flag: bool) -> None:
    path = workbook(tmp_path / "c.xlsx", [["编号", "经度", "纬度", "是否联网"], ["C1", 121.91, 41.21, cell]])
    assert bool(read_layer("cameras", path).frame.loc[0, "networked"]) is flag


def test_forty_thousand_rows_are_read_in_seconds(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "编号": [f"H{place:06}" for place in range(40_000)], "户数": range(40_000), "经度": 121.9, "纬度": 41.2,
        "村代码": "211122103200", "村民小组": "一组",
    })  # fmt: skip
    frame.to_csv(tmp_path / "h.csv", index=False)
    incoming = read_layer("homes", tmp_path / "h.csv")
    assert len(incoming.frame) == 40_000
    assert incoming.frame["households"].sum() == sum(range(40_000))


@pytest.mark.parametrize(("word", "status"), [("在用", "working"), ("使用中", "working"), ("维修中", "faulty")])
def test_states_of_a_camera_ledger(tmp_path: Path, word: str, status: str) -> None:
    path = workbook(tmp_path / "点位.xlsx", [["设备编码", "经度", "纬度", "设备状态"], [GB, 121.9, 41.2, word]])
    assert read_layer("cameras", path).frame.loc[0, "status"] == status
