"""Answers of assignment 13: the loss along its gradient, and layers that ignore the scale of their input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from bncourse.judging.check import Check
from bncourse.judging.mistakes import as_function, in_steps, written
from bncourse.observing.tasks import exercise_13_why_it_works as tasks

__all__ = ["is_scale_invariant", "loss_along_gradient", "trained_line_search"]

Losses = list[float]


Start = list[Tensor]


class Along:
    """The walk with each step in a method of its own, so that a mistake is one method written differently."""

    def __call__(self, loss: Callable[[], Tensor], params: Iterable[Tensor], step_sizes: Sequence[float]) -> Losses:
        """The losses along the gradient."""
        params = self.collected(params)
        start = [p.detach().clone() for p in params]
        grads = self.direction(self.gradient(loss, params))
        found = []
        for number, size in enumerate(self.order(step_sizes)):
            with torch.no_grad():
                for k, (p, value, g) in enumerate(zip(params, start, grads, strict=True)):
                    self.move(p, value, self.length(size) * g, number, k)
            found.append(self.value(loss))
        self.restore(params, start, grads, list(step_sizes))
        return self.result(found, loss, grads, list(step_sizes))

    def collected(self, params: Iterable[Tensor]) -> list[Tensor]:
        """The parameters."""
        return list(params)

    def gradient(self, loss: Callable[[], Tensor], params: list[Tensor]) -> list[Tensor]:
        """The gradient at the start."""
        return list(torch.autograd.grad(loss(), params))

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        """What is walked along."""
        return grads

    def length(self, size: float) -> float:
        """How far."""
        return size

    def order(self, step_sizes: Sequence[float]) -> Sequence[float]:
        """As given."""
        return step_sizes

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        """Put a parameter where the step ends."""
        p.copy_(start - step)

    def value(self, loss: Callable[[], Tensor]) -> float:
        """The loss there."""
        return loss().item()

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        """Put the parameters back."""
        with torch.no_grad():
            for p, value in zip(params, start, strict=True):
                p.copy_(value)

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        """What is returned."""
        return found


class Uphill(Along):
    """For small steps the loss should fall: does it? Look at the sign."""

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        p.copy_(start + step)


class StepsAddUp(Along):
    """Each size is a step from the start, not from where the last step ended."""

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        p.sub_(step)


class StartWithoutCopy(Along):
    """Each step goes on from where the last one ended, and so do the parameters at the end: what did you keep of the
    start? `detach()` and `.data` share their numbers with the parameter, and move along with it.
    """

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        p.sub_(step)

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        pass


class GradientTakenAgain(Along):
    """The gradient is taken once, at the start: here a later step goes along a different gradient."""

    again = False

    def __call__(self, loss: Callable[[], Tensor], params: Iterable[Tensor], step_sizes: Sequence[float]) -> Losses:
        params = list(params)
        start = [p.detach().clone() for p in params]
        found = []
        for size in step_sizes:
            grads = torch.autograd.grad(loss(), params)
            with torch.no_grad():
                for p, value, g in zip(params, start, grads, strict=True):
                    p.copy_((value if self.again else p) - size * g)
            found.append(loss().item())
        self.restore(params, start, [], [])
        return found


class GradientOfTheLastStop(GradientTakenAgain):
    again = True


class NotRestored(Along):
    """The parameters are left where the last step put them: what about whoever trains on with them?"""

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        pass


class OnlyFirstRestored(Along):
    """One parameter is back where it was, and the others are not."""

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        super().restore(params[:1], start[:1], grads, sizes)


class WalksBack(Along):
    """Adding what was subtracted does not give the old number: rounding stays behind. What does?"""

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        p.copy_(start - step)

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        with torch.no_grad():
            for p, value, g in zip(params, start, grads, strict=True):
                p.copy_(value)
                for size in sizes:
                    p.sub_(size * g)
                    p.add_(size * g)


class ParametersNotMoved(Along):
    """The loss is the same for every size: it reads the tensors that you were given, and your step writes its numbers
    into other ones.
    """

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        pass


class ParametersUsedUp(Along):
    """params may be a generator, like `model.parameters()`, and can be walked through only once."""

    exhausted = False

    def collected(self, params: Iterable[Tensor]) -> list[Tensor]:
        self.exhausted = not isinstance(params, (list, tuple))
        return list(params)

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        if not self.exhausted:
            p.copy_(start - step)


class StartUsedUp(Along):
    """params may be a generator, like `model.parameters()`, and can be walked through only once."""

    def __call__(self, loss: Callable[[], Tensor], params: Iterable[Tensor], step_sizes: Sequence[float]) -> Losses:
        start = [p.detach().clone() for p in params]
        found = []
        grads = torch.autograd.grad(loss(), params)  # the mistake
        for size in step_sizes:
            with torch.no_grad():
                for p, value, g in zip(params, start, grads, strict=False):
                    p.copy_(value - size * g)
            found.append(loss().item())
        self.restore(list(params), start, [], [])
        return found


class GeneratorIndexed(Along):
    """params may be a generator, like `model.parameters()`: it has no length, and no p[0]."""

    def collected(self, params: Iterable[Tensor]) -> list[Tensor]:
        len(params)  # type: ignore[arg-type]
        return list(params)


class OnlyFirstParameter(Along):
    """All parameters take the step together, and only one does here."""

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        if k == 0:
            p.copy_(start - step)


class OnlyLastParameter(Along):
    at = -1

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        return [torch.zeros_like(g) for g in grads[:-1]] + grads[-1:]


class OneParameterAtATime(Along):
    """One result per step size: all parameters take the step together, and then the loss is evaluated."""

    def __call__(self, loss: Callable[[], Tensor], params: Iterable[Tensor], step_sizes: Sequence[float]) -> Losses:
        params = list(params)
        start = [p.detach().clone() for p in params]
        found = []
        for size in step_sizes:
            for p, value, g in zip(params, start, self.gradient(loss, params), strict=True):
                with torch.no_grad():
                    p.copy_(value - size * g)
                found.append(loss().item())
            self.restore(params, start, [], [])
        return found


class LossAfterEachParameter(OneParameterAtATime):
    def __call__(self, loss: Callable[[], Tensor], params: Iterable[Tensor], step_sizes: Sequence[float]) -> Losses:
        params = list(params)
        start = [p.detach().clone() for p in params]
        grads = self.gradient(loss, params)
        found = []
        for size in step_sizes:
            for p, value, g in zip(params, start, grads, strict=True):
                with torch.no_grad():
                    p.copy_(value - size * g)
                found.append(loss().item())
        self.restore(params, start, [], [])
        return found


class LossGivenParameters(Along):
    """`loss` takes no arguments: it reads the parameters by itself. How can it be made to read other numbers?"""

    def value(self, loss: Callable[..., Tensor]) -> float:
        return loss([]).item()


class LossNotCalled(Along):
    """`loss` is a function, and not a number yet: what has to be done with a function to get its value?"""

    def gradient(self, loss: Callable[[], Tensor], params: list[Tensor]) -> list[Tensor]:
        loss.backward()  # type: ignore[attr-defined]  # the mistake
        return super().gradient(loss, params)


class UnitGradient(Along):
    """A step of size s moves the parameters by s times the gradient; here the gradient's length was divided out."""

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        length = sum(g.square().sum() for g in grads).sqrt()
        return [g / length for g in grads]


