"""The network of a run: which one, for which samples, and how it recalls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import prod
from typing import Any

from ..data.datasets import Dataset
from ..data.encoded import Encoded, encoded
from ..data.encoders import make_encoder
from ..experiments.layers import teachable
from ..experiments.shipped import make_network, taken
from ..files.checksums import checksum
from ..model import protocols
from ..model.architecture import Architecture
from ..model.architectures import Size
from ..model.paper import Variant
from ..model.phases import Phase
from ..model.plasticity import LOGARITHMS
from ..model.protocols import recurrent_projections

#: Parameters that say what learns what, and their values where it is the memory of grey images. These
#: are no part of a run's id nor of a table, so that runs are those of a time without them.
WHAT_LEARNS: dict[str, Any] = {
    "network": "associative-memory", "layers": 1, "encoder": "", "connections": "",
    **LOGARITHMS.parameters,
}  # fmt: skip
#: Of what functions that make networks take, the parameters that say it.
_SAID_BY = {"hypercolumns": "hidden", "minicolumns": "hidden", "fan_in": "fan_in",
            "feedback_fan_in": "feedback_fan_in", "layers": "layers"}  # fmt: skip
_OF_RECURRENCE = ("recurrent_gain", "cue_gain", "overlap", "recurrent")
_sizes: dict[tuple[str, str], Size] = {}


def inputs_of(settings: Mapping[str, Any], dataset: Dataset) -> Encoded | None:
    """Samples as hypercolumns, by an encoder fitted to the training samples.

    None for grey images, which networks take as they are.
    """
    if _is_grey(settings, dataset):
        return None
    return encoded(dataset, _encoder(settings, dataset))


def input_size(settings: Mapping[str, Any], dataset: Dataset) -> Size:
    """Hypercolumns of the first population, and minicolumns in each.

    Raises
    ------
    ValueError
        If there is no such encoder, or it does not take such samples.
    """
    if _is_grey(settings, dataset):
        return dataset.side**2, 2
    name, samples = _encoder(settings, dataset), dataset.train_images[: settings.get("train_images")]
    key = name, checksum(samples)
    if key not in _sizes:  # a codebook of colours takes its time
        encoder = make_encoder(name).fit(samples)
        _sizes[key] = encoder.hypercolumns_, encoder.minicolumns_
    return _sizes[key]


def activity_size(settings: Mapping[str, Any], dataset: Dataset) -> float:
    """Bytes of samples as hypercolumns, 0 where networks take images as they are."""
    if _is_grey(settings, dataset):
        return 0.0
    samples = settings["train_images"] + settings["test_images"]
    return 4.0 * samples * prod(input_size(settings, dataset))


def architecture_of(
    settings: Mapping[str, Any], dataset: Dataset, data: Encoded | None = None
) -> Architecture:
    """Populations and projections of a run.

    Parameters
    ----------
    settings : mapping of str to plain value
        All parameters.
    dataset : Dataset
    data : Encoded, optional
        What `inputs_of` makes of it, where that is known.
    """
    size = input_size(settings, dataset) if data is None else (data.hypercolumns, data.minicolumns)
    hidden = (settings["hypercolumns"], settings["minicolumns"])
    return make_network(
        settings["network"], dataset, size, hidden, settings["fan_in"],
        feedback_fan_in=settings["feedback_fan_in"], layers=settings["layers"],
    )  # fmt: skip


def cued_recall(architecture: Architecture, variant: Variant, cue_gain: float) -> list[Phase]:
    """Recall in whose recurrent phase the cue has a gain of its own; of gain 0 it is gone."""
    first = architecture.populations[0].name
    protocol = protocols.recall_protocol(architecture, variant, [first])
    if architecture.recall:
        return protocol
    shown = [n for n in protocols.away_from(architecture, [first])
             if architecture.projection(n).pre == first]  # fmt: skip
    cue = dict.fromkeys(shown, cue_gain) if cue_gain else {}
    return [
        replace(phase, gains={**{n: g for n, g in phase.gains.items() if n not in shown}, **cue},
                clamped=(first,) if cue else ())
        if phase.read == "attractor" else phase
        for phase in protocol
    ]  # fmt: skip


def refuse_sizes(network: str, given: Collection[str]) -> None:
    """Raise a ValueError if something is given that there is nowhere in a network of that name."""
    takes = taken(network)
    for name, argument in _SAID_BY.items():
        if name in given and argument not in takes:
            raise ValueError(
                f"{name} is given, and network {network} takes none: leave it out, or take another "
                "network."
            )


def recurs(architecture: Architecture) -> bool:
    """Whether recall has recurrent phases that a variant says."""
    first = architecture.populations[0].name
    return not architecture.recall and bool(recurrent_projections(architecture, [first]))


def refuse_misfits(
    network: str, architecture: Architecture, inputs: Size, given: Collection[str]
) -> None:
    """Raise a ValueError if a network cannot learn what runs show, or recall has not what is given."""
    first = architecture.populations[0]
    if first.shape != inputs:
        raise ValueError(
            f"network {network} begins with {first.name}, {first.hypercolumns} x {first.minicolumns} "
            f"minicolumns, and samples are of {inputs[0]} x {inputs[1]}: take a network that is as "
            "large."
        )
    for name in () if recurs(architecture) else _OF_RECURRENCE:
        if name in given:
            why = "owns how it recalls" if architecture.recall else "has no recurrence"
            raise ValueError(
                f"{name} is given, and network {network} {why}: leave it out, or take another network."
            )
    for phase in architecture.learning:
        for name in phase.clamped:
            if name not in teachable(architecture):
                raise ValueError(
                    f"network {network} clamps {name} when it learns, and a run has nothing for it: "
                    "clamp the first population, those that reconstruct it, and OUT, to the labels."
                )
    if architecture.recall and "feedforward" not in {phase.read for phase in architecture.recall}:
        raise ValueError(
            f"network {network} reads no phase of its recall as 'feedforward', from which labels are "
            "read out: read one so."
        )


def _encoder(settings: Mapping[str, Any], dataset: Dataset) -> str:
    return settings["encoder"] or dataset.encoder


def _is_grey(settings: Mapping[str, Any], dataset: Dataset) -> bool:
    """Whether networks take the images as they are."""
    shape = dataset.train_images.shape[1:]
    return _encoder(settings, dataset) == "on-off" and len(shape) == 2 and shape[0] == shape[1]

