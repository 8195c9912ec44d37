"""Claims of the paper against tables that are made up so that each holds, or does not."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from cortical_bcpnn.experiments.claims import CLAIMS, hold, markdown
from protocols.claims import NEEDED, claims

SEEDS = (0, 1)


def write(gallery: Path, name: str, said: dict, **tables: pd.DataFrame) -> None:
    folder = gallery / name
    folder.mkdir(parents=True)
    summary = {"dataset": "digits", "seeds": list(SEEDS), **said}
    (folder / "summary.json").write_text(json.dumps(summary))
    for of, table in tables.items():
        table.to_csv(folder / f"{of}.csv", index=False)


def make_gallery(folder: Path, good: bool) -> Path:
    """Results in which all claims hold by far, or none."""
    sign = 1 if good else -1
    rates = [{"seed": s, "population": "HID", "phase": "all", "mean_hz": 10 / 3 if good else 9,
              "max_hz": 100 if good else 150} for s in SEEDS]  # fmt: skip
    write(folder, "raster", {"parameters": {"variant": {"f_max": "100 Hz"},
                                            "populations": {"HID": [30, 30]}}},
          rates=pd.DataFrame(rates))  # fmt: skip
    ortho = [{"seed": s, "population": p, "moment": m, "s_ortho": 2 + sign * step}
             for s in SEEDS for step, (p, m) in enumerate(
                 [("INP", "feedforward"), ("HID", "feedforward"), ("HID", "attractor")])]  # fmt: skip
    write(folder, "similarity", {}, s_ortho=pd.DataFrame(ortho))
    change = {"flips_first": 9, "flips_last": 9 - sign, "score_first": 1, "score_last": 1 + sign}
    rewiring = [{"seed": s, "projection": p, **change}
                for s in SEEDS for p in ("feedforward", "feedback")]  # fmt: skip
    write(folder, "rewiring", {}, summary=pd.DataFrame(rewiring))
    tasks = [
        {"variant": f"{family}-{kind}", "seed": s, "task": task, "difficulty": d,
         "accuracy": 0.5 + 0.1 * sign * (kind == "full") - (0.3 if task == "clean" and not good else 0)
         * (family != "rate")}
        for family in ("rate", "spk", "spspk") for kind in ("ff", "full") for s in SEEDS
        for task, d in [("clean", 0.0), *((t, d) for t in ("completion", "rivalry", "distortion")
                                          for d in (0.2, 0.8, 1.0))]
    ]  # fmt: skip
    write(folder, "tasks", {}, tasks=pd.DataFrame(tasks))
    cells = [{"spikes": 10.0**power, "carried_over": 0.0, "ff": 0.5 + 0.1 * sign * power,
              "attractor": 0.5 + 0.1 * sign * power} for power in (-1, 0, 1, 2)]  # fmt: skip
    cells.append({"spikes": 1000, "carried_over": 0.5, "ff": 0.0, "attractor": 0.0})
    write(folder, "time_constants", {"cells": cells, "carried_over_max": 0.05, "few_spikes": 2.0})
    looks = {"own": {"mean": 0.8 if good else 0.3, "sd": 0.05}, "others": {"mean": 0.4},
             "most_like_own": {"mean": 0.9 if good else 0.2}}  # fmt: skip
    counts = [1, 20, 99] if good else [50, 20, 99]
    found = {"counts": {"s_min": [0.1, 0.5, 0.9], "prototypes": counts}, "recalled_images": 100}
    write(folder, "prototypes", {**found, "prototypes": {"by_member": looks}})
    return folder


@pytest.mark.parametrize("good, verdict", [(True, "yes"), (False, "no")])
def test_claims_hold_where_they_hold(tmp_path, good, verdict):
    table = hold(make_gallery(tmp_path, good))
    assert len(table) == 2 + 2 + 4 + 9 + 4 + 2 + 2 and len(CLAIMS) == 7
    assert set(table["holds"]) == {verdict}, table[table["holds"] != verdict]
    assert (table["networks"] == 2).all() and (table["data"] == "digits").all()


def test_what_was_measured_is_said(tmp_path):
    table = hold(make_gallery(tmp_path, True)).set_index("claim")["measured"]
    assert table.filter(like="HID fires at f_max/M = 3.3 Hz").item() == "3.33 ± 0.00 Hz"
    gain = table.filter(like="spk: recurrence raises accuracy in rivalry").iloc[0]
    assert gain == "+10.0 ± 0.0 points, mean over difficulty 0.8 to 1.0"
    looks = table.filter(like="look like class averages").item()
    assert looks.startswith("correlation 0.80 ± 0.05 with") and "0.40 with others; 90% of" in looks
    assert "50.0 % below" not in table.filter(like="leaves too few").iloc[0]


def test_a_table_in_markdown():
    text = markdown(pd.DataFrame({"claim": ["a | b"], "holds": ["yes"]}))
    assert text == "| claim | holds |\n| --- | --- |\n| a \\| b | yes |\n"


def test_the_protocol_takes_a_gallery_that_is_there(tmp_path):
    """Nothing is run again; the table, Markdown and the closing lines say the same."""
    gallery = make_gallery(tmp_path / "gallery", True)
    results = claims(gallery=gallery, out=tmp_path / "out")
    table = results.table("claims")
    assert len(table) == 25 and "25 of 25 hold" in claims.report(results)
    assert len((tmp_path / "out" / "claims.md").read_text().splitlines()) == 27
    assert {path.name for path in gallery.iterdir()} == set(NEEDED)
