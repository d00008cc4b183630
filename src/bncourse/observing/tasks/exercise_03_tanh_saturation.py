"""Tasks of assignment 03: tanh with its backward pass, the saturated share, and dead units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder, Stop
from bncourse.observing.task import Question, Task
from bncourse.observing.values import Value
from bncourse.plugged import (
    INPUTS,
    ON_NEW,
    PROMISED,
    kept_promises,
    loss_on_new_examples,
    name_batches,
    one_hidden_layer,
    train,
)

__all__ = ["dead_units", "saturated_fraction", "tanh", "trained_tanh"]


def ask_tanh(rng: np.random.Generator) -> list[Question]:
    """Batches of several shapes, narrow and wide, and upstream gradients for them."""
    questions: list[Question] = []
    settings: list[tuple[list[tuple[int, ...]], str, float, float]] = [
        ([(4, 3)], "float32", 1.0, 0.0),
        ([(7, 5)], "float64", 2.0, 0.5),
        ([(2, 3, 4)], "float64", 1.0, -1.0),
        ([(7, 3), (2, 3)], "float32", 1.0, 0.0),
        ([(6,), (6,), (6,)], "float64", 3.0, 0.0),
    ]
    for shapes, dtype, scale, offset in settings:
        described = ", then ".join(str(shape) for shape in shapes)
        questions.append(
            {
                "call": "Tanh()",
                "words": f"on x of shape {described}, {dtype}",
                "batches": [(offset + scale * rng.normal(size=shape)).astype(dtype) for shape in shapes],
                "douts": [(2 * rng.normal(size=shapes[-1])).astype(dtype) for _ in range(2)],
                "second layer": len(shapes) > 1,
                "strided": len(questions) % 2 == 1,
            }
        )
    far = rng.permutation([-1000.0, -100.0, -20.0, -2.0, 0.5, 3.0, 20.0, 100.0, 750.0, 1000.0]).reshape(2, 5)
    wide = {**questions[0], "words": "on x between -1000 and 1000, float32", "batches": [far.astype("float32")]}
    wide["douts"] = [rng.normal(size=far.shape).astype("float32") for _ in range(2)]
    return [*questions, wide]


def observe_tanh(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Forward, backward, backward again, and backward after another layer has been used."""
    layer = recorder.make("making it", theirs)
    y = None
    for i, batch in enumerate(question["batches"], start=1):
        x = recorder.tensor("x", batch, strided=question["strided"])
        name = "the output" if i == 1 else f"the output of batch {i}"
        y = call_method(name, recorder, layer, layer, x)
        if y is None:
            raise Stop
        note_type(recorder, name, precision_of(y, x), "dtype")
        if not isinstance(y, Tensor):
            raise Stop
    backward = getattr(layer, "backward", None)
    if backward is None:
        text = "no attribute backward"
        recorder.values["the method backward"] = Value("error", "AttributeError", text=text, role="no-attribute")
        raise Stop
    first, second = (recorder.tensor("dout", dout, strided=question["strided"]) for dout in question["douts"])
    dx = call_method("backward(dout)", recorder, layer, backward, first, stage="gradients")
    if dx is None:
        raise Stop
    note_type(recorder, "backward(dout)", precision_of(dx, first), "gradients")
    recorder.write("the output after backward", y, "state")
    again = "backward of another dout"
    try:
        call_method(again, recorder, layer, backward, second, stage="state")
    except Stop:
        # What was thrown away is missed in one way or another: which one does not matter.
        [(name, value)] = [(name, value) for name, value in recorder.values.items() if name.startswith(again)]
        del recorder.values[name]
        recorder.values[again] = Value("error", "Error", "state", text=f"{value.type}: {value.text}")
        raise
    if question["second layer"]:
        other = recorder.make("making a second one", theirs)
        call_method("the output of a second layer", recorder, other, other, y, stage="state")
        name = "backward of the first layer, after a second layer was called"
        call_method(name, recorder, layer, backward, first, stage="state")


