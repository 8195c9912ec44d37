"""Networks whose recurrent gain is varied, with the cue kept and withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from brian2 import Quantity, ms
from sklearn.linear_model import LogisticRegression

from ..analysis.recurrence import END, FF, MEAN
from ..analysis.supports import spread_of_supports, without_own
from ..data.stimuli import CLEAN
from ..learned.calibration import calibrated_gain
from ..model.paper import Variant
from ..model.phases import Phase
from ..network import AssociativeMemory
from .cues import at_most, cues_for
from .readouts import fit_readout, readings
from .setup import Networks, flat

GAINS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
CONDITIONS = (
    (CLEAN, 0.0), ("completion", 0.6), ("completion", 0.8), ("completion", 1.0),
    ("rivalry", 0.8), ("distortion", 0.8),
)  # fmt: skip
PUBLISHED, OWN_SILENT = "published", "no connections within a hypercolumn"
WATCHED_IMAGES = 20  # of which supports are computed


@dataclass(frozen=True)
class Network:
    """A network whose gain is varied; in a series it differs from the published one in one thing."""

    series: str
    hypercolumns: int
    tau_z: Quantity | None = None

    @property
    def name(self) -> str:
        if self.tau_z is not None:
            return f"tau_z {self.tau_z / ms:g} ms"
        return f"{self.hypercolumns} hypercolumns" if self.series == "hypercolumns" else self.series


def own_networks(memory: AssociativeMemory) -> list[Network]:
    """The published network, and that in which no hypercolumn says anything to itself."""
    size = memory.architecture.population("HID").hypercolumns
    return [Network(PUBLISHED, size), Network(OWN_SILENT, size)]


def series(
    memory: AssociativeMemory, sizes: Sequence[int], times: Sequence[Quantity]
) -> list[Network]:
    """Networks that differ from the published one in size or time constant."""
    size, variant = memory.architecture.population("HID").hypercolumns, memory.parameters.variant
    for tau_z in times:
        replace(memory.parameters, variant=replace(variant, tau_z=tau_z))  # raises
    return [*(Network("hypercolumns", h) for h in sizes if h != size),
            *(Network("tau_z", size, tau_z) for tau_z in times if tau_z != variant.tau_z)]  # fmt: skip


def protocol_at(variant: Variant, gain: float, kept: bool) -> list[Phase]:
    """Recall at a gain, with the cue kept or withdrawn."""
    return replace(variant, cue_kept=kept).recall_protocol(gain)


def measure(
    network: Network, setup: Networks, variant: str, seed: int, task_images: int, readout_images: int
) -> tuple[list[dict], list[dict]]:
    """One network at every gain: accuracies, and supports over time."""
    hidden = setup.network(variant).architecture.population("HID")
    own = setup.changed(tau_z=network.tau_z or setup.tau_z,
                        hidden=(network.hypercolumns, hidden.minicolumns))  # fmt: skip
    shown, published = at_most(task_images, setup.data), network.series == PUBLISHED
    with own.learned(variant, seed=seed, progress=False) as memory:
        phases = memory.parameters.variant
        readout = fit_readout(memory, own.data, 1, readout_images, progress=False)
        watched = flat(own.data.test_images[:WATCHED_IMAGES])
        withdrawn = protocol_at(phases, 1.0, kept=False)
        supports = spread_of_supports(memory, watched, withdrawn) if published else []
        if network.series == OWN_SILENT:
            memory = without_own(memory)
        key = {
            "network": network.name, "series": network.series, "seed": seed,
            "hypercolumns": network.hypercolumns,
            "tau_z_ms": float(memory.parameters.variant.tau_z / ms),
            "calibrated_gain": calibrated_gain(memory),
        }  # fmt: skip
        rows = []
        for kept in (True, False) if published else (True,):
            for gain, (task, difficulty) in ((g, c) for g in GAINS for c in CONDITIONS):
                cues = cues_for(task, shown, difficulty, seed)
                found = score(memory, readout, flat(cues), shown.test_labels,
                              protocol_at(phases, gain, kept))  # fmt: skip
                rows.append({**key, "cue_kept": kept, "gain": gain, "task": task,
                             "difficulty": difficulty, **found})  # fmt: skip
        memory.close()
    return rows, [{"seed": seed, **row} for row in supports]


def score(
    memory: AssociativeMemory, readout: LogisticRegression, cues: np.ndarray, labels: np.ndarray,
    protocol: list[Phase],
) -> dict[str, float]:  # fmt: skip
    """Accuracies, and how far the state moves.

    'moved' is the share of hypercolumns with another winner at the end than in the feedforward
    phase, 'other_class' that of images that the readout puts into another class.
    """
    recall = memory.recall(cues, protocol=protocol, populations=["HID"])
    classes = {name: readout.predict(activity) for name, activity in readings(recall, memory).items()}
    right = {name: float((found == labels).mean()) for name, found in classes.items()}
    first, last = (recall.shares("HID", moment).argmax(axis=-1)
                   for moment in (recall.moments[0], recall.moments[-1]))  # fmt: skip
    return {
        "ff": right[FF], "attractor": right[END], "mean": right[MEAN],
        "moved": float((first != last).mean()),
        "other_class": float((classes[END] != classes[FF]).mean()), "images": len(cues),
    }  # fmt: skip
