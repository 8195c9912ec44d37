"""Clusters: calls, deaths of workers, and schedulers that do not answer."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from cortical_bcpnn.sweeps import joined, local
from cortical_bcpnn.sweeps.cluster import WorkersLost, open_cluster
from cortical_bcpnn.sweeps.joined import connect
from cortical_bcpnn.sweeps.local import distributed, local_workers


def square(number: int) -> int:
    return number**2


def fail(number: int) -> int:
    if number == 2:
        raise ValueError("number is 2: give another.")
    return number


def die(number: int, folder: str, times: int) -> int:
    """Kill the worker the first so many times that number 1 is computed."""
    path = Path(folder) / f"{number}_{os.getpid()}"
    path.touch()
    if number == 1 and len(list(Path(folder).glob("1_*"))) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_with_their_keys(cluster):
    found = dict(cluster.compute(square, {f"of {n}": (n,) for n in range(5)}))
    assert found == {f"of {n}": n**2 for n in range(5)}


def test_nothing_to_do(cluster):
    assert list(cluster.compute(square, {})) == []


def test_errors_come_back_and_others_go_on(cluster):
    found = dict(cluster.compute(fail, {n: (n,) for n in range(4)}))
    assert isinstance(found.pop(2), ValueError) and found == {0: 0, 1: 1, 3: 3}


def test_a_run_whose_worker_dies_is_computed_again(cluster, tmp_path):
    calls = {n: (n, str(tmp_path), 1) for n in range(4)}
    assert dict(cluster.compute(die, calls)) == {0: 0, 1: 1, 2: 2, 3: 3}
    assert len(list(tmp_path.glob("1_*"))) == 2


def test_a_run_that_kills_worker_after_worker_is_given_up(cluster, tmp_path):
    calls = {n: (n, str(tmp_path), 99) for n in range(3)}
    found = dict(cluster.compute(die, calls))
    assert isinstance(found[1], WorkersLost) and "workers in turn have died" in str(found[1])
    assert (found[0], found[2]) == (0, 2)
    assert len(list(tmp_path.glob("1_*"))) == local.DEATHS + 1


def test_a_scheduler_that_does_not_answer():
    began = time.monotonic()
    with pytest.raises(ValueError, match="scheduler tcp://127.0.0.1:9 does not answer.*dask scheduler"):
        connect("tcp://127.0.0.1:9", 1.0)
    assert time.monotonic() - began < 30


def test_a_machine_that_stalls_while_it_connects_is_waited_for(scheduler, monkeypatch):
    """Dask asserts that its loop starts within ten seconds."""
    failures = iter([AssertionError()])

    def stalled_once(*given, **options):
        for error in failures:
            raise error
        return distributed.Client(*given, **options)

    monkeypatch.setattr(joined, "Client", stalled_once)
    connect(scheduler, 60.0).close()
    failures = iter([AssertionError()])
    with pytest.raises(ValueError, match="does not answer .AssertionError; waited 0 s"):
        connect(scheduler, 0.0)


@pytest.mark.parametrize("address", ["nonsense://x", "tcp://"])
def test_an_address_that_is_none(address):
    with pytest.raises(ValueError, match="does not answer"):
        connect(address, 1.0)


def test_who_has_no_certificate_is_refused(cluster):
    """By the scheduler and by workers: none, and one of somebody else's."""
    cluster.client.wait_for_workers(2, timeout=60)  # those that were killed are started again
    security, info = cluster.client.security, cluster.client.scheduler_info(n_workers=-1)

    async def answers(address: str, security: distributed.Security, patience: float) -> bool:
        try:
            arguments = security.get_connection_args("client")
            comm = await distributed.comm.connect(address, timeout=patience, **arguments)
            await comm.write({"op": "identity", "reply": True})
            return bool(await comm.read())
        except (OSError, distributed.comm.CommClosedError):
            return False

    for address in (info["address"], *info["workers"]):
        plain = address.replace("tls://", "tcp://")
        assert cluster.client.sync(answers, address, security, 60)
        assert not cluster.client.sync(answers, plain, distributed.Security(), 3)
        assert not cluster.client.sync(answers, address, distributed.Security.temporary(), 3)
    with pytest.raises(ValueError, match="scheduler tcp://127.0.0.1:.* does not answer"):
        connect(info["address"].replace("tls://", "tcp://"), 1.0)


def test_workers_with_other_code_are_refused(scheduler, monkeypatch):
    """One that is joined by an address and a certificate in Dask's configuration."""
    with open_cluster(scheduler, None, 0.0) as cluster:
        assert dict(cluster.compute(square, {3: (3,)})) == {3: 9}
    monkeypatch.setattr(joined, "code_version", lambda: "another")
    with pytest.raises(ValueError, match="has other code .*here another.*the same commit"):
        with open_cluster(scheduler, None, 0.0):
            pass


def test_local_workers(monkeypatch):
    monkeypatch.setattr(local, "CPU_COUNT", 8)
    monkeypatch.setattr(local, "MEMORY_LIMIT", 10e9)
    assert local_workers(0.0) == 8 and local_workers(4.6e9) == 2 and local_workers(1e12) == 1


@pytest.mark.parametrize("missing", ["distributed", "cryptography"])
def test_without_dask_the_extra_is_named(missing, monkeypatch):
    """In one sentence, with which the program ends."""
    monkeypatch.setitem(sys.modules, missing, None)
    again = importlib.util.spec_from_file_location("cortical_bcpnn.sweeps._again", local.__file__)
    with pytest.raises(SystemExit, match="^error: .*install the extra 'sweep'"):
        again.loader.exec_module(importlib.util.module_from_spec(again))
