"""torch's layers as they are compared with: where an older torch differs from the newest, what the newest does."""

import torch
from torch import Tensor, nn
from torch.nn.functional import rms_norm

__all__ = ["RMSNorm"]


class InFloat32(nn.RMSNorm):
    """RMSNorm that computes 16-bit numbers in float32, ``eps`` included, and answers in the input's dtype."""

    def forward(self, x: Tensor) -> Tensor:
        """Of the same shape and dtype as ``x``."""
        if x.dtype.itemsize > 2:
            return super().forward(x)
        weight = None if self.weight is None else self.weight.float()
        return rms_norm(x.float(), self.normalized_shape, weight, self.eps).to(x.dtype)


def adds_an_eps_of_16_bits() -> bool:
    """Whether torch does so where none is given, as 2.4 does: 0.1 becomes 0.95 in place of 1."""
    with torch.no_grad():
        return nn.RMSNorm(1, dtype=torch.float16)(torch.full((1,), 0.1, dtype=torch.float16)).item() < 0.99


RMSNorm = InFloat32 if adds_an_eps_of_16_bits() else nn.RMSNorm
