"""Weights and costs that a county sets itself: read whole, or refused with what is wrong."""

from __future__ import annotations

import pytest

from spatial.errors import SchemaError
from spatial.weights import Prices, Weights, read_weights


def test_what_a_file_leaves_out_keeps_its_default():
    assert read_weights("") == (Weights(), Prices())
    weights, prices = read_weights("[weights]\nplace = [50, 20, 5]\njunction = 3\n[costs]\npole_yuan = 0\n")
    assert weights == Weights(place=(50.0, 20.0, 5.0), junction=3.0)
    assert prices == Prices(pole_yuan=0.0)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[weights]\nschool = 3", "school"),
        ("[weights]\nplace = 30", "place"),
        ("[weights]\nplace = [1, 2]", "place"),
        ("[weights]\njunction = [1, 2, 3]", "junction"),
        ("[weights]\njunction = -1", "junction"),
        ("[weights]\njunction = inf", "junction"),
        ("[weights]\njunction = 'much'", "much"),
        ("[cost]\ncamera_yuan = 5", "cost"),
        ("[costs]\ncamera = 5", "camera"),
        ("weights = 3", ""),
        ("[weights", ""),
    ],
)
def test_what_means_nothing_is_refused_and_named(text, named):
    with pytest.raises(SchemaError) as refusal:
        read_weights(text)
    assert named in refusal.value.zh
    assert named in refusal.value.en
