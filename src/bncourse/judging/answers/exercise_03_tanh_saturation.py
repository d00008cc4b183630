"""Answers of assignment 03: tanh with its backward pass, the saturated share, and dead units."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from bncourse.judging.answers.written_out import (
    TanhByCosh,
    TanhBySigmoid,
    TanhInSteps,
    TanhWithItsSlope,
    dead_by_count,
    dead_by_least,
    share_in_steps,
    share_of_the_rest,
    share_on_two_sides,
)
from bncourse.judging.check import Check
from bncourse.judging.mistakes import written
from bncourse.observing.tasks import exercise_03_tanh_saturation as tasks
from bncourse.plugged import ON_NEW, PROMISED

__all__ = ["dead_units", "saturated_fraction", "tanh", "trained_tanh"]


class PlainTanh:
    """tanh with each step in a method of its own, so that a mistake is one method written differently."""

    def __call__(self, x: Tensor) -> Tensor:
        """Apply tanh, and keep what the backward pass needs."""
        self.x, self.t = x, self.output(x)
        return self.t

    def output(self, x: Tensor) -> Tensor:
        """Of each entry."""
        return torch.tanh(x)

    def backward(self, dout: Tensor) -> Tensor:
        """The gradient with respect to x."""
        return self.slope() * dout

    def slope(self) -> Tensor:
        """The derivative at each entry."""
        return 1 - self.t.square()


class SlopeFromInput(PlainTanh):
    """The slope is written in terms of one of two numbers, what went in or what came out. At x = 5 it must be nearly
    0: which of the two did you square?
    """

    def slope(self) -> Tensor:
        return 1 - self.x.square()


class SlopeNotSquared(PlainTanh):
    """The slope is the same at 0.5 and at −0.5: is yours?"""

    def slope(self) -> Tensor:
        return 1 - self.t


class SlopeUpsideDown(PlainTanh):
    """At x = 0 tanh is steepest and at x = 5 it is flat: yours is the other way round."""

    def slope(self) -> Tensor:
        return self.t.square()


class SlopeInverted(PlainTanh):
    """Does a flat piece of a curve pass more of the gradient, or less? The slope of tanh is never above 1."""

    def slope(self) -> Tensor:
        return 1 / (1 - self.t.square())


class SlopeOfSigmoid(PlainTanh):
    """This is how the slope of the sigmoid is written; what is the slope of tanh at 0?"""

    def slope(self) -> Tensor:
        return self.t * (1 - self.t)


class SlopeOfTanhTwice(PlainTanh):
    """What you kept is tanh(x) already: is tanh applied to it a second time?"""

    def slope(self) -> Tensor:
        return 1 - torch.tanh(self.t).square()


class SquareOfTheDifference(PlainTanh):
    """The square is taken of the whole difference. The slope is the same at 0.5 and at −0.5: is yours?"""

    def slope(self) -> Tensor:
        return (1 - self.t).square()


class DoubledForSquared(PlainTanh):
    """What comes out of tanh is doubled here. At t = 0.6 the slope is 0.64, and it is the same at t = −0.6: what must
    be done to t in place of that?
    """

    def slope(self) -> Tensor:
        return 1 - 2 * self.t


class SlopeToWrongPower(PlainTanh):
    """There is a root, or a power, too many: compare with $1 - t^2$ at t = 0.6, which is 0.64."""

    def slope(self) -> Tensor:
        return (1 - self.t.square()).sqrt()


class SlopeSquared(PlainTanh):
    def slope(self) -> Tensor:
        return (1 - self.t.square()).square()


class SlopeAboveOne(PlainTanh):
    """A slope of tanh above 1 cannot be: at t = 0 it is 1, and from there it falls on both sides. Which sign?"""

    def slope(self) -> Tensor:
        return 1 + self.t.square()


class SlopeOfTheSlope(PlainTanh):
    """This differentiates $1 - t^2$ as well: the slope itself is wanted, and not how fast it changes."""

    def slope(self) -> Tensor:
        return -2 * self.t


class SlopeWithWrongSign(PlainTanh):
    """tanh rises everywhere: which sign must its slope have?"""

    def slope(self) -> Tensor:
        return self.t.square() - 1


class SlopeCutOff(PlainTanh):
    """Beyond the threshold the slope is small, and not zero: 0.97 is a habit for counting, and no part of tanh."""

    def slope(self) -> Tensor:
        return super().slope() * (self.t.abs() <= 0.97)


class SlopeOfHardTanh(PlainTanh):
    """A slope that is either 1 or 0 belongs to a function with corners: tanh is smooth."""

    def slope(self) -> Tensor:
        return (self.x.abs() < 1).to(self.x.dtype)


class UpstreamMissing(PlainTanh):
    """This is the slope of tanh. The chain rule multiplies it by what arrives from above."""

    def backward(self, dout: Tensor) -> Tensor:
        return self.slope()


class PassesStraightThrough(PlainTanh):
    """dout leaves as it came: where does the slope of tanh come in?"""

    def backward(self, dout: Tensor) -> Tensor:
        return dout.clone()


class UpstreamAdded(PlainTanh):
    """How does the chain rule join the slope and the upstream gradient?"""

    def backward(self, dout: Tensor) -> Tensor:
        return self.slope() + dout


class SlopeWithoutBrackets(PlainTanh):
    """dout multiplies the whole slope, and not a part of it: where do the brackets stand?"""

    def backward(self, dout: Tensor) -> Tensor:
        return 1 - self.t.square() * dout


class SlopeWithoutBracketsOtherwise(PlainTanh):
    def backward(self, dout: Tensor) -> Tensor:
        return dout - self.t.square()


class TanhOfUpstream(PlainTanh):
    """backward is not forward applied to the gradient: it is linear in dout, and twice the dout gives twice the dx."""

    def backward(self, dout: Tensor) -> Tensor:
        return torch.tanh(dout)


class RolesExchanged(PlainTanh):
    """Two tensors meet in backward: which of them gives the slope, and which is multiplied by it?"""

    def backward(self, dout: Tensor) -> Tensor:
        return self.t * (1 - dout.square())


class SlopeFromUpstream(PlainTanh):
    """The slope is that at the output which was kept; here it is computed from dout."""

    def backward(self, dout: Tensor) -> Tensor:
        return dout * (1 - torch.tanh(dout).square())


class MultipliedByOutput(PlainTanh):
    """Take the slope at the output, and not the output itself, times dout."""

    def backward(self, dout: Tensor) -> Tensor:
        return self.t * dout


class SummedOverBatch(PlainTanh):
    """Each entry of x has a gradient of its own, so dx has the shape of x: nothing is added up here."""

    def backward(self, dout: Tensor) -> Tensor:
        return super().backward(dout).sum(0)


class AveragedOverBatch(PlainTanh):
    """Dividing by the batch size is the loss's business, and dout has it already."""

    def backward(self, dout: Tensor) -> Tensor:
        return super().backward(dout) / len(dout)


