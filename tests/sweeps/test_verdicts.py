"""Whether the best of a search beats the published settings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cortical_bcpnn.sweeps.verdicts import verdict


def test_verdicts():
    """By twice the standard error of the difference; of several, the best on validation images."""
    candidates = pd.DataFrame({"candidate": ["published", "1", "2"], "attractor": [0.7, 0.8, 0.9],
                               "hid_spikes": [1200.0, 900, 1300]})  # fmt: skip
    compared = pd.DataFrame(
        {"attractor": [0.70, 0.95, 0.75], "attractor_sd": [0.04, 0.04, 0.04],
         "hid_spikes": [1200.0, 900, 1300], "hid_spikes_sd": [5.0, 5, 5], "networks": [4, 4, 4]},
        index=["published", "1", "2"],
    )  # fmt: skip
    # standard error sqrt(2 * 0.04² / 4) = 0.028: 0.05 is less than twice that
    assert verdict(compared, candidates, "attractor") == (
        "attractor: candidate 2 does not beat the published settings, 0.75 against 0.7 (± 0.028)"
    )
    compared.loc["2", "attractor"] = 0.76
    assert "candidate 2 beats" in verdict(compared, candidates, "attractor")
    assert "candidate 1 beats" in verdict(compared, candidates, "hid_spikes")
    compared["attractor_sd"] = np.nan
    assert "one network each" in verdict(compared, candidates, "attractor")
