"""Shapefiles come in GBK or UTF-8, with a wrong .cpg or none; never as mojibake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from files.reading import ReadError, read_layer

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

COLUMNS = {"village_code": "村代码", "village": "村名", "town_code": "TOWNCODE", "town": "乡镇",
           "county_code": "COUNTYCODE", "county": "县"}  # fmt: skip


def write(folder: Path, villages: gpd.GeoDataFrame, encoding: str, *, cpg: str | None = None) -> Path:
    path = folder / "villages.shp"
    villages.rename(columns=COLUMNS).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    data = bytearray(path.with_suffix(".dbf").read_bytes())
    data[29] = 0  # no language id
    path.with_suffix(".dbf").write_bytes(data)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    return path


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("cpg", [None, "UTF-8", "GBK"])
def test_the_bytes_win_over_what_is_said(
    tmp_path: Path, villages: gpd.GeoDataFrame, encoding: str, cpg: str | None
) -> None:
    villages["village"] = [f"新立{'甲乙丙丁戊己庚辛壬'[place]}村" for place in range(9)]
    incoming = read_layer("villages", write(tmp_path, villages, encoding, cpg=cpg))
    assert incoming.frame["village"].tolist() == villages["village"].tolist()
    assert set(incoming.frame["county"]) == {"盘山县"}
    wrong = cpg is None or (cpg == "GBK") != (encoding == "gbk")
    assert any("按内容识别" in zh for zh, _ in incoming.notes) == wrong


def test_an_encoding_by_order_is_obeyed_or_refused(tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
    path = write(tmp_path, villages, "gbk")
    assert set(read_layer("villages", path, encoding="gbk").frame["town"]) == {"太平镇"}
    with pytest.raises(ReadError, match="cannot be read as utf-8"):
        read_layer("villages", path, encoding="utf-8")


@pytest.mark.parametrize("ending", [".dbf", ".shx"])
def test_a_missing_companion_is_named(tmp_path: Path, villages: gpd.GeoDataFrame, ending: str) -> None:
    path = write(tmp_path, villages, "gbk")
    path.with_suffix(ending).unlink()
    with pytest.raises(ReadError, match=ending):
        read_layer("villages", path)


@pytest.mark.filterwarnings("ignore")  # GDAL's own, on cutting the name while the file is written
def test_a_name_that_the_field_cut_in_a_character_is_read_up_to_there(
    tmp_path: Path, villages: gpd.GeoDataFrame
) -> None:
    named = villages.assign(网格员所属单位="某单位")
    path = tmp_path / "villages.shp"
    named.rename(columns=COLUMNS).to_file(path, encoding="utf-8")
    incoming = read_layer("villages", path)
    assert any("网格员" in zh for zh, _ in incoming.notes)


def test_a_gbk_geojson_is_converted(tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
    text = villages.to_json(ensure_ascii=False, to_wgs84=False)
    (tmp_path / "v.geojson").write_bytes(text.encode("gbk"))
    incoming = read_layer("villages", tmp_path / "v.geojson")
    assert set(incoming.frame["county"]) == {"盘山县"}
    assert any("gb18030" in zh for zh, _ in incoming.notes)
