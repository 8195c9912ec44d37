"""
A first network
===============

Digits are learned without labels; of others, a strip is hidden and comes back.
"""

import numpy as np
from brian2 import ms

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.stimuli import make_cues
from cortical_bcpnn.drawing.reconstructions import draw_reconstructions
from cortical_bcpnn.drawing.rewiring import draw_rewiring
from cortical_bcpnn.store import learn_or_load

digits = load("digits").limited(600, 10)
images = digits.train_images.reshape(-1, 64)

# %%
# HID has 20 hypercolumns of 20 minicolumns; each hypercolumn chooses 24 pixels to listen to.
memory = AssociativeMemory(64, hidden=(20, 20), fan_in=24, tau_p=len(images) * ms, seed=1)
memory = learn_or_load(memory, images, epochs=5)

# %%
# While it learned, it rewired: flips of connections die down.
rewiring = draw_rewiring(memory.rewiring)

# %%
# Pixels that are not known are NaN: they say nothing.
cues = make_cues("completion", digits.test_images, difficulty=0.8, seed=1, unknown=np.nan)
recall = memory.recall(cues.reshape(-1, 64))

shown = draw_reconstructions(
    {
        "completion, difficulty 0.8": {
            "original": digits.test_images,
            "cue": np.nan_to_num(cues, nan=0.5),
            "INPRC, feedforward": recall.pattern("INPRC", "feedforward").reshape(-1, 8, 8),
            "INPRC, attractor": recall.reconstruction.reshape(-1, 8, 8),
        }
    }
)
memory.close()
# sphinx_gallery_thumbnail_number = 2
