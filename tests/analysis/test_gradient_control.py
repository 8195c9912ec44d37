"""The spiking recurrent cell trained by gradient, where PyTorch is installed."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.experiments import gradient

torch = pytest.importorskip("torch", reason="PyTorch is not installed: the extra 'gradient' has it")
from cortical_bcpnn.analysis import gradient_control as control  # noqa: E402


@pytest.fixture(scope="module")
def bars():
    """Two classes that need no more than a few examples."""
    images = np.zeros((24, 8))
    images[::2, :4] = images[1::2, 4:] = 1
    return images, np.arange(24) % 2


@pytest.fixture(scope="module")
def trained(bars):
    return control.train(*bars, hidden=12, epochs=20, seed=1, shown=30, batch=8)


def test_cells_are_the_recurrence():
    given = torch.bernoulli(torch.full((60, 2, 5), 0.3), generator=torch.Generator().manual_seed(0))
    weights, bias = torch.linspace(-1, 2, 15).reshape(5, 3), torch.tensor([-6.0, -5.0, -4.0])
    emitted = control.layer_of_cells(given, weights, bias).numpy()
    h = slow = np.full((2, 3), -0.902688933056)
    current = np.zeros((2, 3))
    for now, expected in zip(given.numpy(), emitted):
        current = 0.9 * current + now @ weights.numpy()
        gate = 0.9 - 0.9 / (1 + np.exp(-10 * (h - 0.5)))
        h, slow = (np.tanh(3 * np.tanh(current / 3) + 2 * h - 7 * slow + bias.numpy()),
                   gate * slow + (1 - gate) * h)  # fmt: skip
        np.testing.assert_allclose(expected, np.maximum(h, 0), atol=2e-3)  # float32, 60 steps
    assert (emitted > 0.5).sum() > 5


def test_gradients_pass_straight_through_the_last_step_alone():
    """d s_out/d b is Σ (1 − h²), also where nothing is emitted, as nothing passes through h[t-1]."""
    bias = torch.full((1,), -6.0, requires_grad=True)
    control.layer_of_cells(torch.zeros(50, 1, 1), torch.ones(1, 1), bias).sum().backward()
    assert float(bias.grad) == pytest.approx(50 * (1 - 0.902688933056**2), rel=1e-3)


def test_it_learns_and_biases_stay_low(bars, trained):
    images, labels = bars
    found = control.show(trained, images, seed=3, shown=30)
    assert (found.emitted.argmax(axis=1) == labels).mean() > 0.9
    assert found.emitted.shape == (24, 2) and found.spikes.shape == (24, 12) and found.spikes.sum() > 0
    assert all(bias.max() <= -4 for _, bias in trained.layers) and trained.ms_per_pattern > 0


def test_the_same_seed_gives_the_same(bars, trained):
    again = control.train(*bars, hidden=12, epochs=20, seed=1, shown=30, batch=8)
    other = control.train(*bars, hidden=12, epochs=1, seed=2, shown=30)
    for (weights, bias), (same, also) in zip(trained.layers, again.layers):
        assert torch.equal(weights, same) and torch.equal(bias, also)
    assert not torch.equal(trained.layers[0][0], other.layers[0][0])


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(gradient.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"--gradient needs PyTorch, .* install the extra 'gradient'"):
        gradient.check_torch()
