"""Answers of assignment 02: the size of a weight, a layer that keeps the variance, and the gain of any activation."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from bncourse.judging.answers.written_out import (
    LinearBySums,
    LinearWithItsGradients,
    gain_in_steps,
    gain_of_quantiles,
    gain_on_a_grid,
    std_of_weights_by_a_power,
    std_of_weights_by_logarithms,
    std_of_weights_by_variance,
)
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_02_kaiming_gain as tasks
from bncourse.observing.tasks.exercise_02_kaiming_gain import TANH_GAIN
from bncourse.plugged import ON_NEW

__all__ = ["kaiming_std", "linear", "measured_gain", "trained_stack"]


def std_of_weights(fan_in: int, gain: float) -> float:
    """The gain over the root of the number of terms."""
    return gain / math.sqrt(fan_in)


def variance_of_weights(fan_in: int, gain: float) -> float:
    """That is the variance of the weights: the numbers of `randn` are to be multiplied by a standard deviation."""
    return gain**2 / fan_in


def only_fan_in_squared_out(fan_in: int, gain: float) -> float:
    """Only half of the variance: its root is to be taken of fan_in too, since it is variances that add up."""
    return gain / fan_in


def gain_squared(fan_in: int, gain: float) -> float:
    """The gain is squared: that belongs into the variance. Which power has it in the standard deviation?"""
    return gain**2 / math.sqrt(fan_in)


def root_of_gain(fan_in: int, gain: float) -> float:
    """The root was taken of the gain too: it is a factor of the standard deviation itself."""
    return math.sqrt(gain / fan_in)


def gain_ignored(fan_in: int, gain: float) -> float:
    """The result does not depend on the gain: what makes up for the activation?"""
    return 1 / math.sqrt(fan_in)


def divided_by_gain(fan_in: int, gain: float) -> float:
    """A larger gain makes larger weights: it makes up for what the activation takes away."""
    return 1 / (gain * math.sqrt(fan_in))


def always_five_thirds(fan_in: int, gain: float) -> float:
    """The gain is an argument: a fixed one is used, that of tanh."""
    return TANH_GAIN / math.sqrt(fan_in)


def always_root_two(fan_in: int, gain: float) -> float:
    """The gain is an argument: a fixed one is used, that of ReLU."""
    return math.sqrt(2 / fan_in)


def root_two_besides_gain(fan_in: int, gain: float) -> float:
    """There is a factor √2 too many: it is ReLU's gain, and the gain of the activation is handed over."""
    return gain * math.sqrt(2 / fan_in)


def always_fan_in_30(fan_in: int, gain: float) -> float:
    """The number of inputs is an argument: 30 is that of the name model."""
    return gain / math.sqrt(30)


def fan_in_ignored(fan_in: int, gain: float) -> float:
    """The result does not depend on fan_in: how does a sum of more terms spread?"""
    return gain


def multiplied_by_root(fan_in: int, gain: float) -> float:
    """The more inputs a unit has, the *smaller* the weights must be: which way does the root go?"""
    return gain * math.sqrt(fan_in)


def spread_of_the_sum(fan_in: int, gain: float) -> float:
    """That is how far a sum of fan_in terms spreads when each has variance 1: the weights have to make up for it, and
    for the activation.
    """
    return math.sqrt(fan_in)


def gain_below(fan_in: int, gain: float) -> float:
    """The fraction is upside down: in the worked step, does a larger gain ask for larger or smaller weights?"""
    return math.sqrt(fan_in) / gain


def root_of_gain_alone(fan_in: int, gain: float) -> float:
    """One of the two numbers has a root, and it is the wrong one: which of the two counts the terms of a sum?"""
    return math.sqrt(gain) / fan_in


def gain_under_the_root(fan_in: int, gain: float) -> float:
    """The gain divides, and a root is taken of it: a larger gain makes larger weights, and it is a factor of the
    standard deviation itself.
    """
    return 1 / math.sqrt(fan_in * gain)


def root_two_too_small(fan_in: int, gain: float) -> float:
    """Every result is √2 times too small: where does the 2 come from? Only fan_in counts the terms of the sum."""
    return gain / math.sqrt(2 * fan_in)


