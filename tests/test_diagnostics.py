"""The vital signs: each number against its formula written out."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from bncourse.diagnostics import (
    UpdateRatios,
    activation_statistics,
    dead_units,
    grad_to_data,
    gradient_statistics,
    run_backward,
    saturated_fraction,
    update_to_data,
)
from bncourse.models import deep_mlp
from bncourse.names import Pairs, load_splits
from bncourse.training import train


@pytest.fixture(scope="module")
def data():
    return Pairs(*(part[:500] for part in load_splits().train))


def deep(seed=0, **options):
    return deep_mlp(hidden=30, depth=3, generator=torch.Generator().manual_seed(seed), **options)


def test_saturation_counts_both_ends_and_not_the_threshold_itself():
    h = torch.tensor([[0.97, -0.98, 1.0, 0.0]], dtype=torch.float64)
    assert saturated_fraction(h) == 0.5
    assert saturated_fraction(h, threshold=0.99) == 0.25


def test_a_unit_is_dead_when_every_example_is_saturated():
    h = torch.tensor([[1.0, -0.99, 0.2], [-1.0, 0.5, 1.0]])
    assert dead_units(h).tolist() == [True, False, False]
    with pytest.raises(ValueError, match=r"shape \(3,\); it must be \(examples, units\)"):
        dead_units(torch.ones(3))


def test_the_activation_numbers_are_those_of_each_tanh(data):
    model = deep()
    model(data.contexts)
    statistics = activation_statistics(model)
    tanhs = [layer for layer in model if type(layer).__name__ == "Tanh"]
    assert [s.name for s in statistics] == ["Tanh 1", "Tanh 2", "Tanh 3"]
    for s, layer in zip(statistics, tanhs, strict=True):
        assert s.mean == pytest.approx(layer.out.mean().item())
        assert s.std == pytest.approx(layer.out.std().item())
        assert s.saturated == (layer.out.abs() > 0.97).float().mean().item()


def test_a_backward_pass_leaves_the_gradient_of_every_output(data):
    model = deep()
    loss = run_backward(model, *data)
    assert loss == pytest.approx(cross_entropy(model(data.contexts), data.targets).item())
    run_backward(model, *data)
    first_tanh = next(layer for layer in model if type(layer).__name__ == "Tanh")
    # Add a small step to this output alone; the loss must move as its gradient says.
    direction = first_tanh.out.grad.sign()  # in which nothing cancels, as in a drawn one it may
    rest = model[list(model).index(first_tanh) + 1 :]
    with torch.no_grad():
        model.double()
        up, down = (
            cross_entropy(rest((first_tanh.out + sign * 1e-4 * direction).double()), data.targets) for sign in (1, -1)
        )
    assert ((up - down) / 2e-4).item() == pytest.approx((first_tanh.out.grad * direction).sum().item(), rel=1e-3)


def test_gradients_of_an_earlier_pass_are_not_added_up(data):
    model = deep()
    run_backward(model, *data)
    once = model[2].weight.grad.clone()
    run_backward(model, *data)
    torch.testing.assert_close(model[2].weight.grad, once)


def test_gradient_numbers_need_a_backward_pass(data):
    model = deep()
    model(data.contexts)
    with pytest.raises(ValueError, match="run_backward"):
        gradient_statistics(model)
    run_backward(model, *data)
    tanhs = [layer for layer in model if type(layer).__name__ == "Tanh"]
    assert [s.std for s in gradient_statistics(model)] == pytest.approx([t.out.grad.std().item() for t in tanhs])


def test_the_ratios_are_standard_deviations_of_grad_and_data():
    parameter = nn.Parameter(torch.tensor([1.0, 2.0, 4.0]))
    with pytest.raises(ValueError, match="no gradient"):
        grad_to_data(parameter)
    parameter.grad = torch.tensor([0.1, -0.1, 0.3])
    ratio = parameter.grad.std().item() / torch.tensor([1.0, 2.0, 4.0]).std().item()
    assert grad_to_data(parameter) == pytest.approx(ratio)
    assert update_to_data(parameter, 0.1) == pytest.approx(math.log10(0.1 * ratio))
    parameter.grad.zero_()
    assert update_to_data(parameter, 0.1) == -math.inf
    for lr in (0, -1, math.nan):
        with pytest.raises(ValueError, match="lr is .*positive"):
            update_to_data(parameter, lr)


def test_the_update_ratio_is_that_of_the_update_made(data):
    model, ratios = deep(), UpdateRatios()
    before = [p.detach().clone() for p in model.parameters() if p.ndim == 2]
    train(model, data, 1, 0.1, watch=ratios, progress=False)
    after = [p.detach() for p in model.parameters() if p.ndim == 2]
    made = [math.log10(((a - b).std() / b.std()).item()) for a, b in zip(after, before, strict=True)]
    assert [values[0] for values in ratios.ratios.values()] == pytest.approx(made, abs=1e-3)
    assert len(ratios.ratios) == 5


@pytest.mark.parametrize("look", [activation_statistics, gradient_statistics])
def test_an_activation_that_keeps_no_output_is_named_and_not_omitted(data, look):
    model = deep()
    run_backward(model, *data)
    mixed = nn.Sequential(*model, nn.Tanh())
    with pytest.raises(ValueError, match=r"layer '\d+' is a Tanh of torch.nn.* use Tanh of bncourse.layers"):
        look(mixed)


@pytest.mark.parametrize("look", [activation_statistics, gradient_statistics])
def test_a_model_that_has_not_run_is_named(look):
    with pytest.raises(ValueError, match="no layer of kind ReLU or Tanh has an output; call the model first"):
        look(deep())
