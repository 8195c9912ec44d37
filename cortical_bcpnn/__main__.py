"""``python -m cortical_bcpnn cache | networks | info FILE | fetch NAME | parameters | demo``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import cyclopts
from cyclopts import Parameter

from .biophysical import BiophysicalParameters
from .data.fetch import fetch
from .engine.programs import cache_directory
from .experiments import Kind, Networks, Whole
from .experiments.experiment import said_in_one_line
from .learned.info import describe
from .store import clear_store, store_directory, stored_networks

app = cyclopts.App(
    name="python -m cortical_bcpnn", version_flags=[], result_action="return_value",
    default_parameter=Parameter(negative=()),
    help="Compiled and learned networks, what made a file, data sets, parameters of the twin, and a "
    "page to draw on.",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    with said_in_one_line():
        app(sys.argv[1:] if arguments is None else arguments)


@app.command(name="cache")
def show_cache(*, clear: bool = False) -> None:
    """Show or clear the compiled networks.

    Parameters
    ----------
    clear
        Delete them.
    """
    directory = cache_directory()
    programs = [path.parent for path in directory.glob("*/main")]
    if clear:
        for program in programs:
            shutil.rmtree(program, ignore_errors=True)
        print(f"{len(programs)} compiled networks deleted from {directory}")
        return
    size = sum(f.stat().st_size for program in programs for f in program.rglob("*") if f.is_file())
    print(f"{len(programs)} compiled networks, {size / 1e6:.1f} MB, in {directory}")


@app.command(name="networks")
def show_networks(*, clear: bool = False) -> None:
    """Show or clear the learned networks.

    Parameters
    ----------
    clear
        Delete them.
    """
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


@app.command
def info(file: Path) -> None:
    """Say what made a network, a table or a picture.

    Parameters
    ----------
    file
        HDF5 file, folder of results, or a file in one.
    """
    print(json.dumps(describe(file), indent=2, ensure_ascii=False))


@app.command(name="fetch")
def download(name: str) -> None:
    """Download a data set into the user's cache."""
    print(f"{name} is in {fetch(name)}")


@app.command
def parameters() -> None:
    """Print the parameters of the biophysical twin, with sources."""
    print(BiophysicalParameters.markdown())


@app.command
def demo(
    networks: Networks | None = None, *, kind: Kind = "spspk", port: int = 0, no_browser: bool = False,
    readout_images: Whole = 2000,
) -> None:  # fmt: skip
    """Open a page on which one draws digits, and watches the network recall them.

    Parameters
    ----------
    networks
        Which images, and which network learns them.
    kind
        Kind of minicolumns: rate, spk or spspk.
    port
        Of the page, on this machine only; 0 is one that is free.
    no_browser
        Say the address of the page, and do not open it.
    readout_images
        Training images that the readout of classes is fitted to.
    """
    try:
        from .demo.run import run_demo
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise SystemExit(
            f"error: {error.name} is missing, which the page needs: install the extra 'demo', "
            "pip install 'cortical_bcpnn[demo]'."
        ) from None
    run_demo(networks or Networks(), kind, port, not no_browser, readout_images)


if __name__ == "__main__":
    main()
