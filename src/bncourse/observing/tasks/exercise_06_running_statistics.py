"""Tasks of assignment 06: BatchNorm1d whole, and a calibration of its running statistics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import (
    FLOAT64,
    TRAINED,
    apart,
    layer_inputs,
    observe_batchnorm,
    observe_evaluation,
    observe_first_update,
    observe_learned,
    observe_output,
    plugged_in,
)
from bncourse.plugged import (
    ALONE,
    ON_NEW,
    PROMISED,
    UNITS,
    change_alone,
    kept_promises,
    loss_on_new_examples,
    name_batches,
    new_examples,
    pre_activations,
    switch_mode,
    train,
)

__all__ = ["calibrate", "running_statistics", "trained_running_statistics"]


OTHERS = {"eps": 1e-2, "momentum": 0.3}


def ask_running_statistics(rng: np.random.Generator) -> list[Question]:
    """Two or three batches of different sizes, then evaluation, then training again; every way to give arguments."""
    questions: list[Question] = []

    def add(sizes: tuple[int, ...], dim: int, dtype: str, offset: float, scale: float, **more: Any) -> None:
        batches, douts = layer_inputs(rng, [(n, dim) for n in sizes], dtype, offset, scale)
        far = f", values near {offset:g}" if abs(offset) > 100 else ""
        small = f", a spread of about {scale:g}" if scale < 0.1 else ""
        plural = "batches of" if len(sizes) > 1 else "a batch of"
        questions.append(
            {
                "call": f"BatchNorm1d({in_words(more, dim)})",
                "words": f"{plural} {', '.join(map(str, sizes))} examples, {dtype}{far}{small}",
                "dim": dim,
                "gamma": rng.uniform(0.5, 2.0, dim).astype("float32"),
                "beta": rng.normal(size=dim).astype("float32"),
                "batches": [apart(x) for x in batches],
                "douts": douts,
                "evaluation": layer_inputs(rng, [(4, dim)], dtype, offset)[0][0],
                "strided": len(questions) % 2 == 1,
                **more,
            }
        )

    # Of few examples float32 leaves few digits of the gradient. An eps that is not the default stands where float64
    # shows it, whatever is drawn.
    for sizes, dim, dtype, offset, scale, eps, momentum, tolerance in [
        ((7, 2, 5), 3, "float32", 0.0, 1.0, 1e-5, 0.1, 2e-4),
        ((2, 4), 1, "float32", 0.0, 1.0, 1e-3, 0.3, 2e-4),
        ((32, 9), 4, "float64", 5.0, 2.0, 1e-3, 0.01, FLOAT64),
        ((6, 3), 2, "float32", 300.0, 1.0, 1e-5, 0.1, 5e-4),
        ((5, 8), 3, "float64", 0.0, 1e-3, 1e-5, 1.0, FLOAT64),
    ]:
        given = {"eps": eps, "momentum": momentum}
        add(sizes, dim, dtype, offset, scale, **{"given": given, "by position": False, "tolerance": tolerance})
    constant = {**questions[0], "words": "a feature that is the same for every example"}
    constant["batches"] = [np.concatenate([np.full((n, 1), 4.0), x[:, 1:]], 1).astype("float32")
                           for n, x in zip((7, 2, 5), constant["batches"], strict=True)]  # fmt: skip
    # The normalised constant is 0, but float32's rounding of its mean is divided by √eps.
    constant["tolerance"] = 2e-4
    single = {**questions[0], "words": "a batch of one example in training mode"}
    single["batches"] = [single["batches"][0][:1]]
    single["douts"] = [single["douts"][0][:1]]
    questions += [constant, single]
    first = len(questions)
    for way in ways_to_call(OTHERS):
        add((5,), 2, "float64", 1.0, 3e-3, **way, family="arguments", tolerance=FLOAT64)
    same = ("batches", "douts", "gamma", "beta", "evaluation", "strided")
    return questions[:first] + [{**q, **{key: questions[first][key] for key in same}} for q in questions[first:]]


def observe_running_statistics(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Train, evaluate, and train again."""
    positional, named = arguments_of(question)
    observe_batchnorm(recorder, lambda: theirs(question["dim"], *positional, **named), question)


running_statistics = Task(
    name="running_statistics",
    subject="BatchNorm1d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_running_statistics,
    observing=observe_running_statistics,
    defaults={"eps": 1e-5, "momentum": 0.1},
    in_graph=True,
)


