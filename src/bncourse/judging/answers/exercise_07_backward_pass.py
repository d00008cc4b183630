"""Check of assignment 07: the backward pass of Batch Normalization in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bncourse.judging.answers.written_out import backward_by_equations, backward_closed, backward_staged
from bncourse.judging.check import Check
from bncourse.judging.mistakes import written
from bncourse.observing.tasks import exercise_07_backward_pass as tasks
from bncourse.plugged import ON_NEW, PROMISED

__all__ = ["batchnorm_backward", "trained_backward"]

FINISHED = ("batch_norm", "instance_norm", "layer_norm", "group_norm")


Three = tuple[Any, Any, Any]


def kept(x: NDArray, eps: float, *, axis: int | None = 0, ddof: int = 0) -> SimpleNamespace:
    """What a forward pass computes on its way."""
    centred = x - x.mean(axis=axis, keepdims=True)
    var = (centred**2).sum(axis=axis, keepdims=True) / ((x.shape[axis] if axis is not None else x.size) - ddof)
    inv_std = 1 / np.sqrt(var + eps)
    return SimpleNamespace(N=len(x), centred=centred, var=var, inv_std=inv_std, xhat=centred * inv_std)


def closed_form(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The three gradients."""
    return from_kept(dout, gamma, kept(x, eps))


def exact(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The three gradients, computed in float64 and rounded at the end."""
    dx, dgamma, dbeta = closed_form(dout.astype(float), x.astype(float), gamma.astype(float), eps)
    return dx.astype(x.dtype), dgamma.astype(x.dtype), dbeta.astype(x.dtype)


def from_kept(dout: NDArray, gamma: NDArray, k: SimpleNamespace, axis: int | None = 0) -> Three:
    """The three gradients, from what a forward pass computed."""
    along = (dout * k.xhat).mean(axis=axis, keepdims=True)
    dx = gamma * k.inv_std * (dout - dout.mean(axis=axis, keepdims=True) - k.xhat * along)
    return dx, (dout * k.xhat).sum(axis=0), dout.sum(axis=0)


def with_dx(dout: NDArray, x: NDArray, gamma: NDArray, eps: float, bracket: NDArray) -> Three:
    """Another dx, which has this in place of what stands in the bracket of the closed form."""
    k = kept(x, eps)
    return gamma * k.inv_std * bracket, *from_kept(dout, gamma, k)[1:]


def three_means(dout: NDArray, x: NDArray, eps: float) -> tuple[NDArray, NDArray, NDArray]:
    """The normalised batch, and the two means of the closed form."""
    xhat = kept(x, eps).xhat
    return xhat, dout.mean(axis=0), (dout * xhat).mean(axis=0)


def statistics_held_constant(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """This is `dx` for a mean and a variance that are given. Here they are made of `x`: by which ways does a change
    of one x reach the outputs?
    """
    return with_dx(dout, x, gamma, eps, dout)


def variance_path_missing(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Stretching the batch changes no output, so the products of `dx` with `xhat` are to add up to 0, nearly. Which
    way back is missing?
    """
    return with_dx(dout, x, gamma, eps, dout - dout.mean(axis=0))


def mean_path_missing(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Shifting the batch changes no output, so `dx` is to add up to 0 over the batch. Which way back is missing?"""
    xhat, _, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - xhat * along)


def variance_path_added(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The part of `dx` that comes by way of the variance has the wrong sign. What is the derivative of a power −1/2?"""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean + xhat * along)


def mean_path_added(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The part of `dx` that comes by way of the mean has the wrong sign: `x - mean` falls when the mean rises."""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout + mean - xhat * along)


def sums_not_divided(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Each example has an N-th part in the mean and in the variance: the two sums are too heavy in `dx`."""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - len(x) * (mean + xhat * along))


def variance_sum_not_divided(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Each example has an N-th part in the variance: what comes by that way is too heavy in `dx`."""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - len(x) * xhat * along)


def mean_sum_not_divided(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Each example has an N-th part in the mean: what comes by that way is too heavy in `dx`."""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - len(x) * mean - xhat * along)


def not_divided_by_n(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All of `dx` is N times too large: what stands in front of the bracket of the closed form?"""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, len(x) * (dout - mean - xhat * along))


def divided_by_n_twice(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All of `dx` is N times too small: count the divisions by N on the way."""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, (dout - mean - xhat * along) / len(x))


def n_missing_in_bracket(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """In the closed form a 1/N stands before the bracket: what does that ask of `dout` inside of it?"""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout / len(x) - mean - xhat * along)


def factor_two_missing(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """What comes by way of the variance is half of what it should be: what is the derivative of a square?"""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - xhat * along / 2)


def half_missing(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """What comes by way of the variance is twice what it should be: what is the derivative of a root?"""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - 2 * xhat * along)


def power_of_inv_std(dout: NDArray, x: NDArray, gamma: NDArray, eps: float, powers: float) -> Three:
    """By way of the variance, with another power than the third of inv_std."""
    k = kept(x, eps)
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - xhat * along * k.inv_std**powers)


