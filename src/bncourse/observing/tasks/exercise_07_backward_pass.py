"""Check of assignment 07: the backward pass of Batch Normalization in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.exercise_04_batchnorm_by_hand import apart, observe_arrays
from bncourse.observing.tasks.normalisation import layer_inputs

__all__ = ["batchnorm_backward"]

PARTS = ("dx", "dgamma", "dbeta")


def ask_batchnorm_backward(rng: np.random.Generator) -> list[Question]:
    """Random upstream gradients; batches of two and of more, a square one, one far from 0, one with little spread."""
    questions = []
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
        given = "" if eps is None else f", eps={eps:g}"
        questions.append(
            {
                "call": f"batchnorm_backward(dout, x, gamma{given}), x of shape ({n}, {dim}), {dtype}{far}{small}",
                "x": apart(batches[0]),
                # Most upstream gradients do not have a mean of 0 either.
                "dout": (douts[0] + rng.normal(size=dim)).astype(dtype),
                "gamma": (rng.uniform(0.5, 2.0, dim) * rng.choice([-1, 1], dim)).astype(dtype),
                "eps": eps,
                "strided": len(questions) % 3 == 2,
                "tolerance": tolerance,
            }
        )
    constant = {**questions[1], "call": "batchnorm_backward(dout, x, gamma), a feature that is the same for all rows"}
    constant["x"] = np.concatenate([np.full((7, 1), 4.0), constant["x"][:, 1:]], 1)
    return [*questions, constant]


def observe_batchnorm_backward(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, with eps where the question has one."""
    dout = recorder.array("dout", question["dout"], strided=question["strided"])
    x = recorder.array("x", question["x"], strided=question["strided"])
    gamma = recorder.array("gamma", question["gamma"])
    named = {} if question["eps"] is None else {"eps": question["eps"]}
    observe_arrays(recorder, PARTS, theirs, dout, x, gamma, dtype=str(x.dtype), **named)


batchnorm_backward = Task(
    name="batchnorm_backward",
    subject="batchnorm_backward(dout, x, gamma, eps=1e-5) -> (dx, dgamma, dbeta)",
    ask=ask_batchnorm_backward,
    observing=observe_batchnorm_backward,
)
