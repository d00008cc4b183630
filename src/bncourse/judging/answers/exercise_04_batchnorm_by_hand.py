"""Check of assignment 04: the three steps of Batch Normalization in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bncourse.judging.answers.written_out import centred_steps
from bncourse.judging.check import Check
from bncourse.judging.mistakes import written
from bncourse.observing.tasks import exercise_04_batchnorm_by_hand as tasks
from bncourse.plugged import ON_NEW

__all__ = ["batchnorm_forward", "trained_forward"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm", "normalize")


Three = tuple[Any, Any, Any]


Statistic = Callable[[NDArray], NDArray]


def right_mean(x: NDArray) -> NDArray:
    """One per feature."""
    return x.mean(axis=0)


def right_var(x: NDArray) -> NDArray:
    """One per feature, biased."""
    return ((x - x.mean(axis=0)) ** 2).mean(axis=0)


def normalise(x: NDArray, eps: float, mean: Statistic = right_mean, var: Statistic = right_var) -> Three:
    """The first two steps: the normalised batch, and the statistics."""
    m, v = mean(x), var(x)
    return (x - m) / np.sqrt(v + eps), m, v


def three_steps(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5, **statistics: Statistic) -> Three:
    """BatchNorm of a batch, with other statistics if need be: the output, the mean, the variance."""
    xhat, mean, var = normalise(x, eps, **statistics)
    return gamma * xhat + beta, mean, var


def exact_three_steps(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The three steps in float64, rounded at the end."""
    y, mean, var = three_steps(x.astype(float), gamma.astype(float), beta.astype(float), eps)
    return y.astype(x.dtype), mean.astype(x.dtype), var.astype(x.dtype)


def from_divisor(x: NDArray, gamma: NDArray, beta: NDArray, divisor: NDArray) -> Three:
    """Normalise with another divisor, and return the right statistics."""
    return gamma * (x - right_mean(x)) / divisor + beta, right_mean(x), right_var(x)


def unbiased_variance(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, beta, eps, var=lambda x: x.var(axis=0, ddof=1))


