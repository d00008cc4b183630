"""Folding a Batch Normalization into the layer before it, so that it costs nothing at inference."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from bncourse.layers.batchnorm import BatchNorm
from bncourse.layers.layer import at_least_float32

__all__ = ["fold_batchnorm"]


@torch.no_grad()
def fold_batchnorm(weight: Tensor, bias: Tensor | None, bn: _BatchNorm) -> tuple[Tensor, Tensor]:
    """Fold a BatchNorm into the layer before it, for evaluation.

    ::

        scale[c]   = gamma[c] / √(running_var[c] + eps)
        weight'[c] = scale[c] * weight[c]
        bias'[c]   = scale[c] * (bias[c] - running_mean[c]) + beta[c]

    In evaluation BatchNorm is an affine map per channel with constant numbers, and two affine maps in a row are one
    affine map. Folding is right in evaluation only: in training the statistics are those of each batch.

    Arguments:
        weight: output channels first, (C, ...), as ``torch.nn.Linear`` and ``torch.nn.Conv2d`` keep it; for the
            course's ``Linear`` give ``weight.T``, and transpose what comes back.
        bias: shape (C,), or ``None`` for a layer without one.
        bn: a BatchNorm of the course or of torch, with running statistics; affine or not.

    Returns:
        The folded weight, in the shape of ``weight``, and the folded bias, shape (C,); both of the dtype of ``weight``.
        16-bit numbers are folded in float32.

    Raises:
        TypeError: ``bn`` is not a BatchNorm of the course or of torch.
        ValueError: ``bn`` keeps no running statistics, or its channels are not those of ``weight`` and ``bias``.

    Source:
        Jacob et al., "Quantization and training of neural networks" (2018), arXiv:1712.05877, section 3.2.
    """
    if not isinstance(bn, _BatchNorm):
        raise TypeError(f"bn is a {type(bn).__name__}; it must be a BatchNorm of bncourse.layers or of torch.nn")
    if bn.running_mean is None or bn.running_var is None:
        raise ValueError("bn keeps no running statistics (track_running_stats=False), so there is nothing to fold")
    channels = tuple(bn.running_mean.shape)
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tuple(tensor.shape[:1]) != channels:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}; its first dimension must be the {channels[0]} channels of bn"
            )
    gamma, beta = (bn.gamma, bn.beta) if isinstance(bn, BatchNorm) else (bn.weight, bn.bias)
    if gamma is None or beta is None:
        gamma, beta = 1.0, 0.0
    scale = gamma * torch.rsqrt(at_least_float32(bn.running_var) + bn.eps)
    folded_weight = scale.view(-1, *[1] * (weight.ndim - 1)) * weight
    folded_bias = scale * ((0.0 if bias is None else bias) - bn.running_mean) + beta
    return folded_weight.to(weight.dtype), folded_bias.to(weight.dtype)
