"""Training by stochastic gradient descent, written out step by step, and evaluation."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm

from bncourse.arguments import check_size
from bncourse.names import Pairs
from bncourse.progress import progress_bar

__all__ = ["History", "calibrate", "evaluate", "train", "train_together", "two_rates"]

Schedule = Callable[[int], float]
Watcher = Callable[[int, nn.Module, float], None]


@dataclass(repr=False)
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

    def __repr__(self) -> str:
        """Short, because a notebook shows what a cell ends with."""
        ends = f", losses {self.losses[0]:.4f} … {self.losses[-1]:.4f}" if self.losses else ""
        return f"<History of {len(self)} steps{ends}>"

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
    parameters = [p for p in model.parameters() if p.requires_grad]
    history = History()
    model.train()
    with progress_bar(steps, "training", progress) as bar:
        for step in range(steps):
            rate = rate_at(lr, step)
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


def rate_at(lr: float | Schedule, step: int) -> float:
    """Return the learning rate of one step.

    Raises:
        ValueError: it is not positive, or not finite.
    """
    rate = lr(step) if callable(lr) else lr
    if not (rate > 0 and math.isfinite(rate)):
        raise ValueError(f"lr is {rate!r} at step {step}; it must be a positive number")
    return rate


def train_together(
    models: Sequence[nn.Module],
    data: Pairs,
    steps: int,
    lr: float | Schedule | Sequence[float | Schedule],
    batch_size: int = 32,
    generators: Sequence[Generator] | None = None,
    *,
    progress: bool = True,
) -> list[History]:
    """Train several networks side by side, each as :func:`train` trains it, in a fraction of the time.

    The networks have the same layers and differ in their numbers only. Their parameters are stacked, and
    ``torch.func.vmap`` computes each operation for all of them in one call. Each network draws its own minibatches and
    may have its own learning rate; the result of each is that of :func:`train`, up to rounding.

    Arguments:
        models: at least one; each ends with its own trained parameters and running statistics, in training mode. A
            parameter that does not require a gradient stays as it is.
        data: contexts and targets to draw from.
        steps: number of updates, at least 1.
        lr: learning rate or schedule as in :func:`train`, one for all networks or one for each.
        batch_size: pairs per step and network, at least 1.
        generators: source of the minibatches of each network; ``None`` is torch's global one.
        progress: show a progress bar.

    Returns:
        The :class:`History` of each network, in the order of ``models``.

    Raises:
        TypeError: steps or batch_size is not a whole number.
        ValueError: there are no networks, or they differ in more than their numbers; there are not as many rates or
            generators as networks; and as :func:`train`.
    """
    steps, batch_size = check_size("steps", steps), check_size("batch_size", batch_size)
    contexts, targets = data
    if len(targets) == 0:
        raise ValueError("there are no pairs to train on; give at least one context and target")
    check_alike(models)
    schedules = list(lr) if isinstance(lr, Sequence) else [lr] * len(models)
    sources = [None] * len(models) if generators is None else list(generators)
    for name, given in (("learning rates", schedules), ("generators", sources)):
        if len(given) != len(models):
            raise ValueError(f"there are {len(given)} {name} for {len(models)} networks; give one for each")

    parameters, buffers = stack_module_state(list(models))
    layers = copy.deepcopy(models[0]).train()  # what is computed; the numbers come from the stacks

    def logits_of(parameters: dict, buffers: dict, x: Tensor) -> Tensor:
        return functional_call(layers, (parameters, buffers), (x,))

    logits_of_each = vmap(logits_of, randomness="different")
    histories = [History() for _ in models]
    try:
        with progress_bar(steps, "training", progress) as bar:
            for step in range(steps):
                rates = [rate_at(schedule, step) for schedule in schedules]
                batch = torch.stack([torch.randint(0, len(targets), (batch_size,), generator=g) for g in sources])
                logits = logits_of_each(parameters, buffers, contexts[batch])
                examples = cross_entropy(logits.flatten(0, 1), targets[batch].flatten(), reduction="none")
                losses = examples.view(len(models), batch_size).mean(dim=1)
                for parameter in parameters.values():
                    parameter.grad = None
                losses.sum().backward()  # no network's loss depends on another's parameters
                with torch.no_grad():
                    column = torch.tensor(rates, dtype=torch.float64)
                    for parameter in parameters.values():
                        if parameter.grad is not None:
                            rate = column.to(parameter.dtype).view(-1, *[1] * (parameter.ndim - 1))
                            parameter -= rate * parameter.grad
                for history, loss, rate in zip(histories, losses.tolist(), rates, strict=True):
                    history.losses.append(loss)
                    history.rates.append(rate)
                bar.update()
    finally:
        with torch.no_grad():
            for number, model in enumerate(models):
                model.train()
                for name, own in (*model.named_parameters(), *model.named_buffers()):
                    own.copy_((parameters if name in parameters else buffers)[name][number])
    return histories


def check_alike(models: Sequence[nn.Module]) -> None:
    """Raise ``ValueError`` unless there are networks and they have the same layers, in name, type and size."""
    if len(models) == 0:
        raise ValueError("there are no networks to train; give at least one")
    kinds = [
        (
            [(name, type(module)) for name, module in model.named_modules()],
            [(name, p.shape, p.requires_grad) for name, p in model.named_parameters()],
        )
        for model in models
    ]
    for number, kind in enumerate(kinds):
        if kind != kinds[0]:
            raise ValueError(
                f"network {number} differs from network 0 in its layers, in a size, or in what it trains; "
                "networks that train together differ in their numbers only"
            )


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
