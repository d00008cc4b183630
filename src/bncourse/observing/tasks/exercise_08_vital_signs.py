"""Tasks of assignment 08: a summary of activations, and the ratios of gradient and of update to data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Generator, nn

from bncourse.observing.recorder import Recorder, Stop
from bncourse.observing.task import Question, Task
from bncourse.observing.values import Value
from bncourse.plugged import (
    CHARACTERS,
    EMBEDDING,
    INPUTS,
    ON_NEW,
    UNITS,
    NameNetwork,
    cross_entropy,
    first_batch,
    loss_on_new_examples,
    name_batches,
    train,
    weights,
)

__all__ = ["activation_summary", "grad_to_data", "trained_by_signs", "update_to_data"]

KEYS = ("mean", "std", "saturated")


def ask_activation_summary(rng: np.random.Generator) -> list[Question]:
    """Activations of several shapes, saturated on both sides, and other numbers that are not activations."""
    questions: list[Question] = []
    for shape, dtype, scale, offset in [
        ((7, 4), "float32", 1.5, 0.4),
        ((2, 3), "float64", 1.5, -0.4),
        ((2, 4, 5), "float32", 2.0, 0.5),
        ((8,), "float64", 2.0, 0.3),
        ((7, 3), "float32", 0.3, 0.1),
    ]:
        per_unit = rng.normal(size=shape[-1])
        h = np.tanh(offset + scale * rng.normal(size=shape) + 0.5 * per_unit)
        if scale > 1:
            # Unlike numbers above and below, and some that other thresholds would count.
            h.flat[rng.choice(h.size, 6, replace=False)] = [0.991, 0.987, -1.0, 0.98, 0.96, 0.93]
        questions.append(
            {
                "call": "activation_summary(h)",
                "words": f"h of shape {shape}, {dtype}",
                "h": h.astype(dtype),
                "strided": len(questions) % 2 == 1,
                "in a graph": len(questions) % 3 == 2,
                "tolerance": 1e-5,
            }
        )
    far = {**questions[0], "words": "28 values near 1000, which no tanh put out, float32"}
    far["h"], far["tolerance"] = (1000 + rng.normal(size=(7, 4))).astype("float32"), 2e-4
    same = {**questions[0], "words": "every activation of shape (5, 2) exactly -1, float64"}
    same["h"] = -np.ones((5, 2))
    exactly = {**questions[0], "words": "h of shape (4, 3) with values of exactly ±0.97, float64"}
    exactly["h"] = rng.permutation([0.97, -0.97, 0.97, 0.2, -0.5, 0.98, -0.99, 0.96, 0.0, 0.3, 0.1, -0.7]).reshape(4, 3)
    return [*questions, far, same, exactly]


def observe_activation_summary(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Write down what stands under each of the keys."""
    h = recorder.tensor("h", question["h"], requires_grad=question["in a graph"], strided=question["strided"])
    result = recorder.call("the result", theirs, h)
    if not isinstance(result, Mapping):
        if result is None:
            recorder.values["the mean"] = recorder.values.pop("the result")
        else:
            text = f"an object of type '{type(result).__name__}' was returned, and not a dict"
            recorder.values["the result"] = Value("error", "TypeError", text=text)
        raise Stop
    del recorder.values["the result"]
    missing = [key for key in KEYS if key not in result]
    if missing:
        names = ", ".join(repr(key) for key in list(result)[:6])
        text = f"nothing under {missing[0]!r}; the keys are {names or 'none'}"
        recorder.values["the keys"] = Value("error", "KeyError", text=text)
        raise Stop
    for key in KEYS:
        value = result[key]
        recorder.write(f"the {key}", "a text instead of a number" if isinstance(value, str) else value)


activation_summary = Task(
    name="activation_summary",
    subject="activation_summary(h) -> {'mean', 'std', 'saturated'}",
    ask=ask_activation_summary,
    observing=observe_activation_summary,
)


