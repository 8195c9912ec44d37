"""One projection in Brian2: transmission between connected pairs, traces of all pairs."""

from __future__ import annotations

import numpy as np
from brian2 import NeuronGroup, Synapses

from ..model import equations
from ..model.architecture import Architecture, Projection
from ..model.expressions import of_side, with_names
from ..model.plasticity import PlasticityRule
from .population import LEARN_ORDER, NO_DELAY


def build_transmission(
    architecture: Architecture,
    projection: Projection,
    pre: NeuronGroup,
    post: NeuronGroup,
    emitted: str,
    rule: PlasticityRule | None,
    dtype: np.dtype,
) -> Synapses:
    """Synapses of the connected pairs, which transmit what presynaptic minicolumns emit.

    `emitted` is what an emission adds to their z; without a rule nothing is learned.

    Those of a sparse projection are created between the hypercolumns of
    `placeholder_connections`; the simulation moves them to where the connections are.
    """
    if rule is None:
        model, transmit, learn = equations.SYNAPSE, equations.TRANSMIT, None
    elif rule.logarithmic:
        model, transmit = equations.PLASTIC_SYNAPSE, equations.TRANSMIT_PLASTIC
        learn = equations.LEARN_PLASTIC
    else:
        model, learn = equations.SYNAPSE_TRACE, equations.LEARN
        transmit = rule.transmission(projection.name, projection.conditioning, emitted)
    transmit = transmit.replace("{emitted}", of_side(emitted, "pre"))
    pathways: dict[tuple[str, str, str], str] = {("transmit", "pre", "spike"): transmit}
    if learn:
        pathways["learn", projection.conditioning, "learn"] = learn
    synapses = _synapses(projection, projection.name, pre, post, model, pathways, rule, dtype)
    if architecture.is_full(projection):
        synapses.connect()
    else:
        connections = placeholder_connections(architecture, projection)
        sources, targets = synapse_indices(architecture, projection, connections)
        synapses.connect(i=sources, j=targets, namespace={})
    return synapses


def build_traces(
    projection: Projection,
    pre: NeuronGroup,
    post: NeuronGroup,
    rule: PlasticityRule,
    dtype: np.dtype,
) -> Synapses:
    """Traces of all pairs, connected or silent; those of one learning column lie together."""
    pathways: dict[tuple[str, str, str], str]
    pathways = {("learn", projection.conditioning, "learn"): equations.LEARN}
    name = f"{projection.name}_traces"
    model = equations.SYNAPSE_TRACE
    synapses = _synapses(projection, name, pre, post, model, pathways, rule, dtype)
    if projection.conditioning == "post":
        synapses.connect(i="k for k in range(N_pre)")
    else:
        synapses.connect(j="k for k in range(N_post)")
    return synapses


def placeholder_connections(architecture: Architecture, projection: Projection) -> np.ndarray:
    """Connections that a network is built with, the same for all networks of its size.

    Returns
    -------
    ndarray of int, shape (post hypercolumns, fan-in)
    """
    pre, post = architecture.ends(projection)
    slots = np.arange(post.hypercolumns * projection.fan_in)
    return (slots % pre.hypercolumns).reshape(post.hypercolumns, projection.fan_in)


def synapse_indices(
    architecture: Architecture, projection: Projection, connections: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pre- and postsynaptic minicolumn of every transmitting synapse of a sparse projection.

    Parameters
    ----------
    connections : ndarray of int, shape (post hypercolumns, fan-in)
        Presynaptic hypercolumn of each connection.

    Returns
    -------
    sources, targets : ndarray of int32
        Ordered by post hypercolumn, connection, pre minicolumn and post minicolumn, so
        that the synapses one spike reaches in a hypercolumn lie together in memory.
    """
    pre, post = architecture.ends(projection)
    shape = (*connections.shape, pre.minicolumns, post.minicolumns)
    sources = connections[..., None, None] * pre.minicolumns + np.arange(pre.minicolumns)[:, None]
    targets = np.arange(post.size).reshape(post.hypercolumns, 1, 1, post.minicolumns)
    return (
        np.broadcast_to(sources, shape).astype(np.int32).ravel(),
        np.broadcast_to(targets, shape).astype(np.int32).ravel(),
    )


def _synapses(
    projection: Projection,
    name: str,
    pre: NeuronGroup,
    post: NeuronGroup,
    model: str,
    pathways: dict[tuple[str, str, str], str],
    rule: PlasticityRule | None,
    dtype: np.dtype,
) -> Synapses:
    """Synapses with one pathway for each (pathway name, side, event): statements."""
    names = {
        "projection": projection.name,
        "conditioning": projection.conditioning,
        "conditioned": projection.conditioned,
    }
    # The strings are written for z; a rule may average other variables.
    traces = {}
    if rule:
        traces = {f"z_{side}": f"{rule.trace(side)}_{side}" for side in ("pre", "post")}
    code: dict[str, dict[str, str]] = {"pre": {}, "post": {}}
    for (pathway, side, _), statements in pathways.items():
        code[side][pathway] = statements.format(**names)
        if pathway == "learn":
            code[side][pathway] = with_names(code[side][pathway], traces)
    synapses = Synapses(
        pre,
        post,
        model,
        on_pre=code["pre"] or None,
        on_post=code["post"] or None,
        on_event={pathway: event for pathway, _, event in pathways},
        delay={pathway: NO_DELAY for pathway, _, _ in pathways},
        namespace={},
        dtype=dtype,
        clock=pre.clock,
        name=name,
    )
    if any(pathway == "learn" for pathway, _, _ in pathways):
        # After the traces of the minicolumns, at the end of the time step.
        synapses.learn.when = "end"
        synapses.learn.order = LEARN_ORDER
    return synapses
