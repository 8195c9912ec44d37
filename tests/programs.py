"""Compiled programs used again, since generating code takes longer than what tests simulate.

Time constants are data: programs differ by architecture, time step, precision, the projections
that transmit, learning, equations and noise only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cortical_bcpnn import network, simulation
from cortical_bcpnn.engine.programs import Program
from cortical_bcpnn.plain import model_to_plain

_PROGRAMS: dict[tuple, Program] = {}


@contextmanager
def reused() -> Iterator[None]:
    """Take programs that were built before, where no hook adds Brian2 objects to them."""
    start, build = network.start_simulations, simulation.build

    def start_reusing(architecture, parameters, device, protocol, plastic, copies=1, on_build=None):
        used = {name for phase in protocol for name, gain in phase.gains.items() if gain}
        equations = [model_to_plain(parameters.minicolumn)]
        if plastic:
            equations.append(model_to_plain(parameters.plasticity))
        key = (architecture, float(parameters.dt), parameters.precision,
               parameters.support_noise > 0, plastic, frozenset(used), str(equations))  # fmt: skip

        def build_once(make_circuit) -> Program:
            if on_build is not None:
                return build(make_circuit)
            if key not in _PROGRAMS:
                _PROGRAMS[key] = build(make_circuit)
            return _PROGRAMS[key]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulation, "build", build_once)
            return start(architecture, parameters, device, protocol, plastic, copies, on_build)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "start_simulations", start_reusing)
        yield
