"""Right answers as most people write them: one step below the other.

A check compares with its ``right`` implementation; these are right too. Where a learner's object is wrong and no known
mistake explains it, the steps written here are rewritten one by one, as those of the right implementation are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = [
    "LayerByHand",
    "LinearBySums",
    "LinearWithItsGradients",
    "StoredApart",
    "StoredByDifference",
    "TanhByCosh",
    "TanhBySigmoid",
    "TanhInSteps",
    "TanhWithItsSlope",
    "autocorrelation_by_the_norm",
    "autocorrelation_in_pairs",
    "autocorrelation_of_all_products",
    "backward_by_equations",
    "backward_closed",
    "backward_staged",
    "calibrated_batch_by_batch",
    "calibrated_from_the_first_row",
    "calibrated_in_two_passes",
    "calibrated_row_by_row",
    "centred_steps",
    "cross_entropy_less_a_constant",
    "cross_entropy_of_one_hot",
    "cross_entropy_steps",
    "cross_entropy_with_its_gradients",
    "cross_entropy_with_the_largest",
    "dead_by_count",
    "dead_by_least",
    "folded_in_steps",
    "forms",
    "gain_in_steps",
    "gain_of_quantiles",
    "gain_on_a_grid",
    "log_probabilities",
    "loss_as_entropy",
    "loss_of_probability",
    "output_of_kaiming_size",
    "ratio_in_numpy",
    "ratio_in_steps",
    "ratio_of_variances",
    "share_in_steps",
    "share_of_the_rest",
    "share_on_two_sides",
    "std_of_weights_by_a_power",
    "std_of_weights_by_logarithms",
    "std_of_weights_by_variance",
    "summary_by_counting",
    "summary_by_variance",
    "summary_in_steps",
    "update_by_logarithms",
    "update_by_natural_logarithm",
    "update_in_numpy",
    "update_in_steps",
    "update_of_variances",
]

Three = tuple[Any, Any, Any]


def loss_of_probability(classes: int) -> float:
    """Minus the logarithm of the probability of each class."""
    probability = 1 / classes
    return -math.log(probability)


def std_of_weights_by_variance(fan_in: int, gain: float) -> float:
    """The root of the variance."""
    return (gain**2 / fan_in) ** 0.5


def gain_in_steps(activation: Callable[[Tensor], Tensor]) -> float:
    """The mean square over a grid, weighted with the normal density."""
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2)
    mean_square = (density * activation(z) ** 2).sum() / density.sum()
    return 1 / math.sqrt(mean_square)


def gain_on_a_grid(activation: Callable[[Tensor], Tensor]) -> float:
    """A sum over a grid, with the density of the normal distribution."""
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return (activation(z) ** 2 * density).sum().mul(0.01).item() ** -0.5


def gain_of_quantiles(activation: Callable[[Tensor], Tensor]) -> float:
    """The mean square over quantiles of the normal distribution."""
    share = (torch.arange(200000, dtype=torch.float64) + 0.5) / 200000
    z = math.sqrt(2) * torch.erfinv(2 * share - 1)
    return activation(z).square().mean().item() ** -0.5


class TanhInSteps:
    """From one power that never grows, with the slope as a product."""

    def __call__(self, x: Tensor) -> Tensor:
        power = torch.exp(-2 * x.abs())
        self.out = torch.sign(x) * (1 - power) / (1 + power)
        return self.out

    def backward(self, dout: Tensor) -> Tensor:
        """The gradient with respect to x."""
        return dout * (1 - self.out) * (1 + self.out)


class TanhBySigmoid:
    """From the sigmoid of twice x."""

    def __call__(self, x: Tensor) -> Tensor:
        self.out = 2 * torch.sigmoid(2 * x) - 1
        return self.out

    def backward(self, dout: Tensor) -> Tensor:
        """The gradient with respect to x."""
        return dout - dout * self.out**2


class TanhWithItsSlope:
    """The slope is computed on the way forward."""

    def __call__(self, x: Tensor) -> Tensor:
        power = torch.exp(-2 * x.abs())
        self.slope = 4 * power / (1 + power) ** 2
        return torch.copysign((1 - power) / (1 + power), x)

    def backward(self, dout: Tensor) -> Tensor:
        """The gradient with respect to x."""
        return dout * self.slope


def loss_as_entropy(classes: int) -> float:
    """The entropy of the guess."""
    p = np.full(classes, 1 / classes)
    return float(-(p * np.log(p)).sum())


def std_of_weights_by_a_power(fan_in: int, gain: float) -> float:
    """The root as a power."""
    return gain * fan_in**-0.5


def std_of_weights_by_logarithms(fan_in: int, gain: float) -> float:
    """The logarithm of the fraction first."""
    return math.exp(math.log(gain) - 0.5 * math.log(fan_in))


def cross_entropy_less_a_constant(logits: Tensor, targets: Tensor) -> Tensor:
    """The largest logit is taken out as a constant, and added again."""
    largest = logits.detach().amax(-1)
    total = torch.exp(logits - largest[:, None]).sum(-1).log() + largest
    chosen = logits.gather(1, targets[:, None]).squeeze(1)
    return (total - chosen).mean()


def ratio_of_variances(param: nn.Parameter) -> float:
    """The root of the ratio of the variances."""
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    return math.sqrt(param.grad.var() / param.detach().var())


def update_of_variances(param: nn.Parameter, lr: float) -> float:
    """Half the logarithm of the ratio of the variances."""
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    update = lr * param.grad.double()
    return 0.5 * math.log10(update.var() / param.detach().double().var())


def calibrated_row_by_row(layer: nn.Module, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """One row at a time: the mean moves, and the squared distances add up."""
    count, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for batch in batches:
        for row in batch.detach():
            count += 1
            step = row - mean
            mean = mean + step / count
            squares = squares + step * (row - mean)
    var = squares / (count - 1)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


class TanhByCosh:
    """The slope from the input, by the hyperbolic cosine."""

    def __call__(self, x: Tensor) -> Tensor:
        self.x = x.detach().clamp(-20, 20)
        return torch.sinh(x.clamp(-20, 20)) / torch.cosh(x.clamp(-20, 20))

    def backward(self, dout: Tensor) -> Tensor:
        """The gradient with respect to x."""
        return dout / torch.cosh(self.x) ** 2


class LinearBySums(nn.Module):
    """A sum of products for each unit, and a uniform distribution."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__()
        bound = math.sqrt(3 / fan_in)
        self.weight = nn.Parameter(torch.empty(fan_in, fan_out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        y = (x.unsqueeze(-1) * self.weight).sum(1)
        if self.bias is not None:
            y = y + self.bias
        return y


class Product(torch.autograd.Function):
    """A linear layer with its gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return x @ weight + bias

    @staticmethod
    def backward(ctx: Any, dout: Tensor) -> Three:
        x, weight = ctx.saved_tensors
        return dout @ weight.T, x.T @ dout, dout.sum(0)


class LinearWithItsGradients(nn.Module):
    """Weights drawn from the normal distribution, and a backward pass of its own."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__()
        std = 1 / math.sqrt(fan_in)
        self.weight = nn.Parameter(std * torch.randn(fan_in, fan_out))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None
        self.nothing = torch.zeros(fan_out)

    def forward(self, x: Tensor) -> Tensor:
        return Product.apply(x, self.weight, self.nothing if self.bias is None else self.bias)


def output_of_kaiming_size(hidden: int, classes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A tenth of what keeps the variance."""
    std = 0.1 / math.sqrt(hidden)
    return std * torch.randn(hidden, classes, generator=generator), torch.zeros(classes)


def gradients_along(model: nn.Module, xs: Tensor) -> Tensor:
    """The gradient of the sum of all outputs, one row per input."""
    return torch.autograd.grad(model(xs).sum(), xs)[0]


def autocorrelation_in_pairs(model: nn.Module, xs: Tensor, lag: int = 1) -> float:
    """A sum over the pairs, one by one."""
    g = gradients_along(model, xs.detach().clone().requires_grad_())
    centre = sum(g) / len(g)
    above = sum((g[i] - centre) @ (g[i + lag] - centre) for i in range(len(g) - lag))
    below = sum((row - centre) @ (row - centre) for row in g)
    return (above / below).item()


def autocorrelation_by_the_norm(model: nn.Module, xs: Tensor, lag: int = 1) -> float:
    """Products of the rows with those that come later, over the square of a norm."""
    g = gradients_along(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.norm() ** 2).item()


def autocorrelation_of_all_products(model: nn.Module, xs: Tensor, lag: int = 1) -> float:
    """The matrix of all products, and one of its diagonals."""
    g = gradients_along(model, xs.detach().clone().requires_grad_()).numpy()
    c = g - g.mean(axis=0)
    products = c @ c.T
    return float(np.trace(products, lag) / np.trace(products))


def summary_by_counting(h: Tensor) -> dict[str, float]:
    """By the number of values: a biased variance with Bessel's factor, and a count."""
    h = h.detach()
    n = h.numel()
    mean = h.sum().item() / n
    var = (h - mean).square().sum().item() / n
    saturated = (h.abs() > 0.97).sum().item() / n
    return {"mean": mean, "std": (var * n / (n - 1)) ** 0.5, "saturated": saturated}


def ratio_in_numpy(param: nn.Parameter) -> float:
    """NumPy's divisor, in both."""
    if param.grad is None:
        raise ValueError
    gradient, data = param.grad.numpy(), param.detach().numpy()
    return np.std(gradient) / np.std(data)


def update_in_numpy(param: nn.Parameter, lr: float) -> float:
    """NumPy's divisor, in both."""
    if param.grad is None:
        raise ValueError
    step = lr * param.grad.numpy()
    return np.log10(step.std() / param.detach().numpy().std())


def share_in_steps(h: Tensor, threshold: float = 0.97) -> float:
    """A count, divided by the number of values."""
    count = (torch.abs(h) > threshold).sum().item()
    return count / h.numel()


def share_on_two_sides(h: Tensor, threshold: float = 0.97) -> float:
    """Each side by itself."""
    return ((h > threshold) | (h < -threshold)).double().mean().item()


def share_of_the_rest(h: Tensor, threshold: float = 0.97) -> float:
    """One minus the share of the others."""
    inside = (h <= threshold) & (h >= -threshold)
    return 1.0 - inside.double().mean().item()


def dead_by_least(h: Tensor, threshold: float = 0.97) -> Tensor:
    """By the example in which the unit is least saturated."""
    return h.abs().amin(0) > threshold


def dead_by_count(h: Tensor, threshold: float = 0.97) -> Tensor:
    """By the number of examples in which the unit is saturated."""
    return (h.abs() > threshold).sum(0) == len(h)


def calibrated_in_two_passes(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """First the mean of all rows, and then the squared distances from it."""
    batches = [x.detach() for x in batches]
    n = sum(len(x) for x in batches)
    mean = sum(x.sum(0) for x in batches) / n
    var = sum(((x - mean) ** 2).sum(0) for x in batches) / (n - 1)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


def calibrated_batch_by_batch(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """What is known so far, joined with one batch after the other; Chan, Golub and LeVeque (1979)."""
    n = 0
    mean = torch.zeros_like(layer.running_mean, dtype=torch.float64)
    squares = torch.zeros_like(mean)
    for batch in batches:
        batch = batch.detach().double()
        k = len(batch)
        delta = batch.mean(0) - mean
        squares = squares + (batch - batch.mean(0)).square().sum(0) + delta**2 * n * k / (n + k)
        mean = mean + delta * k / (n + k)
        n = n + k
    var = squares / (n - 1)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


def calibrated_from_the_first_row(layer: Any, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Sums of the distances from the first row, and of their squares."""
    rows = torch.cat([batch.detach().double() for batch in batches])
    first, n = rows[0], len(rows)
    total = (rows - first).sum(0)
    squares = ((rows - first) ** 2).sum(0)
    mean = first + total / n
    var = (squares - total**2 / n) / (n - 1)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


def summary_by_variance(h: Tensor) -> dict[str, float]:
    """The biased variance, corrected, and a count."""
    h = h.detach()
    n = h.numel()
    std = (h.var(correction=0).item() * n / (n - 1)) ** 0.5
    return {"mean": h.mean().item(), "std": std, "saturated": (h.abs() > 0.97).sum().item() / n}


def summary_in_steps(h: Tensor) -> dict[str, float]:
    """The standard deviation and the share from sums."""
    h = h.detach()
    n = h.numel()
    mean = h.sum() / n
    std = torch.sqrt(((h - mean) ** 2).sum() / (n - 1))
    count = (torch.abs(h) > 0.97).sum()
    return {"mean": mean.item(), "std": std.item(), "saturated": (count / n).item()}


def ratio_in_steps(param: nn.Parameter) -> float:
    """Both standard deviations from sums."""
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    n = param.numel()
    std_of_grad = torch.sqrt(((param.grad - param.grad.mean()) ** 2).sum() / (n - 1))
    std_of_data = torch.sqrt(((param - param.mean()) ** 2).sum() / (n - 1))
    return (std_of_grad / std_of_data).item()


def update_in_steps(param: nn.Parameter, lr: float) -> float:
    """The logarithm of a quotient."""
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    update = lr * param.grad
    return math.log10(update.std() / param.std())


def update_by_logarithms(param: nn.Parameter, lr: float) -> float:
    """A sum and a difference of logarithms."""
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    return math.log10(lr) + math.log10(param.grad.std()) - math.log10(param.std())


def update_by_natural_logarithm(param: nn.Parameter, lr: float) -> float:
    """The natural logarithm, divided by that of 10."""
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    ratio = lr * param.grad.std() / param.std()
    return math.log(ratio) / math.log(10)


def folded_in_steps(weight: Tensor, bias: Tensor | None, bn: nn.Module) -> tuple[Tensor, Tensor]:
    """gamma, beta and the bias as numbers that change nothing where they are missing."""
    with torch.no_grad():
        gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
        beta = torch.zeros_like(bn.running_mean) if bn.bias is None else bn.bias
        before = torch.zeros_like(bn.running_mean) if bias is None else bias
        std = torch.sqrt(bn.running_var + bn.eps)
        scale = (gamma / std).reshape(-1, *[1] * (weight.ndim - 1))
        return weight * scale, gamma * (before - bn.running_mean) / std + beta


def cross_entropy_steps(logits: Tensor, targets: Tensor) -> Tensor:
    """Softmax from shifted logits, and the logarithm of what the targets get."""
    shifted = logits - logits.max(1, keepdim=True).values
    total = shifted.exp().sum(1, keepdim=True)
    log_probabilities = shifted - total.log()
    return -log_probabilities[torch.arange(len(targets)), targets].mean()


def cross_entropy_with_the_largest(logits: Tensor, targets: Tensor) -> Tensor:
    """The logarithm of the sum, with the largest logit taken out and added again, less the target's logit."""
    largest = logits.amax(-1)
    total = torch.exp(logits - largest[:, None]).sum(-1).log() + largest
    chosen = logits.gather(1, targets[:, None]).squeeze(1)
    return total.mean() - chosen.mean()


def log_probabilities(logits: Tensor, targets: Tensor) -> Tensor:
    """By log_softmax."""
    return -torch.log_softmax(logits, 1).gather(1, targets[:, None]).sum() / len(targets)


def cross_entropy_of_one_hot(logits: Tensor, targets: Tensor) -> Tensor:
    """A product with rows that have a single 1."""
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    return -(onehot * logits.log_softmax(1)).sum() / len(logits)


class MeanLoss(torch.autograd.Function):
    """The cross-entropy with its gradient."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> Tensor:
        log_p = logits - logits.logsumexp(1, keepdim=True)
        ctx.save_for_backward(log_p, targets)
        return -log_p[torch.arange(len(targets)), targets].mean()

    @staticmethod
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor, None]:
        log_p, targets = ctx.saved_tensors
        dlogits = log_p.exp()
        dlogits[torch.arange(len(targets)), targets] -= 1
        return dout * dlogits / len(targets), None


def cross_entropy_with_its_gradients(logits: Tensor, targets: Tensor) -> Tensor:
    """A backward pass of its own."""
    return MeanLoss.apply(logits, targets)


def centred_steps(x: NDArray, gamma: NDArray, beta: NDArray, eps: float = 1e-5) -> Three:
    """BatchNorm of a batch in NumPy: the centred batch serves twice."""
    n = len(x)
    mean = x.sum(axis=0) / n
    centred = x - mean
    var = (centred**2).sum(axis=0) / n
    xhat = centred / np.sqrt(var + eps)
    return gamma * xhat + beta, mean, var


def backward_closed(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The backward pass in one line, with sums."""
    n = len(x)
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    inv = (var + eps) ** -0.5
    xhat = (x - mean) * inv
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dx = gamma * inv / n * (n * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


def backward_by_equations(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The backward pass in the equations of Ioffe and Szegedy (2015), section 3, one line for each."""
    m = len(x)
    mean = np.mean(x, axis=0)
    var = np.mean((x - mean) ** 2, axis=0)
    std = np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(-dxhat / std, axis=0) + dvar * np.sum(-2 * (x - mean), axis=0) / m
    dx = dxhat / std + dvar * 2 * (x - mean) / m + dmean / m
    return dx, np.sum(dout * (x - mean) / std, axis=0), np.sum(dout, axis=0)


def backward_staged(dout: NDArray, x: NDArray, gamma: NDArray, eps: float = 1e-5) -> Three:
    """The backward pass along the graph, from the output to the input."""
    n = len(x)
    mean = x.mean(axis=0)
    centred = x - mean
    var = (centred**2).mean(axis=0)
    std = np.sqrt(var + eps)
    inv = 1 / std
    xhat = centred * inv
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    dinv = (dxhat * centred).sum(axis=0)
    dvar = dinv * -0.5 * (var + eps) ** -1.5
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dmean = -dcentred.sum(axis=0)
    return dcentred + dmean / n, dgamma, dbeta


class Centred(nn.Module):
    """The variance is the mean square of the centred values; to be mixed into a normalisation."""

    def centred(self, x: Tensor) -> Tensor:
        """Without its mean."""
        return x - self.mean(x)

    def var(self, x: Tensor) -> Tensor:
        """Biased."""
        return self.centred(x).square().mean(self.over(x), keepdim=True)

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        if self.uses_batch():
            return self.centred(x) / torch.sqrt(var + self.eps)
        return super().normalised(x, mean, var)


class ByHand(torch.autograd.Function):
    """Normalises over some axes, with the backward pass written by hand."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
        """The normalised values."""
        centred = x - x.mean(axes, keepdim=True)
        inv = torch.rsqrt(centred.square().mean(axes, keepdim=True) + eps)
        xhat = centred * inv
        ctx.axes = axes
        ctx.save_for_backward(xhat, inv)
        return xhat

    @staticmethod
    def backward(ctx: Any, dxhat: Tensor) -> tuple[Tensor, None, None]:
        """The gradient with respect to x."""
        xhat, inv = ctx.saved_tensors
        along = (dxhat * xhat).mean(ctx.axes, keepdim=True)
        dx = inv * (dxhat - dxhat.mean(ctx.axes, keepdim=True) - xhat * along)
        return dx, None, None


class BackwardByHand(nn.Module):
    """The backward pass is written by hand; to be mixed into a normalisation."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        if self.uses_batch():
            return ByHand.apply(x, self.over(x), self.eps)
        return super().normalised(x, mean, var)


class AllByHand(torch.autograd.Function):
    """Normalises, scales and shifts, with the backward pass written by hand; gamma and beta are in line with x."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
        """The output."""
        centred = x - x.mean(axes, keepdim=True)
        inv = (centred.square().mean(axes, keepdim=True) + eps) ** -0.5
        xhat = centred * inv
        ctx.axes = axes
        ctx.save_for_backward(xhat, inv, gamma)
        return gamma * xhat + beta

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        """The gradients with respect to x, gamma and beta."""
        xhat, inv, gamma = ctx.saved_tensors
        dgamma = (dy * xhat).sum(ctx.axes, keepdim=True)
        dbeta = dy.sum(ctx.axes, keepdim=True)
        n = dy.numel() / dbeta.numel()
        dx = gamma * inv / n * (n * dy - dbeta - xhat * dgamma)
        return dx, dgamma, dbeta, None, None


class LayerByHand(nn.Module):
    """The backward pass of the whole layer is written by hand; to be mixed into a BatchNorm."""

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """The batch as it is, for in training all is one step."""
        return x if self.uses_batch() else super().normalised(x, mean, var)

    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        """Normalised, with gamma and beta."""
        if self.uses_batch():
            return AllByHand.apply(x, self.lined_up(self.gamma, x), self.lined_up(self.beta, x), self.over(x), self.eps)
        return super().scaled(xhat, x)


class StoredApart(nn.Module):
    """Each running statistic has a formula of its own, made from the batch itself; to be mixed into a BatchNorm."""

    running_mean: Tensor
    running_var: Tensor

    def check(self, x: Tensor) -> None:
        """Raise if there is nothing to take statistics of; keep the batch."""
        super().check(x)
        self.batch = x

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        """Move the running estimates."""
        x, over = self.batch, self.over(self.batch)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * x.mean(over)
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(over)


class StoredByDifference(nn.Module):
    """Each running statistic moves by a share of what is missing; to be mixed into a BatchNorm."""

    running_mean: Tensor
    running_var: Tensor

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        """Move the running estimates."""
        mean, var = mean.flatten(), var.flatten() * n / (n - 1)
        self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
        self.running_var = self.running_var + self.momentum * (var - self.running_var)


def forms(kind: type[nn.Module], *more: type[nn.Module]) -> tuple[type[nn.Module], ...]:
    """Return a normalisation in the other forms in which people write it."""
    every: tuple[type[nn.Module], ...] = (Centred, BackwardByHand, *more)
    return tuple(type(f"{form.__name__}{kind.__name__}", (form, kind), {}) for form in every)
