"""Tasks of assignment 02: the size of a weight, a layer that keeps the variance, and the gain of any activation."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from bncourse.observing.calling import arguments_of, in_words
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.plugged import (
    CHARACTERS,
    EMBEDDING,
    INPUTS,
    ON_NEW,
    UNITS,
    NameNetwork,
    first_batch,
    loss_on_new_examples,
    name_batches,
    parameters_of,
    train,
    weights,
)

__all__ = ["kaiming_std", "linear", "measured_gain", "trained_stack"]

TANH_GAIN = 5 / 3


# kaiming_std


def ask_kaiming_std(rng: np.random.Generator) -> list[Question]:
    """The chapter's layer, one with a gain of 1, and drawn ones, small and large."""
    drawn = [(int(rng.integers(2, 2000)), float(np.round(rng.uniform(0.3, 3.0), 3))) for _ in range(4)]
    pairs = [(30, TANH_GAIN), (100, 1.0), (1, 0.5), (int(rng.integers(5, 50)), 2**0.5), *drawn]
    return [
        {
            "call": f"kaiming_std({fan_in}, {gain!r})",
            "fan_in": fan_in,
            "gain": gain,
            # Relative to 1: small results need it tighter than float32's usual one, and float32 will still do.
            "tolerance": 1e-6,
        }
        for fan_in, gain in pairs
    ]


def observe_kaiming_std(recorder: Recorder, theirs: Any, question: Question) -> None:
    """One number."""
    recorder.call("the standard deviation", theirs, question["fan_in"], question["gain"])


kaiming_std = Task(
    name="kaiming_std",
    subject="kaiming_std(fan_in, gain) -> float",
    ask=ask_kaiming_std,
    observing=observe_kaiming_std,
)


# linear


def ask_linear(rng: np.random.Generator) -> list[Question]:
    """Layers with given weights, with and without a bias, and layers as they are drawn."""
    questions: list[Question] = []
    for rows, fan_in, fan_out, bias, offset in [
        (7, 3, 5, None, 0.0),
        (2, 4, 1, True, 0.0),
        (5, 6, 2, False, 0.0),
        (1, 1, 3, True, 100.0),
        (4, 3, 3, None, 0.0),
        (3, 2, 4, False, 0.0),
        (3, 5, 2, True, 0.0),
    ]:
        by_position = len(questions) in (5, 6)
        given = {"given": {} if bias is None else {"bias": bias}, "by position": by_position}
        questions.append(
            {
                "call": f"Linear({in_words(given, fan_in, fan_out)})",
                "words": f"x of shape ({rows}, {fan_in})",
                "fan_in": fan_in,
                "fan_out": fan_out,
                **given,
                "x": (offset + rng.normal(size=(rows, fan_in))).astype("float32"),
                "dout": rng.normal(size=(rows, fan_out)).astype("float32"),
                "weight": rng.normal(size=(fan_in, fan_out)).astype("float32"),
                "shift": rng.normal(size=fan_out).astype("float32"),
                "strided": len(questions) % 2 == 0,
                "tolerance": 1e-4,
            }
        )
    for fan_in, fan_out in [(30, 200), (200, 30), (int(rng.integers(60, 140)), int(rng.integers(300, 400)))]:
        questions.append(
            {
                "call": f"Linear({fan_in}, {fan_out})",
                "words": "as it is drawn",
                "fan_in": fan_in,
                "fan_out": fan_out,
                "given": {},
                "by position": False,
                "tolerance": 0.08,
            }
        )
    return questions


