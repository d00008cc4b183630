"""Each layer against its torch.nn counterpart, over drawn shapes, arguments, inputs and modes.

Compared are outputs, input gradients, parameter gradients and buffers, after several forward and backward
passes in training and evaluation mode. Differences may be 1e-5 in float32 and 1e-12 in float64,
and in float16 and bfloat16 two units in the last place; they are absolute where the values are below 1, and else
relative to the largest magnitude in the tensor compared; for gradients, which are sums whose terms may cancel, to the
largest of the terms.
Inputs have a mean of up to 3 standard deviations: beyond, float32 itself is the limit of both (see
test_layers_batchnorm.py for large means, where the judge is float64).

In 16 bits the gradients are judged by torch's float32 layer on the same numbers: torch's own 16-bit BatchNorm rounds
the mean and the variance that its backward pass uses to 16 bits, and so its gradient of gamma is off by more.

    pytest tests/layers/test_layers_agreement.py

prints the number of cases and the largest difference.
"""

import copy
import math
from typing import NamedTuple

import pytest
import torch
import torch_layers
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from bncourse.layers import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    Embedding,
    Flatten,
    GroupNorm,
    InstanceNorm2d,
    LayerNorm,
    Linear,
    ReLU,
    RMSNorm,
    Tanh,
)

NAMES = {  # ours: torch.nn's
    "gamma": "weight",
    "beta": "bias",
    "running_mean": "running_mean",
    "running_var": "running_var",
    "num_batches_tracked": "num_batches_tracked",
}
LAYOUTS = {
    "contiguous": lambda x: x,
    "channels last": lambda x: x.movedim(1, -1).contiguous().movedim(-1, 1),
    "every other example": lambda x: x.repeat_interleave(2, dim=0)[::2],
    "reversed dimensions": lambda x: x.permute(*reversed(range(x.ndim))).contiguous().permute(*reversed(range(x.ndim))),
}


def cases(max_examples):
    return settings(max_examples=max_examples, derandomize=True, deadline=None)


class Inputs(NamedTuple):
    """How the numbers of one case are made."""

    seed: int
    dtype: torch.dtype
    scale: float
    offset: float
    layout: str
    mixed: bool

    @property
    def layer_dtype(self):
        """A 16-bit input may also meet a float32 layer, as under autocast."""
        return torch.float32 if self.mixed and self.dtype.itemsize == 2 else self.dtype

    def draw(self, shape, over, step=0):
        """An input of standard deviation ``scale``, mean up to ``offset * scale``, and an upstream gradient."""
        generator = torch.Generator().manual_seed(1000 * self.seed + step)
        z = torch.randn(shape, generator=generator, dtype=torch.float64)
        var, mean = torch.var_mean(z, tuple(over), correction=0, keepdim=True)
        shift = self.offset * torch.rand(mean.shape, generator=generator, dtype=torch.float64)
        x = self.scale * ((z - mean) / var.sqrt().clamp(min=1e-6) + shift)
        upstream = 0.5 + torch.randn(shape, generator=generator, dtype=torch.float64)
        return LAYOUTS[self.layout](x.to(self.dtype)), upstream.to(self.dtype)


inputs = st.builds(
    Inputs,
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.float16, torch.bfloat16]),
    scale=st.sampled_from([0.1, 1.0, 10.0]),
    offset=st.floats(-3, 3),
    layout=st.sampled_from(list(LAYOUTS)),
    mixed=st.booleans(),
)
epsilons = st.sampled_from([1e-8, 1e-5, 1e-3, 0.1])
modes = st.lists(st.booleans(), min_size=0, max_size=4)  # True: training; evaluation always comes last


def give_same_parameters(ours, theirs, seed):
    generator = torch.Generator().manual_seed(seed)
    for name in ("gamma", "beta"):
        mine, yours = getattr(ours, name, None), getattr(theirs, NAMES[name], None)
        assert (mine is None) == (yours is None)
        if mine is not None:
            with torch.no_grad():
                mine.copy_(torch.randn(mine.shape, generator=generator))
                yours.copy_(mine)


def forward_and_backward(layer, x, upstream):
    x = x.detach().requires_grad_()
    layer.zero_grad()
    y = layer(x)
    y.backward(upstream)
    return y.detach(), x.grad


