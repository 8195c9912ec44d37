"""Housekeeping: ``python -m cortical_bcpnn cache [--clear]``, ``… fetch NAME``."""

from __future__ import annotations

import argparse
import shutil
import sys

from .build import cache_directory
from .fetch import SOURCES, fetch


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m cortical_bcpnn")
    commands = parser.add_subparsers(dest="command", required=True)
    cache = commands.add_parser("cache", help="show or clear the compiled networks")
    cache.add_argument("--clear", action="store_true", help="delete them")
    download = commands.add_parser("fetch", help="download a data set into the user's cache")
    download.add_argument("name", choices=SOURCES)
    options = parser.parse_args(arguments)
    if options.command == "fetch":
        try:
            print(f"{options.name} is in {fetch(options.name)}")
        except (OSError, ValueError) as error:
            sys.exit(f"error: {error}")
    else:
        show_cache(options.clear)


def show_cache(clear: bool) -> None:
    """Print what is in the build cache, or clear it."""
    directory = cache_directory()
    networks = [d for d in directory.glob("*") if d.is_dir()] if directory.is_dir() else []
    if clear:
        for network in networks:
            shutil.rmtree(network, ignore_errors=True)
        print(f"{len(networks)} compiled networks deleted from {directory}")
        return
    size = sum(f.stat().st_size for network in networks for f in network.rglob("*") if f.is_file())
    print(f"{len(networks)} compiled networks, {size / 1e6:.1f} MB, in {directory}")


if __name__ == "__main__":
    main()
