"""Tune parameters of the network by an evolution strategy, and check the best on unseen images.

python -m protocols.evolve SPEC --out DIR
python -m protocols.evolve --search tau_z=5ms..50ms recurrent_gain=0.01..1:log --aims attractor

The search learns from training images and judges by others of them, kept back; the test images
are looked at once, at the end. The same command goes on with a search that was stopped.
"""

from __future__ import annotations

import argparse
import json
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.evolve import draw_evolve
from cortical_bcpnn.experiments.options import (
    add_output_options,
    parse,
    run_protocol,
    several,
    whole,
)
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.sweeps.batch import compute_missing, memory_of
from cortical_bcpnn.sweeps.cluster import Cluster
from cortical_bcpnn.sweeps.cluster_options import add_cluster_options, check_scheduler, cluster_of
from cortical_bcpnn.sweeps.folder import open_folder, read_plan
from cortical_bcpnn.sweeps.parameters import PARAMETERS, Plain, resolve
from cortical_bcpnn.sweeps.run import DONE, Run
from cortical_bcpnn.sweeps.run_table import RunTable, fingerprint
from cortical_bcpnn.sweeps.search import Search, finalists, pareto_front
from cortical_bcpnn.sweeps.search_spec import (
    SearchSpec,
    fewer_is_better,
    parse_aims,
    parse_range,
    read_search,
    search_from,
)
from cortical_bcpnn.sweeps.spec import grid_from_arguments, load_images, parse_parameters

FREE = ("resume", "data_dir", "scheduler", "workers", "patience")
FINALISTS = 4
CHECK_SEEDS = 1000  # seeds of the networks that finalists are checked with begin here
PUBLISHED = "published"


def main(arguments: list[str] | None = None) -> None:
    options = parse(make_parser(), "evolve", arguments, FREE)
    spec = choose_spec(options)
    dataset = load_images(spec.dataset, options.data_dir)
    spec.check(dataset)
    check_scheduler(options)
    with open_search(options, spec) as results:
        table = RunTable(results)
        with ExitStack() as stack:
            tuning = _Tuning(spec, dataset, table, options, stack)
            candidates = tuning.evolve()
            results.save_table(candidates, "search")
            held_out = tuning.check(candidates)
            results.save_table(held_out, "held_out")
            table.write(tuning.runs)
            found = table.table(tuning.runs)
        if tuning.computed or not results.finished:
            finish(candidates, held_out, found, spec, results)
        _report(candidates, held_out, spec, results)


