"""Why recurrence at gain 1 overrules the cue, and at which gain it does not.

The gain of recurrence is varied, with the cue kept and withdrawn, in networks of several sizes and
time constants, and held against the gain that follows from the traces.
python -m protocols.recurrence --help
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from brian2 import Quantity, ms
from sklearn.linear_model import LogisticRegression

from cortical_bcpnn import AssociativeMemory, Phase
from cortical_bcpnn.analysis.timecourse import phase_steps
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.data.stimuli import make_cues
from cortical_bcpnn.drawing.recurrence import draw_recurrence
from cortical_bcpnn.experiments.cues import CLEAN
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    duration,
    open_results,
    parse,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.parallel import in_parallel
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, fit_readout
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.setup import flat
from cortical_bcpnn.learned.calibration import calibrated_gain, connected_minicolumns

from .calibrated import END, FF, KINDS, MEAN, readings

GAINS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
CONDITIONS = (
    (CLEAN, 0.0), ("completion", 0.6), ("completion", 0.8), ("completion", 1.0),
    ("rivalry", 0.8), ("distortion", 0.8),
)  # fmt: skip
HYPERCOLUMNS = (5, 10, 20, 30, 60)
TAU_Z = (5, 20, 50) * ms
WATCHED_IMAGES, WATCHED_EVERY = 20, 5  # of which supports are computed, every that many steps
OWN_SILENT = "no connections within a hypercolumn"


@dataclass(frozen=True)
class Network:
    """A network whose gain is varied.

    Attributes
    ----------
    series : str
        'published', 'hypercolumns', 'tau_z' or `OWN_SILENT`.
    hypercolumns : int
    tau_z : Quantity or None
        In place of that of the variant.
    """

    series: str
    hypercolumns: int
    tau_z: Quantity | None = None


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.recurrence", description=__doc__.split("\n")[0]
    )
    add_options(parser, variant=False)
    add = parser.add_argument
    add("--kind", default="spspk", choices=KINDS, help="kind of minicolumns (default: spspk)")
    add("--hypercolumns", type=several(whole("hypercolumns")), default=list(HYPERCOLUMNS),
        metavar="H,H,…", help="sizes of HID (default: 5, 10, 20, 30 and 60)")
    add("--tau-z-grid", type=several(duration), default=list(TAU_Z), metavar="TIME,…",
        help="time constants of the z trace (default: 5, 20 and 50 ms)")
    add("--no-series", action="store_true", help="vary nothing but the gain and the cue")
    add("--task-images", type=whole("task-images"), default=200, metavar="N",
        help="test images per task and difficulty (default: 200)")
    add("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES, metavar="N",
        help=f"training images for the readout (default: all, at most {READOUT_IMAGES})")  # fmt: skip
    options = parse(parser, "recurrence", arguments)
    dataset = load_dataset(options)
    memory = make_memory(options, dataset, variant=_variant(options))
    networks = choose_networks(memory, options)
    with open_results("recurrence", options) as results:
        if not results.finished:
            gains, supports = measure(networks, dataset, options, results)
            finish(gains, supports, memory, dataset, options, results)
        _report(results)


def choose_networks(memory: AssociativeMemory, options: argparse.Namespace) -> list[Network]:
    """The published network, and those that differ from it in one thing."""
    size = memory.architecture.population("HID").hypercolumns
    networks = [Network("published", size), Network(OWN_SILENT, size)]
    if options.no_series:
        return networks
    networks += [Network("hypercolumns", h) for h in options.hypercolumns if h != size]
    variant = memory.parameters.variant
    for tau_z in options.tau_z_grid:
        replace(memory.parameters, variant=replace(variant, tau_z=tau_z))  # raises
        if tau_z != variant.tau_z:
            networks.append(Network("tau_z", size, tau_z))
    return networks


def measure(
    networks: list[Network], dataset: Dataset, options: argparse.Namespace, results: Results
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accuracies by gain, and supports over time; what a stopped run has found is kept."""
    pieces = {(name_of(network), seed): network for seed in seeds(options) for network in networks}
    kept = ResumableTables(results, pieces, "gains", "supports")
    work = [(pieces[key], dataset, options, key[1]) for key in kept.missing]
    for gains, supports in in_parallel(
        measure_network, work, options.jobs, desc="networks", unit="network"
    ):
        kept.append((gains[0]["network"], gains[0]["seed"]), gains, supports)
    return kept.table("gains"), kept.table("supports")


