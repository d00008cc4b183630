"""Tasks of assignment 11: BatchNorm2d for images, BatchNorm3d for video."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import FLOAT64, layer_inputs, observe_batchnorm

__all__ = ["batchnorm2d", "batchnorm3d"]

# Per question: the numbers of examples, the channels, the places, dtype, offset, scale, eps, momentum, tolerance. In
# some there are as many channels as columns, so that a missing reshape goes through; in one there is a single example.
# An eps that is not the default stands where float64 shows it.
IMAGES = [
    ((7, 2), 3, (4, 5), "float32", 0.0, 1.0, 1e-5, 0.1, None),
    ((2, 3), 4, (3, 4), "float64", 5.0, 2.0, 1e-3, 0.3, FLOAT64),
    ((1, 4), 2, (2, 3), "float64", 0.0, 1.0, 1e-5, 0.1, FLOAT64),
    ((5, 2), 3, (2, 2), "float32", 300.0, 1.0, 1e-5, 0.05, 2e-3),
    ((3,), 1, (3, 3), "float64", 0.0, 1e-2, 1e-3, 1.0, FLOAT64),
]
VIDEO = [(sizes, channels, (2, *places), *rest) for sizes, channels, places, *rest in IMAGES]


OTHERS = {"eps": 1e-2, "momentum": 0.3}


def ask_about(name: str, cases: list[tuple], rng: np.random.Generator) -> list[Question]:
    """Training on two batches, evaluation, training again; a channel that is the same everywhere; all arguments."""
    questions: list[Question] = []

    def add(
        sizes: tuple[int, ...], dim: int, places: tuple[int, ...], offset: float, scale: float, **more: Any
    ) -> None:
        dtype = more["dtype"]
        batches, douts = layer_inputs(rng, [(n, dim, *places) for n in sizes], dtype, offset, scale)
        shapes = " and ".join(str((n, dim, *places)) for n in sizes)
        small = f", a spread of about {scale:g}" if scale < 0.1 else ""
        questions.append(
            {
                "call": f"{name}({in_words(more, dim)})",
                "words": f"{'batches' if len(sizes) > 1 else 'a batch'} of shape {shapes}, {dtype}{small}",
                "dim": dim,
                "gamma": rng.uniform(0.5, 2.0, dim).astype("float32"),
                "beta": rng.normal(size=dim).astype("float32"),
                "batches": batches,
                "douts": douts,
                "evaluation": layer_inputs(rng, [(2, dim, *places)], dtype, offset)[0][0],
                "strided": len(questions) % 2 == 1,
                **more,
            }
        )

    for sizes, dim, places, dtype, offset, scale, eps, momentum, tolerance in cases:
        given = {"given": {"eps": eps, "momentum": momentum}, "by position": False}
        add(sizes, dim, places, offset, scale, dtype=dtype, tolerance=tolerance, **given)
    constant = {**questions[1], "words": f"{questions[1]['words']}, one channel the same everywhere"}
    constant["batches"] = [x.copy() for x in constant["batches"]]
    for x in constant["batches"]:
        x[:, 0] = 4.0
    questions.append(constant)
    first = len(questions)
    for way in ways_to_call(OTHERS):
        family = {"family": "arguments", "dtype": "float64", "tolerance": FLOAT64}
        add((3,), 2, cases[2][2], 1.0, 3e-3, **family, **way)
    same = ("batches", "douts", "gamma", "beta", "evaluation", "strided")
    return questions[:first] + [{**q, **{key: questions[first][key] for key in same}} for q in questions[first:]]


def ask_batchnorm2d(rng: np.random.Generator) -> list[Question]:
    """Images."""
    return ask_about("BatchNorm2d", IMAGES, rng)


def ask_batchnorm3d(rng: np.random.Generator) -> list[Question]:
    """Clips."""
    return ask_about("BatchNorm3d", VIDEO, rng)


def observe_images(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Make a layer, set its parameters, train it on the batches, evaluate, and train again."""
    positional, named = arguments_of(question)
    observe_batchnorm(recorder, lambda: theirs(question["dim"], *positional, **named), question)


batchnorm2d = Task(
    name="batchnorm2d",
    subject="BatchNorm2d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_batchnorm2d,
    observing=observe_images,
    defaults={"eps": 1e-5, "momentum": 0.1},
)
batchnorm3d = Task(
    name="batchnorm3d",
    subject="BatchNorm3d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_batchnorm3d,
    observing=observe_images,
    defaults={"eps": 1e-5, "momentum": 0.1},
)
