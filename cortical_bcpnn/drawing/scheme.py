"""Populations and projections of a network, drawn as hypercolumns, minicolumns and arrows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from ..model.architecture import Architecture, Population, Projection
from .style import ATTRACTOR, FEEDFORWARD, MINICOLUMN_COLOURS, NEUTRAL, POPULATION_COLOURS

# Sizes in inches, which are the units of the axes
FRAME, BOX, HEIGHT, SPACE, HEAD, PAD = 1.9, 1.5, 0.32, 0.12, 0.68, 0.14
GAP = 2.35  # between populations side by side
STACK = 1.35  # between populations one above the other, with room for a loop
LABEL = 0.75  # height of what is written about a projection
HYPERCOLUMNS, MINICOLUMNS = 4, 6  # most that are drawn of a population, and of a hypercolumn
_PROJECTION_COLOURS = (FEEDFORWARD, ATTRACTOR, "#CC79A7", "#E69F00", "#56B4E9", "#009E73")


@dataclass
class _Place:
    """Where a population has been drawn: frame, and middle of each hypercolumn by its row."""

    x: float
    top: float
    bottom: float
    rows: list[float] = field(default_factory=list)
    loops: int = 0


def projection_colours(architecture: Architecture) -> dict[str, str]:
    """A colour for each projection."""
    return {
        projection.name: _PROJECTION_COLOURS[number % len(_PROJECTION_COLOURS)]
        for number, projection in enumerate(architecture.projections)
    }


def population_colours(architecture: Architecture) -> dict[str, str]:
    """A colour for each population."""
    names = [population.name for population in architecture.populations]
    known = {name: POPULATION_COLOURS[name] for name in names if name in POPULATION_COLOURS}
    free = [colour for colour in MINICOLUMN_COLOURS if colour not in known.values()]
    others = [name for name in names if name not in known]
    known |= {name: free[number % len(free)] for number, name in enumerate(others)}
    return {name: known[name] for name in names}


def columns(architecture: Architecture) -> dict[str, int]:
    """Column of each population: one to the right of those before it that project to it."""
    column: dict[str, int] = {}
    for population in architecture.populations:
        before = [column[projection.pre] for projection in architecture.projections
                  if projection.post == population.name and projection.pre in column]  # fmt: skip
        column[population.name] = max(before) + 1 if before else 0
    return column


def draw_scheme(ax: Axes, architecture: Architecture) -> tuple[float, float, float, float]:
    """Draw populations from left to right, and the projections between them.

    Connections of example hypercolumns are drawn one by one between neighbouring populations;
    solid lines transmit, dashed ones are silent. All other projections are one arrow each.

    Returns
    -------
    (float, float, float, float)
        Left, right, lowest and highest point, in inches.
    """
    column = columns(architecture)
    colours = population_colours(architecture)
    places = {}
    for number in range(max(column.values()) + 1):
        members = [p for p in architecture.populations if column[p.name] == number]
        y = (sum(map(_frame_height, members)) + STACK * (len(members) - 1)) / 2
        for population in members:
            place = _Place(number * (FRAME + GAP), y, y - _frame_height(population))
            _draw_population(ax, population, place, colours[population.name])
            places[population.name] = place
            y = place.bottom - STACK
    left, right, low, high = _draw_projections(ax, architecture, column, places)
    _draw_key(ax, (left + right) / 2, low - 0.25)
    return left, right, low - 0.4, high


def label(architecture: Architecture, projection: Projection) -> str:
    """What a projection is, in three lines."""
    pre, post = architecture.ends(projection)
    every = pre.size * post.size
    connected = projection.fan_in * pre.minicolumns * post.size
    kind = "rewired" if projection.rewired else "not rewired"
    learner = getattr(projection, projection.conditioning)
    share = f"{connected:,} of {every:,}" if connected < every else f"all {every:,}"
    return (
        f"fan-in {projection.fan_in:,} of {pre.hypercolumns:,}, {kind}\n"
        f"{share} pairs connected\n"
        f"learned by active {learner} ({projection.conditioning})"
    )


def _shown(number: int, most: int) -> list[int | None]:
    """Which of a number of things are drawn: the first and the last, with a gap (None) between."""
    if number <= most:
        return list(range(number))
    return [*range(most - 1), None, number - 1]


def _frame_height(population: Population) -> float:
    return HEAD + PAD + sum(_row_height(row) + SPACE for row in _rows(population)) - SPACE


def _rows(population: Population) -> list[int | None]:
    return _shown(population.hypercolumns, HYPERCOLUMNS)


def _row_height(row: int | None) -> float:
    return HEIGHT * (0.5 if row is None else 1)


def _draw_population(ax: Axes, population: Population, place: _Place, colour: str) -> None:
    """A frame with a title, hypercolumns as boxes in it, and minicolumns as circles in these."""
    ax.add_patch(_rounded(place.x, (place.top + place.bottom) / 2, FRAME,
                          place.top - place.bottom, fc="0.97", ec=colour, lw=1.4))  # fmt: skip
    text = {"ha": "center", "va": "center", "zorder": 6}
    ax.text(place.x, place.top - 0.17, population.name, color=colour, weight="bold", fontsize=11,
            **text)  # fmt: skip
    units = (f"{_count(population.hypercolumns, 'hypercolumn')}\n"
             f"of {_count(population.minicolumns, 'minicolumn')}")  # fmt: skip
    ax.text(place.x, place.top - 0.43, units, fontsize=8, **text)
    shown = _shown(population.minicolumns, MINICOLUMNS)
    step = BOX / (len(shown) + 0.3)
    xs = place.x + (np.arange(len(shown)) - (len(shown) - 1) / 2) * step
    radius = min(0.1, 0.42 * step)
    y = place.top - HEAD
    for number, row in enumerate(_rows(population)):
        y -= _row_height(row) / 2
        if row is None:
            ax.text(place.x, y, "⋮", fontsize=11, **text)
        else:
            place.rows.append(y)
            ax.add_patch(_rounded(place.x, y, BOX, HEIGHT, fc="white", ec="0.35", lw=0.8, zorder=3))
            drawn = [i for i, minicolumn in enumerate(shown) if minicolumn is not None]
            active = drawn[(2 * number + number // 2) % len(drawn)]  # any one of them
            for i, x in enumerate(xs):
                if shown[i] is None:
                    ax.text(x, y, "…", fontsize=9, **text)
                    continue
                face = colour if i == active else "white"
                ax.add_patch(Circle((x, y), radius, fc=face, ec=colour, lw=0.9, zorder=4))
                if population.minicolumns == 2:
                    ax.text(x + (radius + 0.05) * (-1 if i == 0 else 1), y, ("ON", "OFF")[i],
                            fontsize=7, va="center", ha=("right", "left")[i], zorder=5)  # fmt: skip
        y -= _row_height(row) / 2 + SPACE


def _draw_projections(
    ax: Axes, architecture: Architecture, column: dict[str, int], places: dict[str, _Place]
) -> tuple[float, float, float, float]:
    colours = projection_colours(architecture)
    tops = [max(places[name].top for name in column if column[name] in (number, number + 1))
            for number in range(max(column.values()) + 1)]  # fmt: skip
    left, right = -FRAME / 2, max(column.values()) * (FRAME + GAP) + FRAME / 2
    low = min(place.bottom for place in places.values())
    high = max(place.top for place in places.values())

    def steps(projection: Projection) -> int:
        return column[projection.post] - column[projection.pre]

    # Arrows over and under everything come last
    for projection in sorted(architecture.projections, key=lambda p: steps(p) not in (0, 1)):
        colour, text = colours[projection.name], label(architecture, projection)
        pre, post = places[projection.pre], places[projection.post]
        middle = (pre.x + post.x) / 2
        if steps(projection) == 1:
            _draw_connections(ax, architecture, projection, pre, post, colour)
            y = tops[column[projection.pre]]
            _write(ax, middle, y - 0.64, projection.name, text, colour)
            tops[column[projection.pre]] += LABEL
            high = max(high, y + 0.05)
        elif projection.pre == projection.post:
            n, pre.loops = pre.loops, pre.loops + 1
            height, end, bend = 0.62 + 0.95 * n, 0.4 + 0.4 * n, 0.95 + 1.1 * n
            corners = [(end, 0), (bend, height), (-bend, height), (-end, 0)]
            _draw_arrow(ax, [(pre.x + x, pre.top + y) for x, y in corners], colour)
            _write(ax, pre.x, pre.top + 0.75 * height + 0.06, projection.name, text, colour)
            high = max(high, pre.top + 0.75 * height + LABEL)
        elif steps(projection) == 0:
            x, ys = pre.x + FRAME / 2, [(place.top + place.bottom) / 2 for place in (pre, post)]
            _draw_arrow(ax, [(x, ys[0]), (x + 0.7, ys[0]), (x + 0.7, ys[1]), (x, ys[1])], colour)
            _write(ax, x + 1.7, sum(ys) / 2 - 0.3, projection.name, text, colour)
            right = max(right, x + 2.8)
        elif steps(projection) > 1:
            high += 0.3
            y = (high - 0.125 * (pre.top + post.top)) / 0.75
            ends = (pre.x, pre.top), (post.x, post.top)
            _draw_arrow(ax, [ends[0], (pre.x, y), (post.x, y), ends[1]], colour)
            _write(ax, middle, high + 0.06, projection.name, text, colour)
            high += LABEL
        else:
            low -= 0.4
            y = (low - 0.125 * (pre.bottom + post.bottom)) / 0.75
            ends = (pre.x, pre.bottom), (post.x, post.bottom)
            _draw_arrow(ax, [ends[0], (pre.x, y), (post.x, y), ends[1]], colour)
            _write(ax, middle, low - LABEL, projection.name, text, colour)
            low -= LABEL
    return left, right, low, high


def _draw_connections(
    ax: Axes, architecture: Architecture, projection: Projection, pre: _Place, post: _Place, colour: str
) -> None:
    """Lines from hypercolumns to hypercolumns; of a sparse projection some are silent."""
    n, full = len(pre.rows), architecture.is_full(projection)
    share = projection.fan_in / architecture.ends(projection)[0].hypercolumns
    connected = n if full else min(n - 1, max(round(share * n), min(projection.fan_in, 2)))
    for row, y in enumerate(post.rows):
        first = row * n // len(post.rows)
        active = {(first + k) % n for k in range(connected)}
        for source, start in enumerate(pre.rows):
            line = FancyArrowPatch(
                (pre.x + BOX / 2, start), (post.x - BOX / 2, y), shrinkA=0, shrinkB=0,
                arrowstyle="-|>", mutation_scale=8, zorder=2 if source in active else 1,
                color=colour if source in active else "0.8", lw=1.1 if source in active else 0.6,
                ls="-" if source in active else (0, (4, 3)),
            )  # fmt: skip
            ax.add_patch(line)


def _draw_key(ax: Axes, x: float, y: float) -> None:
    """What circles and lines stand for, around a point."""
    text = {"fontsize": 8, "va": "center", "color": NEUTRAL}
    ax.add_patch(Circle((x - 3.1, y), 0.08, fc=NEUTRAL, ec=NEUTRAL))
    ax.text(x - 2.95, y, "active minicolumn", **text)
    for start, look, name in (
        (-1.35, {"color": NEUTRAL, "lw": 1.1}, "connected"),
        (0.1, {"color": "0.7", "lw": 0.8, "ls": (0, (4, 3))}, "silent: learns, but does not transmit"),
    ):
        ax.plot([x + start, x + start + 0.4], [y, y], **look)
        ax.text(x + start + 0.48, y, name, **text)


def _draw_arrow(ax: Axes, points: list[tuple[float, float]], colour: str) -> None:
    """An arrow along a Bézier curve of four points."""
    path = Path(points, [Path.MOVETO, *3 * [Path.CURVE4]])
    ax.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=13, color=colour, lw=2,
                                 fill=False, zorder=0.5))  # fmt: skip


def _write(ax: Axes, x: float, y: float, name: str, text: str, colour: str) -> None:
    """Name and description of a projection, above a point."""
    look = {"ha": "center", "va": "bottom", "zorder": 7,
            "bbox": {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 0.5}}  # fmt: skip
    ax.text(x, y, text, fontsize=8, color=NEUTRAL, linespacing=1.15, **look)
    ax.text(x, y + 0.47, name, fontsize=9.5, color=colour, weight="bold", **look)


def _rounded(x: float, y: float, width: float, height: float, **look) -> FancyBboxPatch:
    corner = min(0.1, height / 3)
    return FancyBboxPatch(
        (x - width / 2 + corner, y - height / 2 + corner), width - 2 * corner, height - 2 * corner,
        boxstyle=f"round,pad={corner}", **look,
    )  # fmt: skip


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' if number > 1 else ''}"
