"""Tables that come piece by piece, stopped at any moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.results import Results

KEYS = [("a", 0.1), ("a", 0.2), ("b", 0.1)]


@pytest.fixture
def results(tmp_path):
    with Results(tmp_path / "out", "tasks", []) as results:
        yield results


def rows(name: str, level: float) -> list[dict]:
    score = np.float64(level) / 3
    return [{"name": name, "level": level, "n": np.int64(3), "score": score, "ok": np.True_}] * 2


def courses(level: float) -> pd.DataFrame:
    return pd.DataFrame({"level": level, "x": np.array([1 / 3, np.nan]), "t": [1, 2], "kind": "é, \""})


def fill(results, keys) -> ResumableTables:
    kept = ResumableTables(results, KEYS, "scores", "courses")
    for key in keys:
        kept.append(key, rows(*key), courses(key[1]))
    return kept


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
@pytest.mark.parametrize("stop", [1, 2])
def test_a_stopped_table_ends_as_if_it_had_not_been(results, tmp_path, order, stop):
    """In whatever order pieces end, byte by byte; what is missing is known."""
    with Results(tmp_path / "whole", "tasks", []) as others:
        whole = fill(others, KEYS)
        assert whole.missing == []
    keys = [KEYS[number] for number in order]
    fill(results, keys[:stop])
    kept = ResumableTables(results, KEYS, "scores", "courses")
    assert kept.missing == [key for key in KEYS if key not in keys[:stop]]
    kept = fill(results, keys[stop:])
    for name in ("scores", "courses"):
        content = (results.path / f"{name}.csv").read_bytes()
        assert content == (others.path / f"{name}.csv").read_bytes()
        pd.testing.assert_frame_equal(kept.table(name), whole.table(name), check_exact=True)
    assert kept.table().equals(kept.table("scores")) and len(kept.table()) == 6
    assert kept.table("courses")["x"].isna().sum() == 3


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_piece_counts_in_all_its_tables_or_in_none(results, cut):
    fill(results, KEYS[:2])
    path = results.path / "scores.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    kept = ResumableTables(results, KEYS, "scores", "courses")
    assert kept.missing == KEYS[1:]
    assert len(kept.table("scores")) == len(kept.table("courses")) == 2


def test_a_table_of_an_earlier_version_is_made_anew(results, capsys):
    results.save_table(pd.DataFrame({"name": ["a"]}), "scores")
    kept = ResumableTables(results, KEYS, "scores", "courses")
    assert "scores.csv in" in capsys.readouterr().err and kept.missing == KEYS
    fill(results, KEYS)
    assert len(results.table("scores")) == 6
