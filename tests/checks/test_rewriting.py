"""Mistakes that stand in no list are recognised by rewriting single steps of the right implementation."""

import textwrap

import numpy as np
import pytest
import torch
from torch import nn

from bncourse.judging.answers import CHECKS
from bncourse.judging.rewriting import REWRITES

HEAD = """
import math
import numpy as np
import torch
from torch import nn
"""

LAYERNORM = """
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        root = (centred.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return centred / root * self.gamma + self.beta
"""

BACKWARD = """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(0)
    inv = 1 / np.sqrt(x.var(0) + eps)
    d = dout * gamma
    dvar = (d * centred).sum(0) * -0.5 * inv**3
    dx = d * inv + dvar * 2 * centred / n
    return dx - (d * inv).sum(0) / n, (dout * centred * inv).sum(0), dout.sum(0)
"""

CROSS_ENTROPY = """
def cross_entropy(logits, targets):
    rows = torch.arange(len(targets))
    return (torch.logsumexp(logits, 1) - logits[rows, targets]).mean()
"""

ONE_HOT = """
def cross_entropy(logits, targets):
    hot = (targets[:, None] == torch.arange(logits.size(1))).double()
    return -(hot * torch.log_softmax(logits, -1)).sum() / len(hot)
"""

WITH_GRADIENTS = """
class Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        ctx.save_for_backward(logits, targets)
        return -logits.log_softmax(1).gather(1, targets[:, None]).mean()

    @staticmethod
    def backward(ctx, dout):
        logits, targets = ctx.saved_tensors
        dp = logits.softmax(1)
        dp[range(len(dp)), targets] -= 1
        return dout * dp / len(targets), None


def cross_entropy(logits, targets):
    return Loss.apply(logits, targets)
"""

SHATTERING = """
def shattering(model, xs, lag=1):
    x = xs.clone().requires_grad_()
    [g] = torch.autograd.grad(model(x).sum(), x)
    c = g - g.mean(0, keepdim=True)
    return float((c[: len(c) - lag] * c[lag:]).sum() / c.norm() ** 2)
"""

TANH = """
class Tanh:
    def __call__(self, x):
        self.out = torch.sigmoid(2 * x).mul(2) - 1
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out) * (1 + self.out)
"""

TRAINING = """
class Function(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        hat = (x - x.mean(0)) * (x.var(0, correction=0) + eps).rsqrt()
        ctx.save_for_backward(hat, (x.var(0, correction=0) + eps).rsqrt(), gamma)
        return gamma * hat + beta

    @staticmethod
    def backward(ctx, dy):
        hat, inv, gamma = ctx.saved_tensors
        dgamma, dbeta = (dy * hat).sum(0), dy.sum(0)
        return gamma * inv / len(dy) * (len(dy) * dy - dbeta - hat * dgamma), dgamma, dbeta, None


class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return Function.apply(x, self.gamma, self.beta, self.eps)
"""

CALIBRATE = """
@torch.no_grad()
def calibrate(layer, batches):
    count, mean, squares = 0, 0, 0
    for rows in batches:
        rows = rows.double()
        own, delta = rows.mean(0), rows.mean(0) - mean
        squares = squares + (rows - own).pow(2).sum(0) + delta.pow(2) * count * len(rows) / (count + len(rows))
        mean = mean + delta * len(rows) / (count + len(rows))
        count += len(rows)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(squares / (count - 1))
    return mean, squares / (count - 1)
"""

GAIN = """
def measured_gain(activation):
    z = torch.linspace(-8, 8, 4001, dtype=torch.float64)
    weight = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)
    return 1 / math.sqrt(torch.trapezoid(activation(z).square() * weight, z))
"""

SUMMARY = """
def activation_summary(h):
    var, mean = torch.var_mean(h.detach(), correction=0)
    n = h.numel()
    return {
        "mean": mean.item(),
        "std": (var.item() * n / (n - 1)) ** 0.5,
        "saturated": torch.count_nonzero(h.abs() > 0.97).item() / n,
    }
"""

REST = """
def saturated_fraction(h, threshold=0.97):
    return 1 - (h.abs() <= threshold).float().mean()
"""

UPDATE = """
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError
    return float(np.log(float(lr * param.grad.std() / param.data.std())) / np.log(10))
"""

SHIFTED = """
def calibrate(layer, batches):
    rows = torch.cat(list(batches)).detach().double()
    shifted = rows - rows[0]
    mean = shifted.mean(0) + rows[0]
    var = (shifted.pow(2).sum(0) - shifted.sum(0).pow(2) / len(rows)) / (len(rows) - 1)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var
"""

