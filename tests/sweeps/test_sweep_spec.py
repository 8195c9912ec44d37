"""From files and command lines to the runs of a sweep."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.sweeps import run as sweep_run
from cortical_bcpnn.sweeps.run import Run, part
from cortical_bcpnn.sweeps.spec import SPECS, SweepSpec, asked_for, read_spec, spec_from

TOML = """
title = "gains"
seeds = [3, 1]
measures = ["accuracy", "completion@0.80"]
[parameters]
train_images = 100
tau_z = "10ms"
[grid]
f_max = ["50Hz", "0.1kHz"]
recurrent_gain = [0.1, 1]
"""
YAML = """
title: gains
seeds: [3, 1]
measures: [accuracy, completion@0.80]
parameters: {train_images: 100, tau_z: 10ms}
grid:
  f_max: [50Hz, 0.1kHz]
  recurrent_gain: [0.1, 1]
"""


@pytest.fixture(scope="module")
def dataset():
    return digits()


@pytest.mark.parametrize("name, text", [("s.toml", TOML), ("s.yaml", YAML), ("s.yml", YAML)])
def test_files(tmp_path, dataset, name, text):
    (tmp_path / name).write_text(text)
    spec = read_spec(tmp_path / name)
    assert spec.grid == {"f_max": [50.0, 100.0], "recurrent_gain": [0.1, 1.0]}
    assert spec.parameters == {"train_images": 100, "tau_z": 10.0}
    assert spec.title == "gains" and spec.dataset == "digits"
    runs = spec.runs(dataset)
    order = [(run.seed, run.settings["f_max"], run.settings["recurrent_gain"]) for run in runs]
    assert order == [(s, f, g) for s in (3, 1) for f in (50, 100) for g in (0.1, 1)]
    assert {run.measures for run in runs} == {("accuracy", "completion@0.8")}
    assert len({run.id for run in runs}) == 8


@pytest.mark.parametrize("name, n_runs", [("time_constants", 48), ("six_variants", 30)])
def test_shipped_specifications(dataset, name, n_runs):
    spec = read_spec(Path(name))
    assert spec == read_spec(SPECS / f"{name}.toml") and len(spec.runs(dataset)) == n_runs


def test_the_grid_of_the_paper(dataset):
    spec = read_spec(Path("time_constants"))
    assert spec.grid["tau_z"] == [1, 2, 5, 10, 20, 50, 100, 200]
    assert spec.grid["f_max"] == [20, 50, 100, 200, 500, 1000]


@pytest.mark.parametrize(
    "content, message",
    [
        ({"grids": {}}, "'grids' is unknown: choose from title"),
        ({"grid": {"tau_x": ["5ms"]}}, "parameter 'tau_x' is unknown"),
        ({"grid": {"tau_z": [5, 20]}}, "tau_z is '5', without a unit"),
        ({"grid": {"tau_z": ["5Hz"]}}, "in the wrong unit"),
        ({"grid": {"tau_z": []}}, "tau_z in the grid is empty"),
        ({"grid": {"tau_z": "5ms"}}, "give a list of values"),
        ({"grid": {"tau_z": ["5ms", "0.005s"]}}, "0.005s twice|5ms twice"),
        ({"grid": ["tau_z"]}, "give names with values"),
        ({"parameters": {"tau_z": "5"}}, "without a unit"),
        ({"grid": {"tau_z": ["5ms"]}, "parameters": {"tau_z": "5ms"}}, "in the grid and among"),
        ({"seeds": 0}, "seeds are 0: give how many"), ({"seeds": []}, "seeds are"),
        ({"seeds": [1, 1]}, "seeds are"), ({"seeds": True}, "seeds are"), ({"seeds": [-1]}, "seeds"),
        ({"measures": []}, "measures are"), ({"measures": "accuracy"}, "measures are"),
    ],
)  # fmt: skip
def test_specifications_that_are_wrong(content, message):
    with pytest.raises(ValueError, match=message):
        spec_from(content)


@pytest.mark.parametrize(
    "content, message",
    [
        ({"measures": ["speed"]}, "measure 'speed' is unknown"),
        ({"measures": ["completion@0"]}, "is unknown"),
        ({"measures": ["completion@1.5"]}, "is unknown"),
        ({"measures": ["accuracy", "accuracy"]}, "accuracy is there twice"),
        ({"measures": ["rivalry@0.5"], "parameters": {"f_max": "2kHz"}}, "f_max"),
    ],
)
def test_runs_that_cannot_be(dataset, content, message):
    with pytest.raises(ValueError, match=message):
        spec_from(content).runs(dataset)


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("s.toml", "grid = [", "cannot be read"), ("s.yaml", "a: [", "cannot be read"),
        ("s.txt", "", "neither TOML nor YAML"), ("s.yaml", "- 1", "holds no names"),
        ("s.toml", "[grid]\ntau_z = [5]", "s.toml: tau_z is '5', without a unit"),
    ],
)  # fmt: skip
def test_files_that_are_wrong(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        read_spec(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="one of .*six_variants, time_constants"):
        read_spec(tmp_path / "nothing.toml")


def test_what_a_command_line_says_beside_a_file():
    """Its grid takes the place of the file's, its other parameters come on top."""
    file = read_spec(Path("time_constants"))
    asked = asked_for(Path("time_constants"), [("tau_m", "5ms, 20ms")], [("epochs", "2")], seeds=3)
    assert asked.grid == {"tau_m": [5.0, 20.0]} and asked.columns == ["tau_m_ms"]
    assert asked.parameters == {**file.parameters, "epochs": 2}
    assert asked.seeds == (0, 1, 2) and asked.measures == file.measures
    assert asked_for(Path("time_constants")) == file


