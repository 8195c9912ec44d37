"""What a network has come to after so many epochs, and folders that grow with what is learned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..analysis.learning_curves import over_networks, with_spread
from ..analysis.representations import orthogonality
from ..analysis.timecourse import overall_rates
from ..network import AssociativeMemory
from ..store import code_version
from .journal import ResumableTables
from .readouts import accuracy, fit_readout
from .results import Results, plain
from .setup import Networks, flat
from .stages import go_as_far_as_stored


def measure(
    memory: AssociativeMemory, setup: Networks, readout_images: int, compared_images: int
) -> dict[str, float]:
    """Accuracies on the test images, orthogonality of representations and firing rates of HID.

    Parameters
    ----------
    memory : AssociativeMemory
        Having learned.
    setup : Networks
    readout_images, compared_images : int
        Training images for the readout, and test images whose representations are compared.

    Returns
    -------
    dict of float
        See `analysis.learning_curves.MEASURES`.
    """
    data, jobs = setup.data, setup.jobs or 1
    test, few = flat(data.test_images), slice(compared_images)
    readout = fit_readout(memory, data, jobs, readout_images)
    recall = memory.recall(test, populations=["INP", "HID"], jobs=jobs, progress=True)
    first, last = recall.moments[0], recall.moments[-1]
    responses = {"inp": recall.z[first]["INP"], "ff": recall.z[first]["HID"],
                 "attractor": recall.z[last]["HID"]}  # fmt: skip
    rates = overall_rates(recall)["HID"]
    return {
        **accuracy(readout, recall, data.test_labels),
        **{f"s_ortho_{name}": orthogonality(z[few], data.test_labels[few])
           for name, z in responses.items()},
        "rate_mean_hz": rates["mean"],
        "rate_max_hz": rates["max"],
    }  # fmt: skip


def measure_curves(
    setup: Networks, results: Results, table: str, columns: Sequence[str],
    curves: Mapping[tuple, Networks], epochs_at: Sequence[int], *,
    readout_images: int | None, compared_images: int, only_learned: bool,
) -> dict[str, Any]:  # fmt: skip
    """Let networks learn and measure them after so many epochs, as far as their folder lacks it.

    It writes the measures and, as the table `means`, their means over networks.

    Parameters
    ----------
    setup : Networks
    results : Results
    table : str
        Name of the table of measures.
    columns : sequence of str
        What the parts of a curve's name are, the variant first.
    curves : mapping of tuple to Networks
        Which networks a curve is of, by its name.
    epochs_at : sequence of int
        Epochs after which they are measured.
    readout_images : int, optional
        Training images for the readout; default is all.
    compared_images : int
        Test images whose representations are compared, at most.
    only_learned : bool
        Measure what the store has, and learn nothing.

    Returns
    -------
    dict
        What a summary says of it.

    Raises
    ------
    ValueError
        If networks cannot be made or compared, or none is measured.
    """
    readout_images = readout_images or len(setup.data.train_images)
    compared_images = compared(setup, compared_images)
    for (variant, *_), networks in curves.items():
        networks.network(variant).close()
    variants = list(dict.fromkeys(variant for variant, *_ in curves))
    begin_or_go_on(results, setup, variants, readout_images=readout_images,
                   compared_images=compared_images)  # fmt: skip

    keys = [(*curve, seed, n) for seed in setup.all_seeds for curve in curves for n in epochs_at]
    kept = ResumableTables(results, keys, table)
    for *curve, seed, epochs in kept.missing:
        networks, which = curves[tuple(curve)], {"seed": seed, "epochs": epochs}
        learned = partial(found, networks) if only_learned else networks.learned
        memory = learned(curve[0], **which)
        if memory is None:
            continue
        with memory:
            row = measure(memory, networks, readout_images, compared_images)
        kept.append((*curve, seed, epochs), [{**dict(zip(columns, curve)), **which, **row}])
    if kept.table().empty:
        raise ValueError("the store has none of these networks: leave out --only-learned to learn them.")
    means = over_networks(kept.table(), columns)
    results.save_table(means, "means")
    return {
        "parameters": setup.in_common(variants[0]),
        "variants": variants,
        "epochs_at": list(epochs_at),
        "readout_images": readout_images,
        "compared_images": compared_images,
        "not_learned_yet": [list(key) for key in kept.missing],
        "means": plain(means).to_dict("records"),
    }


def found(setup: Networks, variant: str, epochs: int, **which: Any) -> AssociativeMemory | None:
    """A network that the store has, None if it is not there: nothing is learned."""
    memory, images = setup.network(variant, **which), flat(setup.data.train_images)
    if go_as_far_as_stored(memory, images, setup.stages_of(epochs), setup.shuffle) == epochs:
        return memory
    memory.close()
    return None


def compared(setup: Networks, most: int) -> int:
    """Test images to compare, at most so many.

    Raises
    ------
    ValueError
        If they are too few to be compared within and between classes.
    """
    number = min(most, len(setup.data.test_images))
    classes = len(np.unique(setup.data.test_labels[:number]))
    if not 1 < classes < number:
        raise ValueError(
            f"{number} test images of {classes} classes are too few to compare within and between "
            "classes: give more by --compared-images or --limit-test."
        )
    return number


def begin_or_go_on(results: Results, setup: Networks, variants: list[str], **options: Any) -> None:
    """Take a folder, or one that holds measures of such networks by the same options.

    Raises
    ------
    ValueError
        If it holds measures of others; nothing is changed then.
    """
    path = results.path / f"{results.protocol}.json"
    described = setup.described()
    with setup.network(variants[0]) as memory:
        described |= setup.parameters(memory)
    for name in ("variant", "seeds", "seed", "epochs", "stages"):  # of single networks
        described.pop(name, None)
    changed = {name: str(getattr(setup, name)) for name in ("tau_m", "tau_z", "f_max")}
    asked = {**described, **changed, **options, "code": code_version()}
    asked = json.loads(json.dumps(asked))
    results.begin()
    if not (results.goes_on and path.exists()):
        results.write(path.name, (json.dumps(asked, indent=1) + "\n").encode())
        return
    before = json.loads(path.read_text())
    other = [name for name in {**before, **asked} if before.get(name) != asked.get(name)]
    if other:
        raise ValueError(
            f"{results.path} holds measures of other networks ({', '.join(other)} differ): give another "
            "folder by --out, or replace what it holds by --overwrite."
        )


def means_in_words(results: Results, curves: Sequence[str], formats: Mapping[str, str]) -> str:
    """Means over networks as a table of text, and how many measures are waited for.

    Parameters
    ----------
    results : Results
        With the table `means`, of `analysis.learning_curves.over_networks`.
    curves : sequence of str
        Its columns that say which curve a row belongs to.
    formats : mapping of str to str
        Measures to show, and how.
    """
    summary, means = results.summary(), results.table("means")
    shown = means[[*curves, "epochs", "networks"]].assign(**{
        name: with_spread(means[name], means[f"{name}_sd"], form) for name, form in formats.items()
    })  # fmt: skip
    left = len(summary["not_learned_yet"])
    return (
        f"{summary['dataset']}, {summary['images']['train']} images, readout of "
        f"{summary['readout_images']}; means over networks ± SD\n"
        f"{shown.to_string(index=False)}"
        + f"\n{left} measures wait for networks that have not been learned yet" * (left > 0)
    )
