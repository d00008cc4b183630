"""Tasks of assignment 12: BatchNorms that stay frozen, and gradients that are accumulated exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from bncourse.observing.recorder import Recorder, Stop, is_stub
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import FLOAT64

__all__ = ["accumulate", "freeze_batchnorm"]


def is_batchnorm(layer: nn.Module) -> bool:
    """Whether a layer is one of torch's BatchNorms."""
    return isinstance(layer, _BatchNorm)


def architectures(kind: str) -> nn.Module:
    """Return the network of a question, as torch draws it; see :func:`fill`."""
    if kind == "plain":
        return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3))
    if kind == "deep":
        return nn.Sequential(
            nn.Linear(4, 5, bias=False), nn.BatchNorm1d(5), nn.Tanh(),
            nn.Linear(5, 6, bias=False), nn.BatchNorm1d(6), nn.Tanh(),
            nn.Linear(6, 3),
        )  # fmt: skip
    if kind == "first":
        return nn.Sequential(
            nn.BatchNorm1d(4), nn.Linear(4, 6), nn.ReLU(), nn.BatchNorm1d(6, affine=False), nn.Linear(6, 3)
        )
    if kind == "images":
        return nn.Sequential(
            nn.Conv2d(2, 3, 2, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 3)
        )  # fmt: skip
    if kind == "nested":
        block = nn.Sequential(nn.Linear(5, 5), nn.BatchNorm1d(5), nn.Tanh())
        return nn.Sequential(nn.Linear(4, 5), nn.Sequential(block, nn.BatchNorm1d(5, momentum=0.5)), nn.Linear(5, 3))
    if kind == "other layers":
        return nn.Sequential(
            nn.Linear(4, 5), nn.LayerNorm(5), nn.BatchNorm1d(5), nn.GroupNorm(1, 5), nn.Tanh(),
            nn.Linear(5, 3),
        )  # fmt: skip
    # In training a Dropout of everything leaves only what comes after it.
    return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5, affine=False), nn.Dropout(1.0), nn.Linear(5, 3))


@torch.no_grad()
def fill(model: nn.Module, seed: int, dtype: torch.dtype) -> nn.Module:
    """Give every parameter and every running statistic numbers that follow from a seed."""
    rng = np.random.default_rng(seed)
    model.to(dtype)
    for layer in model.modules():
        for name, tensor in [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]:
            if not tensor.is_floating_point():
                continue
            numbers = rng.normal(size=tensor.shape)
            if name == "running_var" or (is_batchnorm(layer) and name == "weight"):
                numbers = rng.uniform(0.5, 2.0, tensor.shape)
            tensor.copy_(torch.from_numpy(numbers))
    return model


def shape_of(kind: str, examples: int) -> tuple[int, ...]:
    """The shape of a batch for a network."""
    return (examples, 2, 3, 3) if kind == "images" else (examples, 4)


# Freezing


def ask_freeze_batchnorm(rng: np.random.Generator) -> list[Question]:
    """BatchNorms of each kind, inside of blocks, without gamma and beta; beside Dropout and other norms."""
    questions = []
    for kind, words in [
        ("plain", "a network with one BatchNorm1d"),
        ("nested", "a network with a BatchNorm1d inside of a block"),
        ("images", "a network with a BatchNorm2d"),
        ("dropout", "a network with a BatchNorm1d(affine=False) and a Dropout"),
        ("other layers", "a network with a BatchNorm1d, a LayerNorm and a GroupNorm"),
        ("first", "a network that begins with a BatchNorm1d, in evaluation mode"),
    ]:
        questions.append(
            {
                "call": "freeze_batchnorm(model)",
                "words": f"{words}, then two rounds of training and evaluation",
                "kind": kind,
                "seed": int(rng.integers(2**31)),
                "training": kind != "first",
                "batches": [3 * rng.normal(size=shape_of(kind, 6)) + 1 for _ in range(2)],
                "evaluation": rng.normal(size=shape_of(kind, 4)),
                "dout": rng.normal(size=(6, 3)),
                "tolerance": FLOAT64,
            }
        )
    return questions


