"""The course's small network for names with parts that you wrote, for the end of each assignment: *plug it in*.

A training here takes less than a second. The checks use this module too, also where submissions are graded: there is no
finished layer in it, and the data travels with the question, because the names are not there. ::

    data = plugged.name_batches(np.random.default_rng(0), steps=300)
    network = plugged.with_layer(torch.Generator().manual_seed(0), norm)
    losses = plugged.train(network, network.parameters, data, lr=0.3)
    plugged.loss_on_new_examples(network, data)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

__all__ = [
    "ALONE",
    "CHARACTERS",
    "EMBEDDING",
    "INPUTS",
    "ON_NEW",
    "PROMISED",
    "UNITS",
    "NameNetwork",
    "change_alone",
    "cross_entropy",
    "fall_over_promise",
    "first_batch",
    "gradients_of",
    "kept_promise",
    "kept_promises",
    "loss_on_new_examples",
    "losses_of",
    "name_batches",
    "new_examples",
    "one_hidden_layer",
    "parameters_of",
    "pre_activations",
    "switch_mode",
    "take_step",
    "train",
    "weights",
    "with_layer",
]

Data = dict[str, Any]
"""Minibatches and new examples, as plain arrays, and a seed."""

CHARACTERS, CONTEXT, EMBEDDING, UNITS = 27, 3, 10, 100
INPUTS = CONTEXT * EMBEDDING
"""Numbers that reach the first layer, of three characters ten each."""

ON_NEW = "the loss on new examples"
PROMISED = "the fall of the loss in a small step, over what the gradient promises, for each of four batches"
ALONE = "the largest change of the loss on a new example when it is predicted alone"
"""Three things that are often looked at."""


@cache
def words() -> tuple[str, ...]:
    """The names of the course. They are missing where submissions are graded."""
    from bncourse.names import load_words

    return tuple(load_words())


def pairs(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw contexts (count, 3) and the character that follows each, (count,), int64, from names that are drawn."""
    known = words()
    contexts: list[list[int]] = []
    targets: list[int] = []
    while len(targets) < 2 * count:  # twice as many, so that few of them are of one name
        context = [0] * CONTEXT
        for character in f"{known[rng.integers(len(known))]}`":  # the character before 'a' is number 0
            contexts.append(context)
            targets.append(ord(character) - ord("`"))
            context = [*context[1:], targets[-1]]
    order = rng.permutation(len(targets))[:count]
    return np.array(contexts)[order], np.array(targets)[order]


def name_batches(rng: np.random.Generator, steps: int, size: int = 32, new: int = 500) -> Data:
    """Draw data: a minibatch of names for each step, and new examples to evaluate with."""
    contexts, targets = pairs(rng, steps * size)
    new_contexts, new_targets = pairs(rng, new)
    return {
        "seed": int(rng.integers(2**31)),
        "contexts": contexts.reshape(steps, size, CONTEXT),
        "targets": targets.reshape(steps, size),
        "new_contexts": new_contexts,
        "new_targets": new_targets,
    }


def weights(generator: Generator, std: float, *shape: int) -> Tensor:
    """Draw weights N(0, std²) that are trained."""
    return (std * torch.randn(*shape, generator=generator)).requires_grad_()


def losses_of(logits: Tensor, targets: Tensor) -> Tensor:
    """The cross-entropy of each example, in nats, (N,)."""
    return logits.logsumexp(1) - logits.gather(1, targets[:, None])[:, 0]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean cross-entropy in nats."""
    return losses_of(logits, targets).mean()


def parameters_of(*layers: Any) -> list[Tensor]:
    """The parameters of layers, as far as they can be trained."""
    listed = [p for layer in layers for p in layer.parameters()]
    return [p for p in listed if isinstance(p, Tensor) and p.requires_grad]


def switch_mode(training: bool, *layers: Any) -> None:
    """Switch layers, modules and plain classes, to training or to evaluation."""
    for layer in layers:
        if callable(getattr(layer, "train", None)) and callable(getattr(layer, "eval", None)):
            layer.train() if training else layer.eval()
        else:
            layer.training = training


@dataclass
class NameNetwork:
    """Contexts (N, 3) → embedding → the layers, of which the last gives logits (N, 27).

    Attributes:
        table: the embedding, (27, 10).
        layers: functions from what one layer gives to what the next one gets, with a learner's parts in them.
        parameters: everything that is trained.
    """

    table: Tensor
    layers: Sequence[Callable[[Tensor], Tensor]]
    parameters: list[Tensor]

    def activations(self, contexts: Tensor, layers: int | None = None) -> Tensor:
        """What comes out of so many layers; of all but the last where no number is given."""
        h = self.table[contexts].flatten(1)
        for layer in self.layers[: len(self.layers) - 1 if layers is None else layers]:
            h = layer(h)
        return h

    def __call__(self, contexts: Tensor) -> Tensor:
        """Return logits (N, 27)."""
        return self.layers[-1](self.activations(contexts))


def one_hidden_layer(
    generator: Generator,
    follows: Callable[[Tensor], Tensor],
    *more: Tensor,
    std: float = 5 / 3 / INPUTS**0.5,
    output: tuple[Tensor, Tensor] | None = None,
) -> NameNetwork:
    """The course's network with one hidden layer of 100 units.

    Arguments:
        generator: source of the draws.
        follows: what comes after the hidden layer's weight, with a learner's part in it.
        more: further parameters, as gamma and beta of a learner's layer.
        std: that of the hidden layer's weights; 5 / 3 / √30 is Kaiming's for tanh, and 1 saturates.
        output: weight (100, 27) and bias (27,) of the last layer; small ones where none are given.
    """
    table, weight = weights(generator, 1.0, CHARACTERS, EMBEDDING), weights(generator, std, INPUTS, UNITS)
    last, bias = output or (weights(generator, 0.03, UNITS, CHARACTERS), torch.zeros(CHARACTERS, requires_grad=True))
    layers = [lambda h: follows(h @ weight), lambda h: h @ last + bias]
    return NameNetwork(table, layers, [table, weight, last, bias, *more])


def with_layer(generator: Generator, layer: Any, std: float = 1.0) -> NameNetwork:
    """The network with one hidden layer, and a learner's layer in front of the tanh, which is trained too."""
    follows = lambda pre: torch.tanh(layer(pre).to(pre.dtype))  # noqa: E731
    return one_hidden_layer(generator, follows, *parameters_of(layer), std=std)


