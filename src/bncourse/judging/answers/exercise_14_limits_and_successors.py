"""Answers of assignment 14: LayerNorm, GroupNorm, and a BatchNorm folded into the layer before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from bncourse.judging.answers.normalisation import LAYER_OUTCOMES
from bncourse.judging.answers.written_out import folded_in_steps, forms
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_14_limits_and_successors as tasks
from bncourse.plugged import ON_NEW

__all__ = ["fold_batchnorm", "groupnorm", "layernorm", "trained_successors"]

FINISHED = ("layer_norm", "group_norm", "instance_norm", "batch_norm", "rms_norm", "standardise")


class PlainLayerNorm(nn.Module):
    """LayerNorm with each step in a method of its own, so that a mistake is one method written differently."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        return self.scaled(self.standardised(x))

    def standardised(self, x: Tensor) -> Tensor:
        """Mean 0 and variance 1 in each example."""
        return self.normalised(x, self.mean(x), self.var(x))

    def uses_batch(self) -> bool:
        """Whether the statistics are those of the input, in evaluation too."""
        return True

    def over(self, x: Tensor) -> tuple[int, ...]:
        """The dimensions over which the statistics are taken."""
        return (-1,)

    def mean(self, x: Tensor) -> Tensor:
        """Of each example."""
        return x.mean(self.over(x), keepdim=True)

    def var(self, x: Tensor) -> Tensor:
        """Of each example, biased."""
        return x.var(self.over(x), keepdim=True, correction=0)

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        return (x - mean) / torch.sqrt(var + self.eps)

    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        """(dim,) in line with the features of x."""
        return values

    def scaled(self, xhat: Tensor) -> Tensor:
        """With gamma and beta."""
        return self.lined_up(self.gamma, xhat) * xhat + self.lined_up(self.beta, xhat)


class PlainGroupNorm(PlainLayerNorm):
    """GroupNorm, likewise: the groups are brought into a last dimension, and that is normalised."""

    def __init__(self, groups: int, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        self.groups = groups
        self.divide()

    def divide(self) -> None:
        """Raise if the groups would not be of the same size."""
        if self.dim % self.groups:
            raise ValueError("groups must divide dim")

    def grouped(self, x: Tensor) -> Tensor:
        """(N, C, ...) as (N, groups, values of the group)."""
        return x.reshape(len(x), self.groups, -1)

    def standardised(self, x: Tensor) -> Tensor:
        return super().standardised(self.grouped(x)).reshape(x.shape)

    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        return values.reshape(1, -1, *[1] * (x.ndim - 2))


# Each class up to `mistaken` is mixed into one of the two above, and those who check types should know.
if TYPE_CHECKING:
    Mixin = PlainLayerNorm
else:
    Mixin = object


class UnbiasedVariance(Mixin):
    def var(self, x: Tensor) -> Tensor:
        return x.var(self.over(x), keepdim=True)


class UnbiasedStdPlusEps(Mixin):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (x.std(self.over(x), keepdim=True) + self.eps)


class EpsOutsideRoot(Mixin):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (torch.sqrt(var) + self.eps)


class EpsMissing(Mixin):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / torch.sqrt(var)


class EpsIgnored(Mixin):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / torch.sqrt(var + 1e-5)


class DividesByVariance(Mixin):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / (var + self.eps)


class NotDivided(Mixin):
    """The mean is taken away, and the spread of the values stays as it was: what is the second step?"""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x - mean


class RootMeanSquare(Mixin):
    """This is RMSNorm, which leaves the mean where it is: which two things does this layer make 0 and 1?"""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x / torch.sqrt(x.square().mean(self.over(x), keepdim=True) + self.eps)


class MeanNotSubtracted(Mixin):
    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return x / torch.sqrt(var + self.eps)


class StatisticsWithoutGradient(Mixin):
    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).detach()

    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class InputCutOff(Mixin):
    """gamma and beta get their gradients and x gets none: where does x leave the graph, as by `.data`?"""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.detach())


