"""Parameters of the biophysical twin, each with its unit and its source.

Sources
-------
Tully14
    Tully, Hennig & Lansner (2014), doi:10.3389/fnsyn.2014.00008: the rule, with kappa.
Chrysanthidis19
    The code of Chrysanthidis, Fiebig & Lansner (2019), doi:10.1007/s10827-019-00729-1, ModelDB
    257610: the microcircuit of Fiebig & Lansner (2017), doi:10.1523/JNEUROSCI.1989-16.2016. Taken
    where sources differ. Without NMDA.
Bujanowski26
    Parameter files of github.com/FerdinandBujanowski/brian_BCPNN, Brian2 versions of the networks
    of Fiebig, Herman & Lansner (2020), doi:10.1523/ENEURO.0374-19.2020, and of Chrysanthidis,
    Fiebig, Lansner & Herman (2022), doi:10.1523/ENEURO.0062-22.2022, for what Chrysanthidis19 does
    not hold.
here
    Chosen for this network; the text says why.

docs/biophysical.md has the table, and what sources differ in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, Hz, Quantity, get_unit, ms, mV, nS, pA, pF, second

from ..values.numbers import is_number
from ..values.quantities import check_quantity


def _given(value, meaning: str, source: str):
    about = {"default": value, "meaning": meaning, "source": source}
    return field(default_factory=lambda: value, metadata=about)


@dataclass(frozen=True, kw_only=True)
class BiophysicalParameters:
    """Parameters of cells, synapses, plasticity and protocols.

    `table` lists meaning and source of each. All can be changed without compiling anew, apart
    from dt and the delays.
    """

    # Cells
    C_m: Quantity = _given(280 * pF, "membrane capacitance", "Bujanowski26; 281 pF in Chrysanthidis19")
    g_leak: Quantity = _given(14 * nS, "leak conductance", "Chrysanthidis19")
    E_leak: Quantity = _given(-70 * mV, "leak reversal potential", "Chrysanthidis19")
    V_T: Quantity = _given(-55 * mV, "threshold of the exponential", "Chrysanthidis19")
    Delta_T: Quantity = _given(3 * mV, "sharpness of the exponential", "Chrysanthidis19")
    V_spike: Quantity = _given(0 * mV, "peak at which a spike is counted", "Chrysanthidis19")
    V_reset: Quantity = _given(-80 * mV, "reset potential", "Chrysanthidis19")
    t_ref: Quantity = _given(5 * ms, "refractory period", "Chrysanthidis19")
    b_adapt: Quantity = _given(86 * pA, "adaptation per spike, pyramidal cells", "Chrysanthidis19")
    tau_w: Quantity = _given(
        280 * ms, "time constant of adaptation", "Bujanowski26; 500 ms in Chrysanthidis19"
    )
    # Receptors
    E_exc: Quantity = _given(0 * mV, "reversal potential, AMPA and NMDA", "Chrysanthidis19")
    E_inh: Quantity = _given(-75 * mV, "reversal potential, GABA", "Chrysanthidis19")
    tau_ampa: Quantity = _given(5 * ms, "decay of AMPA conductance", "Chrysanthidis19")
    tau_nmda: Quantity = _given(100 * ms, "decay of NMDA conductance", "Chrysanthidis19")
    tau_gaba: Quantity = _given(5 * ms, "decay of GABA conductance", "Chrysanthidis19")
    # Short-term depression
    utilization: float = _given(0.25, "share of transmitter released by a spike", "Chrysanthidis19")
    tau_rec: Quantity = _given(500 * ms, "recovery from depression", "Chrysanthidis19")
    # Conductances
    ampa_gain: Quantity = _given(3.92 * nS, "AMPA conductance per unit of weight", "Chrysanthidis19")
    nmda_gain: Quantity = _given(0.21 * nS, "NMDA conductance per unit of weight", "Bujanowski26")
    bias_gain: Quantity = _given(31.7 * pA, "current per unit of bias", "Chrysanthidis19")
    local_weight: float = _given(
        1.0, "fixed weight inside a minicolumn", "here; learned by BCPNN in Chrysanthidis19"
    )
    basket_conductance: Quantity = _given(
        3.5 * nS, "conductance, pyramidal to basket", "Chrysanthidis19"
    )
    inhibition_conductance: Quantity = _given(
        30 * nS, "conductance, basket to pyramidal", "Chrysanthidis19"
    )
    # Connectivity
    p_plastic: float = _given(
        0.2, "connection probability between minicolumns of two hypercolumns", "Chrysanthidis19"
    )
    p_local: float = _given(0.2, "connection probability inside a minicolumn", "Chrysanthidis19")
    p_pyramidal_basket: float = _given(
        0.7, "connection probability, pyramidal to basket", "Chrysanthidis19"
    )
    p_basket_pyramidal: float = _given(
        0.7, "connection probability, basket to pyramidal", "Chrysanthidis19"
    )
    delay_local: Quantity = _given(1.5 * ms, "delay in a hypercolumn", "Chrysanthidis19")
    delay_plastic: Quantity = _given(4.5 * ms, "delay between hypercolumns", "Chrysanthidis19")
    # Plasticity
    tau_z_fast: Quantity = _given(5 * ms, "z traces of AMPA weights", "Chrysanthidis19")
    tau_z_slow: Quantity = _given(100 * ms, "z traces of NMDA weights", "Bujanowski26")
    tau_p: Quantity = _given(5 * second, "p traces", "Chrysanthidis19")
    f_max: Quantity = _given(20 * Hz, "rate at which z averages 1", "Chrysanthidis19")
    epsilon: float = _given(0.01, "floor of z", "Chrysanthidis19")
    p_start: float = _given(0.05, "p_i and p_j at the start, 1 Hz / f_max", "Chrysanthidis19")
    kappa: float = _given(1.0, "print-now signal while a pattern is shown", "Tully14")
    # Input
    input_conductance: Quantity = _given(1.5 * nS, "per input spike", "Chrysanthidis19")
    background_rate: Quantity = _given(
        500 * Hz,
        "excitatory and inhibitory background, each",
        "here; 750 Hz in Chrysanthidis19, at which learned patterns come up without a cue",
    )
    stimulus_rate: Quantity = _given(
        1200 * Hz,
        "of a stimulated cell",
        "here; 1700 Hz of 2 nS in Chrysanthidis19 drive cells at twice f_max",
    )
    # Protocols
    learning_time: Quantity = _given(
        400 * ms, "a pattern is shown", "here; 250 ms in Chrysanthidis19, for fewer patterns"
    )
    learning_gap: Quantity = _given(
        250 * ms, "pause after each pattern, kappa = 0", "here: adaptation wears off"
    )
    settle_time: Quantity = _given(150 * ms, "from rest to the cue", "here: the background settles")
    cue_time: Quantity = _given(
        50 * ms, "a cue is shown", "here: completion takes less, and adaptation ends it in 150 ms"
    )
    free_time: Quantity = _given(
        75 * ms,
        "from the end of the cue to that of recall",
        "here: before adaptation ends the attractor",
    )
    read_time: Quantity = _given(
        75 * ms,
        "last part of recall, in which winners are read",
        "here: all of free_time, for most spikes",
    )
    dt: Quantity = _given(0.1 * ms, "time step", "Chrysanthidis19")

    def __post_init__(self) -> None:
        for item in fields(self):
            _check(item.name, getattr(self, item.name), item.metadata["default"])
        for name in ("p_plastic", "p_local", "p_pyramidal_basket", "p_basket_pyramidal"):
            self._require(name, getattr(self, name) <= 1, "give a probability of at most 1")
        self._require("utilization", 0 < self.utilization <= 1, "give a share above 0, at most 1")
        for name in ("epsilon", "p_start"):
            self._require(name, 0 < getattr(self, name) < 1, "give a number between 0 and 1")
        for name in ("tau_z_fast", "tau_z_slow"):
            value = getattr(self, name)
            self._require(
                name, max(self.kappa, 1) * value < 0.9 * self.tau_p,
                f"kappa times it must stay well below tau_p = {self.tau_p}",
            )  # fmt: skip
        for name in ("delay_plastic", "delay_local"):
            self._require(
                name, getattr(self, name) < self.t_ref,
                f"give less than t_ref = {self.t_ref}: a cell keeps what its last spike released",
            )  # fmt: skip
        self._require(
            "read_time", self.read_time <= self.free_time,
            f"give at most free_time = {self.free_time}, so that winners are read after the cue",
        )  # fmt: skip
        self._require("V_spike", self.V_spike > self.V_T, f"give more than V_T = {self.V_T}")
        total = (self.background_rate + self.stimulus_rate) * self.dt
        self._require(
            "stimulus_rate", total <= 0.5,
            "with background_rate it must not exceed 0.5/dt, for at most one input a time step",
        )  # fmt: skip

    def steps(self, duration: Quantity) -> int:
        """A duration in time steps."""
        return round(float(duration / self.dt))

    def _require(self, name: str, good: bool, mend: str) -> None:
        if not good:
            raise ValueError(f"{name} is {getattr(self, name)}: {mend}.")

    @classmethod
    def table(cls) -> list[tuple[str, object, str, str]]:
        """Name, default (with its unit), meaning and source of every parameter."""
        return [
            (f.name, f.metadata["default"], f.metadata["meaning"], f.metadata["source"])
            for f in fields(cls)
        ]

    @classmethod
    def markdown(cls) -> str:
        """The table in Markdown."""
        head = ["| parameter | value | meaning | source |", "| --- | --- | --- | --- |"]
        return "\n".join(head + [
            f"| {name} | {_shown(value)} | {meaning} | {source} |"
            for name, value, meaning, source in cls.table()
        ])  # fmt: skip


_MAY_BE_ZERO = {
    "b_adapt", "local_weight", "nmda_gain", "ampa_gain", "bias_gain", "background_rate", "kappa",
    "basket_conductance", "inhibition_conductance", "learning_gap", "settle_time", "p_plastic",
    "p_local", "p_pyramidal_basket", "p_basket_pyramidal",
}  # fmt: skip


_UNITS = (second, ms, mV, pF, nS, pA, Hz)


def _shown(value: Quantity | float) -> str:
    """A value in the unit that it was given in, or without one."""
    if not isinstance(value, Quantity):
        return f"{value:g}"
    fitting = [unit for unit in _UNITS if unit.dim is value.dim]
    unit = next((u for u in fitting if abs(float(value / u)) >= 1), fitting[-1])
    return f"{float(value / unit):g} {unit!s}".replace("-", "−")


def _check(name: str, value: Any, default: Any) -> None:
    """Raise unless a parameter is of the kind of its default, finite and of the right sign."""
    if not isinstance(default, Quantity):
        if not is_number(value) or value < 0 or (value == 0 and name not in _MAY_BE_ZERO):
            raise ValueError(f"{name} is {value!r}: give a positive number, for example {default}.")
        return
    if default.dim is (1 * mV).dim:
        if not isinstance(value, Quantity) or value.dim is not default.dim:
            raise TypeError(f"{name} is {value!r}: give a potential, for example {default}.")
        if value.shape != () or not np.isfinite(float(value)):
            raise ValueError(f"{name} is {value}: give one finite potential, for example {default}.")
        return
    zero = isinstance(value, Quantity) and value.shape == () and float(value) == 0
    if zero and name in _MAY_BE_ZERO and value.dim is default.dim:
        return
    if isinstance(value, Quantity) and value.dim is not default.dim:
        raise DimensionMismatchError(
            f"{name} is {value}, in the wrong units: give a quantity, for example {default};", value.dim
        )
    check_quantity(name, value, second if default.dim is second.dim else get_unit(default.dim))
