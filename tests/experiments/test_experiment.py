"""Experiments: one function as a command line, as a call, as a folder that is resumed and redrawn."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from brian2 import ms
from matplotlib.figure import Figure
from sealing import assert_one_sentence

from cortical_bcpnn.experiments import (
    Assignments,
    Durations,
    Networks,
    Results,
    ResumableTables,
    Setup,
    Texts,
    Whole,
    experiment,
)
from cortical_bcpnn.experiments.arguments import Replacements
from cortical_bcpnn.experiments.recalls import parameters_of
from cortical_bcpnn.model.minicolumns import LIF

asked: list = []  # what `squares` was called with
stop_at: list = []  # numbers at which it is stopped


@experiment
def squares(
    setup: Setup, results: Results, *, upto: Whole = 3, times: Durations = (5 * ms,),
    settings: Assignments = (), replace: Replacements = (), names: Texts | None = None,
    backwards: bool = False,
) -> dict:  # fmt: skip
    """Squares of whole numbers.

    Parameters
    ----------
    upto
        The largest.
    """
    if upto > 100:
        raise ValueError(f"--upto is {upto}: give 100 at most.")
    asked.append((setup, upto, list(times), list(settings), list(replace), names, backwards))
    results.begin()
    table = ResumableTables(results, [(n,) for n in range(1, upto + 1)], "squares")
    for (n,) in table.missing:
        if n in stop_at:
            raise KeyboardInterrupt
        table.append((n,), [{"n": n, "square": n * n}])
    return {"sum": int(table.table()["square"].sum())}


@squares.figures
def figures(results: Results) -> dict:
    figure = Figure()
    figure.subplots().plot(results.table("squares")["square"])
    return {"squares": figure}


@squares.closing_table
def closing_table(results: Results) -> str:
    return f"sum of squares {results.summary()['sum']}"


@pytest.fixture(autouse=True)
def fresh():
    asked.clear()
    stop_at.clear()


def test_called_from_python(tmp_path):
    results = squares(upto=4, seed=3, out=tmp_path / "out")
    assert results.summary()["sum"] == 30 and list(results.table("squares")["square"]) == [1, 4, 9, 16]
    assert isinstance(results.figures["squares"], Figure) and (results.path / "squares.svg").exists()
    assert results.summary()["seed"] == 3 and results.summary()["dataset"] == "digits"
    assert results.summary()["provenance"]["command"] == (
        "python -m protocols.squares --upto 4 --seed 3"
    )


def test_a_call_and_its_command_line_are_the_same(tmp_path):
    """Of every kind of value."""
    options = {
        "tau_z": 20 * ms, "hidden": (5, 6), "times": [1 * ms, 20 * ms], "names": ["a", "b"],
        "settings": {"tau_a": 200 * ms, "jump_a": 0.2}, "replace": [("- s", "-a"), ("x", "y")],
        "backwards": True, "variant": None,
    }  # fmt: skip
    squares(**options, out=tmp_path / "call")
    squares.run(
        ["--tau-z", "20ms", "--hidden", "5x6", "--times", "1ms,0.02", "--names", "a,b", "--settings",
         "tau_a=200.0 ms", "jump_a=0.2", "--replace", "- s", "-a", "--replace", "x", "y", "--backwards",
         "--out", str(tmp_path / "line")]
    )  # fmt: skip
    (called, *of_call), (parsed, *of_line) = asked
    assert of_call == of_line
    assert of_call[2] == [("tau_a", "200.0 ms"), ("jump_a", "0.2")]
    assert of_call[3] == [("- s", "-a"), ("x", "y")] and of_call[5] is True
    assert called == parsed and called.tau_z == 20 * ms and called.hidden == (5, 6)


def test_models_of_ones_own_are_given_from_python(tmp_path):
    mine = LIF.changed(name="mine")
    results = squares(minicolumn=mine, out=tmp_path / "out")
    assert asked[0][0].network().parameters.minicolumn == mine
    assert results.summary()["parameters"]["minicolumn"]["name"] == "mine"


def test_models_by_name_of_populations_are_given_from_python(tmp_path):
    given = {"minicolumn": {"HID": LIF}, "plasticity": {"recurrent": "covariance"}}
    results = squares(**given, out=tmp_path / "out")
    parameters = results.summary()["parameters"]
    assert parameters["models"]["HID"]["name"] == LIF.name and "minicolumn" not in parameters
    assert list(parameters["rules"]) == ["recurrent"]
    assert parameters_of(results.summary()).seed == 0


def test_without_out_every_run_has_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [squares(seed=2).path for _ in range(2)]
    assert paths[0] == Path("results/squares/digits_spspk-full_seed2")
    assert paths[1].name == "digits_spspk-full_seed2_2"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--upto", "101"], "--upto is 101"),
        (["--upto", "0"], "'0' is no whole number of 1 or more"),
        (["--upwards", "1"], "Unknown option: .?--upwards"),
        (["--tau-z", "20Hz"], "'20Hz' is not a positive time"),
        (["--times", "5ms,"], "'' is not a positive time"),
        (["--times", "5ms,0.005"], "is there twice: name it once"),
        (["--settings", "tau_a"], "'tau_a' sets nothing"),
        (["--f-max", "fast"], "'fast' is not a positive rate"),
        (["--z-min", "nan"], "'nan' is no threshold"),
        (["--tau-z", "0.5ms"], "needs a time constant of at least dt"),
        (["--seed", "-1"], "seed is -1: give a whole number of 0 or more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_made(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message) as error:
        squares.run([*arguments, "--out", str(tmp_path / "out")])
    assert_one_sentence(str(error.value))
    assert not (tmp_path / "out").exists()


def test_values_that_no_command_line_has(tmp_path):
    with pytest.raises(TypeError, match="upto is <object.*: give it as on the command line"):
        squares(upto=object(), out=tmp_path / "out")


def test_a_program_ends_with_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["squares", "--upto", "0"])
    with pytest.raises(SystemExit) as end:
        squares.main()
    assert str(end.value).startswith("error: ") and "--help" in str(end.value)
    monkeypatch.setattr(sys, "argv", ["squares", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as end:
        squares.main()
    said = capsys.readouterr().out
    assert end.value.code == 0 and "sum of squares 14" in said and str(tmp_path / "out") in said


def test_help_names_all_options(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["squares", "--help"])
    with pytest.raises(SystemExit) as end:
        squares.main()
    said = capsys.readouterr().out
    assert end.value.code == 0 and "Squares of whole numbers" in said and "The largest." in said
    for option in ("--upto", "--tau-z", "--dataset", "--out", "--resume", "--redraw", "--settings"):
        assert option in said


def stopped(path: Path, *arguments: str) -> Path:
    """A run that was stopped at 3."""
    stop_at.append(3)
    with pytest.raises(KeyboardInterrupt):
        squares.run([*arguments, "--out", str(path)])
    stop_at.clear()
    return path


def test_a_stopped_run_is_resumed_by_its_own_options(tmp_path, capsys):
    path = stopped(tmp_path / "run", "--upto", "4", "--tau-z", "10ms", "--jobs", "2")
    assert f"resume by python -m protocols.squares --resume {path}" in capsys.readouterr().err
    assert list(pd.read_csv(path / "squares.csv")["n"]) == [1, 2]
    results = squares.run(["--resume", str(path)])
    assert results.summary()["sum"] == 30 and asked[1][0].tau_z == 10 * ms
    again = squares.run(["--resume", str(path)])
    assert len(asked) == 3 and not again.figures and "30" in squares.report(again)


@pytest.mark.parametrize(
    "free", [["--jobs", "3"], ["--data-dir=moved"], ["--checkpoint-every", "5s"]]
)
def test_how_and_where_may_change(tmp_path, free):
    path = stopped(tmp_path / "run", "--jobs", "2", "--data-dir", "here", "--seed", "5")
    for _ in range(2):
        results = squares.run(["--resume", str(path), *free])
    setup = asked[1][0]
    found = (setup.jobs, setup.data_dir, setup.checkpoint_every)
    assert found == (3 if "3" in free else 2, Path("moved" if "moved" in free[0] else "here"),
                     5000 * ms if "5s" in free else None)  # fmt: skip
    assert setup.seed == 5
    assert results.summary()["provenance"]["command"].endswith("--jobs 2 --seed 5")


@pytest.mark.parametrize("other", [["--seed", "6"], ["--seed=5"], ["--upto", "3"], ["--overwrite"]])
def test_what_is_run_may_not_change(tmp_path, other):
    """Even to what it is anyway: one place says it."""
    path = stopped(tmp_path / "run", "--seed", "5")
    with pytest.raises(ValueError, match=f"--resume comes with {other[0][:6]}.*leave it out") as error:
        squares.run(["--resume", str(path), *other])
    assert_one_sentence(str(error.value))


def test_runs_of_another_protocol(tmp_path):
    with Results(tmp_path / "run", "raster", []):
        pass
    with pytest.raises(ValueError, match="holds a run of raster: .* python -m protocols.raster"):
        squares(resume=tmp_path / "run")
    with pytest.raises(ValueError, match="holds no run"):
        squares(redraw=tmp_path / "nowhere")


def test_pictures_are_drawn_again_from_tables(tmp_path):
    path = squares(out=tmp_path / "out").path
    before = (path / "squares.svg").read_bytes()
    (path / "squares.svg").unlink()
    results = squares(redraw=path)
    assert len(asked) == 1 and results.figures and (path / "squares.svg").read_bytes() == before
    assert "redrawn" in results.summary()["provenance"]
    (path / "run.json").unlink()  # as results are published
    published = squares(redraw=path)
    assert published.figures and published.summary()["sum"] == 14
    (path / "squares.csv").unlink()
    with pytest.raises(ValueError, match="squares.csv.*made by an earlier version, so run it anew"):
        squares(redraw=path)
    unfinished = stopped(tmp_path / "stopped")
    with pytest.raises(ValueError, match="holds a run that was stopped: finish it first"):
        squares(redraw=unfinished)


@experiment(grows=True, free=["hurry"])
def growing(setup: Networks, results: Results, *, upto: Whole = 2, hurry: bool = False) -> dict:
    """Grows."""
    asked.append((results.resumed, hurry))
    results.begin()
    table = ResumableTables(results, [(n,) for n in range(upto)], "numbers")
    for (n,) in table.missing:
        asked.append(n)
        table.append((n,), [{"n": n}])
    return {"upto": upto}


def test_an_experiment_that_grows_is_resumed_by_its_command(tmp_path):
    out = tmp_path / "out"
    growing(out=out)
    (out / ".lock").unlink()  # as in a copy
    grown = growing(upto=4, out=out)
    assert asked == [(False, False), 0, 1, (False, False), 2, 3]
    assert grown.summary()["upto"] == 4 and list(grown.table("numbers")["n"]) == [0, 1, 2, 3]
    asked.clear()
    growing.run(["--resume", str(out), "--hurry"])
    assert asked == [(True, True)]
    growing(upto=1, out=out, overwrite=True)
    assert asked[1:] == [(False, False), 0]
    with Results(tmp_path / "other", "raster", []):
        pass
    with pytest.raises(ValueError, match="holds a run that was stopped"):
        growing(out=tmp_path / "other")


# --- More networks -----------------------------------------------------------------------


@experiment
def by_network(setup: Networks, results: Results) -> dict:
    """A row a network."""
    results.begin()
    table = ResumableTables(results, [(seed,) for seed in setup.all_seeds], "networks")
    for (seed,) in table.missing:
        if seed in stop_at:
            raise KeyboardInterrupt
        asked.append(seed)
        table.append((seed,), [{"seed": seed}])
    return {"sum": int(table.table()["seed"].sum())}


def test_networks_are_added_to_a_run_that_has_ended(tmp_path):
    path = by_network(out=tmp_path / "out", seed=3).path
    grown = by_network(resume=path, seeds=3)
    assert asked == [3, 4, 5] and grown.summary()["sum"] == 12
    assert list(grown.table("networks")["seed"]) == grown.summary()["seeds"] == [3, 4, 5]
    made_by = grown.summary()["provenance"]
    assert made_by["command"].endswith("--seed 3 --seeds 3")
    assert made_by["grown_from"]["seeds"] == [3]
    assert made_by["grown_from"]["command"].endswith("--seed 3")
    by_network.run(["--resume", str(path), "--seeds=3"])  # has them all
    assert asked == [3, 4, 5]
    with pytest.raises(ValueError, match="--seeds is 2: the run in .* has 3 networks") as error:
        by_network(resume=path, seeds=2)
    assert_one_sentence(str(error.value))
    (path / "run.json").unlink()  # as results are published
    with pytest.raises(ValueError, match="published results, without the journal") as error:
        by_network(resume=path, seeds=4)
    assert_one_sentence(str(error.value))
    assert grown.summary()["sum"] == by_network(redraw=path).summary()["sum"]


@experiment(single=True)
def of_one(setup: Networks, results: Results) -> dict:
    """The seed of a single network."""
    return {"sum": setup.seed}


def test_an_experiment_of_one_network_is_of_no_more(tmp_path):
    with pytest.raises(ValueError, match="--seeds is 3: of_one is of one network") as error:
        of_one(out=tmp_path / "out", seed=2, seeds=3)
    assert_one_sentence(str(error.value))
    assert not (tmp_path / "out").exists()
    assert of_one(out=tmp_path / "out", seed=2, seeds=1).summary()["sum"] == 2


def test_a_run_that_is_stopped_while_it_grows_is_resumed(tmp_path):
    path = by_network(out=tmp_path / "out").path
    stop_at.append(2)
    with pytest.raises(KeyboardInterrupt):
        by_network(resume=path, seeds=4)
    stop_at.clear()
    with pytest.raises(ValueError, match="has 4 networks"):
        by_network(resume=path, seeds=3)
    resumed = by_network(resume=path)
    assert asked == [0, 1, 2, 3] and resumed.summary()["sum"] == 6
    assert resumed.summary()["provenance"]["grown_from"]["seeds"] == [0]
