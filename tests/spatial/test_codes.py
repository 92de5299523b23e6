"""Codes of villages and what their digits say."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from spatial.codes import CodeTables, check_codes, mainland, scheme_of, village_kind


@pytest.fixture
def tables() -> CodeTables:
    return CodeTables(
        towns=pd.DataFrame({"town_code": ["211122103"], "town": ["太平镇"]}),
        villages=pd.DataFrame({"village_code": ["211122103200", "211122103201"], "village": ["新立村委会", "甲村"]}),
    )


def villages(codes: list[str], names: list[str], town: str = "太平镇") -> gpd.GeoDataFrame:
    boxes = [shapely.box(place, 0, place + 1, 1) for place in range(len(codes))]
    return gpd.GeoDataFrame(
        {"village_code": codes, "village": names, "town_code": [code[:9] for code in codes], "town": town},
        geometry=boxes,
        crs=4490,
    )


def test_only_twelve_digits_of_a_known_province_are_mainland() -> None:
    codes = ["211122103207", "991122103207", "21112210320", "2111221032070", "10002010038", "", "21112210320x"]
    assert mainland(codes).tolist() == [True, False, False, False, False, False, False]


def test_one_other_code_frees_the_scheme() -> None:
    assert scheme_of(["211122103207"]) == "mainland12"
    assert scheme_of(["211122103207", "w123"]) == "free"


@pytest.mark.parametrize(
    ("serial", "kind"),
    [("001", "community"), ("199", "community"), ("200", "village"), ("399", "village"), ("400", "community"),
     ("499", "community"), ("500", "village"), ("599", "village")],
)  # fmt: skip
def test_kind_is_read_from_the_last_three_digits(serial: str, kind: str) -> None:
    assert village_kind([f"211122103{serial}"]) == [kind]


def test_known_villages_give_no_problem(tables: CodeTables) -> None:
    frame = villages(["211122103200", "211122103201"], ["新立村", "甲村民委员会"])
    assert check_codes(frame, tables=tables).rows == []


def test_unknown_codes_and_other_names_are_warnings_that_are_drawn(tables: CodeTables) -> None:
    problems = check_codes(villages(["211122103200", "211122103299"], ["旧立村", "新村"], town="太平乡"), tables=tables)
    assert sorted(row["problem"] for row in problems.rows) == [
        "town-name-differs",
        "village-code-unknown",
        "village-name-differs",
    ]
    assert {row["severity"] for row in problems.rows} == {"warning"}
    assert sum(row["geometry"] is not None for row in problems.rows) == 2


def test_counties_that_the_table_lacks_give_none(tables: CodeTables) -> None:
    frame = villages(["410611001001"], ["别处"])
    assert check_codes(frame, tables=tables).rows == []


def test_mixed_schemes_are_said() -> None:
    (row,) = check_codes(villages(["211122103200", "w1"], ["a", "b"])).rows
    assert row["problem"] == "code-scheme-mixed"
    assert check_codes(villages(["w2", "w1"], ["a", "b"])).rows == []
