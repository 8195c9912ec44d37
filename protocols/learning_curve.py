"""What more epochs bring: accuracy, orthogonality of representations and firing, over training.

python -m protocols.learning_curve --seeds 3
python -m protocols.learning_curve --dataset mnist --data-dir DIR --only-learned --out OUT
"""

from __future__ import annotations

from cortical_bcpnn.analysis.learning_curves import MEASURES
from cortical_bcpnn.drawing.learning_curve import draw_learning_curve
from cortical_bcpnn.experiments import (
    Networks,
    PublishedVariants,
    Results,
    Whole,
    Wholes,
    experiment,
)
from cortical_bcpnn.experiments.learning_curve import means_in_words, measure_curves
from cortical_bcpnn.experiments.reference import references
from cortical_bcpnn.experiments.stages import stages_upto

CURVES = ("variant",)
EPOCHS = 20
FORMATS = dict(zip(MEASURES, (*2 * ["{:.1%}"], *3 * ["{:.3f}"], "{:.2f}", "{:.0f}")))


@experiment(grows=True, free=["only_learned"])
def learning_curve(
    setup: Networks, results: Results, *,
    variants: PublishedVariants = ("rate-full", "spk-full", "spspk-full"),
    epochs_at: Wholes | None = None, readout_images: Whole | None = None,
    compared_images: Whole = 1000, only_learned: bool = False,
) -> dict:  # fmt: skip
    """What more epochs bring: accuracy, orthogonality of representations and firing, over training.

    Networks learn in stages that are kept (--stages). The same command resumes what was stopped,
    and one with more seeds, variants or epochs adds what is missing.

    Parameters
    ----------
    variants
        Variants to compare, separated by commas.
    epochs_at
        Epochs after which networks are measured, separated by commas (default: 1, 2, 5, 10, 20, ...
        up to --epochs, else to 20).
    readout_images
        Training images for the readout (default: all).
    compared_images
        Test images whose representations are compared, at most.
    only_learned
        Measure what the store has, and learn nothing.
    """
    setup = setup.changed(stages=True)
    at = sorted(epochs_at or stages_upto(setup.epochs or EPOCHS))
    found = measure_curves(
        setup, results, "curve", CURVES, {(variant,): setup for variant in variants}, at,
        readout_images=readout_images, compared_images=compared_images, only_learned=only_learned,
    )  # fmt: skip
    results.save_table(references(setup, variants), "reference")
    return found


@learning_curve.figures
def figures(results: Results) -> dict:
    return {"learning_curve": draw_learning_curve(results.table("curve"), results.table("reference"))}


@learning_curve.closing_table
def closing_table(results: Results) -> str:
    return means_in_words(results, CURVES, FORMATS)


if __name__ == "__main__":
    learning_curve.main()
