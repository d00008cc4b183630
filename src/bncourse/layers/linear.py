"""What comes before the non-linearity: ``Embedding``, ``Flatten`` and ``Linear``."""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from torch import Generator, Tensor, nn

from bncourse.arguments import check_flag, check_number, check_size, check_tensor
from bncourse.layers.layer import Layer

__all__ = ["Embedding", "Flatten", "Linear"]


LAYOUT = "layout"
"""Where the metadata of a ``state_dict()`` says how a weight is stored; ``torch.nn.Linear`` writes no such entry."""


class Embedding(Layer):
    """One learned vector per index.

    ::

        y = weight[index]        weight ~ N(0, 1)

    Arguments:
        num_embeddings: how many indices there are, at least 1.
        dim: length of each vector, at least 1.
        generator: source of the random weight; ``None`` uses torch's global one.
        device, dtype: of the parameters, as in ``torch.nn``.

    Shape:
        (...) whole numbers in, (..., dim) out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not an ``int64`` or ``int32`` tensor.
        ValueError: a size is below 1.
        IndexError: an index is outside 0 to num_embeddings − 1; unlike in a list, −1 is not the last.

    Source:
        Bengio et al., "A neural probabilistic language model" (2003), section 2.
    """

    def __init__(
        self,
        num_embeddings: int,
        dim: int,
        *,
        generator: Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = check_size("num_embeddings", num_embeddings)
        self.dim = check_size("dim", dim)
        self.weight = nn.Parameter(
            torch.randn((self.num_embeddings, self.dim), generator=generator, device=device, dtype=dtype)
        )

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
        """Return the arguments as ``repr`` shows them."""
        return f"{self.num_embeddings}, {self.dim}"


class Flatten(Layer):
    """Join all dimensions after the first: a context of T vectors becomes one long vector.

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

    Inputs of mean square 1 give outputs of variance ``gain²``. The weight is stored as the formula has it,
    (fan_in, fan_out); ``torch.nn.Linear`` stores the transpose. So ``load_state_dict`` transposes what
    ``torch.nn.Linear.state_dict()`` returned, and the functions of ``torch.nn.init`` that read fan-in and fan-out
    from a weight exchange the two: ``kaiming_normal_(layer.weight, mode="fan_out")`` scales by fan-in here.

    Arguments:
        fan_in: number of features of the input, at least 1.
        fan_out: number of features of the output, at least 1.
        bias: whether to add a bias, which draws no random numbers; if not, ``.bias`` is ``None``.
        gain: scale of the weight, at least 0: 1 to keep the variance, 5/3 in a deep tanh network, √2 in a
            ReLU one.
        generator: source of the random weight; ``None`` uses torch's global one.
        device, dtype: of the parameters, as in ``torch.nn``.

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

    bias: nn.Parameter | None

    def __init__(
        self,
        fan_in: int,
        fan_out: int,
        bias: bool = True,
        *,
        gain: float = 1.0,
        generator: Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.fan_in = check_size("fan_in", fan_in)
        self.fan_out = check_size("fan_out", fan_out)
        has_bias = check_flag("bias", bias)
        std = check_number("gain", gain) / math.sqrt(self.fan_in)
        draws = torch.randn((self.fan_in, self.fan_out), generator=generator, device=device, dtype=dtype)
        self.weight = nn.Parameter(draws * std)
        zeros = torch.zeros(self.fan_out, device=device, dtype=dtype)
        self.register_parameter("bias", nn.Parameter(zeros) if has_bias else None)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., fan_in) to (..., fan_out)."""
        check_tensor(self, x)
        if x.ndim == 0 or x.shape[-1] != self.fan_in:
            raise ValueError(f"Linear was given an input of shape {tuple(x.shape)}; it takes (..., {self.fan_in})")
        y = x @ self.weight
        # Under autocast y has 16 bits, and a float32 bias would make the sum float32.
        self.out = y if self.bias is None else y + self.bias.to(y.dtype)
        return self.out

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]][LAYOUT] = "(fan_in, fan_out)"

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *args: Any
    ) -> None:
        weight = state_dict.get(prefix + "weight")
        if "version" in local_metadata and LAYOUT not in local_metadata:  # a torch.nn.Linear wrote it
            if isinstance(weight, Tensor) and weight.ndim == 2:
                state_dict[prefix + "weight"] = weight.T
        elif not local_metadata and self.fan_in == self.fan_out:
            warnings.warn(
                f"{prefix}weight is square and comes without the metadata of a state_dict(); it is taken to be "
                "(fan_in, fan_out), as the course's Linear stores it; for weights of torch.nn.Linear, which are "
                "(fan_out, fan_in), load layers.from_torch(model, state) instead",
                stacklevel=2,
            )
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)

    def extra_repr(self) -> str:
        """Return the arguments as ``repr`` shows them."""
        return f"{self.fan_in}, {self.fan_out}, bias={self.bias is not None}"
