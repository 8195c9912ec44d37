"""Long learning in stages, each kept in the store: longer networks learn on from shorter ones.

A network of 20 epochs in stages has learned for 1, 2, 5, 10 and 20, and each of these is found
again by whatever asks for as many epochs. Minicolumns start from rest with every stage, so that a
network whose spikes are random differs from one that has learned at once as it does between seeds.
"""

from __future__ import annotations

from typing import Any

from ..network import AssociativeMemory
from ..store import learn_or_load, left_to_show

STAGED = 100_000  # patterns shown, beyond which learning goes in stages unasked


def stages_upto(epochs: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, … as far as they are below a number of epochs, and this number."""
    round_numbers = [digit * 10**power for power in range(len(str(epochs))) for digit in (1, 2, 5)]
    return [number for number in round_numbers if number < epochs] + [epochs]


def learn_by_stages(
    memory: AssociativeMemory, patterns: Any, upto: list[int], **options: Any
) -> AssociativeMemory:
    """Let a memory learn stage by stage, or find what it has learned so far in the store.

    Parameters
    ----------
    memory : AssociativeMemory
    patterns : array or mapping of str to array
    upto : list of int
        Epochs at the end of each stage.
    **options
        Of `store.learn_or_load`.
    """
    for before, after in zip([0, *upto], upto):
        learn_or_load(memory, patterns, after - before, **options)
    return memory


def go_as_far_as_stored(
    memory: AssociativeMemory, patterns: Any, upto: list[int], shuffle: bool = False
) -> int:
    """Let a memory be what the store has, stage by stage; nothing is learned or waited for.

    Returns
    -------
    int
        Epochs that it has learned then.
    """
    done = 0
    for after in upto:
        if left_to_show(memory, patterns, after - done, shuffle=shuffle):
            break
        learn_or_load(memory, patterns, after - done, shuffle=shuffle)
        done = after
    return done


def left_to_learn(
    memory: AssociativeMemory, patterns: Any, upto: list[int], shuffle: bool = False
) -> int:
    """Patterns that are still to be shown, by what the store and its checkpoints have."""
    done = go_as_far_as_stored(memory, patterns, upto, shuffle)
    if done == upto[-1]:
        return 0
    stage = next(after for after in upto if after > done)
    further = (upto[-1] - stage) * memory.plan(patterns).n_patterns
    return left_to_show(memory, patterns, stage - done, shuffle=shuffle) + further
