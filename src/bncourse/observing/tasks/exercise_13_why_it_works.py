"""Tasks of assignment 13: the loss along its gradient, and layers that ignore the scale of their input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.plugged import (
    CHARACTERS,
    EMBEDDING,
    INPUTS,
    UNITS,
    NameNetwork,
    cross_entropy,
    first_batch,
    gradients_of,
    name_batches,
    take_step,
    weights,
)

__all__ = ["is_scale_invariant", "loss_along_gradient", "trained_line_search"]


def ask_loss_along_gradient(rng: np.random.Generator) -> list[Question]:
    """Losses of one and several parameters; sizes that are not in order; a generator of parameters; stale gradients."""
    questions: list[Question] = []
    settings: list[tuple[str, list[tuple[int, ...]], str, list[float], str, bool]] = [
        ("curved", [(3, 4)], "float32", [0.1, 0.3, 1.0], "list", False),
        ("network", [(3, 5), (5,), (5, 2)], "float64", [1.0, 0.01, 0.3], "generator", False),
        ("curved", [(6,), (2, 3)], "float64", [0.5, 0.0, 0.5, 0.05], "list", True),
        ("batchnorm", [(4, 3), (3,), (3, 2)], "float32", [0.03, 2.0, 0.3, 0.1], "generator", True),
        ("curved", [(5,)], "float64", [0.7], "tuple", False),
    ]
    for kind, shapes, dtype, sizes, given, stale in settings:
        words = {"list": "params in a list", "tuple": "params in a tuple", "generator": "params from a generator"}
        left = ", each with a gradient left from before" if stale else ""
        questions.append(
            {
                "call": f"loss_along_gradient(loss, params, {sizes}), {len(shapes)} parameter"
                f"{'s' if len(shapes) > 1 else ''}, {dtype}, {words[given]}{left}",
                "loss": kind,
                "params": [rng.normal(size=shape).astype(dtype) for shape in shapes],
                "stale": [rng.normal(size=shape).astype(dtype) for shape in shapes] if stale else [],
                "x": rng.normal(size=(8, shapes[0][0])).astype(dtype),
                "target": rng.normal(size=(8, shapes[-1][-1])).astype(dtype),
                "step_sizes": sizes,
                "given": given,
                "tolerance": 1e-5 if dtype == "float32" else 1e-9,
            }
        )
    return questions


def loss_of(question: Question, params: Sequence[Tensor]) -> Callable[[], Tensor]:
    """The question's loss, a function without arguments."""
    x, target = torch.from_numpy(question["x"].copy()), torch.from_numpy(question["target"].copy())

    def curved() -> Tensor:
        return sum((torch.cosh(p) + torch.sin(3 * p)).mean() for p in params)

    def network() -> Tensor:
        hidden = x @ params[0]
        if question["loss"] == "batchnorm":
            hidden = (hidden - hidden.mean(0)) / (hidden.var(0, correction=0) + 1e-5).sqrt()
        return (torch.tanh(hidden + params[1]) @ params[2] - target).square().mean()

    return curved if question["loss"] == "curved" else network