def compare_normalisers(agreement, ours, theirs, how, batches):
    """``batches``: (training?, x, upstream gradient) of each step."""
    agreement.count(ours, how.dtype)
    ours, theirs = ours.to(how.layer_dtype), theirs.to(how.layer_dtype)
    give_same_parameters(ours, theirs, how.seed)
    for training, x, upstream in batches:
        y, dx = forward_and_backward(ours.train(training), x, upstream)
        # torch gets a contiguous copy: its CPU BatchNorm (2.13) gives other, wrong gradients for the same numbers
        # where strides tie, as in an image batch of shape (1, 2, 1, 2) and strides (1, 1, 2, 2).
        wide = copy.deepcopy(theirs)
        expected_y, expected_dx = forward_and_backward(theirs.train(training), x.contiguous(), upstream)
        judge = theirs
        if how.dtype.itemsize == 2:
            judge = wide.float().train(training)
            _, expected_dx = forward_and_backward(judge, x.contiguous().float(), upstream.float())
            expected_dx = expected_dx.to(how.dtype)
        agreement.compare(ours, "output", y, expected_y)
        largest = upstream.abs().max().item()
        own_statistics = training or getattr(ours, "running_mean", None) is None
        gain = 1.0 if ours.gamma is None else ours.gamma.abs().max().item()
        terms = gain * largest / how.scale if own_statistics else 0.0
        agreement.compare(ours, "input gradient", dx, expected_dx, terms)
        for name, their_name in NAMES.items():
            mine, yours = getattr(ours, name, None), getattr(theirs, their_name, None)
            assert (mine is None) == (yours is None), name
            if mine is not None:
                agreement.compare(ours, name, mine.detach(), yours.detach())
            if name in ("gamma", "beta") and mine is not None:
                expected = getattr(judge, their_name).grad.to(mine.dtype)
                agreement.compare(ours, f"{name} gradient", mine.grad, expected, largest)


def compare_batchnorms(agreement, data, ours_type, theirs_type, spatial):
    how = data.draw(inputs)
    dim = data.draw(st.integers(1, 6), label="dim")
    arguments = {
        "eps": data.draw(epsilons, label="eps"),
        "momentum": data.draw(st.none() | st.floats(0, 1), label="momentum"),
        "affine": data.draw(st.booleans(), label="affine"),
        "track_running_stats": data.draw(st.booleans(), label="track_running_stats"),
    }
    batches = []
    for step, training in enumerate([*data.draw(modes, label="training"), False]):
        positions = data.draw(spatial, label="positions")
        fewest = 2 if math.prod(positions) == 1 else 1
        size = data.draw(st.integers(fewest, 33), label="batch size")
        shape = (size, dim, *positions)
        over = [d for d in range(len(shape)) if d != 1]
        batches.append((training, *how.draw(shape, over, step)))
    compare_normalisers(agreement, ours_type(dim, **arguments), theirs_type(dim, **arguments), how, batches)


@cases(300)
@given(data=st.data())
def test_batchnorm1d_agrees_with_torch(agreement, data):
    spatial = st.just(()) | st.tuples(st.integers(1, 9))
    compare_batchnorms(agreement, data, BatchNorm1d, nn.BatchNorm1d, spatial)


@cases(250)
@given(data=st.data())
def test_batchnorm2d_agrees_with_torch(agreement, data):
    spatial = st.tuples(*[st.integers(1, 6)] * 2)
    compare_batchnorms(agreement, data, BatchNorm2d, nn.BatchNorm2d, spatial)


@cases(250)
@given(data=st.data())
def test_batchnorm3d_agrees_with_torch(agreement, data):
    spatial = st.tuples(*[st.integers(1, 4)] * 3)
    compare_batchnorms(agreement, data, BatchNorm3d, nn.BatchNorm3d, spatial)


leading_sizes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
feature_sizes = st.lists(st.integers(1, 8), min_size=1, max_size=3).map(tuple).filter(lambda s: math.prod(s) > 1)


@cases(200)
@given(how=inputs, leading=leading_sizes, dim=feature_sizes, eps=epsilons, affine=st.booleans())
def test_layernorm_agrees_with_torch(agreement, how, leading, dim, eps, affine):
    over = list(range(-len(dim), 0))
    batches = [(training, *how.draw(leading + dim, over)) for training in (True, False)]
    ours = LayerNorm(dim[0] if len(dim) == 1 else dim, eps, affine)
    theirs = nn.LayerNorm(dim, eps, elementwise_affine=affine)
    compare_normalisers(agreement, ours, theirs, how, batches)


@pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")  # torch's, of a slower path
@cases(200)
@given(how=inputs, leading=leading_sizes, dim=feature_sizes, eps=st.none() | epsilons, affine=st.booleans())
def test_rmsnorm_agrees_with_torch(agreement, how, leading, dim, eps, affine):
    over = list(range(-len(dim), 0))
    batches = [(training, *how.draw(leading + dim, over)) for training in (True, False)]
    ours = RMSNorm(dim[0] if len(dim) == 1 else dim, eps, affine)
    theirs = torch_layers.RMSNorm(dim, eps, elementwise_affine=affine)
    compare_normalisers(agreement, ours, theirs, how, batches)


