"""The paper at full length, unattended: learning, its curves, the gallery, the claims, one report.

python -m protocols.paper --dataset mnist --data-dir DIR --seed 1 --seeds 5 --out OUT
"""

from __future__ import annotations

import time
import traceback
from pathlib import Path

from cortical_bcpnn.experiments import (
    Networks,
    PublishedVariants,
    Results,
    Texts,
    Whole,
    experiment,
    one_of,
)
from cortical_bcpnn.experiments.estimate import of_programme
from cortical_bcpnn.experiments.html_report import report_of
from cortical_bcpnn.experiments.presentation_order import ways
from cortical_bcpnn.experiments.results import Finished
from cortical_bcpnn.experiments.series import run_protocols
from cortical_bcpnn.provenance import without_options

from .catalogue import EXPERIMENTS, FIGURES

SHOWS = {p.name: p.shows for p in (*FIGURES, *EXPERIMENTS)}
PARTS = ("learning_curve", *(p.name for p in FIGURES), "claims", "presentation_order")
MAIN = "associative_memory"
EPOCHS = 20
OWN = {"--variants": 1, "--variant": 1, "--readout-images": 1, "--parts": 1, "--second": 1,
       "--second-dir": 1, "--second-epochs": 1, "--estimate": 0}  # fmt: skip
DATA = {"--dataset": 1, "--data-dir": 1}
LEARNING = {"--epochs": 1, "--stages": 0}


@experiment
def paper(
    setup: Networks, results: Results, *,
    variants: PublishedVariants = ("rate-full", "spk-full", "spspk-full"),
    readout_images: Whole | None = None, parts: Texts = PARTS,
    second: str | None = None, second_dir: Path | None = None, second_epochs: Whole = 5,
    estimate: bool = False,
) -> dict:  # fmt: skip
    """The paper at full length, unattended: learning, its curves, the gallery, the claims, one report.

    Networks learn in stages, those of the first seed first, and are measured as they come. Figures and
    claims are of the longest ones; what the order of images is worth comes last, of the first seed.
    Each part has a folder of its own in that of the results, and report.html has them all.

    Parameters
    ----------
    variants
        Variants that learn, separated by commas.
    readout_images
        Training images for the readout of learning curves (default: all).
    parts
        What is made, separated by commas.
    second
        Another data set, on which the main table is made as well.
    second_dir
        Folder with its files.
    second_epochs
        Times that each of its training images is shown.
    estimate
        Say how many hours all will take, and stop there.
    """
    for name in parts:
        one_of("part", PARTS)(name)
    if second is not None:
        Networks(dataset=second, data_dir=second_dir).network(variants[0]).close()
    setup = setup.changed(epochs=setup.epochs or EPOCHS, stages=True)
    if "presentation_order" in parts:
        ways(setup)  # raises
    path, images = results.path, readout_images or len(setup.data.train_images)
    table, text = of_programme(setup, variants, parts, path, images)
    print(text, flush=True)
    if estimate:
        raise Finished
    results.begin()
    results.save_table(table, "estimate")

    began, failed = time.perf_counter(), {}
    shared = without_options(results.arguments, {**OWN, **LEARNING})
    learned = [*shared, "--epochs", str(setup.shown), "--stages"]
    curve = ["--variants", ",".join(variants), "--readout-images", str(images)]
    own = {"learning_curve": curve, "claims": ["--gallery", str(path)],
           "presentation_order": curve}  # fmt: skip
    for name in parts:
        failed |= attempt(name, path, [*learned, *own.get(name, [])], setup)
    if second is not None:
        where = [] if second_dir is None else ["--data-dir", str(second_dir)]
        given = [*without_options(shared, {**DATA, "--seeds": 1}), "--dataset", second, *where]
        failed |= attempt(MAIN, path / "second", [*given, "--epochs", str(second_epochs)], setup)

    folders = {path / name: (name, SHOWS[name]) for name in parts}
    folders[path / "second" / MAIN] = MAIN, f"{SHOWS[MAIN]}, on {second}"
    facts = [f"{setup.data.name}: {len(setup.data.train_images)} images × {setup.shown} epochs",
             f"seeds {', '.join(map(str, setup.all_seeds))}", results.made_by()["command"]]  # fmt: skip
    results.write("report.html", report_of(folders, facts, failed))
    if failed:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failed.items())
        raise ValueError(
            f"not all parts came to their end ({reasons}); report.html has the others: mend that, then "
            f"--resume {path}."
        )
    return {
        "parameters": setup.in_common(variants[0]),
        "variants": list(variants),
        "parts": list(parts),
        "hours_estimated": float(table["hours"].sum()),
        "hours": (time.perf_counter() - began) / 3600,
    }


def attempt(name: str, folder: Path, arguments: list[str], setup: Networks) -> dict[str, str]:
    """Run a protocol; why it failed, by its name, so that the others are made all the same."""
    try:
        run_protocols([name], folder, arguments, setup.data)
    except Exception as error:  # whatever it is: the programme runs for days
        traceback.print_exc()
        return {name: str(error) or type(error).__name__}
    return {}


@paper.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    return (
        f"{len(summary['parts'])} parts in {summary['hours']:.2f} hours, where "
        f"{summary['hours_estimated']:.2f} were estimated: {results.path / 'report.html'}"
    )


if __name__ == "__main__":
    paper.main()