def observe_loss_along_gradient(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, and look at what it leaves behind."""
    params = [torch.from_numpy(values.copy()).requires_grad_() for values in question["params"]]
    before = [torch.from_numpy(values.copy()) for values in question["stale"]]
    for p, gradient in zip(params, before, strict=False):
        p.grad = gradient.clone()
    sizes = list(question["step_sizes"])
    collections: dict[str, Callable[[list[Tensor]], Iterable[Tensor]]] = {
        "list": list,
        "tuple": tuple,
        "generator": iter,
    }
    given = collections[question["given"]](params)
    recorder.call("the losses", theirs, loss_of(question, params), given, sizes)
    for i, (p, start) in enumerate(zip(params, question["params"], strict=True), start=1):
        recorder.write(f"parameter {i} at the end", p, "state")
        same = p.shape == start.shape and bool((p.detach().numpy() == start).all())
        recorder.write(f"parameter {i} is what it was, to the last bit", same, "state")
        as_found = bool(before) and p.grad is not None and torch.equal(p.grad, before[i - 1])
        recorder.write(f"parameter {i}'s .grad is as it was, or None", p.grad is None or as_found, "state")
        zeros = p.grad is not None and not as_found and not bool(p.grad.any())
        recorder.write(f"parameter {i}'s .grad was filled with zeros", zeros, "state")
        recorder.write(f"parameter {i} requires a gradient", p.requires_grad, "state")
    recorder.write("step_sizes is what it was", sizes == question["step_sizes"], "state")


loss_along_gradient = Task(
    name="loss_along_gradient",
    subject="loss_along_gradient(loss, params, step_sizes)",
    ask=ask_loss_along_gradient,
    observing=observe_loss_along_gradient,
)


class Mapped(nn.Module):
    """A layer without parameters: a formula."""

    def __init__(self, formula: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.formula = formula

    def forward(self, x: Tensor) -> Tensor:
        return self.formula(x)


def filled(layer: nn.Module, seed: int) -> nn.Module:
    """With parameters and running statistics that are not the ones it was made with."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for name, values in [*layer.named_parameters(), *layer.named_buffers()]:
            positive = name.endswith(("running_var", "weight")) and values.ndim == 1
            if values.is_floating_point():
                numbers = rng.uniform(0.5, 2, values.shape) if positive else rng.normal(size=values.shape)
                values.copy_(torch.from_numpy(numbers))
    return layer


LAYERS: dict[str, Callable[[int], nn.Module]] = {
    "BatchNorm in training": lambda dim: nn.BatchNorm1d(dim),
    "BatchNorm in evaluation": lambda dim: nn.BatchNorm1d(dim).eval(),
    "BatchNorm with an eps of 20": lambda dim: nn.BatchNorm1d(dim, eps=20.0),
    "LayerNorm": lambda dim: nn.LayerNorm(dim),
    "a Linear without a bias": lambda dim: nn.Linear(dim, 4, bias=False),
    "a ReLU": lambda dim: nn.ReLU(),
    "Linear with a bias, BatchNorm and Tanh": lambda dim: nn.Sequential(
        nn.Linear(dim, 5), nn.BatchNorm1d(5), nn.Tanh()
    ),
    "Tanh, then BatchNorm": lambda dim: nn.Sequential(Mapped(lambda x: torch.tanh(x / 10)), nn.BatchNorm1d(dim)),
    "each row divided by its length": lambda dim: Mapped(lambda x: x / x.norm(dim=1, keepdim=True)),
    "each row divided by the 0.99th power of its length": lambda dim: Mapped(
        lambda x: x / x.norm(dim=1, keepdim=True) ** 0.99
    ),
    "each row's absolute values divided by their sum": lambda dim: Mapped(lambda x: x.abs() / x.abs().sum(1)[:, None]),
    "the signs": lambda dim: Mapped(torch.sign),
    "the signs, but the last row as it is": lambda dim: Mapped(lambda x: torch.cat([torch.sign(x[:-1]), x[-1:]])),
    "0.002 times the logarithm of the size": lambda dim: Mapped(lambda x: 0.002 * x.abs().log()),
    "zero times the input": lambda dim: Mapped(lambda x: 0 * x),
    "the input itself": lambda dim: nn.Identity(),
    "a clamp to −3 and 3, for an x beyond": lambda dim: Mapped(lambda x: x.clamp(-3, 3)),
    "what exceeds 30, for an x below": lambda dim: Mapped(lambda x: torch.relu(x.abs() - 30)),
    "a wave in log₂|x|, of period 1": lambda dim: Mapped(lambda x: torch.sin(2 * torch.pi * x.abs().log2())),
    # A tenth of x changes outputs by 0.00015 to 0.0009, and a hundredth by 0.015 and more.
    "x divided by the root of its mean square plus 0.0013": lambda dim: Mapped(
        lambda x: x / (x.square().mean() + 0.0013).sqrt()
    ),
}

ONE_SIDED = ("a clamp to −3 and 3, for an x beyond", "what exceeds 30, for an x below")
"""Asked five times each: a factor drawn in every call is on the telling side in one call of two."""


def ask_is_scale_invariant(rng: np.random.Generator) -> list[Question]:
    """Layers that ignore every factor, some factors, or none."""
    questions: list[Question] = []
    for i, kind in enumerate([*LAYERS, *ONE_SIDED * 4]):
        dim = int(rng.integers(3, 7))
        dtype = "float64" if i % 3 == 2 else "float32"
        # All entries lie between 3 and 30 away from 0, with both signs in every row and column, so that no variance is
        # so small that an output could differ by 0.001 at a tenth of it because of eps.
        signs = (-1.0) ** (np.arange(9)[:, None] + np.arange(dim) + rng.integers(2))
        x = signs * rng.uniform(3, 30, (9, dim))
        questions.append(
            {
                "call": f"is_scale_invariant(layer, x), the layer is {kind}, x of shape (9, {dim}), {dtype}",
                "layer": kind,
                "dim": dim,
                "seed": int(rng.integers(2**31)),
                "x": x.astype(dtype),
            }
        )
    return questions


def observe_is_scale_invariant(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it with a layer and an input; whether a bool came back is written down by itself."""
    layer = filled(LAYERS[question["layer"]](question["dim"]), question["seed"])
    x = recorder.tensor("x", question["x"])
    result = recorder.call("the result", theirs, layer.to(x.dtype), x)
    is_bool = isinstance(result, (bool, np.bool_)) or getattr(result, "dtype", None) in (torch.bool, np.bool_)
    recorder.write("the result is True or False", is_bool)


is_scale_invariant = Task(
    name="is_scale_invariant",
    subject="is_scale_invariant(layer, x)",
    ask=ask_is_scale_invariant,
    observing=observe_is_scale_invariant,
)


# Plug it in


def ask_trained_line_search(rng: np.random.Generator) -> list[Question]:
    """One training whose step sizes the learner's function decides."""
    return [
        {
            **name_batches(rng, 20, 128),
            "call": "20 training steps, each of the size at which your loss_along_gradient is smallest",
            "words": "100 units with BatchNorm, then 100 with LayerNorm, then 100 without",
            "tolerance": {LAYERS_FOUND: 1e-6, LOSS_CHANGED: 1e-3, LEFT: 1e-4, ALONG: 1e-3, SMALLEST: 0.02, LAST: 0.03},
        }
    ]


LAYERS_FOUND = "in front of how many of three layers the weights may be multiplied by ten"
LOSS_CHANGED = "by how much the loss changes once they are"
LEFT = "how far the parameters are from where they were, after the first call of your loss_along_gradient"
ALONG = "the losses at six step sizes from 0.03 to 10, before training"
SMALLEST = "the mean of the smallest losses"
LAST = "the loss of the last batch after the last step"


def observe_trained_line_search(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the loss once the scale of some weights was changed, and at the loss after the training."""
    generator = Generator().manual_seed(question["seed"])
    table, last = weights(generator, 1.0, CHARACTERS, EMBEDDING), weights(generator, 0.03, UNITS, CHARACTERS)
    # In front of a normalisation large weights change nothing but how small eps is beside the variance.
    gains = [(5.0, INPUTS), (5.0, UNITS), (1.0, UNITS)]
    matrices = [weights(generator, gain / fan_in**0.5, fan_in, UNITS) for gain, fan_in in gains]
    follow = [torch.nn.BatchNorm1d(UNITS), torch.nn.LayerNorm(UNITS), torch.nn.Identity()]
    hidden = [lambda h, w=w, f=f: torch.tanh(f(h @ w)) for w, f in zip(matrices, follow, strict=True)]
    network = NameNetwork(table, [*hidden, lambda h: h @ last], [table, *matrices, last])
    contexts, targets = first_batch(question)
    before = cross_entropy(network(contexts), targets).item()
    found = []
    for number, (weight, layer) in enumerate(zip(matrices, follow, strict=True)):
        pre = network.activations(contexts, number).detach() @ weight.detach()
        found += [weight] if recorder.try_out("whether it is", theirs.is_scale_invariant, layer, pre) else []
    for weight in found:
        weight.data *= 10
    recorder.write(LAYERS_FOUND, len(found))
    with torch.no_grad():
        off = cross_entropy(network(contexts), targets).item() - before
    recorder.write(LOSS_CHANGED, off)
    for weight in found:
        weight.data /= 10
    sizes = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
    losses: list[float] = []
    for batch in zip(question["contexts"], question["targets"], strict=True):
        contexts, targets = map(torch.from_numpy, batch)

        def loss(contexts: Tensor = contexts, targets: Tensor = targets) -> Tensor:
            return cross_entropy(network(contexts), targets)

        before = [p.detach().clone() for p in network.parameters]
        along = recorder.try_out("the losses", theirs.loss_along_gradient, loss, network.parameters, sizes)
        if not losses:
            with recorder.attempt("the losses"):
                moved = sum((p - old).square().sum().item() for p, old in zip(network.parameters, before, strict=True))
                recorder.write(LEFT, moved**0.5)
                recorder.write(ALONG, [float(value) for value in along])
        with recorder.attempt("training"):
            best = min(range(len(sizes)), key=lambda i: float(along[i]))
            losses.append(float(along[best]))
            take_step(network.parameters, gradients_of(loss(), network.parameters), sizes[best])
    with recorder.attempt("training"):
        recorder.write(SMALLEST, sum(losses) / len(losses))
        recorder.write(LAST, loss().item())


trained_line_search = Task(
    name="trained_line_search",
    subject="loss_along_gradient and is_scale_invariant, in a network",
    ask=ask_trained_line_search,
    observing=observe_trained_line_search,
    parts=("loss_along_gradient", "is_scale_invariant"),
    watched=False,
)
