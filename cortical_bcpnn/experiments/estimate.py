"""How long a programme of experiments will take on this machine: a short stretch, times what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..analysis.timecourse import phase_steps
from ..analysis.timing import recall_time
from ..model.paper import kind_of
from .cues import DIFFICULTIES, TASK_IMAGES, conditions
from .folders import has_finished, read_summary, read_table
from .presentation_order import ways
from .readouts import READOUT_IMAGES
from .setup import Networks, flat
from .stages import left_to_learn, stages_upto

PATTERNS = 400  # learned to time them: two stretches between rewirings
GRID = 48  # networks of `time_constants`, on at most so many images where there are more
GRID_IMAGES, GRID_TEST = 2000, 500


class Speed(NamedTuple):
    """Of a variant: wall time per pattern learned and per step recalled, and steps of a recall."""

    pattern_s: float
    step_s: float
    feedforward_steps: int
    all_steps: int


class Piece(NamedTuple):
    """Work that is left: images to learn, and time steps to recall."""

    part: str
    variant: str
    images: int
    steps: int


def measure_speed(setup: Networks, variant: str) -> Speed:
    """Let a new network learn for a short stretch, and recall; the store is left alone."""
    images = flat(setup.data.train_images[:PATTERNS])
    with setup.network(variant) as memory:
        memory.learn(images)
        ends = phase_steps(memory.recall_protocol(), memory.parameters)
        until = [phase.read for phase in memory.recall_protocol()].index("feedforward") + 1
        step_us = recall_time(memory, images[:10], repeats=1)
        return Speed(memory.seconds["learn"] / len(images), 1e-6 * step_us, int(ends[until]),
                     int(ends[-1]))  # fmt: skip


def learning_left(setup: Networks, variants: Sequence[str]) -> list[Piece]:
    """Images that the networks are still to be shown, by what the store has of them."""
    images, pieces = flat(setup.data.train_images), []
    for variant in variants:
        for seed in setup.all_seeds:
            with setup.network(variant, seed=seed) as memory:
                left = left_to_learn(memory, images, setup.stages_of(setup.shown), setup.shuffle)
            pieces.append(Piece("learning", variant, left, 0))
    return pieces


def curve_left(
    setup: Networks, speeds: dict[str, Speed], missing: Iterable[tuple], readout_images: int
) -> list[Piece]:
    """Recall for the points of learning curves that are not there yet; keys start with the variant."""
    test = len(setup.data.test_images)
    return [
        Piece("learning_curve", variant, 0, readout_images * speeds[variant].feedforward_steps
              + test * speeds[variant].all_steps)
        for variant, *_ in missing
    ]  # fmt: skip


def order_left(
    setup: Networks, variants: Sequence[str], speeds: dict[str, Speed], readout_images: int
) -> list[Piece]:
    """Learning and recall of the first seed's networks that see images otherwise; see `ways`."""
    setup = setup.changed(seeds=1)
    shown = list(ways(setup).values())
    pieces = [piece for networks in shown[1:] for piece in learning_left(networks, variants)]
    pieces += curve_left(setup, speeds, [(v,) for v in variants for _ in shown], readout_images)
    return [piece._replace(part="presentation_order") for piece in pieces]


def gallery_left(setup: Networks, speeds: dict[str, Speed], left: Mapping[str, int]) -> list[Piece]:
    """Learning and recall of the protocols of the gallery that take more than a moment.

    Parameters
    ----------
    setup : Networks
    speeds : dict of Speed
    left : mapping of int
        Networks that each protocol is still to be run with.
    """
    data = setup.data
    test, train = len(data.test_images), len(data.train_images)
    few = min(TASK_IMAGES, test)
    pieces = []
    for variant, speed in speeds.items():
        readout = min(READOUT_IMAGES, train) * speed.feedforward_steps
        steps = {"tasks": readout + (test + few * len(conditions(DIFFICULTIES)[1:])) * speed.all_steps}
        if kind_of(variant) == "spspk":  # whose figures they are
            steps |= {"similarity": few * speed.all_steps, "prototypes": test * speed.all_steps}
            shown = min(train, GRID_IMAGES)
            epochs = setup.shown if train <= GRID_IMAGES else 1
            recalled = shown * speed.feedforward_steps + min(test, GRID_TEST) * speed.all_steps
            if left.get("time_constants") == setup.seeds:  # one is enough
                pieces.append(Piece("time_constants", variant, GRID * shown * epochs, GRID * recalled))
        pieces += [Piece(part, variant, 0, left.get(part, 0) * n) for part, n in steps.items()]
    return [piece for piece in pieces if piece.images or piece.steps]


