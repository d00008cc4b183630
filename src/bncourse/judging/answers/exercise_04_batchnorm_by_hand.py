"""Check of assignment 04: the three steps of Batch Normalization in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bncourse.judging.answers.written_out import centred_steps
from bncourse.judging.check import Check
from bncourse.judging.mistakes import as_function, in_steps
from bncourse.observing.tasks import exercise_04_batchnorm_by_hand as tasks
from bncourse.plugged import ON_NEW

__all__ = ["batchnorm_forward", "trained_forward"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm", "normalize")


Two = tuple[Any, Any]
Three = tuple[Any, Any, Any]


class ThreeSteps:
    """BatchNorm of a batch, with each step in a method of its own, so that a mistake is one method written differently.

    It is computed in float64 and rounded at the end.
    """

    def __call__(self, x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
        """The output, the mean, the variance."""
        y, mean, var = self.steps(x.astype(float), gamma.astype(float), beta.astype(float), eps)
        return self.result(y.astype(x.dtype), mean.astype(x.dtype), var.astype(x.dtype))

    def steps(self, x: NDArray, gamma: NDArray, beta: NDArray, eps: float) -> Three:
        """The three steps."""
        mean = self.mean(x)
        var = self.variance(x, mean)
        xhat = self.normalised(x, mean, self.divisor(x, var, eps))
        y = self.scaled_and_shifted(xhat, gamma, beta)
        return y, *self.statistics(x, mean, var, xhat, y, eps)

    def mean(self, x: NDArray) -> NDArray:
        """One per feature."""
        return x.mean(axis=0)

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        """One per feature, biased."""
        return ((x - x.mean(axis=0)) ** 2).mean(axis=0)

    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        """The standard deviation."""
        return np.sqrt(var + eps)

    def normalised(self, x: NDArray, mean: NDArray, divisor: NDArray) -> NDArray:
        """The first two steps."""
        return self.centred(x, mean) / divisor

    def centred(self, x: NDArray, mean: NDArray) -> NDArray:
        """The numerator."""
        return x - mean

    def scaled_and_shifted(self, xhat: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
        """The third step."""
        return self.shifted(self.scaled(xhat, gamma), beta)

    def scaled(self, xhat: NDArray, gamma: NDArray) -> NDArray:
        """Times gamma."""
        return gamma * xhat

    def shifted(self, scaled: NDArray, beta: NDArray) -> NDArray:
        """Plus beta."""
        return scaled + beta

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        """The mean and the variance that are returned."""
        return mean, var

    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Any:
        """What is returned."""
        return y, mean, var


class AsGiven(ThreeSteps):
    """The same in the precision of the input."""

    def __call__(self, x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
        return self.result(*self.steps(x, gamma, beta, eps))


class UnbiasedVariance(ThreeSteps):
    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return x.var(axis=0, ddof=1)


class UnbiasedVarianceReturned(ThreeSteps):
    """The output is right, and `var` is another variance than the one that it was normalised with."""

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return mean, x.var(axis=0, ddof=1)


class UnbiasedNormaliser(ThreeSteps):
    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(x.var(axis=0, ddof=1) + eps)


class StatisticsOverFeatures(ThreeSteps):
    def mean(self, x: NDArray) -> NDArray:
        return x.mean(axis=1, keepdims=True)

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return x.var(axis=1, keepdims=True)

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return mean[:, 0], var[:, 0]


class ColumnsOfStatistics(StatisticsOverFeatures):
    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return mean, var


class StatisticsThatDoNotLineUp(ThreeSteps):
    def mean(self, x: NDArray) -> NDArray:
        return x.mean(axis=1)

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return x.var(axis=1)


class StatisticsOverEverything(ThreeSteps):
    """One mean and one variance for the whole batch: each feature has its own."""

    def mean(self, x: NDArray) -> NDArray:
        return x.mean()

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return x.var()


class OneNumberForEachFeature(StatisticsOverEverything):
    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return np.full_like(x[0], mean), np.full_like(x[0], var)


class KeptDimension(ThreeSteps):
    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y, mean[None], var[None]


class EpsOutsideRoot(ThreeSteps):
    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(var) + eps


class EpsMissing(ThreeSteps):
    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(var)


class EpsIgnored(ThreeSteps):
    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(var + 1e-5)


class EpsAsSmallestDivisor(ThreeSteps):
    """The formula always adds eps to the variance, and not only where the variance is small."""

    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(np.maximum(var, eps))


class EpsSquared(ThreeSteps):
    """The formula adds eps to the variance as it is: here something has happened to it first."""

    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(var + eps**2)


class EpsSubtracted(ThreeSteps):
    """Here eps is subtracted, and a feature that hardly varies has a root of a negative number: look at the sign."""

    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(var - eps)


class DividesByVariance(ThreeSteps):
    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return var + eps


class MultipliesByStd(ThreeSteps):
    def normalised(self, x: NDArray, mean: NDArray, divisor: NDArray) -> NDArray:
        return self.centred(x, mean) * divisor


class RootTakenTwice(ThreeSteps):
    """A root too many: what NumPy's `std` returns is the root of a variance already."""

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return x.std(axis=0)


