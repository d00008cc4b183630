"""What the tasks of the normalisation layers share: how one is observed, by itself and in a network that trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question
from bncourse.plugged import ALONE, ON_NEW, PROMISED, UNITS, NameNetwork, with_layer

__all__ = [
    "BETA_MOVED",
    "FLOAT64",
    "GAMMA_MOVED",
    "IN_EVALUATION",
    "MEANS",
    "MEAN_SHARE",
    "SPREAD",
    "TRAINED",
    "VARIANCE_SHARE",
    "apart",
    "layer_inputs",
    "learned_of",
    "observe_batchnorm",
    "observe_evaluation",
    "observe_first_update",
    "observe_gradients",
    "observe_learned",
    "observe_output",
    "observe_parameters",
    "plugged_in",
    "set_mode",
]

FLOAT64 = 1e-6
"""Tolerance for float64 inputs: gamma and beta are float32, and so may be eps, wherever the layer itself makes them."""

GAMMA = ("gamma", "weight")
BETA = ("beta", "bias")
"""The paper's names, and torch's."""


def observe_parameters(recorder: Recorder, layer: Any, question: Question) -> None:
    """Write down gamma and beta as they start, and whether an optimiser finds them; then set those of the question."""
    for names, value in ((GAMMA, question["gamma"]), (BETA, question["beta"])):
        parameter = recorder.get(f"{names[0]} at the start", layer, *names)
        with recorder.attempt(f"{names[0]} in parameters()", "state"):
            listed = any(parameter is other for other in layer.parameters())
            recorder.write(f"{names[0]} in parameters()", listed and parameter.requires_grad, "state", role="listed")
        with recorder.attempt(f"writing to {names[0]}", "state"), torch.no_grad():
            parameter.copy_(torch.from_numpy(value))


def observe_gradients(recorder: Recorder, layer: Any, x: Tensor, result: Any, dout: np.ndarray, when: str) -> None:
    """Send a gradient back, write down where it arrives, and take it away again."""
    recorder.backward(result, dout)
    recorder.write(f"x.grad {when}", x.grad, "gradients")
    for names in (GAMMA, BETA):
        parameter = next(getattr(layer, name) for name in names if hasattr(layer, name))
        recorder.write(f"{names[0]}.grad {when}", parameter.grad, "gradients")
        parameter.grad = None


def observe_batchnorm(recorder: Recorder, make: Callable[[], Any], question: Question) -> None:
    """Make a BatchNorm layer, set its parameters, train it on the batches, evaluate, and train again.

    Then look at what would be saved of it, and at a second layer, which must not know of the first.
    """
    layer = recorder.make("making it", make)
    observe_parameters(recorder, layer, question)
    for name in RUNNING:
        recorder.get(f"{name} at the start", layer, name)
    for i, (batch, dout) in enumerate(zip(question["batches"], question["douts"], strict=True), start=1):
        when = f"of batch {i}"
        x = recorder.tensor(f"x {when}", batch, requires_grad=True, strided=question["strided"])
        y = recorder.call(f"the output {when}", layer, x)
        observe_gradients(recorder, layer, x, y, dout, when)
        for name in RUNNING:
            running = recorder.get(f"{name} after batch {i}", layer, name)
            of_graph = getattr(running, "requires_grad", None)
            recorder.write(f"{name} after batch {i} is part of a graph", of_graph, "state")

    set_mode(recorder, layer, training=False)
    x = recorder.tensor("x in evaluation", question["evaluation"])
    recorder.call("the output in evaluation", layer, x, stage="state")
    recorder.call("the output for one example in evaluation", layer, x[:1], stage="state")
    for name in RUNNING:
        recorder.get(f"{name} after evaluation", layer, name)
    recorder.write("what state_dict() keeps", kept(layer), "state")
    set_mode(recorder, layer, training=True)
    x = recorder.tensor("x in training again", question["batches"][0])
    recorder.call("the output in training again", layer, x, stage="state")
    other = recorder.make("making a second layer", make)
    for name in RUNNING:
        recorder.get(f"{name} of a second layer", other, name)


RUNNING = ("running_mean", "running_var")


def kept(layer: Any) -> str:
    """Say whether the state_dict() of a module has the running statistics; a plain class has none to ask."""
    if not isinstance(layer, nn.Module):
        return "all that it remembers"
    saved = layer.state_dict()
    lost = [name for name in RUNNING if not any(key.split(".")[-1] == name for key in saved)]
    return f"everything but {' and '.join(lost)}" if lost else "all that it remembers"


def set_mode(recorder: Recorder, layer: Any, *, training: bool) -> None:
    """Switch between training and evaluation, by the methods of a module or by the attribute."""
    with recorder.attempt("train() and eval()", "state"):
        switch = getattr(layer, "train" if training else "eval", None)
        if callable(switch):
            switch()
        else:
            layer.training = training


def layer_inputs(
    rng: np.random.Generator, shapes: list[tuple[int, ...]], dtype: str, offset: float = 0.0, scale: float = 1.0
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Batches, each channel with a mean and a spread of its own, and random upstream gradients for them."""
    batches = []
    for shape in shapes:
        per_channel = (1, shape[1]) + (1,) * (len(shape) - 2)
        spread = scale * rng.uniform(0.5, 2.0, per_channel)
        batches.append((offset + rng.normal(size=per_channel) + spread * rng.normal(size=shape)).astype(dtype))
    return batches, [rng.normal(size=shape).astype(dtype) for shape in shapes]


