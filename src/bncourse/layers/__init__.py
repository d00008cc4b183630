"""The course's layers, each written from its formula as a ``torch.nn.Module``.

They take the place of ``torch.nn``'s in any model: parameters, buffers, ``state_dict()``, ``.to()``,
``.train()`` and ``.eval()``, optimisers and ``torch.nn.Sequential`` work as usual. Every layer also keeps
its last result in ``.out``, for a look at what flows through a network.
"""

from bncourse.layers.activations import ReLU, Tanh
from bncourse.layers.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from bncourse.layers.folding import fold_batchnorm
from bncourse.layers.groupnorm import GroupNorm, InstanceNorm2d
from bncourse.layers.layernorm import LayerNorm, RMSNorm
from bncourse.layers.linear import Embedding, Flatten, Linear
from bncourse.layers.sequential import Sequential

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
]
