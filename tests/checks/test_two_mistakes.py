"""Two known mistakes at once, each in outputs of its own, are named as two, whichever two they are."""

import functools
import itertools
import math
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import deepcopy

import numpy as np
import pytest
import torch

from bncourse.judging.answers import CHECKS
from bncourse.judging.answers.exercise_05_batchnorm_in_the_network import TrainingBatchNorm
from bncourse.judging.answers.exercise_06_running_statistics import (
    BiasedRunningVariance,
    MomentumIgnored,
    MomentumReversed,
    RunningReplaced,
    RunningStd,
    RunningSum,
)
from bncourse.judging.check import Check
from bncourse.judging.combining import plain_factors
from bncourse.judging.mistakes import slug
from bncourse.observing.values import Value

IN_THE_MEAN = (MomentumReversed, MomentumIgnored, RunningReplaced, RunningSum)
IN_THE_VARIANCE = (BiasedRunningVariance, RunningStd, *IN_THE_MEAN)
NO_MOMENTUM = {(MomentumIgnored, RunningReplaced), (MomentumIgnored, RunningSum)}
"""Momentum changes neither estimate where it is varied, and that is what is said."""


@pytest.mark.parametrize(
    ("mean", "variance"),
    [pair for pair in itertools.product(IN_THE_MEAN, IN_THE_VARIANCE) if len({*pair}) == 2 and pair not in NO_MOMENTUM],
)
def test_one_mistake_in_the_running_mean_and_one_in_the_running_variance(mean: type, variance: type):
    class Both(variance):
        @torch.no_grad()
        def update(self, batch_mean: torch.Tensor, batch_var: torch.Tensor, n: int) -> None:
            self.running_mean = mean.moved(self, self.running_mean, batch_mean.flatten())
            self.running_var = self.moved(self.running_var, self.stored(batch_var.flatten(), n))

    report = CHECKS["running_statistics"](Both)
    assert set(report.diagnosis.split(" + ")) == {slug(mean.__name__), slug(variance.__name__)}


PLACES: dict[str, dict[str, int | str]] = {
    "batchnorm_forward": {"y": 0, "mean": 1, "var": 2},
    "batchnorm_backward": {"dx": 0, "dgamma": 1, "dbeta": 2},
    "activation_summary": {"the mean": "mean", "the std": "std", "the saturated": "saturated"},
    "fold_batchnorm": {"weight": 0, "bias": 1},
}
"""Functions with several outputs: per output in the answers, its key or index in what is returned."""

SAMPLED = 12
"""Pairs of mistakes of each function."""