class UnitGradientPerParameter(Along):
    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        return [g / g.norm() for g in grads]


class SignOfGradient(Along):
    """A step of size s moves the parameters by s times the gradient, not by s times its sign."""

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        return [g.sign() for g in grads]


class LossBeforeStep(Along):
    """Each loss belongs to the step before it: is it evaluated before the parameters move, or after?"""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return [loss().item(), *found[:-1]]


class StartIncluded(Along):
    """One loss per step size: one more came back. Is the loss at the start among them?"""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return [loss().item(), *found]


class ChangeOfLoss(Along):
    """The losses themselves are asked for, not how they differ from the loss at the start."""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return [value - loss().item() for value in found]


class FallOfLoss(Along):
    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return [loss().item() - value for value in found]


class PredictedByTheSlope(Along):
    """This is what a straight line would give. How far the loss departs from it is what you want to see: evaluate it
    there.
    """

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        slope = sum(g.square().sum() for g in grads).item()
        return [loss().item() - size * slope for size in sizes]


class SizesSorted(Along):
    """The losses are to come in the order of the step sizes that were given."""

    def order(self, step_sizes: Sequence[float]) -> Sequence[float]:
        return sorted(step_sizes)


class EqualSizesOnce(Along):
    """One loss per step size, in their order, even if a size comes twice."""

    def order(self, step_sizes: Sequence[float]) -> Sequence[float]:
        return list(dict.fromkeys(step_sizes))


