"""Normalising with the statistics of the batch: the formula, and the backward pass that chapter 7 derives from it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["batch_normalised"]


def batch_normalised(x: Tensor, gamma: Tensor, beta: Tensor, eps: float, divisor: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return ``gamma * (x - mean) / √(var + eps) + beta``, and the mean and the variance of each channel of ``x``.

    Gradients flow through the mean and the variance of the result; those that are returned have none.

    Arguments:
        x: float32 or float64, shape (N, C, ...).
        gamma: of the shape (1, C, 1, ...), which aligns it with the channels, or a single number.
        beta: likewise.
        eps: added to the variance.
        divisor: the variance is the sum of the squared distances from the mean, divided by this number.
    """
    if not torch.compiler.is_compiling():
        y, mean, var, *_ = BatchNormalise.apply(x, gamma, beta, eps, divisor)
    else:  # a compiler simplifies what autograd derives from the formula by itself
        mean, var, centred = statistics(x, divisor)
        y = gamma * torch.rsqrt(var + eps) * centred + beta
    return y, mean, var


def statistics(x: Tensor, divisor: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean and the variance of each channel, and the values without the mean."""
    over, n = reduction(x)
    mean = x.sum(over, keepdim=True) / n
    centred = x - mean
    # The mean has been rounded. Far from 0 that is visible: the centred values then have a small mean too.
    rounding = centred.detach().sum(over, keepdim=True) / n
    centred -= rounding
    var = centred.square().sum(over, keepdim=True) / divisor
    return mean + rounding, var, centred


def reduction(x: Tensor) -> tuple[list[int], int]:
    """Return the dimensions over which the statistics of a channel are taken, and of how many values."""
    return [d for d in range(x.ndim) if d != 1], x.numel() // x.shape[1]


class BatchNormalise(torch.autograd.Function):
    """The output and the gradients of ``y = gamma * inv * centred + beta`` with ``inv = 1 / √(var + eps)``.

    autograd derives the same gradients from the formula. It goes back through one operation after the other, reads and
    writes whole tensors for each, and for images takes more than twice the time. This is what remains of that once it
    is simplified on paper, with sums over the n values of a channel and ``xhat = inv * centred``::

        dbeta  = Σ dy
        dgamma = Σ dy * xhat
        dx     = gamma * inv * (dy - dbeta / n - xhat * dgamma / divisor)

    Operations in place stand where to make a new tensor of the size of x would take longer than the operation.
    """

    @staticmethod
    def forward(x: Tensor, gamma: Tensor, beta: Tensor, eps: float, divisor: int) -> tuple[Tensor, ...]:
        """Return y, and what the backward pass and the running estimates need."""
        mean, var, centred = statistics(x, divisor)
        inv = torch.rsqrt(var + eps)
        y = gamma * inv * centred
        y += beta
        return y, mean, var, inv, centred

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        """Keep what the backward pass needs."""
        x, gamma, _, ctx.eps, ctx.divisor = inputs
        _, *others, inv, centred = output
        ctx.mark_non_differentiable(*others, inv, centred)
        ctx.save_for_backward(x, gamma, inv, centred)
        ctx.save_for_forward(x, gamma)

    @staticmethod
    def backward(ctx: Any, dy: Tensor, *_: None) -> tuple[Tensor, Tensor, Tensor, None, None]:
        """Return dx, dgamma and dbeta."""
        x, gamma, inv, centred = ctx.saved_tensors
        if torch.is_grad_enabled():  # a gradient of this gradient is wanted, in which both depend on x
            _, var, centred = statistics(x, ctx.divisor)
            inv = torch.rsqrt(var + ctx.eps)
        over, n = reduction(x)
        dbeta = dy.sum(over, keepdim=True)
        dgamma = inv * (dy * centred).sum(over, keepdim=True)
        dx = torch.addcmul(dy, centred, -inv * dgamma / ctx.divisor)
        dx -= dbeta / n
        dx *= gamma * inv
        return dx, dgamma, dbeta, None, None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], x: Tensor, gamma: Tensor, beta: Tensor, eps: float, divisor: int
    ) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
        """Return what ``forward`` does for several inputs side by side: the channels of all are those of one input."""

        def joined(values: Tensor, dim: int | None) -> Tensor:
            if values.ndim == 0:
                return values  # without gamma and beta
            if dim is None:
                values, dim = values.expand(info.batch_size, *values.shape), 0
            return values.movedim(dim, 1).flatten(1, 2)

        found = BatchNormalise.apply(*map(joined, (x, gamma, beta), in_dims[:3]), eps, divisor)
        return tuple(values.unflatten(1, (info.batch_size, -1)) for values in found), (1,) * len(found)

    @staticmethod
    def jvp(ctx: Any, dx: Tensor, dgamma: Tensor, dbeta: Tensor, *_: None) -> tuple[Tensor | None, ...]:
        """Return how y changes with x, gamma and beta, for derivatives in forward mode."""
        x, gamma = ctx.saved_tensors
        _, var, centred = statistics(x, ctx.divisor)
        inv = torch.rsqrt(var + ctx.eps)
        xhat = inv * centred
        over, n = reduction(x)
        mean, along = (values.sum(over, keepdim=True) for values in (dx, dx * xhat))
        dxhat = inv * (dx - mean / n - xhat * along / ctx.divisor)
        return gamma * dxhat + dgamma * xhat + dbeta, None, None, None, None
