"""A change in the equations, and what it changes: accuracy, firing rates and z over a recall.

Without a change of your own, the support adapts: every spike raises a, which opposes evidence.
python -m protocols.tweak_equations --help
"""

from __future__ import annotations

import argparse
import re

import numpy as np
import pandas as pd
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory, Parameters
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.data.stimuli import make_cues
from cortical_bcpnn.drawing.tweak import draw_tweak
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import add_options, open_results, parse, run_protocol, whole
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.setup import flat
from cortical_bcpnn.model.expressions import names_in
from cortical_bcpnn.model.minicolumns import MinicolumnModel
from cortical_bcpnn.model.plain import model_to_plain
from cortical_bcpnn.model.plasticity import PlasticityRule
from cortical_bcpnn.values.quantities import parse_quantity

DIFFICULTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
BEFORE, AFTER = "before", "changed"
#: The change that is made where none is asked for.
EXAMPLE = {
    "replace": [["evidence - s", "evidence - a - s"]],
    "add": ["da/dt = -a/tau_a : 1"],
    "reset": ["a += jump_a"],
    "set": [("tau_a", "200ms"), ("jump_a", "0.2")],
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.tweak_equations", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--model", default=None, metavar="NAME",
        help="minicolumn model to change (default: the published one of the variant)")
    add("--rule", default="BCPNN", metavar="NAME",
        help="plasticity rule to change (default: BCPNN, the published one)")
    add("--replace", action="append", nargs=2, metavar=("OLD", "NEW"),
        help="replace text in the equations and statements of the minicolumn; can be given again")
    add("--add", action="append", metavar="EQUATION", help="add an equation to the minicolumn")
    add("--reset", action="append", metavar="STATEMENT", help="add to what an emission changes")
    add("--set", action="append", type=_setting, metavar="NAME=VALUE",
        help="give a parameter its value: tau_a=200ms, jump_a=0.2")
    add("--threshold", metavar="CONDITION", help="when something is emitted")
    add("--weight", metavar="EXPRESSION", help="weight in p_ij, p_i, p_j and p")
    add("--bias", metavar="EXPRESSION", help="bias in p_j and p")
    add("--test-images", type=whole("test-images"), default=1000, metavar="N",
        help="test images per difficulty (default: all, at most 1000)")
    add("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES, metavar="N",
        help=f"training images for the readout (default: all, at most {READOUT_IMAGES})")  # fmt: skip
    options = parse(parser, "tweak_equations", arguments)
    dataset = load_dataset(options)
    models = choose_models(options)
    for chosen in models.values():  # what is wrong with a model is said before a folder is made
        make_memory(options, dataset, **chosen).close()
    with open_results("tweak_equations", options) as results:
        if not results.finished:
            run(models, dataset, options, results)
        _report(results)


def choose_models(options: argparse.Namespace) -> dict[str, dict]:
    """Minicolumn model and plasticity rule, before and after the change.

    Raises
    ------
    ValueError
        If text to replace is not there, or nothing changes.
    """
    base = Parameters(variant=options.variant, minicolumn=options.model, plasticity=options.rule)
    before = {"minicolumn": base.minicolumn, "plasticity": base.plasticity}
    names = ("replace", "add", "reset", "set", "threshold", "weight", "bias")
    asked = {name: getattr(options, name) for name in names if getattr(options, name)}
    after = changed_models(**before, **(asked or EXAMPLE))
    if all(after[name] == before[name] for name in before):
        raise ValueError("the change changes nothing: give another by --replace or --add, say.")
    return {BEFORE: before, AFTER: after}


def changed_models(
    minicolumn: MinicolumnModel, plasticity: PlasticityRule, *,
    replace=(), add=(), reset=(), set=(), threshold=None, weight=None, bias=None,
) -> dict:  # fmt: skip
    """A model and a rule with what the options ask for."""
    values = {name: parse_quantity(value) for name, value in set}
    strings = {"weight": weight, "bias": bias}
    strings = {name: value for name, value in strings.items() if value is not None}
    of_rule = {name for name in values if any(re.search(rf"\b{name}\b", s) for s in strings.values())}
    of_rule |= {name for name in values if name in plasticity.parameters}
    model = minicolumn
    for old, new in replace:
        model = model.replaced(old, new)
    model = model.added(
        name=minicolumn.name,
        equations="\n".join(add),
        reset="; ".join(reset),
        parameters={name: value for name, value in values.items() if name not in of_rule},
    ).changed(name=minicolumn.name, threshold=threshold or minicolumn.threshold)
    rule = plasticity.changed(
        name=plasticity.name,
        parameters={name: values[name] for name in of_rule},
        **strings,
    )
    named = names_in(
        *model.texts, *model.hypercolumn_texts, model.noise, model.on_spike, model.gathering,
        rule.weight, rule.bias, rule.equations, rule.reset,
    )  # fmt: skip
    for name in values:
        if name not in named:
            raise ValueError(
                f"--set gives {name}, which no equation names: add it by --replace or --add."
            )
    if model != minicolumn:
        model = model.changed(name=f"{minicolumn.name}, changed")
    if rule != plasticity:
        rule = rule.changed(name=f"{plasticity.name}, changed")
    return {"minicolumn": model, "plasticity": rule}


