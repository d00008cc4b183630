"""Normalisations of one example over its features: ``LayerNorm`` and ``RMSNorm``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from bncourse.arguments import check_flag, check_number, check_size, check_tensor
from bncourse.layers.layer import Norm, at_least_float32

__all__ = ["LayerNorm", "RMSNorm"]


class FeatureNorm(Norm):
    """What LayerNorm and RMSNorm share: the last dimensions, which they normalise, and ``gamma``."""

    def __init__(
        self,
        dim: int | Sequence[int],
        affine: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        sizes = dim if isinstance(dim, tuple | list) else [dim]
        self.dim: tuple[int, ...] = tuple(check_size("dim", size) for size in sizes)
        if not self.dim:
            raise ValueError(f"dim is {dim!r}; it must be one size, or a sequence of at least one")
        self.over = tuple(range(-len(self.dim), 0))
        self.affine = check_flag("affine", affine)
        self.register_parameter(
            "gamma", nn.Parameter(torch.ones(self.dim, device=device, dtype=dtype)) if affine else None
        )

    def check_input(self, x: Tensor) -> None:
        """Raise unless ``x`` is a tensor of an accepted dtype whose shape ends in ``dim``."""
        check_tensor(self, x, held=self.gamma)
        if x.shape[-len(self.dim) :] != self.dim:
            sizes = ", ".join(map(str, self.dim))
            raise ValueError(
                f"{type(self).__name__} was given an input of shape {tuple(x.shape)}; it takes (..., {sizes})"
            )

    def extra_repr(self) -> str:
        """Return the arguments as ``repr`` shows them."""
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
        device, dtype: of the parameters, as in ``torch.nn``.

    Shape:
        (..., dim), and the same shape out. The output has the input's dtype. A 16-bit input is
        accepted by a 16-bit or a float32 layer, and its statistics are computed in float32.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of an accepted dtype.
        ValueError: an argument is out of range, or the input's shape does not end in ``dim``.

    Source:
        Ba, Kiros and Hinton, "Layer Normalization" (2016), arXiv:1607.06450, section 3.
    """

    def __init__(
        self,
        dim: int | Sequence[int],
        eps: float = 1e-5,
        affine: bool = True,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(dim, affine, device, dtype)
        self.eps = check_number("eps", eps)
        self.register_parameter(
            "beta", nn.Parameter(torch.zeros(self.dim, device=device, dtype=dtype)) if affine else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimensions of ``x``; the shape stays."""
        self.check_input(x)
        values = at_least_float32(x)
        mean = values.mean(self.over, keepdim=True)
        centred = values - mean
        var = centred.square().mean(self.over, keepdim=True)
        xhat = centred * torch.rsqrt(var + self.eps)
        gamma, beta = self.scale_and_shift(*self.dim)
        y = gamma * xhat + beta
        self.out = y.to(x.dtype)
        return self.out


class RMSNorm(FeatureNorm):
    """Each example divided by the root of its mean square; nothing is subtracted.

    ::

        y = gamma * x / √(mean(x²) + eps)        mean: over the last dimensions

    Training and evaluation are the same.

    Arguments:
        dim: size of the last dimension, or a tuple or list with the sizes of the last few.
        eps: added to the mean square, at least 0; ``None`` takes the machine epsilon of the dtype in which the mean
            is computed, 1.19e-7 in float32.
        affine: whether to learn ``gamma``, of shape ``dim``; if not, it is ``None``. There is no ``beta``.
        device, dtype: of the parameters, as in ``torch.nn``.

    Shape:
        (..., dim), and the same shape out. The output has the input's dtype. A 16-bit input is
        accepted by a 16-bit or a float32 layer, and its statistics are computed in float32.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of an accepted dtype.
        ValueError: an argument is out of range, or the input's shape does not end in ``dim``.

    Source:
        Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019), arXiv:1910.07467, section 4.
    """

    def __init__(
        self,
        dim: int | Sequence[int],
        eps: float | None = None,
        affine: bool = True,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(dim, affine, device, dtype)
        self.beta = None
        self.eps = None if eps is None else check_number("eps", eps)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimensions of ``x``; the shape stays."""
        self.check_input(x)
        values = at_least_float32(x)
        eps = torch.finfo(values.dtype).eps if self.eps is None else self.eps
        mean_square = values.square().mean(self.over, keepdim=True)
        xhat = values * torch.rsqrt(mean_square + eps)
        y = xhat if self.gamma is None else self.gamma * xhat
        self.out = y.to(x.dtype)
        return self.out