def name_of(network: Network) -> str:
    """A name for tables."""
    if network.series == "tau_z":
        return f"tau_z {network.tau_z / ms:g} ms"
    return f"{network.hypercolumns} hypercolumns" if network.series == "hypercolumns" else network.series


def measure_network(
    network: Network, dataset: Dataset, options: argparse.Namespace, seed: int
) -> tuple[list[dict], list[dict]]:
    """Learn one network and vary its gain, in a process of its own."""
    changes = {} if network.tau_z is None else {"tau_z": network.tau_z}
    if network.series == "hypercolumns":
        hidden = make_memory(options, dataset, variant=_variant(options)).architecture.population("HID")
        changes["hidden"] = (network.hypercolumns, hidden.minicolumns)
    own = argparse.Namespace(**{**vars(options), **changes})
    with learned(own, dataset, seed=seed, variant=_variant(options), progress=False) as memory:
        readout = fit_readout(memory, dataset, 1, options.readout_images, progress=False)
        published = network.series == "published"
        supports = watch_supports(memory, dataset) if published else []
        supports = [{"seed": seed, **row} for row in supports]
        if network.series == OWN_SILENT:
            memory = without_own(memory)
        key = {
            "network": name_of(network), "series": network.series, "seed": seed,
            "hypercolumns": network.hypercolumns,
            "tau_z_ms": float(memory.parameters.variant.tau_z / ms),
            "calibrated_gain": calibrated_gain(memory),
        }  # fmt: skip
        rows = []
        for kept in (True, False) if published else (True,):
            for gain in GAINS:
                protocol = protocol_at(memory, gain, kept)
                for task, difficulty in CONDITIONS:
                    found = score(memory, readout, dataset, protocol, task, difficulty, options)
                    rows.append({**key, "cue_kept": kept, "gain": gain, "task": task,
                                 "difficulty": difficulty, **found})  # fmt: skip
        memory.close()
    return rows, supports


def protocol_at(memory: AssociativeMemory, gain: float, kept: bool) -> list[Phase]:
    """Recall at a gain, with the cue kept or withdrawn."""
    return replace(memory.parameters.variant, cue_kept=kept).recall_protocol(gain)