def observe_linear(recorder: Recorder, theirs: Any, question: Question) -> None:
    """What the layer consists of; then how its weights are drawn, or what it does with given ones."""
    positional, named = arguments_of(question)
    layer = recorder.make("making it", theirs, question["fan_in"], question["fan_out"], *positional, **named)
    with_bias = question["given"].get("bias", True)
    parameters: list[tuple[str, str, tuple[int, ...]]]
    parameters = [("weight", "weight", (question["fan_in"], question["fan_out"]))]
    parameters += [("bias", "bias", (question["fan_out"],))] if with_bias else []
    given = {}
    for name, attribute, _ in parameters:
        with recorder.attempt(f"the {name}", "shape"):
            has_one = isinstance(getattr(layer, attribute, None), Tensor)
        if not has_one:
            recorder.get(f"the {name}", layer, attribute, stage="shape")
            recorder.write(f"the {name}", f"no tensor: {type(getattr(layer, attribute)).__name__}", "shape")
            return
        given[name] = getattr(layer, attribute)
        recorder.write(f"the {name}", "a tensor", "shape")
        recorder.write(f"shape of the {name}", str(tuple(given[name].shape)), "shape")
    if any(tuple(given[name].shape) != shape for name, _, shape in parameters):
        return
    if not with_bias:
        recorder.write("bias", "there is one" if isinstance(getattr(layer, "bias", None), Tensor) else "none", "state")
    observe_parameters(recorder, layer, given)
    if "x" in question:
        observe_output(recorder, layer, given, question)
    else:
        observe_draw(recorder, theirs, layer, given, question)


def observe_parameters(recorder: Recorder, layer: Any, given: dict[str, Tensor]) -> None:
    """Whether an optimiser finds them."""
    with recorder.attempt("parameters()", "state"):
        listed = list(layer.parameters())
    recorder.write("number of parameters()", len(listed), "state")
    for name, parameter in given.items():
        there = any(parameter is other for other in listed)
        recorder.write(f"{name} is in parameters()", there, "state", role="listed")
        recorder.write(f"{name} requires a gradient", parameter.requires_grad, "state")


def observe_output(recorder: Recorder, layer: Any, given: dict[str, Tensor], question: Question) -> None:
    """The output and the gradients with given numbers."""
    with recorder.attempt("writing to the parameters", "state"), torch.no_grad():
        for name, value in (("weight", "weight"), ("bias", "shift")):
            if name in given:
                given[name].copy_(torch.from_numpy(question[value]))
    x = recorder.tensor("x", question["x"], requires_grad=True, strided=question["strided"])
    y = recorder.call("the output", layer, x)
    recorder.backward(y, question["dout"])
    recorder.write("x.grad", x.grad, "gradients")
    for name, parameter in given.items():
        recorder.write(f"{name}.grad", parameter.grad, "gradients")


def observe_draw(recorder: Recorder, theirs: Any, layer: Any, given: dict[str, Tensor], question: Question) -> None:
    """How the weights are distributed; their own values are random."""
    weight = given["weight"].detach().double()
    root = math.sqrt(question["fan_in"])
    recorder.write(
        "root mean square of the weights, in units of 1/√fan_in", math.sqrt(weight.square().mean().item()) * root
    )
    recorder.write("mean of the weights, in units of 1/√fan_in", weight.mean().item() * root)
    values = given["bias"].detach().unique().tolist()
    words = f"{values[0] + 0:g} for every unit" if len(values) == 1 else "several different numbers"
    recorder.write("the bias as it is drawn", words)
    # A unit's weights must differ from each other, and from those of the next unit.
    spread = weight.var(0).mean().sqrt().item() * root, weight.var(1).mean().sqrt().item() * root
    recorder.write("spread of the weights of one unit, in units of 1/√fan_in", spread[0])
    recorder.write("spread over the units, in units of 1/√fan_in", spread[1])
    other = recorder.make("making a second one", theirs, question["fan_in"], question["fan_out"])
    with recorder.attempt("a second layer has other weights", "state"):
        same = torch.equal(given["weight"].detach(), other.weight.detach())
    recorder.write("a second layer has other weights", not same, "state")


linear = Task(
    name="linear",
    subject="Linear(fan_in, fan_out, bias=True)",
    ask=ask_linear,
    observing=observe_linear,
    in_graph=True,
)


# measured_gain

ACTIVATIONS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "torch.relu": lambda z, a: torch.relu(z),
    "torch.tanh": lambda z, a: torch.tanh(z),
    "the identity": lambda z, a: z,
    "torch.sigmoid": lambda z, a: torch.sigmoid(z),
    "a leaky ReLU with slope {:.2f}": lambda z, a: torch.where(z > 0, z, a * z),
    "z -> tanh({:.2f} z)": lambda z, a: torch.tanh(a * z),
    "z -> {:.2f} z": lambda z, a: a * z,
    "z -> relu(z) - {:.2f}": lambda z, a: torch.relu(z) - a,
    "z -> z clipped to ±{:.2f}": lambda z, a: z.clamp(-a, a),
}
"""By the words for the report; some have a number in them."""


