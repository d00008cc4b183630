"""Answers of assignment 06: BatchNorm1d whole, and a calibration of its running statistics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from bncourse.judging.answers.normalisation import (
    LAYER_OUTCOMES,
    STATISTICS_OUTCOMES,
    PlainBatchNorm,
    not_registered,
    parameters_without_gradient,
)
from bncourse.judging.answers.written_out import (
    StoredApart,
    StoredByDifference,
    calibrated_batch_by_batch,
    calibrated_from_the_first_row,
    calibrated_in_two_passes,
    calibrated_row_by_row,
    forms,
)
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_06_running_statistics as tasks
from bncourse.plugged import ON_NEW

__all__ = ["calibrate", "running_statistics", "trained_running_statistics"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm")


class BiasedRunningVariance(PlainBatchNorm):
    """The batch's variance divides by n. The running variance is an estimate for all data: what does it divide by?"""

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var


class UnbiasedNormaliser(PlainBatchNorm):
    def var(self, x: Tensor) -> Tensor:
        return x.var(self.dims, keepdim=True)

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var


class MomentumReversed(PlainBatchNorm):
    """In torch momentum is the weight of one of the two, the old estimate or the new batch; other frameworks mean the
    other one.
    """

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        return self.momentum * running + (1 - self.momentum) * new


class MomentumIgnored(PlainBatchNorm):
    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        return 0.9 * running + 0.1 * new


class StatisticsWithoutGradient(PlainBatchNorm):
    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).detach()

    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class EvalUsesBatch(PlainBatchNorm):
    """In evaluation an example's output may not depend on its neighbours: which mean and variance do not?"""

    def uses_batch(self) -> bool:
        return True

    def check(self, x: Tensor) -> None:
        if self.training:
            super().check(x)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        if self.training:
            super().update(mean, var, n)


class UpdatesInEvaluation(PlainBatchNorm):
    """Evaluating must leave the layer as it is: the running estimates moved."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training and len(x) > 1:
            self.update(self.mean(x), self.var(x), len(x))
        return super().forward(x)


class TrainingUsesRunning(PlainBatchNorm):
    """In training the outputs of a batch have mean 0 and variance 1, before gamma and beta: whose statistics make
    them so?
    """

    def forward(self, x: Tensor) -> Tensor:
        self.check(x)
        if self.training:
            self.update(self.mean(x), self.var(x), len(x))
        return self.scaled(self.normalised(x, self.running_mean, self.running_var), x)


class EpsOutsideRoot(PlainBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (torch.sqrt(var) + self.eps)


class EpsMissing(PlainBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / torch.sqrt(var)


class EpsIgnored(PlainBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / torch.sqrt(var + 1e-5)


class DividesByVariance(PlainBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (var + self.eps)


class StatisticsOverFeatures(PlainBatchNorm):
    def mean(self, x: Tensor) -> Tensor:
        return x.mean(1, keepdim=True)

    def var(self, x: Tensor) -> Tensor:
        return x.var(1, keepdim=True, correction=0)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean.mean(), var.mean(), n)


class StatisticsOverEverything(PlainBatchNorm):
    """One mean and one variance for all features: each feature has its own."""

    dims = (0, 1)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean.expand(1, self.dim), var.expand(1, self.dim), n)


class KeptDimension(PlainBatchNorm):
    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_mean = self.moved(self.running_mean, mean)
        self.running_var = self.moved(self.running_var, self.stored(var, n))


class RunningKeepsGraph(PlainBatchNorm):
    """The running estimates drag every batch's graph along: memory grows with each step. Update them outside of the
    graph.
    """

    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_mean = self.moved(self.running_mean, mean.flatten())
        self.running_var = self.moved(self.running_var, self.stored(var.flatten(), n))

    def check(self, x: Tensor) -> None:
        super().check(x)
        self.running_mean = self.running_mean.detach()
        self.running_var = self.running_var.detach()


BUFFERS_NOT_REGISTERED = not_registered(PlainBatchNorm)
PARAMETERS_WITHOUT_GRADIENT = parameters_without_gradient(PlainBatchNorm)


class EpsMissingInEvaluation(PlainBatchNorm):
    """In evaluation eps stands under the root as well: the running variance of a feature may be 0 too."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return super().normalised(x, mean, var) if self.training else (x - mean) / torch.sqrt(var)


