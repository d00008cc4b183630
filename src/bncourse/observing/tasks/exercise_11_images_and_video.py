"""Tasks of assignment 11: BatchNorm2d for images, BatchNorm3d for video."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import (
    FLOAT64,
    TRAINED,
    layer_inputs,
    observe_batchnorm,
    observe_evaluation,
    observe_first_update,
    observe_learned,
    observe_output,
)
from bncourse.plugged import (
    ALONE,
    PROMISED,
    change_alone,
    cross_entropy,
    fall_over_promise,
    gradients_of,
    parameters_of,
    switch_mode,
    take_step,
    weights,
)

__all__ = ["batchnorm2d", "batchnorm3d", "trained_image_norm"]

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
    in_graph=True,
)
batchnorm3d = Task(
    name="batchnorm3d",
    subject="BatchNorm3d(dim, eps=1e-5, momentum=0.1)",
    ask=ask_batchnorm3d,
    observing=observe_images,
    defaults={"eps": 1e-5, "momentum": 0.1},
    in_graph=True,
)


# Plug it in


def ask_trained_image_norm(rng: np.random.Generator) -> list[Question]:
    """Images, and clips."""
    return [
        {
            "call": f"60 training steps of a small convolutional network with your BatchNorm{dims}d",
            "words": f"{what}, 16 per step",
            "dims": dims,
            "seed": int(rng.integers(2**31)),
            "tolerance": TRAINED | {POSITIONS: 1e-3, ON_SCENES: 0.004, MEANS_OFF: 0.004, STDS_OFF: 0.004},
        }
        for dims, what in ((2, "images of 8 x 8"), (3, "clips of 4 frames of 6 x 6"))
    ]


POSITIONS = "the largest mean of one position over the first scenes, for each channel of a new layer"
ON_SCENES = "the loss on new scenes in evaluation"
MEANS_OFF = "the distance of the running means from those of new scenes, in stds"
STDS_OFF = "the running std over that of new scenes"


def drawn_scenes(dims: int, generator: Generator, count: int = 16) -> tuple[Tensor, Tensor]:
    """Draw images or clips of moving bars, of different brightness and contrast, and the kind of each, 0 to 3."""
    kinds = torch.randint(4, (count,), generator=generator)
    shape = (8, 8) if dims == 2 else (4, 6, 6)
    places = torch.stack(torch.meshgrid(*(torch.arange(n, dtype=torch.float32) for n in shape), indexing="ij"))
    # A bar along one of four directions; in a clip it moves.
    ways = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]]
    direction = torch.tensor([[1.0, *way] if dims == 3 else way for way in ways])[kinds]
    phase = 6 * torch.rand(count, generator=generator)
    waves = torch.sin(torch.einsum("nk,k...->n...", direction, places) * 1.5 + phase.reshape(-1, *[1] * dims))
    contrast = 0.5 + 2 * torch.rand(count, *[1] * dims, generator=generator)
    brightness = 3 * torch.randn(count, *[1] * dims, generator=generator)
    noise = 0.3 * torch.randn(waves.shape, generator=generator)
    return ((waves + noise) * contrast + brightness)[:, None], kinds


def observe_trained_image_norm(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at a new layer, its first update and its gradient, and at the loss on new scenes in evaluation."""
    dims = question["dims"]
    generator = Generator().manual_seed(question["seed"])
    kind = theirs.BatchNorm2d if dims == 2 else theirs.BatchNorm3d
    tried = recorder.make("making it", kind, 8)
    recorder.try_out("the output of a new layer", tried, torch.randn(2, 8, *[4] * dims, generator=generator))
    layer = recorder.make("making it", kind, 8)
    convolve = torch.conv2d if dims == 2 else torch.conv3d
    kernel = weights(generator, 1.0, 8, 1, *[3] * dims)
    last, bias = weights(generator, 0.1, 8, 4), torch.zeros(4, requires_grad=True)

    def network(scenes: Tensor) -> Tensor:
        h = torch.relu(layer(convolve(scenes, kernel)).to(scenes.dtype))
        return h.flatten(2).mean(2) @ last + bias

    scenes, _ = drawn_scenes(dims, generator)
    pre = convolve(scenes, kernel).detach()
    observe_output(recorder, tried, [pre], lambda y: y.transpose(0, 1).flatten(1))
    with recorder.attempt("the output of a new layer"), torch.no_grad():
        recorder.write(POSITIONS, tried(pre).mean(0).flatten(1).abs().amax(1).tolist())
    observe_first_update(recorder, layer, pre)
    with recorder.attempt("training"):
        parameters = [kernel, last, bias, *parameters_of(layer)]
        kept = [fall_over_promise(network, *drawn_scenes(dims, generator), [kernel], 0.001) for _ in range(4)]
        recorder.write(PROMISED, kept)
        for _ in range(60):
            scenes, kinds = drawn_scenes(dims, generator)
            loss = cross_entropy(network(scenes), kinds)
            take_step(parameters, gradients_of(loss, parameters), 0.3)
    observe_learned(recorder, layer)
    with recorder.attempt("the network in evaluation"), torch.no_grad():
        switch_mode(False, layer)
        scenes, kinds = drawn_scenes(dims, generator, 256)
        pre = convolve(scenes, kernel)
        channels = pre.transpose(0, 1).flatten(1)
        mean, std = channels.mean(1), channels.std(1)
        observe_evaluation(recorder, layer, pre[:10], std)
        recorder.write(ALONE, change_alone(network, scenes[:20], kinds[:20]))
        recorder.write(ON_SCENES, cross_entropy(network(scenes), kinds).item())
        off = ((layer.running_mean - mean) / std).square().mean().sqrt().item()
        recorder.write(MEANS_OFF, off)
        recorder.write(STDS_OFF, (layer.running_var.sqrt() / std).mean().item())


trained_image_norm = Task(
    name="trained_image_norm",
    subject="BatchNorm2d and BatchNorm3d, in a network",
    ask=ask_trained_image_norm,
    observing=observe_trained_image_norm,
    parts=("BatchNorm2d", "BatchNorm3d"),
    watched=False,
)
