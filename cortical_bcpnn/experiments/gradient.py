"""The row of `compare_models` that learned by gradient; PyTorch is imported when it is asked for."""

from __future__ import annotations

import importlib.util
import time

from .setup import Setup, flat

BY_GRADIENT = "SRC by gradient"


def check_torch() -> None:
    """Raise a ValueError where PyTorch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise ValueError(
            "--gradient needs PyTorch, which is missing: install the extra 'gradient', "
            "pip install -e '.[gradient]', or leave --gradient out."
        )


def measure_gradient(seed: int, setup: Setup) -> dict:
    """Accuracy, rates and speed of a network trained by gradient on the same images, as often.

    Its accuracy is that of its own output cells. It has no attractor and no hypercolumns.
    """
    from ..analysis import gradient_control as control

    data, test = setup.data, flat(setup.data.test_images)
    network = control.train(
        flat(data.train_images), data.train_labels, epochs=setup.shown, seed=seed
    )  # fmt: skip
    started = time.perf_counter()
    found = control.show(network, test, seed)
    steps = control.BLANK + control.SHOWN
    seconds = time.perf_counter() - started
    rates = 1e3 * found.spikes / steps
    return {
        "model": BY_GRADIENT,
        "seed": seed,
        "ff": float((found.emitted.argmax(axis=1) == data.test_labels).mean()),
        "rate_mean_hz": float(rates.mean()),
        "rate_max_hz": float(rates.max()),
        "ms_per_pattern": network.ms_per_pattern,
        "us_per_step": 1e6 * seconds / (steps * len(test)),
        "images": len(test),
    }
