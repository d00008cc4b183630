"""What the BatchNorms promise beyond agreeing with torch.nn, and the formula itself."""

import numpy as np
import pytest
import torch
from torch import nn

from bncourse.layers import BatchNorm1d, BatchNorm2d, BatchNorm3d
from bncourse.layers.normalise import batch_normalised

SHAPES = [
    (BatchNorm1d, nn.BatchNorm1d, (6, 3)),
    (BatchNorm1d, nn.BatchNorm1d, (6, 3, 4)),
    (BatchNorm2d, nn.BatchNorm2d, (2, 3, 4, 5)),
    (BatchNorm3d, nn.BatchNorm3d, (2, 3, 2, 3, 4)),
]
every_shape = pytest.mark.parametrize(("layer_type", "torch_type", "shape"), SHAPES)


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_the_worked_example_becomes_the_same_five_numbers_twice():
    x = torch.tensor([[1.0, 2], [2, 4], [3, 6], [4, 8], [5, 10]], dtype=torch.float64)
    y = BatchNorm1d(2, eps=0).double()(x)
    expected = torch.tensor([-2, -1, 0, 1, 2], dtype=torch.float64) / 2**0.5
    torch.testing.assert_close(y, expected[:, None].expand(5, 2))


def test_four_random_rows_come_out_as_published():
    x = np.random.RandomState(42).randn(4, 3)
    y = BatchNorm1d(3).double()(torch.from_numpy(x))
    assert y[0].tolist() == pytest.approx([-1.04313887, -0.25883405, 1.69428946], abs=1e-8)


def test_the_new_value_has_the_weight_momentum_and_the_stored_variance_is_unbiased():
    x = random(8, 3)
    bn = BatchNorm1d(3, momentum=0.25).double()
    bn(x)
    torch.testing.assert_close(bn.running_mean, 0.25 * x.mean(0))
    torch.testing.assert_close(bn.running_var, 0.75 + 0.25 * x.var(0, correction=1))


def test_momentum_none_averages_all_batches_alike():
    batches = [random(8, 3, seed=seed) for seed in range(5)]
    bn = BatchNorm1d(3, momentum=None).double()
    for x in batches:
        bn(x)
    torch.testing.assert_close(bn.running_mean, torch.stack([x.mean(0) for x in batches]).mean(0))
    torch.testing.assert_close(bn.running_var, torch.stack([x.var(0) for x in batches]).mean(0))
    assert bn.num_batches_tracked == 5


def test_evaluation_uses_the_running_estimates_and_leaves_them_alone():
    bn = BatchNorm1d(3).double()
    bn(random(8, 3))
    before = {name: value.clone() for name, value in bn.state_dict().items()}
    x = random(5, 3, seed=1)
    y = bn.eval()(x)
    torch.testing.assert_close(y, (x - before["running_mean"]) / (before["running_var"] + 1e-5).sqrt())
    for name, value in bn.state_dict().items():
        assert torch.equal(value, before[name])


def test_in_evaluation_an_example_does_not_depend_on_its_batch_and_in_training_it_does():
    bn = BatchNorm1d(3).double()
    x, others = random(4, 3), random(4, 3, seed=1)
    assert not torch.allclose(bn(torch.cat([x, others]))[:4], bn(x))
    bn.eval()
    torch.testing.assert_close(bn(torch.cat([x, others]))[:4], bn(x), rtol=0, atol=0)


def test_no_grad_does_not_switch_to_evaluation():
    bn, x = BatchNorm1d(3).double(), random(8, 3)
    with torch.no_grad():
        torch.testing.assert_close(bn(x).mean(0), torch.zeros(3, dtype=torch.float64))
    assert bn.num_batches_tracked == 1


def test_running_estimates_hold_no_graph():
    bn = BatchNorm1d(3)
    x = torch.randn(4, 3, requires_grad=True)
    for _ in range(2):
        bn(x).sum().backward()
    assert not bn.running_mean.requires_grad
    assert not bn.running_var.requires_grad


@every_shape
@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize("training", [True, False])
def test_gradients_are_those_of_finite_differences(layer_type, torch_type, shape, unbiased, training):
    """They would not be, if no gradient flowed through the mean and the variance."""
    bn = layer_type(3, unbiased_batch_variance=unbiased).double().train(training)
    x = random(*shape).requires_grad_()
    gamma, beta = (random(3, seed=seed).requires_grad_() for seed in (1, 2))

    def output(x, gamma, beta):
        return torch.func.functional_call(bn, {"gamma": gamma, "beta": beta}, (x,))

    assert torch.autograd.gradcheck(output, (x, gamma, beta))