class ReducedToNumber(PlainTanh):
    def backward(self, dout: Tensor) -> Tensor:
        return super().backward(dout).sum()


class AveragedToNumber(ReducedToNumber):
    """Each entry of x has a gradient of its own, so dx has the shape of x: nothing is averaged here."""

    def backward(self, dout: Tensor) -> Tensor:
        return super().backward(dout) / dout.numel()


class BackwardReturnsNothing(PlainTanh):
    """backward hands dx to the layer below: is there a `return`?"""

    def backward(self, dout: Tensor) -> None:
        self.dx = super().backward(dout)


class BackwardMissing(PlainTanh):
    """The layer needs a method `backward(dout)` beside `__call__`: is it there, spelt like this, and indented into the
    class?
    """

    backward = None  # type: ignore[assignment]  # the mistake


class OutNeverStored(PlainTanh):
    """A name and an attribute are two things: `out` is gone when the method ends, `self.out` stays. Which one did you
    assign, and which one do you read?
    """

    def output(self, x: Tensor) -> Tensor:
        return self.never_assigned  # type: ignore[attr-defined]  # the mistake


class NotKeptForBackward(PlainTanh):
    """backward reads an attribute that the call did not set: what has to be kept in `self` on the way forward?"""

    def slope(self) -> Tensor:
        return self.never_assigned  # type: ignore[attr-defined]  # the mistake


class FirstBatchKept(PlainTanh):
    """backward belongs to the latest call: after a second batch the layer still works with the first."""

    def __call__(self, x: Tensor) -> Tensor:
        y = self.output(x)
        if not hasattr(self, "t"):
            self.x, self.t = x, y
        return y


class StaleOutput(PlainTanh):
    """The call returns what an earlier call computed: is the attribute that you return the one that you assign?"""

    def __call__(self, x: Tensor) -> Tensor:
        if not hasattr(self, "t"):
            super().__call__(x)
        return self.t