class GradientLeftBehind(Along):
    """`backward()` writes into `.grad`, and that is still there afterwards. The next training step will add to it."""

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        super().restore(params, start, grads, sizes)
        for p, g in zip(params, grads, strict=True):
            p.grad = g


class ZerosLeftBehind(Along):
    """`.grad` was None or had numbers in it, and is zeros now: leave it as it was, or None."""

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        super().restore(params, start, grads, sizes)
        for p in params:
            p.grad = torch.zeros_like(p)


class StaleGradient(Along):
    """`backward()` adds to what is in `.grad`: what if something is there already?"""

    left = False

    def gradient(self, loss: Callable[[], Tensor], params: list[Tensor]) -> list[Tensor]:
        self.stale = [p.grad for p in params]
        return [
            g if p.grad is None else g + p.grad for p, g in zip(params, super().gradient(loss, params), strict=True)
        ]

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        super().restore(params, start, grads, sizes)
        for p, g in zip(params, grads, strict=True):
            p.grad = g if self.left else None


class StaleGradientLeft(StaleGradient):
    left = True


class RequiresGradLost(Along):
    """The parameters can no longer be trained: something switched their gradient off, and never on again."""

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        super().restore(params, start, grads, sizes)
        for p in params:
            p.requires_grad_(False)


class SizeAsShare(Along):
    """A step of size s moves the parameters by s times the gradient: the sizes are not shares of the largest one."""

    def order(self, step_sizes: Sequence[float]) -> Sequence[float]:
        return [size / max(step_sizes) for size in step_sizes]


class NoLosses(Along):
    """An empty list came back: is the loss of each step appended to it, and is the loop run through?"""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return []


class OnlyOneLoss(Along):
    """One loss per step size: only one came back."""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return found[-1:]


class OnlyFirstLoss(Along):
    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return found[:1]


loss_along_gradient = Check(
    tasks.loss_along_gradient,
    right=as_function(Along),
    wrong=(
        in_steps(Uphill),
        in_steps(StepsAddUp),
        in_steps(StartWithoutCopy),
        in_steps(GradientTakenAgain, GradientOfTheLastStop),
        in_steps(NotRestored),
        in_steps(OnlyFirstRestored),
        in_steps(WalksBack),
        in_steps(ParametersNotMoved),
        in_steps(ParametersUsedUp, StartUsedUp),
        in_steps(GeneratorIndexed),
        in_steps(OnlyFirstParameter, OnlyLastParameter),
        in_steps(OneParameterAtATime, LossAfterEachParameter),
        in_steps(LossGivenParameters),
        in_steps(LossNotCalled),
        in_steps(UnitGradient, UnitGradientPerParameter),
        in_steps(SignOfGradient),
        in_steps(LossBeforeStep),
        in_steps(StartIncluded),
        in_steps(ChangeOfLoss, FallOfLoss),
        in_steps(PredictedByTheSlope),
        in_steps(SizesSorted),
        in_steps(EqualSizesOnce),
        in_steps(GradientLeftBehind),
        in_steps(ZerosLeftBehind),
        in_steps(StaleGradient, StaleGradientLeft),
        in_steps(RequiresGradLost),
        in_steps(SizeAsShare),
        in_steps(OnlyOneLoss, OnlyFirstLoss),
        in_steps(NoLosses),
    ),
)


