"""What the checks of the normalisation layers share: how one is observed, and one to make mistakes in."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bncourse.checks.check import Question
from bncourse.checks.recorder import Recorder

__all__ = ["PlainBatchNorm", "layer_inputs", "observe_gradients", "observe_parameters", "set_mode"]

GAMMA = ("gamma", "weight")
BETA = ("beta", "bias")
"""The paper's names, and torch's."""


def observe_parameters(recorder: Recorder, layer: Any, question: Question) -> None:
    """Write down gamma and beta as they start, and whether an optimiser finds them; then set those of the question."""
    for names, value in ((GAMMA, question["gamma"]), (BETA, question["beta"])):
        parameter = recorder.get(f"{names[0]} at the start", layer, *names)
        with recorder.attempt(f"{names[0]} in parameters()", "state"):
            listed = any(parameter is other for other in layer.parameters())
            recorder.write(f"{names[0]} in parameters()", listed and parameter.requires_grad, "state")
        with recorder.attempt(f"writing to {names[0]}", "state"), torch.no_grad():
            parameter.copy_(torch.from_numpy(value))


def observe_gradients(recorder: Recorder, layer: Any, x: Tensor, result: Any, dout: np.ndarray, when: str) -> None:
    """Send a gradient back, write down where it arrives, and take it away again."""
    recorder.backward(result, dout)
    recorder.write(f"x.grad {when}", x.grad, "gradients")
    for names in (GAMMA, BETA):
        parameter = next(getattr(layer, name) for name in names if hasattr(layer, name))
        recorder.write(f"{names[0]}.grad {when}", parameter.grad, "gradients")
        parameter.grad = None


def set_mode(recorder: Recorder, layer: Any, *, training: bool) -> None:
    """Switch between training and evaluation, by the methods of a module or by the attribute."""
    with recorder.attempt("train() and eval()", "state"):
        switch = getattr(layer, "train" if training else "eval", None)
        if callable(switch):
            switch()
        else:
            layer.training = training


def layer_inputs(
    rng: np.random.Generator, shapes: list[tuple[int, ...]], dtype: str, offset: float = 0.0, scale: float = 1.0
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Batches, each channel with a mean and a spread of its own, and random upstream gradients for them."""
    batches = []
    for shape in shapes:
        per_channel = (1, shape[1]) + (1,) * (len(shape) - 2)
        spread = scale * rng.uniform(0.5, 2.0, per_channel)
        batches.append((offset + rng.normal(size=per_channel) + spread * rng.normal(size=shape)).astype(dtype))
    return batches, [rng.normal(size=shape).astype(dtype) for shape in shapes]


class PlainBatchNorm(nn.Module):
    """BatchNorm with each step in a method of its own, so that a mistake is one method written differently."""

    dims: tuple[int, ...] = (0,)
    """Over which the statistics are taken."""

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum, self.dim = eps, momentum, dim
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        self.check(x)
        if self.uses_batch():
            mean, var = self.mean(x), self.var(x)
            self.update(mean, var, x.numel() // x.shape[1])
        else:
            mean, var = self.lined_up(self.running_mean, x), self.lined_up(self.running_var, x)
        return self.scaled(self.normalised(x, mean, var), x)

    def check(self, x: Tensor) -> None:
        """Raise if there is nothing to take statistics of."""
        if self.training and x.numel() // x.shape[1] < 2:
            raise ValueError("more than one value per channel is needed in training")

    def uses_batch(self) -> bool:
        """Whether the statistics are the batch's."""
        return self.training

    def mean(self, x: Tensor) -> Tensor:
        """Of the batch."""
        return x.mean(self.dims, keepdim=True)

    def var(self, x: Tensor) -> Tensor:
        """Of the batch, biased."""
        return x.var(self.dims, keepdim=True, correction=0)

    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        """(C,) in line with the channels of x."""
        return values.reshape(1, -1, *[1] * (x.ndim - 2))

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        return (x - mean) / torch.sqrt(var + self.eps)

    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        """With gamma and beta."""
        return self.lined_up(self.gamma, x) * xhat + self.lined_up(self.beta, x)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        """Move the running estimates."""
        self.running_mean = self.moved(self.running_mean, mean.flatten())
        self.running_var = self.moved(self.running_var, self.stored(var.flatten(), n))

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        """A running estimate, a step further."""
        return (1 - self.momentum) * running + self.momentum * new

    def stored(self, var: Tensor, n: int) -> Tensor:
        """The variance that is stored: unbiased."""
        return var * n / (n - 1)
