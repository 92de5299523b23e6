"""Optics: pixel tables, the presets of the literature, dead zones, headings, defaults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatial.coverage.optics import optics
from spatial.coverage.optics.headings import headings
from spatial.coverage.optics.pixels import pixel_density, pixel_name
from spatial.errors import SchemaError

PRESETS = [
    # width, sensor, focal, mount, tilt, hfov, dead zone at 0 m and 1.5 m, far limit at 25, 62.5, 125, 250 px/m
    (1920, "1/2.8", 4, 4, 10, 67.7, 6.7, 4.2, 57.6, 22.8, 11.2, 5.4),
    (1920, "1/2.8", 6, 5, 10, 48.2, 11.2, 7.8, 86.5, 34.2, 16.8, 8.1),
    (1920, "1/2.8", 6, 6, 15, 48.2, 10.8, 8.1, 87.6, 34.3, 16.6, 7.7),
    (1920, "1/2.8", 12, 6, 8, 25.2, 22.1, 16.6, 172.7, 68.7, 34.0, 16.7),
    (2560, "1/1.8", 6, 5, 12, 61.8, 8.5, 5.9, 86.7, 34.2, 16.8, 8.0),
    (3840, "1/1.8", 6, 6, 12, 61.8, 10.1, 7.6, 130.3, 51.5, 25.3, 12.2),
]


@pytest.mark.parametrize("row", PRESETS)
def test_presets_of_the_literature_are_met_to_the_decimetre(row):
    width, sensor, focal, mount, tilt, hfov, dead0, dead, *limits = row
    camera = pd.DataFrame({"width_px": [width], "sensor": [sensor], "focal_mm": [focal], "mount_m": [mount],
                           "tilt_deg": [tilt], "azimuth_deg": [0.0]})  # fmt: skip
    for density, limit in zip((25, 62.5, 125, 250), limits, strict=True):
        sectors = optics(camera, density=density).sectors
        assert sectors.far_m[0] == pytest.approx(limit, abs=0.051)
    assert sectors.hfov_deg[0] == pytest.approx(hfov, abs=0.051)
    assert sectors.near_m[0] == pytest.approx(dead, abs=0.051)
    assert optics(camera, target_m=0).sectors.near_m[0] == pytest.approx(dead0, abs=0.051)


def test_the_defaults_of_every_kind_are_named_as_assumed():
    cameras = pd.DataFrame({"kind": ["bullet", "dome", "ptz", "panorama", "gate", None], "azimuth_deg": [10.0] * 6})
    lens = optics(cameras)
    assert lens.sectors.hfov_deg.round().tolist() == [48, 68, 360, 360, 25, 48]
    assert lens.turning.tolist() == [False, False, True, False, False, False]
    assert lens.assumed["kind"].tolist() == [False] * 5 + [True]
    assert lens.assumed["mount_m"].all()
    assert lens.sectors.near_m[2] == 0


def test_the_nearest_limit_wins_and_night_counts_only_where_given():
    known = {"width_px": 1920, "hfov_deg": 48.2, "mount_m": 5, "tilt_deg": 10, "azimuth_deg": 0.0}
    cameras = pd.DataFrame([known, known | {"range_m": 20.0}, known | {"night_m": 15.0}, known | {"range_m": 90.0}])
    assert optics(cameras).sectors.far_m.round(1).tolist() == [34.3, 20.0, 15.0, 34.3]


def test_the_upper_edge_of_the_image_ends_the_view_where_the_tilt_is_known():
    steep = {"width_px": 1920, "hfov_deg": 48.2, "vfov_deg": 30.0, "mount_m": 6.0, "tilt_deg": 40.0, "azimuth_deg": 0.0}
    cameras = pd.DataFrame([steep, steep | {"tilt_deg": None}, steep | {"kind": "ptz"}])
    far = optics(cameras).sectors.far_m
    assert far[0] == pytest.approx(4.5 / np.tan(np.radians(25)))
    assert (far[1:] > 25).all()


def test_a_stated_range_wins_over_one_that_rests_on_default_pixels():
    cameras = pd.DataFrame({"azimuth_deg": [0.0], "hfov_deg": [60.0], "range_m": [80.0]})
    assert optics(cameras).sectors.far_m[0] == 80


def test_a_stated_angle_wins_over_the_lens():
    cameras = pd.DataFrame({"azimuth_deg": [0.0], "hfov_deg": [90.0], "focal_mm": [12.0], "sensor": ["1/2.8"]})
    assert optics(cameras).sectors.hfov_deg[0] == 90


def test_several_headings_give_several_sectors_and_a_range_its_own_width():
    cameras = pd.DataFrame({"headings_deg": ["90;270", "60-120", None], "azimuth_deg": [None, None, 5.0]})
    sectors = optics(cameras).sectors
    assert sectors.camera.tolist() == [0, 0, 1, 2]
    assert sectors.azimuth_deg.tolist() == [90, 270, 90, 5]
    assert sectors.hfov_deg[2] == 60


def test_a_missing_heading_is_marked_and_counted():
    lens = optics(pd.DataFrame({"kind": ["bullet", "ptz"]}))
    assert lens.headless.tolist() == [True, False]
    assert lens.assumed["azimuth_deg"].tolist() == [True, False]


def test_headings_are_read_as_numbers_letters_words_and_lists():
    assert headings("东北向、SSW;12.5°") == [(45.0, None), (202.5, None), (12.5, None)]
    assert headings("forward") == []


@pytest.mark.parametrize(
    ("text", "density"), [("2014:identify", 250), ("2025:validate", 500), ("40", 40), (12.5, 12.5)]
)
def test_pixel_levels_of_both_editions_are_known(text, density):
    assert pixel_density(text) == density


@pytest.mark.parametrize("text", ["2014:discern", "observe", "0", "-3", "nan", "2019:observe"])
def test_an_unknown_pixel_level_is_refused_in_both_languages(text):
    with pytest.raises(SchemaError) as error:
        pixel_density(text)
    assert text in error.value.zh
    assert "2025:discern" in error.value.en


def test_outputs_name_edition_and_level():
    assert pixel_name("2025:discern") == "IEC/EN 62676-4:2025 discern (80 px/m)"


@pytest.mark.parametrize(
    ("known", "resting"),
    [
        ({"azimuth_deg": 90.0, "hfov_deg": 60.0, "range_m": 40.0}, False),  # stated angle and range; tilt is a default
        ({"azimuth_deg": 90.0, "hfov_deg": 60.0, "width_px": 1920.0}, False),
        ({"azimuth_deg": 90.0, "hfov_deg": 60.0}, True),  # the pixels are a default
        ({"hfov_deg": 60.0, "range_m": 40.0}, True),  # the heading is
        ({"azimuth_deg": 90.0, "range_m": 40.0}, True),  # the angle is
        ({"kind": "ptz", "range_m": 40.0}, False),  # reaches a disc of the stated range, whatever its lens
        ({"kind": "ptz"}, True),
    ],
)
def test_a_view_rests_on_defaults_where_they_decide_heading_width_or_range(known, resting):
    assert optics(pd.DataFrame([{"kind": "bullet", **known}])).resting.tolist() == [resting]