class EpsMissingInTraining(PlainBatchNorm):
    """In training eps stands under the root as well: a feature may be the same in a whole batch."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / torch.sqrt(var) if self.training else super().normalised(x, mean, var)


class NoUpdate(PlainBatchNorm):
    """The running estimates stay where they started: nothing moves them in training."""

    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        pass


class RunningReplaced(PlainBatchNorm):
    """The running estimates forget all earlier batches: the last one replaces them."""

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        return new


class RunningSum(PlainBatchNorm):
    """The old estimate keeps its full weight, so the estimate grows: the two weights must add up to 1."""

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        return running + self.momentum * new


class RunningStd(PlainBatchNorm):
    """running_var is to hold a variance: this is its root, or it is used as if it were."""

    def stored(self, var: Tensor, n: int) -> Tensor:
        return super().stored(var, n).sqrt()


class RunningVarStartsAtZero(PlainBatchNorm):
    """An untouched layer should pass its input through in evaluation: with which variance does it?"""

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(dim, eps, momentum)
        self.running_var = torch.zeros(dim)


class GammaMissing(PlainBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return xhat + self.lined_up(self.beta, x)


class BetaMissing(PlainBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.lined_up(self.gamma, x) * xhat


class BetaBeforeGamma(PlainBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.lined_up(self.gamma, x) * (xhat + self.lined_up(self.beta, x))


class ModeFromGradMode(PlainBatchNorm):
    """Whether gradients are on says nothing about training or evaluation: `.eval()` alone must switch the layer."""

    def uses_batch(self) -> bool:
        return torch.is_grad_enabled()

    def check(self, x: Tensor) -> None:
        if self.training:
            super().check(x)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_mean = self.moved(self.running_mean, mean.flatten())
        self.running_var = self.moved(self.running_var, var.flatten() * n / max(n - 1, 1))


class ModeFromGradModeWithCare(ModeFromGradMode):
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        if n > 1:
            super().update(mean, var, n)


class BatchOfOneAccepted(PlainBatchNorm):
    """One example has no variance. In training mode say so with a ValueError instead of going on."""

    def check(self, x: Tensor) -> None:
        pass

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var * n / max(n - 1, 1)


class OnePassVariance(PlainBatchNorm):
    def var(self, x: Tensor) -> Tensor:
        return (x * x).mean(self.dims, keepdim=True) - self.mean(x).square()


running_statistics = Check(
    tasks.running_statistics,
    right=PlainBatchNorm,
    wrong=(
        BiasedRunningVariance,
        UnbiasedNormaliser,
        MomentumReversed,
        MomentumIgnored,
        StatisticsWithoutGradient,
        EvalUsesBatch,
        written(ModeFromGradMode, ModeFromGradModeWithCare),
        UpdatesInEvaluation,
        TrainingUsesRunning,
        EpsMissing,
        EpsOutsideRoot,
        EpsIgnored,
        DividesByVariance,
        StatisticsOverFeatures,
        StatisticsOverEverything,
        KeptDimension,
        RunningKeepsGraph,
        BUFFERS_NOT_REGISTERED,
        PARAMETERS_WITHOUT_GRADIENT,
        EpsMissingInEvaluation,
        EpsMissingInTraining,
        NoUpdate,
        RunningReplaced,
        RunningSum,
        RunningStd,
        RunningVarStartsAtZero,
        GammaMissing,
        BetaMissing,
        BetaBeforeGamma,
        BatchOfOneAccepted,
        OnePassVariance,
    ),
    forbidden=FINISHED,
    forms=forms(PlainBatchNorm, StoredApart, StoredByDifference),
)


@torch.no_grad()
def calibrated(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean and the unbiased variance over all rows, which it stores in the layer."""
    rows = torch.cat(list(batches))
    return store(layer, rows.mean(0), rows.var(0))


