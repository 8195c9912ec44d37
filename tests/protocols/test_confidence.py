"""Recurrence by how sure each hypercolumn is: the protocol in small."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from brian2 import prefs
from redrawing import assert_redrawn

from cortical_bcpnn.analysis.recurrence import END, FF, MEAN
from cortical_bcpnn.data.stimuli import TASKS, make_cues
from cortical_bcpnn.experiments import Networks, flat
from cortical_bcpnn.experiments.readouts import fit_readout
from cortical_bcpnn.learned.calibration import calibrated_gain
from cortical_bcpnn.learned.confidence import usual_confidence
from cortical_bcpnn.model.listening import Listening, listening_by_confidence
from cortical_bcpnn.other_dynamics import recalled_as
from protocols.confidence import confidence

NETWORK = {"limit": 10, "epochs": 2, "hidden": (6, 4), "jobs": 1, "device": "runtime", "seed": 5}
WAYS = ["half the gain", "by confidence"]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("confidence") / "out"
    target, prefs.codegen.target = prefs.codegen.target, "numpy"
    confidence(**NETWORK, kinds=["rate"], ways=WAYS, difficulties=[1.0], out=out)
    yield out
    prefs.codegen.target = target


def test_every_condition_is_measured_once(result):
    found = pd.read_csv(result / "recalls.csv")
    keys = found[["way", "task", "difficulty", "reading"]].itertuples(index=False, name=None)
    conditions = [("clean", 0.0), *((task, 1.0) for task in TASKS)]
    expected = {(w, *c, r) for w in WAYS for c in conditions for r in (FF, END, MEAN)}
    assert set(keys) == expected and len(found) == len(expected)


def test_measures_are_those_of_the_network(result):
    """Recalled again by a model that is put together here."""
    found = pd.read_csv(result / "recalls.csv").set_index(["way", "task", "reading"]).sort_index()
    setup = Networks(**NETWORK)
    shown = setup.data
    with setup.learned("rate-calibrated", progress=False) as memory:
        readout, images = fit_readout(memory, shown), flat(shown.train_images)
        z = memory.recall(images, until="feedforward", populations=["INP"]).z["feedforward"]["INP"]
        model = memory.parameters.minicolumn_of("HID")
        model = listening_by_confidence(model, Listening(), *usual_confidence(memory, z))
        cues = flat(make_cues("completion", shown.test_images, 1.0, 5))
        protocol = memory.parameters.variant.recall_protocol(calibrated_gain(memory))
        recall = recalled_as(memory, {"HID": model}).recall(cues, protocol=protocol, populations=["HID"])
        rows = found.loc["by confidence", "completion"]
        for reading, activity in (
            (FF, recall.z["feedforward"]["HID"]), (END, recall.z["attractor"]["HID"]),
            (MEAN, recall.rates("HID", "attractor") / 1000),
        ):  # fmt: skip
            right = (readout.predict(activity) == shown.test_labels).mean()
            assert rows.loc[reading, "accuracy"] == pytest.approx(right)
        assert rows["recurrent_gain"].unique() == pytest.approx(calibrated_gain(memory))
    half = found.loc["half the gain", "recurrent_gain"].unique()
    assert half == pytest.approx(rows["recurrent_gain"].iloc[0] / 2)


def test_summary_and_pictures(result, tmp_path):
    summary = json.loads((result / "summary.json").read_text())
    assert summary["ways"]["by confidence"]["listening"]["unsure"] == 1.0
    assert_redrawn(confidence, result, tmp_path / "copy")


def test_unknown_ways():
    with pytest.raises(ValueError, match="way 'louder' is unknown: choose from cue kept, calibrated"):
        confidence.run(["--ways", "louder"])
