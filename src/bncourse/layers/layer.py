"""What every layer of the course has on top of ``torch.nn.Module``: its last result, in ``.out``."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

__all__ = ["Layer"]


class Layer(nn.Module):
    """A ``torch.nn.Module`` whose ``forward`` leaves its result in ``.out``.

    ``.out`` is the tensor itself and not a copy: call ``layer.out.retain_grad()`` between the forward and the
    backward pass, and find its gradient in ``layer.out.grad`` afterwards. It keeps the graph of the last
    forward pass alive until the next one. It belongs to a run and not to the model, so no ``state_dict()``,
    copy or saved file has it.
    """

    out: Tensor | None = None

    def __getstate__(self) -> dict[str, Any]:
        # copy.deepcopy and pickle come here; deepcopy refuses a tensor that is part of a graph.
        state = self.__dict__.copy()
        state.pop("out", None)
        return state
