"""Answers of assignment 11: BatchNorm2d for images, BatchNorm3d for video."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bncourse.judging.answers import exercise_06_running_statistics as whole
from bncourse.judging.answers.normalisation import (
    LAYER_OUTCOMES,
    STATISTICS_OUTCOMES,
    PlainBatchNorm,
    not_registered,
    parameters_without_gradient,
)
from bncourse.judging.answers.written_out import StoredApart, StoredByDifference, forms
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_11_images_and_video as tasks

__all__ = ["batchnorm2d", "batchnorm3d", "trained_image_norm"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm", "native_batch_norm", "SyncBatchNorm")


class PlainImageNorm(PlainBatchNorm):
    """BatchNorm with a mean and a variance per channel, over examples and places."""

    def places(self, x: Tensor) -> tuple[int, ...]:
        """The dimensions after the channels."""
        return tuple(range(2, x.ndim))

    def over(self, x: Tensor) -> tuple[int, ...]:
        """What the statistics are taken over."""
        return (0, *self.places(x))


BUFFERS_NOT_REGISTERED = not_registered(PlainImageNorm)
PARAMETERS_WITHOUT_GRADIENT = parameters_without_gradient(PlainImageNorm)


class BesselCountsExamples(PlainImageNorm):
    """The stored variance divides by one less than the number of values that it was taken over: how many does each
    channel have in this batch?
    """

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        examples = n // self.count_of_places
        super().update(mean, var * (1 if examples > 1 else 1.0), max(examples, 2))

    def forward(self, x: Tensor) -> Tensor:
        self.count_of_places = math.prod(x.shape[2:])
        return super().forward(x)


class BesselCountsPlaces(BesselCountsExamples):
    """The stored variance divides by one less than the number of values that it was taken over: examples count too."""

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        PlainImageNorm.update(self, mean, var, max(self.count_of_places, 2))


class StatisticsPerPlace(PlainImageNorm):
    """Each pixel has a mean and a variance of its own here. A filter is the same everywhere in the image: what is one
    feature of a convolution?
    """

    def over(self, x: Tensor) -> tuple[int, ...]:
        return (0,)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        per_channel = tuple(range(2, mean.ndim))
        super().update(mean.mean(per_channel), var.mean(per_channel), n)


class StatisticsPerExample(PlainImageNorm):
    """Each image is normalised by itself, as in InstanceNorm: over what does *batch* norm average besides places?"""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return self.places(x)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean.mean(0), var.mean(0), n)


class StatisticsPerExampleAndPlace(PlainImageNorm):
    """The channels are averaged: each pixel of each image is normalised by itself. What is one feature of an image?"""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return (1,)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean.mean().expand(self.dim), var.mean().expand(self.dim), n)


class OneForAllChannels(PlainImageNorm):
    """All channels share one mean and one variance, so a dark and a bright one stay apart. Which dimension must not be
    averaged?
    """

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(x.ndim))

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean.reshape(1).expand(self.dim), var.reshape(1).expand(self.dim), n)


class StatisticsPerImage(PlainImageNorm):
    """Each image has one mean for all of its channels, as in LayerNorm: what is one feature of an image?"""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(1, x.ndim))

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean.mean().expand(self.dim), var.mean().expand(self.dim), n)


class OneDimensionLeftOut(PlainImageNorm):
    """Positions have more than one dimension, in video the frames are one of them, and the statistics run over only
    some: which are left out?
    """

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(x.ndim))[:1] + self.places(x)[:-1]

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        rest = tuple(range(2, mean.ndim))
        super().update(mean.mean(rest), var.mean(rest), n)


class FirstPlacesLeftOut(OneDimensionLeftOut):
    def over(self, x: Tensor) -> tuple[int, ...]:
        return (0, *self.places(x)[1:])


class ChannelsLast(PlainImageNorm):
    """The channels of a torch tensor come second, (N, C, …); here the last dimension was taken for them."""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(x.ndim - 1))

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        return


class MeanOfVariances(PlainImageNorm):
    """The variance of each image was taken around the image's own mean, and then averaged: what lies between the images
    is missing.
    """

    def var(self, x: Tensor) -> Tensor:
        return x.var(self.places(x), keepdim=True, correction=0).mean(0, keepdim=True)


class BesselCountsEverything(BesselCountsExamples):
    """The stored variance divides by one less than the number of values that it was taken over: which dimensions does
    your count leave out, or count though they are not averaged?
    """

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        PlainImageNorm.update(self, mean, var, n * self.dim)


class BesselWithoutFirstPlaces(BesselCountsExamples):
    left_out = 2

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        PlainImageNorm.update(self, mean, var, max(n // self.length, 2))

    def forward(self, x: Tensor) -> Tensor:
        self.length = x.shape[self.left_out]
        return super().forward(x)


class BesselWithoutLastPlaces(BesselWithoutFirstPlaces):
    left_out = -1


class BesselUpsideDown(PlainImageNorm):
    """The stored variance is smaller than the biased one: an unbiased estimate divides by less, and so is larger."""

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var * (n - 1) / n


class StatisticsMixed(PlainImageNorm):
    """The statistics are those of a table that mixes the channels, and the image itself is left as it is."""

    def mean(self, x: Tensor) -> Tensor:
        return self.lined_up(x.reshape(-1, x.shape[1]).mean(0), x)

    def var(self, x: Tensor) -> Tensor:
        return self.lined_up(x.reshape(-1, x.shape[1]).var(0, correction=0), x)


class RunningStatisticsSpread(PlainImageNorm):
    """What is remembered has one number per channel, shape (dim,): print the shapes of the running mean and of what is
    added to it.
    """

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_mean = self.moved(self.running_mean, mean)
        self.running_var = self.moved(self.running_var, self.stored(var, n))


class StatisticsPerExampleSpread(StatisticsPerExample):
    """Also with all the images' own statistics remembered."""

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        self.running_mean = self.moved(self.running_mean, mean)
        self.running_var = self.moved(self.running_var, self.stored(var, n))