class SharedBetweenLayers(PlainTanh):
    """Two layers overwrite each other's memory: what a layer keeps belongs in `self`, and neither in the class nor in
    a global name.
    """

    kept: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        SharedBetweenLayers.kept = self.output(x)
        return SharedBetweenLayers.kept

    def slope(self) -> Tensor:
        return 1 - SharedBetweenLayers.kept.square()


class GradientsAccumulate(PlainTanh):
    """The answer to one dout contains that to an earlier one: parameters accumulate gradients, a tanh has none."""

    def backward(self, dout: Tensor) -> Tensor:
        self.dx = getattr(self, "dx", 0) + super().backward(dout)
        return self.dx


class KeptOutputOverwritten(PlainTanh):
    """backward changes what it kept, in place or by assigning to it: a second call, or whoever holds the output, finds
    other numbers there.
    """

    def backward(self, dout: Tensor) -> Tensor:
        self.t.copy_(1 - self.t.square())
        return self.t * dout


class KeptOutputReassigned(PlainTanh):
    """backward changes what it kept: a second call of it finds other numbers there."""

    def backward(self, dout: Tensor) -> Tensor:
        self.t = 1 - self.t.square()
        return self.t * dout


class KeptOutputSquared(PlainTanh):
    def backward(self, dout: Tensor) -> Tensor:
        self.t = self.t.square()
        return (1 - self.t) * dout


class KeptOutputSquaredInPlace(PlainTanh):
    def backward(self, dout: Tensor) -> Tensor:
        return (1 - self.t.square_()) * dout


class KeptOutputThrownAway(PlainTanh):
    """backward works once only: it throws away what the call has kept, and another dout may come."""

    def backward(self, dout: Tensor) -> Tensor:
        dx = super().backward(dout)
        self.t = None
        return dx


class GradientInFloat32(PlainTanh):
    """A float64 gradient came back with less precision: somewhere the numbers were converted."""

    def backward(self, dout: Tensor) -> Tensor:
        return super().backward(dout).float()


class PrecisionLost(PlainTanh):
    def output(self, x: Tensor) -> Tensor:
        return torch.tanh(x.float())


class ArrayReturned(PlainTanh):
    """A torch tensor is wanted: somewhere it became a NumPy array or a list."""

    def __call__(self, x: Tensor) -> np.ndarray:
        return super().__call__(x).numpy()


class GradientIsNoTensor(PlainTanh):
    """A torch tensor is wanted from backward as well: somewhere it became a NumPy array or a list."""

    def backward(self, dout: Tensor) -> np.ndarray:
        return super().backward(dout).numpy()


class ExponentialsOverflow(PlainTanh):
    def output(self, x: Tensor) -> Tensor:
        return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))


class ExponentialsOverflowOnOneSide(PlainTanh):
    """$e^{2x}$ is infinite for a computer when x is large, and infinite divided by infinite is no number: is there a
    form of the formula in which no power grows?
    """

    def output(self, x: Tensor) -> Tensor:
        return (torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1)


class ExponentialsOverflowBelow(ExponentialsOverflowOnOneSide):
    """$e^{-2x}$ is infinite for a computer when x is far below 0, and infinite divided by infinite is no number: is
    there a form of the formula in which no power grows?
    """

    def output(self, x: Tensor) -> Tensor:
        return (1 - torch.exp(-2 * x)) / (1 + torch.exp(-2 * x))


class SigmoidInsteadOfTanh(PlainTanh):
    """Is the output at x = 0 zero? This curve runs from 0 to 1, tanh from −1 to 1."""

    def output(self, x: Tensor) -> Tensor:
        return torch.sigmoid(x)


class SigmoidThroughout(SigmoidInsteadOfTanh):
    def slope(self) -> Tensor:
        return self.t * (1 - self.t)


class HalfAsSteep(PlainTanh):
    """Stretching the sigmoid to −1…1 gives a tanh that is only half as steep: what is its slope at 0?"""

    def output(self, x: Tensor) -> Tensor:
        return 2 * torch.sigmoid(x) - 1


class HardTanh(PlainTanh):
    """This has corners at ±1: tanh is smooth, and tanh(1) = 0.76."""

    def output(self, x: Tensor) -> Tensor:
        return x.clamp(-1, 1)


class OutputClamped(PlainTanh):
    """tanh comes as near to ±1 as the numbers allow: yours stops before."""

    def output(self, x: Tensor) -> Tensor:
        return torch.tanh(x).clamp(-0.97, 0.97)


