"""Training and evaluation: the updates themselves, the record of them, and bad input."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from bncourse import layers
from bncourse.layers import BatchNorm1d
from bncourse.models import char_mlp, deep_mlp
from bncourse.names import Pairs, load_splits
from bncourse.training import History, calibrate, evaluate, train, train_together, two_rates


@pytest.fixture(scope="module")
def data():
    return Pairs(*(part[:2000] for part in load_splits().train))


def small_model(scheme="kaiming", seed=1):
    return char_mlp(scheme, hidden=20, generator=torch.Generator().manual_seed(seed))


def test_a_run_is_torch_sgd_on_the_drawn_batches(data):
    ours, theirs = small_model(), small_model()
    history = train(ours, data, 30, two_rates(30), generator=torch.Generator().manual_seed(7), progress=False)

    g = torch.Generator().manual_seed(7)
    optimizer = torch.optim.SGD(theirs.parameters())
    for step in range(30):
        optimizer.param_groups[0]["lr"] = 0.1 if step < 15 else 0.01
        batch = torch.randint(0, len(data.targets), (32,), generator=g)
        loss = cross_entropy(theirs(data.contexts[batch]), data.targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert history.losses[step] == pytest.approx(loss.item(), abs=1e-5)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b)
    assert history.rates == [0.1] * 15 + [0.01] * 15


def test_the_same_seeds_give_the_same_run(data):
    runs = [
        train(small_model(), data, 20, 0.1, generator=torch.Generator().manual_seed(3), progress=False) for _ in "ab"
    ]
    assert runs[0] == runs[1]


def test_training_lowers_the_loss(data):
    model = small_model("batchnorm")
    before = evaluate(model, data)
    train(model, data, 300, 0.1, progress=False)
    assert evaluate(model, data) < before - 0.3


def test_a_watcher_sees_gradients_before_the_update(data):
    model, seen = small_model(), []

    def watch(step, watched, lr):
        seen.append((step, lr, watched.hidden.weight.detach().clone(), watched.hidden.weight.grad.clone()))

    train(model, data, 2, 0.5, watch=watch, progress=False)
    assert [(step, lr) for step, lr, *_ in seen] == [(0, 0.5), (1, 0.5)]
    _, _, weight, gradient = seen[0]
    torch.testing.assert_close(weight - 0.5 * gradient, seen[1][2])


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def small_model_of_seed(seed):
    return small_model(seed=seed)


def fused_model(seed):
    model = small_model("batchnorm", seed)
    model.batchnorm = nn.BatchNorm1d(20)
    return model


def deep_model(seed):
    return deep_mlp(hidden=20, depth=3, generator=seeded(seed))


@pytest.mark.parametrize("make", [small_model_of_seed, deep_model, fused_model])
def test_networks_that_train_together_train_as_each_alone(data, make):
    rates = [0.1, two_rates(40, 0.3, 0.03), 0.02]
    alone, together = ([make(seed) for seed in range(3)] for _ in "ab")
    histories = train_together(
        together, data, 40, rates, batch_size=16, generators=[seeded(s) for s in range(3)], progress=False
    )
    for seed, (model, twin, rate, history) in enumerate(zip(alone, together, rates, histories, strict=True)):
        expected = train(model, data, 40, rate, batch_size=16, generator=seeded(seed), progress=False)
        assert history.losses == pytest.approx(expected.losses, abs=1e-4)
        assert history.rates == expected.rates
        assert twin.training
        for name, value in twin.state_dict().items():
            torch.testing.assert_close(value, model.state_dict()[name], atol=1e-4, rtol=1e-3)


def test_a_history_shows_itself_in_a_line(data):
    history = train(small_model(), data, 5, 0.1, progress=False)
    assert repr(history) == f"<History of 5 steps, losses {history.losses[0]:.4f} … {history.losses[-1]:.4f}>"
    assert repr(History()) == "<History of 0 steps>"


def test_one_rate_serves_all_networks_and_what_is_frozen_stays(data):
    models = [small_model(seed=seed) for seed in (1, 2)]
    before = [model.hidden.weight.detach().clone() for model in models]
    for model in models:
        model.hidden.weight.requires_grad_(False)
    histories = train_together(models, data, 5, 0.1, progress=False)
    assert all(history.rates == [0.1] * 5 for history in histories)
    for model, weight in zip(models, before, strict=True):
        assert torch.equal(model.hidden.weight, weight)
        assert model.output.weight.requires_grad
        assert model(data.contexts[:8]).requires_grad


def test_a_network_that_diverges_leaves_the_others_alone(data):
    wild, calm = small_model(seed=1), small_model(seed=2)
    twin = small_model(seed=2)
    train_together([wild, calm], data, 60, [1e6, 0.1], generators=[seeded(1), seeded(2)], progress=False)
    train(twin, data, 60, 0.1, generator=seeded(2), progress=False)
    assert not wild.output.weight.isfinite().all() or wild.output.weight.abs().max() > 1e3
    torch.testing.assert_close(calm.output.weight, twin.output.weight, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"models": []}, "no networks to train"),
        ({"models": [small_model(), small_model("batchnorm")]}, "network 1 differs from network 0"),
        ({"models": [small_model(), char_mlp("kaiming", hidden=21)]}, "network 1 differs from network 0"),
        ({"lr": [0.1]}, "there are 1 learning rates for 2 networks"),
        ({"lr": [0.1, -1]}, "lr is -1 at step 0; it must be a positive number"),
        ({"generators": [None] * 3}, "there are 3 generators for 2 networks"),
        ({"steps": 0}, "steps is 0"),
    ],
)
def test_what_cannot_train_together_is_refused_in_a_sentence(data, change, sentence):
    arguments = {"models": [small_model(), small_model()], "data": data, "steps": 2, "lr": 0.1, "progress": False}
    with pytest.raises(ValueError, match=sentence):
        train_together(**arguments | change)


def test_the_first_loss_of_a_uniform_model_is_the_log_of_27(data):
    model = small_model()
    nn.init.zeros_(model.output.weight)
    assert evaluate(model, data) == pytest.approx(math.log(27), abs=1e-6)


@pytest.mark.parametrize("scheme", ["kaiming", "batchnorm"])
@pytest.mark.parametrize("batch_size", [1, 7, 2000, 10_000])
def test_evaluation_does_not_depend_on_its_batches(data, scheme, batch_size):
    model = small_model(scheme)
    assert evaluate(model, data, batch_size) == pytest.approx(evaluate(model, data), abs=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_evaluation_leaves_the_model_as_it_was(data, training):
    model = small_model("batchnorm").train(training)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    evaluate(model, data)
    assert model.training is training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_smoothing_is_the_mean_of_whole_windows(data):
    history = train(small_model(), data, 25, 0.1, progress=False)
    expected = [sum(history.losses[:10]) / 10, sum(history.losses[10:20]) / 10]
    assert history.smoothed(10).tolist() == pytest.approx(expected)
    for window in (0, 26):
        with pytest.raises(ValueError, match=f"window is {window}; the run has 25 steps"):
            history.smoothed(window)


@pytest.mark.parametrize("steps", [0, -5, 2.0, True])
def test_steps_must_be_positive(data, steps):
    with pytest.raises((TypeError, ValueError), match="steps is .*at least 1"):
        train(small_model(), data, steps, 0.1, progress=False)


@pytest.mark.parametrize("lr", [0, -0.1, math.nan, math.inf])
def test_the_learning_rate_must_be_positive(data, lr):
    with pytest.raises(ValueError, match="lr is .* at step 0; it must be a positive number"):
        train(small_model(), data, 5, lr, progress=False)


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_must_have_a_size(data, batch_size):
    with pytest.raises((TypeError, ValueError), match="batch_size is .*at least 1"):
        train(small_model(), data, 5, 0.1, batch_size, progress=False)
    with pytest.raises((TypeError, ValueError), match="batch_size is .*at least 1"):
        evaluate(small_model(), data, batch_size)


def test_no_data_is_refused():
    nothing = Pairs(torch.empty(0, 3, dtype=torch.int64), torch.empty(0, dtype=torch.int64))
    with pytest.raises(ValueError, match="no pairs to train on"):
        train(small_model(), nothing, 5, 0.1)
    with pytest.raises(ValueError, match="no pairs to evaluate on"):
        evaluate(small_model(), nothing)


def test_a_batch_of_one_cannot_train_a_batchnorm(data):
    with pytest.raises(ValueError, match="one value per channel|more than one|at least 2|at least two"):
        train(small_model("batchnorm"), data, 1, 0.1, batch_size=1, progress=False)


def test_a_long_run_shows_a_bar_in_a_terminal_and_none_in_the_book(data, monkeypatch, capsys):
    train(small_model(), data, 5, 0.1)
    assert "training" in capsys.readouterr().err
    train(small_model(), data, 5, 0.1, progress=False)
    monkeypatch.setenv("BNCOURSE_BOOK", "1")
    train(small_model(), data, 5, 0.1)
    assert capsys.readouterr().err == ""


def test_calibration_stores_the_statistics_of_all_the_data(data):
    model = small_model("batchnorm").eval()
    calibrate(model, data)
    assert not model.training
    assert model.batchnorm.momentum == 0.001
    with torch.no_grad():
        model(data.contexts)
    values = model.hidden.out
    torch.testing.assert_close(model.batchnorm.running_mean, values.mean(0), rtol=0, atol=1e-5)
    torch.testing.assert_close(model.batchnorm.running_var, values.var(0, unbiased=True), rtol=1e-5, atol=0)
    with pytest.raises(ValueError, match="no BatchNorm"):
        calibrate(small_model("kaiming"), data)


def mixed_model():
    """BatchNorms of both libraries, a layer whose statistics are not BatchNorm's, and a Dropout."""
    return nn.Sequential(
        small_model()[:3],
        BatchNorm1d(20),
        nn.Dropout(0.5),
        nn.Linear(20, 20),
        nn.BatchNorm1d(20, momentum=0.3),
        nn.Unflatten(1, (4, 5)),
        nn.InstanceNorm1d(4, track_running_stats=True),
        nn.Flatten(),
        nn.BatchNorm1d(20, track_running_stats=False),
    )


