"""
Your own rule
=============

BCPNN takes the logarithm of p_ij/(p_i p_j). A rule that stops at the first term of its series is
one line of text; here are the weights that digits leave by both.
"""

import numpy as np
from brian2 import ms

from cortical_bcpnn import BCPNN, AssociativeMemory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.style import new_figure, styled
from cortical_bcpnn.store import learn_or_load

digits = load("digits").limited(600, 10)
images = digits.train_images.reshape(-1, 64)

linear = BCPNN.changed(
    name="linear BCPNN",
    source="the first term of the series of the logarithm",
    weight="p_ij*p/(p_i*p_j) - 1",
    bias="p_j/p - 1",
)

# %%
# What is learned depends on the rule twice: weights decide who is active, and so what traces see.
weights = {}
for rule in (BCPNN, linear):
    memory = AssociativeMemory(
        64, hidden=(20, 20), fan_in=24, tau_p=len(images) * ms, seed=1, plasticity=rule
    )
    with learn_or_load(memory, images, epochs=5) as memory:
        weights[rule.name] = memory.weights("feedforward")[memory.weights("feedforward") != 0]


# %%
@styled
def draw(weights):
    figure = new_figure(figsize=(7, 2.8), layout="constrained")
    for ax, (name, values) in zip(figure.subplots(1, 2, sharey=True), weights.items()):
        ax.hist(values, bins=60, color="0.4")
        ax.set(title=name, xlabel="feedforward weight", yscale="log")
        ax.axvline(np.median(values), color="k", ls=":")
    figure.axes[0].set_ylabel("connections of minicolumns")
    return figure


figure = draw(weights)
