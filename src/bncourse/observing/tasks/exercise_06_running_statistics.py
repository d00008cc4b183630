"""Tasks of assignment 06: BatchNorm1d whole, and a calibration of its running statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import layer_inputs, observe_gradients, observe_parameters, set_mode

__all__ = ["calibrate", "running_statistics"]


def ask_running_statistics(rng: np.random.Generator) -> list[Question]:
    """Two or three batches of different sizes, then evaluation, then training again."""
    questions = []
    # Of two examples that lie close together float32 leaves few digits of the gradient. An eps that is not the default
    # stands where float64 shows it, whatever is drawn.
    for sizes, dim, dtype, offset, scale, eps, momentum, tolerance in [
        ((7, 2, 5), 3, "float32", 0.0, 1.0, 1e-5, 0.1, 2e-4),
        ((2, 4), 1, "float32", 0.0, 1.0, 1e-3, 0.3, 2e-4),
        ((32, 9), 4, "float64", 5.0, 2.0, 1e-3, 0.01, None),
        ((6, 3), 2, "float32", 300.0, 1.0, 1e-5, 0.1, 2e-4),
        ((5, 8), 3, "float64", 0.0, 1e-3, 1e-5, 1.0, None),
    ]:
        batches, douts = layer_inputs(rng, [(n, dim) for n in sizes], dtype, offset, scale)
        far = f", values near {offset:g}" if offset else ""
        questions.append(
            {
                "call": f"BatchNorm1d({dim}, eps={eps:g}, momentum={momentum}), batches of "
                f"{', '.join(map(str, sizes))} examples, {dtype}{far}",
                "dim": dim,
                "eps": eps,
                "momentum": momentum,
                "gamma": rng.uniform(0.5, 2.0, dim).astype("float32"),
                "beta": rng.normal(size=dim).astype("float32"),
                "batches": batches,
                "douts": douts,
                "evaluation": layer_inputs(rng, [(4, dim)], dtype, offset)[0][0],
                "strided": len(questions) % 2 == 1,
                "tolerance": tolerance,
            }
        )
    constant = {**questions[0], "call": "BatchNorm1d(3), a feature that is the same for every example"}
    constant["batches"] = [np.concatenate([np.full((n, 1), 4.0), x[:, 1:]], 1).astype("float32")
                           for n, x in zip((7, 2, 5), constant["batches"], strict=True)]  # fmt: skip
    # The normalised constant is 0, but float32's rounding of its mean is divided by √eps.
    constant["tolerance"] = 1e-4
    single = {**questions[0], "call": "BatchNorm1d(3) in training mode, a batch of one example"}
    single["batches"] = [single["batches"][0][:1]]
    single["douts"] = [single["douts"][0][:1]]
    return [*questions, constant, single]


def observe_running_statistics(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Train, evaluate, and train again."""
    layer = recorder.make("making it", theirs, question["dim"], eps=question["eps"], momentum=question["momentum"])
    observe_parameters(recorder, layer, question)
    recorder.get("running_mean at the start", layer, "running_mean")
    recorder.get("running_var at the start", layer, "running_var")
    for i, (batch, dout) in enumerate(zip(question["batches"], question["douts"], strict=True), start=1):
        when = f"of batch {i}"
        x = recorder.tensor(f"x {when}", batch, requires_grad=True, strided=question["strided"])
        y = recorder.call(f"the output {when}", layer, x)
        observe_gradients(recorder, layer, x, y, dout, when)
        for name in ("running_mean", "running_var"):
            running = recorder.get(f"{name} after batch {i}", layer, name)
            recorder.write(
                f"{name} after batch {i} is part of a graph", getattr(running, "requires_grad", None), "state"
            )

    set_mode(recorder, layer, training=False)
    x = recorder.tensor("x in evaluation", question["evaluation"])
    recorder.call("the output in evaluation", layer, x, stage="state")
    recorder.call("the output for one example in evaluation", layer, x[:1], stage="state")
    recorder.get("running_mean after evaluation", layer, "running_mean")
    recorder.get("running_var after evaluation", layer, "running_var")
    set_mode(recorder, layer, training=True)
    x = recorder.tensor("x in training again", question["batches"][0])
    recorder.call("the output in training again", layer, x, stage="state")


running_statistics = Task(
    name="running_statistics",
    subject="BatchNorm1d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_running_statistics,
    observing=observe_running_statistics,
)


def ask_calibrate(rng: np.random.Generator) -> list[Question]:
    """Batches of unequal sizes, sorted ones among them, whose variances lie mostly between them."""
    questions = []
    for sizes, dim, dtype, offset, step in [
        ((5, 9, 2), 3, "float32", 0.0, 0.0),
        ((4, 4), 1, "float32", 2.0, 3.0),
        ((1, 7, 3, 2), 2, "float64", 0.0, 5.0),
        ((64,), 4, "float64", -3.0, 0.0),
    ]:
        batches = layer_inputs(rng, [(n, dim) for n in sizes], dtype, offset)[0]
        batches = [(x + step * i).astype(dtype) for i, x in enumerate(batches)]
        questions.append(
            {
                "call": f"calibrate(layer, batches), {len(sizes)} batches of {', '.join(map(str, sizes))} rows, "
                f"{dim} features, {dtype}",
                "dim": dim,
                "batches": batches,
                "generator": len(questions) % 2 == 1,
            }
        )
    return questions


class Bare(nn.Module):
    """A layer that holds running statistics and nothing else; calling it is not part of a calibration."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim, self.eps, self.momentum = dim, 1e-5, 0.1
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.full((dim,), 9.0))
        self.register_buffer("running_var", torch.full((dim,), 9.0))

    def forward(self, x: Tensor) -> Tensor:
        """Move the running statistics, as a layer in training does."""
        if self.training:
            with torch.no_grad():
                self.running_mean.lerp_(x.mean(0).to(self.running_mean.dtype), self.momentum)
                self.running_var.lerp_(x.var(0).to(self.running_var.dtype), self.momentum)
        return (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) * self.gamma + self.beta


def observe_calibrate(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, once with a list of batches and once with a generator of them."""
    layer = Bare(question["dim"])
    batches = [recorder.tensor(f"batch {i}", x) for i, x in enumerate(question["batches"], start=1)]
    given = (x for x in batches) if question["generator"] else batches
    mean, var = recorder.call_for(("mean", "var"), theirs, layer, given)
    for name, part in (("mean", mean), ("var", var)):
        recorder.write(f"{name} is part of a graph", getattr(part, "requires_grad", None), "state")
    recorder.get("the layer's running_mean", layer, "running_mean")
    recorder.get("the layer's running_var", layer, "running_var")
    recorder.write("the layer's gamma", layer.gamma, "state")


calibrate = Task(
    name="calibrate",
    subject="calibrate(layer, batches) -> (mean, var)",
    ask=ask_calibrate,
    observing=observe_calibrate,
)
