"""A change in the equations, and what it changes: accuracy, firing rates and z over a recall.

Without a change of your own, the support adapts: every spike raises a, which opposes evidence.
python -m protocols.tweak_equations --weight "0.5*log(p_ij*p/(p_i*p_j))"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

from cortical_bcpnn import Parameters
from cortical_bcpnn.analysis.timecourse import firing_rates
from cortical_bcpnn.drawing.tweak import draw_tweak
from cortical_bcpnn.experiments import (
    Assignments,
    Results,
    ResumableTables,
    Setup,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.arguments import Replacements, Statements
from cortical_bcpnn.experiments.cues import at_most, cues_for
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.experiments.recalls import parameters_of, phases_of
from cortical_bcpnn.experiments.tweaking import before_and_after, changed_fields, list_changes
from cortical_bcpnn.model.plain import model_to_plain, protocol_to_plain
from cortical_bcpnn.progress import progress_bar

DIFFICULTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
RATE_IMAGES = 50  # over which firing rates are measured
Expression = Annotated[str, Parameter(allow_leading_hyphen=True)]


@experiment(single=True)
def tweak_equations(
    setup: Setup, results: Results, *,
    model: str | None = None, rule: str | None = None,
    replace: Replacements = (), add: Statements = (), reset: Statements = (), set: Assignments = (),
    threshold: Expression | None = None, weight: Expression | None = None,
    bias: Expression | None = None,
    test_images: Whole = 1000, readout_images: Whole = READOUT_IMAGES,
) -> dict:  # fmt: skip
    """A change in the equations, and what it changes: accuracy, firing rates and z over a recall.

    Parameters
    ----------
    model
        Minicolumn model to change (default: that of --minicolumn, else the published one).
    rule
        Plasticity rule to change (default: that of --plasticity, else BCPNN, the published one).
    replace
        Replace text in the equations and statements of the minicolumn, OLD NEW; can be given again.
    add
        Add an equation to the minicolumn; can be given again.
    reset
        Add a statement to what an emission changes; can be given again.
    set
        Give a parameter its value, tau_a=200ms or jump_a=0.2 say; can be given again.
    threshold
        When something is emitted.
    weight
        Weight in p_ij, p_i, p_j and p.
    bias
        Bias in p_j and p.
    test_images
        Test images per difficulty, at most.
    readout_images
        Training images for the readout, at most.
    """
    if isinstance(setup.minicolumn, Mapping) or isinstance(setup.plasticity, Mapping):
        raise ValueError("minicolumn and plasticity are changed for all: give one model and one rule.")
    base = Parameters(variant=setup.variant, minicolumn=model or setup.minicolumn,
                      plasticity=rule or setup.plasticity or "BCPNN")  # fmt: skip
    models = before_and_after(base.minicolumn, base.plasticity, replace=replace, add=add, reset=reset,
                              set=set, threshold=threshold, weight=weight, bias=bias)  # fmt: skip
    for chosen in models.values():  # what is wrong with a model is said before a folder is made
        setup.network(**chosen)
    results.begin()

    kept = ResumableTables(results, [(m, d) for m in models for d in DIFFICULTIES], "completion")
    traces, rates = {}, {}
    shown = at_most(test_images, setup.data)
    for name, chosen in models.items():
        with setup.learned(**chosen) as memory:
            missing = [difficulty for equations, difficulty in kept.missing if equations == name]
            if missing:
                readout = fit_readout(memory, setup.data, setup.jobs, readout_images)
            for difficulty in progress_bar(missing, desc=name, unit="difficulty"):
                cues = flat(cues_for("completion", shown, difficulty, setup.seed))
                recall = memory.recall(cues, populations=["HID"], jobs=setup.jobs)
                scores = accuracy(readout, recall, shown.test_labels)
                kept.append((name, difficulty),
                            [{"equations": name, "difficulty": difficulty, **scores}])  # fmt: skip
            recall = memory.recall(flat(shown.test_images[:RATE_IMAGES]), populations=["HID"])
            rows = firing_rates(recall).set_index("phase").drop("all").iterrows()
            rates[name] = {moment: {"mean": r["mean_hz"], "max": r["largest_hz"]} for moment, r in rows}
            recall = memory.recall(flat(shown.test_images[:1]), populations=["HID"], over_time=True)
            traces[name] = recall.z_over_time["HID"][0, :, : recall.minicolumns["HID"]]
    results.save_arrays("z", **traces)
    return {
        "parameters": setup.parameters(memory),  # of the changed network
        "phases": protocol_to_plain(memory.recall_protocol()),
        "equations": {name: {kind: model_to_plain(made) for kind, made in chosen.items()}
                      for name, chosen in models.items()},
        "accuracy": kept.table().to_dict("records"),
        "rate_hz": rates,
    }  # fmt: skip


@tweak_equations.figures
def figures(results: Results) -> dict:
    summary, z = results.summary(), results.arrays("z")
    figure = draw_tweak(
        results.table("completion"), summary["rate_hz"], z, phases_of(summary),
        parameters_of(summary).dt, list_changes(*summary["equations"].values()),
    )  # fmt: skip
    return {"tweak": figure}


@tweak_equations.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    lines = [f"{kind}, {field}:\n{old}\n  has become\n{new}\n" for kind, field, old, new
             in changed_fields(*summary["equations"].values())]  # fmt: skip
    table = results.table("completion").pivot(index="difficulty", columns="equations")
    lines += ["accuracy in per cent, completion", (100 * table).to_string(float_format="{:.1f}".format)]
    for name, rates in summary["rate_hz"].items():
        lines.append(f"{name}: HID " + ", ".join(
            f"{moment} {r['mean']:.2f} Hz (at most {r['max']:.0f})" for moment, r in rates.items()
        ))  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    tweak_equations.main()
