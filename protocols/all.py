"""Make all figures of the paper and hold its claims against them: the whole gallery.

python -m protocols.all --dataset digits --out DIR
"""

from __future__ import annotations

from cortical_bcpnn.experiments import Results, Setup, experiment
from cortical_bcpnn.experiments.series import passed_on, run_protocols

from .catalogue import FIGURES


@experiment
def all(setup: Setup, results: Results) -> dict:
    """Make all figures of the paper and hold its claims against them: the whole gallery."""
    results.begin()
    given = passed_on(results.arguments)
    seconds = run_protocols([p.name for p in FIGURES], results.path, given, setup.data)
    seconds |= run_protocols(
        ["claims"], results.path, [*given, "--gallery", str(results.path)], setup.data
    )
    return {"seconds": seconds}


if __name__ == "__main__":
    all.main()
