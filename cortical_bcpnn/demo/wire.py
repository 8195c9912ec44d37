"""A recall as bytes for the page: a header of JSON, and arrays behind it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2 import ms

from ..analysis.timecourse import phase_steps
from .recalling import Recalled, Recaller, recurrent_gain


def pack(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Length of the header (4 bytes, little-endian), header, arrays; all begin at multiples of 4.

    The header says of each array under 'arrays' its dtype, its shape and where it begins, counted
    from the end of the header.
    """
    described, parts, position = {}, [], 0
    for name, array in arrays.items():
        content = array.astype(array.dtype.newbyteorder("<")).tobytes()
        described[name] = {"dtype": array.dtype.name, "shape": array.shape, "start": position}
        content += bytes(-len(content) % 4)
        parts.append(content)
        position += len(content)
    text = json.dumps({**header, "arrays": described}, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *parts])


def packed(found: Recalled, recaller: Recaller) -> bytes:
    """What the page shows of a recall.

    INP and INPRC are sent as shares of ON, HID as z, cut off at 1, all in steps of 1/255; spikes as
    pairs of time step and minicolumn.
    """
    recall, memory, dataset = found.recall, recaller.memory, recaller.dataset
    ends = phase_steps(found.phases, memory.parameters).tolist()
    phases = [
        {"name": phase.name, "start": start, "end": end, "cue": "INP" in phase.clamped,
         "gain": phase.gains.get("recurrent", 0.0)}
        for phase, start, end in zip(found.phases, ends, ends[1:])
    ]  # fmt: skip
    classes = [int(label) for label in recaller.readout.classes_]
    moments = {
        phase.read: {"step": end, "class": classes[int(found.probabilities[end - 1].argmax())]}
        for phase, end in zip(found.phases, ends[1:]) if phase.read
    }
    asked = found.asked
    label = None if asked.image is None else int(dataset.test_labels[asked.image])
    header = {
        "side": dataset.side, "dt_ms": float(memory.parameters.dt / ms), "steps": ends[-1],
        "hidden": list(memory.architecture.population("HID").shape), "phases": phases,
        "moments": moments, "classes": classes, "label": label, "way": asked.way,
        "gain": recurrent_gain(found.phases), "milliseconds": 1e3 * found.seconds,
        "notice": "The simulation had ended, and was started again." if found.restarted else None,
    }  # fmt: skip
    arrays = {
        "probabilities": found.probabilities.astype(np.float32),
        **{f"spikes {name}": np.argwhere(spikes[0]).astype(np.uint32)
           for name, spikes in recall.spikes_over_time.items()},
        "image": _bytes(found.image), "cue": _bytes(np.nan_to_num(found.cue, nan=0.5)),
        "unknown": found.hidden.astype(np.uint8),
        "INP": _bytes(share_of_on(recall.z_over_time["INP"][0])),
        "HID": _bytes(recall.z_over_time["HID"][0]),
        "INPRC": _bytes(share_of_on(recall.z_over_time["INPRC"][0])),
    }  # fmt: skip
    return pack(header, arrays)


def share_of_on(z: np.ndarray) -> np.ndarray:
    """Share of ON in z of ON and OFF, shape (time steps, H); a half where both are silent."""
    pairs = z.reshape(len(z), -1, 2)
    total = pairs.sum(axis=-1)
    return np.divide(pairs[..., 0], total, out=np.full_like(total, 0.5), where=total > 0)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)