def unbiased_variance_returned(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The output is right, and `var` is another variance than the one that it was normalised with."""
    return *three_steps(x, gamma, beta, eps)[:2], x.var(axis=0, ddof=1)


def unbiased_normaliser(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return from_divisor(x, gamma, beta, np.sqrt(x.var(axis=0, ddof=1) + eps))


def statistics_over_features(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    xhat, mean, var = normalise(x, eps, lambda x: x.mean(1, keepdims=True), lambda x: x.var(1, keepdims=True))
    return gamma * xhat + beta, mean[:, 0], var[:, 0]


def statistics_over_everything(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """One mean and one variance for the whole batch: each feature has its own."""
    return three_steps(x, gamma, beta, eps, mean=np.mean, var=np.var)


def kept_dimension(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y, mean[None], var[None]


def eps_outside_root(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return from_divisor(x, gamma, beta, np.sqrt(right_var(x)) + eps)


def eps_missing(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return from_divisor(x, gamma, beta, np.sqrt(right_var(x)))


def eps_ignored(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, beta, 1e-5)


def eps_as_smallest_divisor(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The formula always adds eps to the variance, and not only where the variance is small."""
    return from_divisor(x, gamma, beta, np.sqrt(np.maximum(right_var(x), eps)))


def eps_squared(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The formula adds eps to the variance as it is: here something has happened to it first."""
    return from_divisor(x, gamma, beta, np.sqrt(right_var(x) + eps**2))


def eps_subtracted(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """Here eps is subtracted, and a feature that hardly varies has a root of a negative number: look at the sign."""
    return from_divisor(x, gamma, beta, np.sqrt(right_var(x) - eps))


def divides_by_variance(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return from_divisor(x, gamma, beta, right_var(x) + eps)


def multiplies_by_std(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return from_divisor(x, gamma, beta, 1 / np.sqrt(right_var(x) + eps))


def root_taken_twice(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """A root too many: what NumPy's `std` returns is the root of a variance already."""
    return three_steps(x, gamma, beta, eps, var=lambda x: x.std(axis=0))


def brackets_missing(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """A division comes before a subtraction: what is to be divided, the mean alone or the whole difference?"""
    mean, var = right_mean(x), right_var(x)
    return gamma * (x - mean / np.sqrt(var + eps)) + beta, mean, var


def divided_by_features(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """A mean over the examples divides by how many of them there are, and not by how many features."""
    return three_steps(x, gamma, beta, eps, var=lambda x: right_var(x) * x.shape[0] / x.shape[1])


def both_divided_by_features(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    mean = x.sum(axis=0) / x.shape[1]
    var = ((x - mean) ** 2).sum(axis=0) / x.shape[1]
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


def mean_divided_by_features(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    mean = x.sum(axis=0) / x.shape[1]
    var = ((x - mean) ** 2).mean(axis=0)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


def variance_of_zero(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The variance comes out as 0, whatever x is: what do the distances from the mean add up to as long as none is
    squared?
    """
    return three_steps(x, gamma, beta, eps, var=lambda x: 0 * x[0])


def only_last_feature(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """`mean` and `var` are those of the last feature: does a loop over the features overwrite them?"""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y, mean[-1], var[-1]


def std_returned(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The third is to be the variance: this is its root."""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y, mean, np.sqrt(var)


def variance_with_eps_returned(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The third is to be the variance alone: eps belongs to the division."""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y, mean, var + eps


def mean_and_variance_swapped(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """All three are right, and two have changed places."""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y, var, mean


def output_comes_last(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """All three are right, in another order than the assignment's."""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return mean, var, y


def statistics_of_the_output(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The mean and the variance that are returned are the output's. Whose are wanted?"""
    y = three_steps(x, gamma, beta, eps)[0]
    return y, y.mean(axis=0), y.var(axis=0)


def statistics_of_the_normalised(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The mean and the variance are taken after normalising, where they are 0 and 1. Whose are wanted?"""
    xhat = normalise(x, eps)[0]
    return gamma * xhat + beta, xhat.mean(axis=0), xhat.var(axis=0)


def not_three_results(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> NDArray:
    return three_steps(x, gamma, beta, eps)[0]


def gamma_missing(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, np.ones_like(gamma), beta, eps)


def beta_missing(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, 0 * beta, eps)


def third_step_missing(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """Of the three steps two are there: what happens to the normalised numbers?"""
    return normalise(x, eps)


def beta_before_gamma(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, gamma * beta, eps)


def gamma_and_beta_swapped(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, beta, gamma, eps)


def beta_subtracted(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, -beta, eps)


def one_gamma_for_all(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma[0], beta[0], eps)


def gamma_as_column(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """Each column of x has its own gamma and beta. Do they lie along the rows or along the columns here?"""
    return three_steps(x, gamma[:, None], beta[:, None], eps)


def scaled_before_normalising(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """Normalising takes away any scale and shift that came before it: when must gamma and beta be applied?"""
    return normalise(gamma * x + beta, eps)


def mean_not_subtracted(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return gamma * x / np.sqrt(right_var(x) + eps) + beta, right_mean(x), right_var(x)


def only_centred(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The mean is gone, and the spread is that of the input: the division is missing."""
    return from_divisor(x, gamma, beta, np.ones_like(gamma))


def mean_of_squares(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """For the variance something is squared and averaged. What must be subtracted first?"""
    return three_steps(x, gamma, beta, eps, var=lambda x: (x**2).mean(axis=0))


def sum_of_squares(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """Twice the examples with the same spread should have the same variance: by what is the sum divided?"""
    return three_steps(x, gamma, beta, eps, var=lambda x: len(x) * right_var(x))


def absolute_deviation(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The distances from the mean are averaged as they are; in a variance they are squared."""
    return three_steps(x, gamma, beta, eps, var=lambda x: np.abs(x - x.mean(axis=0)).mean(axis=0))


def range_for_spread(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The largest less the smallest says how wide a feature is; the formula divides by something else."""
    return from_divisor(x, gamma, beta, np.ptp(x, axis=0) + eps)


def median_for_mean(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, beta, eps, mean=lambda x: np.median(x, axis=0))


def one_pass_variance(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    return three_steps(x, gamma, beta, eps, var=lambda x: (x * x).mean(axis=0) - x.mean(axis=0) ** 2)


def precision_lost(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y.astype("float32"), mean.astype("float32"), var.astype("float32")


def rounded(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y.round(3), mean.round(3), var.round(3)


def output_rounded(digits: int) -> Callable[..., Three]:
    """Return the three steps with an output of so many digits behind the point."""

    def steps(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
        y, mean, var = three_steps(x, gamma, beta, eps)
        return y.round(digits), mean, var

    return steps


def torch_for_numpy(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """The arrays that come in are NumPy's, and those that come back are to be NumPy's too."""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return torch.from_numpy(y), torch.from_numpy(mean), torch.from_numpy(var)


def lists_for_arrays(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """Lists of numbers come back: the assignment asks for NumPy arrays."""
    y, mean, var = three_steps(x, gamma, beta, eps)
    return y.tolist(), mean.tolist(), var.tolist()


batchnorm_forward = Check(
    tasks.batchnorm_forward,
    right=exact_three_steps,
    wrong=(
        unbiased_variance,
        unbiased_variance_returned,
        unbiased_normaliser,
        written(
            statistics_over_features,
            lambda x, gamma, beta, eps=1e-5: three_steps(
                x, gamma, beta, eps, mean=lambda x: x.mean(1, keepdims=True), var=lambda x: x.var(1, keepdims=True)
            ),
            lambda x, gamma, beta, eps=1e-5: three_steps(
                x, gamma, beta, eps, mean=lambda x: x.mean(1), var=lambda x: x.var(1)
            ),
        ),
        written(
            statistics_over_everything,
            lambda x, gamma, beta, eps=1e-5: three_steps(
                x,
                gamma,
                beta,
                eps,
                mean=lambda x: np.full_like(x[0], x.mean()),
                var=lambda x: np.full_like(x[0], x.var()),
            ),
        ),
        kept_dimension,
        eps_outside_root,
        eps_missing,
        eps_ignored,
        eps_as_smallest_divisor,
        eps_squared,
        eps_subtracted,
        divides_by_variance,
        multiplies_by_std,
        written(
            root_taken_twice,
            lambda x, gamma, beta, eps=1e-5: from_divisor(x, gamma, beta, np.sqrt(x.std(axis=0) + eps)),
        ),
        brackets_missing,
        written(divided_by_features, both_divided_by_features, mean_divided_by_features),
        variance_of_zero,
        only_last_feature,
        written(
            std_returned,
            lambda x, gamma, beta, eps=1e-5: (*three_steps(x, gamma, beta, eps)[:2], np.sqrt(right_var(x) + eps)),
        ),
        variance_with_eps_returned,
        mean_and_variance_swapped,
        output_comes_last,
        statistics_of_the_output,
        written(
            statistics_of_the_normalised,
            lambda x, gamma, beta, eps=1e-5: (three_steps(x, gamma, beta, eps)[0], 0 * x[0], right_var(x)),
        ),
        not_three_results,
        gamma_missing,
        beta_missing,
        third_step_missing,
        beta_before_gamma,
        gamma_and_beta_swapped,
        beta_subtracted,
        one_gamma_for_all,
        gamma_as_column,
        scaled_before_normalising,
        mean_not_subtracted,
        only_centred,
        mean_of_squares,
        sum_of_squares,
        absolute_deviation,
        range_for_spread,
        median_for_mean,
        one_pass_variance,
        written(
            precision_lost,
            lambda x, gamma, beta, eps=1e-5: (
                three_steps(x, gamma, beta, eps)[0].astype("float32"),
                right_mean(x),
                right_var(x),
            ),
        ),
        written(rounded, *map(output_rounded, (2, 3, 4))),
        torch_for_numpy,
        lists_for_arrays,
    ),
    forbidden=FINISHED,
    forms=(centred_steps,),
)


# Plug it in


trained_forward = Check(
    tasks.trained_forward,
    right=exact_three_steps,
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
