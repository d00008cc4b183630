"""What every layer of the course does as a torch.nn.Module."""

import copy
import io
import pickle

import pytest
import torch
from torch import nn

from bncourse import layers
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
    Sequential,
    Tanh,
)

EXAMPLES = {  # one of each layer, and the shape of an input (or the input itself)
    "Embedding": (lambda: Embedding(27, 4), torch.tensor([[1, 2], [3, 26]])),
    "Flatten": (lambda: Flatten(), (5, 3, 4)),
    "Linear": (lambda: Linear(4, 3), (5, 4)),
    "Tanh": (lambda: Tanh(), (5, 4)),
    "ReLU": (lambda: ReLU(), (5, 4)),
    "BatchNorm1d": (lambda: BatchNorm1d(4), (5, 4)),
    "BatchNorm2d": (lambda: BatchNorm2d(4), (5, 4, 3, 3)),
    "BatchNorm3d": (lambda: BatchNorm3d(4), (5, 4, 2, 3, 3)),
    "LayerNorm": (lambda: LayerNorm(4), (5, 4)),
    "RMSNorm": (lambda: RMSNorm(4), (5, 4)),
    "GroupNorm": (lambda: GroupNorm(2, 4), (5, 4, 3)),
    "InstanceNorm2d": (lambda: InstanceNorm2d(4, affine=True), (5, 4, 3, 3)),
    "Sequential": (lambda: Sequential(Linear(4, 4, bias=False), BatchNorm1d(4), Tanh()), (5, 4)),
}


@pytest.fixture(params=EXAMPLES)
def layer(request):
    return EXAMPLES[request.param][0]()


@pytest.fixture
def x(layer):
    given = EXAMPLES[type(layer).__name__][1]
    return given if isinstance(given, torch.Tensor) else torch.randn(given, requires_grad=True)


