"""Make all figures of the paper and hold its claims against them: the whole gallery.

python -m protocols.all --dataset digits --out DIR
"""

from __future__ import annotations

import argparse

from cortical_bcpnn.experiments.options import add_options, open_results, parse, run_protocol
from cortical_bcpnn.experiments.series import passed_on, run_protocols

from .catalogue import FIGURES


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.all", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    options = parse(parser, "all", arguments)
    with open_results("all", options) as results:
        given = passed_on(options.arguments)
        names = [protocol.name for protocol in FIGURES]
        seconds = run_protocols(names, results.path, given, options.dataset)
        gallery = ["--gallery", str(results.path)]
        seconds |= run_protocols(["claims"], results.path, [*given, *gallery], options.dataset)
        results.finish({"seconds": seconds})
        print(f"\ngallery: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
