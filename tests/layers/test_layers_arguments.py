"""A wrong argument or input raises, and the sentence says what came and what is accepted."""

import math

import numpy as np
import pytest
import torch

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

SIZED = {
    "BatchNorm1d": BatchNorm1d,
    "BatchNorm2d": BatchNorm2d,
    "BatchNorm3d": BatchNorm3d,
    "LayerNorm": LayerNorm,
    "LayerNorm of two": lambda dim: LayerNorm((4, dim)),
    "RMSNorm": RMSNorm,
    "InstanceNorm2d": InstanceNorm2d,
    "GroupNorm's dim": lambda dim: GroupNorm(1, dim),
    "GroupNorm's groups": lambda groups: GroupNorm(groups, 4),
    "Linear's fan_in": lambda fan_in: Linear(fan_in, 4),
    "Linear's fan_out": lambda fan_out: Linear(4, fan_out),
    "Embedding's rows": lambda rows: Embedding(rows, 4),
    "Embedding's dim": lambda dim: Embedding(4, dim),
}
NORMS = {
    "BatchNorm1d": lambda **kwargs: BatchNorm1d(4, **kwargs),
    "LayerNorm": lambda **kwargs: LayerNorm(4, **kwargs),
    "RMSNorm": lambda **kwargs: RMSNorm(4, **kwargs),
    "GroupNorm": lambda **kwargs: GroupNorm(2, 4, **kwargs),
    "InstanceNorm2d": lambda **kwargs: InstanceNorm2d(4, **kwargs),
}
every_sized = pytest.mark.parametrize("make", SIZED.values(), ids=SIZED)
every_norm = pytest.mark.parametrize("make", NORMS.values(), ids=NORMS)


@every_sized
@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_is_refused(make, size):
    with pytest.raises(ValueError, match=f"is {size}; it must be a whole number of at least 1"):
        make(size)


@every_sized
@pytest.mark.parametrize("size", [2.0, "2", True, None])
def test_a_size_that_is_no_whole_number_is_refused(make, size):
    with pytest.raises(TypeError, match=f"is {size!r}; it must be a whole number of at least 1"):
        make(size)


@every_sized
def test_a_numpy_integer_is_a_size(make):
    make(np.int64(4))


@every_norm
@pytest.mark.parametrize("eps", [-1e-5, math.inf, math.nan])
def test_an_eps_outside_its_range_is_refused(make, eps):
    with pytest.raises(ValueError, match=f"eps is {eps}; it must be a finite number of at least 0"):
        make(eps=eps)


@every_norm
@pytest.mark.parametrize("eps", ["small", True, 1j])
def test_an_eps_that_is_no_number_is_refused(make, eps):
    with pytest.raises(TypeError, match="eps is .* it must be a finite number of at least 0"):
        make(eps=eps)


@every_norm
@pytest.mark.parametrize("affine", [1, None, "no"])
def test_affine_is_true_or_false(make, affine):
    with pytest.raises(TypeError, match="affine is .*; it must be True or False"):
        make(affine=affine)


@pytest.mark.parametrize("momentum", [-0.1, 1.5, math.nan])
def test_a_momentum_outside_its_range_is_refused(momentum):
    with pytest.raises(ValueError, match=f"momentum is {momentum}; it must be a number from 0 to 1"):
        BatchNorm1d(4, momentum=momentum)


def test_a_momentum_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="momentum is '0.1'; it must be a number from 0 to 1"):
        BatchNorm1d(4, momentum="0.1")


@pytest.mark.parametrize("name", ["track_running_stats", "unbiased_batch_variance"])
def test_batchnorm_switches_are_true_or_false(name):
    with pytest.raises(TypeError, match=f"{name} is 1; it must be True or False"):
        BatchNorm1d(4, **{name: 1})


def test_a_generator_in_the_place_of_bias_is_refused():
    with pytest.raises(TypeError, match="bias is .*Generator.*; it must be True or False"):
        Linear(4, 4, torch.Generator())


@pytest.mark.parametrize("gain", [-1, math.inf])
def test_a_gain_outside_its_range_is_refused(gain):
    with pytest.raises(ValueError, match="gain is .*; it must be a finite number of at least 0"):
        Linear(4, 4, gain=gain)


def test_groups_must_divide_dim():
    with pytest.raises(ValueError, match="groups is 3 and dim is 4; groups must divide dim"):
        GroupNorm(3, 4)


def test_a_shape_of_no_sizes_is_refused():
    with pytest.raises(ValueError, match=r"dim is \(\); it must be"):
        LayerNorm(())


