"""The small network that a learner's parts are plugged into, and what is looked at of it."""

import numpy as np
import pytest
import torch
from torch import nn

from bncourse import plugged

UNITS = plugged.UNITS


@pytest.fixture(scope="module")
def data() -> plugged.Data:
    return plugged.name_batches(np.random.default_rng(0), steps=4, new=50)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_layer_stands_between_the_hidden_weights_and_the_tanh_and_is_trained(data):
    layer = nn.BatchNorm1d(UNITS)
    network = plugged.with_layer(generator(), layer)
    contexts, _ = plugged.first_batch(data)
    h = network.activations(contexts)
    assert torch.equal(h, torch.tanh(layer(plugged.pre_activations(network, contexts))))
    assert all(any(p is other for other in network.parameters) for p in layer.parameters())


def test_a_right_gradient_keeps_its_promise_in_each_batch_and_a_wrong_one_in_none(data):
    class Half(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, dout):
            return dout / 2

    for follows, kept in ((torch.tanh, 1.0), (lambda pre: torch.tanh(Half.apply(pre)), 2.0)):
        network = plugged.one_hidden_layer(generator(), follows)
        below = [network.parameters[1]]
        before = below[0].detach().clone()
        found = plugged.kept_promises(network, data, below)
        assert found[0] == plugged.kept_promise(network, data, below)
        assert found == pytest.approx([kept] * 4, abs=0.1)
        assert torch.allclose(below[0], before, atol=1e-6)
    assert plugged.kept_promises(network, data, [torch.zeros(3, requires_grad=True)]) == [0.0] * 4


def test_alone_an_example_is_predicted_as_among_others_in_evaluation_only(data):
    layer = nn.BatchNorm1d(UNITS)
    network = plugged.with_layer(generator(), layer)
    plugged.train(network, network.parameters, data, lr=0.1)
    layer.eval()
    examples = plugged.new_examples(data, 20)
    assert plugged.change_alone(network, *examples) == pytest.approx(0, abs=1e-5)
    layer.train()
    with pytest.raises(ValueError, match="more than 1 value"):
        plugged.change_alone(network, *examples)


def test_losses_are_those_of_torch(data):
    network = plugged.one_hidden_layer(generator(), torch.tanh)
    contexts, targets = plugged.first_batch(data)
    logits = network(contexts)
    assert torch.allclose(
        plugged.losses_of(logits, targets), nn.functional.cross_entropy(logits, targets, reduction="none")
    )
    assert torch.allclose(plugged.cross_entropy(logits, targets), nn.functional.cross_entropy(logits, targets))
