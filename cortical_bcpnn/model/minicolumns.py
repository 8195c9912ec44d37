"""Models of the minicolumn: their equations as text, and all that goes with them.

A model is handed to a network as it is, ``AssociativeMemory(…, minicolumn=MODEL)``, or with
something changed, ``POISSON.replaced('evidence - s', 'evidence - a - s').added(equations=…)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from brian2 import ms, mV

from . import equations
from .changing import Changeable, Value
from .equations import EMITTED, INPUT, NOISE


@dataclass(frozen=True)
class Step:
    """Statements that run once in every time step.

    Attributes
    ----------
    name : str
        Of what they compute; part of the name of a Brian2 object.
    statements : str
    on : {'minicolumn', 'hypercolumn'}
        What they belong to.
    when, order : str, int
        Place within the time step, as in Brian2: state variables are updated at ('groups', 0),
        the sum over a hypercolumn is taken at ('groups', 4), what is emitted is decided in
        'thresholds'; then come 'synapses', 'resets' and 'end'.
    """

    name: str
    statements: str
    on: Literal["minicolumn", "hypercolumn"] = "minicolumn"
    when: str = "groups"
    order: int = 2


@dataclass(frozen=True)
class MinicolumnModel(Changeable):
    """Equations of a minicolumn and of its hypercolumn.

    The network provides, by name: ``evidence`` (the sum of g (b + I) over its projections), the
    stimulus ``x`` with ``log_stimulus`` and ``clamped``, ``spike_count``, and the constants
    ``tau_m``, ``tau_z``, ``f_max`` and ``epsilon``; ``emission_min`` and ``support_noise`` to
    those that name them. The model must define ``z``, without dimensions.

    Attributes
    ----------
    name : str
    source : str
        Where it is published.
    equations : str
        Of one minicolumn; only the model's own.
    threshold, reset : str
        When something is emitted, and what this changes in the minicolumn. The reset adds to z
        and to ``spike_count``.
    parameters : mapping of str to Quantity or float
        Constants that the equations name, beyond those that the network provides.
    hypercolumn : str
        Equations of the hypercolumn. Minicolumns can read its variables by name.
    steps : tuple of Step
        What else runs within a time step, in `Step.order`.
    gathering : str
        What a hypercolumn sums over its minicolumns in every time step, as an equation
        ``NAME_post = VARIABLE_pre : UNIT (summed)`` for a variable of the hypercolumn. Brian2
        lets it name variables of the minicolumn, not expressions that read the hypercolumn.
    on_spike : str
        What an emission of a minicolumn changes in its hypercolumn (``NAME_post += …``).
    emitted : str
        What an emission adds to z; so much times the weight is transmitted.
    input : str
        Equation of what a projection brings, I; its decay is that of z.
    noise : str
        Statement that runs where ``support_noise`` is not 0.
    rest : mapping of str to Quantity, float or str
        State variables that are not 0 at rest; a text names a constant. z rests at epsilon.
    spiking : bool
        Whether what is emitted are spikes, which are whole numbers.
    """

    kind: ClassVar[str] = "minicolumn model"
    name: str
    source: str
    equations: str
    threshold: str
    reset: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    hypercolumn: str = ""
    steps: tuple[Step, ...] = ()
    gathering: str = ""
    on_spike: str = ""
    emitted: str = EMITTED
    input: str = INPUT
    noise: str = NOISE
    rest: Mapping[str, Value | str] = field(default_factory=dict)
    spiking: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        super().__post_init__()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is run in minicolumns."""
        steps = (step.statements for step in self.steps if step.on == "minicolumn")
        return (self.equations, self.threshold, self.reset, self.emitted, self.input, *steps)

    @property
    def hypercolumn_texts(self) -> tuple[str, ...]:
        """All that is run in hypercolumns."""
        steps = (step.statements for step in self.steps if step.on == "hypercolumn")
        return (self.hypercolumn, *steps)


_PAPER = (
    "Ravichandran, Lansner & Herman (2024), Spiking representation learning for associative "
    "memories, Frontiers in Neuroscience 18:1439414, doi:10.3389/fnins.2024.1439414"
)

#: Steps of the softmax within a hypercolumn.
COMPETITION = (
    Step("excess", equations.EXCESS, order=2),
    Step("activation", equations.ACTIVATION, order=3),
    Step("shift", equations.SHIFT, on="hypercolumn", when="end", order=0),
)

