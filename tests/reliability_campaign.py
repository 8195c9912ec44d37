"""The tests of reliability at large: many kills, many damaged files, and a long run.

    python tests/reliability_campaign.py kills --count 300
    python tests/reliability_campaign.py files --count 5000
    python tests/reliability_campaign.py long --patterns 1000000

Each prints a table of its figures, and ends with status 1 if something was not as it should be.
With ``--json FILE`` it notes every run that has ended there, and the same command resumes where it
was stopped. The seed of all that is random is 0, or that given by ``--seed``, and the number of the
run, however many stretches it takes; ``--jobs`` says how many processes may work at a time.
"""

from __future__ import annotations

import argparse
import base64
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from brian2 import ms, second

sys.path.insert(0, str(Path(__file__).parents[1]))  # where the package is not installed

from campaign_journal import Journal
from comparing import TRACES, assert_same, assert_same_recall, assert_sound
from fuzzing import ACCEPTABLE, CRAFTED, DAMAGE, OLDER, load_all
from killing import STOPPED, learn_killed
from tasks import NOT_REWIRED, OTHER, REWIRED, SHORT, Task, names

from cortical_bcpnn import AssociativeMemory, Phase
from cortical_bcpnn.provenance import commit

#: Runs that are killed; one with noise, which has a program of its own, and a long one.
TASKS = {
    "rewired, shuffled": REWIRED,
    "not rewired, float64": NOT_REWIRED,
    "rewired, other time constants": OTHER,
    "rewired, with noise": Task({"rewire_every": 7, "support_noise": 1e-3, "seed": 2}, epochs=12),
    "rewired after every pattern": Task({"rewire_every": 1, "z_min": 0.0}, epochs=4, shuffle=True),
    "not spiking": Task({"rewire_every": 4, "variant": "rate-full"}, epochs=8),
}


def kills(options: argparse.Namespace, folder: Path, journal: Journal) -> dict:
    """Kill learning that many times, and compare every network with one that was left alone."""
    references: dict[str, AssociativeMemory] = {}
    cues = REWIRED.patterns()

    def one(number: int) -> None:
        place = folder / str(number)
        place.mkdir()
        rng = np.random.default_rng([options.seed, number])
        name = list(TASKS)[number % len(TASKS)]
        memory, killed = learn_killed(TASKS[name], place, rng, STOPPED)
        left = names(place / "checkpoints")
        assert len(left) == 2 and all(n.startswith("checkpoint_") for n in left), left
        ended.append((number, memory, killed))

    number, results = 0, []
    with ThreadPoolExecutor(options.jobs) as pool:
        while sum(len(result["kills"]) for result in results) < options.count:
            ended: list[tuple[int, AssociativeMemory, list[int]]] = []
            # As many at a time as may work, whenever the next one is missing.
            batch = range(number, number + options.jobs if str(number) not in journal else number)
            missing = [n for n in batch if str(n) not in journal]
            if missing and not references:
                references = {name: task.learn() for name, task in TASKS.items()}
                for memory in references.values():
                    memory.recall(cues)  # compiles what the comparisons below need
            list(pool.map(one, missing))
            for n, memory, killed in ended:
                task, fault = list(TASKS)[n % len(TASKS)], None
                try:
                    assert_same(memory, references[task])
                    with memory:
                        assert_same_recall(memory, references[task], cues)
                except AssertionError as error:
                    fault = str(error)
                signals = [signal.Signals(k).name for k in killed]
                journal.add(str(n), {"task": task, "kills": signals, "fault": fault})
            results.append(journal[str(number)])
            number += 1
            _progress(sum(len(result["kills"]) for result in results), options.count, "kills")
    table: dict[str, Counter] = {name: Counter() for name in TASKS}
    for result in results:
        table[result["task"]].update([*result["kills"], "runs"])
        table[result["task"]]["identical"] += result["fault"] is None
    total = sum(table.values(), Counter())
    figures = {name: dict(sorted(counts.items())) for name, counts in {**table, "in all": total}.items()}
    return {"figures": figures, "sound": total["identical"] == total["runs"]}