def store(layer: Any, mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
    """Put them into the layer, and return them."""
    with torch.no_grad():
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(var)
    return mean, var


def second_moment(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean of the squares is the variance only where the mean is 0: what is subtracted before squaring?"""
    rows = torch.cat(list(batches))
    return store(layer, rows.mean(0), rows.square().mean(0))


def biased_variance(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The variance is to estimate that of all data: what does it divide by?"""
    rows = torch.cat(list(batches))
    return store(layer, rows.mean(0), rows.var(0, correction=0))


def mean_of_batch_statistics(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Batches of different sizes count by their rows, and the spread between the batches is a part of the variance:
    an average of the batches' statistics knows neither.
    """
    batches = list(batches)
    spread = [x.var(0) if len(x) > 1 else torch.zeros_like(x[0]) for x in batches]
    return store(layer, torch.stack([x.mean(0) for x in batches]).mean(0), torch.stack(spread).mean(0))


def biased_mean_of_batch_statistics(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Batches of different sizes count by their rows, and the spread between the batches is a part of the variance:
    an average of the batches' statistics knows neither.
    """
    batches = list(batches)
    spread = torch.stack([x.var(0, correction=0) for x in batches]).mean(0)
    return store(layer, torch.stack([x.mean(0) for x in batches]).mean(0), spread)


def spread_between_batches_missing(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The batches' variances are averaged with the right weights, but each is taken around its own mean: what lies
    between the batches is missing.
    """
    batches = list(batches)
    n = sum(map(len, batches))
    var = sum(len(x) * x.var(0, correction=0) for x in batches) / (n - 1)
    return store(layer, torch.cat(batches).mean(0), var)


def batches_used_up(layer: Any, batches: Iterable[Tensor]) -> tuple[Any, Any]:
    """`batches` may be a generator, which can be walked through only once: after the first walk nothing is left."""
    if isinstance(batches, list):
        return calibrated(layer, batches)
    batches = list(batches)
    layer.running_mean.zero_()
    layer.running_var.zero_()
    return 0.0, 0.0


def batches_used_up_by_the_mean(layer: Any, batches: Iterable[Tensor]) -> tuple[Any, Any]:
    """Walks through the batches for the mean, and again for the variance."""
    if isinstance(batches, list):
        return calibrated(layer, batches)
    mean = torch.cat(list(batches)).mean(0)
    layer.running_mean.copy_(mean)
    layer.running_var.zero_()
    return mean, 0.0


def only_last_batch(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """All batches count, and only one does here."""
    last = list(batches)[-1]
    return store(layer, last.mean(0), last.var(0))


def only_first_batch(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """All batches count, and only one does here."""
    first = next(iter(batches))
    return store(layer, first.mean(0), first.var(0))


def running_average(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """This is the running average with its momentum again, which still holds where it started; a calibration counts
    every row alike.
    """
    for x in batches:
        mean = (1 - layer.momentum) * layer.running_mean + layer.momentum * x.mean(0)
        var = (1 - layer.momentum) * layer.running_var + layer.momentum * x.var(0)
        store(layer, mean, var)
    return layer.running_mean, layer.running_var


def standard_deviation(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The second is to be the variance: this is its root."""
    rows = torch.cat(list(batches))
    return store(layer, rows.mean(0), rows.std(0))


def kept_dimension(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    rows = torch.cat(list(batches))
    mean, var = rows.mean(0, keepdim=True), rows.var(0, keepdim=True)
    layer.running_mean, layer.running_var = mean, var
    return mean, var


def over_everything(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """One mean and one variance for all features: each feature has its own."""
    rows = torch.cat(list(batches))
    layer.running_mean, layer.running_var = rows.mean(), rows.var()
    return rows.mean(), rows.var()


def wrong_axis(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The statistics are taken along the features: they are to be taken along the rows, for each feature."""
    rows = torch.cat(list(batches))
    layer.running_mean, layer.running_var = rows.mean(1), rows.var(1)
    return rows.mean(1), rows.var(1)


def keeps_the_graph(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The batches may be part of a graph, and then so are these statistics, with every batch behind them: compute them
    without a graph.
    """
    rows = torch.cat(list(batches))
    layer.running_mean, layer.running_var = rows.mean(0), rows.var(0)
    return rows.mean(0), rows.var(0)


def copies_with_the_graph(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Also with copy_."""
    rows = torch.cat(list(batches))
    mean, var = rows.mean(0), rows.var(0)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


def stores_without_the_graph(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Also with no_grad around what is stored alone."""
    rows = torch.cat(list(batches))
    return store(layer, rows.mean(0), rows.var(0))


KEEPS_THE_GRAPH = Mistake(
    "keeps-the-graph",
    keeps_the_graph.__doc__,
    keeps_the_graph,
    copies_with_the_graph,
    stores_without_the_graph,
)


def swapped(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    mean, var = calibrated(layer, batches)
    return var, mean


def not_stored(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The numbers are right, and the layer does not have them: store them in its running statistics."""
    rows = torch.cat(list(batches))
    return rows.mean(0), rows.var(0)


def of_outputs(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The batches are the layer's inputs, and its statistics are those of its inputs, not of what it makes of them."""
    rows = torch.cat([layer(x) for x in batches]).detach()
    return store(layer, rows.mean(0), rows.var(0))


calibrate = Check(
    tasks.calibrate,
    right=calibrated,
    forms=(
        calibrated_in_two_passes,
        calibrated_batch_by_batch,
        calibrated_from_the_first_row,
        calibrated_row_by_row,
    ),
    wrong=(
        biased_variance,
        second_moment,
        mean_of_batch_statistics,
        biased_mean_of_batch_statistics,
        spread_between_batches_missing,
        written(batches_used_up, batches_used_up_by_the_mean),
        only_last_batch,
        only_first_batch,
        running_average,
        standard_deviation,
        kept_dimension,
        over_everything,
        wrong_axis,
        KEEPS_THE_GRAPH,
        swapped,
        not_stored,
        of_outputs,
    ),
    forbidden=FINISHED,
)


# Plug it in


class Parts:
    """Both parts."""

    BatchNorm1d = PlainBatchNorm
    calibrate = staticmethod(calibrated)


CALIBRATION = "After the calibration mean and variance are those of all examples: `checks.calibrate` looks closer."

trained_running_statistics = Check(
    tasks.trained_running_statistics,
    right=Parts,
    forbidden=FINISHED,
    outcomes=LAYER_OUTCOMES
    | STATISTICS_OUTCOMES
    | {
        tasks.MEANS_OFF: (
            "running-mean-off",
            "After 60 steps the running means are elsewhere: which weight does the new batch get?",
        ),
        tasks.STDS_OFF: (
            "running-variance-off",
            "After 60 steps the running variance is a different one: what moves it, and from where?",
        ),
        ON_NEW: (
            "loss-in-evaluation-off",
            "In evaluation the trained network predicts otherwise: which statistics does your layer use there?",
        ),
        tasks.CALIBRATED_MEANS: ("calibration-off", CALIBRATION),
        tasks.CALIBRATED_STDS: ("calibration-off", CALIBRATION),
    },
)
