"""Campaigns are resumed where they stopped, and not mixed up."""

from __future__ import annotations

import pytest
from campaign_journal import Journal

CAMPAIGN = {"command": "kills", "seed": 0}


def test_what_was_found_is_there_again(tmp_path):
    """Without a line that was not finished, behind which the next would be lost."""
    path = tmp_path / "kills.jsonl"
    Journal(path, CAMPAIGN).add("3", {"kills": [9, 15]})
    with open(path, "a") as file:
        file.write('["4", {"ki')
    again = Journal(path, CAMPAIGN)
    assert "3" in again and "4" not in again and again["3"] == {"kills": [9, 15]}
    again.add("4", None)
    assert Journal(path, CAMPAIGN)["4"] is None and len(path.read_text().splitlines()) == 3


def test_a_journal_of_another_campaign_is_refused(tmp_path):
    Journal(tmp_path / "a", CAMPAIGN)
    with pytest.raises(ValueError, match="another campaign"):
        Journal(tmp_path / "a", {**CAMPAIGN, "seed": 1})


def test_without_a_file_nothing_is_kept():
    journal = Journal(None, CAMPAIGN)
    journal.add("1", 2)
    assert journal["1"] == 2