def wrong_power_of_inv_std(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """What comes by way of the variance has a wrong scale: a power −1/2 becomes which power when it is differentiated?
    Try an `x` ten times as large.
    """
    return power_of_inv_std(dout, x, gamma, eps, -1)


def another_power(powers: float) -> Callable:
    """The same with another power."""
    return lambda dout, x, gamma, eps=1e-5: power_of_inv_std(dout, x, gamma, eps, powers)


def one_path_replaced(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """A value that is used twice gets two gradients, and they add: here the later one has replaced the earlier one."""
    xhat, _, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, -xhat * along)


def only_by_way_of_mean(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """A value that is used twice gets two gradients, and they add: here the later one has replaced the earlier one."""
    return with_dx(dout, x, gamma, eps, np.zeros_like(x) - dout.mean(axis=0))


def gamma_missing_in_dx(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """On its way back from `y` to `x` the gradient meets gamma, and here `dx` does not depend on it."""
    dx, dgamma, dbeta = closed_form(dout, x, np.ones_like(gamma), eps)
    return dx, dgamma, dbeta


def gamma_missing_in_sums(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """In `dx` some terms have gamma and others have not: multiply all of them by it, or write it once, in front."""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - (mean + xhat * along) / gamma)


def gamma_missing_by_way_of_variance(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - xhat * along / gamma)


def gamma_missing_by_way_of_mean(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean / gamma - xhat * along)


def power_before_division(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """A power is taken before a division: `a ** -3 / 2` is half of `a ** -3`. Where do brackets belong?"""
    k = kept(x, eps)
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - xhat * along * k.inv_std**3 / 2)


def power_before_division_and_sign(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    k = kept(x, eps)
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - xhat * along * (k.var + eps) ** 3 / 2 / k.inv_std**3)


def gradient_of_xhat(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """This is the gradient with respect to `xhat`: which steps of the forward pass lead from `x` to `xhat`?"""
    return gamma * dout, *closed_form(dout, x, gamma, eps)[1:]


def dx_comes_last(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All three are right, in another order than the assignment's."""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dgamma, dbeta, dx


def dx_comes_last_in_reverse(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dbeta, dgamma, dx


def divided_by_another_count(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """N is how many examples there are: `x.shape[1]` counts the features, and `x.size` all entries. Which of them
    divides the sums in `dx`?
    """
    n, d = x.shape
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - (mean + xhat * along) * n / d)


def all_entries_counted(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - (mean + xhat * along) / x.shape[1])


def sums_exchanged(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """In `dx` the two sums have changed places: by way of the mean comes one, by way of the variance the other. Which
    of them is multiplied by `xhat`?
    """
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - along - xhat * mean)


def std_missing_in_sums(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """In `dx` some terms are divided by the standard deviation and others are not: all of them come back through the
    same division.
    """
    k = kept(x, eps)
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - (mean + xhat * along) / k.inv_std)


def means_over_everything(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Each feature is normalised by itself: in `dx` sums over all features are used."""
    k = kept(x, eps)
    dxhat = gamma * dout
    dx = k.inv_std * (dxhat - dxhat.mean() - k.xhat * (dxhat * k.xhat).mean())
    return dx, *from_kept(dout, gamma, k)[1:]


def means_over_features(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Each feature is normalised over the examples: in `dx` sums over the features are used."""
    k = kept(x, eps)
    dxhat = gamma * dout
    along = (dxhat * k.xhat).mean(axis=1, keepdims=True)
    dx = k.inv_std * (dxhat - dxhat.mean(axis=1, keepdims=True) - k.xhat * along)
    return dx, *from_kept(dout, gamma, k)[1:]


def gamma_in_dgamma(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """`y = gamma · xhat + beta` is linear in gamma: does its derivative by gamma still contain gamma?"""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx, gamma * dgamma, dbeta


def gamma_in_dbeta(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """Beta is added last: is there anything left that its gradient is multiplied by?"""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx, dgamma, gamma * dbeta


def gamma_twice_in_dx(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """On its way back from `y` to `x` the gradient meets gamma once: here it is multiplied by it twice."""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return gamma * dx, dgamma, dbeta


def dgamma_with_x(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """What does gamma multiply in the forward pass, `x` or something that was made of it?"""
    dx, _, dbeta = closed_form(dout, x, gamma, eps)
    return dx, (dout * x).sum(axis=0), dbeta


def dgamma_with_centred(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """What does gamma multiply in the forward pass? It has been centred, and something more."""
    dx, _, dbeta = closed_form(dout, x, gamma, eps)
    return dx, (dout * kept(x, eps).centred).sum(axis=0), dbeta


def dgamma_with_output(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """In the forward pass gamma multiplies `xhat`: `dout` was not multiplied by that here."""
    dx, _, dbeta = closed_form(dout, x, gamma, eps)
    return dx, dbeta, dbeta


def parameters_averaged(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All N examples use the same gamma and beta, so N gradients come back to each. Are they averaged or added?"""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx, dgamma / len(x), dbeta / len(x)


def parameters_not_summed(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """A gradient has the shape of what it belongs to: gamma and beta are of shape (D,). Over what is to be summed?"""
    return closed_form(dout, x, gamma, eps)[0], dout * kept(x, eps).xhat, dout


def summed_over_features(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """There is one gamma for each feature, and it collects gradients from all examples: which axis is summed over?"""
    return closed_form(dout, x, gamma, eps)[0], (dout * kept(x, eps).xhat).sum(axis=1), dout.sum(axis=1)


def summed_over_everything(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """There is one gamma and one beta for each feature: here all features are added up."""
    return closed_form(dout, x, gamma, eps)[0], (dout * kept(x, eps).xhat).sum(), dout.sum()


def kept_dimension(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx, dgamma[None], dbeta[None]


def unbiased_variance(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    k = kept(x, eps, ddof=1)
    return from_kept(dout, gamma, k)


def unbiased_throughout(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The forward pass normalises with the biased variance: which divisor has the one that is computed here?"""
    k = kept(x, eps, ddof=1)
    along = (dout * k.xhat).sum(axis=0) / (k.N - 1)
    dx = gamma * k.inv_std * (dout - dout.mean(axis=0) - k.xhat * along)
    return dx, (dout * k.xhat).sum(axis=0), dout.sum(axis=0)


def unbiased_on_the_way_back(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """In the forward pass the variance was divided by N. By what is its gradient divided in the backward pass?"""
    xhat, mean, along = three_means(dout, x, eps)
    return with_dx(dout, x, gamma, eps, dout - mean - xhat * along * len(x) / (len(x) - 1))


def statistics_over_features(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    return from_kept(dout, gamma, kept(x, eps, axis=1))


def layer_norm_backward(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The way back of the other normalisation, with gamma inside of the sums."""
    k = kept(x, eps, axis=1)
    return from_kept(gamma * dout, np.ones(()), k, axis=1)[0], (dout * k.xhat).sum(axis=0), dout.sum(axis=0)


def lined_up_wrongly(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The shapes of the statistics do not fit."""
    xhat = (x - x.mean(axis=1)) / np.sqrt(x.var(axis=1) + eps)
    along = (dout * xhat).mean(axis=0)
    dx = gamma / np.sqrt(x.var(axis=1) + eps) * (dout - dout.mean(axis=0) - xhat * along)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def statistics_over_everything(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """One mean and one variance for the whole batch: each feature has its own."""
    return from_kept(dout, gamma, kept(x, eps, axis=None), axis=None)


def eps_missing(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    return closed_form(dout, x, gamma, 0.0)


def eps_ignored(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    return closed_form(dout, x, gamma, 1e-5)


def eps_outside_root(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    k = kept(x, eps)
    k.inv_std = 1 / (np.sqrt(k.var) + eps)
    k.xhat = k.centred * k.inv_std
    return from_kept(dout, gamma, k)


def eps_missing_on_the_way_back(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """`dgamma` has eps in its `xhat`; what does `dx` divide by?"""
    k = kept(x, eps)
    with np.errstate(all="ignore"):
        bracket = from_kept(dout, gamma, k)[0] / k.inv_std / np.sqrt(k.var)
    return bracket, *from_kept(dout, gamma, k)[1:]


def multiplies_by_std(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx / kept(x, eps).inv_std ** 2, dgamma, dbeta


def multiplies_by_std_throughout(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    k = kept(x, eps)
    k.inv_std = 1 / k.inv_std
    k.xhat = k.centred * k.inv_std
    return from_kept(dout, gamma, k)


def std_missing_in_dx(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The wider the input, the smaller its gradient: in `dx` nothing says how wide the input is."""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx / kept(x, eps).inv_std, dgamma, dbeta


def divides_by_variance(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx * kept(x, eps).inv_std, dgamma, dbeta


def dx_is_zero(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All of `dx` is 0. That is right for an upstream gradient of ones, and for few others."""
    return np.zeros_like(x), *closed_form(dout, x, gamma, eps)[1:]


def upstream_of_ones(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The result does not depend on `dout`: this is the gradient of the sum of the outputs."""
    return closed_form(np.ones_like(dout), x, gamma, eps)


def wrong_sign(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All of `dx` has the wrong sign: a step against the gradient is the optimiser's business."""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return -dx, dgamma, dbeta


def dgamma_and_dbeta_swapped(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """All three are right, and two have changed places."""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx, dbeta, dgamma


def not_three_results(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> NDArray:
    return closed_form(dout, x, gamma, eps)[0]


def mean_not_subtracted(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    k = kept(x, eps)
    k.xhat = x * k.inv_std
    return from_kept(dout, gamma, k)


def x_taken_for_normalised(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The function is given `x` as it goes into BatchNorm, not normalised: what must be computed again?"""
    k = kept(x, eps)
    k.xhat = x
    return from_kept(dout, gamma, k)


def one_pass_variance(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    k = kept(x, eps)
    k.inv_std = 1 / np.sqrt((x * x).mean(axis=0) - x.mean(axis=0) ** 2 + eps)
    k.xhat = k.centred * k.inv_std
    return from_kept(dout, gamma, k)


def differences(dout: NDArray, x: NDArray, gamma: NDArray, eps: float, up: float, down: float) -> Three:
    """With dx by differences between a step up and a step down."""
    dx = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1
        change = kept(x + up * step, eps).xhat - kept(x - down * step, eps).xhat
        dx[i] = (dout * gamma * change).sum() / (up + down)
    return dx, *closed_form(dout, x, gamma, eps)[1:]


def finite_differences(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """This is close, as finite differences are, and not to rounding error: use them to test, and derive the formula."""
    return differences(dout, x, gamma, eps, 1e-5, 1e-5)


def with_steps(up: float, down: float) -> Callable:
    """The same with other steps."""
    return lambda dout, x, gamma, eps=1e-5: differences(dout, x, gamma, eps, up, down)


def precision_lost(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return dx.astype("float32"), dgamma.astype("float32"), dbeta.astype("float32")


def torch_for_numpy(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The arrays that come in are NumPy's, and those that come back are to be NumPy's too."""
    dx, dgamma, dbeta = closed_form(dout, x, gamma, eps)
    return torch.from_numpy(dx), torch.from_numpy(dgamma), torch.from_numpy(dbeta)


batchnorm_backward = Check(
    tasks.batchnorm_backward,
    right=exact,
    wrong=(
        statistics_held_constant,
        variance_path_missing,
        mean_path_missing,
        variance_path_added,
        mean_path_added,
        sums_not_divided,
        variance_sum_not_divided,
        mean_sum_not_divided,
        not_divided_by_n,
        divided_by_n_twice,
        n_missing_in_bracket,
        factor_two_missing,
        half_missing,
        written(wrong_power_of_inv_std, *map(another_power, (1, -2, 2))),
        written(power_before_division, power_before_division_and_sign),
        gradient_of_xhat,
        written(dx_comes_last, dx_comes_last_in_reverse),
        written(divided_by_another_count, all_entries_counted),
        sums_exchanged,
        std_missing_in_sums,
        means_over_everything,
        means_over_features,
        written(one_path_replaced, only_by_way_of_mean),
        gamma_missing_in_dx,
        written(gamma_missing_in_sums, gamma_missing_by_way_of_variance, gamma_missing_by_way_of_mean),
        gamma_in_dgamma,
        gamma_in_dbeta,
        gamma_twice_in_dx,
        dgamma_with_x,
        dgamma_with_centred,
        dgamma_with_output,
        parameters_averaged,
        parameters_not_summed,
        summed_over_features,
        summed_over_everything,
        kept_dimension,
        written(unbiased_variance, unbiased_throughout),
        unbiased_on_the_way_back,
        written(
            statistics_over_features,
            lambda dout, x, gamma, eps=1e-5: from_kept(dout, gamma, kept(x, eps, axis=1), axis=1),
            layer_norm_backward,
            lined_up_wrongly,
        ),
        written(
            statistics_over_everything, lambda dout, x, gamma, eps=1e-5: from_kept(dout, gamma, kept(x, eps, axis=None))
        ),
        eps_missing,
        eps_ignored,
        eps_outside_root,
        eps_missing_on_the_way_back,
        written(multiplies_by_std, multiplies_by_std_throughout),
        std_missing_in_dx,
        divides_by_variance,
        dx_is_zero,
        upstream_of_ones,
        wrong_sign,
        dgamma_and_dbeta_swapped,
        not_three_results,
        mean_not_subtracted,
        x_taken_for_normalised,
        one_pass_variance,
        written(
            finite_differences,
            with_steps(1e-4, 1e-4),
            with_steps(1e-6, 1e-6),
            *(with_steps(up, 0) for up in (1e-4, 1e-5, 1e-6)),
        ),
        written(
            precision_lost,
            lambda dout, x, gamma, eps=1e-5: (
                closed_form(dout, x, gamma, eps)[0].astype("float32"),
                *closed_form(dout, x, gamma, eps)[1:],
            ),
        ),
        torch_for_numpy,
    ),
    forbidden=(*FINISHED, "autograd"),
    forms=(backward_closed, backward_by_equations, backward_staged),
)


# Plug it in


trained_backward = Check(
    tasks.trained_backward,
    right=exact,
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
