"""The page with a small network of digits, which its tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from cortical_bcpnn.demo.recalling import Recaller
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.readouts import fit_readout

if TYPE_CHECKING:
    from cortical_bcpnn.demo.server import PageServer


@pytest.fixture(scope="session")
def networks() -> Networks:
    """The network of `small.SMALL`, which tests of protocols learn as well."""
    return Networks(limit=60, epochs=4, jobs=1, seed=5)


@pytest.fixture(scope="session")
def recaller(networks) -> Iterator[Recaller]:
    with networks.learned("spspk-calibrated", progress=False) as memory:
        readout = fit_readout(memory, networks.data, n_images=60, progress=False)
        yield Recaller(memory, networks.data, readout)


@pytest.fixture(scope="session")
def page(recaller) -> Iterator[PageServer]:
    """A page that is ready."""
    from cortical_bcpnn.demo.progress import Progress
    from cortical_bcpnn.demo.server import PageServer  # needs the extra 'demo'

    progress = Progress(recaller.dataset, recaller.memory, 240)
    progress.ready(recaller)
    with PageServer(progress) as server:
        yield server
