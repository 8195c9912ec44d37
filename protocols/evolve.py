"""Tune parameters of the network by an evolution strategy, and check the best on unseen images.

python -m protocols.evolve SPEC --out DIR
python -m protocols.evolve --search tau_z=5ms..50ms recurrent_gain=0.01..1:log --aims attractor
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.evolve import draw_evolve
from cortical_bcpnn.experiments import Assignments, Results, Texts, Whole, experiment
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import begin, resumed_spec, rows_of
from cortical_bcpnn.sweeps.parameters import list_of_parameters
from cortical_bcpnn.sweeps.run_table import RunTable, described
from cortical_bcpnn.sweeps.search import pareto_front
from cortical_bcpnn.sweeps.search_spec import SearchSpec, asked_for, difference
from cortical_bcpnn.sweeps.tuning import Tuning, open_batches
from cortical_bcpnn.sweeps.verdicts import compared, in_words, verdict, without_published
from cortical_bcpnn.values.numbers import check_whole


@experiment(grows=True, free=FREE, epilogue=list_of_parameters())
def evolve(
    computers: Computers,
    results: Results,
    spec: Path | None = None,
    *,
    search: Assignments | None = None,
    aims: Texts | None = None,
    set: Assignments | None = None,
    dataset: str | None = None,
    population: Whole | None = None,
    generations: Whole | None = None,
    networks: Whole | None = None,
    check_networks: Whole | None = None,
    seed: int = 0,
) -> dict:
    """Tune parameters of the network by an evolution strategy, and check the best on unseen images.

    The search learns from training images and judges by others of them, kept back; the test images
    are looked at once, at the end. The same command resumes a search that was stopped.

    Parameters
    ----------
    spec
        Specification: a TOML or YAML file, or recall_gains.
    search
        NAME=LOW..HIGH ranges of parameters; :log or :linear behind one says how it is searched
        (default: log for times and rates).
    aims
        One or two of attractor, ff, completion@0.8_attractor, … (high) and hid_spikes (few; default:
        attractor).
    set
        NAME=VALUE of parameters that are the same in all runs.
    dataset
        Images to learn (default: digits).
    population
        Candidates in a generation (default: 8).
    generations
        Generations (default: 8).
    networks
        Networks that a candidate is judged by (default: 1).
    check_networks
        Networks that the best are checked with (default: 5).
    seed
        Seed of the search.
    """
    check_whole("seed", seed, 0)
    asked = resumed_spec(results, SearchSpec) or asked_for(
        spec, search or (), set or (), aims=aims, dataset=dataset, population=population,
        generations=generations, networks=networks, check_networks=check_networks,
    )
    images = load(asked.dataset, computers.data_dir)
    asked.check(images)
    computers.check()
    begin(results, {"spec": asdict(asked), "seed": seed}, difference)

    with open_batches(RunTable(results), computers, (asked, images)) as batches:
        tuning = Tuning(asked, seed, images, batches)
        candidates = tuning.evolve()
        held_out = tuning.check(candidates)
    rows = rows_of(results, asked, batches)
    results.save_table(candidates, "search")
    results.save_table(held_out, "held_out")
    own, shown = without_published(candidates), compared(held_out)
    return {
        "dataset": asked.dataset,
        "spec": asdict(asked),
        **described(rows),
        "front": own[pareto_front(own, asked.aims)].to_dict("records"),
        "held_out": shown.reset_index().to_dict("records"),
        "verdicts": [verdict(shown, candidates, aim) for aim in asked.aims],
    }


@evolve.figures
def figures(results: Results) -> dict:
    candidates, aims = results.table("search"), results.summary()["spec"]["aims"]
    front = pareto_front(without_published(candidates), aims)
    return {"evolve": draw_evolve(candidates, results.table("held_out"), aims, front)}


@evolve.closing_table
def closing_table(results: Results) -> str:
    return in_words(results.summary(), results.table("held_out"))


if __name__ == "__main__":
    evolve.main()
