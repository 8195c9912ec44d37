"""A network as tables: what it is made of, what differs from the paper, what it has learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..model.parameters import Parameters
from ..model.plain import parameters_to_plain

if TYPE_CHECKING:
    from .network import LearnedNetwork

_OF = ("weights", "biases", "connections")


def labelled(network: LearnedNetwork, projection: str, of: str) -> pd.DataFrame:
    """See `LearnedNetwork.table`."""
    if of not in _OF:
        raise ValueError(f"of is {of!r}: choose one of {', '.join(_OF)}.")
    values = getattr(network, of)(projection)
    ends = network.architecture.ends(network.architecture.projection(projection))
    if of == "connections":
        axes = [pd.RangeIndex(end.hypercolumns, name=f"{side} hypercolumn")
                for side, end in zip(("pre", "post"), ends)]  # fmt: skip
    else:
        axes = [pd.MultiIndex.from_product(
            (range(end.hypercolumns), range(end.minicolumns)),
            names=(f"{side} hypercolumn", f"{side} minicolumn"),
        ) for side, end in zip(("pre", "post"), ends)]  # fmt: skip
    if of == "biases":
        return pd.DataFrame({"bias": values}, index=axes[1])
    return pd.DataFrame(values, *axes)


def text_of(network: LearnedNetwork) -> str:
    """One line: populations, variant, what has been learned."""
    parts = network.architecture.populations
    sizes = ", ".join(f"{p.name} {p.hypercolumns}×{p.minicolumns}" for p in parts)
    return (
        f"<{type(network).__name__} {network.parameters.variant.name}: {sizes}; "
        f"{network.n_learned} patterns learned>"
    )


def html_of(network: LearnedNetwork) -> str:
    """Populations, projections, parameters that are not the published ones, and what was learned."""
    title = f"<b>{type(network).__name__}</b>, {network.n_learned} patterns learned"
    tables = {
        "Populations": populations(network), "Projections": projections(network),
        "Not as published": unusual(network.parameters), "Learned": calls(network),
    }  # fmt: skip
    shown = (f"<p>{name}</p>{of.to_html(index=False)}" for name, of in tables.items() if len(of))
    return f"<div>{title}{''.join(shown)}</div>"


def populations(network: LearnedNetwork) -> pd.DataFrame:
    """A row for each population."""
    return pd.DataFrame([
        {"population": p.name, "hypercolumns": p.hypercolumns, "minicolumns": p.minicolumns,
         "model": network.parameters.minicolumn_of(p.name).name}
        for p in network.architecture.populations
    ])  # fmt: skip


def projections(network: LearnedNetwork) -> pd.DataFrame:
    """A row for each projection, with the flips of all its rewirings."""
    flips = network.rewiring.groupby("projection")["flips"].sum()
    return pd.DataFrame([
        {"projection": p.name, "from": p.pre, "to": p.post, "fan-in": p.fan_in,
         "rule": network.parameters.rule_of(p.name).name, "has learned": network.has_learned(p.name),
         "flips": int(flips.get(p.name, 0)) if p.rewired else "not rewired"}
        for p in network.architecture.projections
    ])  # fmt: skip


def unusual(parameters: Parameters) -> pd.DataFrame:
    """The variant, and the parameters that differ from their defaults, which are the paper's."""
    here, usual = (parameters_to_plain(p) for p in (parameters, Parameters(parameters.variant)))
    rows = [{"parameter": "variant", "value": parameters.variant.name, "published": ""}]
    rows += [{"parameter": name, "value": value, "published": usual[name]}
             for name, value in here.items() if value != usual[name]]  # fmt: skip
    return pd.DataFrame(rows)


def calls(network: LearnedNetwork) -> pd.DataFrame:
    """A row for each call of `learn`."""
    columns = {"n_patterns": "patterns", "epochs": "epochs", "shown": "shown", "ended": "ended"}
    rows = [{title: call.get(name) for name, title in columns.items()} for call in network.history]
    for row, call in zip(rows, network.history):
        row["projections"] = ", ".join(call.get("projections") or ["all"])
    return pd.DataFrame(rows)
