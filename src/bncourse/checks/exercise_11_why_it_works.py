"""Checks of assignment 11: the loss along its gradient, and layers that ignore the scale of their input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bncourse.checks.check import Check, Question
from bncourse.checks.recorder import Recorder

__all__ = ["is_scale_invariant", "loss_along_gradient"]


def ask_loss_along_gradient(rng: np.random.Generator) -> list[Question]:
    """Losses of one and several parameters; sizes that are not in order; a generator of parameters; stale gradients."""
    questions: list[Question] = []
    for kind, shapes, dtype, sizes, given, stale in [
        ("curved", [(3, 4)], "float32", [0.1, 0.3, 1.0], "list", False),
        ("network", [(3, 5), (5,), (5, 2)], "float64", [1.0, 0.01, 0.3], "generator", False),
        ("curved", [(6,), (2, 3)], "float64", [0.5, 0.0, 0.5, 0.05], "list", True),
        ("batchnorm", [(4, 3), (3,), (3, 2)], "float32", [0.03, 2.0, 0.3, 0.1], "generator", True),
        ("curved", [(5,)], "float64", [0.7], "tuple", False),
    ]:
        words = {"list": "params in a list", "tuple": "params in a tuple", "generator": "params from a generator"}
        left = ", each with a gradient left from before" if stale else ""
        questions.append(
            {
                "call": f"loss_along_gradient(loss, params, {sizes}), {len(shapes)} parameter"
                f"{'s' if len(shapes) > 1 else ''}, {dtype}, {words[given]}{left}",
                "loss": kind,
                "params": [rng.normal(size=shape).astype(dtype) for shape in shapes],
                "stale": [rng.normal(size=shape).astype(dtype) for shape in shapes] if stale else [],
                "x": rng.normal(size=(8, shapes[0][0])).astype(dtype),
                "target": rng.normal(size=(8, shapes[-1][-1])).astype(dtype),
                "step_sizes": sizes,
                "given": given,
                "tolerance": 1e-5 if dtype == "float32" else 1e-9,
            }
        )
    return questions


def loss_of(question: Question, params: Sequence[Tensor]) -> Callable[[], Tensor]:
    """The question's loss, a function without arguments."""
    x, target = torch.from_numpy(question["x"].copy()), torch.from_numpy(question["target"].copy())

    def curved() -> Tensor:
        return sum((torch.cosh(p) + torch.sin(3 * p)).mean() for p in params)

    def network() -> Tensor:
        hidden = x @ params[0]
        if question["loss"] == "batchnorm":
            hidden = (hidden - hidden.mean(0)) / (hidden.var(0, correction=0) + 1e-5).sqrt()
        return (torch.tanh(hidden + params[1]) @ params[2] - target).square().mean()

    return curved if question["loss"] == "curved" else network