def bound_for_relu(fan_in: int, gain: float) -> float:
    """Every result is √6 times too large: √6/√fan_in is the bound of a uniform distribution for ReLU. Asked for is a
    standard deviation, and the gain is handed over.
    """
    return gain * math.sqrt(6 / fan_in)


def arguments_swapped(fan_in: int, gain: float) -> float:
    return fan_in / math.sqrt(gain)


def bound_of_uniform(fan_in: int, gain: float) -> float:
    """That is the bound of a uniform distribution, √3 times its standard deviation. The standard deviation is asked
    for.
    """
    return gain * math.sqrt(3 / fan_in)


def std_of_torch_default(fan_in: int, gain: float) -> float:
    """That is √3 too small, as what `nn.Linear` draws is: 1/√fan_in is its bound, here it is the standard deviation."""
    return gain / math.sqrt(3 * fan_in)


def one_input_too_many(fan_in: int, gain: float) -> float:
    """fan_in is the number of weights of a unit without its bias, which starts at 0 and adds nothing."""
    return gain / math.sqrt(fan_in + 1)


def one_input_less(fan_in: int, gain: float) -> float:
    """fan_in itself is the number of terms: nothing is to be subtracted from it, as it is in an unbiased variance."""
    return gain / math.sqrt(max(fan_in - 1, 1e-12))


def power_without_brackets(fan_in: int, gain: float) -> float:
    """`fan_in ** 1 / 2` is half of fan_in: a power is taken before a division. Where do brackets belong?"""
    return gain / fan_in / 2


def power_without_brackets_below(fan_in: int, gain: float) -> float:
    return gain / (fan_in / 2)


def root_rounded(fan_in: int, gain: float) -> float:
    """The root was rounded to a whole number: keep all its digits."""
    return gain / math.isqrt(fan_in)


def whole_number(fan_in: int, gain: float) -> float:
    """The digits after the point are missing: somewhere the number became a whole one."""
    return float(round(gain / math.sqrt(fan_in)))


def weights_instead_of_std(fan_in: int, gain: float) -> Tensor:
    """Weights came back: one number is asked for, their standard deviation."""
    return torch.randn(fan_in) * gain / math.sqrt(fan_in)


def rounded(fan_in: int, gain: float) -> float:
    return round(gain / math.sqrt(fan_in), 3)


def rounded_to_four(fan_in: int, gain: float) -> float:
    """Nearly: the result has been rounded. Return all digits, and round only where you print."""
    return round(gain / math.sqrt(fan_in), 4)


def rounded_to_two(fan_in: int, gain: float) -> float:
    """Nearly: the result has been rounded. Return all digits, and round only where you print."""
    return round(gain / math.sqrt(fan_in), 2)


kaiming_std = Check(
    tasks.kaiming_std,
    right=std_of_weights,
    forms=(std_of_weights_by_variance, std_of_weights_by_a_power, std_of_weights_by_logarithms),
    wrong=(
        variance_of_weights,
        only_fan_in_squared_out,
        gain_squared,
        root_of_gain,
        gain_ignored,
        divided_by_gain,
        always_five_thirds,
        always_root_two,
        root_two_besides_gain,
        always_fan_in_30,
        fan_in_ignored,
        multiplied_by_root,
        spread_of_the_sum,
        gain_below,
        root_of_gain_alone,
        gain_under_the_root,
        root_two_too_small,
        arguments_swapped,
        bound_of_uniform,
        bound_for_relu,
        std_of_torch_default,
        one_input_too_many,
        one_input_less,
        written(power_without_brackets, power_without_brackets_below),
        root_rounded,
        whole_number,
        weights_instead_of_std,
        written(rounded, rounded_to_four, rounded_to_two),
    ),
)


class PlainLinear:
    """A linear layer with each step in a method of its own, so that a mistake is one method written differently."""

    requires_grad = True

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        self.fan_in, self.fan_out = fan_in, fan_out
        self.weight = self.drawn().requires_grad_(self.requires_grad)
        self.bias = self.start().requires_grad_(self.requires_grad) if self.has_bias(bias) else None

    def drawn(self) -> Tensor:
        """The weight."""
        return torch.randn(self.fan_in, self.fan_out) * self.std()

    def std(self) -> float:
        """Of the weights."""
        return self.fan_in**-0.5

    def start(self) -> Tensor:
        """The bias."""
        return torch.zeros(self.fan_out)

    def has_bias(self, bias: bool) -> bool:
        """Whether there is one."""
        return bias

    def __call__(self, x: Tensor) -> Tensor:
        """The weighted sums, and the bias."""
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

    def parameters(self) -> list[Tensor]:
        """The weight, and the bias where there is one."""
        return [self.weight] + ([] if self.bias is None else [self.bias])


