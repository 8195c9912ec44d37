"""The strings of the model against the published equations, by algebra (exact)."""

from __future__ import annotations

import re

import pytest
import sympy
from brian2 import Equations, Hz, second

from cortical_bcpnn import BCPNN
from cortical_bcpnn.model import equations
from cortical_bcpnn.model.expressions import of_side


def updated(statements: str, **values):
    """Values of variables after statements like 'a = …; b += …'."""
    for statement in filter(None, re.split(r"[;\n]\s*", statements.strip())):
        target, operator, expression = re.fullmatch(r"(\w+) ([+*]?=) (.+)", statement).groups()
        value = sympy.sympify(expression, locals=values)
        if operator != "=":
            value = values[target] + value if operator == "+=" else values[target] * value
        values[target] = value
    return values


def one_or_zero(relation) -> sympy.Integer:
    """What Brian2 makes of int(z > z_min), where z_min leaves no doubt."""
    return sympy.Integer(bool(relation))


def symbols(names: str) -> dict:
    return {name: sympy.Symbol(name, positive=True) for name in names.split()}


def names_of(side: str) -> dict[str, str]:
    other = {"pre": "post", "post": "pre"}[side]
    return {"projection": "prj", "side": side, "conditioning": side, "conditioned": other}


@pytest.mark.parametrize("side", ["pre", "post"])
def test_conditional_traces_are_the_joint_rule(side):
    """With z_min = 0, q p_j steps like p_ij: (1 - kappa) p_ij + kappa z_i z_j."""
    s, names = symbols("kappa q z_own z_other p_old average"), names_of(side)
    trace, zero = f"p_{side}_prj", sympy.Integer(0)
    update = equations.UPDATE_TRACE[side].format(**names)
    minicolumn = updated(
        update + equations.UPDATE_CONDITIONING.format(**names),
        int=one_or_zero, z=s["z_own"], z_min=zero, kappa=s["kappa"], deferred_prj=zero,
        **{trace: s["p_old"]},
    )  # fmt: skip
    assert minicolumn["deferred_prj"] == 0
    other = names["conditioned"]
    synapse = updated(
        equations.LEARN.format(**names),
        q=s["q"],
        **{f"eta_prj_{side}": minicolumn["eta_prj"], f"deferred_prj_{side}": zero,
           f"z_{other}": s["z_other"], f"average_prj_{other}": s["average"]},
    )  # fmt: skip
    joint = synapse["q"] * minicolumn[trace]
    expected = (1 - s["kappa"]) * s["q"] * s["p_old"] + s["kappa"] * s["z_own"] * s["z_other"]
    assert sympy.simplify(joint - expected) == 0


def test_deferred_steps_amount_to_the_steps_themselves():
    """Below z_min, two steps put together move q as far towards the average as one by one."""
    s, names = symbols("kappa q z_1 z_2 p_1 p_2 z_other average"), names_of("post")

    def step(deferred, number):
        after = updated(
            equations.UPDATE_CONDITIONING.format(**names),
            int=one_or_zero, kappa=s["kappa"], z=s[f"z_{number}"], z_min=sympy.oo,
            p_post_prj=s[f"p_{number}"], deferred_prj=deferred,
        )  # fmt: skip
        assert after["eta_prj"] == 0
        return after["deferred_prj"]

    def learn(q, deferred):
        return updated(
            equations.LEARN.format(**names),
            q=q, eta_prj_post=sympy.Integer(0), deferred_prj_post=deferred,
            z_pre=s["z_other"], average_prj_pre=s["average"],
        )["q"]  # fmt: skip

    nothing = sympy.Integer(0)
    together = learn(s["q"], step(step(nothing, 1), 2))
    in_turn = learn(learn(s["q"], step(nothing, 1)), step(nothing, 2))
    assert sympy.simplify(together - in_turn) == 0
    eta = s["kappa"] * s["z_1"] / s["p_1"]
    expected = (1 - eta) * s["q"] + eta * s["average"]
    assert sympy.simplify(learn(s["q"], step(nothing, 1)) - expected) == 0
    assert updated(equations.LEARNED.format(**names))["deferred_prj"] == 0


def test_transmitted_weight_is_the_bcpnn_weight():
    """log q + log prior = log(p_ij p/(p_i p_j)), where q = p_ij/p_j."""
    s = symbols("p_ij p_i p_j p")
    names = {"projection": "prj", "side": "pre", "conditioned": "pre", "conditioning": "post"}
    prior = updated(
        equations.UPDATE_CONDITIONED.format(**names), log=sympy.log, p=s["p"], p_pre_prj=s["p_i"]
    )
    transmitted = updated(
        equations.TRANSMIT_PLASTIC.format(**names, emitted=of_side(equations.EMITTED, "pre")),
        I_prj_post=sympy.Integer(0),
        log_q=sympy.log(s["p_ij"] / s["p_j"]),
        log_prior_prj_pre=prior["log_prior_prj"],
        z_per_spike_pre=sympy.Integer(1),
    )["I_prj_post"]
    weight = sympy.sympify(equations.WEIGHT, locals=s)
    assert weight == sympy.log(s["p_ij"] * s["p"] / (s["p_i"] * s["p_j"]))
    assert sympy.expand_log(transmitted - weight, force=True).expand() == 0


