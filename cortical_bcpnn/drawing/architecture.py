"""The network, its protocols and its equations in one drawing."""

from __future__ import annotations

from collections.abc import Sequence

from brian2 import Hz, ms, second
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..model.architecture import Architecture
from ..model.parameters import Parameters
from ..model.phases import Phase
from .phases import name_phases, phase_edges, shade_phases
from .scheme import draw_scheme, population_colours, projection_colours
from .style import new_figure, styled

_MARGIN, _ROW, _LABELS = 0.25, 0.24, 1.4  # in inches


@styled
def draw_architecture(
    architecture: Architecture,
    parameters: Parameters,
    learning: Sequence[Phase],
    recall: Sequence[Phase],
) -> Figure:
    """Populations and projections; phases of learning and recall; equations.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    learning, recall : sequence of Phase
        How a pattern is learned, and recalled.
    """
    figure = new_figure()
    scheme = figure.add_axes((0, 0, 1, 1))
    left, right, low, high = draw_scheme(scheme, architecture)
    width = max(right - left + 2 * _MARGIN, 9.5)
    names = _rows(architecture, learning, recall)
    heights = {"scheme": high - low + 0.15, "phases": _ROW * len(names) + 1.6, "equations": 1.75}
    total = sum(heights.values())
    figure.set_size_inches(width, total)

    def place(x: float, bottom: float, wide: float, high: float) -> tuple[float, ...]:
        return x / width, bottom / total, wide / width, high / total

    bottom = total - heights["scheme"]
    scheme.set_position(place(0, bottom, width, heights["scheme"]))
    middle = (left + right) / 2
    scheme.set(xlim=(middle - width / 2, middle + width / 2), ylim=(low - 0.1, high + 0.05))
    scheme.axis("off")

    bottom -= heights["phases"]
    lengths = [phase_edges(protocol, parameters)[-1] for protocol in (learning, recall)]
    room = width - _LABELS - 2 * _MARGIN - 0.35
    share = min(max(lengths[0] / sum(lengths), 0.22), 0.6)  # a short one stays legible
    axes = [
        figure.add_axes(place(x, bottom + 0.8, room * part, _ROW * len(names)))
        for x, part in ((_MARGIN + _LABELS, share), (width - _MARGIN - room * (1 - share), 1 - share))
    ]
    titles = ("learning a pattern", "recalling a cue")
    for ax, title, protocol in zip(axes, titles, (learning, recall)):
        _draw_phases(ax, protocol, parameters, names)
        name_phases(ax, protocol, parameters, ax.get_position().width * width)
        ax.set_title(title, loc="left", pad=28, weight="bold", fontsize=9.5)
    _mark_learning(axes[0], architecture, names, parameters)
    _mark_reading(axes[1], recall, parameters)
    axes[0].set_yticks(range(len(names)), [text for text, _ in names.values()], fontsize=8)
    for tick, (_, colour) in zip(axes[0].get_yticklabels(), names.values()):
        tick.set_color(colour)
    axes[1].set_yticks([])

    equations = figure.add_axes(place(_MARGIN, 0.05, width - 2 * _MARGIN, heights["equations"]))
    equations.axis("off")
    _write_equations(equations, parameters)
    for letter, y in (("A", total - 0.05), ("B", heights["equations"] + heights["phases"] - 0.12),
                      ("C", heights["equations"])):  # fmt: skip
        figure.text(0.1 / width, y / total, letter, fontsize=13, weight="bold", va="top")
    return figure


def _rows(
    architecture: Architecture, learning: Sequence[Phase], recall: Sequence[Phase]
) -> dict[tuple[str, str], tuple[str, str]]:
    """What is drawn over time, (kind, name): populations ever clamped, and all projections."""
    clamped = {name for phase in (*learning, *recall) for name in phase.clamped}
    populations, projections = population_colours(architecture), projection_colours(architecture)
    rows = {("clamped", name): (f"{name} clamped", colour)
            for name, colour in populations.items() if name in clamped}  # fmt: skip
    rows |= {("on", name): (f"{name} on", colour) for name, colour in projections.items()}
    return rows


