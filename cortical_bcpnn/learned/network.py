"""What a network has learned, and ways to look at it. Nothing here simulates."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import deepcopy
from functools import partial

import numpy as np
import pandas as pd

from ..model.architecture import Architecture
from ..model.parameters import Parameters
from .description import html_of, labelled, text_of
from .traces import Traces

_INITIAL = 0  # stream of random numbers: initial traces; learning has 1, recall 2
# What changes as a network learns, beside its traces.
_LEARNED = ("n_learned", "rewiring", "connection_history", "history", "seconds")


class LearnedNetwork:
    """Traces, connections and history of a network.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    traces : dict of Traces, optional
        Traces and connections of each projection, which are copied; default is the random start,
        drawn when it is first asked for.

    Attributes
    ----------
    architecture, parameters
        As given.
    traces : dict of Traces
        Traces and connections of each projection.
    n_learned : int
        Patterns learned so far.
    rewiring : pandas.DataFrame
        One row per rewiring and projection: patterns learned, projection, flips, and the
        summed score of active connections per postsynaptic hypercolumn (mean).
    connection_history : dict of dict of ndarray
        Connections of the rewired projections after 0 patterns and after rewirings 1, 2, 5, 10,
        20, 50, …: ``connection_history[patterns][projection]``, see `Traces`.
    history : list of dict
        One entry per call of `learn`: checksum of the patterns, epochs, protocol, command,
        versions, compiler, commit, times.
    seconds : dict of float
        Wall time spent in 'build' (compilation), 'start' of processes, 'learn', 'rewire' (part
        of learn) and 'recall'.
    """

    def __init__(
        self,
        architecture: Architecture,
        parameters: Parameters,
        traces: dict[str, Traces] | None = None,
    ) -> None:
        self.architecture = architecture
        self.parameters = parameters
        self.n_learned = 0
        self.rewiring = pd.DataFrame(columns=["patterns", "projection", "flips", "score"])
        self.connection_history: dict[int, dict[str, np.ndarray]] = {}
        self._prior_mass = parameters.kappa
        self._draw: Callable | None = partial(_random_start, architecture, parameters)
        if traces is not None:
            self.traces = traces
        self.history: list[dict] = []
        self.seconds = dict.fromkeys(("build", "start", "learn", "rewire", "recall"), 0.0)

    @property
    def traces(self) -> dict[str, Traces]:
        """Traces and connections of each projection; those that are assigned are copied."""
        if self._draw is not None:
            self._put(self._draw())
        return self._traces

    @traces.setter
    def traces(self, traces: dict[str, Traces]) -> None:
        self._check_fit(traces)
        self._put({name: given.copy() for name, given in traces.items()})

    def _check_fit(self, traces: dict[str, Traces]) -> None:
        """Raise a ValueError unless there are traces of this size for every projection."""
        projections = {p.name: p for p in self.architecture.projections}
        if traces.keys() != projections.keys():
            raise ValueError(
                f"traces are of {', '.join(traces) or 'nothing'}: give traces of "
                f"{', '.join(projections)}, by name."
            )
        for name, given in traces.items():
            pre, post = self.architecture.ends(projections[name])
            sizes = {"p_pre": (pre.size,), "p_post": (post.size,),
                     "connections": (post.hypercolumns, projections[name].fan_in)}  # fmt: skip
            for part, size in sizes.items():
                if np.shape(getattr(given, part)) != size:
                    raise ValueError(
                        f"{part} of {name} in traces has shape {np.shape(getattr(given, part))}: "
                        f"give traces of this architecture, {size}."
                    )

    def _put(self, traces: dict[str, Traces]) -> None:
        self._traces, self._draw = traces, None
        if not self.n_learned:
            self._connection_history[0] = self.rewired_connections()

    def take(
        self, traces: dict[str, Traces], patterns: int, rewiring: pd.DataFrame
    ) -> None:
        """Be what learning so many further patterns has come to; nothing is copied."""
        for name, given in traces.items():
            vars(self._traces[name]).update(vars(given))
        self.rewiring = rewiring
        self.n_learned += patterns

    @property
    def is_undrawn(self) -> bool:
        """Whether this is the random start of the seed, of which nobody has seen a number yet."""
        return self._draw is not None

    @property
    def connection_history(self) -> dict[int, dict[str, np.ndarray]]:
        """Connections at earlier times."""
        if self._draw is not None:
            self.traces  # noqa: B018 (drawn, with its connections)
        return self._connection_history

    @connection_history.setter
    def connection_history(self, history: dict[int, dict[str, np.ndarray]]) -> None:
        self._connection_history = history

    def has_learned(self, projection: str) -> bool:
        """Whether traces of a projection have been updated, here or before they were given.

        Until then its weights and biases are 0: the traces of the start are random, and their
        total mass p is that of one pattern, κ.
        """
        name = self.architecture.projection(projection).name
        return self._draw is None and self.traces[name].p > self._prior_mass * (1 + 1e-9)

    def state(self, projection: str) -> Hashable:
        """What weights, biases and connections follow from: equal where these are."""
        rule = self.parameters.rule_of(projection)
        formulas = rule.weight, rule.bias, tuple((n, float(v)) for n, v in rule.parameters.items())
        return self._of(projection).checksum(), self.has_learned(projection), formulas

    def weights(self, projection: str) -> np.ndarray:
        """Weights w_ij of all pairs of minicolumns, shape (N pre, N post); 0 before learning."""
        traces = self._of(projection)
        if not self.has_learned(projection):
            return np.zeros((len(traces.p_pre), len(traces.p_post)), traces.q.dtype)
        return traces.weights(self.parameters.rule_of(projection))

    def biases(self, projection: str) -> np.ndarray:
        """Biases b_j of the postsynaptic minicolumns, shape (N post,); 0 before learning."""
        traces = self._of(projection)
        if not self.has_learned(projection):
            return np.zeros_like(traces.p_post)
        return traces.biases(self.parameters.rule_of(projection))

    def connections(self, projection: str) -> np.ndarray:
        """Which hypercolumns are connected, bool of shape (H pre, H post)."""
        return self._of(projection).mask()

    def table(self, projection: str, of: str = "weights") -> pd.DataFrame:
        """Weights, biases or connections of a projection, with named axes.

        Parameters
        ----------
        projection : str
        of : {'weights', 'biases', 'connections'}

        Returns
        -------
        pandas.DataFrame
            Rows are presynaptic and columns postsynaptic minicolumns (hypercolumns, of connections),
            by hypercolumn and minicolumn within it; of biases the rows are the postsynaptic ones.
            ``table.loc[3]`` is what minicolumns of hypercolumn 3 send.

        Raises
        ------
        ValueError
            If there is no such projection or value.
        """
        return labelled(self, projection, of)

    def __repr__(self) -> str:
        return text_of(self)

    def _repr_html_(self) -> str:
        """For notebooks."""
        return html_of(self)

    def rewired_connections(self) -> dict[str, np.ndarray]:
        """Presynaptic hypercolumns of each rewired projection, see `Traces`."""
        return {
            projection.name: self.traces[projection.name].connections
            for projection in self.architecture.projections
            if projection.rewired
        }

    def receptive_fields(self) -> np.ndarray:
        """What hidden minicolumns prefer to see, as images.

        Returns
        -------
        ndarray, shape (H hidden, M hidden, n_inputs)
            Weight from ON minus weight from OFF; NaN where there is no connection.
        """
        traces = self._of("feedforward")
        if traces.minicolumns[0] != 2:
            raise ValueError("receptive fields are images of ON and OFF minicolumns: INP has none.")
        w = self.weights("feedforward").astype(float)
        difference = w[0::2] - w[1::2]
        hidden = difference.T.reshape(-1, traces.minicolumns[1], len(difference))
        return np.where(traces.mask().T[:, None, :], hidden, np.nan)

    def adopt(self, other: LearnedNetwork) -> None:
        """Take over a copy of all that another network of the same architecture has learned.

        Raises
        ------
        ValueError
            If the architectures differ.
        """
        if other.architecture != self.architecture:
            raise ValueError("other has another architecture: adopt from a network of the same.")
        self.traces = other.traces
        for name in _LEARNED:
            setattr(self, name, deepcopy(getattr(other, name)))

    def _of(self, projection: str) -> Traces:
        return self.traces[self.architecture.projection(projection).name]


def _random_start(
    architecture: Architecture, parameters: Parameters
) -> dict[str, Traces]:
    """Traces and connections before any learning."""
    rng = np.random.default_rng([parameters.seed, _INITIAL])
    return {
        projection.name: Traces.initial(
            architecture, projection, parameters.kappa, parameters.precision, rng
        )
        for projection in architecture.projections
    }
