"""Check of assignment 07: the backward pass of Batch Normalization in NumPy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bncourse.judging.answers.written_out import backward_by_equations, backward_closed, backward_staged
from bncourse.judging.check import Check
from bncourse.judging.mistakes import as_function, in_steps
from bncourse.observing.tasks import exercise_07_backward_pass as tasks
from bncourse.plugged import ON_NEW, PROMISED

__all__ = ["batchnorm_backward", "trained_backward"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm")


Three = tuple[Any, Any, Any]
Kept = SimpleNamespace
"""What a forward pass computes on its way: x, eps, N, centred, var, inv_std, xhat."""


class Backward:
    """The backward pass with each step in a method of its own, so that a mistake is one method written differently.

    It is computed in float64 and rounded at the end.
    """

    statistics_over: int | None = 0
    """The axis of the forward pass's mean and variance."""
    means_over: int | None = 0
    """The axis of the two means of the closed form."""

    def __call__(self, dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
        """The three gradients."""
        dx, dgamma, dbeta = self.gradients(dout.astype(float), x.astype(float), gamma.astype(float), eps)
        return self.result(dx.astype(x.dtype), dgamma.astype(x.dtype), dbeta.astype(x.dtype))

    def gradients(self, dout: NDArray, x: NDArray, gamma: NDArray, eps: float) -> Three:
        """The three gradients in the precision of the input."""
        k = self.kept(x, eps)
        return self.dx(dout, gamma, k), self.dgamma(dout, gamma, k), self.dbeta(dout, gamma, k)

    def kept(self, x: NDArray, eps: float) -> Kept:
        """The forward pass."""
        centred = x - x.mean(axis=self.statistics_over, keepdims=True)
        var = self.variance(x, centred)
        inv_std = self.inv_std(var, eps)
        xhat = self.xhat(x, centred, inv_std)
        return Kept(x=x, eps=eps, N=len(x), centred=centred, var=var, inv_std=inv_std, xhat=xhat)

    def variance(self, x: NDArray, centred: NDArray) -> NDArray:
        """Biased."""
        return (centred**2).mean(axis=self.statistics_over, keepdims=True)

    def inv_std(self, var: NDArray, eps: float) -> NDArray:
        """One over the standard deviation."""
        return 1 / np.sqrt(var + eps)

    def xhat(self, x: NDArray, centred: NDArray, inv_std: NDArray) -> NDArray:
        """The normalised batch."""
        return centred * inv_std

    def dx(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        """The closed form."""
        return self.front(gamma, k) * self.bracket(dout, gamma, k)

    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        """What stands in front of the bracket."""
        return gamma * k.inv_std

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        """The direct way less the two ways through the statistics."""
        return dout - self.by_way_of_mean(dout, gamma, k) - self.by_way_of_variance(dout, gamma, k)

    def by_way_of_mean(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        """The same for the whole batch."""
        return self.averaged(dout)

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        """Along xhat."""
        return k.xhat * self.averaged(dout * k.xhat)

    def averaged(self, values: NDArray) -> NDArray:
        """The mean over the batch."""
        return values.mean(axis=self.means_over, keepdims=True)

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        """Summed over the batch."""
        return (dout * k.xhat).sum(axis=0)

    def dbeta(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        """Summed over the batch."""
        return dout.sum(axis=0)

    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Any:
        """What is returned."""
        return dx, dgamma, dbeta


class StatisticsHeldConstant(Backward):
    """This is `dx` for a mean and a variance that are given. Here they are made of `x`: by which ways does a change
    of one x reach the outputs?
    """

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout


class VariancePathMissing(Backward):
    """Stretching the batch changes no output, so the products of `dx` with `xhat` are to add up to 0, nearly. Which
    way back is missing?
    """

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return np.zeros_like(dout)


class MeanPathMissing(Backward):
    """Shifting the batch changes no output, so `dx` is to add up to 0 over the batch. Which way back is missing?"""

    def by_way_of_mean(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return np.zeros_like(dout)


class VariancePathAdded(Backward):
    """The part of `dx` that comes by way of the variance has the wrong sign. What is the derivative of a power −1/2?"""

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return -super().by_way_of_variance(dout, gamma, k)


class MeanPathAdded(Backward):
    """The part of `dx` that comes by way of the mean has the wrong sign: `x - mean` falls when the mean rises."""

    def by_way_of_mean(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return -super().by_way_of_mean(dout, gamma, k)


class VarianceSumNotDivided(Backward):
    """Each example has an N-th part in the variance: what comes by that way is too heavy in `dx`."""

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return k.N * super().by_way_of_variance(dout, gamma, k)


class MeanSumNotDivided(Backward):
    """Each example has an N-th part in the mean: what comes by that way is too heavy in `dx`."""

    def by_way_of_mean(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return k.N * super().by_way_of_mean(dout, gamma, k)


class SumsNotDivided(VarianceSumNotDivided, MeanSumNotDivided):
    """Each example has an N-th part in the mean and in the variance: the two sums are too heavy in `dx`."""


class NotDividedByN(Backward):
    """All of `dx` is N times too large: what stands in front of the bracket of the closed form?"""

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return k.N * super().bracket(dout, gamma, k)


class DividedByNTwice(Backward):
    """All of `dx` is N times too small: count the divisions by N on the way."""

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().bracket(dout, gamma, k) / k.N


class NMissingInBracket(Backward):
    """In the closed form a 1/N stands before the bracket: what does that ask of `dout` inside of it?"""

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().bracket(dout, gamma, k) - dout + dout / k.N


class FactorTwoMissing(Backward):
    """What comes by way of the variance is half of what it should be: what is the derivative of a square?"""

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) / 2


class HalfMissing(Backward):
    """What comes by way of the variance is twice what it should be: what is the derivative of a root?"""

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return 2 * super().by_way_of_variance(dout, gamma, k)


class WrongPowerOfInvStd(Backward):
    """What comes by way of the variance has a wrong scale: a power −1/2 becomes which power when it is differentiated?
    Try an `x` ten times as large.
    """

    powers = -1.0

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) * k.inv_std**self.powers


class OnePowerMore(WrongPowerOfInvStd):
    powers = 1.0


class TwoPowersMore(WrongPowerOfInvStd):
    powers = 2.0


class TwoPowersLess(WrongPowerOfInvStd):
    powers = -2.0


class PowerBeforeDivision(Backward):
    """A power is taken before a division: `a ** -3 / 2` is half of `a ** -3`. Where do brackets belong?"""

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) * k.inv_std**3 / 2


class PowerBeforeDivisionAndSign(Backward):
    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) * (k.var + k.eps) ** 3 / 2 / k.inv_std**3


class OnePathReplaced(Backward):
    """A value that is used twice gets two gradients, and they add: here the later one has replaced the earlier one."""

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return -self.by_way_of_variance(dout, gamma, k)


class OnlyByWayOfMean(Backward):
    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return np.zeros_like(dout) - self.by_way_of_mean(dout, gamma, k)


class GammaMissingInDx(Backward):
    """On its way back from `y` to `x` the gradient meets gamma, and here `dx` does not depend on it."""

    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        return k.inv_std


class GammaMissingByWayOfVariance(Backward):
    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) / gamma


class GammaMissingByWayOfMean(Backward):
    def by_way_of_mean(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_mean(dout, gamma, k) / gamma


class GammaMissingInSums(GammaMissingByWayOfVariance, GammaMissingByWayOfMean):
    """In `dx` some terms have gamma and others have not: multiply all of them by it, or write it once, in front."""


class GradientOfXhat(Backward):
    """This is the gradient with respect to `xhat`: which steps of the forward pass lead from `x` to `xhat`?"""

    def dx(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return gamma * dout


class DxComesLast(Backward):
    """All three are right, in another order than the assignment's."""

    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return dgamma, dbeta, dx


class DxComesLastInReverse(Backward):
    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return dbeta, dgamma, dx


class DividedByAnotherCount(Backward):
    """N is how many examples there are: `x.shape[1]` counts the features, and `x.size` all entries. Which of them
    divides the sums in `dx`?
    """

    def averaged(self, values: NDArray) -> NDArray:
        return values.sum(axis=0, keepdims=True) / values.shape[1]


class AllEntriesCounted(Backward):
    def averaged(self, values: NDArray) -> NDArray:
        return values.sum(axis=0, keepdims=True) / values.size


class SumsExchanged(Backward):
    """In `dx` the two sums have changed places: by way of the mean comes one, by way of the variance the other. Which
    of them is multiplied by `xhat`?
    """

    def bracket(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout - self.averaged(dout * k.xhat) - k.xhat * self.averaged(dout)


class StdMissingInSums(Backward):
    """In `dx` some terms are divided by the standard deviation and others are not: all of them come back through the
    same division.
    """

    def by_way_of_mean(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_mean(dout, gamma, k) / k.inv_std

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) / k.inv_std


class MeansOverEverything(Backward):
    """Each feature is normalised by itself: in `dx` sums over all features are used."""

    means_over: int | None = None

    def dx(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return k.inv_std * self.bracket(gamma * dout, np.ones_like(gamma), k)


class MeansOverFeatures(MeansOverEverything):
    """Each feature is normalised over the examples: in `dx` sums over the features are used."""

    means_over = 1


class GammaInDgamma(Backward):
    """`y = gamma · xhat + beta` is linear in gamma: does its derivative by gamma still contain gamma?"""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return gamma * super().dgamma(dout, gamma, k)


class GammaInDbeta(Backward):
    """Beta is added last: is there anything left that its gradient is multiplied by?"""

    def dbeta(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return gamma * super().dbeta(dout, gamma, k)


class GammaTwiceInDx(Backward):
    """On its way back from `y` to `x` the gradient meets gamma once: here it is multiplied by it twice."""

    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        return gamma**2 * k.inv_std


class DgammaWithX(Backward):
    """What does gamma multiply in the forward pass, `x` or something that was made of it?"""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return (dout * k.x).sum(axis=0)


class DgammaWithCentred(Backward):
    """What does gamma multiply in the forward pass? It has been centred, and something more."""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return (dout * k.centred).sum(axis=0)


class DgammaWithOutput(Backward):
    """In the forward pass gamma multiplies `xhat`: `dout` was not multiplied by that here."""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout.sum(axis=0)


class ParametersAveraged(Backward):
    """All N examples use the same gamma and beta, so N gradients come back to each. Are they averaged or added?"""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().dgamma(dout, gamma, k) / k.N

    def dbeta(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().dbeta(dout, gamma, k) / k.N


class ParametersNotSummed(Backward):
    """A gradient has the shape of what it belongs to: gamma and beta are of shape (D,). Over what is to be summed?"""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout * k.xhat

    def dbeta(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout


class SummedOverFeatures(Backward):
    """There is one gamma for each feature, and it collects gradients from all examples: which axis is summed over?"""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return (dout * k.xhat).sum(axis=1)

    def dbeta(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout.sum(axis=1)


class SummedOverEverything(Backward):
    """There is one gamma and one beta for each feature: here all features are added up."""

    def dgamma(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return (dout * k.xhat).sum()

    def dbeta(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return dout.sum()


class KeptDimension(Backward):
    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return dx, dgamma[None], dbeta[None]


class UnbiasedVariance(Backward):
    def variance(self, x: NDArray, centred: NDArray) -> NDArray:
        return (centred**2).sum(axis=0, keepdims=True) / (len(x) - 1)


class UnbiasedOnTheWayBack(Backward):
    """In the forward pass the variance was divided by N. By what is its gradient divided in the backward pass?"""

    def by_way_of_variance(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return super().by_way_of_variance(dout, gamma, k) * k.N / (k.N - 1)


class UnbiasedThroughout(UnbiasedVariance, UnbiasedOnTheWayBack):
    """In the forward pass and in the backward pass."""


class StatisticsOverFeatures(Backward):
    statistics_over = 1


class FeaturesOnBothWays(StatisticsOverFeatures):
    means_over = 1


class LayerNormBackward(StatisticsOverFeatures, MeansOverFeatures):
    """The backward pass of the other normalisation, with gamma inside of the sums."""


class LinedUpWrongly(Backward):
    """The shapes of the statistics do not fit."""

    def kept(self, x: NDArray, eps: float) -> Kept:
        k = super().kept(x, eps)
        k.inv_std = 1 / np.sqrt(x.var(axis=1) + eps)
        k.xhat = (x - x.mean(axis=1)) * k.inv_std
        return k


class StatisticsOverEverything(Backward):
    """One mean and one variance for the whole batch: each feature has its own."""

    statistics_over = None


class EverythingOnBothWays(StatisticsOverEverything):
    means_over = None


class EpsMissing(Backward):
    def inv_std(self, var: NDArray, eps: float) -> NDArray:
        return 1 / np.sqrt(var)


class EpsIgnored(Backward):
    def inv_std(self, var: NDArray, eps: float) -> NDArray:
        return 1 / np.sqrt(var + 1e-5)


class EpsOutsideRoot(Backward):
    def inv_std(self, var: NDArray, eps: float) -> NDArray:
        return 1 / (np.sqrt(var) + eps)


class EpsMissingOnTheWayBack(Backward):
    """`dgamma` has eps in its `xhat`; what does `dx` divide by?"""

    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        with np.errstate(all="ignore"):
            return gamma / np.sqrt(k.var)


class MultipliesByStd(Backward):
    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        return gamma / k.inv_std


class MultipliesByStdThroughout(Backward):
    def inv_std(self, var: NDArray, eps: float) -> NDArray:
        return np.sqrt(var + eps)


class StdMissingInDx(Backward):
    """The wider the input, the smaller its gradient: in `dx` nothing says how wide the input is."""

    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        return gamma


class DividesByVariance(Backward):
    def front(self, gamma: NDArray, k: Kept) -> NDArray:
        return gamma * k.inv_std**2


class DxIsZero(Backward):
    """All of `dx` is 0. That is right for an upstream gradient of ones, and for few others."""

    def dx(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return np.zeros_like(dout)


class UpstreamOfOnes(Backward):
    """The result does not depend on `dout`: this is the gradient of the sum of the outputs."""

    def gradients(self, dout: NDArray, x: NDArray, gamma: NDArray, eps: float) -> Three:
        return super().gradients(np.ones_like(dout), x, gamma, eps)


class WrongSign(Backward):
    """All of `dx` has the wrong sign: a step against the gradient is the optimiser's business."""

    def dx(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        return -super().dx(dout, gamma, k)


class DgammaAndDbetaSwapped(Backward):
    """All three are right, and two have changed places."""

    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return dx, dbeta, dgamma


class NotThreeResults(Backward):
    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> NDArray:
        return dx


class MeanNotSubtracted(Backward):
    def xhat(self, x: NDArray, centred: NDArray, inv_std: NDArray) -> NDArray:
        return x * inv_std


class XTakenForNormalised(Backward):
    """The function is given `x` as it goes into BatchNorm, not normalised: what must be computed again?"""

    def xhat(self, x: NDArray, centred: NDArray, inv_std: NDArray) -> NDArray:
        return x


class OnePassVariance(Backward):
    def __call__(self, dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
        return self.gradients(dout, x, gamma, eps)

    def variance(self, x: NDArray, centred: NDArray) -> NDArray:
        return (x * x).mean(axis=0) - x.mean(axis=0) ** 2


class FiniteDifferences(Backward):
    """This is close, as finite differences are, and not to rounding error: use them to test, and derive the formula."""

    up, down = 1e-5, 1e-5

    def dx(self, dout: NDArray, gamma: NDArray, k: Kept) -> NDArray:
        dx = np.zeros(k.x.shape)
        for i in np.ndindex(k.x.shape):
            step = np.zeros(k.x.shape)
            step[i] = 1
            change = self.kept(k.x + self.up * step, k.eps).xhat - self.kept(k.x - self.down * step, k.eps).xhat
            dx[i] = (dout * gamma * change).sum() / (self.up + self.down)
        return dx


def differences(up: float, down: float) -> type[FiniteDifferences]:
    """The same with other steps."""
    return type("OtherSteps", (FiniteDifferences,), {"up": up, "down": down})


class PrecisionLost(Backward):
    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return dx.astype("float32"), dgamma.astype("float32"), dbeta.astype("float32")


class DxLosesPrecision(Backward):
    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return dx.astype("float32"), dgamma, dbeta


class TorchForNumpy(Backward):
    """The arrays that come in are NumPy's, and those that come back are to be NumPy's too."""

    def result(self, dx: NDArray, dgamma: NDArray, dbeta: NDArray) -> Three:
        return torch.from_numpy(dx), torch.from_numpy(dgamma), torch.from_numpy(dbeta)


batchnorm_backward = Check(
    tasks.batchnorm_backward,
    right=as_function(Backward),
    wrong=(
        in_steps(StatisticsHeldConstant),
        in_steps(VariancePathMissing),
        in_steps(MeanPathMissing),
        in_steps(VariancePathAdded),
        in_steps(MeanPathAdded),
        in_steps(SumsNotDivided),
        in_steps(VarianceSumNotDivided),
        in_steps(MeanSumNotDivided),
        in_steps(NotDividedByN),
        in_steps(DividedByNTwice),
        in_steps(NMissingInBracket),
        in_steps(FactorTwoMissing),
        in_steps(HalfMissing),
        in_steps(WrongPowerOfInvStd, OnePowerMore, TwoPowersLess, TwoPowersMore),
        in_steps(PowerBeforeDivision, PowerBeforeDivisionAndSign),
        in_steps(GradientOfXhat),
        in_steps(DxComesLast, DxComesLastInReverse),
        in_steps(DividedByAnotherCount, AllEntriesCounted),
        in_steps(SumsExchanged),
        in_steps(StdMissingInSums),
        in_steps(MeansOverEverything),
        in_steps(MeansOverFeatures),
        in_steps(OnePathReplaced, OnlyByWayOfMean),
        in_steps(GammaMissingInDx),
        in_steps(GammaMissingInSums, GammaMissingByWayOfVariance, GammaMissingByWayOfMean),
        in_steps(GammaInDgamma),
        in_steps(GammaInDbeta),
        in_steps(GammaTwiceInDx),
        in_steps(DgammaWithX),
        in_steps(DgammaWithCentred),
        in_steps(DgammaWithOutput),
        in_steps(ParametersAveraged),
        in_steps(ParametersNotSummed),
        in_steps(SummedOverFeatures),
        in_steps(SummedOverEverything),
        in_steps(KeptDimension),
        in_steps(UnbiasedVariance, UnbiasedThroughout),
        in_steps(UnbiasedOnTheWayBack),
        in_steps(StatisticsOverFeatures, FeaturesOnBothWays, LayerNormBackward, LinedUpWrongly),
        in_steps(StatisticsOverEverything, EverythingOnBothWays),
        in_steps(EpsMissing),
        in_steps(EpsIgnored),
        in_steps(EpsOutsideRoot),
        in_steps(EpsMissingOnTheWayBack),
        in_steps(MultipliesByStd, MultipliesByStdThroughout),
        in_steps(StdMissingInDx),
        in_steps(DividesByVariance),
        in_steps(DxIsZero),
        in_steps(UpstreamOfOnes),
        in_steps(WrongSign),
        in_steps(DgammaAndDbetaSwapped),
        in_steps(NotThreeResults),
        in_steps(MeanNotSubtracted),
        in_steps(XTakenForNormalised),
        in_steps(OnePassVariance),
        in_steps(
            FiniteDifferences,
            *(differences(step, step) for step in (1e-4, 1e-6)),
            *(differences(step, 0) for step in (1e-4, 1e-5, 1e-6)),
        ),
        in_steps(PrecisionLost, DxLosesPrecision),
        in_steps(TorchForNumpy),
    ),
    forbidden=(*FINISHED, "autograd"),
    forms=(backward_closed, backward_by_equations, backward_staged),
)


# Plug it in


trained_backward = Check(
    tasks.trained_backward,
    right=as_function(Backward),
    outcomes={
        PROMISED: (
            "gradient-does-not-fit",
            "The loss does not fall by what `dx` promises: `checks.batchnorm_backward` looks closer.",
        ),
        tasks.FOR_GAMMA: (
            "gamma-gradient-off",
            "A step of gamma alone does not lower the loss by what `dgamma` promises.",
        ),
        tasks.FOR_BETA: (
            "beta-gradient-off",
            "A step of beta alone does not lower the loss by what `dbeta` promises.",
        ),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else: `checks.batchnorm_backward` looks closer.",
        ),
    },
)