@cases(200)
@given(
    how=inputs,
    groups=st.integers(1, 4),
    channels_per_group=st.integers(2, 4),
    size=st.integers(1, 9),
    positions=st.lists(st.integers(1, 5), max_size=3),
    eps=epsilons,
    affine=st.booleans(),
)
def test_groupnorm_agrees_with_torch(agreement, how, groups, channels_per_group, size, positions, eps, affine):
    dim = groups * channels_per_group
    batches = []
    for training in (True, False):
        grouped, upstream = how.draw((size, groups, channels_per_group, *positions), [*range(2, 3 + len(positions))])
        batches.append((training, grouped.flatten(1, 2), upstream.flatten(1, 2)))
    compare_normalisers(
        agreement, GroupNorm(groups, dim, eps, affine), nn.GroupNorm(groups, dim, eps, affine), how, batches
    )


@cases(200)
@given(
    how=inputs,
    leading=st.just(()) | st.tuples(st.integers(1, 9)),
    dim=st.integers(1, 6),
    height=st.integers(1, 6),
    width=st.integers(2, 6),
    eps=epsilons,
    affine=st.booleans(),
)
def test_instancenorm2d_agrees_with_torch(agreement, how, leading, dim, height, width, eps, affine):
    shape = (*leading, dim, height, width)
    batches = [(training, *how.draw(shape, [-2, -1])) for training in (True, False)]
    ours, theirs = InstanceNorm2d(dim, eps, affine), nn.InstanceNorm2d(dim, eps, affine=affine)
    compare_normalisers(agreement, ours, theirs, how, batches)


@cases(140)
@given(
    how=inputs,
    leading=leading_sizes,
    fan_in=st.integers(1, 40),
    fan_out=st.integers(1, 20),
    bias=st.booleans(),
)
def test_linear_agrees_with_torch(agreement, how, leading, fan_in, fan_out, bias):
    ours, theirs = Linear(fan_in, fan_out, bias).to(how.dtype), nn.Linear(fan_in, fan_out, bias).to(how.dtype)
    with torch.no_grad():
        ours.weight.copy_(theirs.weight.T)
        if bias:
            ours.bias.copy_(theirs.bias)
    agreement.count(ours, how.dtype)
    x, _ = how.draw((*leading, fan_in), range(len(leading) + 1))
    _, upstream = how.draw((*leading, fan_out), range(len(leading) + 1))
    y, dx = forward_and_backward(ours, x, upstream)
    expected_y, expected_dx = forward_and_backward(theirs, x, upstream)
    agreement.compare(ours, "output", y, expected_y)
    agreement.compare(ours, "input gradient", dx, expected_dx)
    agreement.compare(ours, "weight gradient", ours.weight.grad, theirs.weight.grad.T)
    if bias:
        agreement.compare(ours, "bias gradient", ours.bias.grad, theirs.bias.grad)


@cases(140)
@given(how=inputs, shape=st.lists(st.integers(1, 6), max_size=3), rows=st.integers(1, 30), dim=st.integers(1, 8))
def test_embedding_agrees_with_torch(agreement, how, shape, rows, dim):
    ours, theirs = Embedding(rows, dim).to(how.dtype), nn.Embedding(rows, dim).to(how.dtype)
    theirs.load_state_dict(ours.state_dict())
    agreement.count(ours, how.dtype)
    index = torch.randint(rows, shape, generator=torch.Generator().manual_seed(how.seed))
    upstream = torch.randn(*shape, dim, dtype=how.dtype, generator=torch.Generator().manual_seed(how.seed))
    for layer in (ours, theirs):
        layer(index).backward(upstream)
    agreement.compare(ours, "output", ours(index).detach(), theirs(index).detach())
    terms = torch.zeros(rows, dim).index_add(0, index.flatten(), upstream.float().abs().reshape(-1, dim))
    agreement.compare(ours, "weight gradient", ours.weight.grad, theirs.weight.grad, terms.max().item())


@pytest.mark.parametrize(
    ("ours", "theirs"), [(Tanh(), nn.Tanh()), (ReLU(), nn.ReLU()), (Flatten(), nn.Flatten())], ids=repr
)
@cases(70)
@given(how=inputs, shape=st.lists(st.integers(1, 6), min_size=2, max_size=4))
def test_layers_without_parameters_agree_with_torch(agreement, ours, theirs, how, shape):
    agreement.count(ours, how.dtype)
    x, upstream = how.draw(shape, range(len(shape)))
    x = torch.where(upstream > 1, 0, x)  # with some exact zeros, where ReLU has its corner
    y, dx = forward_and_backward(ours, x, upstream.reshape(theirs(x).shape))
    expected_y, expected_dx = forward_and_backward(theirs, x, upstream.reshape(theirs(x).shape))
    agreement.compare(ours, "output", y, expected_y)
    agreement.compare(ours, "input gradient", dx, expected_dx)
