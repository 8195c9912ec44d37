"""The command line that protocols share: what options mean, and how a run goes on with its own."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from brian2 import Hz, ms, second
from sealing import assert_one_sentence

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments.networks import epochs, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    duration,
    open_results,
    parse,
    rate,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.results import Results


def parser(**options) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="test")
    add_options(made, **options)
    made.add_argument("--task-images", type=whole("task-images"), default=1000)
    return made


def options(*arguments: str) -> argparse.Namespace:
    return parse(parser(), "tasks", list(arguments))


def stopped(path: Path, *arguments: str, protocol: str = "tasks") -> Path:
    """Folder of a run that has been stopped."""
    with Results(path, protocol, list(arguments)):
        return path


# --- What options mean -------------------------------------------------------------------


def test_defaults():
    given = options()
    assert given.dataset == "digits" and given.variant == "spspk-full" and given.seed == 0
    assert given.tau_m is given.tau_z is given.f_max is given.tau_p is None
    assert given.checkpoint_every == 60 * second and given.arguments == []
    assert seeds(given) == [0] and given.resume is None and given.jobs >= 1


def test_networks_get_what_is_given():
    given = options(
        "--variant", "spk-full", "--tau-m", "2ms", "--tau-z", "7ms", "--f-max", "250Hz", "--tau-p",
        "1.5", "--seed", "4", "--hidden", "5x6", "--fan-in", "7", "--z-min", "0", "--epochs", "3",
        "--limit", "40",
    )  # fmt: skip
    dataset = load_dataset(given)
    memory = make_memory(given, dataset)
    variant = memory.parameters.variant
    assert variant.name == "spk-full" and variant.feedforward == 25 * ms
    assert (variant.tau_m, variant.tau_z, variant.f_max) == (2 * ms, 7 * ms, 250 * Hz)
    assert memory.parameters.tau_p == 1.5 * second and memory.parameters.z_min == 0
    assert memory.parameters.seed == 4
    hidden = memory.architecture.population("HID")
    assert (hidden.hypercolumns, hidden.minicolumns) == (5, 6)
    assert memory.architecture.projection("feedforward").fan_in == 7
    assert len(dataset.train_images) == len(dataset.test_images) == 40
    said = settings(memory, dataset, given)
    assert said["seed"] == 4 and said["parameters"]["epochs"] == epochs(given, dataset) == 3
    assert said["parameters"]["variant"]["f_max"] == "250.0 Hz"


def test_a_protocol_can_ask_for_other_networks():
    """Of several seeds and variants; what else is given holds for all of them."""
    given = options("--f-max", "200")
    memory = make_memory(given, digits().limited(50, 50), seed=9, variant="spk-full")
    assert memory.parameters.seed == 9 and memory.parameters.variant.name == "spk-full"
    assert memory.parameters.variant.f_max == 200 * Hz
    assert memory.parameters.variant.tau_z == 5 * ms
    assert memory.parameters.tau_p == 50 * ms


def test_seeds_go_upwards():
    assert seeds(options("--seed", "3", "--seeds", "4")) == [3, 4, 5, 6]


def test_limits_of_training_and_test():
    dataset = load_dataset(options("--limit-train", "30", "--limit-test", "20"))
    assert len(dataset.train_images) == 30 and len(dataset.test_images) == 20
    dataset = load_dataset(options("--limit", "1000"))
    assert len(dataset.train_images) == 1000 and len(dataset.test_images) == 360


def test_protocols_that_compare_variants_have_no_option_for_one(capsys):
    with pytest.raises(SystemExit):
        parse(parser(variant=False), "tasks", ["--variant", "spk-full"])
    assert "unrecognized arguments: --variant" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text, value",
    [("5ms", 5 * ms), ("0.5 ms", 0.5 * ms), ("1.5s", 1.5 * second), ("2", 2 * second),
     ("1e-2", 10 * ms)],
)  # fmt: skip
def test_times(text, value):
    assert float(duration(text)) == pytest.approx(float(value), rel=1e-15)


@pytest.mark.parametrize("text, value", [("100", 100 * Hz), ("20Hz", 20 * Hz), ("1e3 Hz", 1000 * Hz)])
def test_rates(text, value):
    assert float(rate(text)) == float(value)


def test_lists():
    assert several(duration)("1ms, 20ms,0.1") == [1 * ms, 20 * ms, 100 * ms]
    assert several(whole("n"))("3") == [3]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--tau-z", "0ms"], "'0ms' is not a positive time"),
        (["--tau-z", "20Hz"], "'20Hz' is not a positive time"),
        (["--tau-m", "-1ms"], "expected one argument"),
        (["--f-max", "fast"], "'fast' is not a positive rate"),
        (["--f-max", "0"], "'0' is not a positive rate"),
        (["--f-max", "20ms"], "'20ms' is not a positive rate"),
        (["--seeds", "0"], "seeds is '0': give a whole number of 1 or more"),
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--z-min", "nan"], "'nan' is not a threshold"),
        (["--hidden", "30"], "hidden is '30': give HxM"),
        (["--checkpoint-every", "0s"], "'0s' is not a positive time"),
    ],
)
def test_options_that_mean_nothing(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        options(*arguments)
    assert stop.value.code == 2 and message in capsys.readouterr().err


@pytest.mark.parametrize("text", ["5ms,", "", "5ms,x", "5ms,0.005"])
def test_lists_that_mean_nothing(text):
    """Empty places, other things, one value twice."""
    with pytest.raises(argparse.ArgumentTypeError):
        several(duration)(text)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--tau-z", "0.5ms"], "tau_z is .*needs a time constant of at least dt"),
        (["--tau-m", "0.5ms"], "tau_m is .*needs a time constant of at least dt"),
        (["--f-max", "1001Hz"], "f_max \\* dt must not exceed 1"),
        (["--seed", "-1"], "seed is -1: give a whole number of 0 or more"),
    ],
)
def test_values_that_no_network_can_have(arguments, message):
    given = options(*arguments)
    with pytest.raises(ValueError, match=message):
        make_memory(given, digits())


# --- Going on with a run -----------------------------------------------------------------


def test_a_run_knows_its_options(tmp_path):
    arguments = ["--seed", "5", "--tau-z", "10ms", "--task-images", "7", "--jobs", "2"]
    path = stopped(tmp_path / "run", *arguments, "--out", "elsewhere")
    given = options("--resume", str(path))
    assert given.seed == 5 and given.tau_z == 10 * ms and given.task_images == 7 and given.jobs == 2
    assert given.resume == given.out == path
    assert given.arguments == [*arguments, "--out", "elsewhere"]
    with open_results("tasks", given) as results:
        assert results.path == path and not results.finished


def test_the_command_line_is_read_where_no_arguments_are_given(tmp_path, monkeypatch):
    path = stopped(tmp_path / "run", "--seed", "5")
    monkeypatch.setattr("sys.argv", ["tasks", "--resume", str(path), "--jobs", "3"])
    given = parse(parser(), "tasks", None)
    assert given.seed == 5 and given.jobs == 3


@pytest.mark.parametrize(
    "free, name, value",
    [
        (["--jobs", "3"], "jobs", 3),
        (["--data-dir", "moved"], "data_dir", Path("moved")),
        (["--checkpoint-every", "5s"], "checkpoint_every", 5 * second),
    ],
)
def test_how_and_where_may_change(tmp_path, free, name, value):
    path = stopped(tmp_path / "run", "--jobs", "2", "--data-dir", "here", "--seed", "5")
    given = options("--resume", str(path), *free)
    assert getattr(given, name) == value and given.seed == 5


@pytest.mark.parametrize(
    "other",
    [
        ["--seed", "6"], ["--seed", "5"], ["--seed=6"], ["--epo", "6"], ["--overwrite"],
        ["--out", "x"], ["--task-images", "1000"], ["--f-max", "50"], ["--variant", "spk-full"],
    ],
)  # fmt: skip
def test_what_is_run_may_not_change(tmp_path, other):
    """Even to what it is anyway: one place says it."""
    path = stopped(tmp_path / "run", "--seed", "5")
    with pytest.raises(ValueError, match="--resume comes with --.*leave it out") as error:
        options("--resume", str(path), *other)
    assert_one_sentence(str(error.value))


def test_runs_of_another_protocol(tmp_path):
    path = stopped(tmp_path / "run", protocol="raster")
    with pytest.raises(ValueError, match="holds a run of raster: .* python -m protocols.raster"):
        options("--resume", str(path))


@pytest.mark.parametrize("made", [False, True])
def test_folders_that_hold_no_run(tmp_path, made):
    path = tmp_path / "run"
    if made:
        path.mkdir()
    with pytest.raises(ValueError, match="holds no run that can be resumed") as error:
        options("--resume", str(path))
    assert_one_sentence(str(error.value))


def test_a_run_that_was_to_overwrite_does_not_do_so_again(tmp_path):
    path = tmp_path / "run"
    with Results(path, "tasks", ["--overwrite"]) as results:
        results.write("tasks.csv", b"a\n1\n")
    given = options("--resume", str(path))
    with open_results("tasks", given) as results:
        assert results.load_table("tasks")["a"].tolist() == [1]


def test_a_run_can_be_stopped_and_gone_on_with_often(tmp_path):
    path = stopped(tmp_path / "run", "--seed", "5")
    for jobs in ("1", "2"):
        given = options("--resume", str(path), "--jobs", jobs)
        with open_results("tasks", given):
            assert given.seed == 5 and given.jobs == int(jobs)
    assert options("--resume", str(path)).arguments == ["--seed", "5"]


# --- Ends of a run -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [ValueError, TypeError, OSError, MemoryError, FloatingPointError]
)
def test_errors_are_one_line_without_traceback(error, monkeypatch):
    monkeypatch.delenv("CORTICAL_BCPNN_TRACEBACK", raising=False)

    def fail(arguments):
        raise error("tau_p is 0. s: give more.")

    with pytest.raises(SystemExit, match="^error: tau_p is 0. s: give more.$"):
        run_protocol(fail)
    monkeypatch.setenv("CORTICAL_BCPNN_TRACEBACK", "1")
    with pytest.raises(error):
        run_protocol(fail)


def test_ctrl_c_ends_as_shells_expect():
    def stop(arguments):
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        run_protocol(stop)
    assert ended.value.code == 130
