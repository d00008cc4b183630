"""A network as a list of layers."""

from __future__ import annotations

from torch import Tensor, nn

from bncourse.layers.layer import Layer

__all__ = ["Sequential"]


class Sequential(Layer, nn.Sequential):
    """Layers applied one after the other.

    ::

        y = layers[-1](... layers[1](layers[0](x)))

    This is ``torch.nn.Sequential``, so ``model[0]``, ``model[1:]``, ``len(model)`` and ``for layer in model``
    work; in addition it keeps ``.out``, as each of the course's layers inside it does.

    Arguments:
        *layers: modules in the order in which they are applied, or one ``OrderedDict`` of names and modules.

    Shape:
        what the first layer takes in, what the last one gives out.

    Raises:
        TypeError: a layer is not a ``torch.nn.Module``.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layers in order."""
        y = nn.Sequential.forward(self, x)
        self.out = y
        return y
