"""Right answers as most people write them: one step below the other.

A check compares with its ``right`` implementation; these are right too. Where a learner's object is wrong and no known
mistake explains it, the steps written here are rewritten one by one, as those of the right implementation are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = [
    "backward_closed",
    "backward_staged",
    "centred_steps",
    "cross_entropy_steps",
    "forms",
    "log_probabilities",
]

Three = tuple[Any, Any, Any]


def cross_entropy_steps(logits: Tensor, targets: Tensor) -> Tensor:
    """Softmax from shifted logits, and the logarithm of what the targets get."""
    shifted = logits - logits.max(1, keepdim=True).values
    total = shifted.exp().sum(1, keepdim=True)
    log_probabilities = shifted - total.log()
    return -log_probabilities[torch.arange(len(targets)), targets].mean()


def log_probabilities(logits: Tensor, targets: Tensor) -> Tensor:
    """By log_softmax."""
    return -torch.log_softmax(logits, 1).gather(1, targets[:, None]).sum() / len(targets)


def centred_steps(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """BatchNorm of a batch in NumPy: the centred batch serves twice."""
    n = len(x)
    mean = x.sum(axis=0) / n
    centred = x - mean
    var = (centred**2).sum(axis=0) / n
    xhat = centred / np.sqrt(var + eps)
    return gamma * xhat + beta, mean, var


def backward_closed(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The backward pass in one line, with sums."""
    n = len(x)
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = (x - mean) * inv
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dx = gamma * inv / n * (n * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


def backward_staged(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The backward pass along the graph, from the output to the input."""
    n = len(x)
    mean = x.mean(axis=0)
    centred = x - mean
    var = (centred**2).mean(axis=0)
    std = np.sqrt(var + eps)
    inv = 1 / std
    xhat = centred * inv
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    dinv = (dxhat * centred).sum(axis=0)
    dvar = dinv * -0.5 * (var + eps) ** -1.5
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dmean = -dcentred.sum(axis=0)
    return dcentred + dmean / n, dgamma, dbeta


class Centred(nn.Module):
    """The variance is the mean square of the centred values; to be mixed into a normalisation."""

    def centred(self, x: Tensor) -> Tensor:
        """Without its mean."""
        return x - self.mean(x)

    def var(self, x: Tensor) -> Tensor:
        """Biased."""
        return self.centred(x).square().mean(self.over(x), keepdim=True)

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        if self.uses_batch():
            return self.centred(x) / torch.sqrt(var + self.eps)
        return super().normalised(x, mean, var)


class ByHand(torch.autograd.Function):
    """Normalises over some axes, with the backward pass written by hand."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
        """The normalised values."""
        centred = x - x.mean(axes, keepdim=True)
        inv = torch.rsqrt(centred.square().mean(axes, keepdim=True) + eps)
        xhat = centred * inv
        ctx.axes = axes
        ctx.save_for_backward(xhat, inv)
        return xhat

    @staticmethod
    def backward(ctx: Any, dxhat: Tensor) -> tuple[Tensor, None, None]:
        """The gradient with respect to x."""
        xhat, inv = ctx.saved_tensors
        along = (dxhat * xhat).mean(ctx.axes, keepdim=True)
        dx = inv * (dxhat - dxhat.mean(ctx.axes, keepdim=True) - xhat * along)
        return dx, None, None


class BackwardByHand(nn.Module):
    """The backward pass is written by hand; to be mixed into a normalisation."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        if self.uses_batch():
            return ByHand.apply(x, self.over(x), self.eps)
        return super().normalised(x, mean, var)


def forms(kind: type[nn.Module]) -> tuple[type[nn.Module], ...]:
    """Return a normalisation in the other forms in which people write it."""
    return tuple(type(f"{form.__name__}{kind.__name__}", (form, kind), {}) for form in (Centred, BackwardByHand))