class TanhUpsideDown(PlainTanh):
    """tanh lies between −1 and 1, and what comes back does not: is the fraction the right way up?"""

    def output(self, x: Tensor) -> Tensor:
        return 1 / torch.tanh(x)


class FiniteDifferences(PlainTanh):
    """This is close, as finite differences are, and not to rounding error: use them to test, and derive the formula."""

    step = 1e-3

    def slope(self) -> Tensor:
        return (torch.tanh(self.x + self.step) - torch.tanh(self.x - self.step)) / (2 * self.step)


def with_step(size: float) -> type[FiniteDifferences]:
    """Return the same with another step."""
    return type("WithStep", (FiniteDifferences,), {"step": size})


class TanhOfAngle(PlainTanh):
    """The hyperbolic tangent is wanted: it has an h at its end."""

    def output(self, x: Tensor) -> Tensor:
        return torch.tan(x)


class InverseTangent(PlainTanh):
    """This is another curve with the form of an S: what is tanh(1), and what is yours?"""

    def output(self, x: Tensor) -> Tensor:
        return torch.atan(x)


tanh = Check(
    tasks.tanh,
    right=PlainTanh,
    forms=(TanhInSteps, TanhBySigmoid, TanhWithItsSlope, TanhByCosh),
    wrong=(
        SlopeFromInput,
        SlopeNotSquared,
        SlopeUpsideDown,
        SlopeInverted,
        SlopeOfSigmoid,
        SlopeOfTanhTwice,
        SquareOfTheDifference,
        DoubledForSquared,
        written(SlopeToWrongPower, SlopeSquared),
        SlopeAboveOne,
        SlopeOfTheSlope,
        SlopeWithWrongSign,
        SlopeCutOff,
        SlopeOfHardTanh,
        UpstreamMissing,
        PassesStraightThrough,
        UpstreamAdded,
        written(SlopeWithoutBrackets, SlopeWithoutBracketsOtherwise),
        TanhOfUpstream,
        RolesExchanged,
        SlopeFromUpstream,
        MultipliedByOutput,
        SummedOverBatch,
        AveragedOverBatch,
        written(ReducedToNumber, AveragedToNumber),
        BackwardReturnsNothing,
        BackwardMissing,
        OutNeverStored,
        NotKeptForBackward,
        FirstBatchKept,
        StaleOutput,
        SharedBetweenLayers,
        GradientsAccumulate,
        written(KeptOutputOverwritten, KeptOutputSquaredInPlace),
        written(KeptOutputReassigned, KeptOutputSquared),
        KeptOutputThrownAway,
        GradientInFloat32,
        PrecisionLost,
        ArrayReturned,
        GradientIsNoTensor,
        written(ExponentialsOverflow, ExponentialsOverflowOnOneSide, ExponentialsOverflowBelow),
        written(SigmoidInsteadOfTanh, SigmoidThroughout),
        HalfAsSteep,
        HardTanh,
        OutputClamped,
        TanhUpsideDown,
        written(FiniteDifferences, *map(with_step, (1e-2, 1e-4, 1e-5, 1e-6))),
        TanhOfAngle,
        InverseTangent,
    ),
    # torch.tanh may be used. A finished layer may not, nor autograd's or torch's own way back through tanh.
    forbidden=(
        "activation.Tanh",
        "activations.Tanh",
        "layers.Tanh",
        "Tanh.forward",
        "Tanh.backward",
        "tanh_backward",
    ),
)


def beyond(h: Tensor, threshold: float) -> Tensor:
    """Which activations are saturated."""
    return h.detach().abs() > threshold


def share_of(mask: Tensor) -> float:
    """How many of all are true, from 0 to 1."""
    return mask.double().mean().item()


def saturated_share(h: Tensor, threshold: float = 0.97) -> float:
    """Share of |h| > threshold."""
    return share_of(beyond(h, threshold))


def positive_half_only(h: Tensor, threshold: float = 0.97) -> float:
    """A tanh saturates at two ends: what about an activation of −1?"""
    return share_of(h > threshold)


def negative_half_only(h: Tensor, threshold: float = 0.97) -> float:
    """A tanh saturates at two ends: what about an activation of 1?"""
    return share_of(h < -threshold)


def unsaturated_share(h: Tensor, threshold: float = 0.97) -> float:
    """This is the share of the activations that are *not* saturated."""
    return 1 - saturated_share(h, threshold)


def counted_not_divided(h: Tensor, threshold: float = 0.97) -> float:
    """A share lies between 0 and 1: this is how many there are."""
    return beyond(h, threshold).sum().item()