@pytest.mark.parametrize(
    "grid, fixed, message",
    [
        ([], [], "the grid is empty"), ([("tau_z", ",")], [], "tau_z in the grid is empty"),
        ([("tau_z", "5ms"), ("tau_z", "6ms")], [], "tau_z is there twice"),
        ([("tau_z", "5ms")], [("epochs", "1"), ("epochs", "2")], "epochs is there twice"),
        ([("tau_z", "5ms")], [("epochs", "1,2")], "epochs is '1,2': give a whole number"),
    ],
)  # fmt: skip
def test_command_lines_that_are_wrong(grid, fixed, message):
    with pytest.raises(ValueError, match=message):
        asked_for(None, grid, fixed)


# --- What makes two runs the same --------------------------------------------------------


def test_the_id_of_a_run_is_what_decides_its_result(dataset, monkeypatch):
    def run(measures=("accuracy",), seed=0, split="test", **given) -> Run:
        spec = SweepSpec("digits", given, {}, (seed,), measures)
        return Run.make(dataset, spec.runs(dataset)[0].settings, seed, measures, split)

    assert run() == run() and run().id == run(tau_z=20.0).id, "20 ms is published"
    others = [run(tau_z=5.0), run(seed=1), run(("spikes",)), run(split="validation"),
              run(train_images=100)]  # fmt: skip
    monkeypatch.setattr(sweep_run, "code_version", lambda: "other")
    assert len({each.id for each in [*others, run()]}) == 6


def test_validation_keeps_images_back_and_shows_no_test_image(dataset):
    spec = SweepSpec("digits", {"train_images": 100}, {}, (0,), ("accuracy",))
    settings = spec.runs(dataset)[0].settings
    shown = part(dataset, Run.make(dataset, settings, 0, ("accuracy",), "validation"))
    assert len(shown.train_images) == 80 and len(shown.test_images) == 20
    both = {image.tobytes() for image in (*shown.train_images, *shown.test_images)}
    assert both == {image.tobytes() for image in dataset.train_images[:100]}
    whole = part(dataset, Run.make(dataset, settings, 0, ("accuracy",)))
    assert len(whole.train_images) == 100 and (whole.test_images == dataset.test_images).all()
