"""Who wins in rivalry, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.analysis.rivalry import winners


def test_pairs_of_one_class_do_not_count():
    labels = np.array([1, 1, 2, 2, 3, 3])
    rivals = np.array([2, 2, 3, 3, 1, 3])
    found = np.array([1, 2, 3, 3, 7, 3])
    expected = {"image": 1 / 5, "rival": 3 / 5, "neither": 1 / 5}
    shares = winners(found, labels, rivals)
    assert shares.pop("pairs") == 5 and shares == pytest.approx(expected)


def test_rivals_that_are_no_rivals_are_refused():
    same = np.array([1, 2])
    with pytest.raises(ValueError, match="give pairs of different classes"):
        winners(same, same, same)
