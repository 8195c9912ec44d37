"""The protocols that make the figures of the paper, in the order in which a reader meets them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """A protocol under ``protocols/``.

    Attributes
    ----------
    name : str
        Of its module.
    shows : str
        What its figures show.
    digits, mnist : str
        About how long it takes on two cores (digits) and four (MNIST, 60,000 images once),
        with the networks that it needs learned before.
    """

    name: str
    shows: str
    digits: str
    mnist: str


FIGURES = (
    Protocol("architecture", "populations, projections and phases, drawn from the network", "", ""),
    Protocol("raster", "spikes and smoothed rates over three patterns", "", ""),
    Protocol("similarity", "similarity of representations within and between classes", "", ""),
    Protocol("receptive_fields", "connections over training, and what minicolumns prefer", "", ""),
    Protocol("rewiring", "flips and scores against training patterns", "", ""),
    Protocol("time_constants", "accuracy over tau_z and f_max", "", ""),
    Protocol("attractor", "images of INP and INPRC through one recall", "", ""),
    Protocol("tasks", "accuracy of the variants against difficulty", "", ""),
    Protocol("prototypes", "attractor states grouped into prototypes", "", ""),
)
EXPERIMENTS = (
    Protocol("associative_memory", "learn, recall and test one network: the main job", "", ""),
    Protocol("claims", "every claim of the paper, held against what is measured here", "", ""),
    Protocol("all", "all figures and the claims: the gallery", "", ""),
    Protocol("compare_models", "six models of minicolumn and plasticity, side by side", "", ""),
    Protocol("tweak_equations", "a change of one line in an equation, and what it changes", "", ""),
    Protocol("compare_biophysical", "the abstract network against its biophysical twin", "", ""),
    Protocol("benchmark", "speed and memory", "", ""),
)
