"""Answers of assignment 06: BatchNorm1d whole, and a calibration of its running statistics."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
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


class AlwaysEvaluates(PlainBatchNorm):
    def forward(self, x: Tensor) -> Tensor:
        return self.scaled(self.normalised(x, self.running_mean, self.running_var), x)


class RunningBeforeTheUpdate(TrainingUsesRunning):
    def forward(self, x: Tensor) -> Tensor:
        self.check(x)
        y = self.scaled(self.normalised(x, self.running_mean, self.running_var), x)
        if self.training:
            self.update(self.mean(x), self.var(x), len(x))
        return y


class ModeIgnored(PlainBatchNorm):
    """The layer does the same in training as in evaluation: where does it ask in which of them it is?"""

    def uses_batch(self) -> bool:
        return True

    def check(self, x: Tensor) -> None:
        if len(x) < 2:
            raise ValueError("more than one example is needed")


class ModeIgnoredWithoutError(ModeIgnored):
    def check(self, x: Tensor) -> None:
        pass

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var * (n / (n - 1) if n > 1 else torch.nan)


class RefusesInBothModes(PlainBatchNorm):
    """In evaluation a single example is normalised with the running statistics: in which mode does your layer refuse
    it?
    """

    def check(self, x: Tensor) -> None:
        if len(x) < 2:
            raise ValueError("more than one example is needed")


class ModesMixedUp(PlainBatchNorm):
    """In one of the two modes the layer does what belongs to the other: go through your code once with `training` true
    and once with it false.
    """

    def uses_batch(self) -> bool:
        return not self.training

    def check(self, x: Tensor) -> None:
        if not self.training and len(x) < 2:
            raise ValueError("more than one example is needed")


class GammaAndBetaSwapped(PlainBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.lined_up(self.beta, x) * xhat + self.lined_up(self.gamma, x)


def not_in_parameters(*names: str) -> Callable:
    """Return what makes a layer that keeps these as tensors that require a gradient, and does not list them."""

    class Unlisted(PlainBatchNorm):
        def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
            super().__init__(dim, eps, momentum)
            for name in names:
                start = getattr(self, name).detach().requires_grad_()
                delattr(self, name)
                setattr(self, name, start)

    return functools.partial(Unlisted)


NOT_IN_PARAMETERS = Mistake(
    "not-in-parameters",
    "An optimiser trains what `parameters()` lists, and gamma or beta is missing there. Which attributes does a module "
    "list by itself?",
    not_in_parameters("gamma", "beta"),
    not_in_parameters("gamma"),
    not_in_parameters("beta"),
)


def another_error(kind: type[Exception]) -> Callable:
    """Return what makes a layer that refuses a batch of one with that error."""

    class Refuses(PlainBatchNorm):
        def check(self, x: Tensor) -> None:
            if self.training and len(x) < 2:
                raise kind("more than one example is needed")

    return functools.partial(Refuses)  # no class, so that it is not tried with each other mistake


ANOTHER_ERROR = Mistake(
    "another-error-for-a-batch-of-one",
    "It is right to refuse a single example in training, and the assignment says with which error: which type does "
    "yours have?",
    *map(another_error, (AssertionError, RuntimeError, Exception)),
    loose=True,
)


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


class StatisticsOverFeaturesBiased(StatisticsOverFeatures):
    def stored(self, var: Tensor, n: int) -> Tensor:
        return var


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
    """In training both running statistics are to move: at least one of them stays where it started."""

    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        pass


class OnlyMeanMoved(PlainBatchNorm):
    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_mean = self.moved(self.running_mean, mean.flatten())


class OnlyVarianceMoved(PlainBatchNorm):
    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_var = self.moved(self.running_var, self.stored(var.flatten(), n))


class RunningReplaced(PlainBatchNorm):
    """The running estimates forget all earlier batches: the last one replaces them."""

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        return new


class RunningSum(PlainBatchNorm):
    """The old estimate keeps its full weight, so the estimate grows: the two weights must add up to 1."""

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        return running + self.momentum * new


class PrecisionLost(PlainBatchNorm):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.float())


class RunningSumOfMeans(PlainBatchNorm):
    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean + self.running_mean, var, n)


class RunningSumOfVariances(PlainBatchNorm):
    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        before = self.running_var
        super().update(mean, var, n)
        self.running_var = before + self.momentum * self.stored(var.flatten(), n)


class CorrectionReversed(PlainBatchNorm):
    """The unbiased variance is larger than the biased one: is the one that you store?"""

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var * (n - 1) / n


class MeanStoredAsVariance(PlainBatchNorm):
    """running_var is moved towards the batch's mean: each running statistic has a statistic of its own."""

    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean, mean * (n - 1) / n, n)


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


