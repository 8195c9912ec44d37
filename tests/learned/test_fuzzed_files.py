"""Files damaged and crafted at random are refused, or are what they say; none does harm."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from comparing import assert_same
from fuzzing import ACCEPTABLE, CRAFTED, OLDER, bits_flipped, bytes_replaced, load, load_all
from sealing import assert_one_sentence
from tasks import SHORT, names

KILOBYTE = 1024


@pytest.fixture(scope="module")
def files(finished, half_learned, tmp_path_factory) -> list[Path]:
    """A network and a checkpoint. Do not change them."""
    network = tmp_path_factory.mktemp("fuzzed") / "network.h5"
    finished.save(network)
    return [network, half_learned / names(half_learned)[-1]]


def assert_checksum_refuses(path: Path) -> None:
    with pytest.raises(ValueError, match="not a file saved by|does not match its checksum") as error:
        load(path)
    assert_one_sentence(str(error.value))


def test_files_cut_off_at_every_kilobyte_are_refused(files, tmp_path):
    """And one byte before and behind it."""
    cases = 0
    for original in files:
        content = original.read_bytes()
        path = tmp_path / original.name
        for end in range(0, len(content), KILOBYTE):
            for length in (end - 1, end, end + 1):
                if 0 <= length < len(content):
                    path.write_bytes(content[:length])
                    assert_checksum_refuses(path)
                    cases += 1
    assert cases > 100


def test_files_that_have_grown_are_refused(files, tmp_path):
    for original in files:
        path = tmp_path / original.name
        path.write_bytes(original.read_bytes() + b"\0")
        assert_checksum_refuses(path)


@pytest.mark.parametrize("damage", [bits_flipped, bytes_replaced])
def test_damaged_files_are_refused(files, tmp_path, damage):
    """150 times each."""
    for original in files:
        for case in range(150):
            path = tmp_path / original.name
            path.write_bytes(original.read_bytes())
            damage(path, np.random.default_rng([case, 1]))
            assert path.read_bytes() != original.read_bytes()
            assert_checksum_refuses(path)


@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.long)])
def test_crafted_files_are_refused_or_are_what_they_say(files, tmp_path, share):
    """With a right checksum: a share of 60 networks and 30 checkpoints of each kind, of older 8 and 4.

    A network that loads is that of the file: saved again, it gives the same.
    """
    outcomes = {}
    for original, cases in zip(files, (range(60), range(100, 130))):
        outcomes |= load_all(original, tmp_path, CRAFTED, cases[: len(cases) // share])
        outcomes |= load_all(original, tmp_path, OLDER, cases[: len(cases) // 7 // share])
    unacceptable = {o: n for o, n in outcomes.items() if o[1] not in ACCEPTABLE}
    assert unacceptable == {}
    assert os.listdir(tmp_path) == []
    loaded = [n for (_, outcome), n in outcomes.items() if outcome.startswith("loaded")]
    assert sum(loaded) > 20 // share


def test_the_files_that_are_damaged_are_sound(files, finished):
    """So that it is the damage that is refused."""
    assert_same(load(files[0]), finished)
    assert load(files[1]).n_learned == 12 and SHORT.epochs == 2
