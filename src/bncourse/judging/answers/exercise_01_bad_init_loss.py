"""Answers of assignment 01: the price of a guess, the cross-entropy, and an output layer that starts well."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from bncourse.judging.answers.written_out import (
    cross_entropy_less_a_constant,
    cross_entropy_of_one_hot,
    cross_entropy_steps,
    cross_entropy_with_its_gradients,
    cross_entropy_with_the_largest,
    log_probabilities,
    loss_as_entropy,
    loss_of_probability,
    output_of_kaiming_size,
)
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_01_bad_init_loss as tasks
from bncourse.plugged import ON_NEW

__all__ = ["cross_entropy", "init_output_layer", "trained_output_layer", "uniform_loss"]


def loss_of_guess(classes: int) -> float:
    """The loss of a uniform guess."""
    return math.log(classes)


def negative_loss(classes: int) -> float:
    """A loss is a surprise and never negative: ln of a probability is at most 0, so which sign belongs before it?"""
    return math.log(1 / classes)


def loss_in_bits(classes: int) -> float:
    """The unit is wrong: the logarithm to base 2 counts bits. Which base does torch's cross-entropy have?"""
    return math.log2(classes)


def loss_in_base_ten(classes: int) -> float:
    """The unit is wrong: which base does the logarithm of the cross-entropy have? `log10` has another."""
    return math.log10(classes)


def always_27_classes(classes: int) -> float:
    """Each task has its own price of a guess: the result does not depend on the argument."""
    return math.log(27)


def always_rounded_3_30(classes: int) -> float:
    return 3.2958


def always_3_30(classes: int) -> float:
    return 3.3


def text_of_loss(classes: int) -> str:
    """A number is asked for, and a text came back: format it only where you print it."""
    return f"{math.log(classes):.4f}"


def one_loss_per_class(classes: int) -> Tensor:
    """One number is asked for: all classes have the same loss, and here they are all."""
    return -torch.full((classes,), 1 / classes).log()


def always_bad_start(classes: int) -> float:
    """That is what the badly started network pays. Here nobody is wrong with confidence: all classes are equally
    likely.
    """
    return 27.88


def entropy_of_letters(classes: int) -> float:
    """That is the price of a guess by the frequencies of the letters. A uniform guess knows none."""
    return 2.8226


def probability_of_guess(classes: int) -> float:
    """That is the probability that the guess gives to the right class. What is its loss?"""
    return 1 / classes


def probability_of_missing(classes: int) -> float:
    """That is how often a guess is wrong. The loss is no error rate: it is the surprise, −ln of a probability."""
    return 1 - 1 / classes


def perplexity(classes: int) -> float:
    """That is the perplexity, the number of classes that are equally likely: the loss is its logarithm."""
    return float(classes)


def one_class_left_out(classes: int) -> float:
    """Among how many classes is the guess? The right one is one of them, and so is the dot."""
    return math.log(classes - 1)


def one_class_too_many(classes: int) -> float:
    """Among how many classes is the guess? The argument already counts all of them."""
    return math.log(classes + 1)


def one_term_of_the_sum(classes: int) -> float:
    """That is one term of an entropy, −p ln p. The loss of one example is −ln p alone, without a weight."""
    return math.log(classes) / classes


def summed_over_classes(classes: int) -> float:
    """The loss of one example looks at one class, its target: nothing is to be summed over the classes."""
    return classes * math.log(classes)


def rounded(classes: int) -> float:
    return round(math.log(classes), 4)


def rounded_to_two_digits(classes: int) -> float:
    """Nearly: the result has been rounded. Return all digits, and round only where you print."""
    return round(math.log(classes), 2)


def whole_number(classes: int) -> float:
    """The digits after the point are missing: somewhere the number became a whole one."""
    return float(int(math.log(classes)))


def whole_number_rounded(classes: int) -> float:
    """The digits after the point are missing: somewhere the number became a whole one."""
    return float(round(math.log(classes)))


