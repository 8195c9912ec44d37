"""Command-line options that protocols share."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from brian2 import second

from ..circuits.simulation import DEVICES
from ..data.datasets import DATASETS
from ..model.paper import CALIBRATED_VARIANTS, VARIANTS
from ..model.parameters import Parameters
from . import arguments
from .experiment import FREE
from .program import said_in_one_line
from .results import Results, free_folder, read_run_of
from .setup import cores

_MISSING = object()


def add_options(parser: argparse.ArgumentParser, *, variant: bool = True) -> None:
    """Add the options of data, network and execution to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    variant : bool
        Whether there is one variant to choose; protocols that compare variants say False.
    """
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
    if variant:
        add(
            "--variant",
            default="spspk-full",
            metavar="NAME",
            help=f"time constants and phases: {', '.join([*VARIANTS, *CALIBRATED_VARIANTS])} "
            "(default: spspk-full)",
        )
    add(
        "--epochs",
        type=whole("epochs"),
        metavar="N",
        help="times that each training image is shown (default: 10 for digits, else 1)",
    )
    add("--seed", type=int, default=0, metavar="N", help="seed of everything random (default: 0)")
    add(
        "--seeds",
        type=whole("seeds"),
        default=1,
        metavar="N",
        help="number of networks, with seeds from --seed upwards (default: 1)",
    )
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
        type=_for_argparse(arguments.duration),
        metavar="TIME",
        help="time constant of the p traces in s, or with a unit: 1.5s, 1500ms "
        "(default: time step x number of training images, at most 5 s)",
    )
    add(
        "--tau-m",
        type=_for_argparse(arguments.duration),
        metavar="TIME",
        help="time constant of the support, 5ms say (default: that of the variant)",
    )
    add(
        "--tau-z",
        type=_for_argparse(arguments.duration),
        metavar="TIME",
        help="time constant of the z trace, 20ms say (default: that of the variant)",
    )
    add(
        "--f-max",
        type=_for_argparse(arguments.rate),
        metavar="RATE",
        help="largest firing rate in Hz, 100 or 100Hz (default: that of the variant)",
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
        "--emission-min",
        type=_threshold,
        default=Parameters().emission_min,
        metavar="E",
        help="in rate variants, minicolumns that expect no more than E spikes in a time step emit "
        "nothing; 0 is exact (default: %(default)s)",
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
        default=cores(),
        metavar="J",
        help="processes to share recall between (default: number of cores, here %(default)s)",
    )
    add(
        "--device",
        default="cpp_standalone",
        metavar="NAME",
        help=f"Brian2 device: {', '.join(DEVICES)} (default: cpp_standalone)",
    )
    add_output_options(parser)


def add_output_options(parser: argparse.ArgumentParser, *, checkpoints: bool = True) -> None:
    """Add the options that say where results go, and what becomes of those that are there.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    checkpoints : bool
        Whether the time between checkpoints can be chosen.
    """
    add = parser.add_argument
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for tables and pictures (default: a new one under results/)",
    )
    add("--overwrite", action="store_true", help="replace the results that --out holds")
    add(
        "--resume",
        type=Path,
        metavar="DIR",
        help="resume the run in this folder that was stopped; it knows its options",
    )
    if checkpoints:
        add(
            "--checkpoint-every",
            type=_for_argparse(arguments.duration),
            default=60 * second,
            metavar="TIME",
            help="time between checkpoints of a network that learns (default: 60s)",
        )


def parse(
    parser: argparse.ArgumentParser, protocol: str, arguments: Sequence[str] | None,
    free: Sequence[str] = FREE,
) -> argparse.Namespace:  # fmt: skip
    """Options of a run, those of a run that is resumed included.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    protocol : str
    arguments : sequence of str or None
        Default is those of this process.
    free : sequence of str
        Options that may come with `--resume`.

    Raises
    ------
    ValueError
        If `--resume` names no run of this protocol, or comes with options that would change it.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(given)
    options.arguments = given
    if options.resume is None:
        return options
    run = read_run_of(protocol, options.resume)
    names = [action.dest for action in parser._actions if action.option_strings]
    blank = parser.parse_args(given, argparse.Namespace(**dict.fromkeys(names, _MISSING)))
    changed = [n for n in names if getattr(blank, n) is not _MISSING and n not in free]
    if changed:
        raise ValueError(
            f"--resume comes with --{changed[0].replace('_', '-')}: leave it out, the run in "
            f"{options.resume} knows its options."
        )
    options = parser.parse_args([*run["arguments"], *given])
    options.arguments = run["arguments"]
    options.out = options.resume
    return options


def open_results(protocol: str, options: argparse.Namespace) -> Results:
    """The folder that the options ask for."""
    return Results(
        options.out or free_folder(protocol, options),
        protocol,
        options.arguments,
        resume=options.resume is not None,
        overwrite=options.overwrite,
    )


def seeds(options: argparse.Namespace) -> list[int]:
    """Seeds of the networks that the options ask for."""
    return [options.seed + number for number in range(options.seeds)]


def run_protocol(main: Callable[[list[str] | None], None]) -> None:
    """Run a protocol's main; what the user has to mend is said in one line, without traceback."""
    with said_in_one_line():
        main(None)


def whole(name: str) -> Callable[[str], int]:
    """A parser of whole numbers of 1 or more, for argparse."""

    def parse(text: str) -> int:
        try:
            return arguments.whole(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{name} is {text!r}: give a whole number of 1 or more"
            ) from None

    return parse


def several(one: Callable[[str], object]) -> Callable[[str], list]:
    """A parser of values separated by commas, each of which `one` parses, for argparse."""

    def parse(text: str) -> list:
        values = [one(part.strip()) for part in text.split(",")]
        for value in values:
            if values.count(value) > 1:
                raise argparse.ArgumentTypeError(f"{value} is there twice: name it once")
        return values

    return parse


def _hidden(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d*)[x×]([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"hidden is {text!r}: give HxM, 30x100 say")
    return int(match[1]), int(match[2])


def _threshold(text: str) -> float:
    try:
        return arguments.threshold(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a threshold: give a number of 0 or more"
        ) from None


def _for_argparse(parser: Callable[[str], object]) -> Callable[[str], object]:
    """A parser of `arguments`, whose errors argparse shows."""

    def parse(text: str) -> object:
        try:
            return parser(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


duration, rate, task, difficulty, numbers, parse_difficulty = map(
    _for_argparse,
    (arguments.duration, arguments.rate, arguments.task, arguments.difficulty,
     arguments.image_numbers, arguments.difficulty_above_0),
)  # fmt: skip
