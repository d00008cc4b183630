"""Check of assignment 05: BatchNorm1d in training mode, with gradients flowing through the statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder, Stop
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import (
    FLOAT64,
    TRAINED,
    apart,
    layer_inputs,
    observe_gradients,
    observe_learned,
    observe_output,
    observe_parameters,
    plugged_in,
)
from bncourse.plugged import (
    ON_NEW,
    PROMISED,
    UNITS,
    kept_promises,
    loss_on_new_examples,
    name_batches,
    pre_activations,
    train,
)

__all__ = ["batchnorm_training", "trained_batchnorm"]

OTHERS = {"eps": 1e-3}


def ask_batchnorm_training(rng: np.random.Generator) -> list[Question]:
    """Batches of different sizes, two of them for the same layer, with random upstream gradients."""
    questions: list[Question] = []
    # In float64 there is room for an eps that is kept as a float32 tensor.
    for sizes, dim, dtype, offset, scale, eps, tolerance in [
        ((7,), 3, "float32", 0.0, 1.0, None, None),
        ((2, 6), 4, "float32", 0.0, 1.0, None, None),
        ((4,), 4, "float64", 5.0, 2.0, 1e-2, FLOAT64),
        ((16,), 1, "float64", -3.0, 1.0, 1e-3, FLOAT64),
        ((6,), 4, "float32", 1000.0, 1.0, None, 2e-3),
        ((5,), 3, "float64", 0.0, 3e-3, None, FLOAT64),
    ]:
        batches, douts = layer_inputs(rng, [(n, dim) for n in sizes], dtype, offset, scale)
        far = f", values near {offset:g}" if abs(offset) > 100 else ""
        small = ", a spread of about 0.003" if scale < 0.1 else ""
        given = {"given": {} if eps is None else {"eps": eps}, "by position": False}
        questions.append(
            {
                "call": f"BatchNorm1d({in_words(given, dim)})",
                "words": f"{' and then '.join(map(str, sizes))} examples, {dtype}{far}{small}",
                "dim": dim,
                **given,
                "gamma": (rng.uniform(0.5, 2.0, dim) * rng.choice([-1, 1], dim)).astype("float32"),
                "beta": rng.normal(size=dim).astype("float32"),
                "batches": [apart(x) for x in batches],
                "douts": douts,
                "strided": len(questions) % 2 == 1,
                "tolerance": tolerance,
            }
        )
    constant = {**questions[0], "words": "a feature that is the same for every example"}
    constant["batches"] = [np.concatenate([np.full((len(x), 1), 4), x[:, 1:]], 1).astype("float32")
                           for x in constant["batches"]]  # fmt: skip
    # The gradient of a constant feature is about gamma/√eps, and float32's rounding is magnified as much.
    constant["tolerance"] = 1e-4
    first = {**questions[5], "family": "arguments"}
    ways = [{**way, "call": f"BatchNorm1d({in_words(way, 3)})"} for way in ways_to_call(OTHERS)]
    return [*questions, constant, *({**first, **way} for way in ways)]


def observe_batchnorm_training(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Make it, and send the batches through it, forward and back."""
    positional, named = arguments_of(question)
    layer = recorder.make("making it", theirs, question["dim"], *positional, **named)
    observe_parameters(recorder, layer, question)
    for i, (batch, dout) in enumerate(zip(question["batches"], question["douts"], strict=True), start=1):
        when = f"of batch {i}"
        x = recorder.tensor(f"x {when}", batch, requires_grad=True, strided=question["strided"])
        name = f"the output {when}"
        y = recorder.call(name, layer, x)
        if y is not None:
            # First the type, as a text: a mistake in the numbers is not to be held responsible for a wrong type.
            output = recorder.values.pop(name)
            recorder.write(f"the type of the output {when}", type(y).__name__, "shape")
            if not isinstance(y, Tensor):
                raise Stop
            recorder.write(f"the precision of the output {when}", precision(y, x), "dtype")
            recorder.values[name] = output
        observe_gradients(recorder, layer, x, y, dout, when)


def precision(y: Any, x: Tensor) -> str:
    """Of an output, in words: at least that of the input is right."""
    if isinstance(y, Tensor) and (not y.is_floating_point() or y.element_size() < x.element_size()):
        return f"{y.dtype} for an input of {x.dtype}".replace("torch.", "")
    return "that of the input"


batchnorm_training = Task(
    name="batchnorm_training",
    subject="BatchNorm1d(dim, eps=1e-5)",
    ask=ask_batchnorm_training,
    observing=observe_batchnorm_training,
    defaults={"eps": 1e-5},
    in_graph=True,
)


# Plug it in


def ask_trained_batchnorm(rng: np.random.Generator) -> list[Question]:
    """One training from weights that would saturate."""
    return [
        {
            **name_batches(rng, 60),
            "call": "60 training steps with your BatchNorm1d",
            "words": "100 tanh units, weights of standard deviation 1, learning rate 0.3",
            "tolerance": TRAINED | {SATURATED: 0.004},
        }
    ]


SATURATED = "the saturated share"


def observe_trained_batchnorm(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at a new layer and at its gradient, at gamma and beta, and at the loss on new examples as one batch."""
    tried, layer, network = plugged_in(recorder, Generator().manual_seed(question["seed"]), theirs, UNITS)
    observe_output(recorder, tried, [pre_activations(network, c) for c in question["contexts"][:3]], lambda y: y.T)
    with recorder.attempt("training"):
        with torch.no_grad():
            h = network.activations(torch.from_numpy(question["contexts"]).flatten(0, 1))
        recorder.write(SATURATED, (h.abs() > 0.97).float().mean().item())
        recorder.write(PROMISED, kept_promises(network, question, network.parameters[:2]))
        train(network, network.parameters, question, 0.3)
    observe_learned(recorder, layer)
    with recorder.attempt("the loss"):
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_batchnorm = Task(
    name="trained_batchnorm",
    subject="BatchNorm1d(dim, eps=1e-5), in a network",
    ask=ask_trained_batchnorm,
    observing=observe_trained_batchnorm,
    watched=False,
)