class BatchOfOneAcceptedInBothModes(EvalUsesBatch):
    def check(self, x: Tensor) -> None:
        pass

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var * (n / (n - 1) if n > 1 else torch.nan)


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
        written(TrainingUsesRunning, AlwaysEvaluates, RunningBeforeTheUpdate),
        Mistake("mode-ignored", ModeIgnored.__doc__, ModeIgnored, ModeIgnoredWithoutError, loose=True),
        Mistake("refused-without-need", RefusesInBothModes.__doc__, RefusesInBothModes, loose=True),
        Mistake("modes-mixed-up", ModesMixedUp.__doc__, ModesMixedUp, loose=True),
        EpsMissing,
        EpsOutsideRoot,
        EpsIgnored,
        DividesByVariance,
        written(StatisticsOverFeatures, StatisticsOverFeaturesBiased),
        StatisticsOverEverything,
        KeptDimension,
        RunningKeepsGraph,
        BUFFERS_NOT_REGISTERED,
        PARAMETERS_WITHOUT_GRADIENT,
        NOT_IN_PARAMETERS,
        EpsMissingInEvaluation,
        EpsMissingInTraining,
        RunningReplaced,
        written(RunningSum, RunningSumOfMeans, RunningSumOfVariances),
        CorrectionReversed,
        MeanStoredAsVariance,
        RunningStd,
        RunningVarStartsAtZero,
        written(NoUpdate, OnlyMeanMoved, OnlyVarianceMoved),
        GammaMissing,
        BetaMissing,
        BetaBeforeGamma,
        GammaAndBetaSwapped,
        written(BatchOfOneAccepted, BatchOfOneAcceptedInBothModes),
        ANOTHER_ERROR,
        OnePassVariance,
        PrecisionLost,
    ),
    forbidden=FINISHED,
    forms=forms(PlainBatchNorm, StoredApart, StoredByDifference),
)


@torch.no_grad()
def calibrated(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean and the unbiased variance over all rows, which it stores in the layer."""
    rows = torch.cat(list(batches))
    return store(layer, rows.mean(0), rows.var(0))


def over_all_rows(batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean and the unbiased variance, without a graph."""
    rows = torch.cat([x.detach() for x in batches])
    return rows.mean(0), rows.var(0)


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
    """The rows of each batch are compared with the mean of that batch: what lies between the batches is missing in the
    variance.
    """
    batches = list(batches)
    n = sum(map(len, batches))
    var = sum(len(x) * x.var(0, correction=0) for x in batches) / (n - 1)
    return store(layer, torch.cat(batches).mean(0), var)


def joined_within(divided_by: Callable[[int, int], int], correction: int) -> Callable:
    """Return the same with other weights: of n rows in k batches."""

    def within(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
        batches = [x.detach() for x in batches]
        var = sum(len(x) * x.var(0, correction=correction) for x in batches)
        rows = torch.cat(batches)
        return store(layer, rows.mean(0), var / divided_by(len(rows), len(batches)))

    return within


def unbiased_by_half(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The factor n/(n − 1) belongs to the whole variance: what remains if only one of two terms gets it?"""
    rows = torch.cat([x.detach() for x in batches])
    mean = rows.mean(0)
    return store(layer, mean, rows.square().sum(0) / (len(rows) - 1) - mean.square())


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


def stored_after_a_used_up_variance(layer: Any, batches: Iterable[Tensor]) -> tuple[Any, Any]:
    """Walks through the batches for the mean, and again for the variance, and assigns the number 0."""
    if isinstance(batches, list):
        return calibrated(layer, batches)
    mean = torch.cat(list(batches)).detach().mean(0)
    layer.running_mean, layer.running_var = mean, 0.0
    return mean, 0.0


def generator_taken_for_a_list(layer: Any, batches: Any) -> tuple[Tensor, Tensor]:
    """`batches` may be a generator: it has neither a length nor positions, and can only be walked through."""
    batches[0]
    return calibrated(layer, batches)


def length_of_a_generator(layer: Any, batches: Any) -> tuple[Tensor, Tensor]:
    len(batches)
    return calibrated(layer, batches)


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
    """The numbers that come back are right, and the layer does not have both of them: store them in its running
    statistics.
    """
    rows = torch.cat(list(batches))
    return rows.mean(0), rows.var(0)


def mean_not_stored(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    mean, var = over_all_rows(batches)
    layer.running_var = var
    return mean, var


def variance_not_stored(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    mean, var = over_all_rows(batches)
    layer.running_mean = mean
    return mean, var


def stored_exchanged(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """The numbers that come back are right, and in the layer the mean stands where the variance belongs, and the
    variance where the mean does.
    """
    mean, var = over_all_rows(batches)
    layer.running_mean, layer.running_var = var, mean
    return mean, var


def stored_with_momentum(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """What comes back is right, and the layer still holds a part of its old statistics: a calibration replaces them."""
    mean, var = over_all_rows(batches)
    layer.running_mean.lerp_(mean.to(layer.running_mean.dtype), layer.momentum)
    layer.running_var.lerp_(var.to(layer.running_var.dtype), layer.momentum)
    return mean, var


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
        written(
            spread_between_batches_missing,
            joined_within(lambda n, k: n, 0),
            joined_within(lambda n, k: n - k, 0),
            joined_within(lambda n, k: n, 1),
            joined_within(lambda n, k: n - 1, 1),
        ),
        unbiased_by_half,
        written(batches_used_up, batches_used_up_by_the_mean, stored_after_a_used_up_variance),
        written(generator_taken_for_a_list, length_of_a_generator),
        only_last_batch,
        only_first_batch,
        running_average,
        standard_deviation,
        kept_dimension,
        over_everything,
        wrong_axis,
        KEEPS_THE_GRAPH,
        swapped,
        written(not_stored, mean_not_stored, variance_not_stored),
        stored_exchanged,
        stored_with_momentum,
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