def _draw_phases(ax: Axes, protocol: Sequence[Phase], parameters: Parameters, rows) -> None:
    """Bars while populations are clamped and projections are on, phases shaded."""
    edges = phase_edges(protocol, parameters)
    for phase, left, right in zip(protocol, edges, edges[1:]):
        for y, ((kind, name), (_, colour)) in enumerate(rows.items()):
            value = name in phase.clamped if kind == "clamped" else phase.gains.get(name, 0.0)
            if not value:
                continue
            ax.barh(y, right - left, left=left, height=0.62, color=colour, lw=0)
            if value != 1:
                ax.text((left + right) / 2, y, f"{value:g}", color="white", fontsize=7.5,
                        ha="center", va="center", weight="bold")  # fmt: skip
    shade_phases(ax, protocol, parameters)
    for edge in edges[1:-1]:
        ax.axvline(edge, color="0.6", lw=0.6, zorder=0)
    ax.set(xlim=(0, edges[-1]), ylim=(len(rows) - 0.5, -0.5), xticks=edges)
    ax.set_xlabel("time (ms)")
    ax.tick_params(axis="y", length=0)


def _mark_learning(ax: Axes, architecture: Architecture, rows, parameters: Parameters) -> None:
    """Triangles where traces learn: those of all projections, at the end of a pattern."""
    end = ax.get_xlim()[1]
    ys = [y for y, (kind, _) in enumerate(rows) if kind == "on"]
    ax.plot([end] * len(ys), ys, ls="", marker="<", ms=7, color="black", clip_on=False, zorder=5)
    rewiring = ""
    if parameters.rewire_every and any(p.rewired for p in architecture.projections):
        rewiring = f"; rewiring every {parameters.rewire_every} patterns"
    _note(ax, f"◂ all traces learn{rewiring}", "left")


def _mark_reading(ax: Axes, protocol: Sequence[Phase], parameters: Parameters) -> None:
    """Triangles where the state is read."""
    ends = phase_edges(protocol, parameters)[1:]
    read = {phase.read: end for phase, end in zip(protocol, ends) if phase.read}
    if read:
        ax.plot(list(read.values()), [ax.get_ylim()[1]] * len(read), ls="", marker=7, ms=7,
                color="black", clip_on=False, zorder=5)  # fmt: skip
        _note(ax, f"▾ the state is read ({', '.join(read)})", "right")


def _note(ax: Axes, text: str, side: str) -> None:
    """A line under an axis."""
    ax.annotate(text, (0 if side == "left" else 1, 0), (0, -34), xycoords="axes fraction", ha=side,
                textcoords="offset points", fontsize=8, va="top")  # fmt: skip


def _write_equations(ax: Axes, parameters: Parameters) -> None:
    """The model of section 2 of the paper, with the values of the parameters."""
    variant = parameters.variant
    spiking = variant.spiking
    drive = r"\frac{1-\epsilon}{f_{max}}\,\sum_{spikes}\delta(t-t_j)"
    if not spiking:
        drive = r"(1-\epsilon)\,\frac{r_j}{f_{max}}"
    minicolumn = [
        r"$\tau_m\,\dot{s}_j = -s_j + x_j + \sum_{prj} g_{prj}\,(b_j + \sum_i w_{ij}\,z_i)$",
        r"$r_j = f_{max}\,e^{s_j}\,/\,\sum_{k\in h} e^{s_k}$"
        + (r",$\quad$P(spike in $dt$) $= r_j\,dt$" if spiking else ""),
        rf"$\tau_z\,\dot{{z}}_j = \epsilon - z_j + {drive}$",
        r"$x_j = \log(v_j + \epsilon)$ where clamped, else 0",
    ]
    learning = [
        r"$\tau_p\,\dot{p} = 1 - p$",
        r"$\tau_p\,\dot{p}_i = z_i - p_i, \quad \tau_p\,\dot{p}_j = z_j - p_j$",
        r"$\tau_p\,\dot{p}_{ij} = z_i\,z_j - p_{ij}$",
        r"$b_j = \log\,(p_j/p), \quad w_{ij} = \log\,(p_{ij}\,p\,/\,(p_i\,p_j))$",
    ]
    values = [
        rf"$\tau_m$ = {variant.tau_m / ms:g} ms, $\tau_z$ = {variant.tau_z / ms:g} ms",
        rf"$f_{{max}}$ = {variant.f_max / Hz:g} Hz, $dt$ = {parameters.dt / ms:g} ms",
        rf"$\tau_p$ = {parameters.tau_p / second:g} s, $\epsilon$ = {parameters.epsilon:g}",
        rf"$\kappa = dt/\tau_p$ = {parameters.kappa:.3g} per pattern",
    ]
    titles = ("minicolumn j of hypercolumn h", "learning (BCPNN)", variant.name)
    for x, title, lines in zip((0.03, 0.44, 0.76), titles, (minicolumn, learning, values)):
        ax.text(x, 0.98, title, weight="bold", fontsize=9.5, va="top")
        for number, line in enumerate(lines):
            ax.text(x, 0.74 - 0.21 * number, line, fontsize=9.5, va="center")