def observe_loss_along_gradient(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, and look at what it leaves behind."""
    params = [torch.from_numpy(values.copy()).requires_grad_() for values in question["params"]]
    before = [torch.from_numpy(values.copy()) for values in question["stale"]]
    for p, gradient in zip(params, before, strict=False):
        p.grad = gradient.clone()
    sizes = list(question["step_sizes"])
    given = {"list": list, "tuple": tuple, "generator": iter}[question["given"]](params)
    recorder.call("the losses", theirs, loss_of(question, params), given, sizes)
    for i, (p, start) in enumerate(zip(params, question["params"], strict=True), start=1):
        recorder.write(f"parameter {i} at the end", p, "state")
        same = p.shape == start.shape and bool((p.detach().numpy() == start).all())
        recorder.write(f"parameter {i} is what it was, to the last bit", same, "state")
        as_found = bool(before) and p.grad is not None and torch.equal(p.grad, before[i - 1])
        recorder.write(f"parameter {i}'s .grad is as it was, or None", p.grad is None or as_found, "state")
        zeros = p.grad is not None and not as_found and not bool(p.grad.any())
        recorder.write(f"parameter {i}'s .grad was filled with zeros", zeros, "state")
        recorder.write(f"parameter {i} requires a gradient", p.requires_grad, "state")
    recorder.write("step_sizes is what it was", sizes == question["step_sizes"], "state")


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
    """`detach()` and `.data` share their numbers with the parameter: when it moves, what you kept moves along."""

    def move(self, p: Tensor, start: Tensor, step: Tensor, number: int, k: int) -> None:
        p.sub_(step)

    def restore(self, params: list[Tensor], start: Start, grads: list[Tensor], sizes: Sequence[float]) -> None:
        pass


class GradientTakenAgain(Along):
    """The gradient is taken once, at the start: here a later step goes along another one."""

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


GradientOfTheLastStop.__name__, GradientOfTheLastStop.__doc__ = "GradientTakenAgain", GradientTakenAgain.__doc__


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
    """The loss is the same for every size: `p = p - step` makes a new tensor, and the loss still reads the old one."""

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
    """All parameters take the step together, and only one does here."""

    at = -1

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        return [torch.zeros_like(g) for g in grads[:-1]] + grads[-1:]


OnlyLastParameter.__name__ = "OnlyFirstParameter"


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


class UnitGradient(Along):
    """A step of size s moves the parameters by s times the gradient; here the gradient's length was divided out."""

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        length = sum(g.square().sum() for g in grads).sqrt()
        return [g / length for g in grads]


class UnitGradientPerParameter(Along):
    """A step of size s moves the parameters by s times the gradient; here the gradient's length was divided out."""

    def direction(self, grads: list[Tensor]) -> list[Tensor]:
        return [g / g.norm() for g in grads]


UnitGradientPerParameter.__name__ = "UnitGradient"


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
    """The losses themselves are asked for, not how they differ from the loss at the start."""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return [loss().item() - value for value in found]


FallOfLoss.__name__ = "ChangeOfLoss"


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


StaleGradientLeft.__name__, StaleGradientLeft.__doc__ = "StaleGradient", StaleGradient.__doc__


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


class OnlyLastLoss(Along):
    """One loss per step size: only one came back."""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return found[-1:]


class OnlyFirstLoss(Along):
    """One loss per step size: only one came back."""

    def result(self, found: Losses, loss: Callable[[], Tensor], grads: list[Tensor], sizes: list[float]) -> Losses:
        return found[:1]


OnlyFirstLoss.__name__ = OnlyLastLoss.__name__ = "OnlyOneLoss"


def as_function(along: type[Along]) -> Callable[..., Losses]:
    """The mistake as a function, under its name and with its hint."""

    def function(loss: Callable[[], Tensor], params: Iterable[Tensor], step_sizes: Sequence[float]) -> Losses:
        return along()(loss, params, step_sizes)

    function.__name__, function.__doc__ = along.__name__, along.__doc__
    return function


loss_along_gradient = Check(
    name="loss_along_gradient",
    subject="loss_along_gradient(loss, params, step_sizes)",
    ask=ask_loss_along_gradient,
    observing=observe_loss_along_gradient,
    right=as_function(Along),
    wrong=tuple(
        map(
            as_function,
            (
                Uphill,
                StepsAddUp,
                StartWithoutCopy,
                GradientTakenAgain,
                GradientOfTheLastStop,
                NotRestored,
                OnlyFirstRestored,
                WalksBack,
                ParametersNotMoved,
                ParametersUsedUp,
                GeneratorIndexed,
                OnlyFirstParameter,
                OnlyLastParameter,
                OneParameterAtATime,
                UnitGradient,
                UnitGradientPerParameter,
                SignOfGradient,
                LossBeforeStep,
                StartIncluded,
                ChangeOfLoss,
                FallOfLoss,
                PredictedByTheSlope,
                SizesSorted,
                EqualSizesOnce,
                GradientLeftBehind,
                ZerosLeftBehind,
                StaleGradient,
                StaleGradientLeft,
                RequiresGradLost,
                SizeAsShare,
                OnlyLastLoss,
                OnlyFirstLoss,
            ),
        )
    ),
)


class Mapped(nn.Module):
    """A layer without parameters: a formula."""

    def __init__(self, formula: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.formula = formula

    def forward(self, x: Tensor) -> Tensor:
        return self.formula(x)


def filled(layer: nn.Module, seed: int) -> nn.Module:
    """With parameters and running statistics that are not the ones it was made with."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for name, values in [*layer.named_parameters(), *layer.named_buffers()]:
            positive = name.endswith(("running_var", "weight")) and values.ndim == 1
            if values.is_floating_point():
                numbers = rng.uniform(0.5, 2, values.shape) if positive else rng.normal(size=values.shape)
                values.copy_(torch.from_numpy(numbers))
    return layer


LAYERS: dict[str, Callable[[int], nn.Module]] = {
    "BatchNorm in training": lambda dim: nn.BatchNorm1d(dim),
    "BatchNorm in evaluation": lambda dim: nn.BatchNorm1d(dim).eval(),
    "BatchNorm with an eps of 20": lambda dim: nn.BatchNorm1d(dim, eps=20.0),
    "LayerNorm": lambda dim: nn.LayerNorm(dim),
    "a Linear without a bias": lambda dim: nn.Linear(dim, 4, bias=False),
    "a ReLU": lambda dim: nn.ReLU(),
    "Linear with a bias, BatchNorm and Tanh": lambda dim: nn.Sequential(
        nn.Linear(dim, 5), nn.BatchNorm1d(5), nn.Tanh()
    ),
    "Tanh, then BatchNorm": lambda dim: nn.Sequential(Mapped(lambda x: torch.tanh(x / 10)), nn.BatchNorm1d(dim)),
    "each row divided by its length": lambda dim: Mapped(lambda x: x / x.norm(dim=1, keepdim=True)),
    "each row divided by the 0.99th power of its length": lambda dim: Mapped(
        lambda x: x / x.norm(dim=1, keepdim=True) ** 0.99
    ),
    "each row's absolute values divided by their sum": lambda dim: Mapped(lambda x: x.abs() / x.abs().sum(1)[:, None]),
    "the signs": lambda dim: Mapped(torch.sign),
    "the signs, but the last row as it is": lambda dim: Mapped(lambda x: torch.cat([torch.sign(x[:-1]), x[-1:]])),
    "zero times the input": lambda dim: Mapped(lambda x: 0 * x),
    "the input itself": lambda dim: nn.Identity(),
    "a clamp to −3 and 3, for an x beyond": lambda dim: Mapped(lambda x: x.clamp(-3, 3)),
    "what exceeds 30, for an x below": lambda dim: Mapped(lambda x: torch.relu(x.abs() - 30)),
    "a wave in log₂|x|, of period 1": lambda dim: Mapped(lambda x: torch.sin(2 * torch.pi * x.abs().log2())),
}


def ask_is_scale_invariant(rng: np.random.Generator) -> list[Question]:
    """Layers that ignore every factor, some factors, or none."""
    questions: list[Question] = []
    for i, kind in enumerate(LAYERS):
        dim = int(rng.integers(3, 7))
        dtype = "float64" if i % 3 == 2 else "float32"
        # All entries lie between 3 and 30 away from 0, with both signs in every row and column, so that no variance is
        # so small that eps = 1e-5 could be seen at a tenth of it.
        signs = (-1.0) ** (np.arange(9)[:, None] + np.arange(dim) + rng.integers(2))
        x = signs * rng.uniform(3, 30, (9, dim))
        questions.append(
            {
                "call": f"is_scale_invariant(layer, x), the layer is {kind}, x of shape (9, {dim}), {dtype}",
                "layer": kind,
                "dim": dim,
                "seed": int(rng.integers(2**31)),
                "x": x.astype(dtype),
            }
        )
    return questions


def observe_is_scale_invariant(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it with a layer and an input; whether a bool came back is written down by itself."""
    layer = filled(LAYERS[question["layer"]](question["dim"]), question["seed"])
    x = recorder.tensor("x", question["x"])
    result = recorder.call("the result", theirs, layer.to(x.dtype), x)
    is_bool = isinstance(result, (bool, np.bool_)) or getattr(result, "dtype", None) in (torch.bool, np.bool_)
    recorder.write("the result is True or False", is_bool)


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
    """A layer can ignore one factor and not the next: try several, above and below 1."""
    return invariant(layer, x, (2.0,))


def tests_only_a_half(layer: nn.Module, x: Tensor) -> bool:
    """A layer can ignore one factor and not the next: try several, above and below 1."""
    return invariant(layer, x, (0.5,))


tests_only_a_half.__name__ = tests_only_one_factor.__name__


def tests_only_powers_of_two(layer: nn.Module, x: Tensor) -> bool:
    """A layer can ignore all powers of 2 and nothing else: try factors that have nothing to do with each other."""
    return invariant(layer, x, (0.125, 0.25, 0.5, 2.0, 4.0, 16.0, 64.0))


def tests_only_larger_factors(layer: nn.Module, x: Tensor) -> bool:
    """There is a layer that ignores every factor above 1: what did it say to one below 1?"""
    return invariant(layer, x, (3.0, 10.0, 100.0))


def tests_only_smaller_factors(layer: nn.Module, x: Tensor) -> bool:
    """There is a layer that ignores every factor below 1: what did it say to one above 1?"""
    return invariant(layer, x, (0.1, 0.3, 0.5, 0.7))


def always(layer: nn.Module, x: Tensor) -> bool:
    """Every layer passes, even one that returns its input: look at your factors, and at what you compare."""
    return True


def never(layer: nn.Module, x: Tensor) -> bool:
    """No layer passes: are both outputs computed in the way that you think, and is a little rounding allowed?"""
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


def no_room_for_rounding(layer: nn.Module, x: Tensor) -> bool:
    """Rounding and eps change the last digits of every layer that normalises: how exact can the comparison be?"""
    return invariant(layer, x, (0.5, 3, 100), rtol=0, atol=0)


def too_little_room_for_eps(layer: nn.Module, x: Tensor) -> bool:
    """Rounding and eps change the last digits of every layer that normalises: how exact can the comparison be?"""
    return invariant(layer, x, rtol=1e-7, atol=1e-10)


too_little_room_for_eps.__name__ = "no_room_for_rounding"


def tolerance_too_wide(layer: nn.Module, x: Tensor) -> bool:
    """These outputs are not the same: one thousandth is allowed, and how much do you allow?"""
    return invariant(layer, x, (0.5, 3, 7, 100), rtol=0.2, atol=0.2)


def compares_mean_and_spread(layer: nn.Module, x: Tensor) -> bool:
    """Two outputs can have the same mean and the same spread and still differ in every entry."""
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


compares_means.__name__ = "compares_mean_and_spread"


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


def some_entry_is_enough(layer: nn.Module, x: Tensor) -> bool:
    """Every entry of the output has to stay as it is; here some of them are enough."""
    with torch.no_grad():
        y = layer(x)
        return all(bool(torch.isclose(layer(a * x), y, rtol=1e-3, atol=1e-3).any()) for a in (0.1, 0.5, 3, 7, 100))


def only_the_first_row(layer: nn.Module, x: Tensor) -> bool:
    """Every entry of the output has to stay as it is; here some of them are enough."""
    return invariant(lambda rows: layer(rows)[0], x)


only_the_first_row.__name__ = "some_entry_is_enough"


def judged_by_its_type(layer: nn.Module, x: Tensor) -> bool:
    """What a layer is called says little: the same type answers differently in evaluation, with a large eps, or with
    other layers around it. Try it out.
    """
    return isinstance(layer, (nn.BatchNorm1d, nn.LayerNorm))


def contains_a_normalisation(layer: nn.Module, x: Tensor) -> bool:
    """What a layer is called says little: the same type answers differently in evaluation, with a large eps, or with
    other layers around it. Try it out.
    """
    return any(isinstance(part, (nn.BatchNorm1d, nn.LayerNorm)) for part in layer.modules())


def batchnorm_in_training(layer: nn.Module, x: Tensor) -> bool:
    """What a layer is called says little: the same type answers differently in evaluation, with a large eps, or with
    other layers around it. Try it out.
    """
    return isinstance(layer, nn.LayerNorm) or (isinstance(layer, nn.BatchNorm1d) and layer.training)


contains_a_normalisation.__name__ = batchnorm_in_training.__name__ = "judged_by_its_type"


def answer_turned_around(layer: nn.Module, x: Tensor) -> bool:
    """Layers that ignore the scale are called not invariant, and the other way round: look at the last line."""
    return not invariant(layer, x)


def number_for_a_bool(layer: nn.Module, x: Tensor) -> float:
    """A number came back, and True or False is asked for: what is it to be compared with?"""
    return float(invariant(layer, x))


is_scale_invariant = Check(
    name="is_scale_invariant",
    subject="is_scale_invariant(layer, x)",
    ask=ask_is_scale_invariant,
    observing=observe_is_scale_invariant,
    right=scale_invariant,
    wrong=(
        tests_only_one_factor,
        tests_only_a_half,
        tests_only_powers_of_two,
        tests_only_larger_factors,
        tests_only_smaller_factors,
        always,
        never,
        includes_negative_factors,
        includes_zero,
        no_room_for_eps,
        no_room_for_rounding,
        too_little_room_for_eps,
        tolerance_too_wide,
        compares_mean_and_spread,
        compares_means,
        scales_the_output_too,
        shifts_the_input,
        compares_with_the_input,
        switches_to_evaluation,
        switches_to_training,
        some_factor_is_enough,
        some_entry_is_enough,
        only_the_first_row,
        judged_by_its_type,
        contains_a_normalisation,
        batchnorm_in_training,
        answer_turned_around,
        number_for_a_bool,
    ),
)
