"""Housekeeping: ``python -m cortical_bcpnn cache | networks | info FILE | fetch NAME | parameters``."""

from __future__ import annotations

import argparse
import json
import shutil
import sys

from .biophysical import BiophysicalParameters
from .data.fetch import SOURCES, fetch
from .engine.programs import cache_directory
from .learned.info import describe
from .store import clear_store, store_directory, stored_networks


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m cortical_bcpnn")
    commands = parser.add_subparsers(dest="command", required=True)
    cache = commands.add_parser("cache", help="show or clear the compiled networks")
    cache.add_argument("--clear", action="store_true", help="delete them")
    networks = commands.add_parser("networks", help="show or clear the learned networks")
    networks.add_argument("--clear", action="store_true", help="delete them")
    info = commands.add_parser("info", help="say what made a network, a table or a picture")
    info.add_argument("file", help="HDF5 file, folder of results, or a file in one")
    download = commands.add_parser("fetch", help="download a data set into the user's cache")
    download.add_argument("name", choices=SOURCES)
    commands.add_parser("parameters", help="print the parameters of the biophysical twin, with sources")
    options = parser.parse_args(arguments)
    try:
        if options.command == "fetch":
            print(f"{options.name} is in {fetch(options.name)}")
        elif options.command == "info":
            print(json.dumps(describe(options.file), indent=2, ensure_ascii=False))
        elif options.command == "parameters":
            print(BiophysicalParameters.markdown())
        elif options.command == "networks":
            show_networks(options.clear)
        else:
            show_cache(options.clear)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")


def show_cache(clear: bool) -> None:
    """Print what is in the build cache, or clear it."""
    directory = cache_directory()
    programs = [path.parent for path in directory.glob("*/main")]
    if clear:
        for program in programs:
            shutil.rmtree(program, ignore_errors=True)
        print(f"{len(programs)} compiled networks deleted from {directory}")
        return
    size = sum(f.stat().st_size for program in programs for f in program.rglob("*") if f.is_file())
    print(f"{len(programs)} compiled networks, {size / 1e6:.1f} MB, in {directory}")


def show_networks(clear: bool) -> None:
    """Print what is in the store of learned networks, or clear it."""
    if clear:
        print(f"{clear_store()} learned networks deleted from {store_directory()}")
        return
    networks = stored_networks()
    for network in networks:
        asked = network.description
        sizes = {p["name"]: f"{p['hypercolumns']}x{p['minicolumns']}"
                 for p in asked.get("architecture", {}).get("populations", [])}  # fmt: skip
        state = "learned" if network.finished else "unfinished"
        print(
            f"{network.directory.name}  {state:10}  {network.bytes / 1e6:7.1f} MB  "
            f"{asked.get('variant', '?')}, HID {sizes.get('HID', '?')}, seed {asked.get('seed')}, "
            f"{asked.get('n_patterns')} patterns x {asked.get('epochs')}"
        )
    size = sum(network.bytes for network in networks)
    print(f"{len(networks)} learned networks, {size / 1e6:.1f} MB, in {store_directory()}")


if __name__ == "__main__":
    main()
