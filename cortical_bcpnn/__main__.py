"""Housekeeping: ``python -m cortical_bcpnn cache [--clear]``."""

from __future__ import annotations

import argparse
import shutil

from .build import cache_directory


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cortical_bcpnn")
    commands = parser.add_subparsers(dest="command", required=True)
    cache = commands.add_parser("cache", help="show or clear the compiled networks")
    cache.add_argument("--clear", action="store_true", help="delete them")
    options = parser.parse_args()
    directory = cache_directory()
    networks = [d for d in directory.glob("*") if d.is_dir()] if directory.is_dir() else []
    if options.clear:
        for network in networks:
            shutil.rmtree(network, ignore_errors=True)
        print(f"{len(networks)} compiled networks deleted from {directory}")
        return
    size = sum(f.stat().st_size for network in networks for f in network.rglob("*") if f.is_file())
    print(f"{len(networks)} compiled networks, {size / 1e6:.1f} MB, in {directory}")


if __name__ == "__main__":
    main()
