"""Runs per hour against workers, in small; and clusters that are joined."""

from __future__ import annotations

import os

import pandas as pd
import pytest
from matplotlib.image import imread

from protocols import scaling
from protocols.cluster import open_cluster
from protocols.joined_cluster import joined_cluster, may_make_namespaces

pytestmark = pytest.mark.long  # clusters and networks of its own


def test_medians_and_efficiency():
    table = pd.DataFrame(
        {"kind": ["local"] * 6 + ["loopback"] * 3, "workers": [1] * 3 + [2] * 6,
         "runs_per_hour": [90, 100, 140, 150, 180, 400, 160, 170, 190], "load_before": range(9)}
    )  # fmt: skip
    found = scaling.summarise(table)
    assert found["median"].tolist() == [100, 180, 170]
    assert found["efficiency"].tolist() == [1.0, 0.9, 0.85]
    assert found["load_before"].tolist() == [1, 4, 7]


def test_the_protocol_in_small(tmp_path, monkeypatch):
    """And a run that was stopped goes on."""
    monkeypatch.setattr(scaling, "SETTINGS", {"train_images": 40, "test_images": 20, "epochs": 1})
    arguments = ["--workers", "1", "--runs", "1", "--repeats", "2", "--local-only"]
    scaling.main([*arguments, "--out", str(tmp_path / "out")])
    table = pd.read_csv(tmp_path / "out" / "scaling.csv")
    assert table["repeat"].tolist() == [0, 1] and (table["runs_per_hour"] > 0).all()
    assert imread(tmp_path / "out" / "scaling.png").std() > 0.05
    assert "CORTICAL_BCPNN_STORE" in os.environ, "the store of the tests is there again"


@pytest.mark.parametrize("namespaces", [False, True], ids=["loopback", "namespaces"])
def test_joined_clusters(namespaces):
    """Two workers, pinned; nothing is left behind."""
    if namespaces and not may_make_namespaces():
        pytest.skip("network namespaces take root and ip")
    with joined_cluster(namespaces=namespaces, workers=2) as address:
        with open_cluster(address, None, 0.0) as cluster:
            cluster.client.wait_for_workers(2, timeout=120)
            assert scaling.pin(cluster)
            cores = cluster.client.run(os.sched_getaffinity, 0)
            assert dict(cluster.compute(abs, {n: (-n,) for n in range(4)})) == {n: n for n in range(4)}
    assert len(cores) == 2 and all(len(own) == 1 for own in cores.values())
