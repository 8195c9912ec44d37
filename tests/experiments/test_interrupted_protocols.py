"""A protocol that is killed while it learns, and again while it recalls, ends as if nothing had been."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from comparing import assert_same
from killing import start

from cortical_bcpnn import AssociativeMemory
from protocols.tasks import tasks

RUN = [
    "--limit", "60", "--epochs", "20", "--variants", "spk-ff,spk-full", "--difficulties", "0.6",
    "--seed", "5", "--jobs", "1", "--checkpoint-every", "1ms",
]  # fmt: skip


def _run(arguments: list[str], store: Path) -> None:
    os.environ["CORTICAL_BCPNN_STORE"] = str(store)
    tasks.run(arguments)


def run_killed(arguments: list[str], store: Path, due: Callable[[], bool]) -> None:
    """Run the protocol in a process of its own, and kill it as soon as something has happened."""
    process = start(_run, arguments, store)
    while not due():
        assert process.is_alive(), "it should not have ended yet"
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL


def run_to_its_end(arguments: list[str], store: Path) -> None:
    """Run the protocol in a process of its own, as new as those that are killed."""
    process = start(_run, arguments, store)
    process.join()
    assert process.exitcode == 0


def learned_network(store: Path) -> AssociativeMemory:
    found = list(store.glob("*/network.h5"))
    assert len(found) == 1, [(path.parent / "description.json").read_text() for path in found]
    return AssociativeMemory.load(found[0])


def test_killing_a_protocol_changes_nothing(tmp_path):
    """Its table byte by byte, its network trace by trace."""
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    for path in (killed, whole):
        path.mkdir()
    out, table = killed / "out", killed / "out" / "tasks.csv"

    def n_rows() -> int:
        return len(pd.read_csv(table)) if table.exists() else 0

    def any_checkpoint() -> bool:
        return any((killed / "store").glob("*/checkpoints/checkpoint_*.h5"))

    run_killed([*RUN, "--out", str(out)], killed / "store", any_checkpoint)
    assert not any((killed / "store").glob("*/network.h5")) and n_rows() == 0

    run_killed(["--resume", str(out)], killed / "store", lambda: n_rows() >= 2)
    assert any((killed / "store").glob("*/network.h5"))
    assert n_rows() < 8 and not (out / "summary.json").exists()

    run_to_its_end(["--resume", str(out)], killed / "store")
    run_to_its_end([*RUN, "--out", str(whole / "out")], whole / "store")

    assert n_rows() == 8
    for name in ("tasks.csv", "accuracy.csv", "tasks.svg"):
        assert (out / name).read_bytes() == (whole / "out" / name).read_bytes()
    network = learned_network(killed / "store")
    assert_same(network, learned_network(whole / "store"))
    assert network.n_learned == 1200 and network.history[-1]["resumed"]
