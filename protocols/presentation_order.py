"""What the order of images, and how many of them traces remember, are worth.

python -m protocols.presentation_order --dataset mnist --data-dir DIR --epochs 20 --variants spspk-full
"""

from __future__ import annotations

from cortical_bcpnn.drawing.presentation_order import draw_presentation_order
from cortical_bcpnn.experiments import (
    Durations,
    Networks,
    PublishedVariants,
    Results,
    Whole,
    Wholes,
    experiment,
)
from cortical_bcpnn.experiments.learning_curve import means_in_words, measure_curves
from cortical_bcpnn.experiments.presentation_order import ways

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
    shown = ways(setup, tau_p_grid)
    found = measure_curves(
        setup, results, "networks", CURVES,
        {(variant, *way): networks for variant in variants for way, networks in shown.items()},
        sorted(epochs_at or [setup.shown]),
        readout_images=readout_images, compared_images=compared_images, only_learned=only_learned,
    )  # fmt: skip
    del found["parameters"]["tau_p"]
    return found


@presentation_order.figures
def figures(results: Results) -> dict:
    return {"presentation_order": draw_presentation_order(results.table("networks"))}


@presentation_order.closing_table
def closing_table(results: Results) -> str:
    return means_in_words(results, CURVES, SHOWN)


if __name__ == "__main__":
    presentation_order.main()