def make_parser() -> argparse.ArgumentParser:
    """Options of a search."""
    parser = argparse.ArgumentParser(
        prog="python -m protocols.evolve", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("spec", nargs="?", type=Path, metavar="SPEC",
        help="specification: a TOML or YAML file, or recall_gains")
    add("--search", nargs="+", metavar="NAME=LOW..HIGH",
        help="ranges of parameters; :log or :linear behind one says how it is searched (default: "
        "log for times and rates)")
    add("--aims", type=several(str), metavar="NAMES",
        help="one or two of attractor, ff, completion@0.8_attractor, … (high) and hid_spikes (few; "
        "default: attractor)")
    add("--set", nargs="+", default=[], metavar="NAME=VALUE",
        help="parameters that are the same in all runs")
    add("--dataset", metavar="NAME", help="images to learn (default: digits)")
    add("--data-dir", type=Path, metavar="DIR",
        help="folder with the IDX files of the data set, here and on all workers")
    for name, what in (("population", "candidates in a generation"), ("generations", "generations"),
                       ("networks", "networks that a candidate is judged by"),
                       ("check_networks", "networks that the best are checked with")):
        option = name.replace("_", "-")
        default = getattr(SearchSpec, name)
        add(f"--{option}", type=whole(option), metavar="N", help=f"{what} (default: {default})")
    add("--seed", type=int, default=0, metavar="N", help="seed of the search (default: 0)")  # fmt: skip
    add_cluster_options(parser)
    add_output_options(parser, checkpoints=False)
    return parser


def choose_spec(options: argparse.Namespace) -> SearchSpec:
    """The search that the options ask for; one to go on with has its own.

    Raises
    ------
    ValueError
        If something in it is wrong, or there is nothing to search.
    """
    if options.seed < 0:
        raise ValueError(f"seed is {options.seed}: give a whole number of 0 or more.")
    if options.resume is not None:
        return SearchSpec.from_plain(read_plan(options.resume, "evolve")["spec"])
    spec = read_search(options.spec) if options.spec is not None else search_from({})
    if options.search:
        ranges = {}
        for argument in options.search:
            name, _, value = argument.partition("=")
            if name in ranges:
                raise ValueError(f"{name} is there twice: name it once.")
            ranges[name] = parse_range(name, value)
        spec = replace(spec, dimensions=tuple(ranges.values()))
    if not spec.dimensions:
        raise ValueError("there is nothing to search: give SPEC, or --search tau_z=5ms..50ms say.")
    fixed = {name: values[0] for name, values in grid_from_arguments(options.set).items()}
    names = ("population", "generations", "networks", "check_networks", "dataset")
    given = {name: getattr(options, name) for name in names if getattr(options, name)}
    if options.aims:
        given["aims"] = parse_aims(options.aims)
    return replace(spec, parameters={**spec.parameters, **parse_parameters(fixed)}, **given)


def open_search(options: argparse.Namespace, spec: SearchSpec) -> Results:
    """The folder of a search; one that holds the same, or fewer generations of it, is resumed."""
    plan = {"spec": asdict(spec), "seed": options.seed}
    plain = json.loads(json.dumps(plan))

    def check(before: dict) -> str | None:
        if before["seed"] != options.seed:
            return f"with seed {before['seed']}"
        for name, value in plain["spec"].items():
            if name != "title" and before["spec"].get(name) != value:
                return f"whose {name.replace('_', ' ')} differ"
        return None

    options.dataset = spec.dataset
    return open_folder("evolve", options, plain, check)


class _Tuning:
    """A search under way: candidates become runs, runs become rows, rows are told."""

    def __init__(
        self, spec: SearchSpec, dataset: Dataset, table: RunTable, options: argparse.Namespace,
        stack: ExitStack,
    ) -> None:  # fmt: skip
        self._spec, self._dataset, self._table = spec, dataset, table
        self._options, self._stack = options, stack
        self._cluster: Cluster | None = None
        self.runs: list[Run] = []
        self.computed = 0

    def evolve(self) -> pd.DataFrame:
        """All generations: a row for each candidate, and one for the published settings."""
        search = Search(self._spec, self._options.seed)
        seeds = range(self._spec.networks)
        (published,) = self._measure([{}], seeds, "validation", "published settings")
        rows = [{"candidate": PUBLISHED, "generation": -1, **self._published(), **(published or {})}]
        for generation in range(self._spec.generations):
            candidates = search.ask()
            desc = f"generation {generation + 1} of {self._spec.generations}"
            settings = [candidate.settings for candidate in candidates]
            achieved = self._measure(settings, seeds, "validation", desc)
            search.tell(achieved)
            for candidate, result in zip(candidates, achieved):
                rows.append({"candidate": str(candidate.number), "generation": generation,
                             **candidate.settings, **(result or {})})  # fmt: skip
        table = pd.DataFrame(rows)
        for aim in self._spec.aims:
            table[aim] = table.get(aim, np.nan)
        return table

    def check(self, candidates: pd.DataFrame) -> pd.DataFrame:
        """The best, and the published settings, on the test images: a row for each network.

        Of one aim the best of a few finalists is taken, by fresh networks and validation; of two
        all finalists on the front are shown. The test images have no part in the choice.
        """
        spec = self._spec
        own = candidates[candidates["candidate"] != PUBLISHED]
        best = finalists(own, spec.aims, FINALISTS)
        names = [dimension.name for dimension in spec.dimensions]
        chosen = {str(row["candidate"]): {d.name: d.plain(row[d.name]) for d in spec.dimensions}
                  for row in best[["candidate", *names]].to_dict("records")}  # fmt: skip
        seeds = range(CHECK_SEEDS, CHECK_SEEDS + spec.check_networks)
        if len(spec.aims) == 1 and len(chosen) > 1:
            achieved = self._measure(list(chosen.values()), seeds, "validation", "finalists")
            aim = spec.aims[0]
            sign = -1 if fewer_is_better(aim) else 1
            ranked = [sign * result[aim] if result else -np.inf for result in achieved]
            name = list(chosen)[int(np.argmax(ranked))]
            chosen = {name: chosen[name]}
        settings = {PUBLISHED: {}, **chosen}
        self._measure(list(settings.values()), seeds, "test", "unseen images")
        rows = []
        for name, values in settings.items():
            for run in self._runs_of(values, seeds, "test"):
                outcome = self._table.outcome(run)
                shown = values or self._published()
                rows.append({"candidate": name, **shown, "seed": run.seed, **outcome["measures"]})
        return pd.DataFrame(rows)

    def _measure(self, settings, seeds, split: str, desc: str) -> list[dict[str, float] | None]:
        """Means over networks for each settings, None where one failed."""
        groups = [self._runs_of(values, seeds, split) for values in settings]
        runs = [run for group in groups for run in group]
        known = {run.id for run in self.runs}
        self.runs += [run for run in {r.id: r for r in runs}.values() if run.id not in known]
        missing = self._table.missing(runs)
        if missing:
            self.computed += len(missing)
            compute_missing(
                self._table, self.runs, missing, self._engine(), self._options.data_dir, desc
            )
        return [_means([self._table.outcome(run) for run in group]) for group in groups]

    def _runs_of(self, values: dict[str, Plain], seeds, split: str) -> list[Run]:
        settings = resolve({**self._spec.parameters, **values}, self._dataset)
        return [Run.make(self._dataset, settings, seed, self._spec.measures, split) for seed in seeds]

    def _published(self) -> dict[str, Plain]:
        """Values of the tuned parameters in the published settings."""
        settings = resolve(self._spec.parameters, self._dataset)
        return {dimension.name: settings[dimension.name] for dimension in self._spec.dimensions}

    def _engine(self) -> Cluster:
        if self._cluster is None:
            largest = {d.name: d.plain(d.high) for d in self._spec.dimensions}
            try:
                runs = self._runs_of(largest, [0], "test")
            except ValueError:
                runs = self.runs
            opened: AbstractContextManager[Cluster] = cluster_of(
                self._options, memory_of(runs, self._dataset)
            )
            self._cluster = self._stack.enter_context(opened)
        return self._cluster


def _means(outcomes: list[dict]) -> dict[str, float] | None:
    if any(outcome["status"] != DONE for outcome in outcomes):
        return None
    return {
        name: float(np.mean([outcome["measures"][name] for outcome in outcomes]))
        for name in outcomes[0]["measures"]
    }


def finish(
    candidates: pd.DataFrame, held_out: pd.DataFrame, runs: pd.DataFrame, spec: SearchSpec,
    results: Results,
) -> None:  # fmt: skip
    """Figure and summary."""
    own = candidates[candidates["candidate"] != PUBLISHED]
    front = pareto_front(own, spec.aims)
    results.save_figure(draw_evolve(candidates, held_out, spec.aims, front), "evolve")
    results.finish(
        {
            "dataset": spec.dataset,
            "spec": asdict(spec),
            "runs": {"all": len(runs), **runs["status"].value_counts().to_dict()},
            "results": fingerprint(runs),
            "front": own[front].to_dict("records"),
            "held_out": _compared(held_out).reset_index().to_dict("records"),
            "verdicts": [verdict(_compared(held_out), candidates, aim) for aim in spec.aims],
            "seconds": round(float(runs["seconds"].sum()), 1),
        }
    )


def _compared(held_out: pd.DataFrame) -> pd.DataFrame:
    """Means and standard deviations over networks, and how many there are."""
    measured = list(held_out.columns[list(held_out.columns).index("seed") + 1 :])
    groups = held_out.groupby("candidate", sort=False)[measured]
    table = groups.agg(["mean", "std"])
    table.columns = [name if kind == "mean" else f"{name}_sd" for name, kind in table.columns]
    return table.assign(networks=groups.size())


def _report(
    candidates: pd.DataFrame, held_out: pd.DataFrame, spec: SearchSpec, results: Results
) -> None:
    own = candidates[candidates["candidate"] != PUBLISHED]
    names = [dimension.name for dimension in spec.dimensions]
    columns = ["candidate", *names, *spec.aims]
    shown = own[pareto_front(own, spec.aims)][columns].sort_values(spec.aims[0])
    title = "best in the search" if len(spec.aims) == 1 else "Pareto front of the search"
    units = ", ".join(f"{name} in {PARAMETERS[name].unit}" for name in names if PARAMETERS[name].unit)
    print(f"\n{title} (validation images{'; ' + units if units else ''})")
    print(shown.to_string(index=False, float_format="{:.4g}".format))
    compared = _compared(held_out)
    print(f"\non images that had no part in the search, {spec.check_networks} networks each")
    print(compared.to_string(float_format="{:.4g}".format))
    for aim in spec.aims:
        print(verdict(compared, candidates, aim))
    print(f"\ntables and picture: {results.path}")


def verdict(compared: pd.DataFrame, candidates: pd.DataFrame, aim: str) -> str:
    """Whether the best of the search beats the published settings, by two standard errors or more.

    Which is the best was decided on validation images.
    """
    sign = -1 if fewer_is_better(aim) else 1
    validated = candidates.set_index("candidate").loc[compared.index.drop(PUBLISHED), aim]
    best, published = compared.loc[(sign * validated).idxmax()], compared.loc[PUBLISHED]
    gain = sign * (best[aim] - published[aim])
    error = np.sqrt(sum(row[f"{aim}_sd"] ** 2 / row["networks"] for row in (best, published)))
    means = f"{best[aim]:.4g} against {published[aim]:.4g}"
    if np.isnan(error):
        return f"{aim}: {means}, with one network each; give --check-networks 3 or more to compare"
    outcome = "beats" if gain > 2 * error else "does not beat"
    return f"{aim}: candidate {best.name} {outcome} the published settings, {means} (± {error:.2g})"


if __name__ == "__main__":
    run_protocol(main)
