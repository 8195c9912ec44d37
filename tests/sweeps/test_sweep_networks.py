"""Sweeps over networks, shipped or not, and over data that are no grey images."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from own_networks import bayes, pair

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.encoded import encoded
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.layers import learn_in_turn
from cortical_bcpnn.experiments.readouts import likelihood_of_classes
from cortical_bcpnn.experiments.representation import measure as measure_representation
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.model.architectures import classifier, hetero_associative, stack
from cortical_bcpnn.sweeps import run as sweep_run
from cortical_bcpnn.sweeps.measures import check_measure, columns_of_classes
from cortical_bcpnn.sweeps.networks import WHAT_LEARNS, architecture_of, inputs_of
from cortical_bcpnn.sweeps.parameters import parameters_of, recall_protocol, resolve
from cortical_bcpnn.sweeps.run import Run, compute, part
from cortical_bcpnn.sweeps.run_table import RunTable, in_words
from cortical_bcpnn.sweeps.search_spec import asked_for, measure_of
from cortical_bcpnn.sweeps.spec import spec_from
from protocols.sweep import sweep

FEW = {"train_images": 40, "test_images": 20, "epochs": 1, "hypercolumns": 6, "minicolumns": 7}
SMALL = {**FEW, "fan_in": 5}
DONE = {"status": "done", "error": None, "measures": {"ff": 0.5, "attractor": 0.5},
        "where": dict.fromkeys(("seconds", "ended", "host", "process", "processor"))}  # fmt: skip


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def wine():
    return load("wine")


# --- Runs as before ----------------------------------------------------------------------


def test_ids_are_those_of_a_time_without_these_parameters(digits):
    """Written down as they were then."""
    run = Run.make(digits, resolve({"tau_z": 5.0}, digits), 3, ("accuracy",))
    plain = asdict(run)
    del plain["architecture"]
    for name in WHAT_LEARNS:
        del plain["settings"][name]
    text = json.dumps(plain, sort_keys=True)
    assert run.id == hashlib.sha256(text.encode()).hexdigest()[:16]
    said = {"tau_z": 5.0, "network": "associative-memory", "encoder": ""}
    assert Run.make(digits, resolve(said, digits), 3, ("accuracy",)).id == run.id
    for name, value in (("network", "hetero-associative"), ("encoder", "intervals")):
        other = resolve({"tau_z": 5.0, name: value}, digits)
        assert Run.make(digits, other, 3, ("accuracy",)).id != run.id


def test_tables_say_what_learns_only_where_runs_differ_in_it(digits, tmp_path):
    spec = spec_from({"grid": {"tau_z": ["5ms", "9ms"]}, "measures": ["accuracy"]})
    others = spec_from({"grid": {"network": ["classifier", "associative-memory"]},
                        "measures": ["accuracy"]})  # fmt: skip
    alone = spec_from({"grid": {"network": ["associative-memory"]}, "measures": ["accuracy"]})
    with Results(tmp_path / "out", "sweep", []) as results:
        table = RunTable(results)
        for run in (*spec.runs(digits), *others.runs(digits)):
            said = run.settings["network"] == "classifier"
            out = {"out_ff": 0.25, "out_attractor": 0.25} if said else {}
            table.append(run, {**DONE, "measures": {**DONE["measures"], **out}})
        before, after = table.table(spec.runs(digits)), table.table(others.runs(digits))
        said = in_words(table.table(alone.runs(digits)), alone.columns)
    assert not {*WHAT_LEARNS, "out_ff"} & set(before.columns)
    assert after["network"].tolist() == ["classifier", "associative-memory"]
    assert after["out_ff"][0] == 0.25 and np.isnan(after["out_attractor"][1])
    assert "1 of 1 runs done" in said and "means" not in said


# --- Which network -----------------------------------------------------------------------


def test_shipped_networks(digits, wine):
    hidden, inputs = (30, 30), wine.train_images.shape[1]
    expected = {
        "classifier": classifier(64, 10, hidden, 24),
        "stack": stack(64, 10, [hidden] * 2, [24, 30]),
        "hetero-associative": hetero_associative(64, 10, hidden, 24),
    }
    for name, network in expected.items():
        assert architecture_of(resolve({"network": name}, digits), digits) == network
    three = resolve({"network": "stack", "layers": 3}, digits)
    assert architecture_of(three, digits) == stack(64, 10, [hidden] * 3, [24, 30, 30])
    settings = resolve({"network": "classifier"}, wine)
    assert settings["fan_in"] == round(inputs * 24 / 64) and settings["feedback_fan_in"] == 0
    network = classifier(inputs, 3, hidden, settings["fan_in"], input_minicolumns=5)
    assert architecture_of(settings, wine) == network
    intervals = resolve({"network": "classifier", "encoder": "intervals"}, wine)
    assert architecture_of(intervals, wine).population("INP").minicolumns == 10


def test_gains_of_recall_where_images_and_labels_recall_each_other(digits):
    """The cue's own projection has the gain of the cue, and labels go on to be recalled."""
    settings = resolve({"network": "hetero-associative", "recurrent_gain": 0.1, "cue_gain": 0.5}, digits)
    *_, overlap, last = recall_protocol(settings, architecture_of(settings, digits))
    assert overlap.gains == {"feedforward": 1, "feedback": 1, "readout": 1, "recurrent": 0.1}
    assert last.gains == {**overlap.gains, "feedforward": 0.5} and last.clamped == ("INP",)


