"""A classifier that decides at its first output spike, or by rates: accuracy, latency and cost.

python -m protocols.first_to_spike --seeds 5
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from brian2 import ms

from cortical_bcpnn.analysis.first_spikes import PICOJOULES_PER_ADDITION
from cortical_bcpnn.drawing.first_to_spike import draw_first_to_spike
from cortical_bcpnn.experiments import (
    Difficulties,
    Networks,
    Results,
    ResumableTables,
    Whole,
    argument,
    experiment,
    flat,
    one_of,
    several,
)
from cortical_bcpnn.experiments.arguments import (
    Duration,
    Durations,
    Rates,
    Threshold,
    published,
    threshold,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.cues import at_most
from cortical_bcpnn.experiments.first_spikes import (
    OUTPUTS,
    applies,
    conditions,
    measure,
    phases,
    usual_table,
)
from cortical_bcpnn.experiments.layers import learn_in_turn
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, fit_readout
from cortical_bcpnn.experiments.shipped import network_of
from cortical_bcpnn.progress import progress_bar

Numbers = Annotated[list[float], argument(several(threshold))]
Outputs = Annotated[list[str], argument(several(one_of("output", tuple(OUTPUTS))))]
KINDS = ("multiplicative", "additive")


@experiment
def first_to_spike(
    setup: Networks, results: Results, *,
    variant: Annotated[str, argument(published)] = "spspk-ff",
    outputs: Outputs = ("stochastic", "deterministic", "escape"), images: Whole = 500,
    opened: Duration = 50 * ms, theta: Threshold = 5.0, window: Duration = 100 * ms,
    openings: Durations = (20 * ms, 100 * ms), thetas: Numbers = (0.0, 15.0),
    gains: Numbers = (0.03, 0.1), difficulties: Difficulties = (0.3, 0.6), rates: Rates = (),
    noises: Numbers = (0.3, 1.0),
    noise: Annotated[str, argument(one_of("noise", KINDS))] = "multiplicative",
    readout_images: Whole = READOUT_IMAGES,
) -> dict:  # fmt: skip
    """A classifier that decides at its first output spike, or by rates: accuracy, latency and cost.

    OUT learned the labels by BCPNN. Its minicolumns are stochastic or deterministic and share out
    f_max, so that OUT is held until it is opened; or they have escape noise, and are silent until
    there is evidence. One thing at a time is changed in recall.

    Parameters
    ----------
    variant
        Time constants of the network.
    outputs
        Minicolumns of OUT, separated by commas: stochastic, deterministic, escape, deterministic
        escape.
    images
        Test images, at most.
    opened
        Time from the onset of the cue until OUT is opened.
    theta
        Support, in nats, at which escape noise reaches half of f_max.
    window
        For how long OUT is open.
    openings, thetas
        Others.
    gains
        Output gains beta of the readout, other than 1.
    difficulties
        Of distorted cues.
    rates
        f_max in recall (default: half of that of the variant, and as much as fits a time step).
    noises
        Amounts of weight noise.
    noise
        Its kind: multiplicative (w becomes w (1 + noise)) or additive (in nats).
    readout_images
        Training images for logistic regression, at most.
    """
    architecture, shown = network_of("classifier", setup), at_most(images, setup.data)
    with setup.network(variant, architecture=architecture) as memory:
        f_max, dt = memory.parameters.variant.f_max, memory.parameters.dt
        rates = list(rates) or [f for f in (f_max / 2, 1 / dt) if f * dt <= 1 and f != f_max]
        varied = conditions(
            float(opened / ms), theta, openings=[float(t / ms) for t in openings], thetas=thetas,
            gains=gains, difficulties=difficulties, rates=rates, noises=noises,
        )  # fmt: skip
        for f in rates:  # which may be too high
            replace(memory.parameters, variant=replace(memory.parameters.variant, f_max=f))
        pairs = [(c, out) for c in varied for out in outputs if applies(out, c)]
        for condition, out in pairs:
            phases(memory, out, condition, window)
    results.begin()

    keys = [(seed, *c.key, out) for seed in setup.all_seeds for c, out in pairs]
    kept, by_key = ResumableTables(results, keys, "decisions", "costs"), {c.key: c for c in varied}
    for (seed,), missing in kept.missing_by(1):
        with setup.network(variant, seed=seed, architecture=architecture) as memory:
            learn_in_turn(setup.learn, memory, flat(setup.data.train_images), setup.data.train_labels)
            readout = fit_readout(memory, setup.data, setup.jobs, readout_images)
            for varying, value, out in progress_bar(missing, desc="decide", unit="condition"):
                rows = measure(memory, out, by_key[varying, value], window, shown, readout, seed,
                               kind=noise, jobs=setup.jobs)  # fmt: skip
                kept.append((seed, varying, value, out), *rows)
    return {
        "parameters": setup.parameters(setup.network(variant, architecture=architecture)),
        "variant": variant,
        "opened_ms": float(opened / ms),
        "theta": theta,
        "window_ms": float(window / ms),
        "f_max_hz": float(f_max),
        "noise": noise,
        "sources": {out: OUTPUTS[out].source for out in outputs},
    }


@first_to_spike.figures
def figures(results: Results) -> dict:
    tables = results.table("decisions"), results.table("costs")
    return {"first_to_spike": draw_first_to_spike(*tables, results.summary())}


@first_to_spike.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    table = usual_table(results.table("decisions"), results.table("costs"))
    return (
        f"{summary['variant']} on {summary['dataset']}, {mean_of(summary)}, OUT opened after "
        f"{summary['opened_ms']:g} ms: per cent right, undecided\n(then the largest support decides, or "
        "a draw by rate) and tied; ms from the onset of the cue; synaptic operations,\nnJ at "
        f"{PICOJOULES_PER_ADDITION} pJ each (a conversion, no measurement)\n"
        + table.to_string(float_format="{:.1f}".format, na_rep="")
    )


if __name__ == "__main__":
    first_to_spike.main()
