"""List the protocols: ``python -m protocols``."""

from __future__ import annotations

import ast
from pathlib import Path

from .catalogue import EXPERIMENTS, FIGURES


def others() -> list[tuple[str, str]]:
    """Names of protocols that the catalogue does not have, and the first lines of their docstrings."""
    known = {protocol.name for protocol in (*FIGURES, *EXPERIMENTS)} | {"catalogue"}
    paths = sorted(Path(__file__).parent.glob("*.py"))
    texts = {path.stem: path.read_text() for path in paths
             if path.stem not in known and not path.stem.startswith("_")}  # fmt: skip
    return [(n, (ast.get_docstring(ast.parse(t)) or "").partition("\n")[0]) for n, t in texts.items()]


def main() -> None:
    for title, protocols in (("figures", FIGURES), ("experiments", EXPERIMENTS)):
        print(f"{title:22}{'digits':>9}{'MNIST':>9}")
        for protocol in protocols:
            print(f"  {protocol.name:20}{protocol.digits:>9}{protocol.mnist:>9}  {protocol.shows}")
        print()
    if others():
        print("others")
        print("\n".join(f"  {name:20}{shows}" for name, shows in others()), end="\n\n")
    print(
        "Times are with networks learned before, on two cores (digits) and four (MNIST). To learn one "
        "takes\n20 s on digits and 8 min on MNIST; it is then found again by all protocols."
    )
    print("python -m protocols.NAME [--dataset digits|mnist] runs one; --help names its options.")


if __name__ == "__main__":
    main()
