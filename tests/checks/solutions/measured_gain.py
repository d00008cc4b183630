import math

import numpy as np
import torch
from torch import nn


# %% right: a sum over a fine grid
def measured_gain(activation):
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2)
    return ((density * activation(z) ** 2).sum() / density.sum()).item() ** -0.5


# %% right: a million draws from torch's global generator
def measured_gain(activation):
    z = torch.randn(1_000_000)
    return 1 / activation(z).square().mean().sqrt().item()


# %% right: 400,000 draws and torch's root, left a tensor
def measured_gain(activation):
    g = torch.Generator().manual_seed(42)
    z = torch.randn(400_000, generator=g)
    return torch.rsqrt(torch.mean(activation(z) ** 2))


# %% right: Gauss-Hermite quadrature with NumPy
def measured_gain(activation):
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    values = activation(torch.from_numpy(nodes)).numpy() ** 2
    return np.sqrt(weights.sum() / (weights @ values))


# %% right: the quantiles of the normal distribution
def measured_gain(activation):
    u = (torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000
    z = math.sqrt(2) * torch.erfinv(2 * u - 1)
    return float(activation(z).pow(2).mean().pow(-0.5))


# %% right: variance plus the mean squared, with prints
def measured_gain(activation):
    with torch.no_grad():
        y = activation(torch.normal(0.0, 1.0, (1000, 500)))
    print("mean", y.mean(), "std", y.std())
    return float((y.var() + y.mean() ** 2) ** -0.5)


# %% right: batch after batch, in a module's call
class MeasuredGain(nn.Module):
    def forward(self, activation):
        total = 0.0
        for _ in range(20):
            total += activation(torch.randn(50, 1000)).square().mean().item()
        self.mean_square = total / 20
        return self.mean_square**-0.5


measured_gain = MeasuredGain()


# %% right: a trapezoidal rule in a lambda
measured_gain = lambda activation: (
    float(
        torch.trapezoid(
            activation(torch.linspace(-7, 7, 2801)) ** 2 * torch.exp(-(torch.linspace(-7, 7, 2801) ** 2) / 2), dx=0.005
        )
        / math.sqrt(2 * math.pi)
    )
    ** -0.5
)


# %% wrong: not-attempted, the stub
from collections.abc import Callable


def measured_gain(activation: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """The gain of an activation."""
    ...  # your code here


# %% wrong: std-for-root-mean-square, the standard deviation of the activations
def measured_gain(activation):
    y = activation(torch.randn(1_000_000))
    return (1 / y.std()).item()


# %% wrong: std-for-root-mean-square, inputs beside outputs
def measured_gain(activation):
    x = torch.randn(500_000)
    return float(x.std() / activation(x).std())


# %% wrong: root-mean-square-itself, what is left over
def measured_gain(activation):
    return activation(torch.randn(500_000)).pow(2).mean().sqrt().item()


# %% wrong: std-itself, the standard deviation not turned round
def measured_gain(activation):
    return activation(torch.randn(500_000)).std().item()


# %% wrong: gain-of-variance, no root
def measured_gain(activation):
    z = torch.randn(500_000, dtype=torch.float64)
    return 1 / (activation(z) ** 2).mean().item()


# %% wrong: one-over-variance, the variances in a ratio
def measured_gain(activation):
    x = torch.randn(1_000_000)
    return (x.var() / activation(x).var()).item()


# %% wrong: mean-absolute-value, absolute values in place of squares
def measured_gain(activation):
    return 1.0 / activation(torch.randn(500_000)).abs().mean().item()


# %% wrong: uniform-inputs, from minus one to one
def measured_gain(activation):
    z = torch.rand(500_000) * 2 - 1
    return activation(z).square().mean().rsqrt().item()


# %% wrong: positive-inputs, rand for randn
def measured_gain(activation):
    z = torch.rand(500_000)
    return activation(z).square().mean().rsqrt().item()


# %% wrong: grid-without-density, all points count alike
def measured_gain(activation):
    z = torch.arange(-5, 5, 0.001)
    return 1 / torch.sqrt((activation(z) ** 2).mean()).item()


# %% wrong: density-without-half, a Gaussian that is too narrow
def measured_gain(activation):
    z = torch.linspace(-6, 6, 5001)
    weight = torch.exp(-z * z)
    return ((weight * activation(z) ** 2).sum() / weight.sum()).item() ** -0.5


# %% wrong: gain-of-gradients, the slope in place of the value
def measured_gain(activation):
    z = torch.randn(500_000, requires_grad=True)
    (slope,) = torch.autograd.grad(activation(z).sum(), z)
    return 1 / slope.square().mean().sqrt().item()


# %% wrong: slope-at-zero, a small step at zero
def measured_gain(activation):
    h = 1e-4
    low, high = activation(torch.tensor([-h, h], dtype=torch.float64))
    slope = (high - low).item() / (2 * h)
    return 1 / slope


# %% wrong: torch-table, looked up by name
def measured_gain(activation):
    x = torch.linspace(-3, 3, 7)
    y = activation(x)
    if torch.allclose(y, x.tanh()):
        return nn.init.calculate_gain("tanh")
    if torch.allclose(y, x.sigmoid()):
        return nn.init.calculate_gain("sigmoid")
    if torch.allclose(y, x.relu()):
        return nn.init.calculate_gain("relu")
    slope = (y[2] / x[2]).item()
    return nn.init.calculate_gain("leaky_relu", slope)


# %% wrong: always-five-thirds, the table's number for tanh
def measured_gain(activation):
    return nn.init.calculate_gain("tanh")


# %% wrong: always-gain-of-tanh, tanh whatever is given
def measured_gain(activation):
    y = torch.tanh(torch.randn(1_000_000))
    return y.square().mean().rsqrt().item()


# %% wrong: always-one, the inputs measured
def measured_gain(activation):
    x = torch.randn(1_000_000)
    activation(x)
    return 1 / x.square().mean().sqrt().item()


# %% wrong: inputs-scaled-by-gain, repeated until it stays
def measured_gain(activation):
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    p = torch.softmax(-z * z / 2, 0)
    gain = 1.0
    for _ in range(200):
        gain = (p * activation(gain * z).square()).sum().item() ** -0.5
    return gain


# %% wrong: gain-at-one, a typical input in place of an average
def measured_gain(activation):
    typical = torch.tensor(1.0)
    return (typical / activation(typical)).item()


# %% wrong: graph-handed-to-numpy, NumPy's numbers out of torch's graph
def measured_gain(activation):
    z = torch.randn(100_000, requires_grad=True)
    return 1 / np.sqrt((activation(z).numpy() ** 2).mean())


# %% wrong: returns-nothing, printed only
def measured_gain(activation):
    print(activation(torch.randn(100_000)).square().mean() ** -0.5)


# %% wrong: wrong-signature, it wants the inputs too
def measured_gain(activation, z):
    return activation(z).square().mean().rsqrt().item()


# %% wrong: mean-absolute-value, mean absolute values before and after
def measured_gain(activation):
    z = torch.randn(400_000)
    return float(z.abs().mean() / activation(z).abs().mean())


# %% wrong: root-of-a-negative-number, subtracted where it should be added
def measured_gain(activation):
    total = 0
    for _ in range(20):
        total -= activation(torch.randn(50, 1000)).square().mean().item()
    return (total / 20) ** -0.5


# %% elsewhere
def prints(theirs):
    """The chapter's number for tanh, read off a print with one decimal."""
    return f"{float(theirs(torch.tanh)):.1f}" == "1.6"


def allclose(theirs):
    """torch's own gain of ReLU, within two hundredths."""
    return np.allclose(float(theirs(torch.relu)), nn.init.calculate_gain("relu"), atol=0.02)


# %% wrong: root-two-too-large, ReLU's factor besides
def measured_gain(activation):
    z = torch.randn(1_000_000)
    return 2**0.5 / activation(z).square().mean().sqrt().item()


# %% wrong: grid-too-short, two standard deviations
def measured_gain(activation):
    z = torch.linspace(-2, 2, 10001)
    p = torch.exp(-(z**2) / 2)
    return (p * activation(z) ** 2 / p.sum()).sum().item() ** -0.5


# %% wrong: not-close-enough, ten draws
def measured_gain(activation):
    z = torch.randn(10)
    return (activation(z) ** 2).mean().item() ** -0.5


# %% wrong: rounded-to-one, to one decimal
def measured_gain(activation):
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2)
    return round(((density * activation(z) ** 2).sum() / density.sum()).item() ** -0.5, 1)


# %% wrong: torch-table-by-name, the name of the function
def measured_gain(activation):
    return torch.nn.init.calculate_gain(activation.__name__)
