"""Measures on spike trains made so that the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn import SpikeTrains, compare
from cortical_bcpnn.analysis.comparison import (
    completion,
    measure,
    rates,
    winners,
    winners_over_time,
)
from cortical_bcpnn.analysis.spike_statistics import (
    cv_of_intervals,
    has_elephant,
    synchrony,
)
from cortical_bcpnn.recall import Recall

needs_elephant = pytest.mark.skipif(not has_elephant(), reason="Elephant is not installed")
RIGHT = np.array([1, 0])  # of two hypercolumns of three minicolumns: minicolumns 1 and 3


def trains_of(spikes: dict[int, list[float]], duration: float = 0.4, **settings) -> SpikeTrains:
    """Spike times in seconds by minicolumn, in two hypercolumns of three."""
    times = np.concatenate([np.asarray(t, float) for t in spikes.values()])
    columns = np.repeat(list(spikes), [len(t) for t in spikes.values()])
    return SpikeTrains(times, columns, 2, 3, duration, **settings)


def every(step: float, start: float, stop: float) -> np.ndarray:
    return np.arange(start, stop - 1e-9, step)


@pytest.fixture
def attractor() -> SpikeTrains:
    """Cue from 50 to 100 ms. Hypercolumn 0 is right throughout; 1 from 120 ms until 250 ms.

    A spike each 10 ms, at 2, 12, … ms; in hypercolumn 1 that of a wrong minicolumn before 120 ms
    and none from 250 ms on.
    """
    return trains_of(
        {1: every(0.01, 0.052, 0.4), 5: every(0.01, 0.052, 0.12), 3: every(0.01, 0.122, 0.25)},
        cue=(0.05, 0.1),
    )


def test_rates_and_winners(attractor):
    np.testing.assert_allclose(rates(attractor, 0.1, 0.2), [0, 100, 0, 80, 0, 20])
    assert winners(attractor, 0.1, 0.2).tolist() == [1, 0]
    assert winners(attractor, 0.05, 0.12).tolist() == [1, 2]
    assert winners(attractor, 0.3, 0.4).tolist() == [1, -1]


def test_winners_over_time_see_only_the_window(attractor):
    """Window of 50 ms: 3 has more spikes than 5 when three of five are its: at 145 ms, after 142."""
    times, won = winners_over_time(attractor, window=0.05, step=0.005)
    np.testing.assert_allclose(times, np.arange(10, 81) * 0.005)
    assert won[times < 0.0549, 0].tolist() == [-1] and (won[times > 0.0549, 0] == 1).all()
    right = np.flatnonzero(won[:, 1] == 0)
    assert times[right[0]] == pytest.approx(0.145)
    # The last spike of 3 is at 242 ms; from 295 ms on the window starts after it.
    assert times[right[-1]] == pytest.approx(0.29)


def test_completion(attractor):
    time, duration, outlasts = completion(attractor, RIGHT)
    assert (time, duration) == (pytest.approx(0.095), pytest.approx(0.15)) and not outlasts
    # With one hypercolumn of two enough, it is complete in the first window after the cue starts.
    assert completion(attractor, RIGHT, most=0.5) == (pytest.approx(0.005), pytest.approx(0.345), True)
    assert completion(attractor, [1, -1]) == completion(attractor, RIGHT, most=0.5)
    assert np.isnan(completion(attractor, [2, 2])[0])


def test_short_visits_and_short_gaps_do_not_count():
    """Right at 0–20 ms only: too short for hold; a gap of 10 ms without spikes is bridged."""
    short = trains_of({1: [0.001, 0.011], 3: [0.001, 0.011], 2: every(0.01, 0.021, 0.4)})
    settings = {"window": 0.01, "step": 0.005, "hold": 0.02}
    assert np.isnan(completion(short, RIGHT, **{**settings, "hold": 0.025})[0])
    gap = np.append(every(0.01, 0.001, 0.1), every(0.01, 0.111, 0.4))
    time, duration, outlasts = completion(trains_of({1: gap, 3: gap}), RIGHT, **settings)
    assert (time, duration) == (pytest.approx(0.01), pytest.approx(0.39)) and outlasts


def test_cv_of_intervals():
    """Intervals 10 and 30 ms: mean 20, deviation 10. A clock has 0; two spikes say nothing."""
    uneven, clock = np.cumsum([0, 0.01, 0.03, 0.01, 0.03]), every(0.01, 0, 0.1)
    assert cv_of_intervals([uneven], elephant=False) == pytest.approx(0.5)
    assert cv_of_intervals([uneven, clock, [0.1, 0.2]], elephant=False) == pytest.approx(0.25)
    assert np.isnan(cv_of_intervals([[0.1, 0.2]]))


def test_synchrony():
    """Counts 1 0 1 0, and the same (1), the opposite (-1) or 1 1 0 0 (0): mean of the pairs."""
    a, same, opposite = [0.001, 0.011], [0.004, 0.014], [0.006, 0.016]
    unrelated = [0.002, 0.007]

    def of(*trains):
        return synchrony([np.array(t) for t in trains], 0, 0.02, elephant=False)

    assert of(a, same) == pytest.approx(1)
    assert of(a, opposite) == pytest.approx(-1)
    assert of(a, unrelated) == pytest.approx(0)
    assert of(a, same, opposite) == pytest.approx(-1 / 3)
    assert np.isnan(of(a)) and np.isnan(of(a, [0.001, 0.006, 0.011, 0.016]))


@needs_elephant
def test_elephant_agrees(caplog):
    """Also on spikes at the edges of bins, and without a word in its log."""
    rng = np.random.default_rng(3)
    trains = [np.sort(rng.random(n)) for n in (3, 20, 50, 80)] + [every(0.005, 0.1, 0.9)]
    assert cv_of_intervals(trains, elephant=True) == pytest.approx(
        cv_of_intervals(trains, elephant=False)
    )
    for start, stop in ((0, 1), (0.15, 0.623)):
        assert synchrony(trains, start, stop, elephant=True) == pytest.approx(
            synchrony(trains, start, stop, elephant=False)
        )
    assert not caplog.records


def test_measures_of_a_trial(attractor):
    """In the 75 ms after the cue: eight spikes of 1, two of 5 and six of 3, at 102 to 172 ms."""
    (row,) = measure(attractor, RIGHT[None]).to_dict("records")
    assert row["correct"] == 1 and row["recalled"]
    assert row["complete_ms"] == pytest.approx(95) and row["attractor_ms"] == pytest.approx(150)
    assert row["mean_hz"] == pytest.approx(16 / 6 / 0.075)
    assert row["winners_hz"] == pytest.approx((8 + 6) / 2 / 0.075)
    assert row["peak_hz"] == pytest.approx(100)
    assert row["cv_isi"] == pytest.approx(0, abs=1e-9)
    wrong = measure(attractor, [[1, 1]]).iloc[0]
    assert wrong["correct"] == 0.5 and not wrong["recalled"] and np.isnan(wrong["attractor_ms"])


def test_compare_has_a_row_for_each_model(attractor):
    """Cells are told apart where they are given, and rates are per cell."""
    cells = np.where(attractor.times < 0.2, 2 * attractor.columns, 2 * attractor.columns + 1)
    two = SpikeTrains(attractor.times, attractor.columns, 2, 3, 0.4, cells, 2, attractor.cue)
    silent = trains_of({0: []}, cue=(0.05, 0.1))
    table = compare({"one": [attractor, silent], "two": [two, two]}, [RIGHT, RIGHT])
    assert table["model"].tolist() == ["one", "two"] and table["trials"].tolist() == [2, 2]
    assert table["recalled"].tolist() == [0.5, 1] == table["completed"].tolist()
    assert table["attractor_ms"].tolist() == [pytest.approx(150)] * 2
    assert table["mean_hz"].tolist() == [pytest.approx(16 / 12 / 0.075)] * 2


def test_from_recall():
    """Spikes in steps 3 and 7 of 10, of minicolumns 1 and 3."""
    spikes = np.zeros((2, 10, 6), bool)
    spikes[1, 3, 1] = spikes[1, 7, 3] = True
    recall = Recall({}, {}, {}, {"REC": 3}, spikes_over_time={"REC": spikes})
    silent, trial = SpikeTrains.from_recall(recall, "REC", cue=(0.002, 0.004))
    assert len(silent.times) == 0 and trial.duration == pytest.approx(0.01)
    np.testing.assert_allclose(trial.times, [0.003, 0.007])
    assert trial.columns.tolist() == [1, 3] and (trial.hypercolumns, trial.minicolumns) == (2, 3)
    with pytest.raises(ValueError, match="no spikes over time of 'HID'.*recall with over_time=True"):
        SpikeTrains.from_recall(recall, "HID")


def test_from_neo():
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    segment = neo.Segment()
    for column, times in ((3, [110, 150]), (1, []), (3, [120])):
        train = neo.SpikeTrain(times * pq.ms, t_start=100 * pq.ms, t_stop=300 * pq.ms, minicolumn=column)
        segment.spiketrains.append(train)
    block = neo.Block()
    block.segments.append(segment)
    for given in (block, segment, list(segment.spiketrains)):
        trial = SpikeTrains.from_neo(given, 2, 3, cells_per_minicolumn=2, cue=(0.0, 0.05))
        np.testing.assert_allclose(trial.times, [0.01, 0.02, 0.05])
        assert trial.columns.tolist() == [3, 3, 3] and trial.cells.tolist() == [0, 2, 0]
        assert trial.duration == pytest.approx(0.2)
    assert SpikeTrains.from_neo(block, 2, 3, columns=[0, 1, 2]).columns.tolist() == [0, 2, 0]
    with pytest.raises(ValueError, match="no annotation 'column': annotate all"):
        SpikeTrains.from_neo(block, 2, 3, annotation="column")
    with pytest.raises(ValueError, match="give a whole number for each of the 3 spike trains"):
        SpikeTrains.from_neo(block, 2, 3, columns=[0])
    block.segments.append(neo.Segment())
    with pytest.raises(ValueError, match="2 segments: give them one by one"):
        SpikeTrains.from_neo(block, 2, 3)

def test_from_nest():
    """Times in ms, cells by node number; silent cells count, and spikes of others do not."""
    events = {"senders": np.array([7, 3, 12, 4, 99, 7]),
              "times": np.array([100.0, 110.0, 120.0, 150.1, 160.0, 300.0])}  # fmt: skip
    cells = np.array([7, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14])  # two in each of 2 x 3 minicolumns
    trial = SpikeTrains.from_nest(events, cells, 2, 3, start=0.1, stop=0.3, cue=(0.0, 0.05))
    np.testing.assert_allclose(trial.times, [0.01, 0.02, 0.0501, 0.2])
    assert trial.columns.tolist() == [0, 4, 1, 0] and trial.cells.tolist() == [1, 9, 2, 0]
    assert trial.cells_per_minicolumn == 2 and trial.duration == pytest.approx(0.2)
    columns = np.repeat(np.arange(6)[::-1], 2)
    trial = SpikeTrains.from_nest(events, cells, 2, 3, start=0.1, stop=0.3, columns=columns)
    assert trial.columns.tolist() == [5, 1, 4, 5]
    for given, message in (
        ({"recorder": {"times": []}}, "no events with 'senders' and 'times'"),
        ({"cells": cells[:5]}, "cells are 5: give as many for each of the 6 minicolumns"),
        ({"columns": [1]}, "give a whole number for each of the 12 cells"),
        ({"start": 0.3}, "start is 0.3 and stop 0.3"),
    ):
        with pytest.raises(ValueError, match=message):
            SpikeTrains.from_nest(**{"recorder": events, "cells": cells, "hypercolumns": 2,
                                     "minicolumns": 3, "stop": 0.3, **given})  # fmt: skip


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"times": [0.1, 0.5]}, "times do not lie in the trial: give seconds from 0 to .* 0.4"),
        ({"times": [0.1, np.nan]}, "times do not lie"),
        ({"columns": [1]}, "columns have shape .* give one for each of the 2 spikes"),
        ({"columns": [1, 6]}, "columns reach from 1 to 6: give minicolumns from 0 to 5"),
        ({"columns": [1.0, 2.0]}, "columns are of type float64: give whole numbers"),
        ({"cells": [1]}, "cells have shape"),
        ({"hypercolumns": 0}, "hypercolumns is 0: give a whole number of 1 or more"),
        ({"duration": 0}, "duration is 0: give a positive number of seconds"),
        ({"cue": (0.1, 0.4)}, "cue is .* before the trial ends at 0.4"),
    ],
)
def test_spikes_that_do_not_fit(changed, message):
    sizes = {"hypercolumns": 2, "minicolumns": 3, "duration": 0.4}
    given = {"times": [0.1, 0.2], "columns": [1, 2], **sizes}
    SpikeTrains(**given)
    with pytest.raises(ValueError, match=message):
        SpikeTrains(**{**given, **changed})


def test_patterns_that_do_not_fit(attractor):
    for patterns in ([1, 0], [[1, 0, 0]], [[1, 0]] * 2, [[1.0, 0.0]]):
        with pytest.raises(ValueError, match=r"patterns are .* give whole numbers of shape \(1, 2\)"):
            measure(attractor, patterns)
    for patterns in ([[1, 3]], [[-1, -1]]):
        with pytest.raises(ValueError, match="patterns hold no minicolumn, or one that does not exist"):
            measure(attractor, patterns)
    with pytest.raises(ValueError, match="trains are no mapping"):
        compare([attractor], [[1, 0]])
    with pytest.raises(ValueError, match="trains are no spike trains"):
        measure([], [[1, 0]])
    with pytest.raises(ValueError, match="window is 0.012 s: give a multiple of step = 0.005 s"):
        winners_over_time(attractor, window=0.012)
    with pytest.raises(ValueError, match="start is 0.2 and stop 0.1"):
        winners(attractor, 0.2, 0.1)
