"""Batch Normalization that costs nothing at inference: folded into the layer before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bncourse.layers.batchnorm import BatchNorm

__all__ = ["fold_batchnorm"]


@torch.no_grad()
def fold_batchnorm(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Fold a BatchNorm into the layer before it, for evaluation.

    ::

        scale[c]   = gamma[c] / √(running_var[c] + eps)
        weight'[c] = scale[c] * weight[c]
        bias'[c]   = scale[c] * (bias[c] - running_mean[c]) + beta[c]

    In evaluation BatchNorm is an affine map per channel with fixed numbers, and an affine map after an affine map is
    one again. It holds in evaluation only: in training the statistics are those of each batch.

    Arguments:
        weight: output channels first, (C, ...), as ``torch.nn.Linear`` and ``torch.nn.Conv2d`` keep it; for the
            course's ``Linear`` give ``weight.T``, and transpose what comes back.
        bias: shape (C,), or ``None`` for a layer without one.
        bn: a BatchNorm of the course or of torch, with running statistics; affine or not.

    Returns:
        The folded weight, in the shape of ``weight``, and the folded bias, shape (C,).

    Raises:
        ValueError: ``bn`` keeps no running statistics, or its channels are not those of ``weight`` and ``bias``.

    Source:
        Jacob et al., "Quantization and training of neural networks" (2018), arXiv:1712.05877, section 3.2.
    """
    if bn.running_mean is None:
        raise ValueError("bn keeps no running statistics (track_running_stats=False), so there is nothing to fold")
    channels = tuple(bn.running_mean.shape)
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tuple(tensor.shape[:1]) != channels:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}; its first dimension must be the {channels[0]} channels of bn"
            )
    gamma, beta = (bn.gamma, bn.beta) if isinstance(bn, BatchNorm) else (bn.weight, bn.bias)
    scale = torch.rsqrt(bn.running_var + bn.eps)
    if gamma is not None:
        scale = scale * gamma
    shift = -bn.running_mean if bias is None else bias - bn.running_mean
    folded_bias = scale * shift
    if beta is not None:
        folded_bias = folded_bias + beta
    return weight * scale.view(-1, *[1] * (weight.ndim - 1)), folded_bias
