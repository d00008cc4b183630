"""Check of assignment 05: BatchNorm1d in training mode, with gradients flowing through the statistics."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from bncourse.judging.answers.normalisation import LAYER_OUTCOMES, PlainBatchNorm, parameters_without_gradient
from bncourse.judging.answers.written_out import LayerByHand, forms
from bncourse.judging.check import Check
from bncourse.judging.mistakes import written
from bncourse.observing.tasks import exercise_05_batchnorm_in_the_network as tasks
from bncourse.plugged import ON_NEW

__all__ = ["batchnorm_training", "trained_batchnorm"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm")


class TrainingBatchNorm(PlainBatchNorm):
    """BatchNorm for training alone: it remembers nothing."""

    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        """There are no running statistics."""

    def check(self, x: Tensor) -> None:
        """Take any batch."""


class UnbiasedNormaliser(TrainingBatchNorm):
    def var(self, x: Tensor) -> Tensor:
        return x.var(self.dims, keepdim=True)


class UnbiasedStdPlusEps(TrainingBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (x.std(self.dims, keepdim=True) + self.eps)


class StatisticsWithoutGradient(TrainingBatchNorm):
    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).detach()

    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class MeanWithoutGradient(TrainingBatchNorm):
    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).detach()


class VarianceWithoutGradient(TrainingBatchNorm):
    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class InputWithoutGradient(TrainingBatchNorm):
    """Gamma and beta get their gradients, and the layers below get none: where does the path back to `x` end?"""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return super().normalised(x, mean, var).detach()


class NotTrainable(TrainingBatchNorm):
    """Gamma and beta are tensors that require no gradient. How does torch know what is to be learned?"""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        self.gamma.requires_grad_(False)
        self.beta.requires_grad_(False)


class NoParameters(TrainingBatchNorm):
    def parameters(self, recurse: bool = True) -> list[Tensor]:
        return []


class ParametersAsAttribute(TrainingBatchNorm):
    """Optimisers call `layer.parameters()`: it is a method, with parentheses, and gives an iterable of tensors."""

    def __getattribute__(self, name: str) -> Any:
        return [self.gamma, self.beta] if name == "parameters" else super().__getattribute__(name)


class ParametersMissing:
    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        self.eps = eps
        self.gamma, self.beta = torch.ones(dim, requires_grad=True), torch.zeros(dim, requires_grad=True)

    def __call__(self, x: Tensor) -> Tensor:
        return (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + self.eps) * self.gamma + self.beta


class GammaStartsAtZero(TrainingBatchNorm):
    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        nn.init.zeros_(self.gamma)


class BetaStartsAtOne(TrainingBatchNorm):
    """An untouched layer only normalises: at which beta does it?"""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        nn.init.ones_(self.beta)


class ParametersOfTwoDimensions(TrainingBatchNorm):
    """The outputs are right, and gamma and beta have a dimension too many: their shape is (dim,), as in torch."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        self.gamma = nn.Parameter(torch.ones(1, dim))
        self.beta = nn.Parameter(torch.zeros(1, dim))

    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        return values


class OneGammaForAll(TrainingBatchNorm):
    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        self.gamma = nn.Parameter(torch.ones(1))
        self.beta = nn.Parameter(torch.zeros(1))


