"""The rungs of the loss ladder: how several train together, and what is measured of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from bncourse.initialisation import SCHEMES, initial_values
from bncourse.manual.lanes import BATCH, CLASSES, CONTEXT, EMBEDDING, HIDDEN, BatchNormLanes, Lanes
from bncourse.manual.layers import BatchNorm, Embedding, Flatten, Linear, SoftmaxCrossEntropy, Tanh

__all__ = ["RUNGS", "LadderRun", "Pairs", "Run", "Settings", "minibatches", "train_together"]

RUNGS = tuple(SCHEMES)
"""The trainings of the loss ladder, each named by its initialisation; ``'batchnorm'`` gives rungs 5 and 6."""

STEPS_PER_BLOCK = 200


class Run(NamedTuple):
    """One training: a rung of the ladder, which starts from the scheme of the same name, and a seed."""

    rung: str
    seed: int


class Pairs(NamedTuple):
    """Contexts, shape (N, CONTEXT), and the index of the character that follows each, shape (N,)."""

    contexts: NDArray
    targets: NDArray


@dataclass(frozen=True)
class Settings:
    """Everything that a run's result depends on, except its rung, its seed and the data.

    Attributes:
        steps: number of updates.
        lr: learning rate of the first half; the second half has a tenth of it.
        normaliser: ``'torch'`` or ``'lecture'``; see :class:`~bncourse.manual.lanes.BatchNormLanes`.
        dtype: ``'float32'`` or ``'float64'``.
    """

    steps: int
    lr: float
    normaliser: str
    dtype: str


@dataclass(frozen=True)
class LadderRun:
    """Result of one run; losses are mean cross-entropies in nats.

    Two results are equal if all but their ``seconds`` are.

    Attributes:
        rung, seed, steps: the run that this is the result of.
        first_loss: on the first minibatch, before the first update.
        train_loss, dev_loss: after training, on all training and dev pairs. With BatchNorm (rung 5): with statistics
            calibrated in one pass over the training pairs.
        running_train_loss, running_dev_loss: the same with BatchNorm's running statistics (rung 6); ``None``
            without BatchNorm.
        seconds: time that the run's steps took; runs that trained together share their time evenly.
    """

    rung: str
    seed: int
    steps: int
    first_loss: float
    train_loss: float
    dev_loss: float
    running_train_loss: float | None
    running_dev_loss: float | None
    seconds: float = field(compare=False)


def minibatches(generator: torch.Generator, pairs: int, steps: int) -> NDArray[np.int64]:
    """Indices of the next ``steps`` minibatches, shape (steps, BATCH).

    All are drawn at once: torch's CPU generator gives the same numbers as one ``torch.randint(0, pairs, (BATCH,))``
    per step.
    """
    return torch.randint(0, pairs, (steps, BATCH), generator=generator).numpy()


def train_together(
    runs: Sequence[Run],
    settings: Settings,
    train: Pairs,
    dev: Pairs,
    report: Callable[[int], bool],
) -> list[LadderRun]:
    """Train runs of one kind (all with BatchNorm, or all without) in lockstep, and evaluate them.

    Arguments:
        runs: at least one.
        settings: steps, learning rate, arithmetic.
        train: pairs to draw minibatches from.
        dev: pairs that are only evaluated on.
        report: called every few hundred steps with the number of steps that each run has done since the last call;
            returns whether to continue.

    Returns:
        The results in the order of ``runs``; none if ``report`` ended the training.
    """
    generators = [torch.Generator().manual_seed(run.seed) for run in runs]
    drawn = [initial_values(run.rung, g) for run, g in zip(runs, generators, strict=True)]
    initial = [{name: tensor.numpy() for name, tensor in values.items()} for values in drawn]
    lanes: Lanes
    if SCHEMES[runs[0].rung].batchnorm:
        lanes = BatchNormLanes(initial, settings.dtype, lectures=settings.normaliser == "lecture")
    else:
        lanes = Lanes(initial, settings.dtype)
    contexts_as_index, targets_as_index = (part.astype(np.intp) for part in train)

    first_losses: list[float] = []
    start = time.perf_counter()
    for first in range(0, settings.steps, STEPS_PER_BLOCK):
        block = range(first, min(first + STEPS_PER_BLOCK, settings.steps))
        indices = np.stack([minibatches(g, len(train.targets), len(block)) for g in generators], axis=1)
        contexts, targets = contexts_as_index[indices], targets_as_index[indices]
        if first == 0:
            first_losses = [
                SoftmaxCrossEntropy().forward(apply(network(lanes, lane), contexts[0, lane]), targets[0, lane])
                for lane in range(len(runs))
            ]
        for step, x, y in zip(block, contexts, targets, strict=True):
            lanes.step(x, y, settings.lr if step < settings.steps // 2 else settings.lr / 10)
        if not report(len(block)):
            return []
    seconds = (time.perf_counter() - start) / len(runs)

    tables = tabulate(train), tabulate(dev)
    return [
        LadderRun(run.rung, run.seed, settings.steps, first_losses[lane], *evaluate(lanes, lane, *tables), seconds)
        for lane, run in enumerate(runs)
    ]


class OfOneInput(Protocol):
    """A layer of one input, as all of the network's are."""

    def forward(self, x: NDArray, /) -> NDArray:
        """Return the layer's output."""


