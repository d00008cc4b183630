"""Activations: functions of one number, applied to each entry."""

from __future__ import annotations

import torch
from torch import Tensor

from bncourse.arguments import check_tensor
from bncourse.layers.layer import Layer

__all__ = ["ReLU", "Tanh"]


class Tanh(Layer):
    """Hyperbolic tangent of each entry.

    ::

        y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))        dy/dx = 1 - y²

    The derivative is 1 at ``x = 0`` and falls to 0 as ``y`` nears ±1: a saturated unit passes no gradient
    back.

    Shape:
        any shape, and the same shape out.

    Raises:
        TypeError: the input is not a floating-point tensor.

    Source:
        LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.4.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply tanh; any shape, and the same shape out."""
        check_tensor(self, x)
        self.out = torch.tanh(x)
        return self.out


class ReLU(Layer):
    """Rectified linear unit of each entry.

    ::

        y = max(0, x)        dy/dx = 1 where x > 0, else 0

    Shape:
        any shape, and the same shape out.

    Raises:
        TypeError: the input is not a floating-point tensor.

    Source:
        Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010), section 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Set the negative entries to 0; any shape, and the same shape out."""
        check_tensor(self, x)
        self.out = torch.relu(x)
        return self.out
