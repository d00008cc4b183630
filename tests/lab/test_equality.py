"""The engine gives PyTorch's numbers: drawn states of every kind, run in node and by ``lab.reference``."""

import os
import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pytest
import torch

from bncourse.lab import make_state, presets, reference
from bncourse.lab.reference import observe
from bncourse.lab.state import State
from bncourse.models import SCHEMES, char_mlp, deep_mlp
from lab.engine import Engine
from lab.states import draw_settings

# Other states: LAB_SEED=5 LAB_STATES=500 pytest tests/lab/test_equality.py
SEED = int(os.environ.get("LAB_SEED", "1"))
STATES = int(os.environ.get("LAB_STATES", "200"))
DOUBLE_STATES = max(50, STATES // 4)
STEPS = 50
TWINS = 20
"""At most; most states need none, and nearly all others one."""

AGREED = {"float32": 1e-5, "float64": 1e-9}
"""Relative to the loss where that is above 1: a float32 near 30 has a unit in the last place of 2e-6."""

PARTED = 0.01
"""In the same measure: where runs of torch that differ in a last digit are further apart, the laboratory says that
twins have parted, and no curve can be compared any more."""


class Comparison(NamedTuple):
    """How far the engine is from torch at each step, and how far rounding alone carries torch from itself."""

    distance: np.ndarray
    allowed: np.ndarray
    losses: np.ndarray


def compare(engine: Engine, state: State, network: str = "A", **how: bool) -> Comparison:
    """Run a network of a state in both; parameters at the start and minibatches must be the same."""
    run = observe(state, network=network, steps=STEPS)
    found = engine.run(state, STEPS, **how)[network.lower()]
    precision = (state.a if network == "A" else state.b)["precision"]
    assert set(found["parameters"]) == set(run.parameters)
    for name, parameter in run.parameters.items():
        expected = parameter.numpy().ravel()
        np.testing.assert_array_max_ulp(found["parameters"][name], expected, maxulp=2, dtype=precision)
    assert found["minibatches"] == run.minibatches

    losses = np.array(run.losses)
    distance = np.abs(np.array(found["losses"]) - losses)
    allowed = agreed = AGREED[precision] * np.maximum(1, losses)
    runs = [run.losses]
    others = twins(state, network, run.parameters)
    while True:
        # A run that explodes is compared until its loss is a thousand times the first.
        sane = np.logical_and.accumulate(np.isfinite(allowed) & (losses < 1000 * max(1, losses[0])))
        twin = None if (distance[sane] <= allowed[sane]).all() else next(others, None)
        if twin is None:
            break
        runs.append(twin)
        # At a single step two runs may happen to be close: what counts is how far apart torch's own have been.
        apart = np.maximum.accumulate(np.ptp(runs, axis=0))
        allowed = np.where(apart <= PARTED * np.maximum(1, losses), np.maximum(agreed, 3 * apart), np.inf)
    return Comparison(distance[sane], allowed[sane], losses[sane])


def twins(state: State, network: str, parameters: Mapping[str, torch.Tensor]) -> Iterator[list[float]]:
    """Losses of torch when one number moves by one unit in the last place, and of torch in double precision.

    The numbers of the embedding come first: everything depends on them. A weight between two layers often moves
    nothing, because its unit in the last place is lost in the rounding of the sum that it is added to.
    """
    double = State(*({**s, "precision": "float64"} if s else None for s in (state.a, state.b)))
    yield reference(state, network=network, steps=STEPS, twin=("embedding.weight", 0))
    if state.a["precision"] == "float32":
        yield reference(double, network=network, steps=STEPS)
    size = parameters["embedding.weight"].numel()
    places = [("embedding.weight", part * size // (TWINS // 2)) for part in range(1, TWINS // 2)]
    places += [(name, part * len(parameters[name].view(-1)) // 3) for part in range(3) for name in parameters]
    for name, position in places[: TWINS - 1]:
        yield reference(state, network=network, steps=STEPS, twin=(name, position))


def check(comparison: Comparison) -> None:
    distance, allowed, _ = comparison
    assert (distance <= allowed).all(), (distance / allowed).max()


@pytest.mark.parametrize("part", range(8))
def test_drawn_states_agree(engine, part):
    rng = random.Random(f"{SEED}-{part}")
    count = STATES // 8
    steps = equal_at_first = 0
    for _ in range(count):
        comparison = compare(engine, make_state(draw_settings(rng)))
        check(comparison)
        steps += len(comparison.losses)
        equal_at_first += comparison.distance[0] <= AGREED["float32"] * comparison.losses[0]
    assert steps > 0.8 * STEPS * count  # explosions are rare
    assert equal_at_first == count


def test_drawn_states_agree_in_double_precision(engine):
    rng = random.Random(f"{SEED}-double")
    for _ in range(DOUBLE_STATES):
        check(compare(engine, make_state(draw_settings(rng, precision="float64"))))


def test_plain_arithmetic_agrees_too(engine):
    rng = random.Random(f"{SEED}-plain")
    for _ in range(10):
        check(compare(engine, make_state(draw_settings(rng)), accelerated=False))


def test_second_network_sees_the_minibatches_of_the_first(engine):
    state = make_state({"a": {"net": "deep", "depth": 3, "width": 20}, "b": {"depth": 6, "bn": "before"}})
    check(compare(engine, state, "B"))
    found = engine.run(state, 5)
    assert found["a"]["minibatches"] == found["b"]["minibatches"]
    other = make_state({"a": {}, "b": {"seed": 5}})
    check(compare(engine, other, "B"))
    found = engine.run(other, 5)
    assert found["a"]["minibatches"] != found["b"]["minibatches"]


@pytest.mark.parametrize("depth", [20, 50])
def test_deep_networks_agree(engine, depth):
    for batchnorm in ("off", "before"):
        settings = {"net": "deep", "depth": depth, "bn": batchnorm, "residual": batchnorm == "off"}
        check(compare(engine, make_state(settings)))


@pytest.mark.parametrize(
    ("settings", "first_loss"),
    [
        ({"init": "normal"}, 27.8817),
        ({"init": "fixed-output"}, 3.3221),
        ({"init": "fixed-tanh"}, 3.3135),
        ({"init": "kaiming"}, 3.3179),
        ({"init": "kaiming", "bn": "before", "variance": "unbiased", "eps": 1e-12}, 3.3147),
        ({"init": "kaiming", "bn": "before"}, 3.3149),
    ],
)
def test_first_losses_of_the_course(engine, settings, first_loss):
    state = make_state({**settings, "seed": 2147483647})
    assert engine.run(state, 1)["a"]["losses"][0] == pytest.approx(first_loss, abs=5e-5)
    assert reference(state, steps=1)[0] == pytest.approx(first_loss, abs=5e-5)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_reference_starts_as_the_course_does(scheme):
    settings = {"init": {"bad": "normal", "batchnorm": "kaiming"}.get(scheme, scheme)}
    if scheme == "batchnorm":
        settings |= {"bn": "before", "bias": True, "momentum": 0.001}
    run = observe(settings, steps=1)
    model = char_mlp(scheme, generator=torch.Generator().manual_seed(2147483647))
    expected = list(model.parameters())
    assert all(torch.equal(p, q) for p, q in zip(run.parameters.values(), expected, strict=True))


@pytest.mark.parametrize("batchnorm", [True, False])
def test_reference_of_the_deep_network_starts_as_the_course_does(batchnorm):
    settings = {"net": "deep", "depth": 4, "init": "gain", "gain": 1.5, "bn": "before" if batchnorm else "off"}
    run = observe(settings, steps=1)
    generator = torch.Generator().manual_seed(2147483647)
    model = deep_mlp(depth=4, gain=1.5, batchnorm=batchnorm, generator=generator)
    expected = list(model.parameters())
    assert all(torch.equal(p, q) for p, q in zip(run.parameters.values(), expected, strict=True))


def test_evaluation_agrees(engine):
    rng = random.Random(f"{SEED}-evaluation")
    for _ in range(12):
        settings = {**draw_settings(rng), "lr": 0.05, "rates": [], "init": "lecun", "eps": 1e-3, "batch": 32}
        state = make_state(settings)
        found = engine.run(state, 20, evaluate=True)["a"]
        run = observe(state, steps=20)
        assert found["dev"] == pytest.approx(run.dev_loss(), rel=1e-4)
        assert len(found["names"]) == 10


def test_every_experiment_agrees(engine):
    for name in presets():
        state = make_state(name)
        for network in ("A", "B") if state.b else ("A",):
            comparison = compare(engine, state, network)
            settings = state.a if network == "A" else state.b
            if settings["bn"] != "off" and settings["batch"] < 8:
                assert comparison.distance[0] <= 1e-5 * comparison.losses[0]
            else:
                check(comparison)


def test_small_batches_through_batchnorm_start_alike(engine):
    rng = random.Random(f"{SEED}-small")
    for _ in range(10):
        settings = {**draw_settings(rng), "net": "mlp", "bn": "before", "batch": rng.choice([2, 3])}
        state = make_state(settings)
        expected = reference(state, steps=1)
        assert engine.run(state, 1)["a"]["losses"] == pytest.approx(expected, rel=1e-5)
