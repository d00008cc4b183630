"""The networks: their size, their start, and what each scheme multiplies."""

import copy

import pytest
import torch
from torch.nn.functional import cross_entropy

from bncourse.initialisation import initial_values
from bncourse.layers import BatchNorm1d, Linear
from bncourse.models import SCHEMES, char_mlp, deep_mlp, fused
from bncourse.names import load_splits

SEED = 2147483647


def lecture_generator():
    return torch.Generator().manual_seed(SEED)


@pytest.mark.parametrize(
    ("scheme", "published"),
    [
        ("bad", 27.88),
        ("fixed-output", 3.3221),
        ("fixed-tanh", 3.3135),
        ("kaiming", 3.3179),
        ("batchnorm", 3.3147),
    ],
)
def test_the_first_loss_is_the_published_one(scheme, published):
    generator = lecture_generator()
    model = char_mlp(scheme, unbiased_batch_variance=True, generator=generator)
    contexts, targets = load_splits().train
    batch = torch.randint(0, len(targets), (32,), generator=generator)
    loss = cross_entropy(model(contexts[batch]), targets[batch]).item()
    assert loss == pytest.approx(published, abs=5e-3 if scheme == "bad" else 5e-5)


def test_the_draws_come_in_the_order_of_the_parts():
    model = char_mlp("bad", generator=lecture_generator())
    g = lecture_generator()
    shapes = [(27, 10), (30, 200), (200,), (200, 27), (27,)]
    for parameter, shape in zip(model.parameters(), shapes, strict=True):
        assert torch.equal(parameter, torch.randn(shape, generator=g))


def test_the_schemes_scale_the_same_draws():
    bad = dict(char_mlp("bad", generator=lecture_generator()).named_parameters())
    for name, start in SCHEMES.items():
        model = dict(char_mlp(name, generator=lecture_generator()).named_parameters())
        factor = (5 / 3) / 30**0.5 if start.hidden_weight is None else start.hidden_weight
        torch.testing.assert_close(model["hidden.weight"], bad["hidden.weight"] * factor)
        torch.testing.assert_close(model["hidden.bias"], bad["hidden.bias"] * start.hidden_bias)
        torch.testing.assert_close(model["output.weight"], bad["output.weight"] * start.output_weight)
        torch.testing.assert_close(model["output.bias"], bad["output.bias"] * start.output_bias)
        assert ("batchnorm.gamma" in model) == start.batchnorm


@pytest.mark.parametrize(("scheme", "count"), [("bad", 11_897), ("kaiming", 11_897), ("batchnorm", 12_297)])
def test_the_small_network_has_the_published_size(scheme, count):
    assert sum(p.numel() for p in char_mlp(scheme).parameters()) == count


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_network_and_the_fast_trainer_draw_the_same_numbers(scheme):
    model = char_mlp(scheme, generator=lecture_generator())
    values = initial_values(scheme, lecture_generator())
    assert torch.equal(model.embedding.weight, values["C"])
    assert torch.equal(model.hidden.weight, values["W1"])
    assert torch.equal(model.hidden.bias, values["b1"])
    assert torch.equal(model.output.weight, values["W2"])
    assert torch.equal(model.output.bias, values["b2"])


def test_the_deep_network_has_the_published_size():
    assert sum(p.numel() for p in deep_mlp().parameters()) == 47_024


def test_the_deep_network_draws_the_table_and_then_the_weights():
    model = deep_mlp(gain=2.0, generator=lecture_generator())
    g = lecture_generator()
    assert torch.equal(model[0].weight, torch.randn((27, 10), generator=g))
    linears = [layer for layer in model if isinstance(layer, Linear)]
    assert len(linears) == 6
    for number, layer in enumerate(linears):
        assert layer.bias is None
        fan_in, fan_out = layer.weight.shape
        gain = 1.0 if number == 5 else 2.0
        torch.testing.assert_close(layer.weight, torch.randn((fan_in, fan_out), generator=g) * gain / fan_in**0.5)


@pytest.mark.parametrize("batchnorm", [True, False])
def test_the_deep_network_starts_near_the_loss_of_guessing(batchnorm):
    generator = lecture_generator()
    model = deep_mlp(batchnorm=batchnorm, generator=generator)
    assert any(isinstance(layer, BatchNorm1d) for layer in model) == batchnorm
    contexts, targets = load_splits().train
    loss = cross_entropy(model(contexts[:256]), targets[:256]).item()
    assert loss == pytest.approx(torch.tensor(27.0).log().item(), abs=0.05)


def test_without_batchnorm_the_last_weights_are_a_tenth():
    model = deep_mlp(batchnorm=False, depth=1, generator=lecture_generator())
    assert model[-1].weight.std().item() == pytest.approx(0.1 / 100**0.5, rel=0.1)


def test_an_unknown_scheme_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="scheme is 'xavier'; it must be one of 'bad', 'fixed-output'"):
        char_mlp("xavier")


@pytest.mark.parametrize("size", ["hidden", "embedding", "block_size"])
@pytest.mark.parametrize("value", [0, -3, 2.5, True])
def test_a_size_that_is_no_size_is_refused(size, value):
    with pytest.raises((TypeError, ValueError), match=f"{size} is .*whole number of at least 1"):
        char_mlp("bad", **{size: value})
    with pytest.raises((TypeError, ValueError), match=f"{size} is .*whole number of at least 1"):
        deep_mlp(**{size: value})


@pytest.mark.parametrize("gain", [0, -1.0, float("nan")])
def test_a_gain_must_be_positive(gain):
    with pytest.raises(ValueError, match="gain is .*positive"):
        deep_mlp(gain=gain)


def test_a_fused_network_is_the_same_function_and_learns_the_same():
    contexts, targets = (part[:64] for part in load_splits().train)
    model = deep_mlp(generator=torch.Generator().manual_seed(0))
    model(contexts)  # moves the running statistics
    other = fused(copy.deepcopy(model))
    assert not any(isinstance(layer, BatchNorm1d) for layer in other)
    for mode in (True, False):
        losses = [cross_entropy(net.train(mode)(contexts), targets) for net in (model, other)]
        torch.testing.assert_close(*losses)
        gradients = [
            torch.autograd.grad(loss, tuple(net.parameters())) for loss, net in zip(losses, (model, other), strict=True)
        ]
        torch.testing.assert_close(*gradients)
    for mine, theirs in zip(model.buffers(), other.buffers(), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_a_variance_that_torch_does_not_have_is_not_fused():
    with pytest.raises(ValueError, match="unbiased_batch_variance"):
        fused(deep_mlp(unbiased_batch_variance=True))
