"""Hold every claim of the paper against what is measured here.

python -m protocols.claims --dataset digits --seeds 3
"""

from __future__ import annotations

from pathlib import Path

from cortical_bcpnn.experiments import Results, Setup, experiment
from cortical_bcpnn.experiments.claims import hold, markdown
from cortical_bcpnn.experiments.series import passed_on, run_protocols

NEEDED = ("raster", "similarity", "rewiring", "time_constants", "tasks", "prototypes")


@experiment
def claims(setup: Setup, results: Results, *, gallery: Path | None = None) -> dict:
    """Hold every claim of the paper against what is measured here.

    Parameters
    ----------
    gallery
        Folder with the results of the protocols that are needed; those that are missing are run
        (default: the output folder).
    """
    results.begin()
    gallery = gallery or results.path
    run_protocols(NEEDED, gallery, passed_on(results.arguments), setup.data)
    table = hold(gallery)
    results.save_table(table, "claims")
    results.write("claims.md", markdown(table).encode())
    return {"claims": table.to_dict("records")}


@claims.closing_table
def closing_table(results: Results) -> str:
    table = results.table("claims")
    rows = [f"  {row.holds:4}{row.claim}: {row.measured} ({row.criterion}; {row.networks} networks)"
            for row in table.itertuples(index=False)]  # fmt: skip
    return "\n".join([
        f"claims of the paper, on {results.summary()['dataset']}", *rows,
        f"{(table['holds'] == 'yes').sum()} of {len(table)} hold",
    ])  # fmt: skip


if __name__ == "__main__":
    claims.main()