class WeightsOfSizeOne(PlainLinear):
    def std(self) -> float:
        return 1.0


class VarianceForStd(PlainLinear):
    def std(self) -> float:
        return 1 / self.fan_in


class DividedByFanOut(PlainLinear):
    """The weights were divided by √fan_out: how many terms has the sum of one output?"""

    def std(self) -> float:
        return self.fan_out**-0.5


class MultipliedByRoot(PlainLinear):
    """The more inputs a unit has, the *smaller* the weights must be: which way does the root go?"""

    def std(self) -> float:
        return self.fan_in**0.5


class GainOfTanh(PlainLinear):
    """A gain of 1 is asked for: 5/3 is torch's for tanh, and this layer does not know what stands before it."""

    def std(self) -> float:
        return TANH_GAIN * self.fan_in**-0.5


class GainOfRelu(PlainLinear):
    """A gain of 1 is asked for: √2 is that of ReLU, and this layer does not know what stands before it."""

    def std(self) -> float:
        return (2 / self.fan_in) ** 0.5


class XavierInstead(PlainLinear):
    """That is Glorot's compromise between fan_in and fan_out: here the outputs are to keep the inputs' variance, in any
    shape.
    """

    def std(self) -> float:
        return (2 / (self.fan_in + self.fan_out)) ** 0.5


class FanInOfTorch(PlainLinear):
    """`nn.init.kaiming_normal_` takes fan_in from the second dimension, as `nn.Linear` keeps its weight, and multiplies
    by ReLU's √2: here fan_in is the first dimension, and the gain is 1.
    """

    def std(self) -> float:
        return (2 / self.fan_out) ** 0.5


class TorchDefault(PlainLinear):
    def drawn(self) -> Tensor:
        return (2 * torch.rand(self.fan_in, self.fan_out) - 1) * self.fan_in**-0.5


class UniformOfLengthOne(PlainLinear):
    """Before they are scaled, the numbers lie between −½ and ½: which standard deviation has that distribution?"""

    def drawn(self) -> Tensor:
        return (torch.rand(self.fan_in, self.fan_out) - 0.5) * self.std()


class FixedFactor(PlainLinear):
    """The same factor for any fan_in: how does a sum of more terms spread?"""

    factor = 0.01

    def std(self) -> float:
        return self.factor


class Tenth(FixedFactor):
    factor = 0.1


class Fifth(FixedFactor):
    factor = 0.2


class RandInsteadOfRandn(PlainLinear):
    """`rand` draws from 0 to 1, and `randn` from N(0, 1): these weights are all positive."""

    def drawn(self) -> Tensor:
        return torch.rand(self.fan_in, self.fan_out) * self.std()


class RandUnscaled(PlainLinear):
    """`rand` draws from 0 to 1, and `randn` from N(0, 1); and fan_in does not yet count."""

    def drawn(self) -> Tensor:
        return torch.rand(self.fan_in, self.fan_out)


class ZeroWeights(PlainLinear):
    def drawn(self) -> Tensor:
        return torch.zeros(self.fan_in, self.fan_out)


class EqualWeights(PlainLinear):
    def drawn(self) -> Tensor:
        return torch.ones(self.fan_in, self.fan_out) * self.std()


class UnitsAllAlike(PlainLinear):
    """All units have the same weights: then all compute the same, and stay alike. Draw a number for each entry."""

    def drawn(self) -> Tensor:
        return (torch.randn(self.fan_in, 1) * self.std()).repeat(1, self.fan_out)


class OwnSeed(PlainLinear):
    def drawn(self) -> Tensor:
        g = torch.Generator().manual_seed(2147483647)
        return torch.randn(self.fan_in, self.fan_out, generator=g) * self.std()


class TransposedWeight(PlainLinear):
    def drawn(self) -> Tensor:
        return super().drawn().T.contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.weight.T + (0 if self.bias is None else self.bias)


