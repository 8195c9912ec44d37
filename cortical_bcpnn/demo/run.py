"""From a command line to a page that recalls: learn or find the network, then serve it."""

from __future__ import annotations

import webbrowser
from contextlib import closing

import numpy as np

from ..engine.interrupts import termination_deferred
from ..experiments.readouts import fit_readout
from ..experiments.setup import Networks
from .progress import Progress
from .recalling import Recaller
from .server import PageServer


def run_demo(networks: Networks, kind: str, port: int, browser: bool, readout_images: int) -> None:
    """Serve the page until Ctrl-C.

    Learning runs in this thread, where Ctrl-C ends it after its segment, with a checkpoint.

    Parameters
    ----------
    networks : Networks
    kind : str
        Of minicolumns: rate, spk or spspk.
    port : int
        0 for one that is free.
    browser : bool
        Whether to open the page.
    readout_images : int
        Training images that the readout of classes is fitted to.

    Raises
    ------
    ValueError, OSError
        If there are no such images, or no such port.
    """
    if not 0 <= port <= 65535:
        raise ValueError(f"port is {port}: give a whole number from 1 to 65535, or none for a free one.")
    dataset = networks.data
    dataset.side  # noqa: B018 - of square grey images, or it raises
    if len(np.unique(dataset.train_labels[:readout_images])) < 2:
        raise ValueError(
            "the training images are of one class: give more by --limit or --readout-images."
        )
    with termination_deferred(), closing(networks.network(f"{kind}-calibrated")) as memory:
        progress = Progress(dataset, memory, len(dataset.train_images) * networks.shown)
        with PageServer(progress, port) as page:
            print(f"The page is at {page.address} (Ctrl-C ends it).", flush=True)
            if browser:
                webbrowser.open(page.address)
            networks.learn(memory)
            progress.stage = "readout"
            readout = fit_readout(memory, dataset, networks.jobs or 1, readout_images)
            progress.ready(Recaller(memory, dataset, readout))
            print("Ready to recall.", flush=True)
            try:
                page.wait()
            except KeyboardInterrupt:
                print("\nThe page is closed.")
