"""What decides which program a network runs: not the values that are set while it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brian2 import ms

from cortical_bcpnn import Architecture, Population, Projection
from cortical_bcpnn.circuits.circuit import build_circuit
from cortical_bcpnn.circuits.starting import circuit_settings
from cortical_bcpnn.engine import programs
from cortical_bcpnn.model.parameters import Parameters
from cortical_bcpnn.model.plain import compiled_to_plain
from cortical_bcpnn.model.plasticity import BCPNN, LOGARITHMS

SMALL = Architecture(
    (Population("INP", 2, 2), Population("HID", 1, 2)),
    (Projection("feedforward", "INP", "HID", 2, False, "post"),),
)
OTHER = LOGARITHMS.changed(parameters={"theta_1": 0.7, "theta_b": -2.0})


def with_rule(rule, **rules) -> Parameters:
    return replace(Parameters(), plasticity=rule, rules=rules)


def sources(rule, plastic: bool, directory) -> dict[str, str]:
    """All files of a program, by name; nothing is compiled."""
    programs.generate(
        lambda: build_circuit(SMALL, transmitting=["feedforward"], plastic=plastic,
                              **circuit_settings(with_rule(rule))), directory,
    )  # fmt: skip
    return {str(path.relative_to(directory)): path.read_bytes().hex()
            for path in directory.rglob("*") if path.is_file()}  # fmt: skip


@pytest.mark.parametrize("plastic", [True, False])
def test_values_of_a_rule_are_not_in_its_program(plastic, tmp_path):
    made = []
    for number, rule in enumerate((LOGARITHMS, OTHER)):
        (tmp_path / str(number)).mkdir()
        made.append(sources(rule, plastic, tmp_path / str(number)))
    assert made[0] == made[1] and len(made[0]) > 5


def test_rules_that_differ_in_values_alone_are_compiled_once():
    one = compiled_to_plain(with_rule(LOGARITHMS.changed(parameters={"theta_1": 1.5})))
    assert compiled_to_plain(with_rule(OTHER)) == one != compiled_to_plain(with_rule(BCPNN))
    times = [with_rule(LOGARITHMS.changed(parameters={"theta_b": value})) for value in (3 * ms, 4 * ms)]
    first, second = map(compiled_to_plain, times)
    assert first == second != one, "another unit is another program"


def test_of_several_rules_values_tell_which_names_are_shared():
    several = [compiled_to_plain(with_rule(LOGARITHMS, feedforward=rule))
               for rule in (LOGARITHMS, OTHER)]  # fmt: skip
    assert several[0] != several[1]


def test_a_weight_that_is_the_published_one_for_some_values_alone():
    """Kept as log q for these, evaluated for others: two programs."""
    plain = LOGARITHMS.changed(weight="theta_1*log(p_ij*p/(p_i*p_j))")
    kept = plain.changed(logarithmic=True)
    other = plain.changed(parameters={"theta_1": 2.0})
    assert compiled_to_plain(with_rule(kept)) != compiled_to_plain(with_rule(other))
    assert compiled_to_plain(with_rule(plain)) == compiled_to_plain(with_rule(other))
