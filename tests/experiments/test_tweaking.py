"""Changes in the equations that a command line asks for, and what is said of them."""

from __future__ import annotations

import pytest

from cortical_bcpnn.experiments.tweaking import (
    AFTER,
    BEFORE,
    before_and_after,
    changed_fields,
    changed_models,
    list_changes,
)
from cortical_bcpnn.model.minicolumns import POISSON
from cortical_bcpnn.model.plain import model_to_plain
from cortical_bcpnn.model.plasticity import BCPNN

PUBLISHED = {"minicolumn": POISSON, "plasticity": BCPNN}
HALVED = "0.5*log(p_ij*p/(p_i*p_j))"


def plain(models: dict) -> dict:
    return {kind: model_to_plain(model) for kind, model in models.items()}


def test_options_change_the_equations():
    changed = changed_models(
        POISSON, BCPNN,
        replace=[("evidence - s", "evidence - a - s")], add=["da/dt = -a/tau_a : 1"],
        reset=["a += jump_a"], set=[("tau_a", "200ms"), ("jump_a", "0.2"), ("k", "3")],
        weight="k*p_ij",
    )  # fmt: skip
    model, rule = changed["minicolumn"], changed["plasticity"]
    assert "evidence - a - s" in model.equations and "da/dt = -a/tau_a : 1" in model.equations
    assert model.reset.endswith("; a += jump_a") and model.name == "Poisson, changed"
    assert set(model.parameters) == {"tau_a", "jump_a"} and dict(rule.parameters) == {"k": 3}
    assert rule.weight == "k*p_ij" and rule.bias == BCPNN.bias
    assert list_changes(plain(PUBLISHED), plain(changed)) == [
        "ds/dt = (x + evidence - a - s)/tau_m : 1", "da/dt = -a/tau_a : 1",
        "reset: z += z_per_spike; spike_count += 1; a += jump_a", "jump_a = 0.2", "tau_a = 0.2 second",
        "weight: k*p_ij", "k = 3.0",
    ]  # fmt: skip


def test_what_is_not_asked_for_stays():
    assert changed_models(POISSON, BCPNN) == PUBLISHED
    changed = changed_models(POISSON, BCPNN, weight=HALVED)
    assert changed["minicolumn"] == POISSON
    assert changed_fields(plain(PUBLISHED), plain(changed)) == [
        ("plasticity", "name", "BCPNN", "BCPNN, changed"), ("plasticity", "weight", BCPNN.weight, HALVED)
    ]  # fmt: skip


def test_the_example_is_a_change():
    models = before_and_after(POISSON, BCPNN, replace=(), weight=None)
    assert models[BEFORE] == PUBLISHED and "- a - s" in models[AFTER]["minicolumn"].equations


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"set": [("tau_a", "fast")]}, "--set tau_a=fast: 'fast' is no value: give a number with its"),
        ({"set": [("tau_a", "200ms")]}, "--set gives tau_a, which no equation names: add it by"),
        ({"replace": [("evidenz", "e")]}, "'evidenz' is in no text of minicolumn model 'Poisson'"),
        ({"bias": BCPNN.bias}, "the change changes nothing: give another by --replace or --add"),
    ],
)
def test_changes_that_are_none(asked, message):
    with pytest.raises(ValueError, match=message):
        before_and_after(POISSON, BCPNN, **asked)