def percent(h: Tensor, threshold: float = 0.97) -> float:
    """A share lies between 0 and 1: this one is in per cent."""
    return 100 * saturated_share(h, threshold)


def divided_by_examples(h: Tensor, threshold: float = 0.97) -> float:
    return beyond(h, threshold).sum().item() / len(h)


def divided_by_units(h: Tensor, threshold: float = 0.97) -> float:
    """How many activations does h hold? The size of its last dimension is not all of them."""
    return beyond(h, threshold).sum().item() / h.shape[-1]


def divided_by_unsaturated(h: Tensor, threshold: float = 0.97) -> float:
    """This divides by the activations that are left: a share divides by all of them."""
    mask = beyond(h, threshold)
    return mask.sum().item() / max(1, (~mask).sum().item())


def threshold_ignored(h: Tensor, threshold: float = 0.97) -> float:
    """The threshold is an argument: the same number is used, whatever is given."""
    return saturated_share(h)


def threshold_included(h: Tensor, threshold: float = 0.97) -> float:
    """What about an activation that equals the threshold? Saturated are those beyond it."""
    return share_of(h.detach().abs() >= threshold)


def square_compared(h: Tensor, threshold: float = 0.97) -> float:
    return share_of(h.detach().square() > threshold)


def slope_compared(h: Tensor, threshold: float = 0.97) -> float:
    """The threshold is one for |h|, and not for the slope $1 - h^2$."""
    return share_of(1 - h.detach().square() < threshold)


def slope_above_threshold(h: Tensor, threshold: float = 0.97) -> float:
    """The threshold is one for |h|, and not for the slope $1 - h^2$, which is large where nothing is saturated."""
    return share_of(1 - h.detach().square() > threshold)


def tanh_applied_again(h: Tensor, threshold: float = 0.97) -> float:
    return saturated_share(torch.tanh(h.detach()), threshold)


def exactly_one_only(h: Tensor, threshold: float = 0.97) -> float:
    return share_of(h.detach().abs() == 1)


def mean_size_of_all(h: Tensor, threshold: float = 0.97) -> float:
    """This is how large the activations are on average, and the threshold is not used: how many lie beyond it?"""
    return h.detach().abs().mean().item()


def average_compared(h: Tensor, threshold: float = 0.97) -> float:
    """Here the average is compared with the threshold, so that the answer is 0 or 1: which comes first, comparing or
    averaging?
    """
    return float(h.detach().abs().mean() > threshold)


def none_found(h: Tensor, threshold: float = 0.97) -> float:
    """The answer is 0, whatever h is. Is each activation compared, and not their mean? And can one activation meet all
    that you ask of it?
    """
    return 0.0


def minus_missing(h: Tensor, threshold: float = 0.97) -> float:
    """Nearly all activations are counted, those near 0 too: what is the negative side compared with?"""
    return share_of(h.detach() != threshold)


def positive_half_doubled(h: Tensor, threshold: float = 0.97) -> float:
    """The positive side is counted twice: the other side need not have as many."""
    return 2 * share_of(h > threshold)


def negative_half_doubled(h: Tensor, threshold: float = 0.97) -> float:
    """The negative side is counted twice: the other side need not have as many."""
    return 2 * share_of(h < -threshold)


def counted_twice(h: Tensor, threshold: float = 0.97) -> float:
    """It is twice the share: what is counted, or divided by, twice?"""
    return 2 * saturated_share(h, threshold)


def mean_where_saturated(h: Tensor, threshold: float = 0.97) -> float:
    return h.detach()[beyond(h, threshold)].mean().item()


def mean_size_where_saturated(h: Tensor, threshold: float = 0.97) -> float:
    return h.detach().abs()[beyond(h, threshold)].mean().item()


def mean_of_saturated_values(h: Tensor, threshold: float = 0.97) -> float:
    """This averages values: how many there are is asked, and not how large they are."""
    return (h.detach().abs() * beyond(h, threshold)).mean().item()


def share_per_unit(h: Tensor, threshold: float = 0.97) -> Tensor:
    """One number for all of h is wanted: this is one per unit."""
    return beyond(h, threshold).double().mean(0)


def share_per_example(h: Tensor, threshold: float = 0.97) -> Tensor:
    """One number for all of h is wanted: this is one per example."""
    return beyond(h, threshold).double().mean(-1)


def share_of_dead_units(h: Tensor, threshold: float = 0.97) -> float:
    """This counts units that are saturated for every example; here each activation counts by itself."""
    return share_of(beyond(h, threshold).all(0))


