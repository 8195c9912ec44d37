"""List the protocols: ``python -m protocols``."""

from __future__ import annotations

from .catalogue import EXPERIMENTS, FIGURES


def main() -> None:
    for title, protocols in (("figures", FIGURES), ("experiments", EXPERIMENTS)):
        print(f"{title:22}{'digits':>9}{'MNIST':>9}")
        for protocol in protocols:
            print(f"  {protocol.name:20}{protocol.digits:>9}{protocol.mnist:>9}  {protocol.shows}")
        print()
    print(
        "Times are with networks learned before, on two cores (digits) and four (MNIST). To learn one "
        "takes\n20 s on digits and 8 min on MNIST; it is then found again by all protocols."
    )
    print("python -m protocols.NAME [--dataset digits|mnist] runs one; --help names its options.")


if __name__ == "__main__":
    main()