NAMED = {"torch.tanh": torch.tanh, "torch.relu": torch.relu, "torch.sigmoid": torch.sigmoid}


def ask_measured_gain(rng: np.random.Generator) -> list[Question]:
    """Published activations, and drawn ones that no table has."""
    ranges = {
        "a leaky ReLU with slope {:.2f}": (0.1, 0.6),
        "z -> tanh({:.2f} z)": (1.5, 3.0),
        "z -> {:.2f} z": (1.5, 3.0),
        "z -> relu(z) - {:.2f}": (0.2, 0.6),
        "z -> z clipped to ±{:.2f}": (0.4, 1.0),
    }
    questions: list[Question] = []
    for words in ACTIVATIONS:
        number = float(np.round(rng.uniform(*ranges[words]), 2)) if words in ranges else 0.0
        questions.append(
            {
                "call": f"measured_gain({words.format(number)})",
                "activation": words,
                "number": number,
                # That of 100,000 draws or more; 5/3 for tanh is 4.7 % off.
                "tolerance": 0.02,
            }
        )
    return questions


def observe_measured_gain(recorder: Recorder, theirs: Any, question: Question) -> None:
    """One number."""
    words, number = question["activation"], question["number"]
    activation = NAMED.get(words) or (lambda z: ACTIVATIONS[words](z, number))
    recorder.call("the gain", theirs, activation)


measured_gain = Task(
    name="measured_gain",
    subject="measured_gain(activation) -> float",
    ask=ask_measured_gain,
    observing=observe_measured_gain,
)


# Plug it in


def ask_trained_stack(rng: np.random.Generator) -> list[Question]:
    """One training of a deep stack."""
    return [
        {
            **name_batches(rng, 40),
            "call": "40 training steps with eight layers of yours, their weights times your gain of tanh",
            "words": "100 units each, learning rate 0.1",
            # Learners draw in other orders, so that weights and measured gains differ by chance.
            "tolerance": {WEIGHTS: 0.03, LAST_LAYER: 0.06, ON_NEW: 0.12},
        }
    ]


WEIGHTS = "the std of all hidden weights over that of your formula"
LAST_LAYER = "the std of the last hidden layer's activations"


def observe_trained_stack(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the weights beside the learner's formula, at the last activations, and at the loss on new examples."""
    torch.manual_seed(question["seed"])
    generator = Generator().manual_seed(question["seed"])
    gain = recorder.try_out("the gain of tanh", theirs.measured_gain, torch.tanh)
    wanted = recorder.try_out("the standard deviation", theirs.kaiming_std, UNITS, gain)
    sizes = [INPUTS, *[UNITS] * 8, CHARACTERS]
    linears = [recorder.make("making it", theirs.Linear, *pair) for pair in pairwise(sizes)]
    recorder.try_out("the output of a layer", linears[0], torch.ones(2, INPUTS))
    with recorder.attempt("training"):
        with torch.no_grad():
            for linear in linears[:-1]:
                linear.weight.mul_(float(gain))
            linears[-1].weight.mul_(0.1)
        # Of the seven layers behind the first, whose fan-in differs.
        std = torch.stack([linear.weight.detach() for linear in linears[1:-1]]).std().item()
        recorder.write(WEIGHTS, std / float(wanted))
        table = weights(generator, 1.0, CHARACTERS, EMBEDDING)
        hidden = [lambda h, linear=linear: torch.tanh(linear(h).to(h.dtype)) for linear in linears[:-1]]
        network = NameNetwork(table, [*hidden, linears[-1]], [table, *parameters_of(*linears)])
        with torch.no_grad():
            h = network.activations(first_batch(question)[0])
        recorder.write(LAST_LAYER, h.std().item())
        train(network, network.parameters, question, 0.1)
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_stack = Task(
    name="trained_stack",
    subject="kaiming_std, Linear and measured_gain, in a network",
    ask=ask_trained_stack,
    observing=observe_trained_stack,
    parts=("kaiming_std", "Linear", "measured_gain"),
    watched=False,
)