def draw_parameters(rng: np.random.Generator) -> list[Question]:
    """Parameters and gradients of several shapes and sizes, neither of them centred at 0."""
    questions: list[Question] = []
    for shape, dtype, data_scale, grad_scale in [
        ((4, 3), "float32", 0.5, 1.0),
        ((2, 7), "float64", 2.0, 0.3),
        ((7, 2), "float32", 0.1, 0.02),
        ((5, 5), "float64", 1.0, 4.0),
        ((3, 2, 2), "float32", 3.0, 0.5),
    ]:
        data = data_scale * (rng.uniform(0.5, 1.5) + rng.normal(size=shape) * rng.uniform(0.5, 2.0))
        # Most gradients of one sign, and more spread along one dimension than along the other.
        grad = grad_scale * (rng.normal(size=shape) - rng.uniform(0.5, 1.5) + rng.normal(size=shape[-1]))
        questions.append(
            {
                "shape": f"a parameter of shape {shape}, {dtype}",
                "data": data.astype(dtype),
                "grad": grad.astype(dtype),
                "setup": [
                    "param = torch.nn.Parameter(torch.from_numpy(report.inputs['data']))",
                    "param.grad = torch.from_numpy(report.inputs['grad'])",
                ],
                "strided": len(questions) % 2 == 1,
                "tolerance": 1e-5,
            }
        )
    far = {**questions[0], "shape": "a parameter of shape (4, 3), float32, values near 50"}
    far["data"], far["tolerance"] = (50 + rng.normal(size=(4, 3))).astype("float32"), 1e-4
    # A step so small that it is lost where it is taken in float32 and read off again.
    small = {**questions[0], "shape": f"{questions[0]['shape']}, and a gradient near 0.00001"}
    small["grad"] = (1e-5 * questions[0]["grad"]).astype("float32")
    bare = {
        **questions[0],
        "shape": "a parameter that no backward pass has given a gradient",
        "grad": None,
        "setup": questions[0]["setup"][:1],
    }
    return [*questions, far, small, bare]


def parameter_of(recorder: Recorder, question: Question) -> nn.Parameter:
    """The parameter of a question, with its gradient."""
    parameter = nn.Parameter(recorder.tensor("", question["data"], strided=question["strided"]))
    if question["grad"] is not None:
        parameter.grad = recorder.tensor("", question["grad"], strided=question["strided"])
    return parameter


def call_on(recorder: Recorder, name: str, theirs: Callable, parameter: nn.Parameter, *arguments: Any) -> None:
    """Call it; without a gradient, any kind of ValueError counts as one; intended errors are marked."""

    def call(*given: Any) -> Any:
        try:
            return theirs(*given)
        except ValueError as error:
            raise ValueError(*error.args) from None
        except (AttributeError, TypeError, NameError):
            raise
        except Exception as error:
            raise RuntimeError(f"{type(error).__name__}: {error}") from None

    recorder.call(name, call if parameter.grad is None else theirs, parameter, *arguments)


def write_parameter(recorder: Recorder, parameter: nn.Parameter) -> None:
    """Write down what became of it."""
    recorder.write("param afterwards", parameter, "state")
    recorder.write("param.grad afterwards", parameter.grad, "state")


def ask_grad_to_data(rng: np.random.Generator) -> list[Question]:
    """Parameters with gradients, and one without."""
    return [
        {**question, "call": "grad_to_data(param)", "words": question["shape"]} for question in draw_parameters(rng)
    ]


