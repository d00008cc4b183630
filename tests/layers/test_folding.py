"""Folding a BatchNorm: one layer that gives in evaluation what two gave."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from bncourse import layers
from bncourse.layers import fold_batchnorm


@st.composite
def trained_batchnorms(draw, kind):
    """A BatchNorm of the course or of torch, in evaluation, with statistics and parameters that are not trivial."""
    channels = draw(st.integers(1, 8))
    library = draw(st.sampled_from([layers, nn]))
    affine = draw(st.booleans())
    eps = draw(st.sampled_from([1e-5, 1e-3, 0.1]))
    bn = getattr(library, kind)(channels, eps=eps, affine=affine)
    g = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    with torch.no_grad():
        for parameter in bn.parameters():
            parameter.copy_(torch.randn(channels, generator=g))
        bn.running_mean.copy_(torch.randn(channels, generator=g))
        bn.running_var.copy_(torch.rand(channels, generator=g) * 3 + 0.1)
    return bn.eval(), channels, g


@settings(max_examples=150, derandomize=True, deadline=None)
@given(trained_batchnorms("BatchNorm1d"), st.integers(1, 20), st.booleans())
def test_a_linear_layer_takes_its_batchnorm_in(drawn, fan_in, has_bias):
    bn, channels, g = drawn
    linear, folded = nn.Linear(fan_in, channels, bias=has_bias), nn.Linear(fan_in, channels)
    weight, bias = fold_batchnorm(linear.weight, linear.bias, bn)
    folded.load_state_dict({"weight": weight, "bias": bias})
    x = torch.randn(5, fan_in, generator=g)
    torch.testing.assert_close(folded(x), bn(linear(x)), rtol=0, atol=1e-5)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(trained_batchnorms("BatchNorm2d"), st.integers(1, 4), st.sampled_from([1, 3]), st.booleans())
def test_a_convolution_takes_its_batchnorm_in(drawn, inputs, kernel, has_bias):
    bn, channels, g = drawn
    conv, folded = nn.Conv2d(inputs, channels, kernel, bias=has_bias), nn.Conv2d(inputs, channels, kernel)
    weight, bias = fold_batchnorm(conv.weight, conv.bias, bn)
    folded.load_state_dict({"weight": weight, "bias": bias})
    x = torch.randn(2, inputs, 6, 6, generator=g)
    torch.testing.assert_close(folded(x), bn(conv(x)), rtol=0, atol=1e-5)


def test_the_course_s_linear_folds_by_its_transpose():
    linear, bn = layers.Linear(4, 3), layers.BatchNorm1d(3)
    for _ in range(5):
        bn(linear(torch.randn(16, 4)) + 2)
    weight, bias = fold_batchnorm(linear.weight.T, linear.bias, bn.eval())
    x = torch.randn(7, 4)
    torch.testing.assert_close(x @ weight.T + bias, bn(linear(x)), rtol=0, atol=1e-5)


def test_nothing_to_fold_is_said():
    linear = nn.Linear(4, 3)
    with pytest.raises(ValueError, match="no running statistics"):
        fold_batchnorm(linear.weight, linear.bias, layers.BatchNorm1d(3, track_running_stats=False))


def test_channels_that_do_not_match_are_named():
    linear = nn.Linear(4, 3)
    with pytest.raises(ValueError, match=r"weight has shape \(3, 4\); its first dimension must be the 4 channels"):
        fold_batchnorm(linear.weight, linear.bias, nn.BatchNorm1d(4))
    with pytest.raises(ValueError, match=r"bias has shape \(4,\); its first dimension must be the 3 channels"):
        fold_batchnorm(linear.weight, torch.zeros(4), nn.BatchNorm1d(3))
