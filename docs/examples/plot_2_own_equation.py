"""
Your own equation
=================

Minicolumns that adapt: every spike raises a variable that opposes the evidence. One hypercolumn
over a recall, with and without.
"""

import numpy as np
from brian2 import ms

from cortical_bcpnn import POISSON, AssociativeMemory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.style import new_figure, styled
from cortical_bcpnn.store import learn_or_load

digits = load("digits").limited(600, 10)
images = digits.train_images.reshape(-1, 64)

# %%
# An equation of the model is text; a part of it is replaced, and another equation added.
print(POISSON.equations)

adapting = POISSON.replaced("evidence - s", "evidence - a - s").added(
    equations="da/dt = -a/tau_a : 1",
    reset="a += jump_a",
    parameters={"tau_a": 200 * ms, "jump_a": 0.5},
)

# %%
# Both learn the same images, and recall the same digit.
z = {}
for name, minicolumn in {"published": POISSON, "adapting": adapting}.items():
    memory = AssociativeMemory(
        64, hidden=(20, 20), fan_in=24, tau_p=len(images) * ms, seed=1, minicolumn=minicolumn
    )
    with learn_or_load(memory, images, epochs=5) as memory:
        recall = memory.recall(digits.test_images[:1].reshape(1, 64), over_time=["HID"])
        z[name] = recall.z_over_time["HID"][0].reshape(-1, 20, 20)  # time, hypercolumn, minicolumn
        phases = memory.recall_protocol()


# %%
@styled
def draw(z):
    figure = new_figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots(len(z), 1, sharex=True, sharey=True)
    for ax, (name, values) in zip(axes, z.items()):
        ax.plot(np.arange(1, len(values) + 1), values[:, 0], lw=0.9)
        for end in np.cumsum([float(phase.duration / ms) for phase in phases]):
            ax.axvline(end, color="0.5", ls=":", lw=0.8)
        ax.set(title=name, ylabel="z")
    axes[-1].set_xlabel("time (ms); dotted: ends of phases")
    return figure


figure = draw(z)