def test_calibration_treats_torch_s_batchnorms_as_ours_and_leaves_other_layers_alone(data):
    model = mixed_model().train()
    model[1].running_mean.fill_(math.nan)  # as after a run that diverged
    model[4].eval()  # a mode of its own
    modes = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model[6].state_dict().items()}
    calibrate(model, data)
    assert [module.training for module in model.modules()] == modes
    assert (model[1].momentum, model[4].momentum) == (0.1, 0.3)
    assert all(torch.equal(before[name], value) for name, value in model[6].state_dict().items())
    with torch.no_grad():
        x = model[0](data.contexts)
        for layer in (model[1], model[4]):
            torch.testing.assert_close(layer.running_mean, x.mean(0), rtol=0, atol=1e-5)
            # In the pass the first layer normalised with the biased variance, and now with the unbiased one.
            torch.testing.assert_close(layer.running_var, x.var(0), rtol=1.1 / len(x), atol=0)
            x = model[3](layer.eval()(x))


def test_a_calibration_that_fails_changes_nothing(data):
    model = small_model("batchnorm")
    train(model, data, 3, 0.1, progress=False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match="Linear was given an input of shape"):
        calibrate(nn.Sequential(model, layers.Linear(5, 2)), data)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.batchnorm.momentum == 0.001
    with pytest.raises(ValueError, match="no pairs to calibrate with"):
        calibrate(model, Pairs(data.contexts[:0], data.targets[:0]))


def test_evaluation_restores_the_mode_of_every_layer(data):
    model = small_model("batchnorm").train()
    model.batchnorm.eval()
    evaluate(model, data)
    assert model.hidden.training
    assert not model.batchnorm.training
