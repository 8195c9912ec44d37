"""Command-line options that protocols share, and what follows from them."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from brian2 import Quantity, ms, second

from cortical_bcpnn import VARIANTS, AssociativeMemory, Parameters
from cortical_bcpnn.datasets import DATASETS, Dataset, load
from cortical_bcpnn.simulation import DEVICES

#: Hidden population, share of the input that a hypercolumn listens to, and epochs.
DIGITS = {"hidden": (30, 30), "fan_in": 24 / 64, "epochs": 10}
PAPER = {"hidden": (30, 100), "fan_in": 78 / 784, "epochs": 1}
LONGEST_TAU_P = 5 * second  # that of the paper


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of data, network and execution to a parser."""
    add = parser.add_argument
    add(
        "--dataset",
        default="digits",
        metavar="NAME",
        help=f"images to learn: {', '.join(DATASETS)} (default: digits)",
    )
    add(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="folder with the four IDX files of the data set, gzipped or not "
        "(default: $CORTICAL_BCPNN_DATA; digits needs none)",
    )
    add(
        "--variant",
        default="spspk-full",
        metavar="NAME",
        help=f"time constants and phases: {', '.join(VARIANTS)} (default: spspk-full)",
    )
    add(
        "--epochs",
        type=whole("epochs"),
        metavar="N",
        help="times that each training image is shown (default: 10 for digits, else 1)",
    )
    add("--seed", type=int, default=0, metavar="N", help="seed of everything random (default: 0)")
    add(
        "--hidden",
        type=_hidden,
        metavar="HxM",
        help="hidden hypercolumns x minicolumns in each (default: 30x30 for digits, else 30x100)",
    )
    add(
        "--fan-in",
        type=whole("fan-in"),
        metavar="N",
        help="input hypercolumns per hidden hypercolumn (default: 24 for digits, else a tenth)",
    )
    add(
        "--tau-p",
        type=_time,
        metavar="TIME",
        help="time constant of the p traces in s, or with a unit: 1.5s, 1500ms "
        "(default: time step x number of training images, at most 5 s)",
    )
    add(
        "--z-min",
        type=_threshold,
        default=Parameters().z_min,
        metavar="Z",
        help="minicolumns whose z trace is above Z learn the pattern, the others the average; "
        "0 is the exact dense rule (default: %(default)s)",
    )
    add(
        "--limit",
        type=whole("limit"),
        metavar="N",
        help="use the first N training images and at most N test images (default: all)",
    )
    add(
        "--limit-train",
        type=whole("limit-train"),
        metavar="N",
        help="use the first N training images (default: all)",
    )
    add(
        "--limit-test",
        type=whole("limit-test"),
        metavar="N",
        help="use the first N test images (default: all)",
    )
    add(
        "--jobs",
        type=whole("jobs"),
        default=_cores(),
        metavar="J",
        help="processes to share recall between (default: number of cores, here %(default)s)",
    )
    add(
        "--device",
        default="cpp_standalone",
        metavar="NAME",
        help=f"Brian2 device: {', '.join(DEVICES)} (default: cpp_standalone)",
    )
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for tables and pictures (default: a new one under results/)",
    )


def load_dataset(options: argparse.Namespace) -> Dataset:
    """The images that the options ask for."""
    dataset = load(options.dataset, options.data_dir)
    n_test = options.limit_test
    if n_test is None and options.limit is not None:
        n_test = min(options.limit, len(dataset.test_images))
    return dataset.limited(options.limit_train or options.limit, n_test)


def make_memory(options: argparse.Namespace, dataset: Dataset) -> AssociativeMemory:
    """The network that the options ask for, before learning."""
    defaults = _defaults(dataset)
    n_inputs = dataset.side**2
    tau_p = options.tau_p
    if tau_p is None:
        tau_p = min(len(dataset.train_images) * ms, LONGEST_TAU_P)
    return AssociativeMemory(
        n_inputs,
        hidden=options.hidden or defaults["hidden"],
        fan_in=options.fan_in or max(1, round(defaults["fan_in"] * n_inputs)),
        variant=options.variant,
        tau_p=tau_p,
        z_min=options.z_min,
        seed=options.seed,
        device=options.device,
    )


def epochs(options: argparse.Namespace, dataset: Dataset) -> int:
    """Number of epochs that the options ask for."""
    return options.epochs or _defaults(dataset)["epochs"]


def output_directory(options: argparse.Namespace, protocol: str) -> Path:
    """An empty folder for the results.

    The default is ``results/PROTOCOL/DATASET_VARIANT_seedN``, with a number behind it where
    that exists. A folder given by ``--out`` must not hold results yet.

    Raises
    ------
    ValueError
        If it holds results or cannot be written to.
    """
    path = options.out
    if path is None:
        name = f"{options.dataset}_{options.variant}_seed{options.seed}"
        path, number = Path("results") / protocol / name, 1
        while path.exists():
            number += 1
            path = path.with_name(f"{name}_{number}")
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"output directory {path} cannot be written ({error.strerror}): give another by --out."
        ) from None
    if (path / "summary.json").exists():
        raise ValueError(f"output directory {path} holds results: give another by --out.")
    return path


def run_protocol(main: Callable[[list[str] | None], None]) -> None:
    """Run a protocol's main; what the user has to mend is said in one line, without traceback."""
    try:
        main(None)
    except (ValueError, TypeError, OSError, MemoryError) as error:
        if os.environ.get("CORTICAL_BCPNN_TRACEBACK"):
            raise
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def whole(name: str) -> Callable[[str], int]:
    """A parser of whole numbers of 1 or more, for argparse."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(
                f"{name} is {text!r}: give a whole number of 1 or more"
            )
        return int(text)

    return parse


def _defaults(dataset: Dataset) -> dict:
    return DIGITS if dataset.name == "digits" else PAPER


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _hidden(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d*)[x×]([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"hidden is {text!r}: give HxM, 30x100 say")
    return int(match[1]), int(match[2])


def _time(text: str) -> Quantity:
    match = re.fullmatch(r"(\d+\.?\d*(?:[eE][-+]?\d+)?)\s*(ms|s)?", text)
    if not match or float(match[1]) <= 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a positive time: give 1.5s or 1500ms, say"
        )
    return float(match[1]) * (ms if match[2] == "ms" else second)


def _threshold(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a threshold: give a number of 0 or more")
    return value