class RootTakenTwiceInTheDivisor(ThreeSteps):
    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(np.sqrt(var) + eps)


class BracketsMissing(ThreeSteps):
    """A division comes before a subtraction: what is to be divided, the mean alone or the whole difference?"""

    def normalised(self, x: NDArray, mean: NDArray, divisor: NDArray) -> NDArray:
        return x - mean / divisor


class DividedByFeatures(ThreeSteps):
    """A mean over the examples divides by how many of them there are, and not by how many features."""

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return ((x - mean) ** 2).sum(axis=0) / x.shape[1]


class MeanDividedByFeatures(ThreeSteps):
    def mean(self, x: NDArray) -> NDArray:
        return x.sum(axis=0) / x.shape[1]

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return ((x - mean) ** 2).mean(axis=0)


class BothDividedByFeatures(DividedByFeatures, MeanDividedByFeatures):
    """The mean and the variance."""


class VarianceOfZero(ThreeSteps):
    """The variance comes out as 0, whatever x is: what do the distances from the mean add up to as long as none is
    squared?
    """

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return 0 * x[0]


class OnlyLastFeature(ThreeSteps):
    """`mean` and `var` are those of the last feature: does a loop over the features overwrite them?"""

    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y, mean[-1], var[-1]


class StdReturned(ThreeSteps):
    """The third is to be the variance: this is its root."""

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return mean, np.sqrt(var)


class DivisorReturned(ThreeSteps):
    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return mean, np.sqrt(var + eps)


class VarianceWithEpsReturned(ThreeSteps):
    """The third is to be the variance alone: eps belongs to the division."""

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return mean, var + eps


class MeanAndVarianceSwapped(ThreeSteps):
    """All three are right, and two have changed places."""

    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y, var, mean


class OutputComesLast(ThreeSteps):
    """All three are right, in another order than the assignment's."""

    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return mean, var, y


class StatisticsOfTheOutput(ThreeSteps):
    """The mean and the variance that are returned are the output's. Whose are wanted?"""

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return y.mean(axis=0), y.var(axis=0)


class StatisticsOfTheNormalised(ThreeSteps):
    """The mean and the variance are taken after normalising, where they are 0 and 1. Whose are wanted?"""

    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return xhat.mean(axis=0), xhat.var(axis=0)


class MeanOfTheNormalised(ThreeSteps):
    def statistics(self, x: NDArray, mean: NDArray, var: NDArray, xhat: NDArray, y: NDArray, eps: float) -> Two:
        return 0 * x[0], var


class NotThreeResults(ThreeSteps):
    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> NDArray:
        return y


class GammaMissing(ThreeSteps):
    def scaled(self, xhat: NDArray, gamma: NDArray) -> NDArray:
        return xhat


class BetaMissing(ThreeSteps):
    def shifted(self, scaled: NDArray, beta: NDArray) -> NDArray:
        return scaled