class RandomBias(PlainLinear):
    """A random bias adds its variance to every output and buys nothing: what should it start at?"""

    def start(self) -> Tensor:
        return torch.randn(self.fan_out)


class BiasOfOnes(PlainLinear):
    """The bias starts at 1, and 1 is added to every output: at which value should it start?"""

    def start(self) -> Tensor:
        return torch.ones(self.fan_out)


class BiasIsTheSwitch(PlainLinear):
    """`self.bias` is the True or False that was handed over: the layer's bias is a tensor, one number per unit."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__(fan_in, fan_out, bias)
        self.bias = bias  # the mistake

    def parameters(self) -> list[Tensor]:
        return [self.weight]


class BiasWithTwoDimensions(PlainLinear):
    def start(self) -> Tensor:
        return torch.zeros(1, self.fan_out)


class BiasPerInput(PlainLinear):
    """The bias is added to the outputs: how many of them are there?"""

    def start(self) -> Tensor:
        return torch.zeros(self.fan_in)


class BiasIsOneNumber(PlainLinear):
    def start(self) -> Tensor:
        return torch.zeros(1)


class BiasMissing(PlainLinear):
    """The layer has a bias unless `bias=False` is said: there is none."""

    def has_bias(self, bias: bool) -> bool:
        return False


class BiasAlways(PlainLinear):
    """With `bias=False` there must be no bias: the argument is not used."""

    def has_bias(self, bias: bool) -> bool:
        return True


class BiasSwitchReversed(PlainLinear):
    """The switch is the wrong way round: with `bias=False` there is a bias, and otherwise there is none."""

    def has_bias(self, bias: bool) -> bool:
        return not bias


class BiasNotAdded(PlainLinear):
    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.weight


def linear_without_gradient(kind: type) -> Mistake:
    """Return the mistake of a Linear whose weight or bias gets no gradient, though it is used."""

    def without(*names: str) -> type:
        class CutOff(kind):
            def used(self, name: str) -> Tensor:
                """The parameter itself, or its numbers."""
                return getattr(self, name).detach() if name in names else getattr(self, name)

            def __call__(self, x: Tensor) -> Tensor:
                y = x @ self.used("weight")
                return y if self.bias is None else y + self.used("bias")

        return CutOff

    return Mistake("parameters-without-gradient", None, without("weight", "bias"), without("weight"), without("bias"))


class BiasSubtracted(PlainLinear):
    """The bias is subtracted: look at the sign."""

    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.weight - (0 if self.bias is None else self.bias)


class BiasNotInParameters(PlainLinear):
    """An optimiser finds what `parameters()` lists, and the bias is not in it. Which attributes does a module list by
    itself?
    """

    def parameters(self) -> list[Tensor]:
        return [self.weight]


class BiasAPlainTensor(BiasNotInParameters):
    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__(fan_in, fan_out, bias)
        self.bias = None if self.bias is None else self.bias.detach()


class WeightNotInParameters(PlainLinear):
    """An optimiser finds what `parameters()` lists, and the weight is not in it. Which attributes does a module list by
    itself?
    """

    def parameters(self) -> list[Tensor]:
        return [] if self.bias is None else [self.bias]


class WeightAPlainTensor(WeightNotInParameters):
    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__(fan_in, fan_out, bias)
        self.weight = self.weight.detach()


class NoneInParameters(PlainLinear):
    """Without a bias `parameters()` lists one tensor: an optimiser cannot train None."""

    def parameters(self) -> list[Tensor]:
        return [self.weight, self.bias]


class NoParameters(PlainLinear):
    def parameters(self) -> list[Tensor]:
        return []


class WithoutRequiringGradients(PlainLinear):
    """`parameters()` lists them, and no gradient arrives: what must a tensor say at its making for autograd to follow
    it?
    """

    requires_grad = False


class OutputScaledInstead(PlainLinear):
    """The output is divided by √fan_in, and the weights are N(0, 1): it is the weights that are to have the right
    size.
    """

    def std(self) -> float:
        return 1.0

    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x) / self.fan_in**0.5


class OutputScaledTwice(PlainLinear):
    """The output is divided by √fan_in, and the weights were already: once is enough."""

    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x) / self.fan_in**0.5


class TanhIncluded(PlainLinear):
    """The layer is linear: the activation comes after it, in a layer of its own."""

    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x).tanh()


class NotDifferentiable(PlainLinear):
    """The result has no gradient: the numbers left torch's graph, as with `.detach()` or `no_grad()`."""

    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x).detach()