class EpsOutsideRoot(TrainingBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / ((x - mean).square().mean(self.dims, keepdim=True).sqrt() + self.eps)


class EpsMissing(TrainingBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / var.sqrt()


class EpsIgnored(TrainingBatchNorm):
    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, 1e-5)


class EpsSquared(TrainingBatchNorm):
    """The formula adds eps to the variance as it is: here something has happened to it first."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / torch.sqrt(var + self.eps**2)


class DividesByVariance(TrainingBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (var + self.eps)


class StatisticsOverFeatures(TrainingBatchNorm):
    dims = (1,)


class StatisticsLinedUpWrongly(TrainingBatchNorm):
    """Rows are examples and columns are features. A feature's mean is over the examples: along which dimension is
    that?
    """

    def mean(self, x: Tensor) -> Tensor:
        return x.mean(1)

    def var(self, x: Tensor) -> Tensor:
        return x.var(1, correction=0)


class StatisticsOverEverything(TrainingBatchNorm):
    """One mean and one variance for the whole batch: each feature has its own."""

    dims = (0, 1)


class GammaMissing(TrainingBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return xhat + self.beta


class BetaMissing(TrainingBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.gamma * xhat


class ThirdStepMissing(TrainingBatchNorm):
    """Of the three steps two are there: what happens to the normalised numbers?"""

    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return xhat


class BetaBeforeGamma(TrainingBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.gamma * (xhat + self.beta)


class GammaAndBetaSwapped(TrainingBatchNorm):
    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return self.beta * xhat + self.gamma


class ScaledBeforeNormalising(TrainingBatchNorm):
    """Normalising takes away any scale and shift that came before it: when must gamma and beta be applied?"""

    def forward(self, x: Tensor) -> Tensor:
        x = self.gamma * x + self.beta
        return self.normalised(x, self.mean(x), self.var(x))


class MeanNotSubtracted(TrainingBatchNorm):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x / torch.sqrt(var + self.eps)


class OnlyCentred(TrainingBatchNorm):
    """The mean is gone, and the spread is that of the input: the division is missing."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x - mean


class MeanOfSquares(TrainingBatchNorm):
    """For the variance something is squared and averaged. What must be subtracted first?"""

    def var(self, x: Tensor) -> Tensor:
        return x.square().mean(self.dims, keepdim=True)


class SumOfSquares(TrainingBatchNorm):
    """Twice the examples with the same spread should have the same variance: by what is the sum divided?"""

    def var(self, x: Tensor) -> Tensor:
        return super().var(x) * len(x)


class OnePassVariance(TrainingBatchNorm):
    def var(self, x: Tensor) -> Tensor:
        return (x * x).mean(self.dims, keepdim=True) - self.mean(x).square()


class RunningStatistics(PlainBatchNorm):
    """In training the outputs of a batch have mean 0 and variance 1, before gamma and beta: whose statistics make
    them so?
    """

    def forward(self, x: Tensor) -> Tensor:
        self.update(self.mean(x), self.var(x), len(x))
        return self.scaled(self.normalised(x, self.running_mean, self.running_var), x)


class StartingStatistics(TrainingBatchNorm):
    def forward(self, x: Tensor) -> Tensor:
        return self.scaled(self.normalised(x, self.running_mean, self.running_var), x)


class FirstBatchRemembered(TrainingBatchNorm):
    """The first batch is right and the next one is not: whose mean and variance is it normalised with?"""

    def forward(self, x: Tensor) -> Tensor:
        if not hasattr(self, "first"):
            self.first = self.mean(x), self.var(x)
            return self.scaled(self.normalised(x, *self.first), x)
        mean, var = self.first
        return self.scaled(self.normalised(x, mean.detach(), var.detach()), x)


class TanhInside(TrainingBatchNorm):
    """The activation is a layer of its own, and comes after this one."""

    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        return super().scaled(xhat, x).tanh()


class StatisticsReturnedToo(TrainingBatchNorm):
    """A layer returns its output alone: the next layer would not know what to do with a tuple."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return super().forward(x), self.mean(x), self.var(x)


class ChangesItsInput(TrainingBatchNorm):
    def forward(self, x: Tensor) -> Tensor:
        x -= self.mean(x)
        return super().forward(x)


class AttributeNeverSet(TrainingBatchNorm):
    """An attribute is read that was never set: is its name the same in both places, with `self.` before it?"""

    def forward(self, x: Tensor) -> Tensor:
        return self.never_set


class PrecisionLost(TrainingBatchNorm):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.float())


batchnorm_training = Check(
    tasks.batchnorm_training,
    right=TrainingBatchNorm,
    wrong=(
        UnbiasedNormaliser,
        UnbiasedStdPlusEps,
        StatisticsWithoutGradient,
        MeanWithoutGradient,
        VarianceWithoutGradient,
        InputWithoutGradient,
        parameters_without_gradient(TrainingBatchNorm),
        NotTrainable,
        NoParameters,
        ParametersAsAttribute,
        ParametersMissing,
        GammaStartsAtZero,
        BetaStartsAtOne,
        ParametersOfTwoDimensions,
        OneGammaForAll,
        EpsOutsideRoot,
        EpsMissing,
        EpsIgnored,
        EpsSquared,
        DividesByVariance,
        written(StatisticsOverFeatures, StatisticsLinedUpWrongly),
        StatisticsOverEverything,
        GammaMissing,
        BetaMissing,
        ThirdStepMissing,
        BetaBeforeGamma,
        GammaAndBetaSwapped,
        ScaledBeforeNormalising,
        MeanNotSubtracted,
        OnlyCentred,
        MeanOfSquares,
        SumOfSquares,
        OnePassVariance,
        written(RunningStatistics, StartingStatistics),
        FirstBatchRemembered,
        TanhInside,
        StatisticsReturnedToo,
        ChangesItsInput,
        AttributeNeverSet,
        PrecisionLost,
    ),
    forbidden=FINISHED,
    forms=forms(TrainingBatchNorm, LayerByHand),
)


# Plug it in


trained_batchnorm = Check(
    tasks.trained_batchnorm,
    right=TrainingBatchNorm,
    forbidden=FINISHED,
    outcomes=LAYER_OUTCOMES
    | {
        tasks.SATURATED: (
            "saturation-off",
            "Another share of the units is saturated behind your layer: what are the mean and the std of its output?",
        ),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else: `checks.batchnorm_training` looks closer.",
        ),
    },
)
