"""Normalisations of one example over some of its channels: ``GroupNorm`` and ``InstanceNorm2d``."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bncourse.arguments import check_flag, check_number, check_size, check_tensor
from bncourse.layers.layer import Norm, at_least_float32

__all__ = ["GroupNorm", "InstanceNorm2d"]


class GroupNorm(Norm):
    """Each example normalised over groups of its channels, with all their positions.

    ::

        y = gamma * (x - mean) / √(var + eps) + beta        mean, var: per example and group; var biased

    One group is LayerNorm over channels and positions; as many groups as channels is InstanceNorm.
    Training and evaluation are the same. A group of one single value has nothing to be compared with and
    becomes 0 before ``gamma`` and ``beta``.

    Arguments:
        groups: number of groups of neighbouring channels; it must divide ``dim``.
        dim: number of channels C, at least 1.
        eps: added to the variance, at least 0.
        affine: whether to learn ``gamma`` and ``beta``, one per channel; if not, both are ``None``.
        device, dtype: of the parameters, as in ``torch.nn``.

    Shape:
        (N, C, ...), and the same shape out. The output has the input's dtype. A 16-bit input is
        accepted by a 16-bit or a float32 layer, and its statistics are computed in float32.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of an accepted dtype.
        ValueError: an argument is out of range, or the input has the wrong shape.

    Source:
        Wu and He, "Group Normalization" (2018), arXiv:1803.08494, section 3.
    """

    def __init__(
        self,
        groups: int,
        dim: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.groups = check_size("groups", groups)
        self.dim = check_size("dim", dim)
        if self.dim % self.groups:
            raise ValueError(f"groups is {self.groups} and dim is {self.dim}; groups must divide dim")
        self.eps = check_number("eps", eps)
        self.affine = check_flag("affine", affine)
        self.register_parameter(
            "gamma", nn.Parameter(torch.ones(self.dim, device=device, dtype=dtype)) if affine else None
        )
        self.register_parameter(
            "beta", nn.Parameter(torch.zeros(self.dim, device=device, dtype=dtype)) if affine else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each group of channels of each example of ``x``; the shape stays."""
        check_tensor(self, x, held=self.gamma)
        if x.ndim < 2 or x.shape[1] != self.dim:
            raise ValueError(
                f"GroupNorm was given an input of shape {tuple(x.shape)}; it takes (N, C, ...) with C = {self.dim}"
            )
        values = at_least_float32(x).unflatten(1, (self.groups, -1)).flatten(2)  # (N, groups, values of a group)
        mean = values.mean(2, keepdim=True)
        centred = values - mean
        var = centred.square().mean(2, keepdim=True)
        xhat = (centred * torch.rsqrt(var + self.eps)).view(x.shape)
        per_channel = (1, self.dim) + (1,) * (x.ndim - 2)  # aligns (C,) with the channels of x
        gamma, beta = self.scale_and_shift(*per_channel)
        y = gamma * xhat + beta
        self.out = y.to(x.dtype)
        return self.out

    def extra_repr(self) -> str:
        """Return the arguments as ``repr`` shows them."""
        return f"{self.groups}, {self.dim}, eps={self.eps:g}, affine={self.affine}"


class InstanceNorm2d(Norm):
    """Each channel of each image normalised over its own pixels.

    ::

        y = gamma * (x - mean) / √(var + eps) + beta        mean, var: per image and channel; var biased

    Training and evaluation are the same.

    Arguments:
        dim: number of channels C, at least 1.
        eps: added to the variance, at least 0.
        affine: whether to learn ``gamma`` and ``beta``, one per channel; if not, both are ``None``.
        device, dtype: of the parameters, as in ``torch.nn``.

    Shape:
        (N, C, H, W) or one image (C, H, W), and the same shape out. The output has the input's dtype. A
        16-bit input is accepted by a 16-bit or a float32 layer, and its statistics are computed in float32.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of an accepted dtype.
        ValueError: an argument is out of range, or the input has the wrong shape or a single pixel.

    Source:
        Ulyanov, Vedaldi and Lempitsky, "Instance Normalization" (2016), arXiv:1607.08022, section 2.
    """

    def __init__(
        self,
        dim: int,
        eps: float = 1e-5,
        affine: bool = False,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.dim = check_size("dim", dim)
        self.eps = check_number("eps", eps)
        self.affine = check_flag("affine", affine)
        self.register_parameter(
            "gamma", nn.Parameter(torch.ones(self.dim, device=device, dtype=dtype)) if affine else None
        )
        self.register_parameter(
            "beta", nn.Parameter(torch.zeros(self.dim, device=device, dtype=dtype)) if affine else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each channel of each image of ``x``; the shape stays."""
        check_tensor(self, x, held=self.gamma)
        if x.ndim not in (3, 4) or x.shape[-3] != self.dim or x.shape[-2] * x.shape[-1] < 2:
            raise ValueError(
                f"InstanceNorm2d was given an input of shape {tuple(x.shape)}; it takes (N, C, H, W) or "
                f"(C, H, W) with C = {self.dim} and at least 2 pixels"
            )
        values = at_least_float32(x)
        mean = values.mean((-2, -1), keepdim=True)
        centred = values - mean
        var = centred.square().mean((-2, -1), keepdim=True)
        xhat = centred * torch.rsqrt(var + self.eps)
        gamma, beta = self.scale_and_shift(self.dim, 1, 1)
        y = gamma * xhat + beta
        self.out = y.to(x.dtype)
        return self.out

    def extra_repr(self) -> str:
        """Return the arguments as ``repr`` shows them."""
        return f"{self.dim}, eps={self.eps:g}, affine={self.affine}"
