"""Check of assignment 07: the backward pass of Batch Normalization in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.exercise_04_batchnorm_by_hand import observe_arrays
from bncourse.observing.tasks.normalisation import apart, layer_inputs
from bncourse.plugged import (
    ON_NEW,
    PROMISED,
    UNITS,
    kept_promises,
    loss_on_new_examples,
    name_batches,
    one_hidden_layer,
    train,
)

__all__ = ["batchnorm_backward", "trained_backward"]

PARTS = ("dx", "dgamma", "dbeta")
OTHERS = {"eps": 3e-3}


def ask_batchnorm_backward(rng: np.random.Generator) -> list[Question]:
    """Random upstream gradients; batches of two and of more, a square one, one far from 0, one with little spread."""
    questions: list[Question] = []
    for n, dim, dtype, offset, scale, eps, tolerance in [
        # First the one in which finite differences are furthest off.
        (6, 3, "float64", 0.0, 3e-3, None, None),
        (7, 3, "float64", 0.0, 1.0, None, None),
        (2, 4, "float32", 0.0, 1.0, None, None),
        (4, 4, "float64", 3.0, 2.0, 1e-2, None),
        (9, 1, "float32", -2.0, 0.3, 0.1, None),
        (5, 4, "float32", 1000.0, 1.0, None, 5e-3),
    ]:
        batches, douts = layer_inputs(rng, [(n, dim)], dtype, offset, scale)
        far = f", values near {offset:g}" if abs(offset) > 100 else ""
        small = ", a spread of about 0.003" if scale < 0.1 else ""
        given = {"given": {} if eps is None else {"eps": eps}, "by position": False}
        questions.append(
            {
                "call": f"batchnorm_backward({in_words(given, 'dout', 'x', 'gamma')})",
                "words": f"x of shape ({n}, {dim}), {dtype}{far}{small}",
                "x": apart(batches[0]),
                # Most upstream gradients do not have a mean of 0 either.
                "dout": (douts[0] + rng.normal(size=dim)).astype(dtype),
                "gamma": (rng.uniform(0.5, 2.0, dim) * rng.choice([-1, 1], dim)).astype(dtype),
                **given,
                "strided": len(questions) % 3 == 2,
                "tolerance": tolerance,
            }
        )
    constant = {**questions[1], "words": "a feature that is the same for all rows"}
    constant["x"] = np.concatenate([np.full((7, 1), 4.0), constant["x"][:, 1:]], 1)
    first = {**questions[0], "family": "arguments"}
    ways = [
        {**way, "call": f"batchnorm_backward({in_words(way, 'dout', 'x', 'gamma')})"} for way in ways_to_call(OTHERS)
    ]
    return [*questions, constant, *({**first, **way} for way in ways)]


def observe_batchnorm_backward(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, with eps where the question has one."""
    dout = recorder.array("dout", question["dout"], strided=question["strided"])
    x = recorder.array("x", question["x"], strided=question["strided"])
    gamma = recorder.array("gamma", question["gamma"])
    positional, named = arguments_of(question)
    observe_arrays(recorder, PARTS, theirs, dout, x, gamma, *positional, dtype=str(x.dtype), **named)


batchnorm_backward = Task(
    name="batchnorm_backward",
    subject="batchnorm_backward(dout, x, gamma, eps=1e-5) -> (dx, dgamma, dbeta)",
    ask=ask_batchnorm_backward,
    observing=observe_batchnorm_backward,
    defaults={"eps": 1e-5},
    in_numpy=True,
)


# Plug it in


def ask_trained_backward(rng: np.random.Generator) -> list[Question]:
    """One training without autograd in the BatchNorm."""
    return [
        {
            **name_batches(rng, 60),
            "call": "60 training steps with your batchnorm_backward",
            "words": "100 tanh units, weights of standard deviation 1, learning rate 0.3",
            "tolerance": {PROMISED: 1e-3, FOR_GAMMA: 1e-3, FOR_BETA: 1e-3, ON_NEW: 0.004},
        }
    ]


FOR_GAMMA, FOR_BETA = "the same for gamma alone", "the same for beta alone"


def observe_trained_backward(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the gradients below the BatchNorm and at its own, and at the loss on new examples as one batch."""
    generator = Generator().manual_seed(question["seed"])
    small = np.arange(8, dtype="float32").reshape(4, 2) ** 2
    recorder.try_out("the result", theirs, small[::-1].copy(), small, np.ones(2, "float32"))

    class Through(torch.autograd.Function):
        """The forward pass of assignment 04, with the backward pass that the learner wrote."""

        @staticmethod
        def forward(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
            """Normalise x."""
            ctx.save_for_backward(x, gamma)
            return gamma * (x - x.mean(0)) / (x.var(0, correction=0) + 1e-5).sqrt() + beta

        @staticmethod
        def backward(ctx: Any, *douts: Tensor) -> Any:
            """Ask the learner's function."""
            found = theirs(douts[0].numpy().copy(), *(t.detach().numpy().copy() for t in ctx.saved_tensors))
            return tuple(torch.as_tensor(g, dtype=torch.float32) for g in found)

    gamma, beta = torch.ones(UNITS, requires_grad=True), torch.zeros(UNITS, requires_grad=True)
    network = one_hidden_layer(generator, lambda pre: torch.tanh(Through.apply(pre, gamma, beta)), gamma, beta, std=1.0)
    with recorder.attempt("training"):
        recorder.write(PROMISED, kept_promises(network, question, network.parameters[:2]))
        recorder.write(FOR_GAMMA, kept_promises(network, question, [gamma]))
        recorder.write(FOR_BETA, kept_promises(network, question, [beta]))
        train(network, network.parameters, question, 0.3)
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_backward = Task(
    name="trained_backward",
    subject="batchnorm_backward(dout, x, gamma, eps=1e-5) -> (dx, dgamma, dbeta), in a network",
    ask=ask_trained_backward,
    observing=observe_trained_backward,
    in_numpy=True,
    watched=False,
)