def files(options: argparse.Namespace, folder: Path, journal: Journal) -> dict:
    """Load that many damaged and crafted files, networks and checkpoints by turns."""
    originals = _originals(folder, journal)
    kinds = (*DAMAGE, *CRAFTED, *OLDER)
    # Damage is fast to refuse, and always in the same way.
    each = -(-options.count // (len(kinds) * len(originals)))
    first = options.seed * 1_000_000
    jobs = [(o, k, range(first + a, first + min(a + 100, each)))
            for o in originals for k in kinds for a in range(0, each, 100)]  # fmt: skip
    outcomes: Counter = Counter()

    def one(job: tuple) -> dict[str, int]:
        original, kind, cases = job
        run = f"{original.name} {kind.__name__} {cases.start}-{cases.stop}"
        if run not in journal:
            found = load_all(original, folder, [kind], cases)
            journal.add(run, {outcome: count for (_, outcome), count in found.items()})
        return {(kind.__name__, outcome): count for outcome, count in journal[run].items()}

    with ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(one, jobs):
            outcomes.update(found)
            _progress(sum(outcomes.values()), options.count, "files")
    table: dict[str, dict] = {}
    for (kind, outcome), count in sorted(outcomes.items()):
        table.setdefault(kind, {})[outcome] = count
    wrong = {k: {o: n for o, n in t.items() if o not in ACCEPTABLE} for k, t in table.items()}
    total = {
        "files": sum(outcomes.values()),
        "not as they should be": sum(n for t in wrong.values() for n in t.values()),
    }
    return {"figures": {**table, "in all": total}, "sound": not any(wrong.values())}


def _originals(folder: Path, journal: Journal) -> list[Path]:
    """A network and a checkpoint: the very same in every stretch, though they tell their times."""
    if "originals" not in journal:
        SHORT.learn(folder / "checkpoints").save(folder / "network.h5")
        checkpoint = folder / "checkpoints" / names(folder / "checkpoints")[-1]
        contents = {p.name: p.read_bytes() for p in (folder / "network.h5", checkpoint)}
        journal.add("originals", {n: base64.b64encode(c).decode() for n, c in contents.items()})
    for name, content in journal["originals"].items():
        (folder / name).write_bytes(base64.b64decode(content))
    return [folder / name for name in journal["originals"]]


def long(options: argparse.Namespace, folder: Path, journal: Journal) -> dict:
    """Learn that many patterns, each for 4 ms, rewiring after every thousandth."""
    if "long" not in journal:
        journal.add("long", _learn_long(options, folder))
    return journal["long"]


def _learn_long(options: argparse.Namespace, folder: Path) -> dict:
    patterns = np.random.default_rng(options.seed).integers(0, 2, (100, 9)).astype(float)
    patterns[:, 0] = 0  # one pixel is always black
    epochs = -(-options.patterns // len(patterns))
    protocol = [Phase(4 * ms, ("INP", "INPRC"), {"feedforward": 1.0})]
    memory = AssociativeMemory(
        9, hidden=(4, 5), fan_in=4, feedback_fan_in=2, variant="spk-full", tau_p=5 * second,
        rewire_every=1000, seed=options.seed,
    )  # fmt: skip
    started = time.perf_counter()
    seen = {"least q": np.inf, "largest q": 0.0, "least p": np.inf, "largest p": 0.0}

    def look(memory: AssociativeMemory) -> None:
        for state in memory.traces.values():
            seen["least q"] = min(seen["least q"], float(state.q.min()))
            seen["largest q"] = max(seen["largest q"], float(state.q.max()))
            both = np.concatenate([state.p_pre, state.p_post])
            seen["least p"] = min(seen["least p"], float(both.min()))
            seen["largest p"] = max(seen["largest p"], float(both.max()))
        _progress(memory.n_learned, options.patterns, "patterns")

    checkpoints = folder / "checkpoints"
    memory.learn(patterns, epochs, shuffle=True, protocol=protocol, on_segment=look,
                 checkpoints=checkpoints, checkpoint_every=20 * second)  # fmt: skip
    seconds = time.perf_counter() - started
    assert_sound(memory)
    saved = AssociativeMemory.load(checkpoints / names(checkpoints)[-1])
    assert_same(memory, saved)
    mass = {}
    for name, state in memory.traces.items():
        for side, p, m in (("pre", state.p_pre, state.minicolumns[0]),
                           ("post", state.p_post, state.minicolumns[1])):  # fmt: skip
            sums = p.reshape(-1, m).sum(axis=1) / state.p
            mass[f"{name} {side}"] = [round(float(sums.min()), 4), round(float(sums.max()), 4)]
    inside = all(0.9 < low and high < 1.1 for low, high in mass.values())
    kappa = memory.parameters.kappa
    errors = [abs(state.p / (1 - (1 - kappa) ** (memory.n_learned + 1)) - 1)
              for state in memory.traces.values()]  # fmt: skip
    with memory, saved:
        assert_same_recall(memory, saved, patterns[:20])
    figures = {
        "patterns": memory.n_learned,
        "rewirings": int(memory.rewiring["patterns"].nunique()),
        "seconds": round(seconds, 1),
        "relative error of p": float(f"{max(errors):.2g}"),
        **{name: float(f"{value:.3g}") for name, value in seen.items()},
        "least and largest mass of a hypercolumn, over p": mass,
        "fan-in as at the start": True,
        "same as the last checkpoint": [*TRACES, "recall"],
    }
    complete = memory.n_learned == len(patterns) * epochs and max(errors) < 1e-9
    return {"figures": figures, "sound": bool(inside and complete)}


def _progress(done: int, total: int, what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{min(done, total)} of {total} {what}", end="", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for command, name, default in (
        (kills, "count", 300), (files, "count", 5000), (long, "patterns", 1_000_000),
    ):  # fmt: skip
        sub = commands.add_parser(command.__name__, help=command.__doc__)
        sub.add_argument(f"--{name}", type=int, default=default)
        sub.add_argument("--seed", type=int, default=0)
        sub.add_argument("--jobs", type=int, default=2)
        sub.add_argument("--json", type=Path)
        sub.set_defaults(run=command)
    options = parser.parse_args()
    campaign = {"command": options.command, "seed": options.seed, "commit": commit()}
    if options.run is long:
        campaign["patterns"] = options.patterns
    journal = Journal(options.json, campaign)
    with tempfile.TemporaryDirectory(prefix="reliability_") as folder:
        result = options.run(options, Path(folder), journal)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for name, value in result["figures"].items():
        print(f"{name:>40}  {value}")
    print(f"{'sound':>40}  {result['sound']}")
    return 0 if result["sound"] else 1


if __name__ == "__main__":
    sys.exit(main())