def test_bias_is_the_log_of_the_prior():
    s = symbols("kappa p z p_j")
    update = equations.UPDATE_TRACE["post"].format(projection="prj")
    update += "\n" + BCPNN.bias_statement("prj")
    after = updated(update, kappa=s["kappa"], p=s["p"], z=s["z"], p_post_prj=s["p_j"])
    assert sympy.simplify(after["b_prj"] - sympy.log(after["p_post_prj"] / s["p"])) == 0


def test_total_mass_grows_only_while_learning():
    s = symbols("kappa p")
    for learning in (0, 1):
        after = updated(equations.LEARN_START, int=lambda x: x, learning=learning, **s)["p"]
        assert sympy.simplify(after - s["p"] - learning * s["kappa"] * (1 - s["p"])) == 0


def test_sustained_firing_at_f_max_gives_z_of_one():
    """The mean of dz/dt at rate f_max vanishes at z = 1."""
    parsed = Equations(equations.PROVIDED + equations.MINICOLUMN)
    assert parsed["z_per_spike"].expr.code == "(1 - epsilon)/(f_max*tau_z)"
    s = symbols("epsilon f_max tau_z")
    per_spike = sympy.sympify("(1 - epsilon)/(f_max*tau_z)", locals=s)
    drift = sympy.sympify(parsed["z"].expr.code, locals={**s, "z": sympy.Integer(1)})
    assert sympy.simplify(drift + s["f_max"] * per_spike) == 0


@pytest.mark.parametrize("transmit", [equations.TRANSMIT, equations.TRANSMIT_PLASTIC])
def test_rate_variants_emit_the_expectation_of_the_spike(transmit):
    """What each spike adds to z, the count and currents, times rate*dt, is what they add."""
    s = symbols("rate dt z_per_spike w log_q log_prior")
    names = {"projection": "prj", "conditioned": "pre"}
    values = {"w": s["w"], "log_q": s["log_q"], "log_prior_prj_pre": s["log_prior"]}
    assert equations.SPIKE == "rand() < rate*dt"
    emission = updated(equations.EMISSION, **s)["emission"]
    added = []
    for reset, emitted in (
        (equations.RESET, equations.EMITTED),
        (equations.RESET_EXPECTED, equations.EMITTED_EXPECTED),
    ):
        own = {"z_per_spike": s["z_per_spike"], "emission": emission}
        pre = {f"{name}_pre": value for name, value in own.items()}
        nothing = sympy.Integer(0)
        after = updated(reset, z=nothing, spike_count=nothing, **own)
        transmission = transmit.format(**names, emitted=of_side(emitted, "pre"))
        current = updated(transmission, I_prj_post=nothing, **values, **pre)
        added.append((after["z"], after["spike_count"], current["I_prj_post"]))
    for spike, expectation in zip(*added):
        assert sympy.simplify(spike * s["rate"] * s["dt"] - expectation) == 0
    assert added[0][0] == s["z_per_spike"] and added[0][1] == 1


def test_units_are_those_of_the_published_table():
    parsed = Equations(equations.PROVIDED + equations.MINICOLUMN)
    assert parsed["rate"].dim is Hz.dim and parsed["f_max"].dim is Hz.dim
    assert parsed["tau_m"].dim is parsed["tau_z"].dim is second.dim
    assert parsed["s"].dim.is_dimensionless and parsed["z"].dim.is_dimensionless


def test_normalisation_and_shift_keep_the_softmax():
    """exp(s - shift)/partition does not depend on shift, and shift becomes the log-partition."""
    s_1, s_2, shift = sympy.symbols("s_1 s_2 shift", real=True)

    def activation(support):
        return updated(
            equations.EXCESS + "\n" + equations.ACTIVATION,
            exp=sympy.exp,
            clip=lambda x, low, high: x,
            s=support,
            shift=shift,
        )["activation"]

    partition = activation(s_1) + activation(s_2)
    assert sympy.simplify(activation(s_1) / partition - 1 / (1 + sympy.exp(s_2 - s_1))) == 0
    after = updated(equations.SHIFT, log=sympy.log, partition=partition, shift=shift)["shift"]
    assert sympy.simplify(sympy.exp(after) - sympy.exp(s_1) - sympy.exp(s_2)) == 0
