"""What every layer of the course adds to ``torch.nn.Module``, and what all normalisations share."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

__all__ = ["Layer", "Norm", "at_least_float32"]


class Layer(nn.Module):
    """A ``torch.nn.Module`` whose ``forward`` leaves its result in ``.out``.

    ``.out`` is the tensor itself and not a copy: call ``layer.out.retain_grad()`` between the forward and the
    backward pass, and read its gradient from ``layer.out.grad`` afterwards. It keeps the graph of the last
    forward pass alive until the next one. It belongs to a run and not to the model, so it is not part of
    ``state_dict()``, of copies or of saved files.
    """

    out: Tensor | None = None

    def __getstate__(self) -> dict[str, Any]:
        # copy.deepcopy and pickle call this method; deepcopy refuses a tensor that is part of a graph.
        state = self.__dict__.copy()
        state.pop("out", None)
        return state


class Norm(Layer):
    """A layer that normalises its input, multiplies it by ``gamma`` and adds ``beta``.

    ``load_state_dict`` accepts the names of ``torch.nn`` too, which calls gamma and beta weight and bias.

    Attributes:
        gamma: learned scale, or ``None`` without ``affine``.
        beta: learned shift, or ``None`` without ``affine`` (and always in ``RMSNorm``, which does not shift).
    """

    gamma: nn.Parameter | None
    beta: nn.Parameter | None

    torch_names: ClassVar = {"gamma": "weight", "beta": "bias"}
    """What ``torch.nn`` calls each parameter."""

    def scale_and_shift(self, *shape: int) -> tuple[Tensor, Tensor]:
        """Return gamma and beta in the shape that aligns them with the input, or 1 and 0 without ``affine``."""
        if self.gamma is None or self.beta is None:
            return torch.tensor(1.0), torch.tensor(0.0)
        return self.gamma.view(shape), self.beta.view(shape)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        for ours, theirs in self.torch_names.items():
            if prefix + theirs in state_dict and prefix + ours not in state_dict:
                state_dict[prefix + ours] = state_dict.pop(prefix + theirs)
        super()._load_from_state_dict(state_dict, prefix, *args)


def at_least_float32(x: Tensor) -> Tensor:
    """Return ``x``, or a float32 copy if it has 16 bits, so that sums over it neither overflow nor lose digits."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