def precision_of(result: Any, given: Tensor) -> str:
    """What a result has for a type, beside what was given."""
    if not isinstance(result, Tensor):
        return "something else than a tensor"
    kept = result.is_floating_point() and result.dtype.itemsize >= given.dtype.itemsize
    return "a tensor of no less precision than was given" if kept else f"a tensor of dtype {result.dtype}"


def note_type(recorder: Recorder, name: str, words: str, stage: str) -> None:
    """Write the type of a result down in words, before its numbers, so that a wrong type is told from wrong numbers."""
    noted = recorder.values.pop(name, None)
    recorder.values[f"the type of {name}"] = Value("text", "str", stage, text=words)
    if noted is not None:
        recorder.values[name] = noted


def call_method(name: str, recorder: Recorder, layer: Any, method: Callable, *arguments: Any, **named: Any) -> Any:
    """Call it, and keep an attribute that the layer itself lacks apart from other errors."""
    try:
        return recorder.call(name, method, *arguments, **named)
    except Stop:
        value = recorder.values.get(name)
        lacking = f"'{type(layer).__name__}' object has no attribute"
        if value is not None and value.type == "AttributeError" and lacking in value.text:
            recorder.values[f"{name}, which needs an attribute of the layer"] = recorder.values.pop(name)
        raise


tanh = Task(
    name="tanh",
    subject="Tanh(), with __call__(x) and backward(dout)",
    ask=ask_tanh,
    observing=observe_tanh,
)


def ask_saturated_fraction(rng: np.random.Generator) -> list[Question]:
    """Activations of which a known number lies beyond the threshold, on both sides."""
    questions: list[Question] = []
    for shape, dtype, threshold, above, below in [
        ((4, 5), "float32", None, 3, 6),
        ((2, 7), "float64", 0.5, 4, 1),
        ((7, 3), "float32", 0.9, 2, 5),
        ((2, 3, 4), "float32", None, 8, 3),
        ((9,), "float64", 0.99, 1, 4),
        ((5, 2), "float32", None, 6, 4),
        ((3, 3), "float64", None, 0, 0),
    ]:
        least = 0.97 if threshold is None else threshold
        size = int(np.prod(shape))
        # Some lie where other thresholds that people use would count them, or leave them out.
        values = rng.uniform(-0.95, 0.95, size) * least
        values[:above] = rng.uniform(least + 0.001, 1.0, above)
        values[above : above + below] = -rng.uniform(least + 0.001, 1.0, below)
        if above:
            values[0] = 1.0
        if threshold is None and 0 < above + below < size:
            values[[1, above, -3, -2, -1]] = [0.98, -0.975, 0.96, -0.93, 0.85]
        if threshold == 0.5:
            values[-3:] = [0.5, -0.5, 0.25]
        given = {"given": {} if threshold is None else {"threshold": threshold}, "by position": False}
        questions.append(
            {
                "call": f"saturated_fraction({in_words(given, 'h')})",
                "words": f"h of shape {shape}, {dtype}, {above + below} of {size} activations beyond ±{least}",
                "h": rng.permutation(values).reshape(shape).astype(dtype),
                **given,
                "strided": len(questions) % 2 == 1,
                "in a graph": len(questions) % 3 == 2,
                "tolerance": 1e-6,
            }
        )
    # Many different counts: one for each threshold that people use, and others above and below.
    counts = {0.999: 41, 0.98: 67, 0.96: 31, 0.94: 19, 0.9: 23, 0.8: 29, 0.55: 37, 0.45: 43, 0.1: 53}
    values = np.concatenate([np.full(n, size + 0.0005) for size, n in counts.items()])
    values *= np.where(rng.permutation(values.size) < 97, -1, 1)
    first = {**questions[0], "h": rng.permutation(values), "family": "arguments"}
    first["words"] = f"h of shape ({values.size},), float64, activations of many sizes"
    ways = [{**way, "call": f"saturated_fraction({in_words(way, 'h')})"} for way in ways_to_call({"threshold": 0.5})]
    return questions + [{**first, **way} for way in ways]


