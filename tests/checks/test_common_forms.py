"""Forms of the assignments' objects that are common in public code, in our own words: what is right passes, in whatever
style, and what is wrong is named, also where it has two or three of the usual mistakes at once.
"""

import collections
import functools
import math
import statistics
import types

import numpy as np
import pytest
import torch
from torch import nn

from bncourse.judging.answers import CHECKS


def numpy_backward_in_steps(dout, x, gamma, eps=1e-5):
    """Every node of the graph on a line of its own, with matrices of ones for the sums."""
    rows, columns = dout.shape
    mu = 1.0 / rows * np.sum(x, axis=0)
    shifted = x - mu
    variance = 1.0 / rows * np.sum(shifted**2, axis=0)
    root = np.sqrt(variance + eps)
    inverse = 1.0 / root
    hat = shifted * inverse
    d_hat = dout * gamma
    d_inverse = np.sum(d_hat * shifted, axis=0)
    d_root = -1.0 / root**2 * d_inverse
    d_variance = 0.5 / np.sqrt(variance + eps) * d_root
    d_square = 1.0 / rows * np.ones((rows, columns)) * d_variance
    d_shifted = d_hat * inverse + 2 * shifted * d_square
    d_mu = -1 * np.sum(d_shifted, axis=0)
    d_x = d_shifted + 1.0 / rows * np.ones((rows, columns)) * d_mu
    return d_x, np.sum(dout * hat, axis=0), np.sum(dout, axis=0)


def numpy_backward_with_its_own_constant(dout, x, gamma, eps=1e-5):
    rows = len(x)
    shifted = x - np.mean(x, axis=0)
    inverse = 1.0 / np.sqrt(np.var(x, axis=0) + 1e-8)
    d_hat = dout * gamma
    d_variance = np.sum(d_hat * shifted, axis=0) * -0.5 * inverse**3
    d_mu = np.sum(d_hat * -inverse, axis=0) + d_variance * np.mean(-2.0 * shifted, axis=0)
    d_x = d_hat * inverse + d_variance * 2 * shifted / rows + d_mu / rows
    return d_x, np.sum(dout * shifted * inverse, axis=0), np.sum(dout, axis=0)


def numpy_forward_with_a_cache(x, gamma, beta, eps=1e-5):
    mu, variance = np.mean(x, axis=0), np.var(x, axis=0)
    hat = (x - mu) / np.sqrt(variance + eps)
    return gamma * hat + beta, (x, hat, mu, variance)


class OldSuper(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super(OldSuper, self).__init__()  # noqa: UP008
        self.weight = nn.Parameter(torch.empty(dim))
        self.bias = nn.Parameter(torch.empty(dim))
        self.gamma, self.beta = self.weight, self.bias
        self.eps = eps
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x):
        u = x.mean(-1, keepdim=True)
        s = (x - u).pow(2).mean(-1, keepdim=True)
        return self.weight * ((x - u) / torch.sqrt(s + self.eps)) + self.bias


class FromATransformer(nn.Module):
    """std of torch, and eps beside it: two mistakes in one line."""

    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.gamma, self.beta, self.eps = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim)), eps

    def forward(self, x):
        return self.gamma * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + self.eps) + self.beta


class BetaOfOne(OldSuper):
    def __init__(self, dim, eps=1e-5):
        super(OldSuper, self).__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.ones(dim))
        self.weight, self.bias, self.eps = self.gamma, self.beta, eps


class GroupsByView(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("the channels cannot be divided so")
        self.groups, self.eps = groups, eps
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        shape = x.size()
        x = x.contiguous().view(shape[0], self.groups, -1)
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, unbiased=False) + self.eps).sqrt()
        line = [1, shape[1]] + [1] * (len(shape) - 2)
        return x.view(shape) * self.gamma.view(line) + self.beta.view(line)


