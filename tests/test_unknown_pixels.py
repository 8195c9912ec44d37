"""Unknown pixels of a cue: their minicolumns transmit nothing while the cue is clamped."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import ms
from comparing import assert_equal_recalls, differ

from cortical_bcpnn import AssociativeMemory, Phase

CLAMPED = [Phase(30 * ms, ("INP",), {"feedforward": 1.0, "feedback": 1.0}, read="end")]


@pytest.fixture(scope="module")
def recall(learned, patterns):
    return learned.recall(patterns)


def without(pixels, patterns) -> np.ndarray:
    cues = patterns.copy()
    cues[:, pixels] = np.nan
    return cues


@pytest.fixture(scope="module")
def deaf(saved, learned):
    """The same network without feedforward weights."""
    with AssociativeMemory.load(saved) as memory:
        memory.weights = lambda name: learned.weights(name) * (name != "feedforward")
        yield memory


def test_unknown_pixels_say_nothing(learned, deaf, patterns):
    """Where all is unknown, HID does what it does without feedforward weights."""
    silent = learned.recall(without(range(9), patterns), protocol=CLAMPED, over_time=True)
    grey = deaf.recall(np.full_like(patterns, 0.5), protocol=CLAMPED, over_time=True)
    for population in ("INP", "HID"):
        z = silent.z_over_time[population]
        np.testing.assert_array_equal(z, grey.z_over_time[population])
    speaking = learned.recall(np.full_like(patterns, 0.5), protocol=CLAMPED)
    assert differ(silent, speaking, moment="end")


def test_known_pixels_speak_as_ever(learned, patterns, recall):
    """A cue in which all is known is recalled alike before, between and after unknown ones."""
    cues = patterns.copy()
    cues[1::2, :4] = np.nan
    mixed = learned.recall(cues)
    for moment in recall.moments:
        for population, z in recall.z[moment].items():
            np.testing.assert_array_equal(mixed.z[moment][population][::2], z[::2])
    assert differ(mixed, recall)


@pytest.mark.parametrize("jobs", [2, 3])
def test_unknown_pixels_do_not_depend_on_the_number_of_jobs(learned, patterns, jobs):
    cues = without([0, 4], patterns)
    assert_equal_recalls(learned.recall(cues), learned.recall(cues, jobs=jobs))


def test_what_is_unknown_does_not_matter(learned, patterns):
    """Not even which value another coding would have given it."""
    coded = np.stack([patterns, 1 - patterns], axis=-1)
    coded[:, 3] = [np.nan, 0.9]
    assert_equal_recalls(learned.recall(without([3], patterns)), learned.recall(coded))


def test_unknown_pixels_are_silent_only_while_they_are_clamped(learned, deaf, patterns):
    """Afterwards INP is at rest, and HID hears it as after any cue."""
    cues = without(range(9), patterns)
    protocol = [*CLAMPED, Phase(40 * ms, (), {"feedforward": 1.0}, read="free")]
    heard, unheard = (memory.recall(cues, protocol=protocol) for memory in (learned, deaf))
    assert not differ(heard, unheard, moment="end") and differ(heard, unheard, moment="free")


def test_patterns_to_learn_are_known(learned, patterns):
    with pytest.raises(ValueError, match="patterns hold the value nan at index .*finite values"):
        learned.learn(without([0], patterns))
