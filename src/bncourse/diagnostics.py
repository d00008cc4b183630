"""The vital signs of a network, as numbers: activations, gradients, and how large each update is.

Everything here reads what the layers of the course keep in ``.out`` and what autograd leaves in ``.grad``. The layers
of ``torch.nn`` keep no ``.out``: where a function would miss one of them, it says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bncourse.arguments import check_positive
from bncourse.layers import ReLU, Tanh
from bncourse.layers.layer import Layer

__all__ = [
    "LayerStatistics",
    "UpdateRatios",
    "activation_statistics",
    "dead_units",
    "grad_to_data",
    "gradient_statistics",
    "run_backward",
    "saturated_fraction",
    "update_to_data",
    "weights",
]

Kinds = tuple[type[Layer], ...]

SATURATED = 0.97
"""Above this absolute value of a tanh its slope, 1 − h², is below 0.06."""


def saturated_fraction(h: Tensor, threshold: float = SATURATED) -> float:
    """Share of activations with ``|h|`` > ``threshold``, from 0 to 1."""
    return (h.abs() > threshold).float().mean().item()


def dead_units(h: Tensor, threshold: float = SATURATED) -> Tensor:
    """Units whose every example is saturated: bool, shape (units,), for activations (examples, units).

    Such a unit passes (almost) no gradient back on this batch: 1 − h² is at most 1 − threshold² for each example.
    """
    if h.ndim != 2:
        raise ValueError(f"h has shape {tuple(h.shape)}; it must be (examples, units)")
    return (h.abs() > threshold).all(dim=0)


@dataclass(frozen=True)
class LayerStatistics:
    """Statistics of one layer's activations, or of their gradients.

    Attributes:
        name: the layer's type and its number among the layers of ``kinds``, for instance ``Tanh 2``.
        mean: mean of all values.
        std: unbiased standard deviation of all values.
        saturated: share of values with an absolute value above 0.97, from 0 to 1; of use for activations only.
    """

    name: str
    mean: float
    std: float
    saturated: float


def run_backward(model: nn.Module, contexts: Tensor, targets: Tensor) -> float:
    """One forward and backward pass that keeps the gradient of every layer's output in ``layer.out.grad``.

    Returns:
        The loss, in nats. The parameters' gradients are those of this pass alone.
    """
    model.zero_grad(set_to_none=True)
    logits = model(contexts)
    for layer in layers_that_ran(model, (Layer,)):
        if layer.out is not None and layer.out.requires_grad:
            layer.out.retain_grad()
    loss = cross_entropy(logits, targets)
    loss.backward()
    return loss.item()


def layers_that_ran(model: nn.Module, kinds: Kinds) -> list[Layer]:
    """Return the course's layers of the given kinds that hold an output, first to last.

    Raises:
        ValueError: no such layer has run, or the model has a layer of the same name that is not the course's.
    """
    names = {kind.__name__ for kind in kinds}
    for name, module in model.named_modules():
        if type(module).__name__ in names and not isinstance(module, Layer):
            raise ValueError(
                f"layer {name!r} is a {type(module).__name__} of {type(module).__module__}, which keeps no output; "
                f"use {type(module).__name__} of bncourse.layers in its place"
            )
    layers = [m for m in model.modules() if isinstance(m, kinds) and m.out is not None]
    if not layers:
        raise ValueError(f"no layer of kind {' or '.join(sorted(names))} has an output; call the model first")
    return layers


def activation_statistics(model: nn.Module, kinds: Kinds = (Tanh, ReLU)) -> list[LayerStatistics]:
    """Mean, std and saturation of the latest output of each layer of the given kinds.

    Raises:
        ValueError: no such layer has run, or the model has one of ``torch.nn``, which keeps no output.
    """
    return [
        summary(f"{type(layer).__name__} {number}", layer.out)
        for number, layer in enumerate(layers_that_ran(model, kinds), start=1)
        if layer.out is not None
    ]


def gradient_statistics(model: nn.Module, kinds: Kinds = (Tanh, ReLU)) -> list[LayerStatistics]:
    """Mean and std of the loss's gradient with respect to each activation layer's output, after :func:`run_backward`.

    Raises:
        ValueError: a layer has no gradient, because no backward pass has kept it; and as
            :func:`activation_statistics`.
    """
    statistics = []
    for number, layer in enumerate(layers_that_ran(model, kinds), start=1):
        if layer.out is None or not layer.out.retains_grad or layer.out.grad is None:
            raise ValueError("the layers' outputs have no gradients; call run_backward(model, contexts, targets) first")
        statistics.append(summary(f"{type(layer).__name__} {number}", layer.out.grad))
    return statistics


def summary(name: str, values: Tensor) -> LayerStatistics:
    """Mean, unbiased std and saturated share of all values of one tensor."""
    values = values.detach()
    return LayerStatistics(name, values.mean().item(), values.std().item(), saturated_fraction(values))


def weights(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """The weight matrices by name, the embedding table among them, of the course's layers and of ``torch.nn``'s.

    Parameters with another number of dimensions than two are omitted: biases, gamma and beta, and the kernels of
    convolutions.
    """
    return [(name, p) for name, p in model.named_parameters() if p.ndim == 2]


def grad_to_data(parameter: nn.Parameter) -> float:
    """std(grad) / std(data): how large the gradient is relative to the numbers that it would change; it has no unit.

    Raises:
        ValueError: the parameter has no gradient yet.
    """
    if parameter.grad is None:
        raise ValueError("the parameter has no gradient; call loss.backward() first")
    return (parameter.grad.std() / parameter.detach().std()).item()


def update_to_data(parameter: nn.Parameter, lr: float) -> float:
    """log10 of std(lr · grad) / std(data): −3 is the rule of thumb for plain SGD (chapter 08).

    Raises:
        ValueError: the parameter has no gradient yet, or ``lr`` is not positive.
    """
    ratio = check_positive("lr", lr) * grad_to_data(parameter)
    return math.log10(ratio) if ratio > 0 else -math.inf


class UpdateRatios:
    """Record :func:`update_to_data` of every weight matrix at every step: ``train(…, watch=UpdateRatios())``.

    Attributes:
        ratios: for each weight's name, one log10 ratio per step.
    """

    def __init__(self) -> None:
        self.ratios: dict[str, list[float]] = {}

    def __call__(self, step: int, model: nn.Module, lr: float) -> None:
        """Append the ratios of one step, from the gradients of that step."""
        for name, parameter in weights(model):
            self.ratios.setdefault(name, []).append(update_to_data(parameter, lr))