def network(lanes: Lanes, lane: int) -> list[OfOneInput]:
    """The network of one lane as layers, in training mode: embedding, flatten, linear, (BatchNorm), tanh, linear."""
    p = {name: array[lane].squeeze() for name, array in lanes.parameters.items()}
    unused = torch.Generator()  # for the numbers that the layers draw and that p replaces below
    embedding = Embedding(CLASSES, EMBEDDING, generator=unused)
    hidden = Linear(CONTEXT * EMBEDDING, HIDDEN, bias="b1" in p, generator=unused)
    output = Linear(HIDDEN, CLASSES, generator=unused)
    embedding.weight, hidden.weight, hidden.bias = p["C"], p["W1"], p.get("b1")
    output.weight, output.bias = p["W2"], p["b2"]
    if not isinstance(lanes, BatchNormLanes):
        return [embedding, Flatten(), hidden, Tanh(), output]
    norm = BatchNorm(HIDDEN, eps=lanes.eps, momentum=lanes.momentum, unbiased_batch_variance=lanes.lectures)
    norm.gamma, norm.beta = p["gamma"], p["beta"]
    norm.running_mean, norm.running_var = lanes.running_mean[lane, 0].copy(), lanes.running_var[lane, 0].copy()
    return [embedding, Flatten(), hidden, norm, Tanh(), output]


class Table(NamedTuple):
    """How often each character follows each context, which is enough to compute a mean loss over all pairs.

    The 182,625 training pairs have 5,438 different contexts, and equal contexts get equal logits.

    Attributes:
        contexts: every different context, shape (K, CONTEXT).
        counts: how often each character follows it, shape (K, CLASSES).
    """

    contexts: NDArray[np.intp]
    counts: NDArray[np.int64]


def tabulate(pairs: Pairs) -> Table:
    """Count how often each character follows each context."""
    every_context = (CLASSES,) * CONTEXT
    columns = [*pairs.contexts.T, pairs.targets]
    pair_numbers = np.ravel_multi_index(columns, (*every_context, CLASSES))
    counts = np.bincount(pair_numbers, minlength=CLASSES ** (CONTEXT + 1)).reshape(-1, CLASSES)
    seen = np.flatnonzero(counts.any(axis=1))
    return Table(np.stack(np.unravel_index(seen, every_context), axis=1), counts[seen])


def evaluate(lanes: Lanes, lane: int, train: Table, dev: Table) -> tuple[float, float, float | None, float | None]:
    """Train and dev loss; with BatchNorm from calibrated statistics, then again from running ones."""
    layers = network(lanes, lane)
    if not isinstance(lanes, BatchNormLanes):
        return mean_loss(layers, train), mean_loss(layers, dev), None, None
    place, norm = next((i, layer) for i, layer in enumerate(layers) if isinstance(layer, BatchNorm))
    norm.eval()
    running = mean_loss(layers, train), mean_loss(layers, dev)
    norm.running_mean, norm.running_var = calibrate(layers[:place], train)
    return mean_loss(layers, train), mean_loss(layers, dev), *running


def mean_loss(layers: Sequence[OfOneInput], table: Table) -> float:
    """Mean cross-entropy over all pairs of the table, in nats."""
    logits = apply(layers, table.contexts).astype(np.float64)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-(table.counts * log_p).sum() / table.counts.sum())


def calibrate(layers: Sequence[OfOneInput], table: Table) -> tuple[NDArray, NDArray]:
    """Mean and unbiased variance, shape (HIDDEN,), of the output of ``layers`` over the contexts of all pairs."""
    x = apply(layers, table.contexts)
    occurrences = table.counts.sum(axis=1)
    n = occurrences.sum()
    mean = occurrences @ x / n
    return mean, occurrences @ np.square(x - mean) / (n - 1)


def apply(layers: Sequence[OfOneInput], x: NDArray) -> NDArray:
    """Forward through ``layers``, one after the other."""
    for layer in layers:
        x = layer.forward(x)
    return x
