"""The repository's own pages in the documentation, and figures that no list of pyplot knows.

README.md, CONTRIBUTING.md, CHANGELOG.md and figures/README.md are read where they stand; a page of
the documentation takes one, or a section of it, by a line ``<!-- include FILE -->`` or
``<!-- include FILE # Heading -->``. Links are followed to the page that shows the file, to the file
as a download, or, where they name a folder, turned into its name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import GenericAlias

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
#: Pages that show a file from outside the folder of the documentation.
SHOWN = {
    "README.md": "about/readme.md",
    "CONTRIBUTING.md": "about/contributing.md",
    "CHANGELOG.md": "about/changes.md",
    "figures/README.md": "figures.md",
}
INCLUDE = re.compile(r"^<!-- include ([\w/.-]+)(?: # (.+?))? -->$", re.MULTILINE)
LISTING = "<!-- all other pages -->"
LINK = re.compile(r"(!?)\[([^\]\[]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def read(app, docname: str, source: list[str]) -> None:
    """What Sphinx reads in place of a page's text."""
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".md":
        return
    text = relocated(source[0], path.parent, path.parent)
    if LISTING in text:
        text = text.replace(LISTING, "\n".join(other_pages()))
        app.env.note_reread()
    for match in INCLUDE.finditer(source[0]):
        app.env.note_dependency(str(ROOT / match[1]))
    source[0] = INCLUDE.sub(lambda match: included(match[1], match[2], path.parent), text)


def included(name: str, heading: str | None, folder: Path) -> str:
    """A file of the repository, or its section under a heading, with links as seen from a folder."""
    text = (ROOT / name).read_text()
    if heading:
        found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        if not found:
            raise ValueError(f"{name} has no section {heading!r}, which a page includes.")
        text = found[1]
    return relocated(text, (ROOT / name).parent, folder)


def relocated(text: str, written: Path, read: Path) -> str:
    """Text whose links were written in one folder, and are read in another; code stays as it is."""
    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(lambda m: _link(*m.groups(), written, read), part) for part in parts[::2]]
    return "".join(parts)


def _link(mark: str, label: str, target: str, written: Path, read: Path) -> str:
    file, hash_, anchor = target.partition("#")
    if re.match(r"\w+:|/", target) or not file:
        return f"{mark}[{label}]({target})"
    path = Path(os.path.normpath(written / file))
    name = path.relative_to(ROOT).as_posix()
    if path.is_dir():
        shown = f"`{name}`"
        return shown if label in (name, f"`{name}`") else f"{label} ({shown})"
    path = DOCS / SHOWN[name] if name in SHOWN else path
    return f"{mark}[{label}]({os.path.relpath(path, read)}{hash_}{anchor})"


def other_pages() -> list[str]:
    """Pages beside conf.py that no page of the documentation lists by name."""
    listed = "\n".join(p.read_text() for p in (DOCS / "index.md", DOCS / "tutorials" / "index.md"))
    pages = sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "index")
    return [f"/{page}" for page in pages if not re.search(rf"^(.*<)?/?{page}>?$", listed, re.MULTILINE)]


def figures_of(block, block_vars, gallery_conf) -> str:
    """Save the figures that an example has made since the last block, for the gallery."""
    from matplotlib.figure import Figure
    from sphinx_gallery.scrapers import figure_rst

    known = block_vars.setdefault("figures_saved", set())
    saved = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and id(value) not in known:
            known.add(id(value))
            path = next(block_vars["image_path_iterator"])
            value.savefig(path, dpi=150)
            saved.append(path)
    return figure_rst(saved, gallery_conf["src_dir"])


def is_alias(app, what, name, value, skip, options) -> bool | None:
    """Leave out names of types such as dict[str, ndarray], which autodoc takes for classes."""
    return True if isinstance(value, GenericAlias) else None


def setup(app) -> dict:
    app.connect("source-read", read)
    app.connect("autodoc-skip-member", is_alias)
    return {"parallel_read_safe": True}