class MeanAbsoluteDeviation(Mixin):
    """The spread is measured by mean distances, and not by the root of the mean square distance."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        return (x - mean) / ((x - mean).abs().mean(self.over(x), keepdim=True) + self.eps)


class GammaPlusOne(Mixin):
    """gamma starts at 1 and multiplies as it is: what is added to it here?"""

    def scaled(self, xhat: Tensor) -> Tensor:
        return self.lined_up(1 + self.gamma, xhat) * xhat + self.lined_up(self.beta, xhat)


class VarianceWithoutGradient(Mixin):
    def var(self, x: Tensor) -> Tensor:
        return super().var(x).detach()


class OnePassVariance(Mixin):
    def var(self, x: Tensor) -> Tensor:
        return (x * x).mean(self.over(x), keepdim=True) - self.mean(x).square()


class GammaMissing(Mixin):
    def scaled(self, xhat: Tensor) -> Tensor:
        return xhat + self.lined_up(self.beta, xhat)


class BetaMissing(Mixin):
    def scaled(self, xhat: Tensor) -> Tensor:
        return self.lined_up(self.gamma, xhat) * xhat


class AffineMissing(Mixin):
    """gamma and beta are there, and the output is the same whatever they are: they come last in the formula."""

    def scaled(self, xhat: Tensor) -> Tensor:
        return xhat + 0 * (self.lined_up(self.gamma, xhat) + self.lined_up(self.beta, xhat))


class AffineNotUsed(Mixin):
    def scaled(self, xhat: Tensor) -> Tensor:
        return xhat


class GammaAndBetaSwapped(Mixin):
    def scaled(self, xhat: Tensor) -> Tensor:
        return self.lined_up(self.beta, xhat) * xhat + self.lined_up(self.gamma, xhat)


class BetaBeforeGamma(Mixin):
    def scaled(self, xhat: Tensor) -> Tensor:
        return self.lined_up(self.gamma, xhat) * (xhat + self.lined_up(self.beta, xhat))


class GammaStartsAtZero(Mixin):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        nn.init.zeros_(self.gamma)


class BetaStartsAtOne(Mixin):
    """An untouched layer only normalises: at which beta does it?"""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        nn.init.ones_(self.beta)


class OneGammaForAll(Mixin):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gamma = nn.Parameter(torch.ones(1))
        self.beta = nn.Parameter(torch.zeros(1))


class GammaWithMoreDimensions(Mixin):
    """gamma and beta have one dimension, shape (dim,): line them up with x where they are used, and not where they are
    kept.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gamma = nn.Parameter(torch.ones(1, self.dim))
        self.beta = nn.Parameter(torch.zeros(1, self.dim))


class GammaLikeAnImage(Mixin):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gamma = nn.Parameter(torch.ones(1, self.dim, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, self.dim, 1, 1))


class NoParameters(Mixin):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gamma.requires_grad_(False)
        self.beta.requires_grad_(False)


class ParametersNotListed(Mixin):
    """gamma and beta require gradients, and an optimiser does not find them: what does `parameters()` return?"""

    def parameters(self, recurse: bool = True) -> list[Tensor]:
        return []


class ParametersMissing(Mixin):
    def parameters(self, recurse: bool = True) -> list[Tensor]:
        return self.never_set


class ExampleAloneRefused(Mixin):
    """No example depends on another here, so one alone is enough: what was it that BatchNorm needed two for?"""

    def forward(self, x: Tensor) -> Tensor:
        if len(x) < 2:
            raise ValueError("a batch of one has no variance")
        return super().forward(x)


