"""One HTML file of several folders of results: figures, tables and what made them, all in it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .folders import has_finished, read_summary
from .importing import experiment_named
from .results import Results


@dataclass(frozen=True)
class Part:
    """A section of a report.

    Attributes
    ----------
    name, shows : str
        Of the protocol, and its heading.
    command, made : str
        What made it: the command, then commit, date and versions.
    text : str
        Its closing table.
    figures : dict of str
        Images as data URIs, by name.
    table : Markup, optional
        HTML in place of the text.
    """

    name: str
    shows: str
    command: str
    made: str
    text: str
    figures: dict[str, str]
    table: Markup | None = None


def part_of(path: Path, protocol: str, shows: str) -> Part:
    """What a folder of results that has come to its end says of itself."""
    summary = read_summary(path)
    made_by = summary["provenance"]
    names = sorted(name for name in summary["files"] if name.endswith(".png"))
    figures = {name: f"data:image/png;base64,{base64.b64encode((path / name).read_bytes()).decode()}"
               for name in names}  # fmt: skip
    with Results(path, protocol, [], resume=True) as results:
        text = experiment_named(protocol).report(results).rpartition("\ntables and pictures: ")[0]
        table = Markup(results.table("claims").to_html(index=False)) if protocol == "claims" else None
    versions = ", ".join(f"{name} {number}" for name, number in made_by["versions"].items())
    made = f"commit {made_by['commit']}, {made_by['date']}; {versions}"
    return Part(path.name, shows, made_by["command"], made, text, figures, table)


def html_of(
    title: str, facts: Sequence[str], parts: Sequence[Part], failed: Mapping[str, str]
) -> bytes:
    """A page that needs no other file.

    Parameters
    ----------
    title : str
    facts : sequence of str
        Lines below the title.
    parts : sequence of Part
    failed : mapping of str to str
        Why parts did not come to their end, by name.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("report.html")
    return page.render(title=title, facts=facts, parts=parts, failed=failed).encode()


def report_of(
    folders: Mapping[Path, tuple[str, str]], facts: Sequence[str], failed: Mapping[str, str]
) -> bytes:
    """A page of those folders of results that have come to their end; protocol and heading of each."""
    parts = [part_of(path, *what) for path, what in folders.items() if has_finished(path)]
    return html_of("Spiking representation learning for associative memories", facts, parts, failed)