linear = Check(
    tasks.linear,
    right=PlainLinear,
    forms=(LinearBySums, LinearWithItsGradients),
    wrong=(
        WeightsOfSizeOne,
        VarianceForStd,
        DividedByFanOut,
        MultipliedByRoot,
        GainOfTanh,
        GainOfRelu,
        XavierInstead,
        FanInOfTorch,
        TorchDefault,
        UniformOfLengthOne,
        written(FixedFactor, Tenth, Fifth),
        RandInsteadOfRandn,
        RandUnscaled,
        ZeroWeights,
        EqualWeights,
        UnitsAllAlike,
        OwnSeed,
        TransposedWeight,
        RandomBias,
        BiasOfOnes,
        BiasIsTheSwitch,
        BiasWithTwoDimensions,
        BiasPerInput,
        BiasIsOneNumber,
        BiasMissing,
        BiasAlways,
        BiasSwitchReversed,
        BiasNotAdded,
        BiasSubtracted,
        linear_without_gradient(PlainLinear),
        written(BiasNotInParameters, BiasAPlainTensor),
        written(WeightNotInParameters, WeightAPlainTensor),
        NoneInParameters,
        NoParameters,
        WithoutRequiringGradients,
        OutputScaledInstead,
        OutputScaledTwice,
        TanhIncluded,
        NotDifferentiable,
    ),
    forbidden=("linear",),
)


GRID = torch.linspace(-10, 10, 4001, dtype=torch.float64)


DENSITY = torch.exp(-GRID.square() / 2) / torch.exp(-GRID.square() / 2).sum()


def expectation(values: Tensor) -> float:
    """Over z from N(0, 1), of the values on the grid."""
    return (DENSITY * values).sum().item()


def gain_by_mean_square(activation: Callable) -> float:
    """One over the root mean square."""
    return expectation(activation(GRID).square()) ** -0.5


def std_for_root_mean_square(activation: Callable) -> float:
    """Right for tanh, and 1.71 for ReLU: the next layer's sum feels the inputs' mean too. Which average of φ(z)
    stands in the formula for Var[y]?
    """
    y = activation(GRID)
    return (expectation(y.square()) - expectation(y) ** 2) ** -0.5


def root_mean_square_itself(activation: Callable) -> float:
    """That is what the activation leaves over. The gain makes up for it: it is larger than 1 where this is smaller."""
    return expectation(activation(GRID).square()) ** 0.5


def mean_square_itself(activation: Callable) -> float:
    """That is what the activation leaves of the variance. Which factor of the standard deviation makes up for it?"""
    return expectation(activation(GRID).square())


def gain_of_variance(activation: Callable) -> float:
    """That is the factor for the variance of the weights. The gain belongs to their standard deviation."""
    return 1 / expectation(activation(GRID).square())


def std_itself(activation: Callable) -> float:
    """That is the standard deviation of φ(z), what is left over. The gain makes up for it, and for the mean too."""
    return 1 / std_for_root_mean_square(activation)


def one_over_variance(activation: Callable) -> float:
    """That is the variance turned round: the gain belongs to the standard deviation, and feels the mean too."""
    return std_for_root_mean_square(activation) ** 2


def mean_absolute_value(activation: Callable) -> float:
    """The absolute values were averaged: variances are built from squares."""
    return 1 / expectation(activation(GRID).abs())


def mean_absolute_values_compared(activation: Callable) -> float:
    """Of the inputs and of the activations."""
    return expectation(GRID.abs()) / expectation(activation(GRID).abs())


def inverse_of_mean(activation: Callable) -> float:
    """The mean of φ(z) is 0 for tanh: it is the mean of the *squares* that makes the next variance."""
    mean = expectation(activation(GRID))
    return 1 / mean if mean else math.inf


def uniform_inputs(activation: Callable) -> float:
    """The inputs were drawn from −1 to 1: z is N(0, 1)."""
    z = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    return (activation(z).square().mean() ** -0.5).item()