def share_of_touched_units(h: Tensor, threshold: float = 0.97) -> float:
    """This counts units that are saturated for some example; here each activation counts by itself."""
    return share_of(beyond(h, threshold).any(0))


def mask_itself(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This says of each activation whether it is saturated: what share of them is?"""
    return beyond(h, threshold)


def whole_number_division(h: Tensor, threshold: float = 0.97) -> float:
    """A share is seldom a whole number: `//` and `int` round it down."""
    return float(beyond(h, threshold).sum().item() // h.numel())


def rounded(h: Tensor, threshold: float = 0.97) -> float:
    return round(saturated_share(h, threshold), 2)


def below_threshold_counted(h: Tensor, threshold: float = 0.97) -> float:
    """This counts what lies below the threshold, on one side: saturated is what lies beyond it, on both."""
    return share_of(h < threshold)


def largest_share_of_a_unit(h: Tensor, threshold: float = 0.97) -> float:
    """This is the share of the worst unit: take all activations together."""
    return beyond(h, threshold).double().mean(0).max().item()


def largest_value(h: Tensor, threshold: float = 0.97) -> float:
    """This is how far out the outermost activation is: how many are beyond the threshold?"""
    return h.detach().abs().max().item()


def number_in_list(h: Tensor, threshold: float = 0.97) -> list[float]:
    """The number is right, and it is wrapped up in something with one entry: return the number itself."""
    return [saturated_share(h, threshold)]


def text_for_number(h: Tensor, threshold: float = 0.97) -> str:
    """A number is wanted, so that one can go on with it: format it when you print."""
    return ""


def any_at_all(h: Tensor, threshold: float = 0.97) -> bool:
    """This says whether there are any: how many of all are asked for."""
    return bool(beyond(h, threshold).any())


def signs_cancel(h: Tensor, threshold: float = 0.97) -> float:
    """+1 and −1 are both saturated: here one side is subtracted from the other."""
    return share_of(h > threshold) - share_of(h < -threshold)


saturated_fraction = Check(
    tasks.saturated_fraction,
    right=saturated_share,
    forms=(share_in_steps, share_on_two_sides, share_of_the_rest),
    wrong=(
        positive_half_only,
        negative_half_only,
        unsaturated_share,
        counted_not_divided,
        percent,
        divided_by_examples,
        divided_by_units,
        divided_by_unsaturated,
        threshold_ignored,
        threshold_included,
        square_compared,
        slope_compared,
        slope_above_threshold,
        tanh_applied_again,
        exactly_one_only,
        mean_size_of_all,
        none_found,
        average_compared,
        minus_missing,
        positive_half_doubled,
        negative_half_doubled,
        counted_twice,
        written(mean_of_saturated_values, mean_where_saturated, mean_size_where_saturated),
        share_per_unit,
        share_per_example,
        share_of_dead_units,
        share_of_touched_units,
        mask_itself,
        whole_number_division,
        rounded,
        any_at_all,
        below_threshold_counted,
        largest_share_of_a_unit,
        largest_value,
        number_in_list,
        text_for_number,
        signs_cancel,
    ),
    forbidden=("saturated_fraction", "activation_statistics", "diagnostics.summary"),
)


def dead(h: Tensor, threshold: float = 0.97) -> Tensor:
    """Units that are saturated for every example."""
    return beyond(h, threshold).all(0)


def some_example_is_enough(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A unit that is saturated for one example still learns from the others: for how many must it be, to be dead?"""
    return beyond(h, threshold).any(0)


def wrong_axis(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This has one answer per example. Rows are examples, columns are units: over which of the two dimensions do you
    ask?
    """
    return beyond(h, threshold).all(1)


def one_answer_for_all(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This is one answer for the whole layer: each unit has its own."""
    return beyond(h, threshold).all()


def positive_side_only(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A tanh saturates at two ends: what about a unit that is −1 for every example?"""
    return (h > threshold).all(0)


def negative_side_only(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A tanh saturates at two ends: what about a unit that is 1 for every example?"""
    return (h < -threshold).all(0)


def same_sign_demanded(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A unit that jumps between −1 and 1 passes hardly any gradient either, for any example: must its sign stay?"""
    return (h > threshold).all(0) | (h < -threshold).all(0)


def mean_beyond_threshold(h: Tensor, threshold: float = 0.97) -> Tensor:
    """The mean of −1 and 1 is 0: compare each activation with the threshold, and not their mean."""
    return h.detach().mean(0).abs() > threshold


def mean_size_beyond_threshold(h: Tensor, threshold: float = 0.97) -> Tensor:
    """One example through which the gradient gets is enough to live, and hardly changes a mean: compare each
    activation with the threshold.
    """
    return h.detach().abs().mean(0) > threshold


def mostly_saturated(h: Tensor, threshold: float = 0.97) -> Tensor:
    """The threshold is one for the activations, and not for the share of the examples: for how many must a unit be
    saturated, to be dead?
    """
    return beyond(h, threshold).double().mean(0) > threshold


def more_than_half(h: Tensor, threshold: float = 0.97) -> Tensor:
    """Half of the examples are not enough: for how many must a unit be saturated, to be dead?"""
    return beyond(h, threshold).double().mean(0) > 0.5


def first_example_only(h: Tensor, threshold: float = 0.97) -> Tensor:
    """All examples count, and only the first is looked at."""
    return beyond(h, threshold)[0]


def last_example_only(h: Tensor, threshold: float = 0.97) -> Tensor:
    """All examples count, and only the last is looked at: does a loop overwrite its own answer?"""
    return beyond(h, threshold)[-1]


def ignores_threshold(h: Tensor, threshold: float = 0.97) -> Tensor:
    """The threshold is an argument: the same number is used, whatever is given."""
    return dead(h)


def includes_threshold(h: Tensor, threshold: float = 0.97) -> Tensor:
    """What about an activation that equals the threshold? Saturated are those beyond it."""
    return (h.detach().abs() >= threshold).all(0)


def alive_units(h: Tensor, threshold: float = 0.97) -> Tensor:
    """True and False are exchanged: true is to mean dead."""
    return ~dead(h, threshold)


def never_saturated(h: Tensor, threshold: float = 0.97) -> Tensor:
    """These units are saturated for no example: they are the healthiest of all."""
    return (h.detach().abs() < threshold).all(0)


def silent_units(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A tanh is not a ReLU: at 0 it is as alive as can be. Where does it die?"""
    return (h.detach() == 0).all(0)


def none_dead(h: Tensor, threshold: float = 0.97) -> Tensor:
    """No unit is called dead, whatever h is: can an activation meet all that you ask of it, as to be beyond both ends
    at once, or to be exactly one number?
    """
    return torch.zeros(h.shape[1], dtype=torch.bool)


def counted_against_units(h: Tensor, threshold: float = 0.97) -> Tensor:
    """For each unit the examples are counted, and that is compared with how many units there are: how many examples
    are there?
    """
    return beyond(h, threshold).sum(0) == h.shape[1]


def both_ends_demanded(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A unit is called dead only if it has been at both ends: what of one that stays at one end?"""
    return (h > threshold).any(0) & (h < -threshold).any(0)


def constant_units(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A dead unit need not be constant, and a constant one need not be dead: look at how far out it is."""
    return h.detach().std(0, correction=0) < 1 - threshold


def constant_to_the_digit(h: Tensor, threshold: float = 0.97) -> Tensor:
    return h.detach().var(0) == 0


def exactly_one_demanded(h: Tensor, threshold: float = 0.97) -> Tensor:
    """An activation of 0.99 counts as well: compare with the threshold, and not with 1."""
    return (h.detach().abs() == 1).all(0)


def number_of_dead_units(h: Tensor, threshold: float = 0.97) -> Tensor:
    """Say of each unit whether it is dead: this is one number for all of them."""
    return dead(h, threshold).sum()


def share_of_units_dead(h: Tensor, threshold: float = 0.97) -> Tensor:
    return dead(h, threshold).double().mean()


def places_of_dead_units(h: Tensor, threshold: float = 0.97) -> Tensor:
    """Say of each unit whether it is dead, true or false: these are the places of the dead ones."""
    return dead(h, threshold).nonzero().flatten()


def places_in_a_column(h: Tensor, threshold: float = 0.97) -> Tensor:
    return dead(h, threshold).nonzero()


def share_instead_of_answer(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This is for what share of the examples each unit is saturated: true or false is wanted."""
    return beyond(h, threshold).double().mean(0)


def count_instead_of_answer(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This is for how many examples each unit is saturated: true or false is wanted."""
    return beyond(h, threshold).sum(0)


def numbers_for_bools(h: Tensor, threshold: float = 0.97) -> Tensor:
    """The answers are right, and they are numbers: a mask must be of dtype `torch.bool`, to pick units with it."""
    return dead(h, threshold).float()


def list_for_tensor(h: Tensor, threshold: float = 0.97) -> list[bool]:
    """The answers are right, and they are in a list: a tensor of dtype `torch.bool` is wanted."""
    return dead(h, threshold).tolist()


def array_for_tensor(h: Tensor, threshold: float = 0.97) -> np.ndarray:
    """The answers are right, and they are in a NumPy array: a torch tensor is wanted."""
    return dead(h, threshold).numpy()


def dimension_kept(h: Tensor, threshold: float = 0.97) -> Tensor:
    return beyond(h, threshold).all(0, keepdim=True)


def map_itself(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This is the whole black-and-white map: which of its columns are white all over?"""
    return beyond(h, threshold)


def dimension_kept_behind(h: Tensor, threshold: float = 0.97) -> Tensor:
    """One answer per unit, shape (units,): there is a dimension too many."""
    return dead(h, threshold)[:, None]


def square_taken_for_size(h: Tensor, threshold: float = 0.97) -> Tensor:
    """The threshold is one for |h|: h² is smaller, so that fewer pass it. The same goes for a slope compared with
    1 − threshold.
    """
    return (h.detach().square() > threshold).all(0)


def mean_slope_compared(h: Tensor, threshold: float = 0.97) -> Tensor:
    return (1 - h.detach().square()).mean(0) < 1 - threshold


def largest_is_enough(h: Tensor, threshold: float = 0.97) -> Tensor:
    """This looks at the largest activation of each unit: what of the others, and what of those near −1?"""
    return h.detach().amax(0) > threshold


def smallest_before_absolute(h: Tensor, threshold: float = 0.97) -> Tensor:
    """Of −1 and 0 the smaller is −1: which comes first, the absolute value or the minimum?"""
    return h.detach().amin(0).abs() > threshold


def sum_beyond_threshold(h: Tensor, threshold: float = 0.97) -> Tensor:
    """A sum grows with the batch: compare each activation with the threshold."""
    return h.detach().abs().sum(0) > threshold


def no_tensor(h: Tensor, threshold: float = 0.97) -> dict:
    """A tensor of dtype `torch.bool` and shape (units,) is wanted: one true or false per unit."""
    return {}


def single_example_never_dead(h: Tensor, threshold: float = 0.97) -> Tensor:
    """One example is a batch too: is every example of it saturated?"""
    return dead(h, threshold) & (len(h) > 1)


dead_units = Check(
    tasks.dead_units,
    right=dead,
    forms=(dead_by_least, dead_by_count),
    wrong=(
        some_example_is_enough,
        wrong_axis,
        one_answer_for_all,
        positive_side_only,
        negative_side_only,
        same_sign_demanded,
        mean_beyond_threshold,
        written(mean_size_beyond_threshold, mean_slope_compared),
        mostly_saturated,
        more_than_half,
        first_example_only,
        last_example_only,
        ignores_threshold,
        includes_threshold,
        alive_units,
        never_saturated,
        counted_against_units,
        both_ends_demanded,
        silent_units,
        none_dead,
        written(constant_units, constant_to_the_digit),
        exactly_one_demanded,
        written(number_of_dead_units, share_of_units_dead),
        written(places_of_dead_units, places_in_a_column),
        share_instead_of_answer,
        count_instead_of_answer,
        numbers_for_bools,
        list_for_tensor,
        array_for_tensor,
        written(dimension_kept, dimension_kept_behind),
        map_itself,
        square_taken_for_size,
        largest_is_enough,
        smallest_before_absolute,
        sum_beyond_threshold,
        no_tensor,
        single_example_never_dead,
    ),
    forbidden=("dead_units",),
)


# Plug it in


class Parts:
    """All three parts."""

    Tanh = PlainTanh
    saturated_fraction = staticmethod(saturated_share)
    dead_units = staticmethod(dead)


trained_tanh = Check(
    tasks.trained_tanh,
    right=Parts,
    outcomes={
        tasks.SATURATED: (
            "saturation-off",
            "This is not the saturation of the network: `checks.saturated_fraction` looks at your function alone.",
        ),
        tasks.DEAD: (
            "dead-units-off",
            "These are not the network's dead units: `checks.dead_units` looks at your function alone.",
        ),
        PROMISED: (
            "gradient-does-not-fit",
            """The loss does not fall by what the gradient promises, and the gradient goes through your backward pass:
            `checks.tanh` looks closer.""",
        ),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else than one with a tanh: `checks.tanh` looks closer.",
        ),
    },
)