class UnbiasedGroups(GroupsByView):
    def forward(self, x):
        shape = x.size()
        x = x.reshape(shape[0], self.groups, -1)
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + self.eps).sqrt()
        line = [1, shape[1]] + [1] * (len(shape) - 2)
        return x.view(shape) * self.gamma.view(line) + self.beta.view(line)


class WithState(nn.Module):
    """The usual BatchNorm1d with buffers; what is stored is one method."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def stored(self, x):
        return x.mean(0), x.var(0)

    def forward(self, x):
        if self.training:
            if x.size(0) == 1:
                raise ValueError("one row has no variance")
            mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
            with torch.no_grad():
                new_mean, new_var = self.stored(x)
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * new_mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * new_var
        else:
            mean, var = self.running_mean.unsqueeze(0), self.running_var.unsqueeze(0)
        return self.gamma * ((x - mean) / torch.sqrt(var + self.eps)) + self.beta


class StoresTheBiasedOne(WithState):
    def stored(self, x):
        return x.mean(0), x.var(0, unbiased=False)


class StoresWithADimension(WithState):
    def stored(self, x):
        return x.mean(0, keepdim=True), x.var(0, keepdim=True)


class OldValuesWeighMore(WithState):
    def forward(self, x):
        self.momentum = 1 - self.momentum
        try:
            return super().forward(x)
        finally:
            self.momentum = 1 - self.momentum


class PlainClass:
    """No module: parameters in a list, and tensors that ask for no gradient."""

    def __init__(self, dim, eps=1e-5):
        self.eps, self.training = eps, True
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)

    def __call__(self, x):
        mean, var = x.mean(0, keepdim=True), x.var(0, keepdim=True, unbiased=False)
        self.out = self.gamma * ((x - mean) / torch.sqrt(var + self.eps)) + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


class Images(WithState):
    def forward(self, x):
        n = x.numel() / x.size(1)
        if self.training:
            if n < 2:
                raise ValueError("one value per channel")
            mean = x.mean(dim=(0, 2, 3))
            var = ((x - mean[None, :, None, None]) ** 2).mean(dim=(0, 2, 3))
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var * n / (n - 1))
        else:
            mean, var = self.running_mean, self.running_var
        hat = (x - mean[None, :, None, None]) / torch.sqrt(var[None, :, None, None] + self.eps)
        return self.gamma[None, :, None, None] * hat + self.beta[None, :, None, None]


class OneHeight(Images):
    """The statistics leave the width out."""

    def forward(self, x):
        mean, var = x.mean((0, 2), keepdim=True), x.var((0, 2), keepdim=True, unbiased=False)
        hat = (x - mean) / torch.sqrt(var + self.eps)
        return self.gamma[None, :, None, None] * hat + self.beta[None, :, None, None]


class RowsOfChannels(WithState):
    """Whatever comes behind the channels is rolled into rows, and the mean of the squares gives the variance."""

    def forward(self, x):
        rows = x.view(len(x), len(self.gamma), -1)
        if self.training:
            if rows.shape[0] * rows.shape[2] < 2:
                raise ValueError("one value per channel")
            mean = rows.mean(dim=[0, 2])
            var = (rows**2).mean(dim=[0, 2]) - mean**2
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var.detach()
        else:
            mean, var = self.running_mean, self.running_var
        hat = (rows - mean.view(1, -1, 1)) / torch.sqrt(var + self.eps).view(1, -1, 1)
        return (self.gamma.view(1, -1, 1) * hat + self.beta.view(1, -1, 1)).view(x.shape)


class ThreeMistakesInRows(RowsOfChannels):
    """The running statistics keep the graph as well."""

    def forward(self, x):
        before = self.running_mean, self.running_var
        y = super().forward(x)
        if self.training:
            rows = x.view(len(x), len(self.gamma), -1)
            mean = rows.mean(dim=[0, 2])
            var = (rows**2).mean(dim=[0, 2]) - mean**2
            self.running_mean = (1 - self.momentum) * before[0] + self.momentum * mean
            self.running_var = (1 - self.momentum) * before[1] + self.momentum * var
        return y


class RowsOfVideo(WithState):
    """Channels last, one long table, and back."""

    def forward(self, x):
        rows = x.transpose(1, 4).reshape(-1, x.size(1))
        if self.training:
            n = len(rows)
            if n == 1:
                raise ValueError("one row")
            mean, var = rows.mean(0), rows.sub(rows.mean(0)).pow(2).sum(0) / n
            self.running_mean.lerp_(mean.detach().to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_((var.detach() * n / (n - 1)).to(self.running_var.dtype), self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        table = (rows - mean) * (var + self.eps).rsqrt() * self.gamma + self.beta
        batch, channels, depth, height, width = x.size()
        return table.reshape(batch, width, depth, height, channels).transpose(1, 4)


class GroupsAsImages(nn.Module):
    """For images alone, with parameters in the shape of images and torch's variance."""

    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("groups of different sizes")
        self.groups, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(1, dim, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, dim, 1, 1))

    def forward(self, x):
        n, c, h, w = x.size()
        x = x.view(n, self.groups, -1)
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + self.eps).sqrt()
        return x.view(n, c, h, w) * self.gamma + self.beta


