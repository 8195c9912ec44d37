"""Recurrence against the cue, by gain: what is measured, what is drawn, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import ms
from redrawing import assert_redrawn
from sklearn.linear_model import LogisticRegression
from small import SMALL
from stopping import stopped
from tiny import tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, Recall
from cortical_bcpnn.analysis.recurrence import best_gains
from cortical_bcpnn.analysis.supports import spread_of_supports, without_own
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.drawing.recurrence import draw_recurrence
from cortical_bcpnn.experiments import Networks, readouts
from cortical_bcpnn.experiments.varied_gain import (
    CONDITIONS,
    OWN_SILENT,
    own_networks,
    score,
    series,
)
from cortical_bcpnn.learned.calibration import calibrated_gain
from protocols.recurrence import recurrence

GAINS = (0.0, 0.1, 0.5, 1.0)


@pytest.fixture(scope="module", autouse=True)
def fewer_gains():
    with pytest.MonkeyPatch.context() as patch:
        for module in ("cortical_bcpnn.experiments.varied_gain", "protocols.recurrence"):
            patch.setattr(f"{module}.GAINS", GAINS)
        yield


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("recurrence") / "out"
    arguments = ["--kind", "spk", "--no-series", "--task-images", "20", "--out", str(out)]
    recurrence.run([*SMALL, *arguments])
    return out


@pytest.fixture(scope="module")
def memory():
    """The same network, by other means."""
    with Networks(limit=60, epochs=4, seed=5).learned("spk-full") as memory:
        yield memory


def test_every_gain_is_measured_once(result):
    found = pd.read_csv(result / "gains.csv")
    expected = {
        (series, kept, gain, *condition)
        for gain in GAINS for condition in CONDITIONS
        for series, kept in (("published", True), ("published", False), (OWN_SILENT, True))
    }  # fmt: skip
    keys = found[["series", "cue_kept", "gain", "task", "difficulty"]]
    assert set(keys.itertuples(index=False, name=None)) == expected and len(found) == len(expected)


def test_measures_are_those_of_the_network(result, memory):
    """One gain, recalled again; nothing moves where nothing changes but noise."""
    found = pd.read_csv(result / "gains.csv")
    dataset = digits().limited(60, 20)
    readout = readouts.fit_readout(memory, digits().limited(60, 60))
    steps = VARIANTS["spk-full"].recall_protocol(0.5)
    recall = memory.recall(dataset.test_images.reshape(20, 64), protocol=steps)
    ff, attractor = recall.z["feedforward"]["HID"], recall.z["attractor"]["HID"]
    winners = [z.reshape(20, 30, 30).argmax(axis=-1) for z in (ff, attractor)]
    row = found[
        (found["series"] == "published") & ~found["cue_kept"] & (found["gain"] == 0.5)
        & (found["task"] == "clean")
    ].iloc[0]  # fmt: skip
    assert row["moved"] == pytest.approx((winners[0] != winners[1]).mean())
    assert row["ff"] == pytest.approx(readout.score(ff, dataset.test_labels))
    assert row["attractor"] == pytest.approx(readout.score(attractor, dataset.test_labels))
    other = readout.predict(ff) != readout.predict(attractor)
    assert row["other_class"] == pytest.approx(other.mean())
    assert row["calibrated_gain"] == pytest.approx(calibrated_gain(memory))


def test_winners_among_two_minicolumns(learned, monkeypatch):
    """Found by hypercolumn, as among any number: one of two has moved, in one of two images."""
    z = {
        "feedforward": {"HID": np.array([[0.9, 0.1, 0.2, 0.8], [0.9, 0.1, 0.2, 0.8]])},
        "attractor": {"HID": np.array([[0.8, 0.1, 0.7, 0.3], [0.7, 0.2, 0.1, 0.9]])},
    }
    recall = Recall(z, z, {"feedforward": 0.1, "attractor": 0.2}, {"HID": 2})
    monkeypatch.setattr(learned, "recall", lambda *_, **__: recall)
    readout = LogisticRegression().fit(np.eye(4), [0, 1, 2, 3])
    found = score(learned, readout, np.zeros((2, 9)), np.zeros(2), [])
    assert found["moved"] == 0.25 and found["images"] == 2


def test_supports_are_what_the_synapses_bring(memory):
    """Currents in Brian2's own variables, at the end of the feedforward phase."""
    dataset = digits().limited(60, 1)
    cue, published = dataset.test_images.reshape(1, 64), VARIANTS["spk-full"].recall_protocol()
    rows = pd.DataFrame(spread_of_supports(memory, cue, published))
    ends = rows[rows["projection"] == "feedforward"].set_index("time_ms")["spread"]
    memory.recall(cue, protocol=published[:2])
    simulation = memory._recalling(1)[0]
    current = simulation.get("HID.I_feedforward") + simulation.get("HID.b_feedforward")
    expected = current.reshape(30, 30).std(axis=-1).mean()
    # z is read as float32, and I leaves the floor of z out.
    assert ends[50.0] == pytest.approx(expected, rel=1e-4)


