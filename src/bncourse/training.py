"""Training by stochastic gradient descent, written out step by step, and evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm

from bncourse.arguments import check_size
from bncourse.names import Pairs
from bncourse.progress import progress_bar

__all__ = ["History", "calibrate", "evaluate", "train", "two_rates"]

Schedule = Callable[[int], float]
Watcher = Callable[[int, nn.Module, float], None]


@dataclass
class History:
    """The record of a run.

    Attributes:
        losses: cross-entropy of the minibatch of each step, in nats.
        rates: learning rate of each step.
    """

    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.losses)

    def smoothed(self, window: int = 1000) -> Tensor:
        """Mean loss of each stretch of ``window`` steps, shape (steps // window,); an incomplete last one is omitted.

        Raises:
            ValueError: ``window`` is below 1 or longer than the run.
        """
        if not 1 <= window <= len(self.losses):
            raise ValueError(
                f"window is {window!r}; the run has {len(self.losses)} steps, so it must be from 1 to that number"
            )
        whole = len(self.losses) // window * window
        return torch.tensor(self.losses[:whole], dtype=torch.float64).reshape(-1, window).mean(dim=1)


def two_rates(steps: int, first: float = 0.1, second: float = 0.01) -> Schedule:
    """The ladder's schedule: ``first`` for the first half of ``steps``, ``second`` after it."""
    return lambda step: first if step < steps // 2 else second


def train(
    model: nn.Module,
    data: Pairs,
    steps: int,
    lr: float | Schedule,
    batch_size: int = 32,
    generator: Generator | None = None,
    *,
    watch: Watcher | None = None,
    progress: bool = True,
) -> History:
    """Plain SGD on the cross-entropy: ``p ← p − lr · ∂loss/∂p`` for every parameter, once a step.

    Each step draws ``torch.randint(0, N, (batch_size,))`` from ``generator`` and takes these pairs; the model is put
    into training mode and stays in it. Calling ``train`` again resumes from the model's present parameters.

    Arguments:
        model: contexts (N, block_size) → logits (N, classes).
        data: contexts and targets to draw from.
        steps: number of updates, at least 1.
        lr: learning rate, or a function that gives it for each step from 0 (see :func:`two_rates`).
        batch_size: pairs per step, at least 1.
        generator: source of the minibatches; the one that made the model, to reproduce a published run.
        watch: called as ``watch(step, model, lr)`` after the backward pass and before the update, when every
            parameter has its gradient.
        progress: show a progress bar.

    Returns:
        The :class:`History` of the run.

    Raises:
        TypeError: steps or batch_size is not a whole number.
        ValueError: steps, lr or batch_size is not positive, or there is no data.
    """
    steps, batch_size = check_size("steps", steps), check_size("batch_size", batch_size)
    contexts, targets = data
    if len(targets) == 0:
        raise ValueError("there are no pairs to train on; give at least one context and target")
    schedule = lr if callable(lr) else lambda step: lr
    parameters = [p for p in model.parameters() if p.requires_grad]
    history = History()
    model.train()
    with progress_bar(steps, "training", progress) as bar:
        for step in range(steps):
            rate = schedule(step)
            if not (rate > 0 and math.isfinite(rate)):
                raise ValueError(f"lr is {rate!r} at step {step}; it must be a positive number")
            batch = torch.randint(0, len(targets), (batch_size,), generator=generator)
            loss = cross_entropy(model(contexts[batch]), targets[batch])
            for parameter in parameters:
                parameter.grad = None
            loss.backward()
            if watch is not None:
                watch(step, model, rate)
            with torch.no_grad():
                for parameter in parameters:
                    if parameter.grad is not None:
                        parameter -= rate * parameter.grad
            history.losses.append(loss.item())
            history.rates.append(rate)
            bar.update()
    return history


@torch.no_grad()
def evaluate(model: nn.Module, data: Pairs, batch_size: int = 8192) -> float:
    """Mean cross-entropy over all pairs, in nats, in evaluation mode; every layer's mode is restored afterwards.

    Arguments:
        model: contexts (N, block_size) → logits (N, classes).
        data: contexts and targets; each pair is used once.
        batch_size: number of pairs per forward pass. It limits the memory and does not change the result. Afterwards
            each layer's ``.out`` is that of the last batch.

    Raises:
        ValueError: there is no data, or batch_size is below 1.
    """
    batch_size = check_size("batch_size", batch_size)
    contexts, targets = data
    if len(targets) == 0:
        raise ValueError("there are no pairs to evaluate on; give at least one context and target")
    with modes_restored(model):
        model.eval()
        total = sum(
            cross_entropy(model(x), y, reduction="sum").item()
            for x, y in zip(contexts.split(batch_size), targets.split(batch_size), strict=True)
        )
    return total / len(targets)


@torch.no_grad()
def calibrate(model: nn.Module, data: Pairs) -> None:
    """Set the running statistics of every BatchNorm to those of all of ``data``, in one pass as one batch.

    The running estimates only approach these numbers during training (chapter 06). BatchNorms of the course and of
    ``torch.nn`` are treated alike. Only they are in training mode during the pass, so that a Dropout drops nothing
    and no other layer's statistics move; every layer's mode is restored afterwards.

    Raises:
        ValueError: the model has no BatchNorm that keeps running statistics, or there is no data.
    """
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.running_mean is not None]
    if not norms:
        raise ValueError("the model has no BatchNorm with running statistics; there is nothing to calibrate")
    if len(data.targets) == 0:
        raise ValueError("there are no pairs to calibrate with; give at least one context and target")
    momenta = [norm.momentum for norm in norms]
    before = [{name: buffer.clone() for name, buffer in norm.named_buffers()} for norm in norms]
    with modes_restored(model):
        model.eval()
        for norm in norms:
            norm.train()
            # With momentum 1 the new value replaces the old one, unless that is NaN, as after a run that diverged.
            norm.momentum = 1.0
            norm.reset_running_stats()
        try:
            model(data.contexts)
        except BaseException:
            for norm, buffers in zip(norms, before, strict=True):
                for name, buffer in buffers.items():
                    norm.get_buffer(name).copy_(buffer)
            raise
        finally:
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum


@contextmanager
def modes_restored(model: nn.Module) -> Iterator[None]:
    """Put every layer back into the mode that it had, training or evaluation, which may differ from layer to layer."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
