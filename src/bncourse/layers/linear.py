"""What comes before the non-linearity: ``Embedding``, ``Flatten`` and ``Linear``."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor, nn

from bncourse.arguments import check_flag, check_number, check_size, check_tensor
from bncourse.layers.layer import Layer

__all__ = ["Embedding", "Flatten", "Linear"]


class Embedding(Layer):
    """One learned vector per index.

    ::

        y = weight[index]        weight ~ N(0, 1)

    Arguments:
        num_embeddings: how many indices there are, at least 1.
        dim: length of each vector, at least 1.
        generator: source of the random weight; ``None`` uses torch's global one.

    Shape:
        (...) whole numbers in, (..., dim) out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not an ``int64`` or ``int32`` tensor.
        ValueError: a size is below 1.
        IndexError: an index is outside 0 to num_embeddings − 1; unlike in a list, −1 is not the last.

    Source:
        Bengio et al., "A neural probabilistic language model" (2003), section 2.
    """

    def __init__(self, num_embeddings: int, dim: int, *, generator: Generator | None = None) -> None:
        super().__init__()
        self.num_embeddings = check_size("num_embeddings", num_embeddings)
        self.dim = check_size("dim", dim)
        self.weight = nn.Parameter(torch.randn((self.num_embeddings, self.dim), generator=generator))

    def forward(self, index: Tensor) -> Tensor:
        """Look up (...) indices; returns (..., dim)."""
        if not isinstance(index, Tensor) or index.dtype not in (torch.int64, torch.int32):
            given = f"a tensor of {index.dtype}" if isinstance(index, Tensor) else f"a {type(index).__name__}"
            raise TypeError(f"Embedding was given {given}; it takes a tensor of torch.int64 or torch.int32")
        try:
            # weight[index], but an index below 0 is an error, and the backward pass is faster.
            vectors = self.weight.index_select(0, index.flatten())
        except IndexError as error:
            raise IndexError(
                f"Embedding was given indices from {index.min()} to {index.max()}; "
                f"it takes 0 to {self.num_embeddings - 1}"
            ) from error
        self.out = vectors.view(*index.shape, self.dim)
        return self.out

    def extra_repr(self) -> str:
        """Arguments, for ``repr``."""
        return f"{self.num_embeddings}, {self.dim}"


class Flatten(Layer):
    """All dimensions after the first made one: a context of T vectors becomes one long vector.

    ::

        y[n, t * E + e] = x[n, t, e]

    Shape:
        (N, T, E) in, (N, T * E) out; in general (N, ...) with at least two dimensions.

    Raises:
        TypeError: the input is not a floating-point tensor.
        ValueError: the input has fewer than two dimensions.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, T, E) to (N, T * E)."""
        check_tensor(self, x)
        if x.ndim < 2:
            raise ValueError(f"Flatten was given an input of shape {tuple(x.shape)}; it takes (N, T, E)")
        self.out = x.flatten(1)
        return self.out


class Linear(Layer):
    """Weighted sums of the inputs, plus a bias.

    ::

        y = x @ weight + bias        weight ~ N(0, gain² / fan_in);  bias = 0 at the start

    Inputs of mean square 1 give outputs of variance ``gain²``. The weight lies as the formula has it,
    (fan_in, fan_out); ``torch.nn.Linear`` stores the transpose.

    Arguments:
        fan_in: number of features of the input, at least 1.
        fan_out: number of features of the output, at least 1.
        bias: whether to add a bias, which draws no random numbers; if not, ``.bias`` is ``None``.
        gain: scale of the weight, at least 0: 1 to keep the variance, 5/3 in a deep tanh network, √2 in a
            ReLU one.
        generator: source of the random weight; ``None`` uses torch's global one.

    Shape:
        (..., fan_in) in, (..., fan_out) out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a floating-point tensor.
        ValueError: a size is below 1; ``gain`` is negative or not finite; or the input's last dimension is
            not ``fan_in``.

    Source:
        LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.6, without a gain; He et al.,
        "Delving Deep into Rectifiers" (2015), arXiv:1502.01852, section 2.2, for √2.
    """

    def __init__(
        self,
        fan_in: int,
        fan_out: int,
        bias: bool = True,
        *,
        gain: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        self.fan_in = check_size("fan_in", fan_in)
        self.fan_out = check_size("fan_out", fan_out)
        has_bias = check_flag("bias", bias)
        std = check_number("gain", gain) / math.sqrt(self.fan_in)
        self.weight = nn.Parameter(torch.randn((self.fan_in, self.fan_out), generator=generator) * std)
        self.register_parameter("bias", nn.Parameter(torch.zeros(self.fan_out)) if has_bias else None)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., fan_in) to (..., fan_out)."""
        check_tensor(self, x)
        if x.ndim == 0 or x.shape[-1] != self.fan_in:
            raise ValueError(f"Linear was given an input of shape {tuple(x.shape)}; it takes (..., {self.fan_in})")
        y = x @ self.weight
        self.out = y if self.bias is None else y + self.bias
        return self.out

    def extra_repr(self) -> str:
        """Arguments, for ``repr``."""
        return f"{self.fan_in}, {self.fan_out}, bias={self.bias is not None}"