class RunningStatistics(Mixin):
    """In evaluation each example still has a mean and a variance of its own, so there is nothing to remember: training
    and evaluation are the same.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.running_mean, self.running_var = torch.zeros(()), torch.ones(())

    def mean(self, x: Tensor) -> Tensor:
        if not self.training:
            return self.running_mean
        found = super().mean(x)
        self.running_mean = 0.9 * self.running_mean + 0.1 * found.detach().mean()
        return found

    def var(self, x: Tensor) -> Tensor:
        if not self.training:
            return self.running_var
        found = super().var(x)
        self.running_var = 0.9 * self.running_var + 0.1 * found.detach().mean()
        return found


class EvaluationPassesThrough(Mixin):
    """Evaluation is not the identity: training and evaluation are the same for this layer."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if self.training else x


class ChangesItsInput(Mixin):
    def forward(self, x: Tensor) -> Tensor:
        return x.copy_(super().forward(x))


class ShapesNotLinedUp(Mixin):
    """torch lines shapes up from the right, and here the shapes of two operands do not belong together: write down
    both. Has a mean lost the dimension that it was taken over, or has something not got the shape of x back?
    """

    def mean(self, x: Tensor) -> Tensor:
        return super().mean(x).squeeze(-1)

    def var(self, x: Tensor) -> Tensor:
        return super().var(x).squeeze(-1)


class ParametersWithoutGradient(Mixin):
    cut: tuple[str, ...] = ("gamma", "beta")

    def scaled(self, xhat: Tensor) -> Tensor:
        gamma, beta = (
            getattr(self, name).detach() if name in self.cut else getattr(self, name) for name in ("gamma", "beta")
        )
        return self.lined_up(gamma, xhat) * xhat + self.lined_up(beta, xhat)


class GammaWithoutGradient(ParametersWithoutGradient):
    cut = ("gamma",)


class BetaWithoutGradient(ParametersWithoutGradient):
    cut = ("beta",)


def mistakes_of_both(right: type) -> list[Mistake]:
    """Return the mistakes above, made in a layer that is right otherwise."""
    return [written(*(type(way.__name__, (way, right), {"__doc__": way.__doc__}) for way in ways)) for ways in COMMON]


COMMON: tuple[tuple[type, ...], ...] = (
    (ChangesItsInput,),
    (ShapesNotLinedUp,),
    (UnbiasedVariance,),
    (UnbiasedStdPlusEps,),
    (EpsMissing,),
    (EpsOutsideRoot,),
    (EpsIgnored,),
    (DividesByVariance,),
    (NotDivided,),
    (RootMeanSquare,),
    (MeanNotSubtracted,),
    (MeanAbsoluteDeviation,),
    (GammaPlusOne,),
    (InputCutOff,),
    (StatisticsWithoutGradient,),
    (VarianceWithoutGradient,),
    (OnePassVariance,),
    (GammaMissing,),
    (BetaMissing,),
    (ParametersWithoutGradient, GammaWithoutGradient, BetaWithoutGradient),
    (AffineMissing, AffineNotUsed),
    (GammaAndBetaSwapped,),
    (BetaBeforeGamma,),
    (GammaStartsAtZero,),
    (BetaStartsAtOne,),
    (OneGammaForAll,),
    (GammaWithMoreDimensions, GammaLikeAnImage),
    (NoParameters,),
    (ParametersNotListed,),
    (ParametersMissing,),
    (ExampleAloneRefused,),
    (RunningStatistics,),
    (EvaluationPassesThrough,),
)
"""By the mistake: the ways in which it is written."""


class StatisticsOverBatch(PlainLayerNorm):
    def over(self, x: Tensor) -> tuple[int, ...]:
        return (0,)


class StatisticsOverEverything(PlainLayerNorm):
    """One mean and one variance for the whole batch: does an example's output stay the same when it comes alone?"""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(x.ndim))


class StatisticsOverPositionsToo(PlainLayerNorm):
    """In a sequence, (N, T, dim), each position is normalised by itself: how many means belong to one example?"""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(1, x.ndim))


class StatisticsOverSecondDimension(PlainLayerNorm):
    """The features are in the last dimension, and that is the second one only as long as x has two."""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return (1,)