def uniform_inputs_relative(activation: Callable) -> float:
    """The inputs were drawn from −1 to 1: z is N(0, 1)."""
    z = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    return (z.std() / activation(z).square().mean().sqrt()).item()


def positive_inputs(activation: Callable) -> float:
    """The inputs were all positive: `rand` draws from 0 to 1, and z is N(0, 1)."""
    z = torch.linspace(0, 1, 2001, dtype=torch.float64)
    return (activation(z).square().mean() ** -0.5).item()


def grid_without_density(activation: Callable) -> float:
    """All points of the grid count alike here: under N(0, 1) those near 0 come far more often."""
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    return (activation(z).square().mean() ** -0.5).item()


def grid_without_density_5(activation: Callable) -> float:
    z = torch.linspace(-5, 5, 1001, dtype=torch.float64)
    return (activation(z).square().mean() ** -0.5).item()


def grid_without_density_3(activation: Callable) -> float:
    z = torch.linspace(-3, 3, 601, dtype=torch.float64)
    return (activation(z).square().mean() ** -0.5).item()


def density_without_half(activation: Callable) -> float:
    """The inputs are narrower than N(0, 1): its density falls like exp(−z²/2), with a ½."""
    p = torch.exp(-GRID.square()) / torch.exp(-GRID.square()).sum()
    return (p * activation(GRID).square()).sum().item() ** -0.5


def root_two_too_large(activation: Callable) -> float:
    """Every gain is √2 times too large, that of the identity too: √2 is ReLU's gain, and comes out of the average by
    itself.
    """
    return 2**0.5 * gain_by_mean_square(activation)


def grid_too_short(activation: Callable) -> float:
    """The grid stops too early: how many of the N(0, 1) inputs lie beyond its ends?"""
    return gain_within(2.0)(activation)


def gain_within(end: float) -> Callable[[Callable], float]:
    """Return the gain of a grid with the right weights that stops there."""

    def gain(activation: Callable) -> float:
        within = DENSITY * (GRID.abs() <= end)
        return ((within * activation(GRID).square()).sum() / within.sum()).item() ** -0.5

    return gain


def not_close_enough(activation: Callable) -> float:
    """It is off by more than 2 %. Does the same activation get the same gain when you ask twice? If not, draw more
    numbers; if so, look at which inputs are taken, and how often each.
    """
    return gain_of_draws(1000)(activation)


def gain_of_draws(count: int) -> Callable[[Callable], float]:
    """Return the gain of that many draws."""

    def gain(activation: Callable) -> float:
        return activation(torch.randn(count)).square().mean().item() ** -0.5

    return gain


def rounded_to_one(activation: Callable) -> float:
    """The gain has been rounded. Return all digits, and round only where you print."""
    return round(gain_by_mean_square(activation), 1)


def torch_table_by_name(activation: Callable) -> float:
    """The table of torch knows a few activations by their names, and the check asks for others too: measure what the
    activation does with its inputs.
    """
    return torch.nn.init.calculate_gain(activation.__name__)  # the mistake


def density_unrooted(activation: Callable) -> float:
    """The squares are missing, or the root: variances are built from squares, and the gain is no variance."""
    return expectation(activation(GRID).abs()) ** -0.5


def median_of_sizes(activation: Callable) -> float:
    """The median knows nothing of the large values, and the variance is made of them: average the squares."""
    order = activation(GRID).abs().sort()
    return 1 / order.values[DENSITY[order.indices].cumsum(0) >= 0.5][0].clamp(min=1e-12).item()


def gain_of_gradients(activation: Callable) -> float:
    """That gain keeps the size of the *gradients*: it is made from the slope. Asked for is the way forward."""
    z = GRID.clone().requires_grad_()
    activation(z).sum().backward()
    return expectation(z.grad.square()) ** -0.5


def slope_at_zero(activation: Callable) -> float:
    """That looks at the slope at 0 alone: N(0, 1) inputs reach further, where the curve has bent."""
    z = torch.zeros((), dtype=torch.float64, requires_grad=True)
    activation(z).backward()
    return 1 / z.grad.item() if z.grad else math.inf


