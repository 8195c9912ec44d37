"""Protocols from the command line, end to end on real digits, in small."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from comparing import assert_same
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn import AssociativeMemory
from protocols.associative_memory import associative_memory
from protocols.benchmark import benchmark

SMALL = ["--limit", "60", "--epochs", "4", "--jobs", "2", "--seed", "5"]


@pytest.fixture(scope="module")
def result(tmp_path_factory, request):
    out = tmp_path_factory.mktemp("results") / "new" / "folder"
    associative_memory.run([*SMALL, "--out", str(out)])
    return out


def test_summary_says_what_was_run(result):
    summary = json.loads((result / "summary.json").read_text())
    assert summary["variant"] == "spspk-full" and summary["dataset"] == "digits"
    assert summary["seed"] == 5 and summary["parameters"]["tau_p"] == "60.0 ms"
    assert summary["parameters"]["populations"]["HID"] == [30, 30]
    assert summary["patterns"] == {"learned": 240, "recalled": 60 + 60 + 15 * 60}
    assert set(summary["seconds"]) >= {"build", "learn", "rewire", "recall"}
    assert set(summary["rate_hz"]) == {"INP", "HID", "INPRC"}
    assert {"brian2", "numpy", "cortical_bcpnn"} <= set(summary["provenance"]["versions"])
    assert summary["provenance"]["command"] == (
        f"python -m protocols.associative_memory {' '.join(SMALL)}"
    )
    assert {"network.h5", "tasks.csv", "rewiring.csv", "raster.png"} <= set(summary["files"])
    assert len(summary["flips"]) == 2 and sum(summary["flips"]) > 0
    # 100 Hz over 30 minicolumns; 5 standard errors of 60 cues, 30 hypercolumns and 0.4 s
    assert summary["rate_hz"]["HID"]["mean"] == pytest.approx(100 / 30, abs=0.1)


def test_accuracy_is_far_above_chance(result):
    """60 images are few; chance is 10 % with a standard error of 4 %."""
    accuracy = json.loads((result / "summary.json").read_text())["accuracy"]
    assert accuracy["ff"] > 0.4


def test_tables(result):
    tasks = pd.read_csv(result / "tasks.csv")
    assert list(tasks.columns) == ["task", "difficulty", "ff", "attractor", "images"]
    assert list(tasks["task"].unique()) == ["completion", "rivalry", "distortion"]
    assert sorted(tasks["difficulty"].unique()) == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert (tasks["images"] == 60).all() and tasks["ff"].between(0, 1).all()
    rewiring = pd.read_csv(result / "rewiring.csv")
    assert list(rewiring["patterns"]) == [200, 200]


@pytest.mark.parametrize(
    "name", ["raster", "receptive_fields", "reconstructions", "accuracy", "rewiring"]
)
def test_pictures(result, name):
    """They can be read, and are not blank."""
    picture = imread(result / f"{name}.png")
    assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.05


def test_network_can_be_loaded(result):
    memory = AssociativeMemory.load(result / "network.h5")
    assert memory.n_learned == 240 and memory.weights("recurrent").shape == (900, 900)


def test_results_are_not_overwritten(result):
    before = (result / "summary.json").read_bytes()
    with pytest.raises(ValueError, match="holds results: give another by --out"):
        associative_memory.run([*SMALL, "--out", str(result)])
    assert (result / "summary.json").read_bytes() == before


@pytest.mark.usefixtures("undrawn")
def test_a_run_that_was_stopped_is_resumed(result, tmp_path):
    """Stopped after five of the tasks: the tables end up the same, byte by byte."""
    out = tmp_path / "out"
    shutil.copytree(result, out)
    (out / "summary.json").unlink()
    for name, lines in (("tasks.jsonl", 5), ("tasks.csv", 4)):  # the last row is not in the table yet
        rows = (result / name).read_text().splitlines(keepends=True)
        (out / name).write_text("".join(rows[:lines]))
    with pytest.raises(ValueError, match="holds a run that was stopped: resume it by --resume"):
        associative_memory.run([*SMALL, "--out", str(out)])
    resumed = associative_memory.run(["--resume", str(out)])
    for name in ("tasks.csv", "rewiring.csv"):
        assert (out / name).read_bytes() == (result / name).read_bytes()
    before, after = (json.loads((p / "summary.json").read_text()) for p in (result, out))
    assert after["accuracy"] == before["accuracy"]
    assert_same(AssociativeMemory.load(out / "network.h5"),
                AssociativeMemory.load(result / "network.h5"))  # fmt: skip
    again = associative_memory.run(["--resume", str(out)])
    assert not again.figures and "completion         0.2" in associative_memory.report(again)
    assert associative_memory.report(again) == associative_memory.report(resumed)


def test_pictures_are_drawn_again(result, tmp_path):
    assert_redrawn(associative_memory, result, tmp_path / "copy")


def test_ctrl_c_while_learning(tmp_path, monkeypatch, capsys):
    """The run stays as it is, and how to resume it is said."""

    def interrupted(self, *_, **__):
        raise KeyboardInterrupt

    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path / "store"))
    monkeypatch.setattr(AssociativeMemory, "learn", interrupted)
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        associative_memory.run([*SMALL, "--out", str(out)])
    assert f"protocols.associative_memory --resume {out}" in capsys.readouterr().err
    assert json.loads((out / "run.json").read_text())["arguments"] == SMALL


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "letters"], "'letters' is unknown: choose one of breast-cancer"),
        (["--variant", "spk"], "'spk' is unknown: choose one of rate-ff"),
        (["--device", "gpu"], "'gpu' is unknown: choose one of cpp_standalone"),
        (["--fan-in", "65"], "fan-in of the feedforward projection is 65.*from 1 to 64"),
        (["--limit", "2000"], "limit of training images is 2000: digits has 1437"),
        (["--dataset", "idx", "--data-dir", "nowhere"], "nowhere does not exist"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    out = tmp_path / "out"
    with pytest.raises((ValueError, OSError), match=message):
        associative_memory.run([*arguments, "--out", str(out)])
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--tau-p", "0s"), ("--tau-p", "5kg"), ("--epochs", "0"), ("--hidden", "30"), ("--jobs", "x")],
)
def test_bad_options_are_named(option, value):
    with pytest.raises(ValueError, match=f"{option}.*{value}.*see --help"):
        associative_memory.run([option, value])


def test_output_directory_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written.*another by --out"):
        associative_memory.run(["--out", str(tmp_path / "file" / "out")])


@pytest.mark.long  # builds five programs
def test_benchmark_writes_its_figures(tmp_path):
    path = tmp_path / "figures.json"
    arguments = ["--patterns", "50", "--jobs", "2", "--no-scaling", "--no-dense"]
    benchmark.run([*arguments, "--json", str(path), "--out", str(tmp_path / "out")])
    figures = json.loads(path.read_text())
    split = figures["learn_split_ms"]
    assert set(split) == {"simulation", "plasticity", "rewiring", "startup"}
    assert sum(split.values()) == pytest.approx(figures["learn_ms_per_pattern"])
    assert figures["recall_us_per_step"] > 0 and set(figures["recall_speedup"]) == {"1", "2"}
    assert figures["build_s"] > figures["rebuild_s"] > 0
    assert figures["peak_memory_mb"] > 50
