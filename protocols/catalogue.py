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
    Protocol(
        "architecture", "populations, projections and phases, drawn from the network", "10 s", "10 s"
    ),
    Protocol("raster", "spikes and smoothed rates over three patterns", "10 s", "1 min"),
    Protocol("similarity", "similarity of representations within and between classes", "15 s", "1 min"),
    Protocol(
        "receptive_fields", "connections over training, and what minicolumns prefer", "10 s", "30 s"
    ),
    Protocol("rewiring", "flips and scores against training patterns", "5 s", "15 s"),
    Protocol("time_constants", "accuracy over tau_z and f_max", "10 min", "15 min"),
    Protocol("attractor", "images of INP and INPRC through one recall", "15 s", "1 min"),
    Protocol("tasks", "accuracy of the variants against difficulty", "3 min", "20 min"),
    Protocol("prototypes", "attractor states grouped into prototypes", "15 s", "5 min"),
)
EXPERIMENTS = (
    Protocol(
        "associative_memory", "learn, recall and test one network: the main job", "1 min", "15 min"
    ),
    Protocol(
        "learning_curve", "accuracy, orthogonality and firing against epochs, for three kinds",
        "10 min", "days"
    ),
    Protocol(
        "presentation_order", "images in order and at random, by longer and shorter traces", "10 min",
        "days"
    ),
    Protocol(
        "claims", "every claim of the paper, held against what is measured here", "15 min", "45 min"
    ),
    Protocol("all", "all figures and the claims: the gallery", "20 min", "1 h"),
    Protocol("compare_models", "models of minicolumn and plasticity, side by side", "10 min", ""),
    Protocol("paper", "all of the paper at full length, unattended, in one report", "40 min", "days"),
    Protocol("tweak_equations", "a change of one line in an equation, and what it changes", "2 min", ""),
    Protocol("compare_biophysical", "the abstract network against its biophysical twin", "4 min", ""),
    Protocol(
        "compare_simulators", "the biophysical twin in Brian2 and in NEST: cells, recall", "10 min", ""
    ),
    Protocol("simulator_costs", "what the biophysical twin costs in Brian2 and in NEST", "10 min", ""),
    Protocol("capacity", "how many patterns a network holds, by rule of plasticity", "15 min", ""),
    Protocol("recurrence", "why recurrence overrules the cue, and at which gain not", "10 min", "1 h"),
    Protocol(
        "calibrated", "calibrated recall against the published one, on all tasks", "4 min", "30 min"
    ),
    Protocol("rivalry", "who wins in rivalry: the image, its rival, or neither", "1 min", "10 min"),
    Protocol(
        "confidence", "recurrence by how sure each hypercolumn is, or slower", "5 min", "30 min"
    ),
    Protocol(
        "representation", "layers that learn without labels, against other methods", "4 min", "15 min"
    ),
    Protocol("hetero_association", "labels recalled from images, and images from labels", "1 min", ""),
    Protocol(
        "first_to_spike", "classes decided at the first spike or by rates, and the cost", "5 min", ""
    ),
    Protocol("benchmark", "speed and memory", "3 min", "6 min"),
    Protocol("beside", "speed and memory of this version and another, by turns", "3 min", "5 min"),
    Protocol("sweep", "a grid of parameters and seeds, 48 of time_constants say", "20 min", ""),
    Protocol("evolve", "parameters tuned by an evolution strategy, recall_gains say", "25 min", ""),
    Protocol(
        "evolve_rules", "factors of the learning rule: which matter, and which evolve", "10 min", ""
    ),
    Protocol(
        "evolve_structure", "connections by evolution, by rewiring and at random", "10 min", ""
    ),
    Protocol("coevolve", "parameters and rule at once, or one at a time", "20 min", ""),
    Protocol("draw_sweep", "the table of a sweep", "5 s", ""),
    Protocol("scaling", "runs per hour against workers", "5 min", ""),
    Protocol("costs", "of a minicolumn, a spike and a synapse", "3 min", ""),
)
