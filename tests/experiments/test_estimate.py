"""How long a programme will take: what is counted, and hours by hand."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from brian2 import ms

from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.estimate import (
    Piece,
    Speed,
    curve_left,
    gallery_left,
    hours,
    in_words,
    learning_left,
    measure_speed,
    of_programme,
)
from cortical_bcpnn.store import stored_networks

SPEEDS = {"rate-full": Speed(0.01, 1e-4, 5, 25), "spspk-full": Speed(0.02, 2e-4, 200, 400)}


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path / "store"))


def test_hours():
    """Recall is shared between processes, learning is not."""
    pieces = [Piece("learning", "rate-full", 360_000, 0), Piece("tasks", "rate-full", 0, 36_000_000),
              Piece("tasks", "rate-full", 0, 36_000_000)]  # fmt: skip
    table = hours(pieces, SPEEDS, 2)
    assert table["part"].tolist() == ["learning", "tasks"]
    assert table["hours"].tolist() == pytest.approx([1.0, 1.0])
    said = in_words(table, SPEEDS, 2)
    assert "recall in 2 processes" in said and "in all 2.00 hours" in said
    assert "spspk-full    20.0 ms per image learned,   200 us" in said


def test_recall_of_curves_is_of_readout_and_test_images():
    setup = Networks(limit_test=100)
    found = curve_left(setup, SPEEDS, [("spspk-full", 0, 1), ("rate-full", 0, 2)], 1000)
    assert [(p.variant, p.images, p.steps) for p in found] == [
        ("spspk-full", 0, 1000 * 200 + 100 * 400), ("rate-full", 0, 1000 * 5 + 100 * 25),
    ]  # fmt: skip


def test_the_gallery_is_of_the_sparse_networks_but_for_the_tasks():
    setup = Networks(limit_train=50, limit_test=100, seeds=3, epochs=2)
    left = dict.fromkeys(["tasks", "prototypes", "time_constants", "raster"], 3)
    found = gallery_left(setup, SPEEDS, left)
    steps = {(p.part, p.variant): p.steps for p in found}
    assert set(steps) == {("tasks", "rate-full"), ("tasks", "spspk-full"), ("prototypes", "spspk-full"),
                          ("time_constants", "spspk-full")}  # fmt: skip
    assert steps["tasks", "spspk-full"] == 3 * (50 * 200 + (100 + 30 * 100) * 400)
    assert steps["prototypes", "spspk-full"] == 3 * 100 * 400
    assert sum(piece.images for piece in found) == 48 * 50 * 2
    assert gallery_left(setup, SPEEDS, {"raster": 3}) == []


def test_speed_is_measured_and_nothing_kept():
    speed = measure_speed(Networks(limit=20), "spspk-full")
    assert (speed.feedforward_steps, speed.all_steps) == (200, 400)
    assert 1e-4 < speed.pattern_s < 1 and 1e-7 < speed.step_s < 1e-2
    assert not stored_networks()


def test_what_is_there_is_not_counted(tmp_path):
    """Networks that the store has, parts that have ended, and points of a curve that was stopped."""
    setup = Networks(limit=20, epochs=2, stages=True, seeds=2)
    assert sum(piece.images for piece in learning_left(setup, ["spspk-full"])) == 80
    setup.learned("spspk-full", epochs=1).close()
    assert sum(piece.images for piece in learning_left(setup, ["spspk-full"])) == 60
    for name in ("prototypes", "similarity", "time_constants", "learning_curve"):
        (tmp_path / name).mkdir()
    for name, seeds in (("prototypes", [0, 1]), ("similarity", [0]), ("time_constants", [0])):
        (tmp_path / name / "summary.json").write_text(json.dumps({"seeds": seeds}))
    there = pd.DataFrame({"variant": "spspk-full", "seed": [0], "epochs": [1]})
    there.to_csv(tmp_path / "learning_curve" / "curve.csv")
    parts = ["learning_curve", "prototypes", "similarity", "time_constants"]
    table, said = of_programme(setup, ["spspk-full"], parts, tmp_path, 20)
    assert table["part"].tolist() == ["learning", "learning_curve", "similarity"]
    assert table["images"].tolist() == [60, 0, 0]
    assert table["steps"].tolist() == [0, 3 * (20 * 200 + 20 * 400), 20 * 400] and "in all" in said


def test_other_orders_are_learned_by_one_network(tmp_path):
    """And all of them are measured, that in the usual order as well."""
    setup = Networks(limit=20, epochs=2, stages=True, seeds=3, tau_p=100 * ms)
    orders = setup.changed(tau_p=20 * ms)
    orders.learned("spspk-full", epochs=1).close()
    table, _ = of_programme(setup, ["spspk-full"], ["presentation_order"], tmp_path, 20)
    assert table["part"].tolist() == ["learning", "presentation_order"]
    assert table["images"].tolist() == [3 * 40, 20 + 40]
    assert table["steps"].tolist() == [0, 3 * (20 * 200 + 20 * 400)]