WRONG_SHAPES = [
    (BatchNorm1d(4), (5, 3), r"takes \(N, C\) or \(N, C, L\) with C = 4"),
    (BatchNorm1d(4), (4,), r"takes \(N, C\) or \(N, C, L\) with C = 4"),
    (BatchNorm1d(4), (5, 4, 3, 3), r"takes \(N, C\) or \(N, C, L\) with C = 4"),
    (BatchNorm1d(4), (5, 3, 4), r"takes \(N, C\) or \(N, C, L\) with C = 4"),
    (BatchNorm2d(4), (5, 3, 2, 2), r"takes \(N, C, H, W\) with C = 4"),
    (BatchNorm2d(4), (5, 4), r"takes \(N, C, H, W\) with C = 4"),
    (BatchNorm2d(4), (4, 3, 3), r"takes \(N, C, H, W\) with C = 4"),
    (BatchNorm3d(4), (5, 4, 2, 2), r"takes \(N, C, D, H, W\) with C = 4"),
    (BatchNorm3d(4), (5, 2, 4, 2, 2), r"takes \(N, C, D, H, W\) with C = 4"),
    (LayerNorm(4), (5, 3), r"takes \(\.\.\., 4\)"),
    (LayerNorm(4), (), r"takes \(\.\.\., 4\)"),
    (LayerNorm((3, 4)), (4,), r"takes \(\.\.\., 3, 4\)"),
    (RMSNorm(4), (5, 3), r"takes \(\.\.\., 4\)"),
    (GroupNorm(2, 4), (5, 3, 4), r"takes \(N, C, \.\.\.\) with C = 4"),
    (GroupNorm(2, 4), (4,), r"takes \(N, C, \.\.\.\) with C = 4"),
    (InstanceNorm2d(4), (5, 3, 2, 2), r"with C = 4 and at least 2 pixels"),
    (InstanceNorm2d(4), (5, 4), r"with C = 4 and at least 2 pixels"),
    (InstanceNorm2d(4), (5, 4, 1, 1), r"with C = 4 and at least 2 pixels"),
    (Linear(4, 3), (5, 3), r"takes \(\.\.\., 4\)"),
    (Linear(4, 3), (), r"takes \(\.\.\., 4\)"),
    (Flatten(), (5,), r"takes \(N, T, E\)"),
]


@pytest.mark.parametrize(("layer", "shape", "accepted"), WRONG_SHAPES, ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_an_input_of_the_wrong_shape_is_refused(layer, shape, accepted, training):
    with pytest.raises(ValueError, match=accepted) as error:
        layer.train(training)(torch.ones(shape))
    assert f"{type(layer).__name__} was given an input of shape {shape}" in str(error.value)


FLOATING = [
    Linear(4, 4),
    Tanh(),
    ReLU(),
    Flatten(),
    BatchNorm1d(4),
    BatchNorm1d(4, affine=False, track_running_stats=False),
    LayerNorm(4),
    RMSNorm(4),
    GroupNorm(2, 4),
    InstanceNorm2d(4),
]


@pytest.mark.parametrize("layer", FLOATING, ids=repr)
def test_whole_numbers_are_refused(layer):
    with pytest.raises(TypeError, match="given a tensor of torch.int64; it takes a floating-point one"):
        layer(torch.ones(4, 4, dtype=torch.int64))


@pytest.mark.parametrize("layer", FLOATING, ids=repr)
def test_what_is_no_tensor_is_refused(layer):
    with pytest.raises(TypeError, match="was given a ndarray; it takes a torch.Tensor"):
        layer(np.ones((4, 4)))


@pytest.mark.parametrize(
    "layer",
    [BatchNorm1d(4), BatchNorm1d(4, affine=False), LayerNorm(4), RMSNorm(4), GroupNorm(2, 4)],
    ids=repr,
)
def test_an_input_of_another_dtype_than_the_layer_is_refused(layer):
    with pytest.raises(TypeError, match=r"holds torch.float32 and was given torch.float64; convert one .* \.to\(\)"):
        layer(torch.ones(4, 4, dtype=torch.float64))


@pytest.mark.parametrize("index", [-1, 27])
def test_an_index_outside_the_embedding_is_refused(index):
    with pytest.raises(IndexError, match=f"indices from 0 to {index}|indices from {index} to 0") as error:
        Embedding(27, 4)(torch.tensor([[0, index]]))
    assert "it takes 0 to 26" in str(error.value)


@pytest.mark.parametrize("index", [torch.ones(3), [1, 2]], ids=["floats", "list"])
def test_indices_are_a_tensor_of_whole_numbers(index):
    with pytest.raises(TypeError, match=r"it takes a tensor of torch\.int64 or torch\.int32"):
        Embedding(27, 4)(index)


def test_int32_indices_are_accepted():
    assert Embedding(27, 4)(torch.tensor([1, 2], dtype=torch.int32)).shape == (2, 4)
