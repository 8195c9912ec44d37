"""
A classifier
============

HID learns images without labels; a population of classes, OUT, then listens to it and learns the
labels by the same rule.
"""

import numpy as np
from brian2 import ms

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.architecture import draw_architecture
from cortical_bcpnn.drawing.style import new_figure, styled
from cortical_bcpnn.model.architectures import classifier
from cortical_bcpnn.model.protocols import learning_protocol, recall_protocol
from cortical_bcpnn.store import learn_or_load

digits = load("digits").limited(600, 200)
images, labels = digits.train_images.reshape(-1, 64), digits.train_labels
network = classifier(64, 10, hidden=(20, 20), fan_in=24)
memory = AssociativeMemory(
    architecture=network, variant="rate-ff", tau_p=len(images) * ms, seed=1
)

# %%
# What it is made of, and its phases.
variant = memory.parameters.variant
scheme = draw_architecture(
    network,
    memory.parameters,
    learning_protocol(network, variant, given=["INP", "OUT"], learned=["readout"]),
    recall_protocol(network, variant, ["INP"]),
)

# %%
# Layer by layer.
memory = learn_or_load(memory, {"INP": images}, epochs=5, projections=["feedforward"])
memory = learn_or_load(memory, {"INP": images, "OUT": labels}, projections=["readout"])
recall = memory.recall({"INP": digits.test_images.reshape(-1, 64)})
memory.close()

probabilities = recall.shares("OUT", "feedforward")[:, 0]
named = probabilities.argmax(axis=1)
print(f"right: {100 * np.mean(named == digits.test_labels):.1f} % of {len(named)} unseen images")


# %%
@styled
def draw(named, labels):
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, named), 1)
    figure = new_figure(figsize=(4.2, 3.4), layout="constrained")
    ax = figure.subplots()
    figure.colorbar(ax.imshow(confusion, cmap="Greys"), label="images", shrink=0.8)
    ax.set(xlabel="OUT says", ylabel="digit", xticks=range(10), yticks=range(10))
    return figure


confusion = draw(named, digits.test_labels)
