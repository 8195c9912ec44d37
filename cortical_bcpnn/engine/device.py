"""C++ standalone whose programs stay alive, so that segments follow each other in them.

Brian2's own standalone device runs a program once, from start to end. Learning needs to look at
the traces every few hundred patterns and move connections; recall needs another cue every few
hundred time steps. `LiveDevice` therefore ends Brian2's generated ``main`` in a loop that takes
requests from Python (``live_process.h``); `process.LiveProcess` is the Python side of that loop.

The statements of the model are Brian2's generated code, unchanged. Only the loops around them are
ours where they can be faster (``templates``): over synapses that are neighbours in memory, over
neurons that are grouped in blocks, and over neurons of which few fire. So are uniform random
numbers (``uniform.h``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import DEFAULT_FUNCTIONS, BrianObject, Clock, Network, NeuronGroup, Synapses
from brian2.core import clocks
from brian2.core.variables import ArrayVariable, DynamicArrayVariable, Variable
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.synapses.synapses import SynapticPathway

from .process import ArrayLayout, LiveProcess, ProcessLayout

_RAND = "_rand(_vectorisation_idx)"
_Choice = tuple[str | None, dict[str, Any]]  # a template, and what it needs
_CLOCKS = getattr(clocks, "BaseClock", Clock)  # since Brian2 2.10 some have no step


def in_blocks(code: str, index_arrays: Mapping, get_array_name) -> tuple[str, int]:
    """Statements for one neuron, fit for the loops of ``templates/blocks.cpp``.

    Parameters
    ----------
    code : str
    index_arrays : mapping of Variable to str
        Arrays of indices, and what their value is within the loop.
    get_array_name : callable

    Returns
    -------
    code : str
        With these values in place of the arrays, and numbers drawn before in place of calls of
        ``rand()``.
    calls : int
        Number of these calls.
    """
    for variable, value in index_arrays.items():
        code = code.replace(f"{get_array_name(variable)}[_idx]", value)
    pieces = code.split(_RAND)
    drawn = (f"_uniform_{call}[_idx - _start]" for call in range(len(pieces) - 1))
    return pieces[0] + "".join(d + p for d, p in zip(drawn, pieces[1:])), len(pieces) - 1


class NetworkCodeObject(CPPStandaloneCodeObject):
    """Code of templates of this package, which extend Brian2's, or of Brian2's own."""

    templater = CPPStandaloneCodeObject.templater.derive(
        "cortical_bcpnn.engine", env_globals={"in_blocks": in_blocks}
    )


DEFAULT_FUNCTIONS["rand"].implementations.add_implementation(
    NetworkCodeObject,
    "static inline double _rand(const int) { return live::uniform().next(); }",
    name="_rand",
)


@dataclass(frozen=True)
class AllPairs:
    """Synapses between all pairs of neurons.

    Attributes
    ----------
    ordered_by : Variable
        Indices of the neurons whose synapses lie together.
    outer, inner : int
        Number of these neurons, and of those opposite.
    """

    ordered_by: Variable
    outer: int
    inner: int


def _all_pairs(synapses: Synapses, generator: Mapping) -> AllPairs | None:
    """What a generator of synapses makes, if that is one synapse of each pair, in order."""
    sizes = {"N_pre": len(synapses.source), "N_post": len(synapses.target)}
    inner = generator["result_index_size"]
    outer = "N_post" if inner == "N_pre" else "N_pre"
    plain = (
        generator["iterator_func"] == "range"
        and generator["iterator_kwds"] == {"low": "0", "high": inner, "step": "1"}
        and generator["element"] == generator["inner_variable"]
        and generator["if_expression"] == "True"
        and not generator["multisynaptic_index"]
        and synapses.source.start == 0
        and synapses.target.start == 0
    )
    side = outer.removeprefix("N")
    ordered_by = synapses.variables[f"_synaptic{side}"]
    return AllPairs(ordered_by, sizes[outer], sizes[inner]) if plain else None


class LiveDevice(CPPStandaloneDevice):
    """A C++ standalone device that serves requests after it has set up the network.

    Once `process` is set, values of the device's variables are those in that process, so
    that monitors and groups can be read as in runtime mode.

    Parameters
    ----------
    indexed : collection of str
        Names of synapses between all pairs whose indices must be kept. Others go without, unless
        `unindexed` says in the end that there is code which reads them.

    Attributes
    ----------
    compiler_flags, linker_flags : str
        With which Brian2 would compile the network, once it has been built.
    """

    def __init__(self, indexed: Collection[str] = ()) -> None:
        super().__init__()
        self._indexed = indexed
        self._all_pairs: dict[str, AllPairs] = {}
        self._reversed: set[str] = set()  # those in the order of the opposite neurons
        self.process: LiveProcess | None = None
        self.layout: ProcessLayout | None = None
        self.compiler_flags = self.linker_flags = ""
        self.headers += ['"uniform.h"', '"pathway_runs.h"']
        self._no_delay: set[Variable] = set()

    # --- Which code is generated ---------------------------------------------------------

    def code_object_class(self, codeobj_class=None, fallback_pref=None):
        return codeobj_class or NetworkCodeObject

    def fill_with_array(self, var: Variable, arr: np.ndarray) -> None:
        super().fill_with_array(var, arr)
        if var.name == "delay" or var.name.endswith("_delay"):  # since Brian2 2.11
            self._no_delay.add(var) if not np.any(arr) else self._no_delay.discard(var)

    def code_object(
        self, owner, name, abstract_code, variables, template_name, variable_indices,
        codeobj_class=None, template_kwds=None, **kwds,
    ):  # fmt: skip
        template_kwds = dict(template_kwds or {})
        choose = {
            "synapses": self._immediate,
            "synapses_push_spikes": self._immediate,
            "stateupdate": self._in_blocks,
            "threshold": self._in_blocks,
            "summed_variable": self._summed_in_blocks,
            "synapses_create_generator": self._create_all_pairs,
        }.get(template_name)
        if choose is not None:
            better, further = choose(owner, template_name, variables, variable_indices, template_kwds)
            template_name = better or template_name
            template_kwds |= further
        return super().code_object(
            owner, name, abstract_code, variables, template_name, variable_indices,
            codeobj_class=codeobj_class, template_kwds=template_kwds, **kwds,
        )  # fmt: skip

    # Each of these gives the name of a template of ours, None to keep Brian2's, and what it needs.

    def _immediate(self, owner, template_name, variables, _, template_kwds) -> _Choice:
        pathway = template_kwds.get("pathway", owner)
        if not self._is_immediate(pathway):
            return None, {}
        pairs = self._all_pairs.get(pathway.synapses.name)
        if pairs and pathway.synapse_sources is not pairs.ordered_by:
            self._reversed.add(pathway.synapses.name)
        indices = (pathway.synapse_sources, pathway.synapse_targets)
        arrays = [
            v for v in variables.values()
            if isinstance(v, DynamicArrayVariable) and not (v.scalar or v in indices)
        ]  # fmt: skip
        return f"immediate_{template_name.removeprefix('synapses_')}", {
            "opposite_neurons": pairs and pairs.inner, "synaptic_arrays": arrays,
        }  # fmt: skip

    def _in_blocks(self, owner, template_name, variables, variable_indices, template_kwds) -> _Choice:
        if not isinstance(owner, NeuronGroup) or template_kwds.get("_uses_refractory"):
            return None, {}
        indices = {variables[n] for n in variable_indices.values() if n in variables}
        blocks = {v: m for v in indices if (m := self._block_length(v)) is not None}
        draws = template_name == "threshold" or "rand" in variables
        if len({*blocks.values()}) > 1 or not (blocks or draws):
            return None, {}
        return f"blocks_{template_name}", {
            "length": next(iter(blocks.values()), 1), "index_arrays": dict.fromkeys(blocks, "_block"),
        }  # fmt: skip

    def _summed_in_blocks(self, owner, template_name, variables, _, template_kwds) -> _Choice:
        pre, post = owner.variables["_synaptic_pre"], template_kwds["_index_var"]
        length = self._block_length(post)
        if "rand" in variables or length is None or self._block_length(pre) != 1:
            return None, {}
        return f"blocks_{template_name}", {
            "length": length,
            "sums": len(self.array_cache[post]) // length,
            "index_arrays": {pre: "_idx", post: "_block"},
        }

    def _create_all_pairs(self, owner, _template_name, _variables, _, template_kwds) -> _Choice:
        pairs = None if owner.name in self._indexed else _all_pairs(owner, template_kwds)
        if pairs is None:
            return None, {}
        self._all_pairs[owner.name] = pairs
        return "all_pairs_create", {}

    def unindexed(self) -> set[str]:
        """Names of synapses between all pairs without indices, which some code would read."""
        found = set()
        for code_object in self.code_objects.values():
            name = getattr(code_object.owner, "synapses", code_object.owner).name
            queued = code_object.template_name in ("synapses", "synapses_push_spikes")
            blocks = ("before_run_cpp_file", "cpp_file", "after_run_cpp_file")
            code = "".join(str(getattr(code_object.code, block, "")) for block in blocks)
            read = rf"_array_{name}__synaptic_(pre|post)(\[|\.)(?!empty|size|0)"
            if queued or re.search(read, code):
                found.add(name)
        return found & self._all_pairs.keys() | self._reversed

    def _is_immediate(self, pathway) -> bool:
        """Whether events of a pathway act in the time step in which they occur."""
        if not isinstance(pathway, SynapticPathway):
            return False
        delay = pathway.variables["delay"]
        return delay.scalar and delay in self._no_delay

    def _block_length(self, variable: Variable) -> int | None:
        """M of an array of indices 0, 0, …, 1, 1, …, M of each; None of any other."""
        values = self.array_cache.get(variable)
        if not isinstance(variable, ArrayVariable) or values is None or not len(values):
            return None
        length = int(np.count_nonzero(values == 0))
        if length == 0 or len(values) % length:
            return None
        return length if np.array_equal(values, np.arange(len(values)) // length) else None

    def generate_makefile(self, writer, compiler, compiler_flags, linker_flags, **_) -> None:
        """Keep what a makefile would say."""
        self.compiler_flags, self.linker_flags = compiler_flags, linker_flags

    # --- The program and its process -----------------------------------------------------

    def get_value(self, var: Variable, access_data: bool = True) -> np.ndarray:
        if self.process is not None and self.layout is not None and _key(var) in self.layout.arrays:
            return self.process.get(_key(var))
        return super().get_value(var, access_data)

    def serve(
        self, network: Network, learning_objects: Collection[BrianObject], clock: Clock
    ) -> ProcessLayout:
        """End the generated ``main`` in the request loop of ``live_process.h``.

        Call once, after ``network.run(0*second)`` has generated the code of the network.
        """
        shared_bytes, arrays, lines = self._fixed_arrays()
        growing = {**self.dynamic_arrays, **self.dynamic_arrays_2d}
        for index, (name, variable) in enumerate(
            sorted(((n, v) for v, n in growing.items()), key=lambda item: item[0])
        ):
            lines.append(f"process.grow({name});")
            rows = variable.size[1] if variable.ndim == 2 else 0
            arrays[_key(variable)] = ArrayLayout(np.dtype(variable.dtype).str, -1, index, rows)
        implied = {
            f"{name}._synaptic_{side}": (pairs.outer, pairs.inner, outer)
            for name, pairs in self._all_pairs.items()
            for side in ("pre", "post")
            for outer in [pairs.ordered_by.name == f"_synaptic_{side}"]
        }
        synapses = sorted(o.name for o in network.objects if isinstance(o, Synapses))
        lines += self._transmissions(network, synapses, learning_objects)
        lines.append(f"process.learning({{{_functions(learning_objects)}}});")
        lines.append(f"process.serve({network.name}, {float(clock.dt)!r});")
        lines.append("_exit(0);  // nothing to write: Python has read what it wanted")
        self.insert_code("main", f"live::Process process(args, {max(shared_bytes, 64)});")
        self.insert_code("main", "\n".join(lines))
        self.headers.append('"live_process.h"')
        numbers = {name: number for number, name in enumerate(synapses)}
        self.layout = ProcessLayout(arrays, max(shared_bytes, 64), numbers, implied)
        return self.layout

    def _fixed_arrays(self) -> tuple[int, dict[str, ArrayLayout], list[str]]:
        """Bytes of all arrays of fixed size, where each lies in them, and lines that share them."""
        lines, arrays, shared_bytes = [], {}, 0
        fixed = [(n, v) for v, n in self.arrays.items() if not isinstance(v, DynamicArrayVariable)]
        for name, variable in sorted(fixed, key=lambda item: item[0]):
            if isinstance(variable.owner, _CLOCKS):
                continue  # clocks hold pointers of their own to these
            dtype = np.dtype(variable.dtype)
            lines.append(f"process.share({name}, _num_{name});")
            arrays[_key(variable)] = ArrayLayout(dtype.str, variable.size, shared_bytes)
            shared_bytes += -(-variable.size * dtype.itemsize // 64) * 64
        return shared_bytes, arrays, lines

    def _transmissions(
        self, network: Network, synapses: Sequence[str], learning_objects: Collection[BrianObject]
    ) -> Iterator[str]:
        """Lines with what prepares synapses when their indices have changed, and what transmits."""
        prepared = {
            code_object.name
            for kind, args in self.main_queue
            if kind == "before_run_code_object"
            for code_object in args
        }
        groups = {o.name: o for o in network.objects if isinstance(o, Synapses)}
        for name in synapses:
            pathways = groups[name]._pathways
            names = {pathway._pushspikes_codeobj.name for pathway in pathways}
            calls = ", ".join(f"_before_run_{n}" for n in sorted(names & prepared))
            transmit = _functions(p for p in pathways if p not in learning_objects)
            yield f"process.synapses({{{calls}}}, {{{transmit}}});"


def _functions(objects: Iterable[BrianObject]) -> str:
    """What objects run in a time step, for C++."""
    return ", ".join(f"_run_{codeobj.name}" for obj in objects for codeobj in obj._code_objects)


def _key(variable: Variable) -> str:
    """Name of a state variable as used here: object and variable."""
    return f"{variable.owner.name}.{variable.name}"
