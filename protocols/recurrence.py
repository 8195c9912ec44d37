"""Why recurrence at gain 1 overrules the cue, and at which gain it does not.

python -m protocols.recurrence --kind spspk --seeds 3
"""

from __future__ import annotations

from brian2 import ms

from cortical_bcpnn.analysis.recurrence import best_gains
from cortical_bcpnn.drawing.recurrence import draw_recurrence
from cortical_bcpnn.experiments import (
    Durations,
    Kind,
    Networks,
    Results,
    ResumableTables,
    Whole,
    Wholes,
    experiment,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.parallel import side_by_side
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES
from cortical_bcpnn.experiments.recalls import parameters_of
from cortical_bcpnn.experiments.varied_gain import (
    GAINS,
    PUBLISHED,
    measure,
    own_networks,
    protocol_at,
    series,
)


@experiment
def recurrence(
    setup: Networks,
    results: Results,
    *,
    kind: Kind = "spspk",
    hypercolumns: Wholes = (5, 10, 20, 30, 60),
    tau_z_grid: Durations = (5 * ms, 20 * ms, 50 * ms),
    no_series: bool = False,
    task_images: Whole = 200,
    readout_images: Whole = READOUT_IMAGES,
) -> dict:
    """Why recurrence at gain 1 overrules the cue, and at which gain it does not.

    The gain is varied, with the cue kept and withdrawn, in networks of several sizes and time
    constants, and held against the gain that follows from the traces.

    Parameters
    ----------
    kind
        Of minicolumns: rate, spk or spspk.
    hypercolumns
        Sizes of HID, separated by commas.
    tau_z_grid
        Time constants of the z trace, separated by commas.
    no_series
        Vary nothing but the gain and the cue.
    task_images
        Test images per task and difficulty.
    readout_images
        Training images for the readout, at most.
    """
    memory = setup.network(f"{kind}-calibrated")
    networks = [*own_networks(memory), *([] if no_series else series(memory, hypercolumns, tau_z_grid))]
    results.begin()

    work = {(network.name, seed): (network, setup, memory.parameters.variant.name, seed,
                                   task_images, readout_images)
            for seed in setup.all_seeds for network in networks}  # fmt: skip
    kept = ResumableTables(results, work, "gains", "supports")
    side_by_side(measure, work, kept, setup.jobs)
    best, supports = best_gains(kept.table("gains")), kept.table("supports")
    results.save_table(best, "best_gains")
    after = supports[supports["time_ms"] == supports["time_ms"].max()]
    return {
        **setup.described(memory),
        "gains": GAINS,
        "best_gains": best.to_dict("records"),
        "recurrent_spread_at_the_end": after["spread"].max(),
    }


@recurrence.figures
def figures(results: Results) -> dict:
    tables = (results.table(name) for name in ("gains", "supports", "best_gains"))
    parameters = parameters_of(results.summary())
    withdrawn = protocol_at(parameters.variant, 1.0, kept=False)
    return {"recurrence": draw_recurrence(*tables, withdrawn, parameters)}


@recurrence.closing_table
def closing_table(results: Results) -> str:
    summary, gains = results.summary(), results.table("gains")
    text = f"{summary['dataset']}, {mean_of(summary)}, accuracy in per cent at the end of recall\n"
    for kept, rows in gains[gains["series"] == PUBLISHED].groupby("cue_kept", sort=False):
        wide = 100 * rows.pivot_table(
            index="gain", columns=["task", "difficulty"], values="attractor", sort=False
        )
        text += f"\ncue {'kept' if kept else 'withdrawn'}\n{wide.to_string(float_format='%.1f')}\n"
    return f"{text}\n{results.table('best_gains').to_string(index=False, float_format='%.3f')}"


if __name__ == "__main__":
    recurrence.main()
