"""The shipped outlines and codes are whole, and are what their description says."""

from __future__ import annotations

import doctest
import hashlib
import re
from importlib import resources

import pytest
import shapely

import data.boundaries
from data.boundaries import COUNTIES, county
from spatial.errors import SchemaError

FOLDER = resources.files("data.boundaries")
COUNTS = {
    "panshan": (14, 178, 2),
    "qibin": (10, 163, 1),
    "nanjiang": (32, 414, 1),
    "muye": (10, 94, 1),
    "pingqiao": (30, 320, 1),
    "tiny": (2, 8, 1),
}


def test_every_file_has_its_checksum():
    listed = dict(line.split()[::-1] for line in FOLDER.joinpath("CHECKSUMS.txt").read_text("ascii").splitlines())
    files = {file.name for file in FOLDER.iterdir() if file.name.endswith((".geojson", ".csv"))}
    assert set(listed) == files
    for name, digest in listed.items():
        assert hashlib.sha256(FOLDER.joinpath(name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("name", COUNTIES)
def test_counts_are_those_of_the_readme(name):
    shipped = county(name)
    parts = len(shapely.get_parts(shipped.outline.geometry[0]))
    assert (len(shipped.towns), len(shipped.villages), parts) == COUNTS[name]
    readme = FOLDER.joinpath("README.md").read_text("utf-8")
    numbers = re.search(rf"^\|.*`{name}` \| {shipped.code} \| (\d+) \| (\d+) \| (\d+) \|$", readme, re.MULTILINE)
    assert numbers
    assert tuple(map(int, numbers.groups())) == COUNTS[name]


@pytest.mark.parametrize("name", COUNTIES)
def test_codes_are_text_and_nest(name):
    shipped = county(name)
    assert shipped.villages["village_code"].str.fullmatch(r"\d{12}").all()
    assert not shipped.villages["village_code"].duplicated().any()
    assert (shipped.villages["village_code"].str[:9] == shipped.villages["town_code"]).all()
    assert (shipped.towns["town_code"].str[:6] == shipped.code).all()
    assert set(shipped.villages["town_code"]) == set(shipped.towns["town_code"])
    assert shipped.villages["village_code"].is_monotonic_increasing
    assert shipped.cells >= len(shipped.villages)


@pytest.mark.parametrize("name", COUNTIES)
def test_outlines_are_valid_degrees(name):
    outline = county(name).outline
    assert outline.crs.to_epsg() == 4490
    assert shapely.is_valid(outline.geometry.to_numpy()).all()
    low_x, low_y, high_x, high_y = outline.total_bounds
    assert 100 < low_x < high_x < 130
    assert 30 < low_y < high_y < 45


def test_ten_names_repeat_in_panshan():
    names = county("panshan").villages["village"]
    assert names[names.duplicated(keep=False)].nunique() == 10


def test_a_code_gives_the_whole_county():
    assert county("211122").name == "panshan"
    assert shapely.covers(county("panshan").outline.geometry[0], county("tiny").outline.geometry[0])


def test_an_unknown_county_is_refused_with_the_list():
    with pytest.raises(SchemaError, match=r"'atlantis'.*panshan 211122.*tiny") as refused:
        county("atlantis")
    assert "没有示例县" in refused.value.zh


def test_examples_run():
    assert doctest.testmod(data.boundaries).failed == 0
