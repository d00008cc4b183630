"""The vital signs of a network, as numbers: activations, gradients, and how large each update is.

Everything here reads what the layers keep in ``.out`` and what autograd leaves in ``.grad``; nothing draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bncourse.layers import ReLU, Tanh

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

SATURATED = 0.97
"""From here on the slope of tanh, 1 − t², is below 0.06."""


def saturated_fraction(h: Tensor, threshold: float = SATURATED) -> float:
    """Share of activations with |h| > ``threshold``, from 0 to 1."""
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
    """One layer's numbers: its name, mean, standard deviation, and the share beyond ±0.97 (of activations only)."""

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
    for layer in layers_with_output(model):
        if layer.out.requires_grad:
            layer.out.retain_grad()
    loss = cross_entropy(logits, targets)
    loss.backward()
    return loss.item()


def layers_with_output(model: nn.Module, kinds: tuple[type, ...] = (nn.Module,)) -> list[nn.Module]:
    """The layers of ``model`` of the given kinds that have run, first to last."""
    return [m for m in model.modules() if isinstance(m, kinds) and isinstance(getattr(m, "out", None), Tensor)]


def activation_statistics(model: nn.Module, kinds: tuple[type, ...] = (Tanh, ReLU)) -> list[LayerStatistics]:
    """Mean, std and saturation of what each activation layer last put out."""
    return [
        summary(f"{type(layer).__name__} {number}", layer.out)
        for number, layer in enumerate(layers_with_output(model, kinds), start=1)
    ]


def gradient_statistics(model: nn.Module, kinds: tuple[type, ...] = (Tanh, ReLU)) -> list[LayerStatistics]:
    """Mean and std of the loss's gradient with respect to each activation layer's output, after :func:`run_backward`.

    Raises:
        ValueError: a layer has no gradient, because no backward pass has kept it.
    """
    found = []
    for number, layer in enumerate(layers_with_output(model, kinds), start=1):
        if not layer.out.retains_grad or layer.out.grad is None:
            raise ValueError("the layers' outputs have no gradients; call run_backward(model, contexts, targets) first")
        found.append(summary(f"{type(layer).__name__} {number}", layer.out.grad))
    return found


def summary(name: str, values: Tensor) -> LayerStatistics:
    """Mean, unbiased std and saturated share of all values of one tensor."""
    values = values.detach()
    return LayerStatistics(name, values.mean().item(), values.std().item(), saturated_fraction(values))


def weights(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """The weight matrices by name, the embedding table included; gains and biases are left out."""
    return [(name, p) for name, p in model.named_parameters() if p.ndim == 2]


def grad_to_data(parameter: nn.Parameter) -> float:
    """std(grad) / std(data): how large the gradient is beside the numbers that it would change; no unit.

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
    if not lr > 0:
        raise ValueError(f"lr is {lr!r}; it must be a positive number")
    ratio = lr * grad_to_data(parameter)
    return math.log10(ratio) if ratio > 0 else -math.inf


class UpdateRatios:
    """Collects :func:`update_to_data` of every weight matrix at every step: ``train(…, watch=UpdateRatios())``.

    Attributes:
        ratios: for each weight's name, one log10 ratio a step.
    """

    def __init__(self) -> None:
        self.ratios: dict[str, list[float]] = {}

    def __call__(self, step: int, model: nn.Module, lr: float) -> None:
        """Write down the ratios of one step; the gradients are those of that step."""
        for name, parameter in weights(model):
            self.ratios.setdefault(name, []).append(update_to_data(parameter, lr))
