import math

import numpy as np
import torch
from torch import nn


# %% right: the gain over a root
def kaiming_std(fan_in, gain):
    return gain / math.sqrt(fan_in)


# %% right: a power
def kaiming_std(fan_in: int, gain: float = 1.0) -> float:
    """Standard deviation of the weights."""
    return gain * fan_in**-0.5


# %% right: with NumPy
def kaiming_std(fan_in, gain):
    return np.float64(gain) / np.sqrt(fan_in)


# %% right: the root of the variance
def kaiming_std(fan_in, gain):
    variance = gain * gain / fan_in
    return variance**0.5


# %% right: a tensor without dimensions
def kaiming_std(fan_in, gain):
    return gain / torch.tensor(float(fan_in)).sqrt()


# %% right: logarithms, with a print
def kaiming_std(fan_in, gain):
    std = math.exp(math.log(gain) - 0.5 * math.log(fan_in))
    print(f"fan_in {fan_in}, std {std}")
    return std


# %% right: keeps what it was asked
class KaimingStd:
    def __init__(self):
        self.asked = []

    def __call__(self, fan_in, gain):
        self.asked.append((fan_in, gain))
        return float(np.divide(gain, math.sqrt(fan_in)))


kaiming_std = KaimingStd()


# %% wrong: not-attempted, the stub
def kaiming_std(fan_in: int, gain: float) -> float:
    """The standard deviation of the weights."""
    ...  # your code here


# %% wrong: variance-of-weights, the variance in place of the standard deviation
def kaiming_std(fan_in, gain):
    std = gain / math.sqrt(fan_in)
    return std**2


# %% wrong: only-fan-in-squared-out, no root
def kaiming_std(fan_in, gain):
    return gain * (1 / fan_in)


# %% wrong: gain-squared, the gain of the variance
def kaiming_std(fan_in, gain):
    return math.pow(gain, 2) / math.pow(fan_in, 0.5)


# %% wrong: root-of-gain, the root of everything
def kaiming_std(fan_in, gain):
    return np.sqrt(gain / fan_in)


# %% wrong: gain-ignored, the rule of 1998
def kaiming_std(fan_in, gain):
    return fan_in**-0.5


# %% wrong: always-five-thirds, for tanh only
def kaiming_std(fan_in, gain):
    return nn.init.calculate_gain("tanh") / fan_in**0.5


# %% wrong: always-root-two, He's rule for ReLU
def kaiming_std(fan_in, gain):
    return (2 / fan_in) ** 0.5


# %% wrong: root-two-besides-gain, He's rule and a gain
def kaiming_std(fan_in, gain):
    return gain * 2**0.5 / fan_in**0.5


# %% wrong: always-fan-in-30, the number of the name model
def kaiming_std(fan_in, gain):
    return gain / 30**0.5


# %% wrong: fan-in-ignored, only the gain
def kaiming_std(fan_in, gain):
    std = gain
    return std


# %% wrong: divided-by-gain, the gain the wrong way round
def kaiming_std(fan_in, gain):
    return 1 / gain / math.sqrt(fan_in)


# %% wrong: multiplied-by-root, larger for more inputs
def kaiming_std(fan_in, gain):
    return math.sqrt(fan_in) * gain


# %% wrong: arguments-swapped, in the other order
def kaiming_std(gain, fan_in):
    return gain / math.sqrt(fan_in)


# %% wrong: bound-of-uniform, the bound of torch's kaiming_uniform_
def kaiming_std(fan_in, gain):
    std = gain / math.sqrt(fan_in)
    return math.sqrt(3.0) * std


# %% wrong: std-of-torch-default, the gain of torch's linear layer besides
def kaiming_std(fan_in, gain):
    return gain / math.sqrt(fan_in) / math.sqrt(3)


# %% wrong: power-without-brackets, half of fan_in for its root
def kaiming_std(fan_in, gain):
    return gain / fan_in**1 / 2


# %% wrong: rounded, to three digits
def kaiming_std(fan_in, gain):
    return float(f"{gain / math.sqrt(fan_in):.3f}")


# %% wrong: one-input-too-many, the bias counted as an input
def kaiming_std(fan_in, gain):
    weights_and_bias = fan_in + 1
    return gain / weights_and_bias**0.5


# %% wrong: weights-instead-of-std, the layer's weights
def kaiming_std(fan_in, gain):
    return gain * torch.randn(fan_in) / fan_in**0.5


# %% wrong: wrong-signature, without the gain
def kaiming_std(fan_in):
    return 1 / math.sqrt(fan_in)


# %% wrong: returns-nothing, printed only
def kaiming_std(fan_in, gain):
    print(gain / math.sqrt(fan_in))


# %% wrong: undefined-name, the root is not imported
def kaiming_std(fan_in, gain):
    return gain / sqrt(fan_in)


# %% elsewhere
def prints(theirs):
    """The chapter's 0.304, read off a print with three decimals."""
    return f"{float(theirs(30, 5 / 3)):.3f}" == "0.304"


def allclose(theirs):
    """torch's own gain and rule for ReLU, 100 inputs."""
    return np.allclose(theirs(100, nn.init.calculate_gain("relu")), (2 / 100) ** 0.5)


# %% wrong: spread-of-the-sum, the gain and the fraction are forgotten
def kaiming_std(fan_in, gain):
    return math.sqrt(fan_in)


# %% wrong: gain-below, one over the right result
def kaiming_std(fan_in, gain):
    return math.sqrt(fan_in) / gain


# %% wrong: root-of-gain-alone, the root at the wrong number
def kaiming_std(fan_in, gain):
    return math.sqrt(gain) / fan_in


# %% wrong: gain-under-the-root, both below the line
def kaiming_std(fan_in, gain):
    return 1 / math.sqrt(fan_in * gain)


# %% wrong: root-two-too-small, a 2 in the denominator
def kaiming_std(fan_in, gain):
    return gain / math.sqrt(2 * fan_in)


# %% wrong: bound-for-relu, the bound of another page
def kaiming_std(fan_in, gain):
    return gain * math.sqrt(6 / fan_in)
