"""The abstract and the biophysical model compared, network by network: tables of means."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .comparison import summarise

ABSTRACT, BIOPHYSICAL = "abstract", "biophysical"
MODELS = (ABSTRACT, BIOPHYSICAL)
#: Measures with half the hypercolumns cued, in the order of the table: name, text, unit.
MEASURES = (
    ("complete_ms", "time to complete", "ms"),
    ("attractor_ms", "duration of the attractor", "ms"),
    ("outlasts", "attractors that outlast the trial", ""),
    ("mean_hz", "mean firing rate", "Hz"),
    ("winners_hz", "firing rate of winning minicolumns", "Hz"),
    ("peak_hz", "peak firing rate", "Hz"),
    ("cv_isi", "CV of inter-spike intervals", ""),
    ("synchrony", "synchrony", ""),
)


def rightly_cued(trials: pd.DataFrame, cued: int) -> pd.DataFrame:
    """Rows in which so many hypercolumns are cued, none of them wrongly."""
    return trials[(trials["cued"] == cued) & (trials["wrong"] == 0)]


def recall_by_condition(trials: pd.DataFrame) -> pd.DataFrame:
    """Means over the trials of every network, model and condition.

    Parameters
    ----------
    trials : DataFrame
        One row a trial: 'stored', the number of patterns, 'seed', 'model', 'cued', 'wrong', and
        what `measure` gives.
    """
    groups = trials.groupby(["stored", "seed", "model", "cued", "wrong"], sort=True)
    measures = ["recalled", *(name for name, _, _ in MEASURES), "correct"]
    rows = [dict(zip(groups.keys, key)) | summarise(rows[measures]) for key, rows in groups]
    return pd.DataFrame(rows)


def compare_two_models(tables: Mapping[str, pd.DataFrame], cued: int) -> pd.DataFrame:
    """Mean and standard deviation over networks of all that is compared.

    Parameters
    ----------
    tables : mapping of DataFrame
        'trials', see `recall_by_condition`; 'speed', simulated seconds per wall second of 'learning'
        and 'recall' by 'seed' and 'model'; 'weights' and 'biases' of both models by 'seed', see
        `draw_learned`. All numbers of patterns are stored apart.
    cued : int
        Hypercolumns that are cued where the number is not said.

    Returns
    -------
    DataFrame
        One row a number of patterns and a quantity: 'stored', 'quantity', 'unit', and of each model
        its mean, NAME, and standard deviation, NAME_sd (NaN for one network).
    """
    numbers = tables["trials"]["stored"].unique()
    found = [_compare({name: table[table["stored"] == stored] for name, table in tables.items()}, cued)
             for stored in numbers]  # fmt: skip
    table = pd.concat(found, keys=numbers, names=["stored"])
    return table.reset_index("stored").reset_index(drop=True)


def by_quantity(table: pd.DataFrame) -> dict[str, dict]:
    """Such a table as plain values for a summary, by the number of patterns and by quantity."""
    found: dict[str, dict] = {}
    for row in table.to_dict("records"):
        stored, quantity = str(row.pop("stored")), row.pop("quantity")
        values = {name: None if pd.isna(value) else value for name, value in row.items()}
        found.setdefault(stored, {})[quantity] = values
    return found


def _compare(tables: Mapping[str, pd.DataFrame], half: int) -> pd.DataFrame:
    """See `compare_two_models`, for one number of patterns."""
    by_condition, rows = recall_by_condition(tables["trials"]), []
    for (cued, wrong), found in by_condition.groupby(["cued", "wrong"], sort=True):
        text = f"{cued} cued" + (f", {wrong} of them wrongly" if wrong else "")
        rows.append(_row(f"patterns recalled, {text}", "", _by_model(found, "recalled")))
    found = rightly_cued(by_condition, half)
    rows += [_row(text, unit, _by_model(found, name)) for name, text, unit in MEASURES]
    for name in ("learning", "recall"):
        of_model = _by_model(tables["speed"], name)
        rows.append(_row(f"simulated seconds per wall second, {name}", "", of_model))
    pairs, minicolumns = tables["weights"], tables["biases"]
    used = {"weights": pairs[pairs["used"]], "biases": minicolumns[minicolumns["patterns"] > 0]}
    for what, table in used.items():
        for trace, receptor in (("fast", "AMPA"), ("slow", "NMDA")):
            for kind, method in (("correlation", "pearson"), ("rank correlation", "spearman")):
                r = pd.Series([of_seed[[ABSTRACT, trace]].corr(method).iloc[0, 1]
                               for _, of_seed in table.groupby("seed")])  # fmt: skip
                text = f"{kind} of {what}, {receptor} against abstract"
                rows.append(_row(text, "", {BIOPHYSICAL: r}))
    return pd.DataFrame(rows)


def _by_model(table: pd.DataFrame, column: str) -> dict[str, pd.Series]:
    return {model: table.loc[table["model"] == model, column] for model in MODELS}


def _row(text: str, unit: str, by_model: Mapping[str, pd.Series]) -> dict:
    row: dict = {"quantity": text, "unit": unit}
    for model in MODELS:
        values = by_model.get(model, pd.Series(dtype=float))
        row[model] = float(values.mean()) if len(values) else np.nan
        row[f"{model}_sd"] = float(values.std()) if len(values) > 1 else np.nan
    return row
