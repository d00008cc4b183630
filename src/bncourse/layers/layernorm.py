"""Normalisations of one example over its features: ``LayerNorm`` and ``RMSNorm``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from bncourse.arguments import check_flag, check_number, check_size, check_tensor
from bncourse.layers.layer import Layer

__all__ = ["LayerNorm", "RMSNorm", "standardise"]


def standardise(x: Tensor, over: Sequence[int], eps: float) -> Tensor:
    """``(x - mean) / √(var + eps)``, with the mean and the biased variance over some dimensions of ``x``."""
    centred = x - x.mean(over, keepdim=True)
    var = centred.square().mean(over, keepdim=True)
    return centred * torch.rsqrt(var + eps)


class FeatureNorm(Layer):
    """What LayerNorm and RMSNorm share: the last dimensions, which they normalise, and ``gamma``."""

    def __init__(self, dim: int | Sequence[int], affine: bool) -> None:
        super().__init__()
        sizes = dim if isinstance(dim, (tuple, list)) else [dim]
        self.dim = tuple(check_size("dim", size) for size in sizes)
        if not self.dim:
            raise ValueError(f"dim is {dim!r}; it must be one size, or a sequence of at least one")
        self.over = tuple(range(-len(self.dim), 0))
        self.affine = check_flag("affine", affine)
        self.register_parameter("gamma", nn.Parameter(torch.ones(self.dim)) if affine else None)

    def check_input(self, x: Tensor) -> None:
        """Raise unless ``x`` is a tensor of the layer's dtype whose shape ends in ``dim``."""
        check_tensor(self, x, held=self.gamma)
        if x.shape[-len(self.dim) :] != self.dim:
            sizes = ", ".join(map(str, self.dim))
            raise ValueError(
                f"{type(self).__name__} was given an input of shape {tuple(x.shape)}; it takes (..., {sizes})"
            )

    def extra_repr(self) -> str:
        """Arguments, for ``repr``."""
        dim = self.dim[0] if len(self.dim) == 1 else self.dim
        return f"{dim}, eps={self.eps}, affine={self.affine}"


class LayerNorm(FeatureNorm):
    """Each example normalised over its own features.

    ::

        y = gamma * (x - mean) / √(var + eps) + beta        mean, var: over the last dimensions; var biased

    Training and evaluation are the same: no example sees another, and there are no running estimates.

    Arguments:
        dim: size of the last dimension, or a tuple or list with the sizes of the last few.
        eps: added to the variance, at least 0.
        affine: whether to learn ``gamma`` and ``beta``, of shape ``dim``; if not, both are ``None``.

    Shape:
        (..., dim), and the same shape out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of the layer's dtype.
        ValueError: an argument is out of range, or the input's shape does not end in ``dim``.

    Source:
        Ba, Kiros and Hinton, "Layer Normalization" (2016), arXiv:1607.06450, section 3.
    """

    def __init__(self, dim: int | Sequence[int], eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__(dim, affine)
        self.eps = check_number("eps", eps)
        self.register_parameter("beta", nn.Parameter(torch.zeros(self.dim)) if affine else None)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimensions of ``x``; the shape stays."""
        self.check_input(x)
        y = standardise(x, self.over, self.eps)
        self.out = y * self.gamma + self.beta if self.affine else y
        return self.out


class RMSNorm(FeatureNorm):
    """Each example divided by the root of its mean square; nothing is subtracted.

    ::

        y = gamma * x / √(mean(x²) + eps)        mean: over the last dimensions

    Training and evaluation are the same.

    Arguments:
        dim: size of the last dimension, or a tuple or list with the sizes of the last few.
        eps: added to the mean square, at least 0; ``None`` takes the machine epsilon of the input's dtype.
        affine: whether to learn ``gamma``, of shape ``dim``; if not, it is ``None``. There is no ``beta``.

    Shape:
        (..., dim), and the same shape out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of the layer's dtype.
        ValueError: an argument is out of range, or the input's shape does not end in ``dim``.

    Source:
        Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019), arXiv:1910.07467, section 4.
    """

    def __init__(self, dim: int | Sequence[int], eps: float | None = None, affine: bool = True) -> None:
        super().__init__(dim, affine)
        self.eps = None if eps is None else check_number("eps", eps)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimensions of ``x``; the shape stays."""
        self.check_input(x)
        eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        y = x * torch.rsqrt(x.square().mean(self.over, keepdim=True) + eps)
        self.out = y * self.gamma if self.affine else y
        return self.out