TOGETHER = """
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if not hasattr(layer, "running_mean"):
            parts = [layer(x) for x in parts]
            continue
        x = torch.cat(parts)
        over, line = [0, *range(2, x.ndim)], [1, -1, *[1] * (x.ndim - 2)]
        var, mean = torch.var_mean(x, over, correction=0)
        with torch.no_grad():
            n, m = x.numel() / x.shape[1], layer.momentum
            layer.running_mean.lerp_(mean, m)
            layer.running_var.lerp_(var * n / (n - 1), m)
        x = (x - mean.view(line)) / (var + layer.eps).sqrt().view(line)
        x = x if layer.weight is None else x * layer.weight.view(line) + layer.bias.view(line)
        parts = x.split([len(part) for part in parts])
    loss = nn.functional.cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()
"""


def report(name, source, old, new):
    assert source.count(old) == 1
    names = {}
    exec(HEAD + textwrap.dedent(source.replace(old, new)), names)
    return CHECKS[name](*[names[thing] for thing in CHECKS[name].objects])


@pytest.mark.parametrize(
    ("check", "source", "old", "new", "name"),
    [
        ("layernorm", LAYERNORM, "x - x.mean(-1", "x + x.mean(-1", "other-sign"),
        ("layernorm", LAYERNORM, "x - x.mean", "-x + x.mean", "difference-taken-backwards"),
        ("layernorm", LAYERNORM, "centred / root", "centred * root", "multiplied-for-divided"),
        ("layernorm", LAYERNORM, "root * self.gamma", "root / self.gamma", "divided-for-multiplied"),
        ("layernorm", LAYERNORM, "+ self.eps)", "- self.eps)", "other-sign"),
        ("layernorm", LAYERNORM, "x - x.mean(-1", "x - x.sum(-1", "sum-where-a-mean-belongs"),
        ("batchnorm_backward", BACKWARD, "dout * gamma", "dout / gamma", "divided-for-multiplied"),
        ("cross_entropy", CROSS_ENTROPY, "1) - logits", "1) + logits", "other-sign"),
        ("layernorm", LAYERNORM, "centred.square().mean(-1, keepdim=True)",
         "(centred.square().sum(-1, keepdim=True) / (x.shape[-1] + 1))", "other-divisor-of-the-variance"),
        ("layernorm", LAYERNORM, "centred.square().mean(-1, keepdim=True)",
         "(centred.square().mean(-1, keepdim=True) / len(x))", "divided-twice"),
        ("layernorm", LAYERNORM, "square().mean(", "square().sum(", "sum-where-a-mean-belongs"),
        ("cross_entropy", ONE_HOT, "hot * ", "hot + ", "added-for-multiplied"),
        ("cross_entropy", WITH_GRADIENTS, "] -= 1", "] += 1", "other-sign"),
        ("cross_entropy", WITH_GRADIENTS, "dp / len(targets)", "dp / (len(targets) - 1)", "off-by-one"),
        ("shattering", SHATTERING, "c[lag:]).sum()", "c[lag:]).mean()", "mean-where-a-sum-belongs"),
        ("shattering", SHATTERING, "c.norm() ** 2", "(2 * c.norm())", "other-number"),
        ("tanh", TANH, "mul(2) - 1", "mul(2) + 1", "other-sign"),
        ("tanh", TANH, "mul(2) - 1", "mul(2)", "term-missing"),
        ("batchnorm_training", TRAINING, "(dy * hat).sum(0), dy", "(dy * hat).mean(0), dy", "mean-where-a-sum-belongs"),
        ("calibrate", CALIBRATE, "mean + delta * len(rows) / (c", "mean + delta / (c", "factor-missing"),
        ("measured_gain", GAIN, "(2 * math.pi)", "(math.pi)", "factor-missing"),
        ("saturated_fraction", REST, "1 - (h", "1 + (h", "other-sign"),
        ("update_to_data", UPDATE, "/ np.log(10)", "* np.log(10)", "multiplied-for-divided"),
        ("calibrate", SHIFTED, "sum(0).pow(2) / len", "sum(0) / len", "power-missing"),
        ("accumulate", TOGETHER, "eps).sqrt()", "eps)", "root-missing"),
        ("accumulate", TOGETHER, "* layer.weight.view", "+ layer.weight.view", "added-for-multiplied"),
        ("activation_summary", SUMMARY, "n = h.numel()", "n = len(h)", "other-count"),
        ("activation_summary", SUMMARY, "* n / (n - 1)) ** 0.5", "* n / (n + 1)) ** 0.5",
         "other-divisor-of-the-variance"),
    ],
)  # fmt: skip
def test_one_wrong_step_is_named_however_the_code_is_written(check, source, old, new, name):
    assert report(check, source, old, old).passed
    found = report(check, source, old, new)
    assert found.diagnosis == name, found
    assert found.hint.startswith(REWRITES[name])