class Known:
    """What every known mistake of a check answers, output by output."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.questions = check.task.ask(np.random.default_rng(0))
        self.right = self.told(check.right)
        self.ways = [(mistake.name, way, self.told(way)) for mistake in check.mistakes for way in mistake.ways]

    def told(self, way: Callable) -> list[Mapping[str, Value]]:
        """What an implementation answers."""
        return [self.check.answer_of(way, question) for question in self.questions]

    def same(self, one: Sequence[Mapping[str, Value]], other: Sequence[Mapping[str, Value]], output: str) -> bool:
        """Whether two implementations agree in an output, whatever is asked."""
        return all(
            output in a and output in b and is_close(a[output], b[output]) for a, b in zip(one, other, strict=True)
        )

    def changed(self, answers: Sequence[Mapping[str, Value]], outputs: Iterable[str]) -> frozenset[str]:
        """The outputs that are not right."""
        return frozenset(output for output in outputs if not self.same(answers, self.right, output))

    def named(self, answers: Sequence[Mapping[str, Value]], outputs: Iterable[str]) -> set[str]:
        """The names of those that agree with these answers in these outputs: nobody could distinguish them there."""
        return {name for name, _, other in self.ways if all(self.same(answers, other, output) for output in outputs)}


def is_close(one: Value, other: Value) -> bool:
    """Whether two outputs are the same up to rounding."""
    if one.array is None or other.array is None:
        return one.kind == other.kind and one.type == other.type
    return (
        one.array.shape == other.array.shape
        and one.dtype == other.dtype
        and np.allclose(one.array, other.array, rtol=1e-5, atol=1e-7, equal_nan=True)
    )


def joined(first: Callable, second: Callable, places: Collection[int | str]) -> Callable:
    """A function that returns these outputs of one function, and the other outputs of a second one."""

    def both(*args: object, **named: object) -> object:
        one, other = first(*deepcopy(args), **named), second(*args, **named)
        if isinstance(other, Mapping):
            return {key: one[key] if key in places else value for key, value in other.items()}
        return tuple(one[i] if i in places else value for i, value in enumerate(other))

    # With the arguments and defaults of the second, which a check looks at.
    return functools.wraps(second)(both)


def pairs(known: Known, places: Mapping[str, int | str]) -> list[tuple[tuple, tuple, frozenset[str]]]:
    """Two mistakes that change outputs of their own, and which outputs the first one changes alone."""
    changed = [(way, known.changed(way[2], places)) for way in known.ways]
    changed = [(way, outputs) for way, outputs in changed if outputs and all(set(places) <= set(a) for a in way[2])]
    found = [
        (one, other, outputs - others)
        for (one, outputs), (other, others) in itertools.permutations(changed, 2)
        if one[0] != other[0] and outputs - others and others - outputs
    ]
    return random.Random(13).sample(found, min(SAMPLED, len(found)))


@pytest.mark.parametrize("name", PLACES)
def test_a_mistake_in_some_outputs_and_another_in_the_others(name: str):
    check, places = CHECKS[name], PLACES[name]
    known = Known(check)
    wrong = []
    for (one, way, answers), (other, other_way, other_answers), only in pairs(known, places):
        both = joined(way, other_way, {places[output] for output in only})
        report = check(both)
        seen = known.told(both)
        said = report.diagnosis.split(" + ")
        as_one = known.named(seen, places)
        first = known.named(answers, only)
        second = known.named(other_answers, known.changed(seen, places) - only)
        if not (set(said) <= as_one or (len(said) == 2 and set(said) & first and set(said) & second)):
            wrong.append(f"{one} in {sorted(only)} and {other}: {report.diagnosis}")
    assert not wrong, "\n".join(wrong)


LAST_RESORTS = {"wrong-values", "wrong-shape", "wrong-gradients", "wrong-state"}
WITH_PAIRS = [name for name, check in CHECKS.items() if check.both and len(check.objects) == 1]


@pytest.mark.parametrize("name", WITH_PAIRS)
def test_two_mistakes_in_the_same_numbers_are_named(name: str):
    check, draw = CHECKS[name], random.Random(name)
    pairs = draw.sample(check.both, SAMPLED)
    named = [check(pair.way).diagnosis.split(" + ") for pair in pairs]
    assert not [names for names in named if LAST_RESORTS & set(names)]
    # One may hide the other, and another two may bring about the same.
    exact = [set(names) == {pair.one.name, pair.other.name} for names, pair in zip(named, pairs, strict=True)]
    assert sum(exact) >= SAMPLED / 3


class WithoutRoot(TrainingBatchNorm):
    """Divides by the variance, which is unbiased."""

    def normalised(self, x: torch.Tensor, mean: torch.Tensor, var: torch.Tensor) -> torch.Tensor:
        return (x - mean) / (x.var(0) + self.eps)


def test_an_unbiased_variance_without_its_root_is_named_as_two():
    assert CHECKS["batchnorm_training"](WithoutRoot).diagnosis == "unbiased-normaliser + divides-by-variance"


def test_what_is_combined_is_neither_of_the_two_alone():
    for pair in CHECKS["batchnorm_training"].both:
        assert pair.one.name != pair.other.name
        assert issubclass(pair.way, CHECKS["batchnorm_training"].right)


def log_probabilities(logits: torch.Tensor, targets: torch.Tensor, dim: int = 1) -> torch.Tensor:
    return logits.log_softmax(dim)[range(len(targets)), targets]


MULTIPLIED = {
    "positive-half-only + counted-not-divided": (
        "saturated_fraction",
        lambda h, threshold=0.97: (h > threshold).sum().item(),
    ),
    "unsaturated-share + percent": (
        "saturated_fraction",
        lambda h, threshold=0.97: 100 * (h.abs() <= threshold).double().mean().item(),
    ),
    "loss-in-bits + negative-loss": ("uniform_loss", lambda classes: math.log2(1 / classes)),
    "one-class-left-out + loss-in-base-ten": ("uniform_loss", lambda classes: math.log10(classes - 1)),
    "softmax-over-batch + summed-over-batch": (
        "cross_entropy",
        lambda logits, targets: -log_probabilities(logits, targets, dim=0).sum(),
    ),
    "root-of-gain + multiplied-by-root": ("kaiming_std", lambda fan_in, gain: math.sqrt(gain * fan_in)),
}
"""Functions with two mistakes, one of which multiplies the result."""


@pytest.mark.parametrize("names", MULTIPLIED)
def test_a_mistake_that_multiplies_what_another_gives(names: str):
    check, function = MULTIPLIED[names]
    assert CHECKS[check](function).diagnosis == names


def test_a_factor_that_has_to_do_with_an_argument_is_not_combined():
    """The two names would be those of a variance and of a division by the gain, and this function does neither."""
    assert CHECKS["kaiming_std"](lambda fan_in, gain: 1 / fan_in).diagnosis == "wrong-values"


def test_what_is_a_plain_factor():
    right = np.array([1.0, -2.0, 0.0])
    assert plain_factors([(right, -right), (2 * right, -2 * right), (0 * right, 0 * right)]) == [-1, -1, -1]
    assert plain_factors([(right, 3 * right), (right, 8 * right), (0 * right, 0 * right)]) == [3, 8, None]
    assert plain_factors([(right, right / 3), (right, right / 8)]) == pytest.approx([1 / 3, 1 / 8])
    assert plain_factors([(right, 1.5 * right), (right, 8 * right)]) == []
    assert plain_factors([(right, right + 1)]) == []
    assert plain_factors([(right, 1.0001 * right)]) == []  # as after rounding, which is no factor
    assert plain_factors([(0 * right, 0 * right)]) == []
    assert plain_factors([(right, 1j * right)]) == []
    assert plain_factors([(right, np.inf * np.ones(3))]) == []