def observe_grad_to_data(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, and look at the parameter afterwards."""
    parameter = parameter_of(recorder, question)
    call_on(recorder, "the ratio", theirs, parameter)
    write_parameter(recorder, parameter)


grad_to_data = Task(
    name="grad_to_data",
    subject="grad_to_data(param) -> float",
    ask=ask_grad_to_data,
    observing=observe_grad_to_data,
)


def ask_update_to_data(rng: np.random.Generator) -> list[Question]:
    """Parameters with gradients, each with a learning rate, and one parameter without a gradient."""
    rates = [0.1, 0.01, 0.5, 1.7, 0.003, 0.2, 0.05, 0.1]
    return [
        {**question, "lr": lr, "call": f"update_to_data(param, {lr})", "words": question["shape"]}
        for question, lr in zip(draw_parameters(rng), rates, strict=True)
    ]


def observe_update_to_data(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, and look at the parameter afterwards."""
    parameter = parameter_of(recorder, question)
    call_on(recorder, "the logarithm", theirs, parameter, question["lr"])
    write_parameter(recorder, parameter)


update_to_data = Task(
    name="update_to_data",
    subject="update_to_data(param, lr) -> float",
    ask=ask_update_to_data,
    observing=observe_update_to_data,
)


# Plug it in


def ask_trained_by_signs(rng: np.random.Generator) -> list[Question]:
    """One training whose gain and learning rate the learner's functions decide."""
    return [
        {
            **name_batches(rng, 60),
            "call": "60 training steps with the gain and the learning rate that your functions choose",
            "words": "five tanh layers of 100 units",
            "tolerance": {SUMMARY: 0.005, RATE: 0.005, BY_RATIO: 0.005, ON_NEW: 0.02},
        }
    ]


SUMMARY = "mean, std and saturated share of the last layer, for the gains 0.5, 1, 5/3 and 3"
RATE = "log10 of the learning rate at which update:data is -2, by each of five layers"
BY_RATIO = "the same by grad_to_data"


def observe_trained_by_signs(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Choose the gain by the activations and the learning rate by update:data, and train with both."""
    contexts, targets = first_batch(question)

    def stack(gain: float) -> NameNetwork:
        generator = Generator().manual_seed(question["seed"])
        table = weights(generator, 1.0, CHARACTERS, EMBEDDING)
        sizes = [INPUTS, *[UNITS] * 5]
        drawn = [weights(generator, gain / a**0.5, a, b) for a, b in pairwise(sizes)]
        last = weights(generator, 0.3 / UNITS**0.5, UNITS, CHARACTERS)
        hidden = [lambda h, weight=weight: torch.tanh(h @ weight) for weight in drawn]
        return NameNetwork(table, [*hidden, lambda h: h @ last], [table, *drawn, last])

    fits, summaries = {}, []
    for gain in (0.5, 1.0, 5 / 3, 3.0):
        h = stack(gain).activations(contexts).detach()
        told = recorder.try_out("the summary", theirs.activation_summary, h)
        with recorder.attempt("the summary"):
            # As large as it can be without more than a fifth of it saturated, and around 0.
            fits[gain] = told["std"] - abs(told["mean"]) - 10 * max(0.0, told["saturated"] - 0.2)
            summaries += [float(told[key]) for key in ("mean", "std", "saturated")]
    recorder.write(SUMMARY, summaries)
    with recorder.attempt("the choice of the gain"):
        gain = max(fits, key=lambda gain: fits[gain])
    network = stack(gain)
    with recorder.attempt("the gradients"):
        cross_entropy(network(contexts), targets).backward()
        matrices = [torch.nn.Parameter(p.detach()) for p in network.parameters[1:-1]]
        for copy, p in zip(matrices, network.parameters[1:-1], strict=True):
            copy.grad = p.grad
    ratios = [recorder.try_out("gradient against data", theirs.grad_to_data, p) for p in matrices]
    updates = [recorder.try_out("update against data", theirs.update_to_data, p, 0.1) for p in matrices]
    with recorder.attempt("training"):
        rates = [-1.0 - 2.0 - float(update) for update in updates]
        recorder.write(RATE, rates)
        recorder.write(BY_RATIO, [-2.0 - float(np.log10(float(ratio))) for ratio in ratios])
        train(network, network.parameters, question, 10 ** rates[len(rates) // 2])
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_by_signs = Task(
    name="trained_by_signs",
    subject="activation_summary, grad_to_data and update_to_data, in a network",
    ask=ask_trained_by_signs,
    observing=observe_trained_by_signs,
    parts=("activation_summary", "grad_to_data", "update_to_data"),
    watched=False,
)