def test_a_network_of_ones_own(digits):
    settings = resolve({"network": "own_networks:pair", **SMALL}, digits)
    assert architecture_of(settings, digits) == pair(64, 2, 10, (6, 7), 5)
    bare = resolve({"network": "own_networks:bayes"}, digits)
    assert architecture_of(bare, digits) == bayes(64, 10)


def test_the_id_of_a_run_says_what_a_function_of_ones_own_has_made(digits, monkeypatch):
    """Not what it is called: workers that make something else are told so."""

    def run() -> Run:
        settings = resolve({"network": "own_networks:pair", **SMALL}, digits)
        return Run.make(digits, settings, 0, ("accuracy",))

    before = run()
    assert run().id == before.id and before.architecture
    monkeypatch.setattr("own_networks.pair", lambda n_inputs, classes: bayes(n_inputs, classes))
    settings = {name: value for name, value in before.settings.items()}
    assert Run.make(digits, settings, 0, ("accuracy",)).id != before.id
    outcome = compute(before)
    assert outcome["status"] == "lost" and "makes another network" in outcome["error"]


@pytest.mark.parametrize(
    "given, message",
    [
        ({"network": "perceptron"}, "network 'perceptron' is unknown: choose from associative-memory"),
        ({"network": "attractor"}, "begins with HID, 30 x 30 minicolumns, and samples are of 64 x 2"),
        ({"network": "classifier", "feedback_fan_in": 3}, "feedback_fan_in is given, and network clas"),
        ({"network": "classifier", "layers": 2}, "layers is given, and network classifier takes none"),
        ({"network": "stack", "layers": 0}, "layers is 0: give a whole number of 1 or more"),
        ({"network": "stack", "recurrent_gain": 0.1}, "recurrent_gain is given, and network stack has"),
        ({"network": "stack", "recurrent": 10.0}, "recurrent is given, and network stack has no rec"),
        ({"encoder": "none"}, "encoder 'none' is unknown"),
        ({"encoder": "colour-kmeans"}, "give colour images"),
        ({"network": "nowhere:make"}, "nowhere:make cannot be imported .*: give MODULE:FUNCTION"),
        ({"network": "own_networks:there_is_none"}, "cannot be imported .*there_is_none"),
        ({"network": "own_networks:something"}, "is 3: give a function that returns an Architecture"),
        ({"network": "own_networks:nothing"}, "made None: let it return an Architecture"),
        ({"network": "own_networks:greedy"}, "asks for weather: let it take some of n_inputs"),
        ({"network": "own_networks:small"}, "begins with INP, 63 x 2 minicolumns, and samples are of"),
        ({"network": "own_networks:bayes", "fan_in": 3}, "fan_in is given, and network own_networks:ba"),
        ({"network": "own_networks:taught"}, "clamps SIDE when it learns, and a run has nothing for it"),
        ({"network": "own_networks:blind"}, "reads no phase of its recall as 'feedforward'"),
    ],
)  # fmt: skip
def test_networks_that_cannot_be(digits, given, message):
    with pytest.raises(ValueError, match=message) as caught:
        resolve(given, digits)
    assert "\n" not in str(caught.value)