def ask_calibrate(rng: np.random.Generator) -> list[Question]:
    """Batches of unequal sizes, sorted ones among them, whose variances lie mostly between them."""
    questions: list[Question] = []
    for sizes, dim, dtype, offset, step in [
        ((5, 9, 2), 3, "float32", 0.0, 0.0),
        ((4, 4), 1, "float32", 2.0, 3.0),
        ((1, 7, 3, 2), 2, "float64", 0.0, 5.0),
        ((64,), 4, "float64", -3.0, 0.0),
        ((6, 3), 2, "float32", 1.0, 2.0),
    ]:
        batches = layer_inputs(rng, [(n, dim) for n in sizes], dtype, offset)[0]
        batches = [(x + step * i).astype(dtype) for i, x in enumerate(batches)]
        of_graph = len(questions) == 4
        questions.append(
            {
                "call": "calibrate(layer, batches)",
                "words": f"{len(sizes)} batches of {', '.join(map(str, sizes))} rows, {dim} features, {dtype}"
                f"{', which are part of a graph' if of_graph else ''}",
                "dim": dim,
                "batches": batches,
                "generator": len(questions) % 2 == 1,
                "in a graph": of_graph,
                # They are stored in running statistics of float32, and may come back as they are stored.
                "tolerance": 2e-5,
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
    in_graph = question["in a graph"]
    batches = [
        recorder.tensor(f"batch {i}", x, requires_grad=in_graph) for i, x in enumerate(question["batches"], start=1)
    ]
    batches = [x * 1 for x in batches] if in_graph else batches  # as hidden activations are
    given = (x for x in batches) if question["generator"] else batches
    mean, var = recorder.call_for(("mean", "var"), theirs, layer, given)
    for name, part in (("mean", mean), ("var", var)):
        # Stored in float32, they may be returned in float32.
        value = recorder.values[name]
        if value.kind == "tensor" and value.dtype in ("float32", "float64"):
            recorder.values[name] = replace(value, dtype="float32")
        recorder.write(f"{name} is part of a graph", getattr(part, "requires_grad", None), "state")
    recorder.get("the layer's running_mean", layer, "running_mean")
    recorder.get("the layer's running_var", layer, "running_var")
    for name in ("running_mean", "running_var"):
        of_graph = getattr(getattr(layer, name), "requires_grad", None)
        recorder.write(f"the layer's {name} is part of a graph", of_graph, "state")
    recorder.write("the layer's gamma", layer.gamma, "state")


calibrate = Task(
    name="calibrate",
    subject="calibrate(layer, batches) -> (mean, var)",
    ask=ask_calibrate,
    observing=observe_calibrate,
)


# Plug it in


def ask_trained_running_statistics(rng: np.random.Generator) -> list[Question]:
    """One training, long enough for running statistics to arrive, and too short for them to be exact."""
    return [
        {
            **name_batches(rng, 60, size=16),
            "call": "60 training steps with your BatchNorm1d",
            "words": "100 tanh units, weights of standard deviation 1, 16 examples per step, learning rate 0.1",
            "tolerance": TRAINED | dict.fromkeys((MEANS_OFF, STDS_OFF, CALIBRATED_MEANS, CALIBRATED_STDS), 0.004),
        }
    ]


MEANS_OFF = "the distance of the running means from those of all examples, in stds"
STDS_OFF = "the running std over that of all examples"
CALIBRATED_MEANS, CALIBRATED_STDS = "the same distance after your calibrate", "the same ratio after your calibrate"


def observe_trained_running_statistics(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at a new layer, at its first update, its gradient, gamma and beta, and at what it does in evaluation.

    Then look at the running statistics beside those of all examples, before and after the calibration.
    """
    tried, layer, network = plugged_in(recorder, Generator().manual_seed(question["seed"]), theirs.BatchNorm1d, UNITS)
    batches = [pre_activations(network, contexts) for contexts in question["contexts"][:3]]
    observe_output(recorder, tried, batches, lambda y: y.T)
    observe_first_update(recorder, layer, batches[0])
    with recorder.attempt("training"):
        recorder.write(PROMISED, kept_promises(network, question, network.parameters[:2]))
        train(network, network.parameters, question, 0.1)
    observe_learned(recorder, layer)
    pre = [pre_activations(network, contexts) for contexts in question["contexts"]]
    mean, std = torch.cat(pre).mean(0), torch.cat(pre).std(0)

    def off() -> tuple[float, float]:
        distance = ((layer.running_mean - mean) / std).square().mean().sqrt().item()
        return distance, (layer.running_var.sqrt() / std).mean().item()

    with recorder.attempt("the network in evaluation"), torch.no_grad():
        switch_mode(False, layer)
        observe_evaluation(recorder, layer, pre[0], std)
        recorder.write(ALONE, change_alone(network, *new_examples(question, 20)))
        for name, value in zip((MEANS_OFF, STDS_OFF), off(), strict=True):
            recorder.write(name, value)
        recorder.write(ON_NEW, loss_on_new_examples(network, question))
    with recorder.attempt("the network in evaluation"), torch.no_grad():
        # After a training they are nearly right, and one that a calibration leaves alone might pass.
        layer.running_mean.add_(std)
        layer.running_var.mul_(4)
    recorder.try_out("the calibration", theirs.calibrate, layer, pre)
    with recorder.attempt("the network after the calibration"):
        for name, value in zip((CALIBRATED_MEANS, CALIBRATED_STDS), off(), strict=True):
            recorder.write(name, value)


trained_running_statistics = Task(
    name="trained_running_statistics",
    subject="BatchNorm1d and calibrate, in a network",
    ask=ask_trained_running_statistics,
    observing=observe_trained_running_statistics,
    parts=("BatchNorm1d", "calibrate"),
    watched=False,
)
