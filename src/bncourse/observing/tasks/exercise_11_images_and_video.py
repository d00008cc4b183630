"""Tasks of assignment 11: BatchNorm2d for images, BatchNorm3d for video."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import layer_inputs, observe_gradients, observe_parameters, set_mode

__all__ = ["batchnorm2d", "batchnorm3d"]

# Per question: the numbers of examples, the channels, the places, dtype, offset, scale, eps, momentum, tolerance. In
# some there are as many channels as columns, so that a missing reshape goes through; in one there is a single example.
# An eps that is not the default stands where float64 shows it.
IMAGES = [
    ((7, 2), 3, (4, 5), "float32", 0.0, 1.0, 1e-5, 0.1, None),
    ((2, 3), 4, (3, 4), "float64", 5.0, 2.0, 1e-3, 0.3, None),
    ((1, 4), 2, (2, 3), "float64", 0.0, 1.0, 1e-5, 0.1, None),
    ((5, 2), 3, (2, 2), "float32", 300.0, 1.0, 1e-5, 0.05, 2e-3),
    ((3,), 1, (3, 3), "float64", 0.0, 1e-2, 1e-3, 1.0, None),
]
VIDEO = [(sizes, channels, (2, *places), *rest) for sizes, channels, places, *rest in IMAGES]


def ask_about(name: str, cases: list[tuple], rng: np.random.Generator) -> list[Question]:
    """Training on two batches, evaluation, training again; then a channel that is the same everywhere."""
    questions = []
    for sizes, dim, places, dtype, offset, scale, eps, momentum, tolerance in cases:
        batches, douts = layer_inputs(rng, [(n, dim, *places) for n in sizes], dtype, offset, scale)
        shapes = " and ".join(str((n, dim, *places)) for n in sizes)
        questions.append(
            {
                "call": f"{name}({dim}, eps={eps:g}, momentum={momentum}), batches of shape {shapes}, {dtype}",
                "dim": dim,
                "eps": eps,
                "momentum": momentum,
                "gamma": rng.uniform(0.5, 2.0, dim).astype("float32"),
                "beta": rng.normal(size=dim).astype("float32"),
                "batches": batches,
                "douts": douts,
                "evaluation": layer_inputs(rng, [(2, dim, *places)], dtype, offset)[0][0],
                "strided": len(questions) % 2 == 1,
                "tolerance": tolerance,
            }
        )
    constant = {**questions[1], "call": f"{questions[1]['call']}, one channel the same everywhere"}
    constant["batches"] = [x.copy() for x in constant["batches"]]
    for x in constant["batches"]:
        x[:, 0] = 4.0
    return [*questions, constant]


def ask_batchnorm2d(rng: np.random.Generator) -> list[Question]:
    """Images."""
    return ask_about("BatchNorm2d", IMAGES, rng)


def ask_batchnorm3d(rng: np.random.Generator) -> list[Question]:
    """Clips."""
    return ask_about("BatchNorm3d", VIDEO, rng)


def observe_images(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Make a layer, set its parameters, train it on the batches, evaluate, and train again."""
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
            of_graph = getattr(running, "requires_grad", None)
            recorder.write(f"{name} after batch {i} is part of a graph", of_graph, "state")

    set_mode(recorder, layer, training=False)
    x = recorder.tensor("x in evaluation", question["evaluation"])
    recorder.call("the output in evaluation", layer, x, stage="state")
    recorder.call("the output for one example in evaluation", layer, x[:1], stage="state")
    recorder.get("running_mean after evaluation", layer, "running_mean")
    recorder.get("running_var after evaluation", layer, "running_var")
    set_mode(recorder, layer, training=True)
    x = recorder.tensor("x in training again", question["batches"][0])
    recorder.call("the output in training again", layer, x, stage="state")


batchnorm2d = Task(
    name="batchnorm2d",
    subject="BatchNorm2d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_batchnorm2d,
    observing=observe_images,
)
batchnorm3d = Task(
    name="batchnorm3d",
    subject="BatchNorm3d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_batchnorm3d,
    observing=observe_images,
)