def test_labels_that_are_no_classes(wine):
    strange = replace(wine, train_labels=wine.train_labels - 1)
    with pytest.raises(ValueError, match="wine has the label -1, which is no class: give whole numbers"):
        resolve({"network": "classifier"}, strange)
    assert resolve({}, strange)["network"] == "associative-memory", "which needs none"


def test_calibrated_variants_need_no_gain_where_nothing_recurs(digits):
    settings = resolve({"network": "classifier", "variant": "spk-calibrated"}, digits)
    assert settings["recurrent_gain"] == 0
    with pytest.raises(ValueError, match="takes its recurrent gain from"):
        resolve({"network": "hetero-associative", "variant": "spk-calibrated"}, digits)


# --- Which measures ----------------------------------------------------------------------


def test_tasks_are_of_grey_images(wine, tmp_path):
    with pytest.raises(ValueError, match=r"wine has samples of shape \(13,\) where square grey images"):
        check_measure("completion@0.5", wine)
    with pytest.raises(ValueError, match="where square grey images are needed"):
        sweep(grid={"tau_z": "5ms"}, dataset="wine", measures=["rivalry@0.5"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "aim, measure",
    [("out_ff", "accuracy"), ("attractor", "accuracy"), ("completion@0.8_out_attractor",
     "completion@0.8"), ("completion@0.8_ff", "completion@0.8")],
)  # fmt: skip
def test_aims_of_a_search(aim, measure):
    assert measure_of(aim) == measure


def test_a_search_for_what_out_says_needs_one(digits):
    search = [("tau_z", "5ms..50ms")]
    asked = asked_for(search=search, aims=["out_ff"])
    with pytest.raises(ValueError, match="'out_ff' is what OUT says, and network associative-memory"):
        asked.check(digits)
    asked_for(search=search, fixed=[("network", "classifier")], aims=["out_ff"]).check(digits)


def test_columns_of_classes():
    assert columns_of_classes("accuracy") == ["out_ff", "out_attractor"]
    assert columns_of_classes("likelihood") == ["out_likelihood_ff", "out_likelihood_attractor"]
    assert columns_of_classes("rivalry@0.5") == ["rivalry@0.5_out_ff", "rivalry@0.5_out_attractor"]
    assert columns_of_classes("spikes") == []


# --- Runs --------------------------------------------------------------------------------


def test_validation_keeps_all_of_a_data_set_but_its_images(wine):
    """Encoder, size and names of classes as well; the encoder is fitted to what is learned."""
    run = Run.make(wine, resolve({"train_images": 50}, wine), 0, ("accuracy",), "validation")
    shown = part(wine, run)
    for name in ("name", "encoder", "network", "classes"):
        assert getattr(shown, name) == getattr(wine, name)
    assert (len(shown.train_images), len(shown.test_images)) == (40, 10)
    data = inputs_of(run.settings, shown)
    np.testing.assert_array_equal(data.train, encoded(shown).train)


def test_the_likelihood_is_a_geometric_mean_of_shares():
    shares = np.array([[[0.5, 0.3, 0.2]], [[0.2, 0.8, 0.0]]])
    recall = SimpleNamespace(moments=["feedforward"], shares=lambda name, moment: shares)
    found = likelihood_of_classes(recall, np.array([0, 1]))
    assert found == pytest.approx({"ff": np.sqrt(0.5 * 0.8), "attractor": np.sqrt(0.5 * 0.8)})
    silent = likelihood_of_classes(recall, np.array([0, 2]))
    assert silent["ff"] == pytest.approx(np.sqrt(0.5 * 1e-6)), "no infinite loss"


def test_a_run_of_a_classifier_is_what_representation_measures(wine):
    """Number by number: the same encoding, learning in turn, recall and scores."""
    given = {**SMALL, "network": "classifier", "variant": "rate-ff"}
    run = Run.make(wine, resolve(given, wine), 5, ("accuracy", "spikes", "similarity", "likelihood"))
    found = compute(run)
    assert found["error"] is None
    setup = Networks(dataset="wine", limit_train=40, limit_test=20, epochs=1, seed=5, jobs=1,
                     hidden=(6, 7), fan_in=5)  # fmt: skip
    data = encoded(setup.data)
    network = classifier(13, 3, (6, 7), 5, input_minicolumns=5)
    with setup.network("rate-ff", architecture=network) as memory:
        learn_in_turn(setup.learn, memory, data.train, setup.data.train_labels)
        out, readout = measure_representation(memory, data, setup, 40)
    measures = found["measures"]
    assert measures["out_ff"] == measures["out_attractor"] == out["accuracy"]
    assert measures["ff"] == measures["attractor"] == readout["accuracy"]
    assert 1e-6 <= measures["out_likelihood_ff"] == measures["out_likelihood_attractor"] < 1
    assert 0 < measures["hid_spikes"] < measures["all_spikes"] and measures["s_ortho_ff"] > 0


@pytest.fixture(scope="module")
def swept(scheduler, tmp_path_factory) -> Path:
    """Labels beside images, and a network of one's own, on a cluster."""
    out = tmp_path_factory.mktemp("networks") / "out"
    small = {**FEW, "variant": "rate-full"}
    sweep(grid={"network": "hetero-associative,own_networks:bayes"}, set=small, scheduler=scheduler,
          measures=["accuracy", "completion@0.5"], out=out)  # fmt: skip
    return out


def test_a_sweep_over_networks(swept):
    table = pd.read_parquet(swept / "runs.parquet").set_index("network")
    assert (table["status"] == "done").all(), table["error"].tolist()
    out = table[["ff", "out_ff", "completion@0.5_out_attractor"]]
    assert out.notna().all(axis=None) and "encoder" not in table
    assert (swept / "sweep.png").exists()


def test_images_and_labels_are_learned_together(swept, digits):
    """The run of the hetero-associative network, by hand."""
    given = {**FEW, "variant": "rate-full", "network": "hetero-associative"}
    settings, shown = resolve(given, digits), digits.limited(40, 20)
    images, tested = (array.reshape(len(array), -1) for array in (shown.train_images, shown.test_images))
    memory = AssociativeMemory(architecture=architecture_of(settings, digits),
                               **vars(parameters_of(settings, 0)))  # fmt: skip
    with memory:
        memory.learn({"INP": images, "INPRC": images, "OUT": shown.train_labels})
        recall = memory.recall(tested)
    said = {m: recall.shares("OUT", m)[:, 0].argmax(axis=1) == shown.test_labels for m in recall.moments}
    row = pd.read_parquet(swept / "runs.parquet").set_index("network").loc["hetero-associative"]
    assert row["out_ff"] == said["feedforward"].mean()
    assert row["out_attractor"] == said["attractor"].mean()


def test_layers_learn_in_turn_and_classes_last(digits, monkeypatch):
    """Once, however often samples are shown."""
    settings = resolve({"network": "stack", **SMALL, "epochs": 3}, digits)
    calls = []
    monkeypatch.setattr(
        sweep_run, "learn_or_load",
        lambda memory, patterns, epochs, projections: calls.append((*patterns, epochs, *projections)),
    )  # fmt: skip
    with AssociativeMemory(architecture=architecture_of(settings, digits)) as memory:
        sweep_run._learn(memory, digits, None, 3)
    assert calls == [
        ("INP", 3, "feedforward1"), ("INP", 3, "feedforward2"), ("INP", "OUT", 1, "readout"),
    ]  # fmt: skip