#: The published model: softmax within the hypercolumn, Poisson spikes.
POISSON = MinicolumnModel(
    name="Poisson",
    source=_PAPER,
    equations=equations.MINICOLUMN,
    threshold=equations.SPIKE,
    reset=equations.RESET,
    hypercolumn=equations.HYPERCOLUMN,
    steps=COMPETITION,
    gathering=equations.NORMALISATION,
)

#: The published non-spiking control: the expected number of spikes in place of spikes.
RATE = POISSON.changed(
    name="rate",
    equations=equations.MINICOLUMN + equations.EXPECTED_SPIKES,
    threshold=equations.EXPECTATION,
    reset=equations.RESET_EXPECTED,
    emitted=equations.EMITTED_EXPECTED,
    steps=(*COMPETITION, Step("emission", equations.EMISSION, order=5)),
    spiking=False,
)

#: The published model with spike-frequency adaptation.
ADAPTIVE = POISSON.replaced("evidence - s", "evidence - a - s").added(
    name="adaptive",
    source=(
        "Benda & Herz (2003), A universal model for spike-frequency adaptation, Neural "
        "Computation 15:2523-2564, doi:10.1162/089976603322385063; in BCPNN attractor networks: "
        "Lansner, Marklund, Sikström & Nilsson (2013), Reactivation in working memory, PLoS ONE "
        "8:e73776, doi:10.1371/journal.pone.0073776"
    ),
    equations=equations.ADAPTATION,
    reset=equations.ADAPT,
    parameters={"tau_a": 200 * ms, "jump_a": 0.05},
)

#: Leaky integrate-and-fire with escape noise; lateral inhibition in place of the softmax.
LIF = MinicolumnModel(
    name="integrate-and-fire",
    source=(
        "Gerstner, Kistler, Naud & Paninski (2014), Neuronal Dynamics, Cambridge University "
        "Press, chapter 9 (escape noise); Carandini & Heeger (2012), Normalization as a canonical "
        "neural computation, Nature Reviews Neuroscience 13:51-62, doi:10.1038/nrn3136 (the pool)"
    ),
    equations=equations.LIF,
    threshold=equations.SPIKE,
    reset=equations.LIF_RESET,
    parameters={
        "v_rest": -70 * mV,
        "v_threshold": -70 * mV,
        "escape_width": 1 * mV,
        "afterpotential": 0.5 * mV,
        "tau_inhibition": 1.1 * ms,
    },
    hypercolumn=equations.LIF_HYPERCOLUMN,
    steps=(
        Step("escape", equations.ESCAPE),
        Step("inhibition", equations.INHIBIT, on="hypercolumn", when="end", order=0),
    ),
    gathering=equations.ACTIVITY,
    noise=equations.LIF_NOISE,
    rest={"v": "v_rest"},
)

#: The rates of the published model, as regular spikes: no noise of their own.
ACCUMULATING = POISSON.added(
    name="accumulating",
    source=(
        "Jiang, Lu & Sengupta (2024), Stochastic spiking neural networks with first-to-spike coding, "
        "arXiv:2404.17719 (the deterministic neuron: integrate and fire; here of a softmax rate)"
    ),
    equations=equations.PROGRESS,
    reset=equations.RESTART,
    steps=(Step("accumulation", equations.ACCUMULATE, order=5),),
).changed(name="accumulating", threshold=equations.ACCUMULATED)

#: Escape noise of the support alone, without softmax: silent until there is evidence.
ESCAPE = MinicolumnModel(
    name="escape noise",
    source=(
        "Gerstner, Kistler, Naud & Paninski (2014), Neuronal Dynamics, Cambridge University "
        "Press, chapter 9; as the neuron of first-to-spike decoding: Bagheri, Simeone & Rajendran "
        "(2018), Training probabilistic spiking neural networks with first-to-spike decoding, "
        "arXiv:1710.10704"
    ),
    equations=equations.ESCAPE_NOISE,
    threshold=equations.SPIKE,
    reset=equations.RESET,
    parameters={"theta": 0.0, "width": 1.0},
)

#: The rates of `ESCAPE`, as regular spikes.
ACCUMULATING_ESCAPE = ESCAPE.added(
    name="accumulating escape",
    source=ESCAPE.source,
    equations=equations.PROGRESS,
    reset=equations.RESTART,
    steps=ACCUMULATING.steps[-1:],
).changed(name="accumulating escape", threshold=equations.ACCUMULATED)

#: Shipped models by name.
MINICOLUMN_MODELS: dict[str, MinicolumnModel] = {
    model.name: model
    for model in (POISSON, RATE, ADAPTIVE, LIF, ACCUMULATING, ESCAPE, ACCUMULATING_ESCAPE)
}