def invariant(
    layer: Callable[[Tensor], Tensor],
    x: Tensor,
    factors: Sequence[float] = (0.1, 0.5, 3, 7, 100),
    rtol: float = 1e-3,
    atol: float = 1e-3,
) -> bool:
    """Whether the outputs stay the same for these factors."""
    with torch.no_grad():
        y = layer(x)
        return all(torch.allclose(layer(a * x), y, rtol=rtol, atol=atol) for a in factors)


def scale_invariant(layer: nn.Module, x: Tensor) -> bool:
    """Whether the layer gives the same for x and for positive multiples of it."""
    return invariant(layer, x)


def tests_only_one_factor(layer: nn.Module, x: Tensor) -> bool:
    """A layer can ignore one factor and not the next: which factors decide in your function, and is each of them tried
    before it returns?
    """
    return invariant(layer, x, (2.0,))


def tests_only_a_half(layer: nn.Module, x: Tensor) -> bool:
    return invariant(layer, x, (0.5,))


def tests_only_powers_of_two(layer: nn.Module, x: Tensor) -> bool:
    """A layer can ignore all powers of 2 and nothing else: try factors that have nothing to do with each other."""
    return invariant(layer, x, (0.125, 0.25, 0.5, 2.0, 4.0, 16.0, 64.0))


def tests_only_larger_factors(layer: nn.Module, x: Tensor) -> bool:
    """There is a layer that ignores every factor above 1: what did it say to one below 1, and does that count in your
    answer?
    """
    return invariant(layer, x, (3.0, 10.0, 100.0))


def tests_only_smaller_factors(layer: nn.Module, x: Tensor) -> bool:
    """There is a layer that ignores every factor below 1: what did it say to one above 1, and does that count in your
    answer?
    """
    return invariant(layer, x, (0.1, 0.3, 0.5, 0.7))


def always(layer: nn.Module, x: Tensor) -> bool:
    """A layer passes whose output changes with the scale: look at your factors, at what you compare, and at how several
    comparisons become one answer.
    """
    return True


def never(layer: nn.Module, x: Tensor) -> bool:
    """A layer fails that ignores the scale: are both outputs computed in the way that you think, and is a little
    rounding allowed?
    """
    return False


def includes_negative_factors(layer: nn.Module, x: Tensor) -> bool:
    """Only positive factors are asked for: a negative one turns every sign around."""
    return invariant(layer, x, (0.5, 3, 100, -1))


def includes_zero(layer: nn.Module, x: Tensor) -> bool:
    """Only positive factors are asked for: a factor of 0 leaves nothing of x."""
    return invariant(layer, x, (0.1, 0.5, 3, 100, 0))


def no_room_for_eps(layer: nn.Module, x: Tensor) -> bool:
    """Because of eps, BatchNorm and LayerNorm ignore the scale nearly, and not exactly: is a factor below 0.1, or the
    comparison stricter than one thousandth?
    """
    return invariant(layer, x, (1e-4, 0.5, 3, 100))


def from_a_hundredth(layer: nn.Module, x: Tensor) -> bool:
    return invariant(layer, x, (0.01, 0.5, 3, 100))


def stricter_than_asked(layer: nn.Module, x: Tensor) -> bool:
    return invariant(layer, x, rtol=1e-5, atol=1e-4)


def no_room_for_rounding(layer: nn.Module, x: Tensor) -> bool:
    """Rounding and eps change the last digits of every layer that normalises: how exact can the comparison be?"""
    return invariant(layer, x, (0.5, 3, 100), rtol=0, atol=0)


def too_little_room_for_eps(layer: nn.Module, x: Tensor) -> bool:
    return invariant(layer, x, rtol=1e-7, atol=1e-10)


