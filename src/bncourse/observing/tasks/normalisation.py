"""What the tasks of the normalisation layers share: how one is observed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question

__all__ = [
    "FLOAT64",
    "apart",
    "layer_inputs",
    "observe_batchnorm",
    "observe_gradients",
    "observe_parameters",
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
