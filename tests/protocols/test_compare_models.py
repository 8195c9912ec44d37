"""Models side by side: what is asked for, and the protocol in small."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn import VARIANTS
from cortical_bcpnn.experiments.models import cells_of
from protocols.compare_models import MODELS, compare_models

SMALL = ["--limit", "30", "--epochs", "2", "--jobs", "1", "--seed", "5"]


def test_models_to_compare_are_shipped():
    assert len(MODELS) == 11


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--models", "Hopfield"], "model 'Hopfield' is unknown: choose from published, .*see --help"),
        (["--models", "published,published"], "published is there twice: name it once"),
        (["--minicolumn", "rate"], "--minicolumn and --plasticity are those of the models: give"),
    ],
)
def test_what_cannot_be_compared_is_said(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        compare_models.run([*SMALL, *arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_without_torch_nothing_is_trained_by_gradient(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="--gradient needs PyTorch, which is missing: install"):
        compare_models.run([*SMALL, "--gradient", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_cells_differ_in_their_minicolumns_alone():
    assert cells_of(["published", "SRC", "E traces", "noisy SRC"]) == ["published", "SRC", "noisy SRC"]
    assert cells_of(["covariance", "continuous"]) == ["covariance"]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """That others learn and recall is tested elsewhere."""
    out = tmp_path_factory.mktemp("models") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cortical_bcpnn.experiments.models.NOISES", (0.0, 0.5))
        which = ["--models", "published,rates,noisy SRC", "--seeds", "2"]
        if importlib.util.find_spec("torch"):
            which.append("--gradient")
        compare_models.run([*SMALL, *which, "--out", str(out)])
        yield out


@pytest.mark.long
def test_tables_and_summary(result):
    table = pd.read_csv(result / "models.csv")
    by_gradient = table[table["model"] == "SRC by gradient"]
    assert len(by_gradient) == 0 or by_gradient["attractor"].isna().all()
    table = table.drop(by_gradient.index)
    assert list(table["model"]) == ["published"] * 2 + ["rates"] * 2 + ["noisy SRC"] * 2
    assert list(table["seed"]) == [5, 6] * 3 and (table["images"] == 30).all()
    f_max = [float(VARIANTS[name].f_max) for name in ("spspk-full", "rate-full")]
    assert table["rate_mean_hz"].to_numpy()[:4] == pytest.approx(np.repeat(f_max, 2) / 30, rel=0.05)
    assert (table[["ms_per_pattern", "us_per_step"]] > 0).all(axis=None)
    summary = json.loads((result / "summary.json").read_text())
    assert summary["variant"] == "spspk-full" and summary["seeds"] == [5, 6]
    published = table[table["model"] == "published"]
    assert summary["models"]["published"]["ff"] == pytest.approx(published["ff"].mean())
    assert "Ravichandran" in summary["sources"]["published"]["minicolumn"]
    assert "De Geeter" in summary["sources"]["noisy SRC"]["minicolumn"]


@pytest.mark.long
def test_cells_are_measured_in_networks_of_published_ones(result):
    names = "cells", "transfer", "noise"
    cells, curves, noise = (pd.read_csv(result / f"{name}.csv") for name in names)
    assert list(cells["model"]) == ["published"] * 2 + ["rates"] * 2 + ["noisy SRC"] * 2
    for _, rows in cells.groupby("seed"):  # the same network, the same posteriors
        assert rows["certainty_broad"].nunique() == 1
        assert (rows["certainty_broad"] < rows["certainty_sharp"]).all()
    models = pd.read_csv(result / "models.csv").set_index(["model", "seed"])["ff"]
    for row in cells[cells["model"] == "published"].itertuples():
        assert (row.ff_broad + row.ff_sharp) / 2 == pytest.approx(models["published", row.seed])
    assert set(curves["model"]) == {"published", "rates", "noisy SRC"} and len(curves) == 60
    assert list(noise["noise"]) == [0.0, 0.5]


@pytest.mark.long
def test_picture(result, tmp_path):
    for name in ("models", "transfer"):
        picture = imread(result / f"{name}.png")
        assert min(picture.shape[:2]) > 150 and picture[..., :3].std() > 0.05
    assert_redrawn(compare_models, result, tmp_path / "copy")


@pytest.mark.long
def test_a_run_goes_on_without_learning_again(result, tmp_path, monkeypatch):
    """And its closing table is the same."""
    before = (result / "models.csv").read_bytes()
    (result / "summary.json").unlink()
    monkeypatch.setattr("cortical_bcpnn.AssociativeMemory.learn", None)
    again = compare_models.run(["--resume", str(result)])
    assert (result / "models.csv").read_bytes() == before
    report = compare_models.report(again)
    assert "spspk-full on digits, mean of 2 networks" in report and "3.3" in report
