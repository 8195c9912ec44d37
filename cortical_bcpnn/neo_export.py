"""Spikes of recalls as objects of Neo, which electrophysiology analyses and stores."""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import neo

    from .recalled import Recall


def to_neo(recall: Recall, populations: Collection[str] | None = None) -> neo.Block:
    """See `Recall.to_neo`."""
    known = recall.spikes_over_time
    names = list(known) if populations is None else list(populations)
    missing = [name for name in names if name not in known]
    if missing or not names or recall.parameters is None:
        raise ValueError(
            f"recall has no spikes over time of {', '.join(missing) or 'any population'}: recall with "
            "over_time=True, in a spiking variant."
        )
    try:
        import neo
        import quantities as pq
    except ImportError:
        raise ImportError(
            "Neo is not installed: pip install 'cortical_bcpnn[analysis]', or take spikes_over_time."
        ) from None
    parameters = recall.parameters
    dt, (n_cues, n_steps, _) = float(parameters.dt), known[names[0]].shape
    stop = n_steps * dt * pq.s
    durations = [float(phase.duration) for phase in recall.followed]
    phases = neo.Epoch(
        times=[0.0, *accumulate(durations[:-1])] * pq.s, durations=durations * pq.s,
        labels=np.array([phase.name or "" for phase in recall.followed], "U"), name="phases",
    )  # fmt: skip
    block = neo.Block(name="recall", variant=parameters.variant.name, seed=parameters.seed)
    for cue in range(n_cues):
        segment = neo.Segment(name=f"cue {cue}", index=cue, pattern=cue)
        for name in names:
            m = recall.minicolumns[name]
            for column, spikes in enumerate(known[name][cue].T):
                segment.spiketrains.append(neo.SpikeTrain(
                    np.flatnonzero(spikes) * dt, units="s", t_stop=stop, sampling_rate=1 / dt * pq.Hz,
                    name=f"{name} {column}", population=name, hypercolumn=column // m,
                    minicolumn=column, pattern=cue,
                ))  # fmt: skip
        segment.epochs.append(phases)
        block.segments.append(segment)
    return block
