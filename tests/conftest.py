"""Networks and patterns that test modules share."""

from __future__ import annotations

import logging
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from brian2 import prefs
from tasks import SHORT, interrupted
from tiny import RecordedLearning, Recording, record_learning, record_recall, tiny_memory

from cortical_bcpnn import AssociativeMemory

# Brian2 logs all the code that it writes, which pytest would print with every failure.
logging.getLogger("brian2").propagate = False

# Scripts that run tests with & have them ignore Ctrl-C, and tests of it would wait forever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Skip modules whose protocols end, with a reason, for want of the extra 'sweep'."""
    try:
        return (yield)
    except SystemExit as error:
        if "'sweep'" not in str(error):
            raise
        reason = (str(collector.path), 0, f"Skipped: {error}")
        return pytest.CollectReport(collector.nodeid, "skipped", reason, [])


@pytest.fixture(scope="session", autouse=True)
def store_of_tests(tmp_path_factory) -> Iterator[Path]:
    """Learned networks of tests have a store of their own, so that none depends on the user's.

    Workers that share the tests share it.
    """
    with pytest.MonkeyPatch.context() as patch:
        base = tmp_path_factory.getbasetemp()
        path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "store"
        patch.setenv("CORTICAL_BCPNN_STORE", str(path))
        yield path


@pytest.fixture(scope="session")
def patterns() -> np.ndarray:
    """Grey patterns of 9 pixels, black and white included."""
    rng = np.random.default_rng(7)
    return np.clip(np.round(2 * rng.random((12, 9)) - 0.5, 2), 0, 1)


@pytest.fixture
def make_memory():
    """Makes tiny memories and closes them after the test."""
    memories: list[AssociativeMemory] = []

    def make(**parameters) -> AssociativeMemory:
        memories.append(tiny_memory(**parameters))
        return memories[-1]

    yield make
    for memory in memories:
        memory.close()


@pytest.fixture(scope="session")
def learned(patterns) -> AssociativeMemory:
    """A tiny memory that has learned and rewired. Do not change it."""
    memory = tiny_memory(rewire_every=6, rewire_margin=1.0).learn(patterns, epochs=4)
    yield memory
    memory.close()


@pytest.fixture(scope="session")
def saved(learned, tmp_path_factory) -> Path:
    """The file of that memory. Do not change it."""
    path = tmp_path_factory.mktemp("saved") / "network.h5"
    learned.save(path)
    return path


@pytest.fixture
def copy(saved, tmp_path) -> Path:
    """A file of one's own to damage."""
    return shutil.copy(saved, tmp_path / "network.h5")


@pytest.fixture(scope="session")
def finished() -> AssociativeMemory:
    """What the task `SHORT` comes to when nothing stops it. Do not change it."""
    memory = SHORT.learn()
    yield memory
    memory.close()


@pytest.fixture(scope="session")
def half_learned(tmp_path_factory):
    """Folder of checkpoints after 8 and 12 of the 24 patterns of `SHORT`. Do not change it."""
    folder = tmp_path_factory.mktemp("half_learned")
    interrupted(SHORT, folder)
    return folder


@pytest.fixture(scope="session", params=["float32", "float64"])
def learning(request, patterns) -> RecordedLearning:
    """Learning recorded step by step, with the exact rule (z_min = 0)."""
    variant = {"float32": "spspk-full", "float64": "spk-full"}[request.param]
    memory = tiny_memory(variant=variant, precision=request.param, z_min=0.0, rewire_every=0)
    return record_learning(memory, np.concatenate([patterns, patterns[::-1]]))


@pytest.fixture(scope="session")
def recalling(learning, patterns) -> Recording:
    """Recall recorded step by step, after that learning."""
    yield record_recall(learning.memory, patterns[0])
    learning.memory.close()


@pytest.fixture
def undrawn(monkeypatch):
    """Figures are made but not written, which takes longer than all else."""
    monkeypatch.setattr("cortical_bcpnn.drawing.style.FORMATS", ())


@pytest.fixture
def numpy_target():
    """Brian2's runtime mode without compiling anything."""
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield
    prefs.codegen.target = before


@pytest.fixture(scope="module")
def cluster():
    """A Dask cluster that the tests of a module share."""
    from cortical_bcpnn.sweeps.cluster import open_cluster  # takes a while, and most tests need none

    with open_cluster(None, 2, 0.0) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def scheduler(cluster) -> Iterator[str]:
    """Address of that cluster, with its certificate in Dask's configuration: it can be joined."""
    import dask

    own = cluster.client.security
    tls = {"ca-file": own.tls_ca_file, "client.cert": own.tls_client_cert,
           "client.key": own.tls_client_key}  # fmt: skip
    with dask.config.set({f"distributed.comm.tls.{name}": value for name, value in tls.items()}):
        yield cluster.client.scheduler_info()["address"]