def networks_left(setup: Networks, folder: Path) -> int:
    """Networks that a protocol is still to be run with, by the results in its folder."""
    there = read_summary(folder).get("seeds", []) if has_finished(folder) else []
    return max(0, setup.seeds - len(there))


def hours(pieces: Iterable[Piece], speeds: dict[str, Speed], jobs: int) -> pd.DataFrame:
    """Hours of each part, recall shared between so many processes.

    Returns
    -------
    DataFrame
        Columns part, variant, images, steps and hours.
    """
    table = pd.DataFrame(pieces, columns=list(Piece._fields))
    table = table.groupby(["part", "variant"], sort=False, as_index=False).sum()
    speed = [speeds[variant] for variant in table["variant"]]
    table["hours"] = [
        (row.images * s.pattern_s + row.steps * s.step_s / jobs) / 3600
        for row, s in zip(table.itertuples(), speed)
    ]
    return table


def in_words(table: pd.DataFrame, speeds: dict[str, Speed], jobs: int) -> str:
    """The estimate as text."""
    lines = [f"  {name:11} {1e3 * s.pattern_s:6.1f} ms per image learned, {1e6 * s.step_s:5.0f} us per "
             f"time step recalled" for name, s in speeds.items()]  # fmt: skip
    rows = [f"  {row.part:18} {row.variant:11} {row.images:>10} images, {row.steps:>11} steps: "
            f"{row.hours:7.2f} h" for row in table.itertuples()]  # fmt: skip
    total = table["hours"].sum()
    return "\n".join([
        "measured now, in one process, on this machine as busy as it is:", *lines,
        f"left to do, network by network, recall in {jobs} processes:", *rows,
        f"  in all {total:.2f} hours, and on top fits of readouts, small figures and a second data set",
    ])  # fmt: skip


def of_programme(
    setup: Networks, variants: Sequence[str], parts: Sequence[str], folder: Path, readout_images: int
) -> tuple[pd.DataFrame, str]:
    """What `protocols.paper` has still to do, as a table and as text.

    Parameters
    ----------
    setup : Networks
        With the epochs that networks come to.
    variants, parts : sequence of str
    folder : Path
        Of the results, some of which may be there.
    readout_images : int
        Training images for the readout of learning curves.
    """
    jobs = setup.jobs or 1
    speeds = {variant: measure_speed(setup, variant) for variant in variants}
    left = {part: networks_left(setup, folder / part) for part in parts}
    points = []
    if left.get("learning_curve"):
        points = [(variant, seed, epochs) for variant in variants for seed in setup.all_seeds
                  for epochs in stages_upto(setup.shown)]  # fmt: skip
        if (folder / "learning_curve" / "curve.csv").exists():
            there = read_table(folder / "learning_curve", "curve")[["variant", "seed", "epochs"]]
            known = set(there.itertuples(index=False, name=None))
            points = [point for point in points if point not in known]
    pieces = learning_left(setup, variants) + curve_left(setup, speeds, points, readout_images)
    pieces += gallery_left(setup, speeds, left)
    if left.get("presentation_order") == setup.seeds:  # one is enough
        pieces += order_left(setup, variants, speeds, readout_images)
    table = hours(pieces, speeds, jobs)
    return table, in_words(table, speeds, jobs)