class StatisticsOverLeadingDimensions(PlainLayerNorm):
    """Each feature is averaged over examples and positions, as in BatchNorm: over what does LayerNorm average?"""

    def over(self, x: Tensor) -> tuple[int, ...]:
        return tuple(range(x.ndim - 1))


class GammaPerExample(PlainLayerNorm):
    """gamma and beta lie along the wrong axis: each feature has one of each, whichever example it belongs to."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim, eps)
        self.gamma = nn.Parameter(torch.ones(dim, 1))
        self.beta = nn.Parameter(torch.zeros(dim, 1))


class TwoDimensionsOnly(PlainLayerNorm):
    """x has shape (..., dim): in a transformer there is an axis for the position between the examples and the features,
    and the code counts on exactly two.
    """

    def forward(self, x: Tensor) -> Tensor:
        _, _ = x.shape
        return super().forward(x)


layernorm = Check(
    tasks.layernorm,
    right=PlainLayerNorm,
    wrong=(
        *mistakes_of_both(PlainLayerNorm),
        StatisticsOverBatch,
        StatisticsOverEverything,
        StatisticsOverPositionsToo,
        StatisticsOverSecondDimension,
        StatisticsOverLeadingDimensions,
        GammaPerExample,
        TwoDimensionsOnly,
    ),
    forbidden=FINISHED,
    forms=forms(PlainLayerNorm),
)


class GroupsInterleaved(PlainGroupNorm):
    """The groups are of neighbouring channels: with 6 channels and 2 groups, which one do channels 0 and 1 share?"""

    def standardised(self, x: Tensor) -> Tensor:
        mixed = x.reshape(len(x), self.dim // self.groups, self.groups, -1).movedim(2, 1)
        flat = mixed.flatten(2)
        done = self.normalised(flat, self.mean(flat), self.var(flat))
        return done.reshape(mixed.shape).movedim(1, 2).reshape(x.shape)


class GroupSizeForGroups(PlainGroupNorm):
    """The first argument is how many groups there are, and not how many channels are in one."""

    def grouped(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), self.dim // self.groups, -1)


class ArgumentsSwapped(PlainGroupNorm):
    def __init__(self, dim: int, groups: int, eps: float = 1e-5) -> None:
        super().__init__(groups, dim, eps)


class DividesTheOtherWay(PlainGroupNorm):
    """The right signature, and a condition with the two exchanged."""

    def divide(self) -> None:
        if self.groups % self.dim:
            raise ValueError("dim must divide groups")


class StatisticsAcrossGroups(PlainGroupNorm):
    """The statistics run across the groups, so that each group lends a value to each mean: which axis lies inside of a
    group?
    """

    def over(self, x: Tensor) -> tuple[int, ...]:
        return (1,)


class OneGroup(PlainGroupNorm):
    """All channels of an example share one mean: this is one group, whatever `groups` is."""

    def grouped(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), 1, -1)


class GroupPerChannel(PlainGroupNorm):
    """Each channel has a mean of its own, as in InstanceNorm: a group has its positions, and what else?"""

    def grouped(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), self.dim, -1)


class PositionsApart(PlainGroupNorm):
    """A group is normalised with all of its positions together: here each pixel has a mean of its own."""

    def grouped(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), self.groups, self.dim // self.groups, -1)

    def over(self, x: Tensor) -> tuple[int, ...]:
        return (2,)


class GroupsOverBatch(PlainGroupNorm):
    """The examples are averaged together: each example has statistics of its own, or its output would change with its
    neighbours.
    """

    def over(self, x: Tensor) -> tuple[int, ...]:
        return (0, 2)


class BatchNormAgain(PlainGroupNorm):
    """Each channel is averaged over the examples: this is BatchNorm. Which axis do its successors leave alone?"""

    def standardised(self, x: Tensor) -> Tensor:
        over = (0, *range(2, x.ndim))
        return self.normalised(x, x.mean(over, keepdim=True), x.var(over, keepdim=True, correction=0))


class GammaPerGroup(PlainGroupNorm):
    """The statistics belong to a group, gamma and beta do not: each channel has its own, shape (dim,)."""

    def __init__(self, groups: int, dim: int, eps: float = 1e-5) -> None:
        super().__init__(groups, dim, eps)
        self.gamma = nn.Parameter(torch.ones(groups))
        self.beta = nn.Parameter(torch.zeros(groups))


class GammaAlongLastDimension(PlainGroupNorm):
    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        return values


class GammaLinedUpForImagesOnly(PlainGroupNorm):
    """gamma and beta are lined up with x of four dimensions, and x may have two or three: print the shapes."""

    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        return values.reshape(1, -1, 1, 1)


class GammaLinedUpForRowsOnly(PlainGroupNorm):
    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        return values.reshape(1, -1)


class TwoDimensionsOfChannelsOnly(PlainGroupNorm):
    def forward(self, x: Tensor) -> Tensor:
        _, _ = x.shape
        return super().forward(x)


class ThreeDimensionsOnly(PlainGroupNorm):
    def forward(self, x: Tensor) -> Tensor:
        _, _, _ = x.shape
        return super().forward(x)


class FourDimensionsOnly(PlainGroupNorm):
    """x has shape (N, C, …), with none, one or two axes behind the channels: the code counts on a fixed number."""

    def forward(self, x: Tensor) -> Tensor:
        _, _, _, _ = x.shape
        return super().forward(x)


class NotReshapedBack(PlainGroupNorm):
    """The numbers are there and still sorted into groups: give them the shape of x again."""

    def standardised(self, x: Tensor) -> Tensor:
        return PlainLayerNorm.standardised(self, self.grouped(x))

    def scaled(self, xhat: Tensor) -> Tensor:
        return xhat + 0 * (self.gamma.sum() + self.beta.sum())


class NotReshapedBack5(PlainGroupNorm):
    def standardised(self, x: Tensor) -> Tensor:
        done = super().standardised(x)
        return done.reshape(len(x), self.groups, self.dim // self.groups, *x.shape[2:])

    def scaled(self, xhat: Tensor) -> Tensor:
        return xhat + 0 * (self.gamma.sum() + self.beta.sum())


class UnevenGroupsAccepted(PlainGroupNorm):
    """Groups that do not divide the channels cannot all be of the same size: say so with a ValueError when the layer is
    made, and not when it is first called.
    """

    def divide(self) -> None:
        pass


class AssertedInsteadOfRaised(PlainGroupNorm):
    """An `assert` raises AssertionError, and is skipped under `python -O`: a wrong argument is a ValueError."""

    def divide(self) -> None:
        if self.dim % self.groups:
            raise AssertionError


def refused_with(error: type[Exception]) -> type[PlainGroupNorm]:
    """Uneven groups are refused by an error of another kind."""

    class RefusedOtherwise(PlainGroupNorm):
        def divide(self) -> None:
            if self.dim % self.groups:
                raise error("groups must divide dim")

    return RefusedOtherwise


groupnorm = Check(
    tasks.groupnorm,
    right=PlainGroupNorm,
    wrong=(
        *mistakes_of_both(PlainGroupNorm),
        GroupsInterleaved,
        GroupSizeForGroups,
        Mistake(
            "groups-and-dim-exchanged",
            """6 channels in 2 groups are refused: in which order do `groups` and `dim` stand, in the signature and in
            the condition of your `raise`?""",
            ArgumentsSwapped,
            DividesTheOtherWay,
            loose=True,
        ),
        StatisticsAcrossGroups,
        OneGroup,
        GroupPerChannel,
        PositionsApart,
        Mistake("statistics-over-batch", None, GroupsOverBatch),
        BatchNormAgain,
        GammaPerGroup,
        written(GammaAlongLastDimension, GammaLinedUpForRowsOnly),
        GammaLinedUpForImagesOnly,
        FourDimensionsOnly,
        Mistake(
            "one-number-of-dimensions-only",
            "x has shape (N, C, …), with none, one or two axes behind the channels: the code counts on a fixed number.",
            TwoDimensionsOfChannelsOnly,
            ThreeDimensionsOnly,
        ),
        written(NotReshapedBack, NotReshapedBack5),
        UnevenGroupsAccepted,
        AssertedInsteadOfRaised,
        Mistake(
            "other-error-for-uneven-groups",
            "It is right to refuse these groups; the assignment asks for a ValueError to be raised.",
            *map(refused_with, (TypeError, RuntimeError, Exception, IndexError, KeyError, ArithmeticError)),
            loose=True,
        ),
    ),
    forbidden=FINISHED,
    forms=forms(PlainGroupNorm),
)


def scale_of(bn: nn.Module) -> Tensor:
    """What each channel is multiplied by."""
    gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
    return gamma / torch.sqrt(bn.running_var + bn.eps)


def beta_of(bn: nn.Module) -> Tensor:
    """What is added to each channel."""
    return torch.zeros_like(bn.running_var) if bn.bias is None else bn.bias


def old(bias: Tensor | None, bn: nn.Module) -> Tensor:
    """The bias of the layer before; 0 where it has none."""
    return torch.zeros_like(bn.running_mean) if bias is None else bias


def times(scale: Tensor, weight: Tensor) -> Tensor:
    """Each output channel's weights times its scale."""
    return weight * scale.reshape(-1, *[1] * (weight.ndim - 1))


