"""How connections move: maps, places in the image and summaries of rewiring, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.analysis.connectivity import (
    busiest_fields,
    connection_maps,
    describe_connections,
    describe_rewiring,
)


def test_maps_show_the_pixels_of_hidden_hypercolumns(learned):
    """Feedforward: pixels that they listen to. Feedback: pixels that listen to them."""
    maps = connection_maps(learned)
    assert list(maps) == [0, 6, 12, 30, 48]  # at the start, after rewirings 1, 2 and 5, and now
    for patterns, connections in learned.connection_history.items():
        feedforward, feedback = maps[patterns]["feedforward"], maps[patterns]["feedback"]
        assert feedforward.shape == feedback.shape == (4, 9)
        for h in range(4):
            assert set(np.flatnonzero(feedforward[h])) == set(connections["feedforward"][h])
        for pixel in range(9):
            assert set(np.flatnonzero(feedback[:, pixel])) == set(connections["feedback"][pixel])


def test_maps_end_with_the_connections_of_now(make_memory, patterns):
    """5 patterns, rewired after 2 and 4: noted after 2 and 4, and now."""
    memory = make_memory(rewire_every=2, rewire_margin=1.0).learn(patterns[:5])
    maps = connection_maps(memory)
    assert list(maps) == [0, 2, 4, 5]
    np.testing.assert_array_equal(maps[5]["feedforward"].T, memory.connections("feedforward"))
    np.testing.assert_array_equal(maps[5]["feedback"], memory.connections("feedback"))


def test_connections_are_described():
    """Two hidden hypercolumns on 3 x 3 pixels, numbered row by row; the centre is number 4."""
    before = np.zeros((2, 9), bool)
    before[0, [0, 8]] = before[1, [2, 4]] = True  # corners; corner and centre
    after = np.zeros((2, 9), bool)
    after[0, [3, 4]] = after[1, [4, 2]] = True  # left and centre; centre and corner
    images = np.zeros((2, 3, 3))
    images[1, 1, 1] = 0.8  # the centre varies, with a standard deviation of 0.4
    table = describe_connections({0: {"feedforward": before}, 7: {"feedforward": after}}, images)
    first, last = table.to_dict("records")
    corner = np.sqrt(2)
    assert first == {
        "patterns": 0, "projection": "feedforward", "overlap": 0.5, "covered": 4,
        "fewest": 2, "most": 2, "centre_distance": pytest.approx(3 * corner / 4),
        "pixel_sd": pytest.approx(0.1), "extent": pytest.approx((2 * corner + corner) / 2),
    }  # fmt: skip
    assert last == {
        "patterns": 7, "projection": "feedforward", "overlap": 1.0, "covered": 3,
        "fewest": 2, "most": 2, "centre_distance": pytest.approx((1 + corner) / 4),
        "pixel_sd": pytest.approx(0.2), "extent": pytest.approx((1 + corner) / 2),
    }  # fmt: skip


def test_hypercolumns_of_a_single_pixel_have_no_extent():
    one = np.eye(2, 4, dtype=bool)
    three = np.array([[1, 0, 0, 0], [1, 1, 1, 0]], bool)  # distances 1, 1 and sqrt(2)
    images = np.zeros((1, 2, 2))
    assert np.isnan(describe_connections({0: {"feedback": one}}, images)["extent"].item())
    table = describe_connections({0: {"feedback": three}}, images)
    assert table["extent"].item() == pytest.approx((2 + np.sqrt(2)) / 3)
    assert (table["fewest"].item(), table["most"].item()) == (1, 3)


def test_rewiring_is_summarised():
    """20 rewirings: the first and last tenth are two each."""
    table = pd.DataFrame({
        "seed": np.repeat([1, 2], 20), "patterns": np.tile(np.arange(20), 2),
        "projection": "feedforward", "flips": np.arange(40), "score": np.arange(40)[::-1] / 10,
    })  # fmt: skip
    summary = describe_rewiring(table.iloc[::-1], 0.1)
    expected = {"projection": "feedforward", "rewirings": 20}
    assert sorted(summary.to_dict("records"), key=lambda row: row["seed"]) == [
        {"seed": 1, **expected, "flips_first": 0.5, "flips_last": 18.5, "score_first": 3.9,
         "score_lowest": 2.0, "score_last": 2.0},
        {"seed": 2, **expected, "flips_first": 20.5, "flips_last": 38.5, "score_first": 1.9,
         "score_lowest": 0.0, "score_last": 0.0},
    ]  # fmt: skip


def test_few_rewirings_of_one_network():
    """A tenth of three is one at least; without seeds there is a row for each projection."""
    table = pd.DataFrame({
        "patterns": [200, 200, 400, 400, 600, 600], "projection": ["a", "b"] * 3,
        "flips": [9, 8, 7, 6, 5, 4], "score": [1.0, 2.0, 0.5, 2.5, 3.0, 4.0],
    })  # fmt: skip
    first, second = describe_rewiring(table).to_dict("records")
    assert first == {"projection": "a", "rewirings": 3, "flips_first": 9, "flips_last": 5,
                     "score_first": 1, "score_lowest": 0.5, "score_last": 3}  # fmt: skip
    assert second == {"projection": "b", "rewirings": 3, "flips_first": 8, "flips_last": 4,
                      "score_first": 2, "score_lowest": 2, "score_last": 4}  # fmt: skip


def test_busiest_fields_are_those_of_highest_bias(learned):
    """Of hidden hypercolumns 0 to 2, the three minicolumns that have been active most often."""
    fields = busiest_fields(learned, 3, 3)
    assert fields.shape == (3, 3, 9)
    bias, every = learned.biases("feedforward").reshape(4, 5), learned.receptive_fields()
    for h in range(3):
        order = sorted(range(5), key=lambda m: -bias[h, m])
        np.testing.assert_allclose(fields[h], every[h, order[:3]], rtol=1e-6)