def same_state(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_the_examples_of_this_file_are_all_the_public_layers():
    assert set(EXAMPLES) == {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}


def test_the_last_result_is_kept_in_out(layer, x):
    assert layer.out is None
    for _ in range(2):
        y = layer(x)
        assert layer.out is y


def test_the_gradient_of_out_can_be_retained(layer, x):
    y = layer(x)
    layer.out.retain_grad()
    (2 * y).sum().backward()
    torch.testing.assert_close(layer.out.grad, torch.full_like(y, 2.0))


def test_out_is_not_in_the_state_dict(layer, x):
    before = set(layer.state_dict())
    layer(x)
    assert set(layer.state_dict()) == before


def test_a_state_dict_loads_strictly_into_a_fresh_layer(layer, x):
    y = layer(x)
    fresh = EXAMPLES[type(layer).__name__][0]()
    fresh.load_state_dict(layer.state_dict(), strict=True)
    assert same_state(fresh, layer)
    torch.testing.assert_close(fresh(x), y, rtol=0, atol=0)


@pytest.mark.parametrize("how", ["deepcopy", "copy", "pickle", "torch.save"])
def test_a_layer_can_be_copied_and_saved_after_a_forward_pass(layer, x, how):
    y = layer(x)
    if how == "deepcopy":
        twin = copy.deepcopy(layer)
    elif how == "copy":
        twin = copy.copy(layer)
    elif how == "pickle":
        twin = pickle.loads(pickle.dumps(layer))
    else:
        file = io.BytesIO()
        torch.save(layer, file)
        file.seek(0)
        twin = torch.load(file, weights_only=False)
    assert twin.out is None
    assert layer.out is y
    assert same_state(twin, layer)
    torch.testing.assert_close(twin(x), layer(x), rtol=0, atol=0)


def test_a_deep_copy_shares_no_parameters(layer, x):
    layer(x)
    twin = copy.deepcopy(layer)
    for p, q in zip(layer.parameters(), twin.parameters(), strict=True):
        assert p.data_ptr() != q.data_ptr()


def test_to_float64_converts_the_whole_layer(layer, x):
    layer.to(torch.float64)
    assert all(value.dtype in (torch.float64, torch.int64) for value in layer.state_dict().values())
    assert layer(x.double() if x.is_floating_point() else x).dtype == torch.float64


def test_train_and_eval_reach_the_layer(layer):
    model = nn.Sequential(layer)
    assert not model.eval()[0].training
    assert model.train()[0].training


def test_an_optimiser_moves_every_parameter(layer, x):
    before = [p.detach().clone() for p in layer.parameters()]
    optimiser = torch.optim.SGD([*layer.parameters(), nn.Parameter(torch.zeros(1))], lr=0.1)
    y = layer(x)
    (y * torch.randn(y.shape)).sum().backward()
    optimiser.step()
    for p, old in zip(layer.parameters(), before, strict=True):
        assert not torch.equal(p, old)


def test_repr_names_the_arguments(layer):
    assert repr(layer).startswith(type(layer).__name__)
    for argument in ("dim", "fan_in", "eps", "groups", "num_embeddings"):
        if hasattr(layer, argument):
            value = getattr(layer, argument)
            value = value[0] if isinstance(value, tuple) else value
            assert f"{value}" in repr(layer)


def test_reprs_can_be_read_as_code():
    assert repr(BatchNorm1d(100, momentum=None)) == (
        "BatchNorm1d(100, eps=1e-05, momentum=None, affine=True, track_running_stats=True)"
    )
    assert "unbiased_batch_variance=True" in repr(BatchNorm1d(100, unbiased_batch_variance=True))
    assert repr(Linear(30, 200, bias=False)) == "Linear(30, 200, bias=False)"
    assert repr(LayerNorm((4, 3))) == "LayerNorm((4, 3), eps=1e-05, affine=True)"


def name_model(container, generator=None):
    return container(
        Embedding(27, 10, generator=generator),
        Flatten(),
        Linear(30, 20, bias=False, gain=5 / 3, generator=generator),
        BatchNorm1d(20),
        Tanh(),
        Linear(20, 27, generator=generator),
    )


@pytest.mark.parametrize("container", [Sequential, nn.Sequential])
def test_a_model_of_these_layers_learns(container):
    generator = torch.Generator().manual_seed(0)
    model = name_model(container, generator)
    contexts = torch.randint(27, (64, 3), generator=generator)
    targets = torch.randint(27, (64,), generator=generator)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(30):
        loss = nn.functional.cross_entropy(model(contexts), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_our_sequential_is_a_list_of_layers_that_shows_what_flows_through():
    model = name_model(Sequential)
    logits = model(torch.zeros(4, 3, dtype=torch.int64))
    assert model.out is logits is model[-1].out
    assert [type(layer).__name__ for layer in model[1:3]] == ["Flatten", "Linear"]
    assert [tuple(layer.out.shape) for layer in model] == [(4, 3, 10), (4, 30), (4, 20), (4, 20), (4, 20), (4, 27)]
    assert len(model) == 6


def test_our_sequential_refuses_what_is_not_a_layer():
    with pytest.raises(TypeError):
        Sequential([Linear(3, 4), Tanh()])


def test_weights_are_drawn_in_order_from_the_generator_alone():
    ours = name_model(Sequential, torch.Generator().manual_seed(7))
    generator = torch.Generator().manual_seed(7)
    assert torch.equal(ours[0].weight, torch.randn((27, 10), generator=generator))
    assert torch.equal(ours[2].weight, torch.randn((30, 20), generator=generator) * ((5 / 3) / 30**0.5))
    assert torch.equal(ours[5].weight, torch.randn((20, 27), generator=generator) * (1 / 20**0.5))
    assert torch.equal(ours[5].bias, torch.zeros(27))


def test_without_a_generator_the_global_one_is_used():
    torch.manual_seed(3)
    layer = Linear(4, 5)
    torch.manual_seed(3)
    assert torch.equal(layer.weight, torch.randn(4, 5) / 2)


@pytest.mark.parametrize("gain", [0.0, 1.0, 5 / 3])
def test_linear_maps_unit_variance_to_gain_squared(gain):
    generator = torch.Generator().manual_seed(0)
    layer = Linear(500, 500, gain=gain, generator=generator)
    y = layer(torch.randn(500, 500, generator=generator))
    assert y.var().item() == pytest.approx(gain**2, rel=0.03)


def test_weights_of_torch_layers_load_under_our_names():
    theirs = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.LayerNorm(3))
    x = torch.randn(8, 4)
    theirs(x)
    state = theirs.state_dict()
    ours = Sequential(Linear(4, 3), BatchNorm1d(3), LayerNorm(3))
    ours[0].load_state_dict({"weight": state["0.weight"].T, "bias": state["0.bias"]})
    for index in (1, 2):
        names = {"weight": "gamma", "bias": "beta"}
        part = {name.split(".")[1]: value for name, value in state.items() if name.startswith(f"{index}.")}
        ours[index].load_state_dict({names.get(name, name): value for name, value in part.items()})
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


@pytest.mark.parametrize(
    "layer", [BatchNorm1d(4, affine=False), LayerNorm(4, affine=False), GroupNorm(2, 4, affine=False)]
)
def test_without_affine_there_are_no_parameters(layer):
    assert layer.gamma is None
    assert layer.beta is None
    assert list(layer.parameters()) == []


def test_without_running_stats_there_are_no_buffers():
    layer = BatchNorm1d(4, track_running_stats=False)
    assert layer.running_mean is layer.running_var is layer.num_batches_tracked is None
    assert list(layer.buffers()) == []


@pytest.mark.parametrize("layer", [LayerNorm(4), RMSNorm(4), GroupNorm(2, 4), InstanceNorm2d(4)])
def test_other_normalisers_work_on_one_example_and_do_not_mix_examples(layer):
    x = torch.randn(3, 4, 4, 4)
    torch.testing.assert_close(layer(x)[:1], layer(x[:1]))


def test_a_group_of_one_value_becomes_beta():
    y = GroupNorm(4, 4)(torch.randn(3, 4))
    assert torch.equal(y, torch.zeros(3, 4))


def test_groupnorm_spans_layernorm_to_instancenorm():
    x = torch.randn(3, 4, 5, 5)
    torch.testing.assert_close(GroupNorm(1, 4)(x), LayerNorm((4, 5, 5))(x))
    torch.testing.assert_close(GroupNorm(4, 4)(x), InstanceNorm2d(4)(x))
