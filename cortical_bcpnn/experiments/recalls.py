"""What was recalled, as arrays in a folder of results from which it is drawn again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..drawing.raster import telling_hypercolumn
from ..model.parameters import Parameters
from ..model.phases import Phase
from ..model.plain import MODELS, parameters_from_plain, protocol_from_plain
from ..network import AssociativeMemory
from ..recall import Recall

#: In a summary beside `Parameters`.
_BESIDE = ("populations", "fan_in", "epochs", "stages", "shuffle", "device", *MODELS)


def over_time(recall: Recall) -> dict[str, np.ndarray]:
    """What a raster shows of a recall: spikes of every time step, and z.

    Where there are spikes, z is that of the hypercolumn whose rates are drawn, in half precision,
    and 0 in others: all of it would take some hundred times the room.
    """
    found = {}
    for name, z in recall.z_over_time.items():
        if name in recall.spikes_over_time:
            m = recall.minicolumns[name]
            drawn = np.arange(z.shape[-1]) // m == telling_hypercolumn(z, m)
            z = np.where(drawn, z, 0).astype(np.float16)
        found[f"z_{name}"] = z
    found |= {f"spikes_{n}": spikes for n, spikes in recall.spikes_over_time.items()}
    found |= {f"minicolumns_{n}": np.array(m) for n, m in recall.minicolumns.items()}
    return found


def recall_of(arrays: Mapping[str, np.ndarray]) -> Recall:
    """The recall that `over_time` was given, as far as it was kept."""

    def named(kind: str) -> dict[str, np.ndarray]:
        return {n.removeprefix(kind): a for n, a in arrays.items() if n.startswith(kind)}

    z = {name: values.astype(np.float32) for name, values in named("z_").items()}
    minicolumns = {name: int(m) for name, m in named("minicolumns_").items()}
    return Recall({}, {}, {}, minicolumns, z, named("spikes_"))


def reconstructions(
    memory: AssociativeMemory, originals: np.ndarray, cues: np.ndarray
) -> dict[str, np.ndarray]:
    """Images, their cues and what INPRC makes of them at each moment: half precision, by name.

    Parameters
    ----------
    memory : AssociativeMemory
    originals, cues : ndarray, shape (n, side, side)
    """
    recall = memory.recall(cues.reshape(len(cues), -1), populations=["INPRC"])
    found = {"original": originals, "cue": cues} | {
        f"INPRC, {moment}": recall.pattern("INPRC", moment).reshape(cues.shape)
        for moment in recall.moments
    }
    return {name: images.astype(np.float16) for name, images in found.items()}


def parameters_of(summary: Mapping) -> Parameters:
    """Parameters of the network of a summary."""
    plain = {n: v for n, v in summary["parameters"].items() if n not in _BESIDE}
    return Parameters(**parameters_from_plain(plain))


def phases_of(summary: Mapping, name: str = "phases") -> Sequence[Phase]:
    """A protocol in a summary, as `protocol_to_plain` wrote it."""
    return protocol_from_plain(summary[name])