def run(
    models: dict[str, dict], dataset: Dataset, options: argparse.Namespace, results: Results
) -> None:
    """Both networks through the same cues; what a stopped run has found is kept."""
    kept = ResumableTables(results, [(m, d) for m in models for d in DIFFICULTIES], "completion")
    traces, rates = {}, {}
    shown = dataset.limited(n_test=min(options.test_images, len(dataset.test_images)))
    for name, chosen in models.items():
        with learned(options, dataset, **chosen) as memory:
            missing = [difficulty for model, difficulty in kept.missing if model == name]
            if missing:
                readout = fit_readout(memory, dataset, options.jobs, options.readout_images)
            for difficulty in tqdm(missing, desc=name, unit="difficulty"):
                images = shown.test_images
                if difficulty:
                    images = make_cues("completion", images, difficulty, options.seed)
                recall = memory.recall(flat(images), populations=["HID"], jobs=options.jobs)
                scores = accuracy(readout, recall, shown.test_labels)
                row = {"equations": name, "difficulty": difficulty, **scores}
                kept.append((name, difficulty), [row])
            rates[name] = measure_rates(memory, shown)
            recall = memory.recall(flat(shown.test_images[:1]), populations=["HID"], over_time=True)
            traces[name] = recall.z_over_time["HID"][0, :, : recall.minicolumns["HID"]]
    table = kept.table()
    protocol = memory.recall_protocol()
    dt, changes = memory.parameters.dt, list_changes(models)
    results.save_figure(draw_tweak(table, rates, traces, protocol, dt, changes), "tweak")
    results.finish({
        **settings(memory, dataset, options),
        "equations": {name: {kind: model_to_plain(model) for kind, model in chosen.items()}
                      for name, chosen in models.items()},
        "accuracy": table.to_dict("records"),
        "rate_hz": rates,
    })  # fmt: skip


def list_changes(models: dict[str, dict]) -> list[str]:
    """What is new after the change: lines of equations, and other attributes with their names."""
    lines = []
    for before, after in zip(models[BEFORE].values(), models[AFTER].values()):
        old, new = (model_to_plain(model) for model in (before, after))
        for field in new:
            if field == "name" or new[field] == old[field]:
                continue
            if isinstance(new[field], str) and "\n" in new[field]:
                known = old[field].splitlines()
                added = (line for line in new[field].splitlines() if line not in known)
                lines += [line.partition("#")[0].strip() for line in added]
            elif isinstance(new[field], dict):
                lines += [f"{k} = {v}" for k, v in new[field].items() if old[field].get(k) != v]
            else:
                lines.append(f"{field}: {new[field]}")
    return lines


def measure_rates(memory: AssociativeMemory, dataset: Dataset) -> dict[str, dict[str, float]]:
    """Mean and largest firing rate of HID at each moment, over the first test images."""
    recall = memory.recall(flat(dataset.test_images[:50]), populations=["HID"])
    rates = {moment: recall.rates("HID", moment) for moment in recall.moments}
    return {m: {"mean": float(np.mean(r)), "max": float(np.max(r))} for m, r in rates.items()}


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} sets nothing: give tau_a=200ms, say")
    try:
        parse_quantity(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    return name.strip(), value


def _report(results: Results) -> None:
    summary = results.summary()
    table = pd.DataFrame(summary["accuracy"]).pivot(index="difficulty", columns="equations")
    before, after = (summary["equations"][name] for name in (BEFORE, AFTER))
    for kind in before:
        for field, value in after[kind].items():
            if value != before[kind][field]:
                print(f"\n{kind}, {field}:\n{before[kind][field]}\n  has become\n{value}")
    print("\naccuracy in per cent, completion")
    print((100 * table).to_string(float_format="{:.1f}".format))
    for name, rates in summary["rate_hz"].items():
        print(f"{name}: HID " + ", ".join(
            f"{moment} {r['mean']:.2f} Hz (at most {r['max']:.0f})" for moment, r in rates.items()
        ))  # fmt: skip
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