def test_hypercolumns_without_connections_to_themselves(patterns, learned):
    """Weights within are 0, all others as before; it adopts a copy."""
    silent = without_own(learned)
    before, after = learned.weights("recurrent"), silent.weights("recurrent")
    own = np.kron(np.eye(4), np.ones((5, 5))) == 1
    np.testing.assert_allclose(after[own], 0, atol=1e-6)
    np.testing.assert_array_equal(after[~own], before[~own])
    assert np.abs(before[own]).max() > 0.1
    silent.close()


def test_best_gain():
    """The highest mean over conditions and seeds, and what comes within a point of it."""
    rows = [
        {"network": "published", "series": "published", "hypercolumns": 30, "tau_z_ms": 20.0,
         "seed": seed, "calibrated_gain": 0.1 + seed / 10, "cue_kept": kept, "gain": gain,
         "attractor": accuracy + 0.002 * seed if kept else 1.0, "ff": 0.6}
        for seed in (0, 1) for kept in (True, False)
        for gain, accuracy in ((0.0, 0.6), (0.05, 0.695), (0.1, 0.7), (0.2, 0.65), (1.0, 0.5))
    ]  # fmt: skip
    (best,) = best_gains(pd.DataFrame(rows)).to_dict("records")
    assert (best["from"], best["best_gain"], best["to"]) == (0.05, 0.1, 0.1)
    assert best["calibrated_gain"] == pytest.approx(0.15) and best["at_best"] == pytest.approx(0.701)
    assert best["at_1"] == pytest.approx(0.501) and best["ff"] == pytest.approx(0.6)


def test_series_differ_in_one_thing():
    with AssociativeMemory(64, (30, 30), 24, variant="spspk-calibrated") as memory:
        found = [*own_networks(memory), *series(memory, [10, 30], [5 * ms, 20 * ms, 50 * ms])]
    names = [network.name for network in found]
    assert names == ["published", OWN_SILENT, "10 hypercolumns", "tau_z 5 ms", "tau_z 50 ms"]


def test_figure(result):
    gains, supports, best = (
        pd.read_csv(result / f"{name}.csv") for name in ("gains", "supports", "best_gains")
    )
    with tiny_memory(variant="spk-full") as memory:
        parameters = memory.parameters
    steps = VARIANTS["spk-full"].recall_protocol()
    figure = draw_recurrence(gains, supports, best, steps, parameters)
    titles = [ax.get_title(loc="left")[0] for ax in figure.axes]
    assert titles == list("ABCD")  # no series of sizes or time constants
    kept = gains[(gains["series"] == "published") & gains["cue_kept"] & (gains["task"] == "clean")]
    line = next(line for line in figure.axes[1].lines if line.get_label() == "clean")
    np.testing.assert_allclose(line.get_ydata(), 100 * kept.sort_values("gain")["attractor"])
    plt.close(figure)


def test_the_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(recurrence, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_measures_what_is_missing(result, tmp_path):
    """Here the network that had come first is measured again; both tables come out the same."""
    out = stopped(result, tmp_path / "out", "gains", lambda number: number > 0)
    recurrence.run(["--resume", str(out)])
    for name in ("gains.csv", "supports.csv"):
        assert (out / name).read_bytes() == (result / name).read_bytes()


def test_summary(result):
    summary = json.loads((result / "summary.json").read_text())
    assert {row["series"] for row in summary["best_gains"]} == {"published", OWN_SILENT}
    assert summary["recurrent_spread_at_the_end"] > 0
