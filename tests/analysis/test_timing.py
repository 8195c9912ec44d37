"""Wall times: that of which work they are, and that nothing but time differs."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import numpy as np
import pytest

from cortical_bcpnn.analysis.timing import (
    learning_time,
    measure_build,
    measure_learning,
    measure_recall,
    recall_steps,
    recall_time,
    shortest_recall,
)


def test_time_steps_of_a_recall(learned):
    durations = [float(phase.duration) for phase in learned.recall_protocol()]
    assert recall_steps(learned) == pytest.approx(sum(durations) / float(learned.parameters.dt))


def test_learning_is_timed_without_rewiring():
    history = [{"seconds": {"learn": 9.0, "rewire": 9.0}}, {"seconds": {"learn": 3.0, "rewire": 1.0}}]
    assert learning_time(SimpleNamespace(history=history, n_learned=40)) == 50


def test_the_shortest_of_several_runs_counts(learned):
    """Of 30, 10 and 20 ms; recall is of 20,000 steps at least."""
    asked, naps = [], iter([0.03, 0.01, 0.02] * 2)

    def recall(cues, **options):
        asked.append((len(cues), options))
        time.sleep(next(naps))

    memory = SimpleNamespace(recall=recall, recall_protocol=learned.recall_protocol,
                             parameters=learned.parameters)  # fmt: skip
    assert 0.01 <= shortest_recall(memory, np.zeros((2, 9)), 3, jobs=2) < 0.02
    assert asked == [(2, {"jobs": 2})] * 3
    assert 0.01 <= recall_time(memory, np.zeros((2, 9))) * 20_000 / 1e6 < 0.02
    n_cues, steps = asked[-1][0], recall_steps(learned)
    assert (n_cues - 1) * steps < 20_000 <= n_cues * steps


def test_a_network_is_measured(make_memory, patterns):
    """Parts of learning add up, recall by two processes is one of the speed-ups."""
    memory = make_memory(rewire_every=6)
    learning = measure_learning(memory, patterns)
    assert memory.n_learned == len(patterns)
    split = learning["learn_split_ms"]
    assert list(split) == ["simulation", "plasticity", "rewiring", "startup"]
    assert sum(split.values()) == pytest.approx(learning["learn_ms_per_pattern"])
    assert min(split["simulation"], split["rewiring"], split["startup"]) > 0
    assert learning["peak_memory_mb"] > 50 and learning["real_time_factor"] > 0
    assert measure_recall(memory, patterns[:2], 1)["recall_speedup"] == {"1": 1}
    recall = measure_recall(memory, patterns[:2], 3)
    assert list(recall["recall_speedup"]) == ["1", "2", "3"] and recall["recall_us_per_step"] > 0


@pytest.mark.long
def test_building_is_timed_in_a_cache_of_its_own(make_memory, monkeypatch, tmp_path):
    """Which is left as it was."""
    monkeypatch.setenv("CORTICAL_BCPNN_CACHE", str(tmp_path / "mine"))
    found = measure_build(make_memory())
    assert found["build_s"] > found["rebuild_s"] > 0
    assert os.environ["CORTICAL_BCPNN_CACHE"] == str(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