class GroupsByChunk(GroupsByView):
    def forward(self, x):
        parts = []
        for part in x.chunk(self.groups, dim=1):
            over = list(range(1, x.dim()))
            centred = part - part.mean(dim=over, keepdim=True)
            parts.append(centred / (part.var(dim=over, keepdim=True, unbiased=False) + self.eps).sqrt())
        line = [1, -1] + [1] * (x.dim() - 2)
        return torch.cat(parts, dim=1) * self.gamma.reshape(line) + self.beta.reshape(line)


class NumbersOfGamma(OldSuper):
    def forward(self, x):
        hat = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + self.eps)
        return self.gamma.data * hat + self.beta


def kaiming_uniform_bound(fan_in, gain):
    return gain * math.sqrt(3.0 / fan_in)


def kaiming_of_both(fan_in, gain):
    return gain * math.sqrt(2.0 / fan_in)


def softmax_by_hand(logits, targets):
    powers = torch.exp(logits - logits.max(dim=1, keepdim=True)[0])
    shares = powers / powers.sum(dim=1, keepdim=True)
    return -torch.log(shares[range(len(targets)), targets]).mean()


def counts_and_maxima_cut(logits, targets):
    lifted = logits - logits.max(1, keepdim=True).values
    return -(lifted - lifted.exp().sum(1, keepdim=True).log())[range(logits.shape[0]), targets].mean()


class Drawn:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn((fan_in, fan_out)) / fan_in**0.5
        self.weight.requires_grad_()
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