def slope_across_zero(activation: Callable) -> float:
    low, high = activation(torch.tensor([-1e-4, 1e-4], dtype=torch.float64)).tolist()
    return 2e-4 / (high - low)


def gain_at_one(activation: Callable) -> float:
    """The activation was asked at one point: an average over N(0, 1) is wanted."""
    return 1 / activation(torch.ones(1, dtype=torch.float64)).item()


def torch_table(activation: Callable) -> float:
    """Those are the gains of torch's table: for tanh it has 5/3, and that does not keep the variance of N(0, 1).
    Measure, for any activation.
    """
    z = torch.tensor([-1.0, 2.0], dtype=torch.float64)
    low, high = activation(z).tolist()
    if high == 2:
        return math.sqrt(2 / (1 + low**2))
    return TANH_GAIN if abs(high - math.tanh(2)) < 1e-9 else 1.0


def torch_table_by_slope(activation: Callable) -> float:
    z = torch.tensor([-1.0, 2.0], dtype=torch.float64)
    low, high = activation(z).tolist()
    table = {math.tanh(2): TANH_GAIN, 1 / (1 + math.exp(-2)): 1.0}
    return next((gain for value, gain in table.items() if abs(high - value) < 1e-9), math.sqrt(2 / (1 + low**2)))


def five_thirds_for_all(activation: Callable) -> float:
    """The result does not depend on the activation: 5/3 is what torch says for tanh. Measure it."""
    return TANH_GAIN


def always_gain_of_tanh(activation: Callable) -> float:
    """The result does not depend on the activation: it is that of tanh for all of them."""
    return 1.5925


def always_one(activation: Callable) -> float:
    """A gain of 1 fits no activation but the identity: what does the activation take away?"""
    return 1.0


def always_gain_of_relu(activation: Callable) -> float:
    """The result does not depend on the activation: √2 is that of ReLU."""
    return 2**0.5


def inputs_scaled_by_gain(activation: Callable) -> float:
    """The gain was put before the activation too, and so it was no longer asked about N(0, 1) inputs."""
    gain = 1.0
    for _ in range(100):
        gain = expectation(activation(gain * GRID).square()) ** -0.5
    return gain


measured_gain = Check(
    tasks.measured_gain,
    right=gain_by_mean_square,
    forms=(gain_in_steps, gain_on_a_grid, gain_of_quantiles),
    wrong=(
        std_for_root_mean_square,
        root_mean_square_itself,
        mean_square_itself,
        gain_of_variance,
        std_itself,
        one_over_variance,
        written(mean_absolute_value, mean_absolute_values_compared),
        inverse_of_mean,
        uniform_inputs,
        uniform_inputs_relative,
        positive_inputs,
        written(grid_without_density, grid_without_density_5, grid_without_density_3),
        density_without_half,
        root_two_too_large,
        written(grid_too_short, gain_within(1.0), gain_within(1.5)),
        density_unrooted,
        median_of_sizes,
        gain_of_gradients,
        written(slope_at_zero, slope_across_zero),
        gain_at_one,
        written(torch_table, torch_table_by_slope),
        torch_table_by_name,
        Mistake("always-five-thirds", five_thirds_for_all.__doc__, five_thirds_for_all),
        always_gain_of_tanh,
        always_one,
        always_gain_of_relu,
        inputs_scaled_by_gain,
        written(rounded_to_one),
        written(not_close_enough, *map(gain_of_draws, (10, 50, 100, 200, 500, 2000, 5000, 10_000))),
    ),
)


# Plug it in


class Parts:
    """All three parts."""

    kaiming_std = staticmethod(std_of_weights)
    Linear = PlainLinear
    measured_gain = staticmethod(gain_by_mean_square)


trained_stack = Check(
    tasks.trained_stack,
    right=Parts,
    forbidden=("linear",),
    outcomes={
        tasks.WEIGHTS: (
            "weights-and-formula-disagree",
            "The weights of your layer have another size than your `kaiming_std` says: one of the two is wrong.",
        ),
        tasks.LAST_LAYER: (
            "signal-lost-or-saturated",
            "After eight layers the activations are too small or too large: a wrong factor acts once per layer.",
        ),
        ON_NEW: (
            "trained-otherwise",
            "The network has learned something else: what does your layer compute, and what does it train?",
        ),
    },
)