def without_own(memory: AssociativeMemory) -> AssociativeMemory:
    """The same network, in which no hypercolumn says anything to itself."""
    recurrent = memory.traces["recurrent"]
    q, m = recurrent.q.copy(), recurrent.minicolumns[0]
    for h in range(len(q) // m):
        own = slice(h * m, (h + 1) * m)
        q[own, own] = recurrent.p_pre[own] / recurrent.p  # as if independent: w = 0
    changed = AssociativeMemory(
        architecture=memory.architecture, device=memory.device, **vars(memory.parameters)
    )
    changed.adopt(memory)
    changed.traces = {**memory.traces, "recurrent": replace(recurrent, q=q)}
    return changed


def score(
    memory: AssociativeMemory, readout: LogisticRegression, dataset: Dataset,
    protocol: list[Phase], task: str, difficulty: float, options: argparse.Namespace,
) -> dict[str, float]:  # fmt: skip
    """Accuracies, and how far the state moves.

    Returns
    -------
    dict
        ff, attractor and mean: accuracies of the three readings; moved: share of hypercolumns
        with another winner at the end than in the feedforward phase; other_class: share of
        images that the readout puts into another class.
    """
    shown = dataset.limited(n_test=min(options.task_images, len(dataset.test_images)))
    images = shown.test_images
    if task != CLEAN:
        images = make_cues(task, images, difficulty, memory.parameters.seed)
    recall = memory.recall(flat(images), protocol=protocol, populations=["HID"])
    found = readings(recall, memory)
    classes = {name: readout.predict(activity) for name, activity in found.items()}
    first, last = (recall.shares("HID", moment).argmax(axis=-1)
                   for moment in (recall.moments[0], recall.moments[-1]))  # fmt: skip
    right = {name: float((c == shown.test_labels).mean()) for name, c in classes.items()}
    return {
        "ff": right[FF], "attractor": right[END], "mean": right[MEAN],
        "moved": float((first != last).mean()),
        "other_class": float((classes[END] != classes[FF]).mean()),
        "images": len(images),
    }  # fmt: skip


def watch_supports(memory: AssociativeMemory, dataset: Dataset) -> list[dict]:
    """How much minicolumns of a hypercolumn differ in what each projection brings them, over time.

    In the published recall of clean images. The unit is that of the support, nats; the current
    of a projection is Σ w_ij z_i, which its synapses filter from the same spikes.
    """
    images = flat(dataset.test_images[:WATCHED_IMAGES])
    protocol = protocol_at(memory, 1.0, kept=False)
    recall = memory.recall(images, protocol=protocol, populations=["INP", "HID"], over_time=True)
    hidden = memory.architecture.population("HID")
    rows = []
    for name, population in (("feedforward", "INP"), ("recurrent", "HID")):
        weights = memory.weights(name) * connected_minicolumns(memory.traces[name])
        z = recall.z_over_time[population][:, WATCHED_EVERY - 1 :: WATCHED_EVERY]
        support = (z.reshape(-1, z.shape[-1]) @ weights + memory.biases(name)).reshape(
            *z.shape[:2], hidden.hypercolumns, hidden.minicolumns
        )
        gains = np.repeat([phase.gains.get(name, 0.0) for phase in protocol],
                          np.diff(phase_steps(protocol, memory.parameters)))  # fmt: skip
        spread = support.std(axis=-1).mean(axis=(0, 2)) * gains[WATCHED_EVERY - 1 :: WATCHED_EVERY]
        steps = WATCHED_EVERY * np.arange(1, len(spread) + 1)
        rows += [
            {"projection": name, "time_ms": float(step * memory.parameters.dt / ms), "spread": float(s)}
            for step, s in zip(steps, spread)
        ]
    return rows


def best_gains(gains: pd.DataFrame) -> pd.DataFrame:
    """For each network the gain of the highest accuracy, and those that come within a point.

    Accuracies are means over conditions and seeds at the end of recall, the cue being kept.
    """
    kept = gains[gains["cue_kept"]]
    rows = []
    for name, group in kept.groupby("network", sort=False):
        means = group.groupby("gain")["attractor"].mean()
        close = means.index[means >= means.max() - 0.01]
        first = group.iloc[0]
        rows.append(
            {
                "network": name, "series": first["series"], "hypercolumns": first["hypercolumns"],
                "tau_z_ms": first["tau_z_ms"], "best_gain": float(means.idxmax()),
                "from": float(close.min()), "to": float(close.max()),
                "calibrated_gain": group.groupby("seed")["calibrated_gain"].first().mean(),
                "ff": group["ff"].mean(), "at_0": means[0.0], "at_best": means.max(),
                "at_1": means[1.0],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def finish(
    gains: pd.DataFrame, supports: pd.DataFrame, memory: AssociativeMemory, dataset: Dataset,
    options: argparse.Namespace, results: Results,
) -> None:  # fmt: skip
    """The figure, the table of best gains, and the summary."""
    best = best_gains(gains)
    results.save_table(best, "best_gains")
    protocol = protocol_at(memory, 1.0, kept=False)
    results.save_figure(draw_recurrence(gains, supports, best, protocol, memory.parameters),
                        "recurrence")  # fmt: skip
    made_with = {**settings(memory, dataset, options), "seeds": seeds(options)}
    after = supports[supports["time_ms"] == supports["time_ms"].max()]
    results.finish({**made_with, "gains": GAINS, "best_gains": best.to_dict("records"),
                    "recurrent_spread_at_the_end": after["spread"].max()})  # fmt: skip


def _variant(options: argparse.Namespace) -> str:
    return f"{options.kind}-calibrated"


def _report(results: Results) -> None:
    summary, gains = results.summary(), results.load_table("gains")
    n = len(summary["seeds"])
    print(f"\n{summary['dataset']}, mean of {n} network{'s' * (n > 1)}, accuracy in per cent at the "
          "end of recall")  # fmt: skip
    published = gains[gains["series"] == "published"]
    for kept, rows in published.groupby("cue_kept", sort=False):
        wide = rows.pivot_table(
            index="gain", columns=["task", "difficulty"], values="attractor", sort=False
        )
        print(f"\ncue {'kept' if kept else 'withdrawn'}")
        print((100 * wide).to_string(float_format="{:.1f}".format))
    print("\n" + results.load_table("best_gains").to_string(index=False, float_format="{:.3f}".format))
    print(f"\ntables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