def test_hint_says_at_which_argument():
    assert "`eps`" in report("layernorm", LAYERNORM, "+ self.eps)", "- self.eps)").hint


def test_several_wrong_steps_are_not_said_to_be_one():
    found = report("layernorm", LAYERNORM, "centred / root * self.gamma", "(centred + 3) * root**1.3 * self.gamma")
    assert found.diagnosis not in REWRITES


def test_right_implementation_is_as_it_was_even_if_a_rewrite_fails():
    check = CHECKS["layernorm"]
    question = check.task.ask(np.random.default_rng(0))[0]
    rewrite = next(one for one in check.rewrites(question) if one.code)
    before = rewrite.function.__code__

    def fail():
        with rewrite.in_place():
            assert rewrite.function.__code__ is rewrite.code is not before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rewrite.function.__code__ is before
    assert check(nn_layernorm()).diagnosis == "other-sign"
    assert rewrite.function.__code__ is before


def nn_layernorm():
    class LayerNorm(nn.Module):
        def __init__(self, dim, eps=1e-5):
            super().__init__()
            self.eps, self.gamma, self.beta = eps, nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

        def forward(self, x):
            var, mean = torch.var_mean(x, -1, keepdim=True, correction=0)
            return (x + mean) / (var + self.eps).sqrt() * self.gamma + self.beta

    return LayerNorm


@pytest.mark.parametrize("check", [check for check in CHECKS.values() if check.forms], ids=str)
def test_every_form_of_the_right_implementation_is_right(check):
    for form in check.forms:
        questions = check.task.ask(np.random.default_rng(0))
        assert check.judge(questions, [check.answer_of(form, question) for question in questions]).passed


def test_every_rewrite_has_a_name_of_its_own_and_words_that_help():
    known = {mistake.name for check in CHECKS.values() for mistake in check.mistakes}
    assert not known & set(REWRITES)
    assert all(hint.endswith((".", "?", "`keepdim`.")) for hint in REWRITES.values())


def test_every_rewrite_is_of_use():
    unused = set(REWRITES)
    for check in CHECKS.values():
        for question in check.task.ask(np.random.default_rng(0)):
            if unused:
                unused -= {one.name for one in check.rewrites(question)}
    assert not unused


class Refusing(nn.Module):
    """BatchNorm1d with mistakes to be made in it."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def refuses(self, x):
        return len(x) < 2

    def moved(self, x):
        mean = self.running_mean + self.momentum * (x.mean(0) - self.running_mean)
        return mean, self.running_var + self.momentum * (x.var(0) - self.running_var)

    def forward(self, x):
        if not self.training:
            return self.gamma * (x - self.running_mean) / (self.running_var + self.eps).sqrt() + self.beta
        if self.refuses(x):
            raise ValueError("words that stand nowhere else")
        with torch.no_grad():
            self.running_mean, self.running_var = self.moved(x)
        return self.gamma * (x - x.mean(0)) / (x.var(0, correction=0) + self.eps).sqrt() + self.beta


class RefusesTwo(Refusing):
    def refuses(self, x):
        return len(x) <= 2


class OneStatisticAlone(Refusing):
    def moved(self, x):
        return self.running_mean + self.momentum + (x.mean(0) - self.running_mean), super().moved(x)[1]


class OneBufferAlone(Refusing):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__(dim, eps, momentum)
        del self.running_var
        self.running_var = torch.ones(dim)


@pytest.mark.parametrize(
    ("theirs", "name"),
    [
        (RefusesTwo, "off-by-one"),
        (OneStatisticAlone, "added-for-multiplied"),
        (OneBufferAlone, "buffers-not-registered"),
    ],
)
def test_one_statistic_an_own_message_and_one_buffer_are_told_apart(theirs, name):
    assert CHECKS["running_statistics"](Refusing).passed
    assert CHECKS["running_statistics"](theirs).diagnosis == name


def test_an_error_is_named_by_its_step_unless_its_message_says_more():
    # The sum over the other axis fails where the rewritten one fails, with the same shapes in all questions.
    assert (
        report("batchnorm_backward", BACKWARD, "(d * centred).sum(0)", "(d * centred).sum(1)").diagnosis == "other-axis"
    )
    assert report("layernorm", LAYERNORM, "square()", "sqaure()").diagnosis == "no-method-of-a-tensor"
