"""The whole programme, in small: in which order, what goes on after a failure, and the report."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import protocols.paper
from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.experiments.folders import read_table
from cortical_bcpnn.experiments.html_report import Part, html_of, part_of
from cortical_bcpnn.store import stored_networks
from protocols.paper import paper

SMALL = ["--limit", "60", "--epochs", "2", "--jobs", "1", "--seed", "5", "--variants", "spspk-full"]
PARTS = ["--parts", "learning_curve,raster"]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("paper") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTICAL_BCPNN_STORE", str(out.parent / "store"))
        paper.run([*SMALL, *PARTS, "--out", str(out)])
        yield out, [network.description for network in stored_networks()]


def test_all_parts_take_the_same_networks(result):
    """Those of the stages, which the curve has learned."""
    out, networks = result
    assert sorted(network["epochs"] for network in networks) == [1, 1]
    for name in ("learning_curve", "raster"):
        summary = json.loads((out / name / "summary.json").read_text())
        assert summary["seeds"] == [5] and "--stages" in summary["provenance"]["command"]
    assert json.loads((out / "raster" / "summary.json").read_text())["parameters"]["epochs"] == 2


def test_the_report_needs_no_other_file(result):
    out, _ = result
    text = (out / "report.html").read_text()
    for image in re.findall(r'<img[^>]*src="([^"]*)"', text):
        assert image.startswith("data:image/png;base64,")
    assert text.count("<img") == 2 and not re.search("(src|href)=.(http|/)", text)
    for said in ("60 images × 2 epochs", "readout of 60", "firing rates in Hz", "brian2",
                 "python -m protocols.raster --limit 60"):  # fmt: skip
        assert said in text


def test_networks_are_added_to_all_parts(result, tmp_path, monkeypatch):
    out, _ = result
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(out.parent / "store"))
    grown = shutil.copytree(out, tmp_path / "out")
    paper(resume=grown, seeds=2)
    for name, table in (("learning_curve", "curve"), ("raster", "rates")):
        assert json.loads((grown / name / "summary.json").read_text())["seeds"] == [5, 6]
        rows, before = read_table(grown / name, table), read_table(out / name, table)
        pd.testing.assert_frame_equal(rows[rows["seed"] == 5].reset_index(drop=True), before)
        assert set(rows["seed"]) == {5, 6}
    assert "seeds 5, 6" in (grown / "report.html").read_text()


def test_claims_are_a_table(tmp_path):
    """Of a folder of results that is published."""
    claims = shutil.copytree(Path(__file__).parents[2] / "figures" / "digits" / "claims", tmp_path / "c")
    text = html_of("t", [], [part_of(claims, "claims", "claims")], {}).decode()
    assert text.count("<tr") == 1 + len(read_table(claims, "claims")) and "<pre>" not in text


def test_what_the_report_quotes_is_escaped():
    part = Part("raster", "a < b", "python -m x --a '<i>'", "commit", "1 < 2", {})
    text = html_of("t", ["<script>"], [part], {"tasks": "a & b"}).decode()
    assert "<script>" not in text and "1 &lt; 2" in text and "a &amp; b" in text


def test_a_part_that_fails_does_not_keep_others_from_being_made(tmp_path, monkeypatch):
    """It is said in the report; once that is mended, --resume makes what is missing."""
    given: list = []

    def run(names, folder, arguments, dataset):
        given.append((names[0], arguments))
        if names == ["raster"] and len(given) < 3:
            raise ArithmeticError("no luck")
        return {}

    monkeypatch.setattr(protocols.paper, "run_protocols", run)
    table = pd.DataFrame({"part": ["tasks"], "hours": [0.5]})
    monkeypatch.setattr(protocols.paper, "of_programme", lambda *_: (table, "said"))
    out = tmp_path / "out"
    parts = ["--parts", "raster,similarity"]
    with pytest.raises(ValueError, match=f"raster: no luck.*report.html has.*--resume {out}"):
        paper.run([*SMALL, *parts, "--seeds", "2", "--out", str(out)])
    shared = ["--limit", "60", "--jobs", "1", "--seed", "5", "--seeds", "2"]
    assert given == [(name, [*shared, "--epochs", "2", "--stages"]) for name in ("raster", "similarity")]
    assert "raster did not come to its end: no luck" in (out / "report.html").read_text()
    results = paper.run(["--resume", str(out)])
    assert len(given) == 4 and results.finished and "0.50 were estimated" in paper.report(results)


def test_an_estimate_leaves_nothing_behind(result, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path / "store"))
    results = paper.run([*SMALL, *PARTS, "--estimate", "--out", str(out)])
    said = capsys.readouterr().out
    assert re.search(r"learning +spspk-full +120 images", said) and "in all" in said
    assert not out.exists() and not stored_networks() and paper.report(results) == ""


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--parts", "raster,taks"], "part 'taks' is unknown: choose from learning_curve, architecture"),
        (["--shuffle"], "--shuffle is given where images in order and at random are compared"),
        (["--second", "breast-cancer"], "breast-cancer has samples of shape"),
        (["--second", "clothes", "--second-dir", "nowhere"], "nowhere does not exist"),
        (["--fan-in", "65"], "fan-in of the feedforward projection is 65"),
    ],
)
def test_bad_input_is_said_before_anything_is_learned(arguments, message, tmp_path, monkeypatch):
    monkeypatch.setattr(AssociativeMemory, "learn", lambda *_, **__: pytest.fail("it learns"))
    out = tmp_path / "out"
    with pytest.raises((ValueError, OSError), match=message):
        paper.run([*arguments, "--out", str(out)])
    assert not out.exists()