class NumbersOfBias(Drawn):
    def __call__(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias.data


class DrawnByTorch(Drawn):
    """A weight of shape (fan_in, fan_out), handed to a function that expects (fan_out, fan_in)."""

    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__(fan_in, fan_out, bias)
        nn.init.kaiming_normal_(self.weight)


def folded_by_a_diagonal(weight, bias, bn):
    """As a detector's public code folds, which knows no layer without gamma."""
    scale = torch.diag(bn.weight.div(torch.sqrt(bn.eps + bn.running_var)))
    bias = torch.zeros(len(weight), dtype=weight.dtype) if bias is None else bias
    shift = bn.bias - bn.weight.mul(bn.running_mean).div(torch.sqrt(bn.running_var + bn.eps))
    return (scale @ weight.reshape(len(weight), -1)).view(weight.shape), scale @ bias + shift


def folded_with_a_reciprocal_root(weight, bias, bn):
    bias = torch.zeros_like(bn.running_mean) if bias is None else bias
    gamma = torch.ones_like(bn.running_mean) if bn.weight is None else bn.weight
    beta = torch.zeros_like(bn.running_mean) if bn.bias is None else bn.bias
    root = torch.rsqrt(bn.running_var + bn.eps)
    folded = weight * (gamma * root).reshape([-1] + [1] * (weight.dim() - 1))
    return nn.Parameter(folded), nn.Parameter((bias - bn.running_mean) * root * gamma + beta)


def walked_with_backward(loss, params, step_sizes):
    """backward(), steps there and back, and gradients cleared at the end: three traces."""
    params = list(params)
    loss().backward()
    found = []
    for size in step_sizes:
        for p in params:
            p.data -= size * p.grad
        found.append(loss().item())
        for p in params:
            p.data += size * p.grad
    for p in params:
        p.grad = None
    return found


def walked_and_forgotten(loss, params, step_sizes):
    """The loss of each step is computed, and kept nowhere."""
    found = []
    all_inputs_moved(loss, params, step_sizes, list)
    return found


def frozen_by_the_train_of_the_model(model):
    train = model.train

    def of_all_but_batchnorm(mode=True):
        train(mode)
        for layer in model.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.eval()
        return model

    model.train = of_all_but_batchnorm
    for layer in model.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.eval().requires_grad_(False)
    return model


def shattering_by_a_jacobian(model, xs, lag=1):
    g = torch.autograd.functional.jacobian(lambda x: model(x).sum(), xs.detach().clone())
    c = g - g.mean(dim=0, keepdim=True)
    n = len(c)
    return float(torch.einsum("ij,ij->", c[: n - lag], c[lag:]) / torch.einsum("ij,ij->", c, c))


class StdPlusEps(PlainClass):
    def __init__(self, dim, eps=1e-5):
        super().__init__(dim, eps)
        self.gamma.requires_grad_()
        self.beta.requires_grad_()

    def __call__(self, x):
        return self.gamma * (x - x.mean(0)) / (x.std(0) + self.eps) + self.beta


class BySigmoid(nn.Module):
    def forward(self, x):
        self.y = 2 * torch.sigmoid(2 * x) - 1
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y * self.y)


def gain_by_hermite_polynomials(activation):
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float((weights.sum() / (weights * activation(torch.tensor(nodes)).numpy() ** 2).sum()) ** 0.5)


def mean_of_products(model, xs, lag=1):
    x = xs.detach().clone().requires_grad_()
    model(x).sum().backward()
    g = x.grad - x.grad.mean(0)
    return ((g[: len(g) - lag] * g[lag:]).sum() / (len(g) - lag) / ((g * g).sum() / len(g))).item()


def means_of_batches(layer, batches):
    batches = list(batches)
    layer.running_mean = torch.stack([x.mean(0) for x in batches]).mean(0)
    layer.running_var = torch.stack([x.var(0) for x in batches]).mean(0)
    return layer.running_mean, layer.running_var


def with_a_momentum_of_one(layer, batches):
    """The layer's own update does it all."""
    rows, kept = torch.cat(list(batches)).detach(), layer.momentum
    layer.momentum = 1.0
    with torch.no_grad():
        layer.train()(rows)
    layer.momentum = kept
    return layer.running_mean.clone(), layer.running_var.clone()


@torch.inference_mode()
def in_inference_mode(layer, batches):
    rows = torch.cat(tuple(batches))
    layer.running_mean.copy_(torch.mean(rows, dim=0))
    layer.running_var.copy_(torch.var(rows, dim=0, unbiased=True))
    return Pair(rows.mean(0), rows.var(0))


def column_by_column(layer, batches):
    columns = list(zip(*[row for batch in batches for row in batch.tolist()], strict=True))
    mean = torch.tensor([statistics.fmean(column) for column in columns])
    var = torch.tensor([statistics.variance(column) for column in columns])
    layer.register_buffer("running_mean", mean)
    layer.register_buffer("running_var", var)
    return [mean, var]


def counted_first(layer, batches):
    """A generator is used up by the count."""
    n = sum(len(x) for x in batches)
    mean = sum(x.detach().sum(0) for x in batches) / n
    var = sum(((x.detach() - mean) ** 2).sum(0) for x in batches) / (n - 1)
    for buffer, value in ((layer.running_mean, mean), (layer.running_var, var)):
        buffer[:] = value
    return mean, var


