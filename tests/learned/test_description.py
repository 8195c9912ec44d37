"""A memory as tables."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import tiny_memory

from cortical_bcpnn import LIF
from cortical_bcpnn.learned import description


@pytest.fixture(scope="module")
def memory():
    return tiny_memory(device="runtime", minicolumn={"HID": LIF}, rewire_every=7)


def test_tables_have_the_values_with_names(memory, monkeypatch):
    pre, post = np.random.default_rng(0).random((18, 20)), np.random.default_rng(1).random(20)
    monkeypatch.setattr(memory, "weights", lambda projection: pre)
    monkeypatch.setattr(memory, "biases", lambda projection: post)
    weights, biases = memory.table("feedforward"), memory.table("feedforward", "biases")
    assert weights.loc[(3, 1), (2, 4)] == pre[2 * 3 + 1, 5 * 2 + 4]
    assert biases.loc[(2, 4), "bias"] == post[5 * 2 + 4]
    assert weights.index.names == ["pre hypercolumn", "pre minicolumn"]
    assert weights.columns.names == ["post hypercolumn", "post minicolumn"]


def test_connections_are_of_hypercolumns(memory):
    table = memory.table("feedback", "connections")
    np.testing.assert_array_equal(table, memory.connections("feedback"))
    assert (table.index.name, table.columns.name) == ("pre hypercolumn", "post hypercolumn")


@pytest.mark.parametrize("arguments", [("sideways",), ("feedback", "delays")])
def test_unknown_names_are_refused(memory, arguments):
    with pytest.raises(ValueError, match="choose one of"):
        memory.table(*arguments)


def test_a_line_says_what_it_is(memory):
    assert repr(memory) == (
        "<AssociativeMemory spspk-full: INP 9×2, HID 4×5, INPRC 9×2; 0 patterns learned>"
    )


def test_its_tables_say_what_it_is_made_of_and_what_is_not_published(memory):
    assert description.populations(memory).values.tolist() == [
        ["INP", 9, 2, "Poisson"], ["HID", 4, 5, LIF.name], ["INPRC", 9, 2, "Poisson"]
    ]  # fmt: skip
    projections = description.projections(memory).set_index("projection")
    assert projections["fan-in"].to_dict() == {"feedforward": 4, "recurrent": 4, "feedback": 2}
    assert projections["flips"].tolist() == [0, "not rewired", 0]
    unusual = description.unusual(memory.parameters).set_index("parameter")
    assert set(unusual.index) == {"variant", "tau_p", "rewire_every", "seed"}
    assert unusual.loc["tau_p"].tolist() == ["40.0 ms", "5000.0 ms"]


def test_what_was_learned_has_a_row_for_each_call(memory, monkeypatch):
    call = {"n_patterns": 12, "epochs": 4, "shown": 48, "ended": "now", "projections": ["feedback"]}
    monkeypatch.setattr(memory, "history", [call, {**call, "projections": None}])
    learned = description.calls(memory)
    assert learned["shown"].tolist() == [48, 48]
    assert learned["projections"].tolist() == ["feedback", "all"]
    assert learned.to_html(index=False) in memory._repr_html_()


def test_a_notebook_shows_the_tables_that_are_not_empty(memory):
    html = memory._repr_html_()
    assert html.count("<table") == html.count("</table>") == 3
    assert all(name in html for name in ("HID", "feedback", "40.0 ms")) and "Learned" not in html
