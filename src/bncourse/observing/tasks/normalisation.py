"""What the tasks of the normalisation layers share: how one is observed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question

__all__ = ["layer_inputs", "observe_gradients", "observe_parameters", "set_mode"]

GAMMA = ("gamma", "weight")
BETA = ("beta", "bias")
"""The paper's names, and torch's."""


def observe_parameters(recorder: Recorder, layer: Any, question: Question) -> None:
    """Write down gamma and beta as they start, and whether an optimiser finds them; then set those of the question."""
    for names, value in ((GAMMA, question["gamma"]), (BETA, question["beta"])):
        parameter = recorder.get(f"{names[0]} at the start", layer, *names)
        with recorder.attempt(f"{names[0]} in parameters()", "state"):
            listed = any(parameter is other for other in layer.parameters())
            recorder.write(f"{names[0]} in parameters()", listed and parameter.requires_grad, "state")
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
