"""Time and memory of the biophysical twin by Brian2 and by NEST, against its size.

python -m protocols.simulator_costs --sizes 9,16
"""

from __future__ import annotations

from cortical_bcpnn.drawing.simulators import draw_cost
from cortical_bcpnn.experiments import Results, ResumableTables, Whole, Wholes, experiment
from cortical_bcpnn.experiments.two_simulators import check_nest, speed
from cortical_bcpnn.provenance import processor


@experiment
def simulator_costs(
    results: Results, *, sizes: Wholes = (9, 16), threads: Wholes = (1, 2), repeats: Whole = 3,
    synapses: Whole = 25_000_000,
) -> dict:  # fmt: skip
    """Time and memory of the biophysical twin by Brian2 and by NEST, against its size.

    NEST has to be installed: pip install cortical_bcpnn[nest].

    Parameters
    ----------
    sizes
        Hypercolumns, and minicolumns of each, separated by commas.
    threads
        Threads of NEST, separated by commas; Brian2 has one.
    repeats
        Measurements of each, of which the median counts.
    synapses
        Plastic synapses at most; larger networks are connected more sparsely.
    """
    if min(sizes) < 3:
        raise ValueError(f"--sizes are {','.join(map(str, sizes))}: give 3 or more.")
    check_nest()
    results.begin()

    costs = ResumableTables(results, [(size,) for size in sizes], "speed")
    for (size,) in costs.missing:
        costs.append((size,), speed(size, size, list(threads), repeats, synapses))
    return {"processor": processor(), "threads": list(threads), "repeats": repeats}


@simulator_costs.figures
def figures(results: Results) -> dict:
    return {"cost": draw_cost(results.table("speed"))}


@simulator_costs.closing_table
def closing_table(results: Results) -> str:
    keys, columns = ["cells", "simulator", "threads"], ["build_s", "wall", "cpu", "memory_mb", "load"]
    columns = ["p_plastic", "plastic_synapses", *columns]
    table = results.table("speed").groupby(keys)[columns].median()
    text = table.to_string(float_format="{:.4g}".format)
    return f"medians; wall and cpu in seconds per second of model time\n{text}"


if __name__ == "__main__":
    simulator_costs.main()
