"""Check of assignment 04: the three steps of Batch Normalization in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import apart, layer_inputs
from bncourse.plugged import (
    ON_NEW,
    UNITS,
    loss_on_new_examples,
    name_batches,
    one_hidden_layer,
    pre_activations,
    train,
)

__all__ = ["batchnorm_forward", "trained_forward"]

PARTS = ("y", "mean", "var")
OTHERS = {"eps": 3e-3}


def observe_arrays(
    recorder: Recorder, names: tuple[str, ...], theirs: Any, *arrays: NDArray, dtype: str, **named: Any
) -> None:
    """Call a function for several arrays; write down what kind of thing each is, and then the numbers.

    The kinds come first, and as texts: a mistake in the numbers is not to be held responsible for a wrong type.
    """
    result = recorder.call_for(names, theirs, *arrays, **named)
    numbers, recorder.values = recorder.values, {}
    for name, part in zip(names, result, strict=True):
        recorder.write(f"the type of {name}", type_in_words(part, dtype), "dtype")
    recorder.values |= numbers


def type_in_words(thing: Any, dtype: str) -> str:
    """What kind of thing came back, as far as it matters: an array at least as precise as the input is right."""
    if isinstance(thing, torch.Tensor):
        return "a torch tensor"
    if not isinstance(thing, (np.ndarray, np.generic)):
        return f"of type {type(thing).__name__}"
    if thing.dtype.kind != "f" or thing.dtype.itemsize < np.dtype(dtype).itemsize:
        return f"{thing.dtype}, and the input is {dtype}"
    return "NumPy's, as precise as the input"


def ask_batchnorm_forward(rng: np.random.Generator) -> list[Question]:
    """Batches of two and of more, a square one, one far from 0, one with hardly any spread, a constant feature."""
    questions: list[Question] = []
    for n, dim, dtype, offset, scale, eps, tolerance in [
        (7, 3, "float64", 0.0, 1.0, None, None),
        (2, 4, "float32", 0.0, 1.0, None, None),
        (4, 4, "float64", 3.0, 2.0, 1e-2, None),
        (6, 3, "float64", 0.0, 3e-3, None, None),
        (9, 1, "float32", -2.0, 0.3, 0.1, None),
        (5, 4, "float32", 1000.0, 1.0, None, 2e-3),
    ]:
        x = apart(layer_inputs(rng, [(n, dim)], dtype, offset, scale)[0][0])
        far = f", values near {offset:g}" if abs(offset) > 100 else ""
        small = ", a spread of about 0.003" if scale < 0.1 else ""
        given = {"given": {} if eps is None else {"eps": eps}, "by position": False}
        questions.append(
            {
                "call": f"batchnorm_forward({in_words(given, 'x', 'gamma', 'beta')})",
                "words": f"x of shape ({n}, {dim}), {dtype}{far}{small}",
                "x": x,
                "gamma": (rng.uniform(0.5, 2.0, dim) * rng.choice([-1, 1], dim)).astype(dtype),
                "beta": rng.normal(size=dim).astype(dtype),
                **given,
                "strided": len(questions) % 3 == 2,
                "tolerance": tolerance,
            }
        )
    constant = {**questions[0], "words": "a feature that is the same for all rows"}
    constant["x"] = np.concatenate([np.full((7, 1), 4.0), constant["x"][:, 1:]], 1)
    first = {**questions[3], "family": "arguments"}
    ways = [
        {**way, "call": f"batchnorm_forward({in_words(way, 'x', 'gamma', 'beta')})"} for way in ways_to_call(OTHERS)
    ]
    return [*questions, constant, *({**first, **way} for way in ways)]


def observe_batchnorm_forward(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, with eps where the question has one."""
    x = recorder.array("x", question["x"], strided=question["strided"])
    gamma, beta = recorder.array("gamma", question["gamma"]), recorder.array("beta", question["beta"])
    positional, named = arguments_of(question)
    observe_arrays(recorder, PARTS, theirs, x, gamma, beta, *positional, dtype=str(x.dtype), **named)


batchnorm_forward = Task(
    name="batchnorm_forward",
    subject="batchnorm_forward(x, gamma, beta, eps=1e-5) -> (y, mean, var)",
    ask=ask_batchnorm_forward,
    observing=observe_batchnorm_forward,
    defaults={"eps": 1e-5},
    in_numpy=True,
)


# Plug it in


def ask_trained_forward(rng: np.random.Generator) -> list[Question]:
    """One training of an output layer on normalised features."""
    return [
        {
            **name_batches(rng, 60),
            "call": "60 training steps of an output layer, behind your batchnorm_forward and a tanh",
            "words": "100 units, weights of standard deviation 1 in front of it",
            "gamma": rng.uniform(0.7, 1.3, UNITS).astype("float32"),
            "beta": rng.normal(0, 0.2, UNITS).astype("float32"),
            "tolerance": dict.fromkeys((MEANS, VARIANCES, SPREAD, SHIFT), 1e-3) | {SATURATED: 0.004, ON_NEW: 0.004},
        }
    ]


MEANS = "the distance of mean from that of the first batch, in stds"
VARIANCES = "the root of var over the std of the first batch"
SPREAD = "the std of its output over gamma, where it is furthest from 1"
SATURATED = "the saturated share behind it"
SHIFT = "the mean of its output less beta, where it is furthest from 0"


def observe_trained_forward(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the statistics that come back, at the saturation, and at the loss on new examples as one batch."""
    generator = Generator().manual_seed(question["seed"])
    gamma, beta = question["gamma"], question["beta"]
    small = np.arange(8, dtype="float32").reshape(4, 2) ** 2
    recorder.try_out("the result", theirs, small, gamma[:2], beta[:2])

    def follows(pre: Tensor) -> Tensor:
        y, *_ = theirs(pre.detach().numpy(), gamma, beta)
        return torch.tanh(torch.from_numpy(y).to(pre.dtype))

    network = one_hidden_layer(generator, follows, std=1.0)
    with recorder.attempt("training"):
        with torch.no_grad():
            pre = pre_activations(network, question["contexts"][0])
            h = network.activations(torch.from_numpy(question["contexts"]).flatten(0, 1))
        y, mean, var = theirs(pre.numpy(), gamma, beta)
        off = (torch.from_numpy(mean) - pre.mean(0)) / pre.std(0)
        recorder.write(MEANS, off.square().mean().sqrt().item())
        recorder.write(VARIANCES, float((var**0.5 / pre.std(0).numpy()).mean()))
        spread, shift = y.std(0) / gamma, y.mean(0) - beta
        recorder.write(SPREAD, float(spread[np.abs(spread - 1).argmax()]))
        recorder.write(SHIFT, float(shift[np.abs(shift).argmax()]))
        recorder.write(SATURATED, (h.abs() > 0.97).float().mean().item())
        train(network, network.parameters[2:], question, 0.3)
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_forward = Task(
    name="trained_forward",
    subject="batchnorm_forward(x, gamma, beta, eps=1e-5) -> (y, mean, var), in a network",
    ask=ask_trained_forward,
    observing=observe_trained_forward,
    in_numpy=True,
    watched=False,
)
