"""Answers of assignment 08: a summary of activations, and the ratios of gradient and of update to data."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from bncourse.judging.answers.written_out import (
    ratio_in_numpy,
    ratio_in_steps,
    ratio_of_variances,
    summary_by_counting,
    summary_by_variance,
    summary_in_steps,
    update_by_logarithms,
    update_by_natural_logarithm,
    update_in_numpy,
    update_in_steps,
    update_of_variances,
)
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_08_vital_signs as tasks
from bncourse.plugged import ON_NEW

__all__ = ["activation_summary", "grad_to_data", "trained_by_signs", "update_to_data"]


def share(mask: Tensor) -> Tensor:
    """The share of what is true."""
    return mask.double().mean()


def summary(h: Tensor, **changed: Any) -> dict[str, Any]:
    """Mean, unbiased standard deviation and saturated share of all values, but for what is changed."""
    h = h.detach()
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": share(h.abs() > 0.97).item()} | changed


def summarised(h: Tensor) -> dict[str, float]:
    """Mean, unbiased standard deviation and saturated share of all values."""
    return summary(h)


def but(**changed: Callable[[Tensor], Tensor]) -> Callable[[Tensor], dict[str, Any]]:
    """The summary with some entries computed in another way."""
    return lambda h: summary(h, **{key: compute(h.detach()).item() for key, compute in changed.items()})


def in_rows(h: Tensor) -> Tensor:
    """One row for each example, or for each position of one."""
    return h.reshape(-1, h.shape[-1])


def rounded_to(digits: int) -> Callable[[Tensor], dict[str, Any]]:
    """The summary with fewer digits."""
    return lambda h: {key: round(value, digits) for key, value in summary(h).items()}


def mean_and_std_exchanged(h: Tensor) -> dict[str, Any]:
    """The mean and the std have changed places: torch.var_mean and torch.std_mean return the mean last."""
    found = summary(h)
    return found | {"mean": found["std"], "std": found["mean"]}


activation_summary = Check(
    tasks.activation_summary,
    right=summarised,
    forms=(summary_in_steps, summary_by_variance, summary_by_counting),
    wrong=(
        Mistake(
            "biased-std",
            "The assignment wants the std that torch gives by default: does yours divide by n, or by n − 1?",
            but(std=lambda h: h.std(correction=0)),
        ),
        Mistake("variance-for-std", None, but(std=lambda h: h.var()), but(std=lambda h: h.var(correction=0))),
        Mistake(
            "spread-around-zero",
            "The standard deviation is taken around the mean, and not around 0: what if all values are alike?",
            but(std=lambda h: h.square().mean().sqrt()),
        ),
        Mistake(
            "mean-distance-for-std",
            "This averages distances from the mean; a standard deviation averages their squares, and then takes the "
            "root.",
            but(std=lambda h: (h - h.mean()).abs().mean()),
        ),
        Mistake(
            "cancelling-std",
            None,
            but(
                std=lambda h: (
                    ((h.square().mean() - h.mean().square()) * h.numel() / (h.numel() - 1)).clamp(min=0).sqrt()
                )
            ),
            but(
                std=lambda h: (
                    ((h.square().sum() - h.numel() * (h.sum() / h.numel()).square()) / (h.numel() - 1)).abs().sqrt()
                )
            ),
            but(std=lambda h: ((h.square().sum() - h.sum().square() / h.numel()) / (h.numel() - 1)).abs().sqrt()),
        ),
        Mistake(
            "std-without-root",
            "The root of a sum and the root of a mean are two things: by what is the sum of the squares divided?",
            but(std=lambda h: (h - h.mean()).square().sum().sqrt()),
        ),
        Mistake(
            "mean-of-stds",
            "The std of all values at once is wanted: an average of the units' stds leaves out how the units differ.",
            but(std=lambda h: in_rows(h).std(0).mean() if len(in_rows(h)) > 1 else h.std()),
        ),
        Mistake(
            "std-of-means",
            "The std of all values at once is wanted: this is how far the units' means differ.",
            but(std=lambda h: in_rows(h).mean(0).std()),
        ),
        Mistake(
            "one-number-per-unit",
            "Each entry is one number for all of h: these are one per unit.",
            lambda h: {"mean": h.mean(0), "std": h.std(0), "saturated": (h.abs() > 0.97).double().mean(0)},
        ),
        Mistake(
            "one-number-per-example",
            "Each entry is one number for all of h: these are one per example.",
            lambda h: {"mean": h.mean(-1), "std": h.std(-1), "saturated": (h.abs() > 0.97).double().mean(-1)},
        ),
        Mistake("mean-of-absolute-values", None, but(mean=lambda h: h.abs().mean())),
        Mistake(
            "all-of-absolute-values",
            "Only the saturated share looks at |h|: mean and std are those of h itself.",
            lambda h: summary(h.abs()),
        ),
        Mistake(
            "sum-for-mean",
            "This adds up all values: a mean divides by how many they are.",
            but(mean=lambda h: h.sum()),
        ),
        Mistake(
            "divided-by-examples",
            None,
            but(mean=lambda h: h.sum() / len(h), saturated=lambda h: (h.abs() > 0.97).sum().double() / len(h)),
            but(saturated=lambda h: (h.abs() > 0.97).sum().double() / len(h)),
            but(mean=lambda h: h.sum() / len(h)),
            but(std=lambda h: ((h - h.mean()).square().sum() / max(len(h) - 1, 1)).sqrt()),
            but(std=lambda h: ((h - h.mean()).square().sum() / len(h)).sqrt()),
        ),
        Mistake("median-for-mean", None, but(mean=lambda h: h.median())),
        mean_and_std_exchanged,
        Mistake(
            "positive-half-only",
            "A tanh saturates at two ends: what about an activation of −1?",
            but(saturated=lambda h: share(h > 0.97)),
        ),
        Mistake(
            "negative-half-only",
            "A tanh saturates at two ends: what about an activation of 1?",
            but(saturated=lambda h: share(h < -0.97)),
        ),
        Mistake(
            "share-of-dead-units",
            "This counts units that are saturated for every example; here each activation counts by itself.",
            but(saturated=lambda h: share((h.abs() > 0.97).all(0))),
        ),
        Mistake(
            "standard-error",
            "This is how far the mean may be off: the standard deviation says how far the values spread, however many.",
            but(std=lambda h: h.std() / h.numel() ** 0.5),
        ),
        Mistake(
            "range-for-std",
            "From the smallest to the largest is another measure of spread: the standard deviation is wanted.",
            but(std=lambda h: h.max() - h.min()),
        ),
        Mistake(
            "saturated-count",
            "A share lies between 0 and 1: this is how many there are.",
            but(saturated=lambda h: (h.abs() > 0.97).sum()),
        ),
        Mistake(
            "saturated-percent",
            "A share lies between 0 and 1: this one is in per cent.",
            but(saturated=lambda h: 100 * share(h.abs() > 0.97)),
        ),
        Mistake(
            "unsaturated-share",
            "This is the share of the activations that are *not* saturated.",
            but(saturated=lambda h: share(h.abs() <= 0.97)),
        ),
        Mistake(
            "another-threshold",
            "Saturated means here beyond ±0.97: does yours use another threshold?",
            but(saturated=lambda h: share(h.abs() > 0.99)),
            but(saturated=lambda h: share(h.abs() > 0.95)),
            but(saturated=lambda h: share(h.abs() > 0.9)),
        ),
        Mistake(
            "all-but-the-threshold",
            "Nearly every value is counted: which numbers fulfil your condition, and which of them lie beyond ±0.97?",
            but(saturated=lambda h: share(h != 0.97)),
            but(saturated=lambda h: share(h < 0.97)),
            but(saturated=lambda h: share((h > 0.97) | (h > -0.97))),
        ),
        Mistake("exactly-one-only", None, but(saturated=lambda h: share(h.abs() == 1))),
        Mistake("square-compared", None, but(saturated=lambda h: share(h.square() > 0.97))),
        Mistake(
            "tanh-applied-again",
            None,
            lambda h: summary(torch.tanh(h)),
            but(saturated=lambda h: share(torch.tanh(h).abs() > 0.97)),
        ),
        Mistake("rounded", None, rounded_to(2), rounded_to(3)),
        Mistake(
            "saturated-mask",
            "This says of each activation whether it is saturated: what share of them is?",
            lambda h: summary(h, saturated=h.detach().abs() > 0.97),
        ),
        Mistake(
            "texts-for-numbers",
            "The entries are to be numbers, so that one can go on with them: these are texts.",
            lambda h: {key: f"{value:.4f}" for key, value in summary(h).items()},
        ),
        Mistake("key-missing", None, lambda h: {}, loose=True),
        Mistake(
            "not-a-dictionary",
            None,
            lambda h: tuple(summary(h).values()),
            lambda h: list(summary(h).values()),
            lambda h: summary(h)["std"],
            lambda h: h.std(),
            lambda h: summary(h).values(),
        ),
    ),
    forbidden=("saturated_fraction", "activation_statistics", "diagnostics.summary", "LayerStatistics"),
)


def gradient_of(param: nn.Parameter) -> Tensor:
    """Its gradient.

    Raises:
        ValueError: it has none.
    """
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    return param.grad


Size = Callable[[Tensor], Tensor]


def std_and(more: float, values: Tensor) -> Tensor:
    """A std to which something is added, against a division by 0."""
    return values.std() + more


def of_sizes(above: Size, below: Size | None = None) -> Callable[[nn.Parameter], float]:
    """A ratio of gradient to data in which the size of each is measured by a function; one may serve for both."""
    return lambda param: (above(gradient_of(param)) / (below or above)(param.detach())).item()


def entrywise(size: Size) -> Callable[[nn.Parameter], float]:
    """The size of the ratios of the entries."""
    return lambda param: size(gradient_of(param) / param.detach()).item()


def per_unit(dim: int) -> Callable[[nn.Parameter], float]:
    """A ratio for each unit, and their mean."""
    return lambda param: (gradient_of(param).std(dim) / param.detach().std(dim)).mean().item()


def gradient_divided_in_place(param: nn.Parameter) -> float:
    """The gradient was divided where it lies: `/=` and `div_` write into it."""
    return gradient_of(param).div_(param.detach().std()).std().item()


def without_gradient(told: Any) -> Callable[[nn.Parameter], Any]:
    """The ratio, and this where there is no gradient: an error to be raised, or what comes back."""

    def measured(param: nn.Parameter) -> Any:
        if param.grad is not None:
            return ratio(param)
        if isinstance(told, Exception):
            raise type(told)(*told.args)  # a new one, without the traceback of the last
        return told

    return measured


def ratio(param: nn.Parameter) -> float:
    """std(grad) / std(data)."""
    return (gradient_of(param).std() / param.detach().std()).item()


def mean_size(t: Tensor) -> Tensor:
    """The mean absolute value."""
    return t.abs().mean()


def gradient_missing(param: nn.Parameter) -> float:
    """This is the size of the data alone: where does the gradient come in?"""
    gradient_of(param)
    return param.detach().std().item()


def gradient_thrown_away(param: nn.Parameter) -> float:
    """This measures, and the optimiser still needs the gradient afterwards: leave it as it is."""
    found = ratio(param)
    param.grad = None
    return found


def gradient_set_to_zero(param: nn.Parameter) -> float:
    """Measure, and set the gradient to 0."""
    found = ratio(param)
    gradient_of(param).zero_()
    return found


ENTRYWISE = (
    "Where a weight is nearly 0 the ratio of the entries is huge: take the two standard deviations first, and "
    "then divide."
)
MEASURES_DIFFER = "The same measure goes above and below: here the one is a {} and the other a {}."

RATIOS = (
    Mistake(
        "ratio-of-variances",
        "The standard deviations are to be divided: this divides the variances.",
        of_sizes(torch.var),
    ),
    Mistake(
        "ratio-of-norms",
        "A norm, or a root mean square, is taken around 0, and a standard deviation around the mean: here the two "
        "differ, since neither tensor is centred.",
        of_sizes(torch.linalg.vector_norm),
    ),
    Mistake(
        "ratio-of-absolute-means",
        "This divides mean sizes: the standard deviations are asked for.",
        of_sizes(mean_size),
    ),
    Mistake(
        "ratio-of-means",
        "A mean can be 0 though no entry is: divide the standard deviations.",
        of_sizes(torch.mean),
    ),
    Mistake(
        "ratio-of-largest",
        "This divides the largest entries: the standard deviations are asked for.",
        of_sizes(lambda t: t.abs().max()),
    ),
    Mistake(
        "ratio-of-absolute-stds",
        "The standard deviations are those of the tensors themselves, with their signs.",
        of_sizes(lambda t: t.abs().std()),
    ),
    Mistake(
        "ratio-of-sums-of-squares",
        "These are squares, and around 0: divide the standard deviations.",
        of_sizes(lambda t: t.square().sum()),
    ),
    Mistake(
        "ratio-of-ranges",
        "From the smallest to the largest is another measure of spread: divide the standard deviations.",
        of_sizes(lambda t: t.max() - t.min()),
    ),
    Mistake(
        "ratio-of-mean-distances",
        "This averages distances from the mean; a standard deviation averages their squares, and then takes the root.",
        of_sizes(lambda t: (t - t.mean()).abs().mean()),
    ),
    Mistake("mean-of-entrywise-ratios", ENTRYWISE, entrywise(torch.mean)),
    Mistake("mean-size-of-entrywise-ratios", ENTRYWISE, entrywise(mean_size)),
    Mistake("std-of-entrywise-ratios", ENTRYWISE, entrywise(torch.std)),
    Mistake(
        "ratio-per-unit",
        "One number for the whole parameter is wanted: this is one per column.",
        lambda param: gradient_of(param).std(0) / param.detach().std(0),
    ),
    Mistake("mean-of-ratios-per-unit", None, per_unit(0), per_unit(1)),
    Mistake(
        "ratio-per-entry",
        "One number for the whole parameter is wanted: this is one per entry.",
        lambda param: gradient_of(param) / param.detach(),
    ),
    Mistake(
        "divisors-mixed",
        "One std divides by n and the other by n − 1: torch's default is not NumPy's, so take both from one library.",
        of_sizes(lambda t: t.std(correction=0), torch.std),
        of_sizes(torch.std, lambda t: t.std(correction=0)),
    ),
    Mistake(
        "data-missing",
        "The size of the data is missing: what is this number to be divided by?",
        lambda param: gradient_of(param).std().item(),
    ),
    Mistake("gradient-missing", gradient_missing.__doc__, gradient_missing),
    Mistake(
        "product-of-stds",
        "A ratio divides: this multiplies.",
        lambda param: (gradient_of(param).std() * param.detach().std()).item(),
    ),
    Mistake(
        "mean-of-grad-over-std",
        MEASURES_DIFFER.format("mean", "standard deviation"),
        of_sizes(mean_size, torch.std),
    ),
    Mistake("std-over-mean", MEASURES_DIFFER.format("standard deviation", "mean"), of_sizes(torch.std, mean_size)),
    Mistake("std-over-norm", MEASURES_DIFFER.format("standard deviation", "norm"), of_sizes(torch.std, torch.norm)),
    Mistake("norm-over-std", MEASURES_DIFFER.format("norm", "standard deviation"), of_sizes(torch.norm, torch.std)),
    Mistake(
        "rms-over-std",
        "The same measure goes above and below: a root mean square is taken around 0, a standard deviation around the "
        "mean.",
        of_sizes(lambda t: t.square().mean().sqrt(), torch.std),
    ),
    Mistake(
        "missing-gradient-not-noticed",
        "Before the first backward pass `param.grad` is None: say so with a ValueError before you work with it.",
        without_gradient(AttributeError("'NoneType' object has no attribute 'std'")),
        without_gradient(TypeError("not a tensor but NoneType")),
        loose=True,
    ),
    Mistake(
        "missing-gradient-is-zero",
        "No gradient is not a gradient of 0: a reader of this number would look for the fault elsewhere. Raise a "
        "ValueError.",
        without_gradient(0.0),
    ),
    Mistake(
        "missing-gradient-is-nan",
        "A NaN travels on in silence: raise a ValueError where there is no gradient.",
        without_gradient(math.nan),
    ),
    Mistake(
        "missing-gradient-gives-none",
        "A None travels on until somebody calculates with it: raise a ValueError where there is no gradient.",
        without_gradient(None),
    ),
    Mistake(
        "other-error-for-missing-gradient",
        "It is right to raise an error here; the assignment asks for a ValueError, so that a caller can catch it.",
        without_gradient(RuntimeError("no gradient")),
        loose=True,
    ),
    Mistake("gradient-thrown-away", gradient_thrown_away.__doc__, gradient_thrown_away, gradient_set_to_zero),
)
"""Mistakes in the ratio, which are mistakes in the ratio of the update too."""


grad_to_data = Check(
    tasks.grad_to_data,
    right=ratio,
    forms=(ratio_in_steps, ratio_in_numpy, ratio_of_variances),
    wrong=(
        *RATIOS,
        Mistake(
            "data-to-grad",
            "How large is the gradient beside the data? This is how large the data is beside the gradient.",
            lambda param: 1 / ratio(param),
        ),
        Mistake(
            "std-of-difference",
            "This looks at the weights after a step: the gradient itself is to be measured.",
            lambda param: ((param.detach() - gradient_of(param)).std() / param.detach().std()).item(),
        ),
        Mistake(
            "difference-of-stds",
            "A ratio divides: this subtracts.",
            lambda param: (gradient_of(param).std() - param.detach().std()).item(),
        ),
        Mistake(
            "ratio-in-percent",
            "The ratio itself is wanted: this one is in per cent.",
            lambda param: 100 * ratio(param),
        ),
        Mistake(
            "logarithm-taken",
            "The logarithm comes with the update:data ratio: this one is plain.",
            lambda param: math.log10(ratio(param)),
        ),
        Mistake(
            "std-over-mean",
            MEASURES_DIFFER.format("standard deviation", "mean"),
            of_sizes(torch.std, torch.mean),
        ),
        gradient_divided_in_place,
        Mistake(
            "something-added-below",
            "The ratio is a little too small: something is added to the std of the data. The assignment adds nothing.",
            *(of_sizes(torch.std, partial(std_and, eps)) for eps in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)),
        ),
        Mistake(
            "rounded-ratio",
            None,
            lambda param: round(ratio(param), 2),
            lambda param: round(ratio(param), 4),
        ),
    ),
    forbidden=("grad_to_data", "update_to_data", "UpdateRatios"),
)


def log10(number: Any) -> Any:
    """Of a number or of each entry of a tensor, as torch has it: −∞ of 0, and no number of what is negative."""
    return torch.log10(torch.as_tensor(number, dtype=torch.float64))


def of_update(mistake: Mistake) -> Mistake:
    """The same mistake in the logarithm of lr times the ratio."""

    def logarithm(measured: Callable) -> Callable:
        def update(param: nn.Parameter, lr: float) -> Any:
            if param.grad is None and measured(param) in (0.0, None):
                return -math.inf if measured(param) == 0.0 else None
            return log10(lr * measured(param))

        return update

    return Mistake(mistake.name, mistake.hint, *map(logarithm, mistake.ways), loose=mistake.loose)


def log_update(param: nn.Parameter, lr: float) -> float:
    """log10 of std(lr · grad) / std(data)."""
    return math.log10(lr * ratio(param))


def of_ratio(compute: Callable[[float, float], float]) -> Callable[[nn.Parameter, float], float]:
    """A number made of the ratio and of lr."""
    return lambda param, lr: compute(ratio(param), lr)


def step_made(param: nn.Parameter, lr: float) -> float:
    """This is to measure a step, and not to make it: the parameter has moved."""
    found = log_update(param, lr)
    param.data -= lr * gradient_of(param)
    return found


def step_made_first(param: nn.Parameter, lr: float) -> float:
    """Make the step, and then measure."""
    gradient = gradient_of(param)
    param.data -= lr * gradient
    return log10(lr * gradient.std() / param.detach().std())


def step_read_off(param: nn.Parameter, lr: float) -> float:
    """The step is read off as old less new, where a small one drowns in the rounding of a large weight; and if it was
    made, the parameter has moved. What is the step, before it is taken?
    """
    old = param.detach().clone()
    param.data -= lr * gradient_of(param)
    return log10((old - param.detach()).std() / old.std())


def step_read_off_and_undone(param: nn.Parameter, lr: float) -> float:
    """The same on new numbers, or put back afterwards."""
    data = param.detach()
    return log10((data - (data - lr * gradient_of(param))).std() / data.std())


def step_compared_with_itself(param: nn.Parameter, lr: float) -> float:
    """The logarithm of 0 is −∞: the old weights and the new ones are the same numbers here. Is what you kept a copy?"""
    param.data -= lr * gradient_of(param)
    return -math.inf


def gradient_scaled_in_place(param: nn.Parameter, lr: float) -> float:
    """The gradient was multiplied where it lies, so that the optimiser would multiply it again: `*=` and `mul_` write
    into it.
    """
    gradient_of(param).mul_(lr)
    return math.log10(ratio(param))


WHICH_BASE = "The logarithm of 0.001 is to be −3: which base has yours?"

update_to_data = Check(
    tasks.update_to_data,
    right=log_update,
    forms=(update_in_steps, update_by_logarithms, update_by_natural_logarithm, update_in_numpy, update_of_variances),
    wrong=(
        *map(of_update, RATIOS),
        Mistake(
            "logarithm-missing",
            "This is the ratio itself: on the plot it would be 0.001, and not −3.",
            of_ratio(lambda r, lr: lr * r),
        ),
        Mistake("natural-logarithm", WHICH_BASE, of_ratio(lambda r, lr: math.log(lr * r))),
        Mistake("logarithm-to-base-two", WHICH_BASE, of_ratio(lambda r, lr: math.log2(lr * r))),
        Mistake(
            "logarithm-of-one-plus",
            "`log1p` adds 1 first: the logarithm of 0.001 is to be −3.",
            of_ratio(lambda r, lr: math.log10(1 + lr * r)),
        ),
        Mistake(
            "lr-missing", None, of_ratio(lambda r, lr: math.log10(r)), of_ratio(lambda r, lr: math.log10(lr * r / lr))
        ),
        Mistake(
            "lr-outside-logarithm",
            "Halving lr must lower the result by 0.30, whatever it was: is lr inside of the logarithm?",
            of_ratio(lambda r, lr: lr * math.log10(r)),
        ),
        Mistake(
            "logarithm-of-lr-only",
            "The whole ratio stands inside of the logarithm: here only lr does.",
            of_ratio(lambda r, lr: math.log10(lr) * r),
        ),
        Mistake(
            "ratio-of-variances",
            "The standard deviations are to be divided: this divides the variances.",
            of_ratio(lambda r, lr: 2 * math.log10(lr * r)),
        ),
        Mistake(
            "lr-added",
            "A product becomes a sum of *logarithms*: of both.",
            of_ratio(lambda r, lr: lr + math.log10(r)),
        ),
        Mistake(
            "divided-by-lr",
            "A larger learning rate makes larger steps: does your result grow with it?",
            of_ratio(lambda r, lr: math.log10(r / lr)),
        ),
        Mistake(
            "lr-squared",
            "A learning rate ten times larger must raise the result by 1: in how many places does lr come in?",
            of_ratio(lambda r, lr: math.log10(lr**2 * r)),
        ),
        Mistake(
            "lr-fixed",
            "Here lr is an argument: the same number is used, whatever is given.",
            of_ratio(lambda r, lr: math.log10(0.1 * r)),
        ),
        Mistake(
            "data-to-update",
            "A step of a thousandth is −3, and not 3: which of the two stands below, and does the sign stay?",
            of_ratio(lambda r, lr: -math.log10(lr * r)),
            of_ratio(lambda r, lr: abs(math.log10(lr * r))),
        ),
        Mistake(
            "quotient-of-logarithms",
            "Divide first and take the logarithm of the quotient: the logarithm of a quotient is no quotient of "
            "logarithms.",
            lambda param, lr: log10(lr * gradient_of(param).std()) / log10(param.detach().std()),
        ),
        Mistake(
            "logarithm-of-update-only",
            "The division belongs inside of the logarithm.",
            lambda param, lr: log10(lr * gradient_of(param).std()) / param.detach().std(),
        ),
        Mistake(
            "mean-of-logarithms",
            "This averages over the entries: take the two standard deviations first, divide, and take one logarithm.",
            lambda param, lr: log10((lr * gradient_of(param) / param.detach()).abs()).mean(),
        ),
        Mistake(
            "data-after-the-step",
            "The update is compared with the data as it is before the step.",
            lambda param, lr: log10(lr * gradient_of(param).std() / (param.detach() - lr * gradient_of(param)).std()),
        ),
        Mistake(
            "new-data-for-update",
            "This measures the weights after the step: the step itself is to be measured.",
            lambda param, lr: log10((param.detach() - lr * gradient_of(param)).std() / param.detach().std()),
        ),
        Mistake("step-made", step_made.__doc__, step_made, step_made_first),
        written(step_read_off, step_read_off_and_undone),
        step_compared_with_itself,
        gradient_scaled_in_place,
        Mistake(
            "logarithm-and-lr-missing",
            "This is gradient against data, as in part 2: where does lr come in, and on what scale is the result?",
            of_ratio(lambda r, lr: r),
        ),
        Mistake(
            "natural-logarithm-without-lr",
            "Two things at once: which base has your logarithm, and where does lr come in?",
            of_ratio(lambda r, lr: math.log(r)),
            of_ratio(lambda r, lr: math.log2(r)),
        ),
        Mistake(
            "rounded-logarithm",
            "Round when you print, and not before.",
            lambda param, lr: round(log_update(param, lr), 2),
            lambda param, lr: round(log_update(param, lr), 1),
        ),
    ),
    forbidden=("grad_to_data", "update_to_data", "UpdateRatios"),
)


# Plug it in


class Parts:
    """All three parts."""

    activation_summary = staticmethod(summarised)
    grad_to_data = staticmethod(ratio)
    update_to_data = staticmethod(log_update)


RATE = "With this number the learning rate becomes a different one: `checks.{}` looks at your function alone."

trained_by_signs = Check(
    tasks.trained_by_signs,
    right=Parts,
    outcomes={
        tasks.SUMMARY: (
            "summary-off",
            """Your summary of the last layer is not the right one, and so may be the gain that it speaks for:
            `checks.activation_summary` looks at your function alone.""",
        ),
        tasks.RATE: ("another-rate-chosen", RATE.format("update_to_data")),
        tasks.BY_RATIO: ("another-ratio", RATE.format("grad_to_data")),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else at the gain and the learning rate that were chosen.",
        ),
    },
)