def apart(x: np.ndarray) -> np.ndarray:
    """A batch in which rounding is not magnified by chance, since the examples of a feature happen to lie close.

    Two examples get a good distance; far from 0, where float32 is coarse, each feature gets a standard deviation of 1.
    """
    if len(x) == 2:
        x[1] = x[0] + np.where(x[1] < x[0], -1, 1) * (0.5 + np.abs(x[1] - x[0]))
    mean = x.mean(axis=0, dtype=np.float64)
    if np.abs(mean).max() > 100:
        x[:] = mean + (x - mean) / x.std(axis=0, dtype=np.float64)
    return x


# In a network that trains

MEANS = "the largest mean behind a new layer, where each is to be 0"
SPREAD = "the std behind a new layer, where it is furthest from 1"
MEAN_SHARE = "the share of the way to the mean of its first batch that the running mean goes"
VARIANCE_SHARE = "the share of the way to the variance of its first batch that the running variance goes"
GAMMA_MOVED, BETA_MOVED = "how far gamma moved", "how far beta moved"
IN_EVALUATION = "how far the running mean moves in evaluation, in stds"

TRAINED = {
    MEANS: 1e-3,
    SPREAD: 1e-3,
    MEAN_SHARE: 3e-4,
    VARIANCE_SHARE: 3e-4,
    PROMISED: 1e-3,
    GAMMA_MOVED: 2e-3,
    BETA_MOVED: 2e-3,
    IN_EVALUATION: 1e-3,
    ALONE: 1e-3,
    ON_NEW: 0.004,
}
"""Tolerances. What is seen before the first step is exact to rounding, which a training then magnifies.

Their order is that in which they are looked at: the first that is off names what is wrong, so each stands before those
that it would also change. A mistake changes what it is about by far more than the tolerance, whatever is drawn: which
values a mean is taken over shows in the means, n - 1 in the spread or in the share, a beta that is not used in how far
beta moved, and an update in evaluation in the running mean after a few examples that are predicted.
"""


def plugged_in(recorder: Recorder, generator: Generator, kind: Callable, *sizes: int) -> tuple[Any, Any, NameNetwork]:
    """Make the learner's layer twice, and put the second one behind the hidden layer's weights of a network.

    The first one has seen a small batch, which a layer may not remember, and is there to be looked at.
    """
    tried = recorder.make("making it", kind, *sizes)
    recorder.try_out("the output of a new layer", tried, torch.randn(9, UNITS, generator=generator))
    layer = recorder.make("making it", kind, *sizes)
    with recorder.attempt("its parameters"):
        network = with_layer(generator, layer)
    return tried, layer, network


def observe_output(recorder: Recorder, layer: Any, batches: Sequence[Tensor], rows: Callable[[Tensor], Tensor]) -> None:
    """Write down the means and standard deviations behind a layer with gamma 1 and beta 0, where they are furthest off.

    ``rows`` brings an output into rows, of which each is to have mean 0 and standard deviation 1.
    """
    with recorder.attempt("the output of a new layer"), torch.no_grad():
        found = torch.cat([rows(layer(x)) for x in batches])
        stds = found.std(1, correction=0)
        recorder.write(MEANS, found.mean(1).abs().max().item())
        recorder.write(SPREAD, stds[(stds - 1).abs().argmax()].item())


def observe_first_update(recorder: Recorder, layer: Any, x: Tensor) -> None:
    """Send one batch through a new layer in training mode, and write down how far its running statistics go."""
    with recorder.attempt("the running statistics after one batch"), torch.no_grad():
        before = [getattr(layer, name).clone() for name in RUNNING]
        layer(x)
        channels = x.transpose(0, 1).flatten(1)
        shares = []
        for name, old, new in zip(RUNNING, before, (channels.mean(1), channels.var(1)), strict=True):
            way = new - old
            shares.append(((getattr(layer, name) - old) * way).sum() / way.square().sum())
        recorder.write(MEAN_SHARE, shares[0].item())
        recorder.write(VARIANCE_SHARE, shares[1].item())


def learned_of(layer: Any) -> tuple[Tensor, Tensor]:
    """Return gamma and beta, whether or not an optimiser finds them."""
    gamma, beta = (next(getattr(layer, name) for name in names if hasattr(layer, name)) for names in (GAMMA, BETA))
    return gamma, beta


def observe_learned(recorder: Recorder, layer: Any) -> None:
    """Write down how far gamma and beta are from where they started."""
    with recorder.attempt("gamma and beta"), torch.no_grad():
        gamma, beta = learned_of(layer)
        recorder.write(GAMMA_MOVED, (gamma - 1).norm().item())
        recorder.write(BETA_MOVED, beta.norm().item())


def observe_evaluation(recorder: Recorder, layer: Any, x: Tensor, std: Tensor) -> None:
    """Send examples through a layer in evaluation mode, two by two, and write down how far the running mean moves."""
    with recorder.attempt("evaluation"), torch.no_grad():
        before = layer.running_mean.clone()
        for two in x.split(2):
            layer(two)
        recorder.write(IN_EVALUATION, ((layer.running_mean - before) / std).square().mean().sqrt().item())