def tolerance_too_wide(layer: nn.Module, x: Tensor) -> bool:
    """These outputs are not the same: one thousandth is allowed, and how much do you allow?"""
    return invariant(layer, x, (0.5, 3, 7, 100), rtol=0.2, atol=0.2)


def compares_mean_and_spread(layer: nn.Module, x: Tensor) -> bool:
    with torch.no_grad():
        y = layer(x)
        others = [layer(a * x) for a in (0.1, 0.5, 3, 7, 100)]
        return all(
            torch.allclose(z.mean(0), y.mean(0), atol=1e-3) and torch.allclose(z.std(0), y.std(0), atol=1e-2, rtol=1e-2)
            for z in others
        )


def compares_means(layer: nn.Module, x: Tensor) -> bool:
    """Two outputs can have the same mean and still differ in every entry."""
    with torch.no_grad():
        y = layer(x)
        return all(torch.allclose(layer(a * x).mean(), y.mean(), atol=1e-3) for a in (0.1, 0.5, 3, 7, 100))


def scales_the_output_too(layer: nn.Module, x: Tensor) -> bool:
    """This asks whether the output grows with the input. Invariant means that it stays."""
    with torch.no_grad():
        y = layer(x)
        return all(torch.allclose(layer(a * x), a * y, rtol=1e-3, atol=1e-3) for a in (0.1, 0.5, 3, 7, 100))


def shifts_the_input(layer: nn.Module, x: Tensor) -> bool:
    """This asks what happens when something is added to the input. Scale is what it is multiplied by."""
    with torch.no_grad():
        y = layer(x)
        return all(torch.allclose(layer(x + a), y, rtol=1e-3, atol=1e-3) for a in (0.1, 0.5, 3, 7, 100))


def compares_with_the_input(layer: nn.Module, x: Tensor) -> bool:
    """The output is compared with the input: which two outputs are to be the same?"""
    with torch.no_grad():
        y = layer(x)
        return y.shape == x.shape and torch.allclose(y, x, rtol=1e-3, atol=1e-3)


def switches_to_evaluation(layer: nn.Module, x: Tensor) -> bool:
    """The layer was handed over in a mode of its own, and the answer depends on it: who changed it?"""
    return invariant(layer.eval(), x)


def switches_to_training(layer: nn.Module, x: Tensor) -> bool:
    """The layer was handed over in a mode of its own, and the answer depends on it: who changed it?"""
    return invariant(layer.train(), x)


def some_factor_is_enough(layer: nn.Module, x: Tensor) -> bool:
    """Every factor has to leave the output as it is; here one of them is enough."""
    return any(invariant(layer, x, (a,)) for a in (0.1, 0.5, 3, 7, 100))


def one_of_three_and_seven(layer: nn.Module, x: Tensor) -> bool:
    return any(invariant(layer, x, (a,)) for a in (0.3, 0.7, 3, 7))


def one_of_a_half_and_two(layer: nn.Module, x: Tensor) -> bool:
    return any(invariant(layer, x, (a,)) for a in (0.5, 2))


def one_of_a_half_and_ten(layer: nn.Module, x: Tensor) -> bool:
    return any(invariant(layer, x, (a,)) for a in (0.2, 0.5, 2, 3, 5, 10))


def mean_difference(layer: nn.Module, x: Tensor, factors: Sequence[float] = (0.1, 0.5, 3, 7, 100)) -> bool:
    with torch.no_grad():
        y = layer(x)
        return all(bool((layer(a * x) - y).mean().abs() <= 1e-3) for a in factors)


def mean_difference_of_few(layer: nn.Module, x: Tensor) -> bool:
    return mean_difference(layer, x, (0.3, 0.7, 3, 7))


def mean_difference_of_two(layer: nn.Module, x: Tensor) -> bool:
    return mean_difference(layer, x, (0.5, 2))


def entry_by_entry(layer: nn.Module, x: Tensor) -> Tensor:
    """This is one answer for each entry of the output, and one for the whole layer is asked for: when are all of them
    the same?
    """
    with torch.no_grad():
        return layer(2 * x) == layer(x)