@every_shape
@pytest.mark.parametrize("unbiased", [False, True])
def test_second_derivatives_are_those_of_finite_differences(layer_type, torch_type, shape, unbiased):
    """The backward pass is written by hand, and must itself be differentiable in all that it depends on."""
    bn = layer_type(3, unbiased_batch_variance=unbiased).double()
    inputs = [random(*shape), random(3, seed=1), random(3, seed=2)]

    def output(x, gamma, beta):
        return torch.func.functional_call(bn, {"gamma": gamma, "beta": beta}, (x,))

    assert torch.autograd.gradgradcheck(output, [value.requires_grad_() for value in inputs])


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # torch's own, when torch.func is first used
@pytest.mark.parametrize("affine", [True, False])
def test_transforms_of_torch_func_give_what_they_give_of_the_formula(affine):
    bn = BatchNorm2d(3, affine=affine, track_running_stats=False).double()
    batches = random(4, 5, 3, 2, 2)

    def formula(x):
        mean, var = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), correction=0, keepdim=True)
        return (x - mean) / (var + 1e-5).sqrt()

    def energy(layer):
        return lambda x: (layer(x) ** 3).sum()

    for transform in (torch.func.grad, torch.func.hessian):
        ours, theirs = (torch.func.vmap(transform(energy(layer)))(batches) for layer in (bn, formula))
        torch.testing.assert_close(ours, theirs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of its compiler
def test_what_a_compiler_derives_from_the_formula_is_the_backward_pass_by_hand():
    x, gamma, beta = (random(*shape).requires_grad_() for shape in ((4, 3, 2, 2), (1, 3, 1, 1), (1, 3, 1, 1)))
    results = []
    for function in (batch_normalised, torch.compile(batch_normalised, backend="aot_eager", fullgraph=True)):
        y, mean, var = function(x, gamma, beta, 1e-5, 16)
        results.append([y, mean, var, *torch.autograd.grad((y**3).sum(), [x, gamma, beta])])
    torch.testing.assert_close(*results)


def test_backward_pass_keeps_no_more_than_it_needs():
    """The input and the normalised values have the size of the batch; all else is one number per channel."""
    bn, kept = BatchNorm2d(3), []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
        bn(torch.randn(8, 3, 5, 5, requires_grad=True))
    assert sorted(kept)[-3:] == [3, 8 * 3 * 5 * 5, 8 * 3 * 5 * 5]


def test_the_unbiased_switch_normalises_with_the_unbiased_variance_and_stores_the_same():
    x = random(8, 3)
    bn = BatchNorm1d(3, unbiased_batch_variance=True).double()
    torch.testing.assert_close(bn(x), (x - x.mean(0)) / (x.var(0, correction=1) + 1e-5).sqrt())
    usual = BatchNorm1d(3).double()
    usual(x)
    torch.testing.assert_close(bn.running_var, usual.running_var, rtol=0, atol=0)
    torch.testing.assert_close(bn.eval()(x), usual.eval()(x), rtol=0, atol=0)


@every_shape
def test_a_constant_channel_becomes_beta(layer_type, torch_type, shape):
    bn = layer_type(3)
    with torch.no_grad():
        bn.beta.copy_(torch.tensor([1.0, 2.0, 3.0]))
    y = bn(torch.full(shape, 10_000.1))
    torch.testing.assert_close(y.mean([d for d in range(len(shape)) if d != 1]), bn.beta)


@every_shape
@pytest.mark.parametrize("std", [1.0, 0.01])
@pytest.mark.parametrize("offset", [100.0, 1e4])
def test_a_large_mean_costs_float32_no_precision(layer_type, torch_type, shape, std, offset):
    """Float64 is the judge. torch.nn's own float32 is off by up to 1e-4 in the output at a mean of 10,000."""
    shape = (1000, *shape[1:])
    x = (std * random(*shape) + offset).float()
    upstream = random(*shape, seed=1).float()

    def results(layer, dtype):
        inputs = x.to(dtype).requires_grad_()
        y = layer.to(dtype)(inputs)
        y.backward(upstream.to(dtype))
        evaluated = layer.eval()(inputs)
        results = (y, inputs.grad, *(p.grad for p in layer.parameters()), layer.running_mean, layer.running_var)
        return [t.detach().double() for t in (*results, evaluated)]

    *exact, exact_evaluated = results(torch_type(3, momentum=1.0), torch.float64)
    *ours, our_evaluated = results(layer_type(3, momentum=1.0), torch.float32)
    *_, their_evaluated = results(torch_type(3, momentum=1.0), torch.float32)
    for our, truth in zip(ours, exact, strict=True):
        assert (our - truth).abs().max() <= 1e-5 * max(1.0, truth.abs().max().item())
    # In evaluation the stored running mean is itself a rounded float32, and that is the limit of both.
    off = (our_evaluated - exact_evaluated).abs().max()
    assert off <= 2 * (their_evaluated - exact_evaluated).abs().max()


@every_shape
def test_an_empty_batch_is_evaluated_to_an_empty_result(layer_type, torch_type, shape):
    empty = torch.zeros(0, *shape[1:])
    assert layer_type(3).eval()(empty).shape == empty.shape


@pytest.mark.parametrize("track", [True, False])
def test_a_single_example_can_be_evaluated_with_running_statistics_only(track):
    bn = BatchNorm1d(3, track_running_stats=track)
    x = torch.randn(1, 3)
    with pytest.raises(ValueError, match=r"given 1 per channel .*\(1, 3\).* at least 2"):
        bn(x)
    bn.eval()
    if track:
        assert bn(x).shape == (1, 3)
    else:
        with pytest.raises(ValueError, match="at least 2"):
            bn(x)


@pytest.mark.parametrize(
    ("bn", "shape"),
    [
        (BatchNorm1d(3), (1, 3, 1)),
        (BatchNorm1d(3), (0, 3)),
        (BatchNorm2d(3), (1, 3, 1, 1)),
        (BatchNorm3d(3), (1, 3, 1, 1, 1)),
    ],
)
def test_training_on_fewer_than_two_values_per_channel_raises_and_changes_nothing(bn, shape):
    with pytest.raises(ValueError, match="at least 2 values per channel"):
        bn(torch.ones(shape))
    assert bn.num_batches_tracked == 0
    assert torch.equal(bn.running_var, torch.ones(3))


@every_shape
def test_one_example_with_several_positions_is_enough_to_train(layer_type, torch_type, shape):
    shape = (1, 3, *(shape[2:] or (4,)))
    y = layer_type(3)(torch.randn(shape))
    torch.testing.assert_close(y.transpose(0, 1).flatten(1).mean(1), torch.zeros(3))
