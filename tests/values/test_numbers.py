"""One idea of a whole number, wherever one is asked for; True is none."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import tiny_memory

from cortical_bcpnn import Architecture, Parameters, Population, Projection
from cortical_bcpnn.analysis.spike_trains import SpikeTrains
from cortical_bcpnn.biophysical import BiophysicalMemory
from cortical_bcpnn.biophysical.layout import Layout
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments.arguments import whole
from cortical_bcpnn.sweeps.search_spec import search_from
from cortical_bcpnn.sweeps.spec import parse_seeds
from cortical_bcpnn.values.numbers import check_whole, is_number, is_whole

PATTERNS = np.zeros((2, 9))


def fan_in(value):
    parts = (Population("A", 3, 2), Population("B", 3, 2))
    return Architecture(parts, (Projection("ab", "A", "B", value, False, "post"),))


ASKED = {
    "epochs": lambda value: tiny_memory().plan(PATTERNS, value),
    "jobs": lambda value: tiny_memory().recall(PATTERNS, jobs=value),
    "seed": lambda value: Parameters(seed=value),
    "rewire_every": lambda value: Parameters(rewire_every=value),
    "hypercolumns": lambda value: Population("A", value, 2),
    "fan-in": fan_in,
    "limit of training images": lambda value: digits().limited(value),
    "minicolumns": lambda value: SpikeTrains(np.zeros(0), np.zeros(0, int), 2, value, 1.0),
    "cells_per_minicolumn": lambda value: Layout(2, 2, value),
    "seed of the twin": lambda value: BiophysicalMemory(2, 2, seed=value),
    "seeds": parse_seeds,
    "population": lambda value: search_from({"search": {"tau_z": ["5ms", "9ms"]}, "population": value}),
}


@pytest.mark.parametrize("value", [True, 1.5, -1, "3", None])
@pytest.mark.parametrize("name", ASKED)
def test_what_is_no_whole_number_is_refused_everywhere(name, value):
    if name.startswith("limit") and value is None:  # all images
        return
    with pytest.raises(ValueError, match=f"{name.split(' of the')[0]} .*{value!r}.*: .*give"):
        ASKED[name](value)


def test_whole_numbers():
    assert is_whole(3) and is_whole(np.int8(3), 3) and not is_whole(3, 4)
    assert not is_whole(True) and not is_whole(np.True_) and not is_whole(3.0)
    assert is_number(3) and is_number(np.float32(0.5))
    assert not is_number(True) and not is_number(np.nan) and not is_number("3")
    size = check_whole("size", np.int8(100))
    assert type(size) is int and size * size == 10_000
    with pytest.raises(ValueError, match=r"^size is 0: give a whole number of 1 or more\.$"):
        check_whole("size", 0)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "²", "x"])
def test_whole_numbers_of_a_command_line(text):
    assert whole("12") == 12
    with pytest.raises(ValueError, match="is no whole number of 1 or more"):
        whole(text)