def observe_freeze_batchnorm(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Freeze and predict, then twice: train a step as a training loop does, and evaluate."""
    model = fill(architectures(question["kind"]), question["seed"], torch.float64).train(question["training"])
    norms = [layer for layer in model.modules() if is_batchnorm(layer)]
    own = {id(p): f"{n}.{name}" for n, layer in enumerate(norms, 1) for name, p in layer.named_parameters()}
    own = {key: name.replace("weight", "gamma").replace("bias", "beta") for key, name in own.items()}
    parameters = list(model.parameters())
    running = [(layer.running_mean, layer.running_var) for layer in norms]
    with recorder.attempt("the result"):
        result = theirs(model)
    if result is None and is_stub(theirs):
        recorder.stub("the result")
    if result is None:
        recorder.write("the result is the model that was given", None, "shape")
        raise Stop
    recorder.write("the result is the model that was given", result is model, "shape")
    if not isinstance(result, nn.Module):
        raise Stop
    recorder.call("the output right after freezing", result, recorder.tensor("x", question["evaluation"]))
    for number, numbers in enumerate(question["batches"], 1):
        in_round = f"in round {number}"
        with recorder.attempt(f"train() {in_round}"):
            result.train()
        x = recorder.tensor("x", numbers)
        y = recorder.call(f"the output in training {in_round}", result, x)
        for parameter in parameters:
            parameter.grad = None
        recorder.backward(y, question["dout"])
        others = 0
        for parameter in parameters:
            name = own.get(id(parameter))
            if name is None:
                others += 1
            label = f"BatchNorm {name}" if name else f"parameter {others} of the other layers"
            recorder.write(f"the gradient of {label} {in_round}", parameter.grad, "gradients")
        with torch.no_grad():
            for parameter in parameters:
                if parameter.grad is not None:
                    parameter -= 0.1 * parameter.grad
        with recorder.attempt(f"eval() {in_round}"):
            result.eval()
        x = recorder.tensor("x in evaluation", question["evaluation"])
        recorder.call(f"the output in evaluation {in_round}", result, x, stage="state")
        for n, (mean, var) in enumerate(running, 1):
            recorder.write(f"running_mean of BatchNorm {n} {in_round}", mean, "state")
            recorder.write(f"running_var of BatchNorm {n} {in_round}", var, "state")


freeze_batchnorm = Task(
    name="freeze_batchnorm",
    subject="freeze_batchnorm(model) -> model",
    ask=ask_freeze_batchnorm,
    observing=observe_freeze_batchnorm,
    watched=False,  # there is no finished version that could be handed in
)


# Accumulating


def ask_accumulate(rng: np.random.Generator) -> list[Question]:
    """Batches of equal and of unequal sizes, one example among them; one BatchNorm and two; stale gradients."""
    questions = []
    for kind, sizes, dtype, stale, strided in [
        ("plain", (4, 4, 4), "float64", False, False),
        ("plain", (5, 2, 1), "float64", False, True),
        ("deep", (3, 4, 2), "float64", False, False),
        ("images", (2, 3), "float64", False, True),
        ("first", (3, 3, 2), "float64", False, False),
        ("deep", (4, 4), "float64", True, False),
        ("plain", (8,), "float32", False, False),
    ]:
        left = ", with gradients left from before" if stale else ""
        questions.append(
            {
                "call": "accumulate(model, batches)",
                "words": f"a network with {NETWORKS[kind]} and batches of {', '.join(map(str, sizes))} examples, "
                f"{dtype}{left}",
                "kind": kind,
                "seed": int(rng.integers(2**31)),
                "batches": [
                    (rng.normal(size=shape_of(kind, n)) + i * rng.normal()).astype(dtype) for i, n in enumerate(sizes)
                ],
                "targets": [rng.integers(3, size=n) for n in sizes],
                "stale": stale,
                "strided": strided,
                "tolerance": 2e-4 if dtype == "float32" else FLOAT64,
            }
        )
    return questions


NETWORKS = {
    "plain": "one BatchNorm1d",
    "deep": "two BatchNorm1d",
    "images": "a BatchNorm2d",
    "first": "a BatchNorm1d at its start and one without gamma and beta",
}


def with_room_for(model: nn.Sequential, most: int) -> nn.Sequential:
    """Let every layer but the BatchNorms refuse more examples at a time than fit."""

    def look(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if len(inputs[0]) > most:
            raise MemoryError(
                f"{type(layer).__name__} was given {len(inputs[0])} examples at a time; there is room for {most}"
            )

    for layer in model:
        if not is_batchnorm(layer):
            layer.register_forward_pre_hook(look)
    return model


def observe_accumulate(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it once, and look at the gradients, the running statistics and what must not change."""
    dtype = getattr(torch, str(question["batches"][0].dtype))
    model = fill(architectures(question["kind"]), question["seed"], dtype).train()
    with_room_for(model, max(map(len, question["batches"])))
    if question["stale"]:
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, 5.0)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    batches = []
    for i, (x, y) in enumerate(zip(question["batches"], question["targets"], strict=True), 1):
        batches.append(
            (
                recorder.tensor(f"x of batch {i}", x, strided=question["strided"]),
                recorder.tensor(f"y of batch {i}", y),
            )
        )
    recorder.call("the loss", theirs, model, batches)
    for name, parameter in model.named_parameters():
        recorder.write(f"the gradient of {name}", parameter.grad, "gradients")
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point():
            recorder.write(name, buffer, "state")
    kept = all(torch.equal(p.detach(), old) for p, old in zip(model.parameters(), before, strict=True))
    recorder.write("the parameters are what they were", kept, "state")
    recorder.write("every layer is in training mode", all(layer.training for layer in model.modules()), "state")


accumulate = Task(
    name="accumulate",
    subject="accumulate(model, batches) -> loss",
    ask=ask_accumulate,
    observing=observe_accumulate,
    watched=False,  # there is no finished version that could be handed in
)
