"""What the order of images, and how many of them traces remember, are worth.

python -m protocols.presentation_order --dataset mnist --data-dir DIR --epochs 20 --variants spspk-full
"""

from __future__ import annotations

from cortical_bcpnn.analysis.learning_curves import over_networks
from cortical_bcpnn.drawing.presentation_order import draw_presentation_order
from cortical_bcpnn.experiments import (
    Durations,
    Networks,
    PublishedVariants,
    Results,
    ResumableTables,
    Whole,
    Wholes,
    experiment,
)
from cortical_bcpnn.experiments.learning_curve import (
    begin_or_go_on,
    compared,
    means_in_words,
    measure_missing,
)
from cortical_bcpnn.experiments.presentation_order import ways
from cortical_bcpnn.experiments.results import plain

CURVES = ("variant", "order", "tau_p_s")
SHOWN = {"ff": "{:.1%}", "attractor": "{:.1%}", "s_ortho_ff": "{:.2f}", "s_ortho_attractor": "{:.2f}"}


@experiment(grows=True, free=["only_learned"])
def presentation_order(
    setup: Networks, results: Results, *,
    variants: PublishedVariants = ("rate-full", "spk-full", "spspk-full"),
    tau_p_grid: Durations | None = None, epochs_at: Wholes | None = None,
    readout_images: Whole | None = None, compared_images: Whole = 1000, only_learned: bool = False,
) -> dict:  # fmt: skip
    """What the order of images, and how many of them traces remember, are worth.

    Networks are shown the training images in the same order in every epoch, by several time constants
    of the p traces, and in a random order of every epoch's own by the first of these. They learn in
    stages that are kept (--stages). The same command resumes what was stopped, and one with more
    seeds, variants, epochs or time constants adds what is missing.

    Parameters
    ----------
    variants
        Variants to compare, separated by commas.
    tau_p_grid
        Time constants of the p traces, 5s,60s say (default: that of --tau-p, and a time step
        times the number of training images, which weighs all of an epoch alike).
    epochs_at
        Epochs after which networks are measured, separated by commas (default: the last).
    readout_images
        Training images for the readout (default: all).
    compared_images
        Test images whose representations are compared, at most.
    only_learned
        Measure what the store has, and learn nothing.
    """
    setup = setup.changed(stages=True)
    at = sorted(epochs_at or [setup.shown])
    images = readout_images or len(setup.data.train_images)
    n_compared = compared(setup, compared_images)
    shown = ways(setup, tau_p_grid)
    for variant in variants:
        for networks in shown.values():
            networks.network(variant).close()
    begin_or_go_on(results, setup, variants, readout_images=images, compared_images=n_compared)

    keys = [(v, *way, seed, epochs)
            for seed in setup.all_seeds for v in variants for way in shown for epochs in at]  # fmt: skip
    kept = ResumableTables(results, keys, "networks")
    measure_missing(
        kept, (*CURVES, "seed", "epochs"), lambda which: shown[which["order"], which["tau_p_s"]],
        readout_images=images, compared_images=n_compared, only_learned=only_learned,
    )  # fmt: skip
    means = over_networks(kept.table(), CURVES)
    results.save_table(means, "means")
    in_common = setup.in_common(variants[0])
    del in_common["tau_p"]
    return {
        "parameters": in_common,
        "variants": list(variants),
        "epochs_at": at,
        "readout_images": images,
        "compared_images": n_compared,
        "not_learned_yet": [list(key) for key in kept.missing],
        "means": plain(means).to_dict("records"),
    }


@presentation_order.figures
def figures(results: Results) -> dict:
    return {"presentation_order": draw_presentation_order(results.table("networks"))}


@presentation_order.closing_table
def closing_table(results: Results) -> str:
    return means_in_words(results, CURVES, SHOWN)


if __name__ == "__main__":
    presentation_order.main()