def joined_twice(layer, batches):
    layer.running_mean = torch.cat(list(batches)).detach().mean(0)
    layer.running_var = torch.cat(list(batches)).detach().var(0)
    return layer.running_mean, layer.running_var


def variance_first(layer, batches):
    var, mean = torch.var_mean(torch.cat(list(batches)).detach(), 0)
    layer.running_mean, layer.running_var = mean, var
    return var, mean


def ratio_of(std):
    """A function of the assignment, with a way to take the standard deviation."""

    def grad_to_data(param):
        if param.grad is None:
            raise NoGradientError(f"a parameter of shape {tuple(param.shape)}")
        return std(param.grad) / std(param)

    return grad_to_data


def asserted(param):
    assert param.grad is not None
    return (param.grad.std() / param.std()).item()


def by_an_error_of_another(param):
    try:
        return torch.std(param.grad).item() / torch.std(param).item()
    except TypeError as error:
        raise ValueError("no gradient") from error


def summed_up(make):
    """A summary in another kind of dict, or in none."""
    return lambda h: make(mean=h.mean(), std=h.var().sqrt(), saturated=((h > 0.97) | (h < -0.97)).sum() / h.numel())


def all_inputs_moved(loss, params, step_sizes, kind):
    params = [*params]
    start, grads = [p.data.clone() for p in params], torch.autograd.grad(loss(), params)
    found = []
    for size in step_sizes:
        for p, value, g in zip(params, start, grads, strict=True):
            p.data = value - size * g
        found.append(loss())
    for p, value in zip(params, start, strict=True):
        p.data = value
    return kind(found)


