"""The large campaign behind docs/sweeps.md: sweeps that are killed again and again.

    python tests/sweep_campaign.py --kills 30

Each of the sweeps is killed (the sweep itself, a worker, the program that a worker drives, or the
scheduler of a cluster that is joined) until so many kills have been spread over all of them, and
started again where it ended. Its results are held against those of a sweep that nothing disturbed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from distributed import Security
from killing_sweeps import family, kill_at_random, n_rows, start_sweep, table_of

from cortical_bcpnn.sweeps.run_table import fingerprint

GRID = ["--grid", "tau_z=5ms,20ms", "f_max=100Hz,200Hz", "--set", "train_images=60",
        "test_images=40", "epochs=2", "--seeds", "3"]  # fmt: skip
PORT = 18790


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--per-sweep", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        expected = undisturbed(Path(folder))
        total, rows = Counter[str](), []
        while total.total() < options.kills:
            number, joined = len(rows), len(rows) % 2 == 1
            run = killed_joined if joined else killed_local
            kills, found = run(Path(folder) / str(number), rng, options.per_sweep)
            total += kills
            rows.append(found == expected)
            print(f"sweep {number} ({'joined' if joined else 'local'}): {dict(kills)}, results {found}, "
                  f"{'identical' if rows[-1] else 'DIFFERENT'}", flush=True)  # fmt: skip
    print(f"{len(rows)} sweeps, {total.total()} kills {dict(total)}: {sum(rows)} identical")
    sys.exit(not all(rows))


def undisturbed(folder: Path) -> str:
    """Fingerprint of a sweep that nothing disturbs."""
    out = folder / "whole"
    process = start_sweep([*GRID, "--workers", "2", "--out", str(out)], folder / "whole_store")
    assert process.wait() == 0, process.stderr.read()
    return fingerprint(table_of(out))


def killed_local(folder: Path, rng: np.random.Generator, most: int) -> tuple[Counter, str]:
    """A sweep on this machine."""
    arguments = [*GRID, "--workers", "2", "--out", str(folder / "out")]
    kills = Counter[str]()
    process = start_sweep(arguments, folder / "store")
    while process.poll() is None:
        _wait(process, folder / "out", rng)
        if process.poll() is None and kills.total() < most:
            kind = kill_at_random(rng, process)
            kills[kind] += 1
            if kind == "sweep":
                process = start_sweep(arguments, folder / "store")
    assert process.returncode == 0, process.stderr.read()
    return kills, fingerprint(table_of(folder / "out"))


def certificate(folder: Path) -> dict[str, str]:
    """Variables that tell Dask of a new certificate, kept in files of a folder."""
    prefix, own = "DASK_DISTRIBUTED__COMM__", Security.temporary()
    variables = {f"{prefix}REQUIRE_ENCRYPTION": "true"}
    for name in own.__slots__:
        content = getattr(own, name)
        if name.startswith("tls_") and isinstance(content, str) and "-----BEGIN" in content:
            path = folder / f"{name}.pem"
            path.write_text(content)
            setting = name.removeprefix("tls_")
            setting = setting if setting == "ca_file" else setting.replace("_", "__")
            variables[f"{prefix}TLS__{setting.upper()}"] = str(path)
    return variables


def killed_joined(folder: Path, rng: np.random.Generator, most: int) -> tuple[Counter, str]:
    """A sweep on a cluster that it joins; scheduler and workers are started again when they end."""
    folder.mkdir()
    address = f"tls://127.0.0.1:{PORT}"
    os.environ |= certificate(folder)
    arguments = [*GRID, "--scheduler", address, "--patience", "120s", "--out", str(folder / "out")]
    environment = {**os.environ, "CORTICAL_BCPNN_STORE": str(folder / "store"),
                   "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # fmt: skip

    def dask(*command: str) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, "-m", "dask", *command], env=environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip

    def scheduler() -> subprocess.Popen:
        return dask("scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", str(PORT),
                    "--no-dashboard")  # fmt: skip

    def worker() -> subprocess.Popen:
        return dask("worker", address, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60")

    kills = Counter[str]()
    head, workers = scheduler(), [worker(), worker()]
    process = start_sweep(arguments, folder / "store")
    try:
        while process.poll() is None:
            _wait(process, folder / "out", rng)
            workers = [each if each.poll() is None else worker() for each in workers]
            if process.poll() is None and kills.total() < most:
                kind = str(rng.choice(["scheduler", "worker", "sweep"]))
                kills[kind] += 1
                if kind == "scheduler":
                    head.kill()
                    head.wait()
                    head = scheduler()
                elif kind == "worker":
                    below = [pid for each in workers for pid, name in family(each.pid).items()
                             if name != "main"]  # fmt: skip
                    if below:
                        os.kill(int(rng.choice(below)), signal.SIGKILL)
                else:
                    process.kill()
                    process.wait()
                    process = start_sweep(arguments, folder / "store")
        assert process.returncode == 0, process.stderr.read()
    finally:
        for each in (process, head, *workers):
            if each.poll() is None:
                each.terminate()
        for each in (process, head, *workers):
            each.wait()
    return kills, fingerprint(table_of(folder / "out"))


def _wait(process: subprocess.Popen, out: Path, rng: np.random.Generator) -> None:
    """Until one to three more rows are there, or ten seconds have passed, and a random time on top."""
    due, until = n_rows(out) + int(rng.integers(1, 4)), time.monotonic() + 10
    while n_rows(out) < due and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, 0.5))


if __name__ == "__main__":
    main()