def no_loss(classes: int) -> float:
    """A loss of 0 means certain and right. What does it cost to know nothing?"""
    return 0.0


def softmax_taken_twice(classes: int) -> float:
    """The probability of the guess was put through a softmax again, as if it were a logit, and e stands in the sum."""
    return math.log(math.e + classes - 1) - 1


def logit_one_for_target(classes: int) -> float:
    """A one-hot vector was taken for logits. A guess that knows nothing has equal logits for all classes."""
    return math.log(math.e + classes - 1)


uniform_loss = Check(
    tasks.uniform_loss,
    right=loss_of_guess,
    forms=(loss_of_probability, loss_as_entropy),
    wrong=(
        negative_loss,
        loss_in_bits,
        loss_in_base_ten,
        written(always_27_classes, always_rounded_3_30, always_3_30),
        text_of_loss,
        one_loss_per_class,
        always_bad_start,
        entropy_of_letters,
        probability_of_guess,
        probability_of_missing,
        perplexity,
        one_class_left_out,
        one_class_too_many,
        one_term_of_the_sum,
        summed_over_classes,
        rounded,
        rounded_to_two_digits,
        whole_number,
        whole_number_rounded,
        no_loss,
        softmax_taken_twice,
        logit_one_for_target,
    ),
)


def loss_of_logits(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean of logsumexp minus the target's logit."""
    return (logits.logsumexp(1) - target_logits(logits, targets)).mean()


def target_logits(values: Tensor, targets: Tensor) -> Tensor:
    """The entry of each row that its target points to."""
    return values.gather(1, targets[:, None])[:, 0]


def summed_over_batch(logits: Tensor, targets: Tensor) -> Tensor:
    """The loss grows with the batch: is it the sum over the examples, or their mean?"""
    return loss_of_logits(logits, targets) * len(logits)


def one_loss_per_example(logits: Tensor, targets: Tensor) -> Tensor:
    """One scalar is asked for: these are the losses of the single examples."""
    return logits.logsumexp(1) - target_logits(logits, targets)


def negative_loss_of_logits(logits: Tensor, targets: Tensor) -> Tensor:
    """A loss is a surprise and never negative: which sign belongs before ln p?"""
    return -loss_of_logits(logits, targets)


def divided_by_classes_too(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean was taken over all N · C entries, of which only N are not zero: how many examples are there?"""
    return loss_of_logits(logits, targets) / logits.shape[1]


def cross_entropy_in_bits(logits: Tensor, targets: Tensor) -> Tensor:
    """The unit is wrong: the logarithm to base 2 counts bits, and the loss is in nats."""
    return loss_of_logits(logits, targets) / math.log(2)


def cross_entropy_in_base_ten(logits: Tensor, targets: Tensor) -> Tensor:
    """The unit is wrong: the loss is in nats, with the natural logarithm."""
    return loss_of_logits(logits, targets) / math.log(10)


def softmax_twice(logits: Tensor, targets: Tensor) -> Tensor:
    """The logits went through a softmax twice: the second softmax took probabilities for logits."""
    return loss_of_logits(logits.softmax(1), targets)


def softmax_over_batch(logits: Tensor, targets: Tensor) -> Tensor:
    """The probabilities of *one example* add up to 1: along which dimension are the classes?"""
    return -target_logits(logits.log_softmax(0), targets).mean()


def softmax_over_everything(logits: Tensor, targets: Tensor) -> Tensor:
    """The probabilities of *each* example add up to 1: here those of all rows together do."""
    return (logits.logsumexp((0, 1)) - target_logits(logits, targets)).mean()


def exp_overflows(logits: Tensor, targets: Tensor) -> Tensor:
    """Right for small logits. For large ones e^z leaves the range of floating point: which number can be subtracted
    from all logits of a row without changing a probability?
    """
    p = logits.exp() / logits.exp().sum(1, keepdim=True)
    return -target_logits(p, targets).log().mean()


def log_of_sum_overflows(logits: Tensor, targets: Tensor) -> Tensor:
    """Right for small logits. For large ones e^z leaves the range of floating point: which number can be subtracted
    from all logits of a row without changing a probability?
    """
    return (logits.exp().sum(1).log() - target_logits(logits, targets)).mean()


def log_of_zero(logits: Tensor, targets: Tensor) -> Tensor:
    """The softmax itself is safe, but a probability below the smallest floating-point number becomes 0, and ln 0 is
    infinite. How can ln p be computed without p?
    """
    return -target_logits(logits.softmax(1), targets).log().mean()


def log_of_clamped_probability(logits: Tensor, targets: Tensor, least: float = 1e-9) -> Tensor:
    """A small number was added to the probability, or it was clamped: the loss can then not exceed minus its
    logarithm, and a confident mistake gets hardly any gradient. How can ln p be computed without p?
    """
    return -(target_logits(logits.softmax(1), targets) + least).log().mean()


def clamped_at(least: float) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda logits, targets: log_of_clamped_probability(logits, targets, least)


def largest_of_all_rows_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    """One number was subtracted from all rows. If the rows lie at different heights, then every e^z of the lower ones
    is 0: each row needs its own.
    """
    shifted = logits - logits.max()
    return (shifted.exp().sum(1).log() - target_logits(shifted, targets)).mean()


def largest_of_columns_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    """Each *column* had its largest number subtracted, and that changes the probabilities: the same number may be
    subtracted from all logits of one example.
    """
    shifted = logits - logits.max(0, keepdim=True).values
    return (shifted.exp().sum(1).log() - target_logits(shifted, targets)).mean()


def mean_of_row_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    """A shift by the row's mean changes no probability, but what lies far above the mean still overflows. Which entry
    must become 0 so that no e^z is above 1?
    """
    shifted = logits - logits.mean(1, keepdim=True)
    return (shifted.exp().sum(1).log() - target_logits(shifted, targets)).mean()


def largest_not_added_back(logits: Tensor, targets: Tensor) -> Tensor:
    """What was subtracted under the sum is not added back: the sum and the target's logit must be shifted alike."""
    shifted = logits - logits.max(1, keepdim=True).values
    return (shifted.exp().sum(1).log() - target_logits(logits, targets)).mean()


def largest_subtracted_from_target_only(logits: Tensor, targets: Tensor) -> Tensor:
    """The target's logit was shifted and the sum was not: both must be shifted alike."""
    shifted = logits - logits.max(1, keepdim=True).values
    return (logits.logsumexp(1) - target_logits(shifted, targets)).mean()


def sum_without_log(logits: Tensor, targets: Tensor) -> Tensor:
    """The sum of the e^z has no logarithm: write −ln(e^z_y / Σ e^z) as a difference."""
    return (logits.exp().sum(1) - target_logits(logits, targets)).mean()


def only_target_logit(logits: Tensor, targets: Tensor) -> Tensor:
    """Only the target's own logit counts here. A logit is large or small compared with the others of its row: where
    is their sum?
    """
    return -target_logits(logits, targets).mean()


def probability_without_log(logits: Tensor, targets: Tensor) -> Tensor:
    """That is the mean probability of the targets, with a sign perhaps: the loss is −ln of each."""
    return -target_logits(logits.softmax(1), targets).mean()


def mean_probability(logits: Tensor, targets: Tensor) -> Tensor:
    """That is the mean probability of the targets: the loss is −ln of each."""
    return target_logits(logits.softmax(1), targets).mean()


def one_minus_probability(logits: Tensor, targets: Tensor) -> Tensor:
    """1 − p is at most 1, however wrong the network is: the loss is −ln p."""
    return (1 - target_logits(logits.softmax(1), targets)).mean()


def log_after_mean(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean was taken of the probabilities, and then the logarithm: it is the losses that are averaged."""
    return -target_logits(logits.softmax(1), targets).mean().log()


def every_target_for_every_row(logits: Tensor, targets: Tensor) -> Tensor:
    """`logits[:, targets]` picks all targets in every row, N · N numbers. Which index picks one from each row?"""
    return -logits.log_softmax(1)[:, targets].mean()


def rows_picked_by_targets(logits: Tensor, targets: Tensor) -> Tensor:
    """The targets picked rows: they say which *column* of its row each example means."""
    return -logits.log_softmax(1)[targets.clamp(max=len(logits) - 1)].mean()


def own_favourite(logits: Tensor, targets: Tensor) -> Tensor:
    """The loss does not depend on the targets: it takes the class that the network itself finds most likely."""
    return -logits.log_softmax(1).max(1).values.mean()


def all_classes_averaged(logits: Tensor, targets: Tensor) -> Tensor:
    """The loss does not depend on the targets: it averages over all classes, not only over those that came."""
    return -logits.log_softmax(1).mean()


def entropy_of_prediction(logits: Tensor, targets: Tensor) -> Tensor:
    """The loss does not depend on the targets: this is the entropy of the network's own probabilities."""
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1).mean()


def targets_off_by_one(logits: Tensor, targets: Tensor) -> Tensor:
    """The targets count from 0: here they are shifted by one class."""
    return loss_of_logits(logits, (targets - 1) % logits.shape[1])


def sigmoid_per_class(logits: Tensor, targets: Tensor) -> Tensor:
    """A sigmoid treats each class by itself. Here exactly one comes: the probabilities of a row must add up to 1."""
    return -torch.nn.functional.logsigmoid(target_logits(logits, targets)).mean()


def binary_for_each_class(logits: Tensor, targets: Tensor) -> Tensor:
    """Every class was treated as a yes-or-no question of its own: the probabilities of a row must add up to 1."""
    one_hot = torch.nn.functional.one_hot(targets, logits.shape[1]).to(logits.dtype)
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, one_hot)


def squared_error(logits: Tensor, targets: Tensor) -> Tensor:
    """That is a mean squared error: the loss that is asked for is −ln of the target's probability."""
    one_hot = torch.nn.functional.one_hot(targets, logits.shape[1]).to(logits.dtype)
    return (logits.softmax(1) - one_hot).square().mean()


def perplexity_of_logits(logits: Tensor, targets: Tensor) -> Tensor:
    """That is e to the power of the loss, the perplexity: the loss itself is asked for."""
    return loss_of_logits(logits, targets).exp()


def logits_clamped(logits: Tensor, targets: Tensor) -> Tensor:
    """The logits were cut off to avoid an overflow, and with them the loss and its gradient. A *shift* of a whole row
    changes no probability.
    """
    return loss_of_logits(logits.clamp(-50, 50), targets)


def logits_divided_by_largest(logits: Tensor, targets: Tensor) -> Tensor:
    """The logits were divided to avoid an overflow, and that changes the probabilities. Which operation does not?"""
    return loss_of_logits(logits / logits.abs().max(1, keepdim=True).values, targets)


def nan_replaced(logits: Tensor, targets: Tensor) -> Tensor:
    """Infinities were replaced after they had arisen: then the loss is some number, and no longer the right one."""
    p = logits.exp() / logits.exp().sum(1, keepdim=True)
    return torch.nan_to_num(-target_logits(p, targets).log().mean(), nan=0.0, posinf=100.0)


def not_differentiable(logits: Tensor, targets: Tensor) -> float:
    return loss_of_logits(logits, targets).item()


def without_graph(logits: Tensor, targets: Tensor) -> Tensor:
    """The number is right, but no gradient can flow back from it: `.detach()`, `.data`, `no_grad()` and new tensors
    made from old numbers cut torch's graph.
    """
    return loss_of_logits(logits, targets).detach()


def precision_lost(logits: Tensor, targets: Tensor) -> Tensor:
    return loss_of_logits(logits.float(), targets)


def kept_dimension(logits: Tensor, targets: Tensor) -> Tensor:
    return loss_of_logits(logits, targets)[None]


cross_entropy = Check(
    tasks.cross_entropy,
    right=loss_of_logits,
    wrong=(
        summed_over_batch,
        one_loss_per_example,
        negative_loss_of_logits,
        divided_by_classes_too,
        cross_entropy_in_bits,
        cross_entropy_in_base_ten,
        softmax_twice,
        softmax_over_batch,
        softmax_over_everything,
        exp_overflows,
        log_of_sum_overflows,
        log_of_zero,
        Mistake(
            "log-of-clamped-probability",
            log_of_clamped_probability.__doc__,
            log_of_clamped_probability,
            *map(clamped_at, (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30)),
        ),
        largest_of_all_rows_subtracted,
        largest_of_columns_subtracted,
        mean_of_row_subtracted,
        largest_not_added_back,
        largest_subtracted_from_target_only,
        sum_without_log,
        only_target_logit,
        probability_without_log,
        mean_probability,
        one_minus_probability,
        log_after_mean,
        every_target_for_every_row,
        rows_picked_by_targets,
        own_favourite,
        all_classes_averaged,
        entropy_of_prediction,
        targets_off_by_one,
        sigmoid_per_class,
        binary_for_each_class,
        squared_error,
        perplexity_of_logits,
        logits_clamped,
        logits_divided_by_largest,
        nan_replaced,
        written(not_differentiable, without_graph),
        precision_lost,
        kept_dimension,
    ),
    forbidden=("cross_entropy", "nll_loss"),
    forms=(
        cross_entropy_steps,
        log_probabilities,
        cross_entropy_with_the_largest,
        cross_entropy_less_a_constant,
        cross_entropy_of_one_hot,
        cross_entropy_with_its_gradients,
    ),
)


class PlainOutput:
    """Draws a weight and a bias; a mistake is one step written differently."""

    scale = 0.01
    bias_scale = 0.0

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        """Small numbers."""
        return cls.drawn((hidden, classes), generator) * cls.scale

    @classmethod
    def bias(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        """Zeros."""
        return cls.drawn((classes,), generator) * cls.bias_scale if cls.bias_scale else torch.zeros(classes)

    @staticmethod
    def drawn(shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(shape, generator=generator)

    def __new__(cls, hidden: int, classes: int, generator: Generator) -> Any:
        """The pair."""
        weight = cls.weight(hidden, classes, generator)
        return cls.together(weight, cls.bias(hidden, classes, generator))

    @classmethod
    def together(cls, weight: Tensor, bias: Tensor) -> Any:
        """In the order that is asked for."""
        return weight, bias


def small_output(hidden: int, classes: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Weights of 0.01 · N(0, 1), and no bias."""
    return PlainOutput(hidden, classes, generator)


class WeightsOfSizeOne(PlainOutput):
    scale = 1.0


class WeightsAndBiasOfSizeOne(PlainOutput):
    """This is the bad initialisation itself: weight and bias from N(0, 1)."""

    scale = bias_scale = 1.0


class WeightsStillTooLarge(PlainOutput):
    """Smaller than N(0, 1), and not small enough: what is the standard deviation of a sum of that many terms? Up to
    about 0.3 for the logits the loss is flat.
    """

    scale = 0.1


class WeightsStillTooLarge02(WeightsStillTooLarge):
    scale = 0.2


class WeightsStillTooLarge05(WeightsStillTooLarge):
    scale = 0.05


class KaimingForOutput(PlainOutput):
    """With 1/√hidden the logits have a standard deviation near 1: right for a layer whose signal is to be kept. The
    output layer should start without a preference.
    """

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((hidden, classes), generator) / hidden**0.5


class KaimingWithTanhGain(KaimingForOutput):
    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((hidden, classes), generator) * (5 / 3) / hidden**0.5


class KaimingForRelu(KaimingForOutput):
    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((hidden, classes), generator) * (2 / hidden) ** 0.5


class XavierForOutput(PlainOutput):
    """A Xavier initialisation keeps the signal's size, and the logits have a standard deviation near 1. The output
    layer should start without a preference.
    """

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((hidden, classes), generator) * (2 / (hidden + classes)) ** 0.5


class DividedByRootOfClasses(PlainOutput):
    """The factor comes from the number of classes: of how many terms is a logit the sum? And even the right root only
    keeps the signal's size.
    """

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((hidden, classes), generator) / classes**0.5


class TorchDefault(PlainOutput):
    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return (2 * torch.rand((hidden, classes), generator=generator) - 1) / hidden**0.5


def uniform(kind: type[PlainOutput]) -> type[PlainOutput]:
    """Return an initialisation with a uniform distribution of the same standard deviation."""

    def drawn(shape: tuple[int, ...], generator: Generator) -> Tensor:
        return 3**0.5 * (2 * torch.rand(shape, generator=generator) - 1)

    return type(f"Uniform{kind.__name__}", (kind,), {"drawn": staticmethod(drawn)})


class TenthOverRootOfClasses(DividedByRootOfClasses):
    scale = 0.1

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.scale * super().weight(hidden, classes, generator)


class UniformOfSizeOne(PlainOutput):
    """`rand` draws from 0 to 1, so all weights are positive and large. Which distribution has mean 0, and which size
    should it have?
    """

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.rand((hidden, classes), generator=generator)


class RandomBias(PlainOutput):
    bias_scale = 1.0


class BiasPrefersClasses(PlainOutput):
    """The bias prefers some classes to others before any example was seen. How should it start?"""

    @classmethod
    def bias(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.arange(classes) / 4.0


class ZeroWeights(PlainOutput):
    scale = 0.0


class EqualWeights(PlainOutput):
    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.full((hidden, classes), 0.01)


class EqualOverClasses(PlainOutput):
    """Each hidden unit has one weight for all classes: the gradients of a row's logits add up to 0, so they cancel in
    the backward pass.
    """

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((hidden, 1), generator).expand(hidden, classes) * cls.scale


class EqualOverUnits(PlainOutput):
    """All hidden units have the same weights, so all get the same gradient: draw numbers for each of them."""

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return cls.drawn((1, classes), generator).expand(hidden, classes) * cls.scale


class IdentityWeights(PlainOutput):
    """Most hidden units have weights of 0, or all of them the same pattern: draw a number for each entry."""

    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.eye(hidden, classes) * cls.scale


class WeightsVanishinglySmall(PlainOutput):
    """The first loss is perfect, but almost nothing gets back through weights this small: 0.01 is small enough."""

    scale = 1e-12


class TransposedWeight(PlainOutput):
    @classmethod
    def weight(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return super().weight(hidden, classes, generator).T


class FixedSizes(PlainOutput):
    """The sizes are arguments: 200 and 27 are those of the name model."""

    def __new__(cls, hidden: int, classes: int, generator: Generator) -> Any:
        return super().__new__(cls, 200, 27, generator)


class BiasPerHiddenUnit(PlainOutput):
    """The bias is added to the logits: how many of them are there?"""

    @classmethod
    def bias(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.zeros(hidden)


class BiasWithTwoDimensions(PlainOutput):
    @classmethod
    def bias(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.zeros(1, classes)


class BiasIsOneNumber(PlainOutput):
    @classmethod
    def bias(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.zeros(1)


class BiasIsOneScalar(BiasIsOneNumber):
    @classmethod
    def bias(cls, hidden: int, classes: int, generator: Generator) -> Tensor:
        return torch.zeros(())


class BiasIsMissing(PlainOutput):
    """A pair is asked for: a bias that starts at zero is still one that can be trained."""

    @classmethod
    def together(cls, weight: Tensor, bias: Tensor) -> Any:
        return weight, None


class OnlyWeight(BiasIsMissing):
    @classmethod
    def together(cls, weight: Tensor, bias: Tensor) -> Any:
        return weight


class WeightAndBiasSwapped(PlainOutput):
    """The two have changed places: the weight comes first."""

    @classmethod
    def together(cls, weight: Tensor, bias: Tensor) -> Any:
        return bias, weight


class LayerReturned(PlainOutput):
    """A layer came back: its weight and its bias are asked for, as two tensors, and the weight of `nn.Linear` is turned
    round.
    """

    @classmethod
    def together(cls, weight: Tensor, bias: Tensor) -> Any:
        return torch.nn.Linear(1, 1)


class GeneratorIgnored(PlainOutput):
    """The weights do not come from the generator that was given, but from torch's global one: nobody can repeat the
    run.
    """

    @staticmethod
    def drawn(shape: tuple[int, ...], generator: Generator) -> Tensor:
        return torch.randn(shape)


class OwnSeed(PlainOutput):
    @staticmethod
    def drawn(shape: tuple[int, ...], generator: Generator) -> Tensor:
        return torch.randn(shape, generator=Generator().manual_seed(42))


class GeneratorStartedAgain(PlainOutput):
    """The generator was set back to its seed: a second layer made with it would get the same numbers as the first. Draw
    from it as it is.
    """

    @staticmethod
    def drawn(shape: tuple[int, ...], generator: Generator) -> Tensor:
        return torch.randn(shape, generator=generator.manual_seed(generator.initial_seed()))


init_output_layer = Check(
    tasks.init_output_layer,
    right=small_output,
    forms=(output_of_kaiming_size,),
    wrong=(
        WeightsOfSizeOne,
        WeightsAndBiasOfSizeOne,
        written(WeightsStillTooLarge, WeightsStillTooLarge02, WeightsStillTooLarge05),
        written(
            KaimingForOutput,
            KaimingWithTanhGain,
            KaimingForRelu,
            *map(uniform, (KaimingForOutput, KaimingWithTanhGain, KaimingForRelu)),
        ),
        written(XavierForOutput, uniform(XavierForOutput)),
        written(DividedByRootOfClasses, TenthOverRootOfClasses),
        TorchDefault,
        UniformOfSizeOne,
        RandomBias,
        BiasPrefersClasses,
        ZeroWeights,
        EqualWeights,
        EqualOverClasses,
        EqualOverUnits,
        IdentityWeights,
        WeightsVanishinglySmall,
        TransposedWeight,
        FixedSizes,
        BiasPerHiddenUnit,
        BiasWithTwoDimensions,
        written(BiasIsOneNumber, BiasIsOneScalar),
        written(BiasIsMissing, OnlyWeight),
        WeightAndBiasSwapped,
        LayerReturned,
        GeneratorIgnored,
        OwnSeed,
        GeneratorStartedAgain,
    ),
)


# Plug it in


class Parts:
    """All three parts."""

    uniform_loss = staticmethod(loss_of_guess)
    cross_entropy = staticmethod(loss_of_logits)
    init_output_layer = staticmethod(small_output)


trained_output_layer = Check(
    tasks.trained_output_layer,
    right=Parts,
    forbidden=("cross_entropy", "nll_loss"),
    outcomes={
        tasks.FIRST: (
            "first-loss-off",
            """Training does not begin near the loss of a guess: `checks.init_output_layer` looks at the layer alone,
            and `checks.uniform_loss` and `checks.cross_entropy` at the two losses.""",
        ),
        tasks.BY_THEIRS: (
            "training-loss-off",
            "Of a trained network your loss is not the cross-entropy: `checks.cross_entropy` looks closer.",
        ),
        tasks.LAST_TEN: (
            "training-loss-off",
            "The losses at the end of the training are not the right ones: `checks.cross_entropy` looks closer.",
        ),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else: is the gradient of your loss right, and of the right size?",
        ),
    },
)
