"""What one checkout takes to build, learn and recall, on one core; run by `beside`, in any version.

It is given to Python as text, within the folder of a checkout, and uses no more than that version has.
"""

import json
import sys
import time
import warnings

import numpy as np

from cortical_bcpnn import AssociativeMemory

try:
    from cortical_bcpnn.data.datasets import load
except ImportError:  # before it had rooms
    from cortical_bcpnn.datasets import load  # type: ignore[import-not-found, no-redef]


warnings.simplefilter("ignore")
asked = json.loads(sys.argv[1])


def tell(**found) -> None:
    """Let the process that waits know how far this one is, and what it has found."""
    print(json.dumps(found), flush=True)


def make() -> AssociativeMemory:
    return AssociativeMemory(
        images.shape[1], hidden=tuple(asked["hidden"]), fan_in=asked["fan_in"],
        variant=asked["variant"], seed=0,
    )  # fmt: skip


dataset = load(asked["dataset"], asked["data_dir"])
images = dataset.train_images[: asked["patterns"]]
images = images.reshape(len(images), -1)[np.arange(asked["patterns"]) % len(images)]
del dataset

started = time.perf_counter()
memory = make().learn(images[:1])
memory.recall(images[:1])
memory.close()
if asked["build"]:  # from an empty cache
    tell(build_s=time.perf_counter() - started)

memory = make()
tell(phase="learn")
started = time.perf_counter()
memory.learn(images)
tell(phase="recall", learn_ms=1e3 * (time.perf_counter() - started) / len(images))
cues = images[: asked["cues"]]
memory.recall(cues[:1])
phases = memory.recall_protocol()
steps = sum(memory.parameters.steps(phase.duration) for phase in phases)
started = time.perf_counter()
memory.recall(cues, populations=["HID"])
tell(phase="end", recall_us=1e6 * (time.perf_counter() - started) / steps / len(cues))
memory.close()