@torch.no_grad()
def pre_activations(network: NameNetwork, contexts: Any) -> Tensor:
    """What the hidden layer's weights give to what follows them, (N, 100), for contexts in a tensor or an array."""
    table, weight = network.parameters[:2]
    return table[torch.as_tensor(contexts)].flatten(1) @ weight


def gradients_of(loss: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    """The gradient for each parameter; 0 for one that the loss does not depend on."""
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]


def take_step(parameters: Sequence[Tensor], gradients: Sequence[Tensor], lr: float) -> None:
    """One step of plain SGD."""
    for p, gradient in zip(parameters, gradients, strict=True):
        p.data -= lr * gradient


def first_batch(data: Data) -> tuple[Tensor, Tensor]:
    """Contexts and targets of the first step."""
    return batch_of(data, 0)


def batch_of(data: Data, step: int) -> tuple[Tensor, Tensor]:
    """Contexts and targets of a step."""
    return torch.from_numpy(data["contexts"][step]), torch.from_numpy(data["targets"][step])


def fall_over_promise(
    network: Callable[[Tensor], Tensor],
    inputs: Tensor,
    targets: Tensor,
    parameters: Sequence[Tensor],
    promise: float = 0.01,
) -> float:
    """How much the loss of a batch falls in one small step of these parameters, over what the gradient promises.

    It is near 1 if the gradient is right. Without any gradient it is 0.
    """
    loss = cross_entropy(network(inputs), targets)
    gradients = gradients_of(loss, parameters)
    squares = sum(g.square().sum().item() for g in gradients)
    if squares == 0:
        return 0.0
    take_step(parameters, gradients, promise / squares)
    later = cross_entropy(network(inputs), targets)
    take_step(parameters, gradients, -promise / squares)
    return (loss - later).item() / promise


def kept_promise(network: Callable[[Tensor], Tensor], data: Data, parameters: Sequence[Tensor]) -> float:
    """The same for the first batch."""
    return fall_over_promise(network, *first_batch(data), parameters)


def kept_promises(network: Callable[[Tensor], Tensor], data: Data, parameters: Sequence[Tensor]) -> list[float]:
    """The same for each of the first four batches: a wrong gradient may keep its promise for one of them by chance."""
    return [fall_over_promise(network, *batch_of(data, step), parameters) for step in range(4)]


def train(
    network: Callable[[Tensor], Tensor],
    parameters: Sequence[Tensor],
    data: Data,
    lr: float,
    loss_of: Callable[[Tensor, Tensor], Tensor] = cross_entropy,
) -> list[float]:
    """Plain SGD, one step per minibatch; return the losses."""
    losses = []
    for contexts, targets in zip(data["contexts"], data["targets"], strict=True):
        loss = loss_of(network(torch.from_numpy(contexts)), torch.from_numpy(targets))
        take_step(parameters, gradients_of(loss, parameters), lr)
        losses.append(loss.item())
    return losses


@torch.no_grad()
def loss_on_new_examples(network: Callable[[Tensor], Tensor], data: Data) -> float:
    """The mean cross-entropy, in nats, on the examples that no step has seen."""
    contexts, targets = new_examples(data, len(data["new_targets"]))
    return cross_entropy(network(contexts), targets).item()


@torch.no_grad()
def change_alone(network: Callable[[Tensor], Tensor], inputs: Tensor, targets: Tensor) -> float:
    """The largest change of the loss on an example, if it is predicted alone and not with all of these.

    It is 0 in evaluation mode, where no example needs others.
    """
    pairs_alone = zip(inputs.split(1), targets.split(1), strict=True)
    alone = torch.cat([losses_of(network(one), target) for one, target in pairs_alone])
    return (alone - losses_of(network(inputs), targets)).abs().max().item()


def new_examples(data: Data, count: int) -> tuple[Tensor, Tensor]:
    """Contexts and targets of the first examples that no step has seen."""
    return torch.from_numpy(data["new_contexts"][:count]), torch.from_numpy(data["new_targets"][:count])
