"""Forms of the assignments' objects that are common in public code, in our own words: what is right passes, in whatever
style, and what is wrong is named, also where it has two or three of the usual mistakes at once.
"""

import math

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
    ],
)
def test_common_right_forms_pass(check, theirs):
    for seed in range(3):
        report = CHECKS[check](theirs, seed=seed)
        assert report.passed, report


@pytest.mark.parametrize(
    ("check", "theirs", "name"),
    [
        ("batchnorm_backward", numpy_backward_with_its_own_constant, "eps-ignored"),
        ("batchnorm_forward", numpy_forward_with_a_cache, "wrong-number-of-results"),
        ("layernorm", FromATransformer, "unbiased-std-plus-eps"),
        ("layernorm", BetaOfOne, "beta-starts-at-one"),
        ("groupnorm", UnbiasedGroups, "unbiased-variance"),
        ("running_statistics", StoresTheBiasedOne, "biased-running-variance"),
        ("running_statistics", StoresWithADimension, "kept-dimension"),
        ("running_statistics", OldValuesWeighMore, "momentum-reversed"),
        ("batchnorm_training", PlainClass, "not-trainable"),
        ("batchnorm2d", OneHeight, "one-dimension-left-out + no-update"),
        ("kaiming_std", kaiming_uniform_bound, "bound-of-uniform"),
        ("kaiming_std", kaiming_of_both, "root-two-besides-gain"),
        ("cross_entropy", softmax_by_hand, "log-of-zero"),
    ],
)
def test_common_wrong_forms_are_named(check, theirs, name):
    report = CHECKS[check](theirs)
    assert not report.passed
    assert report.diagnosis == name, report
