"""Recall: cues go through a protocol, and the state is read along the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import numpy as np

from .circuits.composition import at_rest, composition_of
from .circuits.simulation import Simulation, Steps
from .circuits.unheard import unheard
from .data.patterns import Stimuli, minicolumn_activity, unknown_minicolumns
from .model.architecture import Architecture
from .model.parameters import Parameters
from .model.phases import Phase
from .plans import number_of
from .progress import progress_bar
from .recalled import Recall


def read_until(protocol: Sequence[Phase], moment: str | None) -> list[Phase]:
    """The phases of a protocol up to the one that is read as `moment` (None: all).

    Raises
    ------
    ValueError
        If no phase is read, or none under that name.
    """
    names = [phase.read for phase in protocol]
    if not any(names):
        raise ValueError(
            "no phase of the protocol is read: give one of them read='attractor', say."
        )
    if moment is None:
        return list(protocol)
    if moment not in names:
        known = ", ".join(name for name in names if name)
        raise ValueError(f"until is {moment!r}, at which nothing is read: choose from {known}.")
    return list(protocol[: names.index(moment) + 1])


def followed_from(protocol: Sequence[Phase], since: str | None) -> int:
    """Number of the phase of that name, of the first where none is named.

    Raises
    ------
    ValueError
        If there is none.
    """
    names = [phase.name for phase in protocol]
    if since is not None and since not in names:
        known = ", ".join(name for name in names if name)
        raise ValueError(f"since is {since!r}, the name of no phase: choose from {known or 'nothing'}.")
    return 0 if since is None else names.index(since)


def run_recall(
    simulations: Sequence[Simulation],
    architecture: Architecture,
    parameters: Parameters,
    protocol: Sequence[Phase],
    cues: Stimuli,
    populations: Sequence[str],
    over_time: Sequence[str],
    first: int,
    progress: bool,
    watched: bool,
) -> Recall:
    """Take every cue through the protocol, shared out over simulations.

    Each cue starts from rest with random numbers of its own, so that its recall does not
    depend on the other cues nor on the number of simulations. What nothing hears is left out, unless
    simulations are `watched` by objects of the user's.
    """
    number = number_of(cues)
    seeds = np.random.SeedSequence([parameters.seed, _RECALL]).generate_state(number)
    result = _empty_result(
        architecture, parameters, protocol, number, populations, over_time, first
    )
    result.cues, result.protocol, result.parameters = cues, tuple(protocol), parameters
    result.first_followed = first
    waiting = iter(range(number))
    lock = threading.Lock()
    composed = composition_of(architecture, parameters, False)
    asked = [*populations, *over_time]
    skipped = [] if watched else unheard(architecture, composed, protocol, asked)
    names_time = any(of.names_time for of in composed.values())

    def work(simulation: Simulation) -> None:
        state = _State(simulation, architecture, parameters, protocol, skipped)
        n_steps = sum(state.steps)

        def cues_in_turn() -> Iterator[Steps]:
            while True:
                with lock:
                    cue = next(waiting, None)
                if cue is None:
                    return
                simulation.seed(int(seeds[cue]))
                if names_time:
                    simulation.seek(cue * n_steps)
                of_cue = {name: of[cue : cue + 1] for name, of in cues.items()}
                yield from state.recall(of_cue, cue, result, over_time, first)
                with lock:
                    bar.update()

        if names_time:
            simulation.seek(0)  # in runtime mode time is set between runs, and all cues are one
        simulation.drive(cues_in_turn(), n_steps * number)
        state.skip(())

    with progress_bar(total=number, desc="recall", unit="cue", disable=not progress) as bar:
        if len(simulations) == 1:
            work(simulations[0])  # in this thread, which Ctrl-C interrupts
        else:
            _in_threads(work, simulations)
    return result


def _in_threads(work: Callable[[Simulation], None], simulations: Sequence[Simulation]) -> None:
    """Work with each simulation in a thread; when one fails, or on Ctrl-C, all are ended."""
    with ThreadPoolExecutor(len(simulations)) as pool:
        try:
            done, _ = wait([pool.submit(work, s) for s in simulations], return_when=FIRST_EXCEPTION)
            for outcome in done:
                outcome.result()
        except BaseException:
            for simulation in simulations:
                simulation.kill()
            raise


_RECALL = 2  # stream of random numbers, see AssociativeMemory


class _State:
    """State variables of one simulation, by what recall does with them."""

    def __init__(
        self,
        simulation: Simulation,
        architecture: Architecture,
        parameters: Parameters,
        protocol: Sequence[Phase],
        to_skip: Sequence[Collection[str]] = (),
    ) -> None:
        self.simulation = simulation
        self.protocol = protocol
        self.to_skip = to_skip or [()] * len(protocol)
        self.skipped: set[str] = set()  # projections
        self.steps = [parameters.steps(phase.duration) for phase in protocol]
        self.projections = architecture.projections
        self.minicolumns = {p.name: p.minicolumns for p in architecture.populations}
        self.weights: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # and presynaptic minicolumns
        self.silenced: set[str] = set()  # projections
        self.populations = [p.name for p in architecture.populations]
        self.epsilon = parameters.epsilon
        self.at_rest = at_rest(architecture, parameters, False)
        self.at_rest |= {f"{p.post}.I_{p.name}": 0.0 for p in self.projections}
        self.phases = [
            [(f"{name}.clamped", name in phase.clamped) for name in self.populations]
            + [(f"{p.post}.g_{p.name}", phase.gains.get(p.name, 0.0)) for p in self.projections]
            for phase in protocol
        ]

    def recall(
        self, stimuli: Stimuli, cue: int, result: Recall, over_time: Sequence[str], first: int = 0
    ) -> Iterator[Steps]:
        """One cue through the protocol, with what it does in row `cue` of the result.

        Time steps are followed from phase number `first` on.
        """
        get, put = self.simulation.get, self.simulation.set
        for name, value in self.at_rest.items():
            put(name, value)
        unknown = {}
        for name, pattern in stimuli.items():
            put(f"{name}.log_stimulus", np.log(minicolumn_activity(pattern)[0] + self.epsilon))
            unknown[name] = unknown_minicolumns(pattern, self.minicolumns[name])[0]
        now = 0
        for number, (phase, settings, steps) in enumerate(zip(self.protocol, self.phases, self.steps)):
            for name, value in settings:
                put(name, value)
            self._silence(unknown, phase.clamped)
            self.skip(self.to_skip[number])
            if over_time and number >= first:
                for _ in range(steps):
                    before = {p: get(f"{p}.spike_count").copy() for p in result.spikes_over_time}
                    yield 1, False
                    for p in result.z_over_time:
                        result.z_over_time[p][cue, now] = get(f"{p}.z")
                    for p, count in before.items():
                        spikes = get(f"{p}.spike_count") - count
                        result.spikes_over_time[p][cue, now] = spikes
                    now += 1
            else:
                yield steps, False
            if phase.read:
                for p, z in result.z[phase.read].items():
                    z[cue] = get(f"{p}.z")
                    result.spike_counts[phase.read][p][cue] = get(f"{p}.spike_count")
        self._silence(unknown, ())

    def skip(self, projections: Collection[str]) -> None:
        """Let these projections transmit nothing, and all others again."""
        for name in self.skipped.symmetric_difference(projections):
            self.simulation.skip(name, name in projections)
        self.skipped = set(projections)

    def _silence(self, unknown_of: Mapping[str, np.ndarray], clamped: Collection[str]) -> None:
        """Let unknown minicolumns of clamped populations transmit nothing, and all others again."""
        for projection in self.projections:
            name = projection.name
            silence = projection.pre in clamped and unknown_of[projection.pre].any()
            if silence == (name in self.silenced):  # which are unknown does not change in a recall
                continue
            if name not in self.weights:
                w, pre = (self.simulation.get(f"{name}.{v}") for v in ("w", "_synaptic_pre"))
                self.weights[name] = np.array(w), np.array(pre)
            weights, sources = self.weights[name]
            unknown = unknown_of[projection.pre] if silence else None
            transmitted = weights if unknown is None else np.where(unknown[sources], 0, weights)
            self.simulation.set(f"{name}.w", transmitted)
            self.silenced = self.silenced | {name} if silence else self.silenced - {name}


def _empty_result(
    architecture: Architecture,
    parameters: Parameters,
    protocol: Sequence[Phase],
    n_cues: int,
    populations: Sequence[str],
    over_time: Sequence[str],
    first: int = 0,
) -> Recall:
    sizes = {p.name: p.size for p in architecture.populations}
    n_steps = [parameters.steps(phase.duration) for phase in protocol]
    times = np.cumsum(n_steps) * float(parameters.dt)
    ends = {phase.read: end for phase, end in zip(protocol, times) if phase.read is not None}
    spiking = {name: parameters.minicolumn_of(name).spiking for name in populations}
    z = dict.fromkeys(populations, np.float32)
    counts = {name: np.int32 if spikes else np.float32 for name, spikes in spiking.items()}
    courses = dict.fromkeys(over_time, np.float32)
    spikes = {name: bool for name in over_time if parameters.minicolumn_of(name).spiking}

    def arrays(types: Mapping[str, type], *steps: int) -> dict[str, np.ndarray]:
        return {name: np.zeros((n_cues, *steps, sizes[name]), of) for name, of in types.items()}

    return Recall(
        z={moment: arrays(z) for moment in ends},
        spike_counts={moment: arrays(counts) for moment in ends},
        elapsed={moment: float(end) for moment, end in ends.items()},
        minicolumns={name: architecture.population(name).minicolumns for name in populations},
        z_over_time=arrays(courses, sum(n_steps[first:])),
        spikes_over_time=arrays(spikes, sum(n_steps[first:])),
    )