def entry_by_entry_with_room(layer: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return (layer(3 * x) - layer(x)).abs() <= 1e-3


def some_entry_is_enough(layer: nn.Module, x: Tensor) -> bool:
    """Every entry of the output has to stay as it is; here some of them are enough."""
    with torch.no_grad():
        y = layer(x)
        return all(bool(torch.isclose(layer(a * x), y, rtol=1e-3, atol=1e-3).any()) for a in (0.1, 0.5, 3, 7, 100))


def only_the_first_row(layer: nn.Module, x: Tensor) -> bool:
    return invariant(lambda rows: layer(rows)[0], x)


def judged_by_its_type(layer: nn.Module, x: Tensor) -> bool:
    """What a layer is called says little: the same type answers differently in evaluation, with a large eps, or with
    other layers around it. Try it out.
    """
    return isinstance(layer, (nn.BatchNorm1d, nn.LayerNorm))


def contains_a_normalisation(layer: nn.Module, x: Tensor) -> bool:
    return any(isinstance(part, (nn.BatchNorm1d, nn.LayerNorm)) for part in layer.modules())


def batchnorm_in_training(layer: nn.Module, x: Tensor) -> bool:
    return isinstance(layer, nn.LayerNorm) or (isinstance(layer, nn.BatchNorm1d) and layer.training)


def answer_turned_around(layer: nn.Module, x: Tensor) -> bool:
    """Layers that ignore the scale are called not invariant, and the other way round: look at the last line."""
    return not invariant(layer, x)


def number_for_a_bool(layer: nn.Module, x: Tensor) -> float:
    """A number came back, and True or False is asked for: what is it to be compared with?"""
    return float(invariant(layer, x))


is_scale_invariant = Check(
    tasks.is_scale_invariant,
    right=scale_invariant,
    wrong=(
        written(tests_only_one_factor, tests_only_a_half),
        tests_only_powers_of_two,
        tests_only_larger_factors,
        tests_only_smaller_factors,
        always,
        never,
        includes_negative_factors,
        includes_zero,
        written(no_room_for_eps, from_a_hundredth, stricter_than_asked),
        written(no_room_for_rounding, too_little_room_for_eps),
        tolerance_too_wide,
        written(
            compares_mean_and_spread, compares_means, mean_difference, mean_difference_of_few, mean_difference_of_two
        ),
        scales_the_output_too,
        shifts_the_input,
        compares_with_the_input,
        switches_to_evaluation,
        switches_to_training,
        written(some_factor_is_enough, one_of_three_and_seven, one_of_a_half_and_two, one_of_a_half_and_ten),
        written(entry_by_entry, entry_by_entry_with_room),
        written(some_entry_is_enough, only_the_first_row),
        written(judged_by_its_type, contains_a_normalisation, batchnorm_in_training),
        answer_turned_around,
        number_for_a_bool,
    ),
)


# Plug it in


class Parts:
    """Both parts."""

    loss_along_gradient = staticmethod(as_function(Along))
    is_scale_invariant = staticmethod(scale_invariant)


RESCALED = "Your function finds other layers that ignore the scale: `checks.is_scale_invariant` looks closer."

LOSSES = "The losses along the gradient are other ones: `checks.loss_along_gradient` looks closer."

trained_line_search = Check(
    tasks.trained_line_search,
    right=Parts,
    outcomes={
        tasks.LEFT: (
            "parameters-left-elsewhere",
            "After the call the parameters are not what they were: the last step is still in them.",
        ),
        tasks.ALONG: ("losses-off", LOSSES),
        tasks.SMALLEST: ("losses-off", LOSSES),
        tasks.LAST: (
            "trained-otherwise",
            "The network ends elsewhere: does your function leave the parameters as they were, in each step?",
        ),
        tasks.LAYERS_FOUND: ("wrong-layers", RESCALED),
        tasks.LOSS_CHANGED: ("wrong-layers", RESCALED),
    },
)
