"""Many parameters at once against one at a time: equal budgets, fronts and their hypervolumes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.sweeps.coevolution import REFERENCE, WAYS, chosen_fronts, divided, volumes
from cortical_bcpnn.sweeps.search_spec import search_from

GROUPS = {"tau_z": ("tau_z",), "rest": ("fan_in", "theta_1")}
AIMS = ("out_ff", "hid_spikes")
SPEC = search_from({"search": {"tau_z": "5ms..50ms", "fan_in": "4..40", "theta_1": "0.8..1.2"},
                    "aims": list(AIMS), "population": 5, "generations": 6})  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_evaluate_as_many(way):
    parts = divided(SPEC, way, GROUPS)
    assert sum(part.population * part.generations for part in parts.values()) == 30
    assert sorted(d.name for part in parts.values() for d in part.dimensions) == [
        "fan_in", "tau_z", "theta_1",
    ]  # fmt: skip
    assert {part.strategy for part in parts.values()} == {"random" if way == "at random" else "CMA-ES"}


def candidates() -> pd.DataFrame:
    rows = [("published", "together", np.nan, 0.5, 900.0), ("0", "together", 10.0, 0.6, 1000.0),
            ("1", "together", 20.0, 0.3, 100.0), ("2", "together", 30.0, 0.2, 5000.0),
            ("0", "at random", 40.0, 0.05, 10.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["candidate", "way", "tau_z", *AIMS])
    return table.assign(search=0, fan_in=np.nan, theta_1=np.nan)


def test_fronts_are_what_is_tested():
    fronts = chosen_fronts(SPEC, candidates())
    assert fronts["published", 0, 0] == {}
    assert [fronts["together", 0, n] for n in (0, 1)] == [{"tau_z": 20.0}, {"tau_z": 10.0}]
    assert ("together", 0, 2) not in fronts, "what another candidate is better than in both"


def test_hypervolume_is_an_area_up_to_the_reference():
    """Two rectangles: accuracy above the reference times decades of spikes below it."""
    held_out = pd.DataFrame(
        [("published", 0, 1, 0.5, 1000.0), *[("together", n, s, a, k) for s in (1, 2)
         for n, a, k in ((0, 0.3, 100.0), (1, 0.6, 1000.0))]],
        columns=["way", "candidate", "seed", *AIMS],
    ).assign(search=0)  # fmt: skip
    assert REFERENCE == {"out_ff": 0.1, "hid_spikes": 1e4}
    found = volumes(candidates(), held_out, AIMS).set_index("way")
    area = 0.5 * 1 + 0.2 * 1  # 0.6 - 0.1 in one decade, and 0.3 - 0.1 in the next
    assert found["searched"]["together"] == pytest.approx(area)
    assert found["tested"]["together"] == pytest.approx(area) and found["tested_sd"]["together"] == 0
    assert found["tested"]["published"] == pytest.approx(0.4) and found["best_out_ff"]["together"] == 0.6
    assert found["searched"]["at random"] == 0, "below the accuracy of the reference"