class OneImageByRunningStatistics(PlainImageNorm):
    """A batch of one image is normalised otherwise than a larger one: how many values does a channel have in it?"""

    def uses_batch(self) -> bool:
        return self.training and self.examples > 1

    def forward(self, x: Tensor) -> Tensor:
        self.examples = len(x)
        return super().forward(x)


class TrainingUsesRunning(PlainImageNorm):
    before = False

    def forward(self, x: Tensor) -> Tensor:
        old = self.running_mean, self.running_var
        if self.training:
            self.update(self.mean(x), self.var(x), x.numel() // x.shape[1])
        mean, var = old if self.before else (self.running_mean, self.running_var)
        return self.scaled(self.normalised(x, self.lined_up(mean, x), self.lined_up(var, x)), x)


class TrainingUsesOldRunning(TrainingUsesRunning):
    before = True


class UpdatesInEvaluation(PlainImageNorm):
    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            self.update(self.mean(x), self.var(x), x.numel() // x.shape[1])
        return super().forward(x)


class UpdatesAfterEvaluation(PlainImageNorm):
    def forward(self, x: Tensor) -> Tensor:
        done = super().forward(x)
        if not self.training:
            self.update(self.mean(x), self.var(x), x.numel() // x.shape[1])
        return done


class BatchInEveryMode(PlainImageNorm):
    """Evaluation does what training does, and moves the running statistics too."""

    def uses_batch(self) -> bool:
        return True

    def check(self, x: Tensor) -> None:
        pass


class GammaAndBetaSwapped(PlainImageNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.lined_up(self.beta, x) * xhat + self.lined_up(self.gamma, x)


class GammaStartsAtZero(PlainImageNorm):
    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(dim, eps, momentum)
        torch.nn.init.zeros_(self.gamma)


class GammaWithMoreDimensions(PlainImageNorm):
    """gamma and beta have one dimension, shape (dim,): line them up with x where they are used, and not where they are
    kept.
    """

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(dim, eps, momentum)
        self.gamma = torch.nn.Parameter(torch.ones(1, dim, *self.ones))
        self.beta = torch.nn.Parameter(torch.zeros(1, dim, *self.ones))

    ones: tuple[int, ...] = (1, 1)


class GammaLikeAVideo(GammaWithMoreDimensions):
    ones = (1, 1, 1)


class ParametersMissing(PlainImageNorm):
    def parameters(self, recurse: bool = True) -> list[Tensor]:  # the mistake
        return self.never_set


class GammaAlongLastDimension(PlainImageNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.gamma * xhat + self.beta


class OneExampleRefused(PlainImageNorm):
    """A single image has many values per channel, and so a variance: what must there be two of?"""

    def check(self, x: Tensor) -> None:
        if self.training and len(x) < 2:
            raise ValueError("more than one example is needed")


class VarianceWithoutGradient(PlainImageNorm):
    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class MeanWithoutGradient(PlainImageNorm):
    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).detach()


class VarianceOnly(PlainImageNorm):
    """The spread is right and the mean is not 0: what stands in the numerator?"""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x / torch.sqrt(var + self.eps)


class MeanOnly(PlainImageNorm):
    """The mean is right and the spread is not 1: what is divided by?"""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x - mean


def in_images(mistakes: Sequence[type[PlainBatchNorm]]) -> tuple[type[PlainBatchNorm], ...]:
    """The same mistakes as with features, made with images."""
    kinds = []
    for mistake in mistakes:
        # The mistake's own methods come first, then those for images.
        kind = type(mistake.__name__, (mistake, PlainImageNorm), {"__doc__": mistake.__doc__})
        kinds.append(kind)
    return tuple(kinds)


class UnbiasedNormaliser(PlainImageNorm):
    def var(self, x: Tensor) -> Tensor:
        return x.var(self.over(x), keepdim=True)

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var


class OnlyTheWrongNormaliser(UnbiasedNormaliser):
    """The variance that normalises the batch is that of the batch itself: which divisor makes the outputs' variance
    exactly 1? torch's `var` has another default than NumPy's.
    """

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var * n / (n - 1)


class StatisticsWithoutGradient(PlainImageNorm):
    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).detach()

    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class OnePassVariance(PlainImageNorm):
    def var(self, x: Tensor) -> Tensor:
        return (x * x).mean(self.over(x), keepdim=True) - x.mean(self.over(x), keepdim=True) ** 2


class KeptDimension(PlainImageNorm):
    """What is remembered has one number per channel: shape (dim,). keepdim left further dimensions."""

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        shape = mean.shape
        self.running_mean = self.moved(self.running_mean.reshape(shape), mean)
        self.running_var = self.moved(self.running_var.reshape(shape), self.stored(var, n))


class KeptRow(PlainImageNorm):
    """What is remembered has one number per channel: shape (dim,). keepdim left further dimensions."""

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        super().update(mean, var, n)
        self.running_mean, self.running_var = self.running_mean.reshape(1, -1), self.running_var.reshape(1, -1)


class StatisticsPerExampleStored(StatisticsPerExample):
    """Also with the images' own variances remembered."""

    def check(self, x: Tensor) -> None:
        pass

    def stored(self, var: Tensor, n: int) -> Tensor:
        return var


class PlainTable(PlainImageNorm):
    """BatchNorm of an image as a table with one row for each position, which is put back afterwards."""

    def to_table(self, x: Tensor) -> Tensor:
        """Return a table with one column for each channel."""
        return x.movedim(1, -1).reshape(-1, x.shape[1])

    def to_image(self, table: Tensor, x: Tensor) -> Tensor:
        """Return the numbers of a table in the shape of x."""
        return table.reshape(len(x), *x.shape[2:], x.shape[1]).movedim(-1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.to_image(super().forward(self.to_table(x)), x)


class ChannelsMixed(PlainTable):
    """The table is wrong, and so is the reshape back."""

    def to_table(self, x: Tensor) -> Tensor:
        return x.reshape(-1, x.shape[1])

    def to_image(self, table: Tensor, x: Tensor) -> Tensor:
        return table.reshape(x.shape)


class FramesAsExamples(PlainTable):
    """The frames were made examples of by a reshape, which takes numbers of several channels for one."""

    def to_table(self, x: Tensor) -> Tensor:
        mixed = x.reshape(-1, x.shape[1], *x.shape[3:])
        return mixed.movedim(1, -1).reshape(-1, x.shape[1])

    def to_image(self, table: Tensor, x: Tensor) -> Tensor:
        places = x.shape[3:]
        return table.reshape(-1, *places, x.shape[1]).movedim(-1, 1).reshape(x.shape)


class PutBackMixed(PlainTable):
    """The table is right, but the reshape back is wrong."""

    def to_image(self, table: Tensor, x: Tensor) -> Tensor:
        return table.reshape(x.shape)


class TakenMixed(PlainTable):
    """The table is wrong, but the reshape back is right."""

    def to_table(self, x: Tensor) -> Tensor:
        return x.reshape(-1, x.shape[1])


def alone(kind: type[PlainImageNorm]) -> Callable[..., PlainImageNorm]:
    """A mistake that is looked for by itself, and not together with each of the others, which takes long."""

    def make(dim: int, eps: float = 1e-5, momentum: float = 0.1) -> PlainImageNorm:
        return kind(dim, eps, momentum)

    make.__name__, make.__doc__ = kind.__name__, kind.__doc__
    return make


MISTAKES: tuple[Callable | Mistake, ...] = (
    Mistake(
        "channels-and-positions-mixed",
        "reshape counts through an image in the order in which it lies in memory, and there the channel comes before "
        "the position: a table with one column for each channel needs a permute first, and another to undo it.",
        ChannelsMixed,
        FramesAsExamples,
        PutBackMixed,
        TakenMixed,
        alone(StatisticsMixed),
    ),
    BUFFERS_NOT_REGISTERED,
    PARAMETERS_WITHOUT_GRADIENT,
    Mistake(
        "statistics-per-example",
        StatisticsPerExample.__doc__,
        StatisticsPerExample,
        StatisticsPerExampleStored,
        alone(StatisticsPerExampleSpread),
    ),
    alone(RunningStatisticsSpread),
    Mistake("kept-dimension", KeptDimension.__doc__, KeptDimension, KeptRow),
    BesselCountsExamples,
    BesselCountsPlaces,
    Mistake(
        "bessel-miscounts",
        BesselCountsEverything.__doc__,
        alone(BesselCountsEverything),
        alone(BesselWithoutFirstPlaces),
        alone(BesselWithoutLastPlaces),
    ),
    alone(BesselUpsideDown),
    StatisticsPerPlace,
    StatisticsPerExampleAndPlace,
    OneForAllChannels,
    StatisticsPerImage,
    written(OneDimensionLeftOut, FirstPlacesLeftOut),
    ChannelsLast,
    MeanOfVariances,
    Mistake(
        "not-lined-up-with-channels",
        """In this line two shapes do not fit: write down both. Are the statistics one number for each channel, or are
        they taken over other dimensions? And torch aligns shapes from the right, so that the shape (C,) meets the last
        dimension of x, and not the channels.""",
        GammaAlongLastDimension,
    ),
    OneExampleRefused,
    alone(OneImageByRunningStatistics),
    Mistake(
        "training-uses-running",
        whole.TrainingUsesRunning.__doc__,
        alone(TrainingUsesRunning),
        alone(TrainingUsesOldRunning),
    ),
    Mistake(
        "updates-in-evaluation",
        whole.UpdatesInEvaluation.__doc__,
        alone(UpdatesInEvaluation),
        alone(UpdatesAfterEvaluation),
    ),
    alone(GammaAndBetaSwapped),
    alone(GammaStartsAtZero),
    written(alone(GammaWithMoreDimensions), alone(GammaLikeAVideo)),
    alone(ParametersMissing),
    VarianceWithoutGradient,
    MeanWithoutGradient,
    StatisticsWithoutGradient,
    VarianceOnly,
    MeanOnly,
    written(UnbiasedNormaliser, OnlyTheWrongNormaliser),
    OnePassVariance,
    Mistake(
        "running-requires-gradient",
        """The running estimates require a gradient. Either they drag every batch's graph along, and memory grows with
        each step, or an optimiser takes them for what is learned: update them outside of the graph, and keep them apart
        from gamma and beta.""",
        *in_images((whole.RunningKeepsGraph,)),
    ),
    Mistake(
        "eval-uses-batch", whole.EvalUsesBatch.__doc__, *in_images((whole.EvalUsesBatch,)), alone(BatchInEveryMode)
    ),
    *in_images(
        (
            whole.BiasedRunningVariance,
            whole.MomentumReversed,
            whole.EpsOutsideRoot,
            whole.EpsMissing,
            whole.EpsMissingInEvaluation,
            whole.EpsMissingInTraining,
            whole.EpsIgnored,
            whole.DividesByVariance,
            whole.NoUpdate,
            whole.RunningReplaced,
            whole.RunningVarStartsAtZero,
            whole.GammaMissing,
            whole.BetaMissing,
            whole.BetaBeforeGamma,
        )
    ),
)

FORMS = forms(PlainImageNorm, StoredApart, StoredByDifference)

batchnorm2d = Check(tasks.batchnorm2d, right=PlainImageNorm, wrong=MISTAKES, forbidden=FINISHED, forms=FORMS)
batchnorm3d = Check(tasks.batchnorm3d, right=PlainImageNorm, wrong=MISTAKES, forbidden=FINISHED, forms=FORMS)


# Plug it in


class Parts:
    """Both parts."""

    BatchNorm2d = PlainImageNorm
    BatchNorm3d = PlainImageNorm


trained_image_norm = Check(
    tasks.trained_image_norm,
    right=Parts,
    forbidden=FINISHED,
    outcomes=LAYER_OUTCOMES
    | STATISTICS_OUTCOMES
    | {
        tasks.POSITIONS: (
            "axes-off",
            """The positions of a channel come out with other means: all of them, in all examples, share one mean and
            one variance.""",
        ),
        tasks.ON_SCENES: (
            "loss-in-evaluation-off",
            "In evaluation the trained network predicts otherwise: which statistics does your layer use there?",
        ),
        tasks.MEANS_OFF: (
            "running-mean-off",
            "After 60 steps the running means are elsewhere: over what is the mean of a channel taken?",
        ),
        tasks.STDS_OFF: (
            "running-variance-off",
            "After 60 steps the running variance is a different one: over what is the variance of a channel taken?",
        ),
    },
)
