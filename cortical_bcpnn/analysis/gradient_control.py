"""The spiking recurrent cell as it was published, trained by gradient: a control (needs PyTorch).

Equations and training are restated from De Geeter, Ernst & Drion (2023), arXiv:2306.03623, and from what
its authors' group runs: of every layer

    i[t] = α i[t-1] + W s_in[t],        x = ρ tanh(i/ρ)
    h[t] = tanh(x + r h[t-1] + r_s h_s[t-1] + b)
    h_s[t] = z_s h_s[t-1] + (1 - z_s) h[t-1],   z_s = 0.9 - 0.9/(1 + exp(-10 (h[t-1] - 0.5)))
    s_out = max(h, 0)

Only W and b are learned, b at most -4. Gradients take s_out for h (straight through), and nothing
passes back through h[t-1] and h_s[t-1]. The class is that of the output cell that emits most. Constants
are those of `model.spiking_recurrent_cell`; sizes, steps, Adam and its rate are of this package.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ..model.spiking_recurrent_cell import SRC

BLANK, SHOWN = 20, 100  # time steps, of 1 ms
INTENSITY = 0.25  # of input, spikes a step where a pixel is 1
LARGEST_BIAS = -4.0
_WIDTH = 3.0  # of weights at first, times the root of the inputs
_RATE = 1e-2
_CELL = {name: float(value) for name, value in SRC.parameters.items()}


@dataclass
class Trained:
    """Weights and biases of the layers, and how long a pattern took, in ms."""

    layers: list[tuple[Tensor, Tensor]]
    ms_per_pattern: float


@dataclass
class Shown:
    """What came of images.

    Attributes
    ----------
    emitted : ndarray, shape (n, classes)
        Sum of what output cells emit.
    spikes : ndarray, shape (n, hidden)
        How often h of hidden cells rose above 0.5.
    """

    emitted: np.ndarray
    spikes: np.ndarray


def train(
    images: np.ndarray, labels: np.ndarray, *, hidden: int = 100, epochs: int = 10, seed: int = 0,
    shown: int = SHOWN, batch: int = 32,
) -> Trained:  # fmt: skip
    """Train a network of one hidden layer by gradient.

    Parameters
    ----------
    images : ndarray, shape (n, pixels)
        From 0 to 1.
    labels : ndarray of int, shape (n,)
    hidden : int
    epochs : int
    seed : int
        Of weights, order and input; the same seed gives the same network.
    shown : int
        Time steps for which an image is shown, after `BLANK` without input.
    batch : int
        Images between updates.
    """
    random = torch.Generator().manual_seed(seed)
    sizes = (images.shape[1], hidden, int(labels.max()) + 1)
    layers = [_layer(below, above, random) for below, above in zip(sizes, sizes[1:])]
    optimiser = torch.optim.Adam([learned for layer in layers for learned in layer], lr=_RATE)
    pixels, wanted = torch.as_tensor(images, dtype=torch.float32), torch.as_tensor(labels).long()
    started = time.perf_counter()
    with _one_thread():
        for _ in range(epochs):
            for part in torch.randperm(len(pixels), generator=random).split(batch):
                emitted = _run(layers, _spikes(pixels[part], shown, random))[-1]
                optimiser.zero_grad()
                cross_entropy(emitted.sum(dim=0), wanted[part]).backward()
                optimiser.step()
                with torch.no_grad():
                    for _, bias in layers:
                        bias.clamp_(max=LARGEST_BIAS)
    seconds = time.perf_counter() - started
    return Trained(layers, 1e3 * seconds / (epochs * len(images)))


def show(network: Trained, images: np.ndarray, seed: int, shown: int = SHOWN) -> Shown:
    """What a trained network makes of images, shape (n, pixels)."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad(), _one_thread():
        spikes = _spikes(torch.as_tensor(images, dtype=torch.float32), shown, random)
        below, top = _run(network.layers, spikes)
        rising = (below[1:] > 0.5) & (below[:-1] <= 0.5)
    return Shown(top.sum(dim=0).numpy(), rising.sum(dim=0).numpy())


def layer_of_cells(given: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """What the cells of a layer emit, shape (steps, n, cells), for input (steps, n, inputs)."""
    currents = given @ weights
    h = h_s = torch.full(currents.shape[1:], float(SRC.rest["h"]))
    current = torch.zeros(currents.shape[1:])
    emitted = []
    for now in currents:
        current = _CELL["alpha"] * current + now
        before, slow = h.detach(), h_s.detach()
        x = _CELL["rho"] * torch.tanh(current / _CELL["rho"])
        h = torch.tanh(x + _CELL["r"] * before + _CELL["r_s"] * slow + bias)
        z_s = _CELL["z_hyp"] - (_CELL["z_hyp"] - _CELL["z_dep"]) * torch.sigmoid(10 * (before - 0.5))
        h_s = z_s * slow + (1 - z_s) * before
        emitted.append(h + (torch.relu(h) - h).detach())  # straight through
    return torch.stack(emitted)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Layers are too small to be shared, and sums in one order give the same on any machine's cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _run(layers: list[tuple[Tensor, Tensor]], given: Tensor) -> list[Tensor]:
    """What each layer emits."""
    found = []
    for weights, bias in layers:
        given = layer_of_cells(given, weights, bias)
        found.append(given)
    return found


def _layer(below: int, above: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    weights = torch.randn(below, above, generator=random) * _WIDTH / below**0.5
    return weights.requires_grad_(), torch.full((above,), _CELL["b"], requires_grad=True)


def _spikes(pixels: Tensor, shown: int, random: torch.Generator) -> Tensor:
    """Bernoulli input, shape (steps, n, pixels), blank at first."""
    chance = (INTENSITY * pixels).expand(shown, *pixels.shape)
    return torch.cat([torch.zeros(BLANK, *pixels.shape), torch.bernoulli(chance, generator=random)])