def frozen_by_its_class(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            kind = type(layer)
            layer.__class__ = type("Frozen", (kind,), {"train": lambda self, mode=True, k=kind: k.train(self, False)})
            layer.eval().requires_grad_(False)
    return model


def frozen_by_its_forward(model):
    for layer in model.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.requires_grad_(False)
            layer.forward = lambda x, m=layer: nn.functional.batch_norm(
                x, m.running_mean, m.running_var, m.weight, m.bias, training=False, eps=m.eps
            )
    return model


Pair = collections.namedtuple("Pair", "mean var")  # as a learner writes it


class NoGradientError(ValueError):
    pass


@pytest.mark.parametrize(
    ("check", "theirs"),
    [
        ("batchnorm_backward", numpy_backward_in_steps),
        ("layernorm", OldSuper),
        ("groupnorm", GroupsByView),
        ("running_statistics", WithState),
        ("batchnorm2d", Images),
        ("cross_entropy", counts_and_maxima_cut),
        ("linear", Drawn),
        ("calibrate", with_a_momentum_of_one),
        ("calibrate", in_inference_mode),
        ("calibrate", column_by_column),
        ("grad_to_data", ratio_of(torch.std)),
        ("grad_to_data", ratio_of(lambda t: np.std(t.detach().numpy()))),
        ("grad_to_data", ratio_of(lambda t: np.float32(t.detach().std().item()))),
        ("grad_to_data", ratio_of(lambda t: statistics.pstdev(t.flatten().tolist()))),
        ("grad_to_data", by_an_error_of_another),
        ("activation_summary", summed_up(dict)),
        ("activation_summary", summed_up(collections.UserDict)),
        (
            "activation_summary",
            summed_up(lambda **parts: {key: np.asarray(part.item()) for key, part in parts.items()}),
        ),
        ("loss_along_gradient", functools.partial(all_inputs_moved, kind=list)),
        ("loss_along_gradient", functools.partial(all_inputs_moved, kind=torch.stack)),
        ("loss_along_gradient", functools.partial(all_inputs_moved, kind=lambda found: np.array([*map(float, found)]))),
        ("freeze_batchnorm", frozen_by_its_class),
        ("freeze_batchnorm", frozen_by_its_forward),
        ("freeze_batchnorm", frozen_by_the_train_of_the_model),
        ("batchnorm3d", RowsOfVideo),
        ("groupnorm", GroupsByChunk),
        ("fold_batchnorm", folded_with_a_reciprocal_root),
        ("shattering", shattering_by_a_jacobian),
        ("tanh", BySigmoid),
        ("measured_gain", gain_by_hermite_polynomials),
    ],
)
def test_common_right_forms_pass(check, theirs):
    for seed in range(3):
        report = CHECKS[check](theirs, seed=seed)
        assert report.passed, report


def forward_by_name(x, gamma, beta, *, eps=1e-5):
    mu, variance = np.mean(x, axis=0), np.var(x, axis=0)
    return gamma * (x - mu) / np.sqrt(variance + eps) + beta, mu, variance


def forward_by_another_name(x, gamma, beta, epsilon=1e-5):
    return forward_by_name(x, gamma, beta, eps=epsilon)


@pytest.mark.parametrize(
    ("check", "theirs", "name"),
    [
        ("batchnorm_backward", numpy_backward_with_its_own_constant, "eps-ignored"),
        ("batchnorm_forward", forward_by_name, "arguments-only-by-name"),
        ("batchnorm_forward", forward_by_another_name, "argument-has-another-name"),
        ("batchnorm_forward", numpy_forward_with_a_cache, "wrong-number-of-results"),
        ("layernorm", FromATransformer, "unbiased-std-plus-eps"),
        ("layernorm", BetaOfOne, "beta-starts-at-one"),
        ("groupnorm", UnbiasedGroups, "unbiased-variance"),
        ("running_statistics", StoresTheBiasedOne, "biased-running-variance"),
        ("running_statistics", StoresWithADimension, "kept-dimension"),
        ("running_statistics", OldValuesWeighMore, "momentum-reversed"),
        ("batchnorm_training", PlainClass, "not-trainable"),
        ("batchnorm2d", OneHeight, "one-dimension-left-out + no-update"),
        # Three at once: what each would bring about was seen to the last number.
        ("batchnorm2d", RowsOfChannels, "one-pass-variance + biased-running-variance"),
        ("batchnorm2d", ThreeMistakesInRows, "one-pass-variance + biased-running-variance"),
        ("loss_along_gradient", walked_with_backward, "stale-gradient"),
        ("loss_along_gradient", walked_and_forgotten, "no-losses"),
        ("groupnorm", GroupsAsImages, "gamma-with-more-dimensions + four-dimensions-only"),
        ("layernorm", NumbersOfGamma, "parameters-without-gradient"),
        ("batchnorm_training", StdPlusEps, "unbiased-std-plus-eps"),
        ("shattering", mean_of_products, "mean-of-products + gradients-left-behind"),
        ("calibrate", means_of_batches, "mean-of-batch-statistics + keeps-the-graph"),
        ("linear", NumbersOfBias, "parameters-without-gradient"),
        # Xavier's std is near in one of the three shapes that are asked.
        ("linear", DrawnByTorch, "fan-in-of-torch"),
        ("fold_batchnorm", folded_by_a_diagonal, "affine-off-not-expected"),
        ("kaiming_std", kaiming_uniform_bound, "bound-of-uniform"),
        ("kaiming_std", kaiming_of_both, "root-two-besides-gain"),
        ("cross_entropy", softmax_by_hand, "log-of-zero"),
        ("calibrate", counted_first, "batches-used-up"),
        ("calibrate", joined_twice, "nothing-to-join"),
        ("calibrate", variance_first, "swapped"),
        ("grad_to_data", asserted, "other-error-for-missing-gradient"),
        ("grad_to_data", ratio_of(lambda t: t.detach().norm()), "ratio-of-norms"),
        ("activation_summary", summed_up(types.SimpleNamespace), "not-a-dictionary"),
        ("activation_summary", summed_up(lambda **parts: [*parts.values()]), "not-a-dictionary"),
    ],
)
def test_common_wrong_forms_are_named(check, theirs, name):
    report = CHECKS[check](theirs)
    assert not report.passed
    assert report.diagnosis == name, report