def observe_on_activations(recorder: Recorder, theirs: Any, question: Question) -> Any:
    """Call it on activations, with a threshold where the question has one."""
    h = recorder.tensor("h", question["h"], requires_grad=question["in a graph"], strided=question["strided"])
    positional, named = arguments_of(question)
    result = recorder.call("the result", theirs, h, *positional, **named)
    if result is not None and not isinstance(result, (Tensor, np.ndarray, np.generic, list, tuple, int, float)):
        recorder.write("the result", "something else than numbers")
    return result


def observe_dead_units(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it on activations, and tell a mask from numbers that look like one."""
    result = observe_on_activations(recorder, theirs, question)
    with recorder.attempt("the result"):
        of_what = "bools" if getattr(result, "dtype", None) in (torch.bool, np.dtype(bool)) else "numbers"
        words = f"a tensor of {of_what}" if isinstance(result, Tensor) else type(result).__name__
        if words == "a tensor of numbers":
            recorder.write("the result", result.double())  # which kind of numbers does not matter
    note_type(recorder, "the result", words, "dtype")


saturated_fraction = Task(
    name="saturated_fraction",
    subject="saturated_fraction(h, threshold=0.97) -> float",
    ask=ask_saturated_fraction,
    observing=observe_on_activations,
    defaults={"threshold": 0.97},
)


def ask_dead_units(rng: np.random.Generator) -> list[Question]:
    """Activations with units of every kind: dead on either side or on both, dead but for one example, alive."""
    questions: list[Question] = []
    for n, dtype, threshold, kinds in [
        (6, "float32", None, ["up", "down", "both", "but one", "some", "ones", "just beyond", "just inside"]),
        (5, "float64", 0.5, ["up", "both", "but one", "equal", "none", "few but far", "many but near"]),
        (2, "float32", 0.9, ["but one", "down", "both", "none", "up", "some"]),
        (7, "float64", None, ["just inside", "but one", "none", "just beyond", "just inside", "just inside"]),
        (40, "float32", None, ["up", "but one", "some", "both"]),
        (1, "float32", None, ["up", "down", "none"]),
        (4, "float64", None, ["some", "none", "but one", "silent", "constant"]),
        (3, "float32", 0.6, ["down", "up", "both"]),
        (6, "float64", None, ["both"]),
    ]:
        least = 0.97 if threshold is None else threshold
        columns = [unit(rng, kind, n, least) for kind in kinds]
        given = {"given": {} if threshold is None else {"threshold": threshold}, "by position": False}
        examples = "example" if n == 1 else "examples"
        units = "unit" if len(kinds) == 1 else "units"
        questions.append(
            {
                "call": f"dead_units({in_words(given, 'h')})",
                "words": f"{n} {examples} of {len(kinds)} {units}, {dtype}",
                "h": rng.permutation(np.stack(columns, 1), axis=1).astype(dtype),
                **given,
                "strided": len(questions) % 2 == 1,
                "in a graph": len(questions) % 3 == 2,
            }
        )
    # A unit for each threshold that people use: its least activation lies just beyond.
    sizes = np.array([0.9995, 0.995, 0.985, 0.975, 0.965, 0.945, 0.905, 0.8, 0.6, 0.51, 0.49, 0.2])
    h = rng.permutation(np.stack([sizes, -np.maximum(sizes, 0.99), np.ones(12)]), axis=1)
    first = {**questions[0], "h": h, "family": "arguments", "words": "3 examples of 12 units, float64"}
    ways = [{**way, "call": f"dead_units({in_words(way, 'h')})"} for way in ways_to_call({"threshold": 0.5})]
    return questions + [{**first, **way} for way in ways]


def unit(rng: np.random.Generator, kind: str, n: int, least: float) -> np.ndarray:
    """The activations of one unit, one per example."""
    far = rng.uniform(least + 0.001, 1.0, n)
    near = rng.uniform(-0.9, 0.9, n) * least
    mixed = far * rng.permutation(np.where(np.arange(n) % 2 == 0, 1, -1))
    if kind in ("up", "down"):
        return far if kind == "up" else -far
    if kind == "both":
        return mixed
    if kind in ("silent", "constant"):
        return np.full(n, 0.0 if kind == "silent" else 0.25)
    if kind in ("just beyond", "just inside"):
        return rng.permutation(np.where(np.arange(n) == 0, 0.98 if kind == "just beyond" else 0.96, mixed))
    if kind == "ones":
        return np.sign(mixed)
    if kind == "few but far":
        return rng.permutation(np.where(np.arange(n) < n // 2, rng.uniform(0.95, 1.0, n), 0.9 * least))
    if kind == "many but near":
        return rng.permutation(np.where(np.arange(n) > n // 2 - 1, least + 0.02, 0.0))
    if kind == "equal":
        return np.where(np.arange(n) == rng.integers(n), least, far)
    if kind == "none":
        return near
    # One example that is not saturated is enough; it may be the first, the last, or one between.
    alive = rng.permutation(n) < (1 if kind == "but one" else max(1, n // 2))
    return np.where(alive, near, far if kind == "but one" else mixed)


dead_units = Task(
    name="dead_units",
    subject="dead_units(h, threshold=0.97) -> bool tensor of shape (units,)",
    ask=ask_dead_units,
    observing=observe_dead_units,
    defaults={"threshold": 0.97},
)


# Plug it in


def ask_trained_tanh(rng: np.random.Generator) -> list[Question]:
    """A network that is saturated at the start, and one that is not."""
    return [
        {
            **name_batches(rng, 60),
            "call": "60 training steps with your Tanh",
            "words": f"100 units, weights of standard deviation {std:.2g}, learning rate 0.3",
            "std": std,
            "tolerance": {SATURATED: 0.004, DEAD: 0.004, PROMISED: 1e-3, ON_NEW: 0.004},
        }
        for std in (1.0, 5 / 3 / INPUTS**0.5)
    ]


SATURATED = "the saturated share"
DEAD = "the share of units that are dead for four examples"


def observe_trained_tanh(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the saturation as the learner's functions tell it, at the gradient, and at the loss on new examples."""
    generator = Generator().manual_seed(question["seed"])
    layer = recorder.make("making it", theirs.Tanh)
    recorder.try_out("the activations", layer, torch.linspace(-2, 2, 8).reshape(2, 4))
    with recorder.attempt("backward"):
        backward = layer.backward
    recorder.try_out("the gradient", backward, torch.ones(2, 4))

    class Through(torch.autograd.Function):
        """The learner's layer, with the backward pass that the learner wrote."""

        @staticmethod
        def forward(ctx: Any, pre: Tensor) -> Tensor:
            """Call the layer."""
            return layer(pre.detach()).to(pre.dtype).clone()

        @staticmethod
        def backward(ctx: Any, *douts: Tensor) -> Tensor:
            """Ask the layer for the gradient of its input."""
            return layer.backward(douts[0])

    network = one_hidden_layer(generator, Through.apply, std=question["std"])
    with recorder.attempt("the activations"), torch.no_grad():
        h = network.activations(torch.from_numpy(question["contexts"][:20]).flatten(0, 1))
    share = recorder.try_out("the saturated share", theirs.saturated_fraction, h)
    dead = recorder.try_out("the dead units", theirs.dead_units, h[:4])
    with recorder.attempt("training"):
        recorder.write(SATURATED, float(share))
        recorder.write(DEAD, dead.float().mean().item())
        recorder.write(PROMISED, kept_promises(network, question, network.parameters[:2]))
        train(network, network.parameters, question, 0.3)
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_tanh = Task(
    name="trained_tanh",
    subject="Tanh, saturated_fraction and dead_units, in a network",
    ask=ask_trained_tanh,
    observing=observe_trained_tanh,
    parts=("Tanh", "saturated_fraction", "dead_units"),
    watched=False,
)
