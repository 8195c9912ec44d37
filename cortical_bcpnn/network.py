"""The spiking associative memory INP → HID ⟲ → INPRC: learn and recall."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from os import PathLike

from brian2 import Quantity
from numpy.typing import ArrayLike

from .circuits.model_checks import check_models
from .circuits.resources import check_memory
from .circuits.simulation import Simulation, check_device
from .circuits.starting import start_simulations
from .data.patterns import Stimuli
from .engine.circuit import Circuit
from .learned.calibration import calibrated_gain
from .learned.checkpoints import DEFAULT_INTERVAL, Checkpoints, LearningRun, open_checkpoints
from .learned.network import LearnedNetwork
from .learned.storage import save
from .learned.traces import Traces
from .learning import Learner
from .loading import load
from .model.architecture import Architecture
from .model.dynamics import Given
from .model.minicolumns import MinicolumnModel
from .model.paper import associative_memory
from .model.parameters import Parameters
from .model.phases import Phase
from .model.plasticity import PlasticityRule
from .model.protocols import recall_protocol, recurrent_projections
from .plans import number_of, plan_learning, plan_recall
from .recall import Recall, followed_from, read_until, run_recall
from .recall_processes import RecallProcesses
from .values.numbers import check_whole


class AssociativeMemory(LearnedNetwork):
    """The spiking associative memory of Ravichandran, Lansner & Herman (2024).

    Parameters
    ----------
    n_inputs : int
        Number of input hypercolumns, one per pixel.
    hidden : (int, int)
        Hypercolumns and minicolumns per hypercolumn of the hidden population.
    fan_in : int
        INP hypercolumns that each HID hypercolumn listens to.
    feedback_fan_in : int
        HID hypercolumns that each INPRC hypercolumn listens to.
    device : {'cpp_standalone', 'runtime'}
        Compiled C++ program, or Brian2's runtime mode for debugging.
    architecture : Architecture, optional
        Populations and projections, in place of the four arguments before.
    traces : dict of Traces, optional
        Traces and connections of each projection to start from, which are copied; default is the
        random start.
    on_build : callable, optional
        Called with every `Circuit` before it is compiled, to add Brian2 objects (a monitor,
        say) to it. In runtime and in C++ standalone their values can be read as usual, until
        the next recall of something else learned, or until the memory is closed.
    **parameters
        Fields of `Parameters`: variant, tau_p, seed, minicolumn, plasticity, … Models and rules are
        of all, or of some by name: ``minicolumn={"HID": LIF}, plasticity={"recurrent": "covariance"}``.

    Attributes
    ----------
    traces, n_learned, rewiring, connection_history, history, seconds
        What has been learned, see `LearnedNetwork`.

    Examples
    --------
    >>> memory = AssociativeMemory(64, hidden=(30, 30), fan_in=24, seed=1)
    >>> memory.learn(images, epochs=10)
    >>> recall = memory.recall(cues, jobs=2)
    >>> recall.reconstruction
    """

    def __init__(
        self,
        n_inputs: int | None = None,
        hidden: tuple[int, int] = (30, 100),
        fan_in: int = 78,
        feedback_fan_in: int = 5,
        *,
        device: str = "cpp_standalone",
        architecture: Architecture | None = None,
        traces: dict[str, Traces] | None = None,
        on_build: Callable[[Circuit], None] | None = None,
        **parameters,
    ) -> None:
        if architecture is None:
            if n_inputs is None:
                raise ValueError("n_inputs is missing: give the number of pixels of a pattern.")
            architecture = associative_memory(n_inputs, hidden, fan_in, feedback_fan_in)
        given = Parameters(**parameters).fitted(architecture)
        check_models(architecture, given)
        check_memory(architecture, given.precision, plastic=True)
        self.device = check_device(device)
        super().__init__(architecture, given, traces)
        self.on_build = on_build
        self._recall_processes = RecallProcesses()
        self._calibrated: dict[str, tuple[Hashable, float]] = {}  # and the states that gains are of
        self._learning = False

    # --- Learning and recall -------------------------------------------------------------

    def learn(
        self,
        patterns: ArrayLike | Mapping[str, ArrayLike],
        epochs: int = 1,
        *,
        shuffle: bool = False,
        protocol: Sequence[Phase] | None = None,
        projections: Sequence[str] | None = None,
        progress: bool = False,
        on_segment: Callable[[AssociativeMemory], None] | None = None,
        checkpoints: str | PathLike | None = None,
        checkpoint_every: Quantity = DEFAULT_INTERVAL,
        resume: bool = False,
    ) -> AssociativeMemory:
        """Learn patterns.

        Parameters
        ----------
        patterns : array_like or mapping of str to array_like
            Of the first population, shape (n, H): values in [0, 1]; populations that reconstruct it
            are taught the same. Or of populations by name, as in ``{"INP": images, "OUT": labels}``;
            what is given nothing is free. See `data.patterns.check_patterns` for other shapes.
        epochs : int
            How often each pattern is shown.
        shuffle : bool
            Whether each epoch has a random order of its own; default is the given order. With
            τ_p as long as an epoch, a fixed order gives every pattern the same weight.
        protocol : list of Phase, optional
            How a pattern is presented; default is that of the architecture, see `model.protocols`.
        projections : sequence of str, optional
            Those that learn, layer by layer say; default is all. Others transmit what they have
            learned before.
        progress : bool
            Whether to show a progress bar.
        on_segment : callable, optional
            Called with this memory after every rewiring, when its traces are up to date. It may
            recall; Ctrl-C stops it at once.
        checkpoints : path-like, optional
            Folder for checkpoints, from which learning can be resumed, see `Checkpoints`.
        checkpoint_every : Quantity
            Wall time between checkpoints; 0*second is one after every segment.
        resume : bool
            Resume from the newest checkpoint in `checkpoints`, if there is one. The network,
            patterns, epochs, shuffle and protocol must be those it was made with; the result
            is the same, bit by bit, as if learning had never stopped.

        Returns
        -------
        AssociativeMemory
            This one.

        Raises
        ------
        ValueError
            If patterns, epochs, protocol or checkpoints do not fit; nothing has been learned
            then.
        MemoryError
            If the machine has too little memory for the network.
        FloatingPointError
            If a state variable or a trace has left its bounds; the memory is as it was after
            the last segment that was sound.
        RuntimeError
            If this memory is learning already, that is, in `on_segment`.
        KeyboardInterrupt
            On Ctrl-C, after the segment in progress; what was learned so far is kept, in this
            memory and in a checkpoint.
        """
        self._check_not_learning("learn")
        stimuli, run = plan_learning(self, patterns, epochs, shuffle, protocol, projections)
        with open_checkpoints(checkpoints, checkpoint_every, resume) as kept:
            run = kept.begin(self, run, resume)
            if not run.finished:
                self._learn(stimuli, run, kept, progress, on_segment)
        return self

    def plan(
        self,
        patterns: ArrayLike | Mapping[str, ArrayLike],
        epochs: int = 1,
        *,
        shuffle: bool = False,
        protocol: Sequence[Phase] | None = None,
        projections: Sequence[str] | None = None,
    ) -> LearningRun:
        """What `learn` would do with these arguments, checked, with nothing done."""
        return plan_learning(self, patterns, epochs, shuffle, protocol, projections)[1]

    def recall(
        self,
        cues: ArrayLike | Mapping[str, ArrayLike],
        *,
        jobs: int = 1,
        protocol: Sequence[Phase] | None = None,
        until: str | None = None,
        populations: Iterable[str] | None = None,
        over_time: bool | Collection[str] = False,
        since: str | None = None,
        progress: bool = False,
    ) -> Recall:
        """Recall what cues bring to mind. Nothing is learned.

        Parameters
        ----------
        cues : array_like or mapping of str to array_like
            Of the first population, or of populations by name; what is given nothing is free.
            Values in [0, 1]. In the paper's cues 0.5 is unknown: both minicolumns of the pixel
            fire, and speak against whatever is sure of it. NaN is unknown as well: while the
            cue is clamped, minicolumns of the pixel transmit nothing.
        jobs : int
            Processes to share the cues between; the result is the same for any number. 1 where
            `on_build` is set, as Brian2 objects show the values of one process.
        protocol : list of Phase, optional
            How a cue is presented; default is that of the architecture, see `model.protocols`.
        until : str, optional
            Stop after the phase that is read under this name, 'feedforward' say.
        populations : iterable of str, optional
            Populations to return the state of; default is all.
        over_time : bool or collection of str
            Whether to return z and spikes of every time step as well, or of which populations.
        since : str, optional
            Name of the phase with which these time steps begin; default is the first.
        progress : bool
            Whether to show a progress bar.

        Raises
        ------
        ValueError
            If cues, jobs, protocol or names do not fit.
        RuntimeError
            If a process has died.
        KeyboardInterrupt
            On Ctrl-C, at once. After this and any other error the next recall starts afresh.
        """
        check_whole("jobs", jobs)
        if jobs > 1 and self.on_build is not None:
            raise ValueError(
                f"jobs is {jobs} while on_build is set, whose objects show the values of one process "
                "only: give jobs=1, or set on_build to None."
            )
        stimuli, phases = plan_recall(self, cues, protocol)
        phases = read_until(phases, until)
        known = [p.name for p in self.architecture.populations]
        populations = known if populations is None else list(populations)
        followed = populations if over_time is True else list(over_time or ())
        first = followed_from(phases, since)
        for name in [*populations, *followed]:
            if name not in known:
                raise ValueError(f"population {name!r} is unknown: choose from {', '.join(known)}.")
        jobs = 1 if self.device == "runtime" else min(jobs, number_of(stimuli))
        with self._recall_processes.running(self, jobs) as simulations:
            started = time.perf_counter()
            result = run_recall(
                simulations, self.architecture, self.parameters, phases, stimuli,
                populations, followed, first, progress, watched=self.on_build is not None,
            )  # fmt: skip
            self.seconds["recall"] += time.perf_counter() - started
        return result

    def recall_protocol(self, given: Collection[str] | None = None) -> list[Phase]:
        """Phases of recall.

        Where the variant leaves the recurrent gain open, it is that of `calibrated_gain`.

        Parameters
        ----------
        given : collection of str, optional
            Populations that cues are given to; default is the first.

        Raises
        ------
        ValueError
            If the gain is open and nothing has been learned.
        """
        variant, architecture = self.parameters.variant, self.architecture
        given = (architecture.populations[0].name,) if given is None else given
        recurrent = recurrent_projections(architecture, given)
        if architecture.recall or variant.recurrent_gain is not None or not variant.recurs:
            return recall_protocol(architecture, variant, given)
        gains = {name: self._calibrated_gain(name) for name in recurrent}
        return recall_protocol(architecture, variant, given, gains)

    def _calibrated_gain(self, projection: str) -> float:
        state = self.state(projection)
        known = self._calibrated.get(projection)
        if known is None or known[0] != state:
            self._calibrated[projection] = known = state, calibrated_gain(self, projection)
        return known[1]

    # --- Files ---------------------------------------------------------------------------

    def adopt(self, other: LearnedNetwork) -> None:
        self._check_not_learning("adopt")
        super().adopt(other)

    def save(self, path: str | PathLike, *, overwrite: bool = False) -> None:
        """Save what has been learned to an HDF5 file, see `learned.storage`.

        Raises
        ------
        FileExistsError
            If there is such a file and `overwrite` is not set.
        """
        save(self, path, overwrite)

    @classmethod
    def load(
        cls,
        path: str | PathLike,
        *,
        device: str = "cpp_standalone",
        minicolumn: Given[MinicolumnModel | str] = None,
        plasticity: Given[PlasticityRule | str] = None,
    ) -> AssociativeMemory:
        """Load from a file that `save` wrote, or from a checkpoint.

        Parameters
        ----------
        path : path-like
        device : {'cpp_standalone', 'runtime'}
        minicolumn, plasticity : MinicolumnModel, PlasticityRule or mapping of str to them, optional
            Those that the network was made with, where they are not shipped ones: files hold
            their strings to compare, and are never executed. By name of populations and projections
            where these differ.

        Raises
        ------
        ValueError
            If the file is truncated, is not one of ours, or does not fit together, or if it was
            made with another model or rule.
        """
        return load(cls, path, device, minicolumn, plasticity)

    def close(self) -> None:
        """End the processes that recall keeps ready."""
        self._recall_processes.close()

    def __enter__(self) -> AssociativeMemory:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # --- Simulations ---------------------------------------------------------------------

    def _learn(
        self,
        stimuli: Stimuli,
        run: LearningRun,
        checkpoints: Checkpoints,
        progress: bool,
        on_segment: Callable[[AssociativeMemory], None] | None,
    ) -> None:
        simulation = self._start(run.protocol, plastic=True, learned=run.projections)[0]
        self._learning = True
        try:
            Learner(self, simulation, run, checkpoints).learn(stimuli, progress, on_segment)
        finally:
            self._learning = False
            simulation.close()

    def _start(
        self, protocol: Sequence[Phase], plastic: bool, copies: int = 1,
        learned: Sequence[str] | None = None,
    ) -> list[Simulation]:  # fmt: skip
        """Simulations with the parameters set; what starting them takes is noted."""
        started = time.perf_counter()
        simulations, building = start_simulations(
            self.architecture, self.parameters, self.device, protocol, plastic, copies, self.on_build,
            learned,
        )
        self.seconds["build"] += building
        self.seconds["start"] += time.perf_counter() - started - building
        return simulations

    def _recalling(self, jobs: int) -> list[Simulation]:
        """Simulations ready for recall."""
        return self._recall_processes.take(self, jobs)

    def _check_not_learning(self, method: str) -> None:
        if self._learning:
            raise RuntimeError(
                f"{method} was called while this memory learns, from on_segment say: give on_segment "
                "something that only looks, or use another memory."
            )
