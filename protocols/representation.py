"""Representations learned without labels, layer by layer, against those of other methods.

python -m protocols.representation --dataset breast-cancer --seeds 3
"""

from __future__ import annotations

import pandas as pd

from cortical_bcpnn.analysis.baselines import scores
from cortical_bcpnn.data.encoded import encoded
from cortical_bcpnn.drawing.representation import draw_representation
from cortical_bcpnn.experiments import (
    Networks,
    PublishedVariants,
    Results,
    ResumableTables,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.layers import hidden_populations, learn_in_turn
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES
from cortical_bcpnn.experiments.representation import measure, preferred_samples
from cortical_bcpnn.experiments.shipped import network_of

SHOWN = (8, 5)  # hidden hypercolumns, and minicolumns of each, whose preferences are drawn
MEASURES = ["accuracy", "auc"]


@experiment
def representation(
    setup: Networks, results: Results, *,
    variants: PublishedVariants = ("rate-ff", "spspk-ff"), encoder: str | None = None,
    layers: Whole = 1, readout_images: Whole = READOUT_IMAGES, no_baselines: bool = False,
) -> dict:  # fmt: skip
    """Representations learned without labels, layer by layer, against those of other methods.

    Hidden populations learn in turn, each without labels; then a population of one hypercolumn, OUT,
    is clamped to the labels while it listens to the last of them. Scores are those of OUT, and of
    logistic regression on z of each hidden population; beside them those of scikit-learn's logistic
    regression on the samples, MLP, RBM and k-means, of the same number of units.

    Parameters
    ----------
    variants
        Time constants of the networks, separated by commas.
    encoder
        How samples become hypercolumns (default: that of the data set).
    layers
        Hidden populations.
    readout_images
        Training samples for logistic regression on z, at most.
    no_baselines
        Leave out other methods.
    """
    data = encoded(setup.data, encoder)
    architecture = network_of("stack", setup, layers, data)
    for variant in variants:
        setup.network(variant, architecture=architecture).close()
    results.begin()

    keys = [(v, seed) for v in variants for seed in setup.all_seeds]
    kept = ResumableTables(results, keys, "networks")
    for variant, seed in kept.missing:
        with setup.network(variant, seed=seed, architecture=architecture) as memory:
            learn_in_turn(setup.learn, memory, data.train, setup.data.train_labels)
            rows = measure(memory, data, setup, readout_images)
            if (variant, seed) == keys[0]:
                results.save_arrays("preferences", samples=preferred_samples(memory, data, *SHOWN))
        kept.append((variant, seed), [{"variant": variant, "seed": seed, **row} for row in rows])
    hidden = architecture.population(hidden_populations(architecture)[0])
    others = ResumableTables(results, [] if no_baselines else [(s,) for s in setup.all_seeds], "others")
    for (seed,) in others.missing:
        found = scores(flat(setup.data.train_images), setup.data.train_labels,
                       flat(setup.data.test_images), setup.data.test_labels, hidden.size, seed)
        others.append((seed,), [{"method": name, "seed": seed, **score} for name, score in found])
    return {
        "parameters": setup.parameters(setup.network(variants[0], architecture=architecture)),
        "variants": list(variants),
        "encoder": encoder or setup.data.encoder,
        "units": hidden.size,
        "layers": layers,
        "classes": int(architecture.population("OUT").minicolumns),
    }


@representation.figures
def figures(results: Results) -> dict:
    samples = results.arrays("preferences")["samples"]
    return {"representation": draw_representation(all_scores(results), samples)}


@representation.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    table = all_scores(results).groupby("name", sort=False)[MEASURES].agg(["mean", "std"])
    return (
        f"{summary['dataset']} by {summary['encoder']}, {summary['units']} units a layer, "
        f"{mean_of(summary)}\n{table.to_string(float_format='{:.4f}'.format, na_rep='-')}"
    )


def all_scores(results: Results) -> pd.DataFrame:
    """Scores of networks and of other methods, by a name for each."""
    networks = results.table("networks")
    layer = "layer " + networks["layer"].astype(str)
    what = layer.where(networks["method"] == "readout", "OUT")
    tables = [networks.assign(name=networks["variant"] + ", " + what)]
    if (results.path / "others.csv").exists():
        others = results.table("others")
        tables.append(others.assign(name=others["method"]))
    return pd.concat(tables, ignore_index=True)[["name", "seed", *MEASURES]]


if __name__ == "__main__":
    representation.main()