def folded(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The right one."""
    scale = scale_of(bn)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def reference_handed_in(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """This is torch's own folding: using it elsewhere is fine, but this one is yours to write."""
    from torch.nn.utils import fusion  # not in every torch

    return fusion.fuse_linear_bn_weights(weight, bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)


def scale_not_lined_up(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Shapes are lined up from the right, so a scale of shape (C,) meets the last dimension of the weight: which one
    are the output channels?
    """
    return weight * scale_of(bn), folded(weight, bias, bn)[1]


def scale_lined_up_for_linear_only(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """A weight has two dimensions or four, and the scale is lined up with the first of two only."""
    return weight * scale_of(bn)[:, None], folded(weight, bias, bn)[1]


def scale_lined_up_for_convolutions_only(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """A weight has two dimensions or four, and the scale is lined up with the first of four only."""
    return weight * scale_of(bn).reshape(-1, 1, 1, 1), folded(weight, bias, bn)[1]


def scale_along_inputs(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The scale is lined up with the second dimension of the weight: which one are the output channels?"""
    return weight * scale_of(bn).reshape(1, -1, *[1] * (weight.ndim - 2)), folded(weight, bias, bn)[1]


def gamma_missing_in_bias(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The weight is right, and in the bias gamma is missing: what does BatchNorm do after the division?"""
    shift = (old(bias, bn) - bn.running_mean) / torch.sqrt(bn.running_var + bn.eps)
    return times(scale_of(bn), weight), shift + beta_of(bn)


def torch_names_exchanged(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Gamma and beta have changed places: which of the two does torch call `weight`, and which one `bias`?"""
    if bn.weight is None:
        return folded(weight, bias, bn)
    scale = bn.bias / torch.sqrt(bn.running_var + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + bn.weight


def bias_of_another_length(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Where there is no bias, one is made of another length: a layer has one bias for each output channel, and which
    dimension of the weight counts them?
    """
    return folded(weight, torch.zeros(weight.shape[1]) if bias is None else bias, bn)


def no_such_attribute(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """`bn` is torch's own layer, and has no attribute of this name: the assignment says what it has, and how it is
    called.
    """
    return bn.gamma * weight, folded(weight, bias, bn)[1]


def bias_grown_square(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The scale got extra dimensions for the weight, and the bias has only one: a column times a row is a square."""
    scale = scale_of(bn)[:, None]
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def kept_dimension(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    weight, bias = folded(weight, bias, bn)
    return weight, bias[:, None]


def divides_by_variance(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    scale = scale_of(bn) / torch.sqrt(bn.running_var + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def not_divided(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The scale is gamma alone: what does BatchNorm do before gamma comes in?"""
    scale = scale_of(bn) * torch.sqrt(bn.running_var + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def multiplies_by_deviation(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """A channel with a large spread becomes larger still: what does BatchNorm do with the standard deviation?"""
    scale = scale_of(bn) * (bn.running_var + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def scale_inverted(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """What should be divided by is multiplied with, and the other way round: which channels does BatchNorm make
    smaller?
    """
    scale = 1 / scale_of(bn)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def eps_missing(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    scale = scale_of(bn) * torch.sqrt(bn.running_var + bn.eps) / torch.sqrt(bn.running_var)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def eps_outside_root(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    scale = scale_of(bn) * torch.sqrt(bn.running_var + bn.eps) / (torch.sqrt(bn.running_var) + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def eps_ignored(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    scale = scale_of(bn) * torch.sqrt(bn.running_var + bn.eps) / torch.sqrt(bn.running_var + 1e-5)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def gamma_missing(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    scale = torch.rsqrt(bn.running_var + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta_of(bn)


def beta_missing(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    weight, bias = folded(weight, bias, bn)
    return weight, bias - beta_of(bn)


def mean_missing(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """What does BatchNorm take away before it divides? It must reappear in the bias."""
    scale = scale_of(bn)
    return times(scale, weight), scale * old(bias, bn) + beta_of(bn)


def mean_added(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """A sign is wrong: does BatchNorm add the running mean?"""
    scale = scale_of(bn)
    return times(scale, weight), scale * (old(bias, bn) + bn.running_mean) + beta_of(bn)


def difference_reversed(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The bias and the running mean stand in the wrong order: which one is subtracted from which?"""
    scale = scale_of(bn)
    return times(scale, weight), scale * (bn.running_mean - old(bias, bn)) + beta_of(bn)


def mean_not_scaled(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """BatchNorm subtracts its mean first and divides afterwards: the mean is divided too."""
    scale = scale_of(bn)
    return times(scale, weight), scale * old(bias, bn) - bn.running_mean + beta_of(bn)


def bias_not_scaled(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The old bias goes through BatchNorm like everything else that the layer puts out: what happens to it there?"""
    scale = scale_of(bn)
    return times(scale, weight), old(bias, bn) - scale * bn.running_mean + beta_of(bn)


def nothing_scaled_in_bias(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The weight is scaled and the bias is only shifted: put W x + b into BatchNorm's formula and multiply out."""
    return times(scale_of(bn), weight), old(bias, bn) - bn.running_mean + beta_of(bn)


def beta_scaled(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """BatchNorm adds beta after gamma has multiplied: here beta is multiplied too."""
    scale = scale_of(bn)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean + beta_of(bn))


def beta_divided(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """BatchNorm divides first and adds beta last: here beta is divided too."""
    scale = scale_of(bn)
    beta = beta_of(bn) / torch.sqrt(bn.running_var + bn.eps)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) + beta


def beta_subtracted(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    scale = scale_of(bn)
    return times(scale, weight), scale * (old(bias, bn) - bn.running_mean) - beta_of(bn)


def old_bias_lost(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The new bias is the same whatever the old one was. In training BatchNorm makes a bias useless; are its running
    statistics those of the layer with the bias, or without?
    """
    scale = scale_of(bn)
    return times(scale, weight), beta_of(bn) - scale * bn.running_mean


def bias_left_alone(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The weight is folded and the bias is as before: BatchNorm shifts, too."""
    return times(scale_of(bn), weight), old(bias, bn)


def bias_stays_none(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor | None]:
    """The layer had no bias and BatchNorm shifts: where is that to go?"""
    return folded(weight, bias, bn) if bias is not None else (folded(weight, bias, bn)[0], None)


def no_bias_means_beta_alone(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Without a bias something besides beta is left over: put b = 0 into the formula."""
    return folded(weight, bias, bn) if bias is not None else (folded(weight, bias, bn)[0], beta_of(bn))


def no_bias_means_zero(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Without a bias something is left over all the same: put b = 0 into the formula."""
    return folded(weight, bias, bn) if bias is not None else (folded(weight, bias, bn)[0], 0 * beta_of(bn))


def no_bias_not_expected(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """A layer before BatchNorm often has no bias, and then it is None: what number is as good as none?"""
    return folded(weight, bias - torch.zeros(()), bn)


def affine_off_not_expected(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """With affine=False the layer's weight and bias are None: which gamma and which beta change nothing?"""
    bn.weight * bn.running_var
    return folded(weight, bias, bn)


def affine_off_not_expected_by_a_method(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    bn.weight.detach()
    return folded(weight, bias, bn)


def weight_not_scaled(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The bias is folded, and the weight came back as it went in."""
    return weight.clone(), folded(weight, bias, bn)[1]


def mean_subtracted_from_weight(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The running mean is one of outputs, W x + b: what is subtracted from them is no part of the weight."""
    shifted = (weight.flatten(1) - bn.running_mean[:, None]).reshape(weight.shape)
    return times(scale_of(bn), shifted), folded(weight, bias, bn)[1]


def shift_added_to_weight(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """The whole of BatchNorm is applied to the weight, shift included: only its scale belongs there."""
    scale = scale_of(bn)
    shift = beta_of(bn) - scale * bn.running_mean
    moved = (times(scale, weight).flatten(1) + shift[:, None]).reshape(weight.shape)
    return moved, folded(weight, bias, bn)[1]


def swapped(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    return folded(weight, bias, bn)[::-1]


fold_batchnorm = Check(
    tasks.fold_batchnorm,
    right=folded,
    forms=(folded_in_steps,),
    wrong=(
        reference_handed_in,
        scale_not_lined_up,
        scale_lined_up_for_linear_only,
        scale_lined_up_for_convolutions_only,
        scale_along_inputs,
        gamma_missing_in_bias,
        torch_names_exchanged,
        bias_of_another_length,
        no_such_attribute,
        bias_grown_square,
        kept_dimension,
        divides_by_variance,
        not_divided,
        multiplies_by_deviation,
        scale_inverted,
        eps_missing,
        eps_outside_root,
        eps_ignored,
        gamma_missing,
        beta_missing,
        mean_missing,
        mean_added,
        difference_reversed,
        mean_not_scaled,
        bias_not_scaled,
        nothing_scaled_in_bias,
        beta_scaled,
        beta_divided,
        beta_subtracted,
        old_bias_lost,
        bias_left_alone,
        bias_stays_none,
        no_bias_means_beta_alone,
        no_bias_means_zero,
        no_bias_not_expected,
        written(affine_off_not_expected, affine_off_not_expected_by_a_method),
        weight_not_scaled,
        mean_subtracted_from_weight,
        shift_added_to_weight,
        swapped,
    ),
    forbidden=("fold_batchnorm", "fuse_conv_bn", "fuse_linear_bn"),
)


# Plug it in


class Parts:
    """All three parts."""

    LayerNorm = PlainLayerNorm
    GroupNorm = PlainGroupNorm
    fold_batchnorm = staticmethod(folded)


FOLDING = "The folded network predicts otherwise: `checks.fold_batchnorm` looks closer."

trained_successors = Check(
    tasks.trained_successors,
    right=Parts,
    forbidden=("layer_norm", "group_norm", "fold_batchnorm", "fuse_conv_bn", "fuse_linear_bn"),
    outcomes=LAYER_OUTCOMES
    | {
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else: over which values are your mean and your variance taken?",
        ),
        tasks.LOGITS_CHANGED: ("folding-changes-the-network", FOLDING),
        tasks.FOLDED_ON_NEW: ("folding-changes-the-network", FOLDING),
    },
)