class ThirdStepMissing(ThreeSteps):
    """Of the three steps two are there: what happens to the normalised numbers?"""

    def scaled_and_shifted(self, xhat: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
        return xhat


class BetaBeforeGamma(ThreeSteps):
    def scaled_and_shifted(self, xhat: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
        return gamma * (xhat + beta)


class GammaAndBetaSwapped(ThreeSteps):
    def scaled_and_shifted(self, xhat: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
        return beta * xhat + gamma


class BetaSubtracted(ThreeSteps):
    def shifted(self, scaled: NDArray, beta: NDArray) -> NDArray:
        return scaled - beta


class OneGammaForAll(ThreeSteps):
    def scaled_and_shifted(self, xhat: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
        return gamma[0] * xhat + beta[0]


class GammaAsColumn(ThreeSteps):
    """Each column of x has its own gamma and beta. Do they lie along the rows or along the columns here?"""

    def scaled_and_shifted(self, xhat: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
        return gamma[:, None] * xhat + beta[:, None]


class ScaledBeforeNormalising(ThreeSteps):
    """Normalising takes away any scale and shift that came before it: when must gamma and beta be applied?"""

    def steps(self, x: NDArray, gamma: NDArray, beta: NDArray, eps: float) -> Three:
        return super().steps(gamma * x + beta, np.ones_like(gamma), np.zeros_like(beta), eps)


class MeanNotSubtracted(ThreeSteps):
    def centred(self, x: NDArray, mean: NDArray) -> NDArray:
        return x


class OnlyCentred(ThreeSteps):
    """The mean is gone, and the spread is that of the input: the division is missing."""

    def normalised(self, x: NDArray, mean: NDArray, divisor: NDArray) -> NDArray:
        return self.centred(x, mean)


class MeanOfSquares(ThreeSteps):
    """For the variance something is squared and averaged. What must be subtracted first?"""

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return (x**2).mean(axis=0)


class SumOfSquares(ThreeSteps):
    """Twice the examples with the same spread should have the same variance: by what is the sum divided?"""

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return ((x - mean) ** 2).sum(axis=0)


class AbsoluteDeviation(ThreeSteps):
    """The distances from the mean are averaged as they are; in a variance they are squared."""

    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return np.abs(x - mean).mean(axis=0)


class RangeForSpread(ThreeSteps):
    """The largest less the smallest says how wide a feature is; the formula divides by something else."""

    def divisor(self, x: NDArray, var: NDArray, eps: float) -> NDArray:
        return np.ptp(x, axis=0) + eps


class MedianForMean(ThreeSteps):
    def mean(self, x: NDArray) -> NDArray:
        return np.median(x, axis=0)


class OnePassVariance(AsGiven):
    def variance(self, x: NDArray, mean: NDArray) -> NDArray:
        return (x * x).mean(axis=0) - x.mean(axis=0) ** 2


class PrecisionLost(ThreeSteps):
    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y.astype("float32"), mean.astype("float32"), var.astype("float32")


class OutputLosesPrecision(ThreeSteps):
    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y.astype("float32"), mean, var


class Rounded(ThreeSteps):
    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y.round(3), mean.round(3), var.round(3)


def output_rounded(digits: int) -> type[ThreeSteps]:
    """Return the three steps with an output of so many digits behind the point."""

    class OutputRounded(ThreeSteps):
        def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
            return y.round(digits), mean, var

    return OutputRounded


class TorchForNumpy(ThreeSteps):
    """The arrays that come in are NumPy's, and those that come back are to be NumPy's too."""

    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return torch.from_numpy(y), torch.from_numpy(mean), torch.from_numpy(var)


class ListsForArrays(ThreeSteps):
    """Lists of numbers come back: the assignment asks for NumPy arrays."""

    def result(self, y: NDArray, mean: NDArray, var: NDArray) -> Three:
        return y.tolist(), mean.tolist(), var.tolist()


batchnorm_forward = Check(
    tasks.batchnorm_forward,
    right=as_function(ThreeSteps),
    wrong=(
        in_steps(UnbiasedVariance),
        in_steps(UnbiasedVarianceReturned),
        in_steps(UnbiasedNormaliser),
        in_steps(StatisticsOverFeatures, ColumnsOfStatistics, StatisticsThatDoNotLineUp),
        in_steps(StatisticsOverEverything, OneNumberForEachFeature),
        in_steps(KeptDimension),
        in_steps(EpsOutsideRoot),
        in_steps(EpsMissing),
        in_steps(EpsIgnored),
        in_steps(EpsAsSmallestDivisor),
        in_steps(EpsSquared),
        in_steps(EpsSubtracted),
        in_steps(DividesByVariance),
        in_steps(MultipliesByStd),
        in_steps(RootTakenTwice, RootTakenTwiceInTheDivisor),
        in_steps(BracketsMissing),
        in_steps(DividedByFeatures, BothDividedByFeatures, MeanDividedByFeatures),
        in_steps(VarianceOfZero),
        in_steps(OnlyLastFeature),
        in_steps(StdReturned, DivisorReturned),
        in_steps(VarianceWithEpsReturned),
        in_steps(MeanAndVarianceSwapped),
        in_steps(OutputComesLast),
        in_steps(StatisticsOfTheOutput),
        in_steps(StatisticsOfTheNormalised, MeanOfTheNormalised),
        in_steps(NotThreeResults),
        in_steps(GammaMissing),
        in_steps(BetaMissing),
        in_steps(ThirdStepMissing),
        in_steps(BetaBeforeGamma),
        in_steps(GammaAndBetaSwapped),
        in_steps(BetaSubtracted),
        in_steps(OneGammaForAll),
        in_steps(GammaAsColumn),
        in_steps(ScaledBeforeNormalising),
        in_steps(MeanNotSubtracted),
        in_steps(OnlyCentred),
        in_steps(MeanOfSquares),
        in_steps(SumOfSquares),
        in_steps(AbsoluteDeviation),
        in_steps(RangeForSpread),
        in_steps(MedianForMean),
        in_steps(OnePassVariance),
        in_steps(PrecisionLost, OutputLosesPrecision),
        in_steps(Rounded, *map(output_rounded, (2, 3, 4))),
        in_steps(TorchForNumpy),
        in_steps(ListsForArrays),
    ),
    forbidden=FINISHED,
    forms=(centred_steps,),
)


# Plug it in


trained_forward = Check(
    tasks.trained_forward,
    right=as_function(ThreeSteps),
    forbidden=FINISHED,
    outcomes={
        tasks.MEANS: (
            "mean-off",
            "The means that come back are not those of the units: over which axis were they taken?",
        ),
        tasks.VARIANCES: (
            "variance-off",
            "The variances that come back are not those of the units: `checks.batchnorm_forward` looks closer.",
        ),
        tasks.SPREAD: (
            "output-spread-off",
            "The normalised units do not have the standard deviation that gamma says: by what do you divide?",
        ),
        tasks.SHIFT: (
            "output-mean-off",
            "The normalised units do not have the mean that beta says: is it added, each to its own unit?",
        ),
        tasks.SATURATED: (
            "saturation-off",
            "Another share of the units is saturated behind your normalisation: what are its mean and its std?",
        ),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else: `checks.batchnorm_forward` looks closer.",
        ),
    },
)
