"""The course's layers, each written from its formula as a ``torch.nn.Module``.

In a model they can take the place of the layers of ``torch.nn`` that have the same names, in the same positions and
with the same positional arguments: outputs, gradients and running estimates agree with torch's to rounding error, in
float32, float64, float16, bfloat16 and under autocast; ``.to()``, ``.train()`` and ``.eval()``, optimisers,
``torch.nn.Sequential`` and ``torch.optim.swa_utils.update_bn`` work as usual; and ``load_state_dict`` accepts a
``state_dict()`` of either kind. Every layer also keeps its last result in ``.out``, so that you can look at what flows
through a network.

What differs from ``torch.nn``: sizes are called ``dim``, ``fan_in``, ``fan_out`` and ``groups``; gamma and beta are
called so, and not weight and bias; a Linear stores its weight as (fan_in, fan_out), draws it from a normal
distribution and starts its bias at 0; ``InstanceNorm2d`` keeps no running statistics, so that its third argument is
``affine``; ``Embedding`` has no padding index; a batch with one value per channel raises ``ValueError`` in every
normalisation that needs two. :func:`to_torch` converts weights the other way.
"""

from bncourse.layers.activations import ReLU, Tanh
from bncourse.layers.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from bncourse.layers.folding import fold_batchnorm
from bncourse.layers.groupnorm import GroupNorm, InstanceNorm2d
from bncourse.layers.layernorm import LayerNorm, RMSNorm
from bncourse.layers.linear import Embedding, Flatten, Linear
from bncourse.layers.sequential import Sequential
from bncourse.layers.weights import from_torch, to_torch

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Embedding",
    "Flatten",
    "GroupNorm",
    "InstanceNorm2d",
    "LayerNorm",
    "Linear",
    "RMSNorm",
    "ReLU",
    "Sequential",
    "Tanh",
    "fold_batchnorm",
    "from_torch",
    "to_torch",
]
