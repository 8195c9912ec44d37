"""
Unknown pixels
==============

A missing pixel that is grey votes against every minicolumn that knows what should be there. A
missing pixel that is NaN says nothing. What that is worth, read out by logistic regression.
"""

import numpy as np
from brian2 import ms

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.stimuli import make_cues
from cortical_bcpnn.drawing.style import new_figure, styled
from cortical_bcpnn.store import learn_or_load

digits = load("digits").limited(600, 100)
images = digits.train_images.reshape(-1, 64)
memory = AssociativeMemory(64, hidden=(20, 20), fan_in=24, tau_p=len(images) * ms, seed=1)
memory = learn_or_load(memory, images, epochs=5)

# %%
# The readout is fitted to clean training images, and never sees a cue.
clean = memory.recall(images, until="feedforward").z["feedforward"]["HID"]
readout = train_readout(clean, digits.train_labels)

# %%
difficulties = (0.2, 0.4, 0.6, 0.8, 1.0)
accuracy = {}
for name, unknown in {"grey (0.5)": 0.5, "silent (NaN)": np.nan}.items():
    for difficulty in difficulties:
        cues = make_cues("completion", digits.test_images, difficulty, seed=1, unknown=unknown)
        z = memory.recall(cues.reshape(-1, 64), until="feedforward").z["feedforward"]["HID"]
        accuracy.setdefault(name, []).append(100 * readout.score(z, digits.test_labels))
memory.close()


# %%
@styled
def draw(accuracy):
    figure = new_figure(figsize=(4.2, 3), layout="constrained")
    ax = figure.subplots()
    for (name, values), look in zip(accuracy.items(), ("o-", "s--")):
        ax.plot(difficulties, values, look, label=name)
    ax.set(xlabel="difficulty of completion", ylabel="accuracy (%)", ylim=(0, 100))
    ax.legend(title="unknown pixels are")
    return figure


figure = draw(accuracy)
