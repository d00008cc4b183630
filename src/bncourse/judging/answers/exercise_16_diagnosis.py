"""Answers of assignment 16: the vital signs of a network, the name of its fault, and a cure."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable
from functools import partial, partialmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bncourse.faulty import FAULTS, Network
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake
from bncourse.observing.tasks import exercise_16_diagnosis as tasks

__all__ = ["cure", "diagnose", "vital_signs"]

Signs = dict[str, Any]


def is_norm(layer: nn.Module) -> bool:
    """Whether a layer keeps a running mean."""
    return hasattr(layer, "running_mean")


class Measurement:
    """One forward and one backward pass with a copy of a network; each sign is a method, so that a mistake is one."""

    def __call__(self, network: Network, x: Tensor, y: Tensor) -> Signs:
        """Return the six signs."""
        self.network = self.taken(network)
        self.before = [self.kept(layer.running_mean) if is_norm(layer) else None for layer in self.network.layers]
        self.flow = [x]
        for layer in self.network.layers:
            self.flow.append(layer(self.flow[-1]))
        loss = cross_entropy(self.flow[-1], y, reduction=self.reduction)
        self.gradients = torch.autograd.grad(loss, self.flow[1:], retain_graph=True)
        weights = [layer.weight for layer in self.network.layers if isinstance(layer, nn.Linear)]
        slopes = torch.autograd.grad(loss, weights)
        layers = list(enumerate(self.network.layers))
        norms = self.norms([number for number, layer in layers if is_norm(layer)])
        signs = {
            "loss": loss.item(),
            "saturated": [
                self.saturated(self.flow[n + 1].detach()) for n, layer in layers if isinstance(layer, nn.Tanh)
            ],
            "mean": [self.mean(n) for n in norms],
            "moved": [self.moved(n) for n in norms],
            "gradient": [self.gradient(n) for n in norms],
            "update": [self.update(w.detach(), g, self.network.lr) for w, g in zip(weights, slopes, strict=True)],
        }
        return self.result(signs)

    reduction = "mean"

    def taken(self, network: Network) -> Network:
        """A copy, which the measurement may change."""
        return copy.deepcopy(network)

    def kept(self, running_mean: Tensor) -> Tensor:
        """What is kept of a running mean from before the pass."""
        return running_mean.clone()

    def norms(self, numbers: list[int]) -> list[int]:
        """The normalisations that are looked at."""
        return numbers

    def saturated(self, h: Tensor) -> float:
        """Share of |h| > 0.97."""
        return (h.abs() > 0.97).float().mean().item()

    def mean(self, number: int) -> float:
        """Largest absolute mean over the batch of a unit's output."""
        return self.flow[number + 1].detach().mean(0).abs().max().item()

    def moved(self, number: int) -> float:
        """How far the running mean moved, over how far away the batch's mean was."""
        old = self.before[number]
        gap = self.flow[number].detach().mean(0) - old
        return ((self.network.layers[number].running_mean - old).norm() / gap.norm()).item()

    def gradient(self, number: int) -> float:
        """Largest absolute mean over the batch of the gradient of a unit's input, over the std of all."""
        gradient = self.gradients[number - 1]
        return (gradient.mean(0).abs().max() / gradient.std()).item()

    def update(self, weight: Tensor, gradient: Tensor, lr: float) -> float:
        """log10 of the std of the first step over the std of the weights."""
        return math.log10(lr * gradient.std().item() / weight.std().item())

    def result(self, signs: Signs) -> Any:
        """What is returned."""
        return signs


def measured(network: Network, x: Tensor, y: Tensor) -> Signs:
    """Return the six signs."""
    return Measurement()(network, x, y)


def variant(name: str, hint: str, *changes: dict[str, Any], loose: bool = False) -> Mistake:
    """Return a mistake: measurements in which these members differ."""
    ways = [calling(type("Wrong", (Measurement,), change)) for change in changes]
    return Mistake(name, hint, *ways, loose=loose)


class InPlace(Measurement):
    """Measures with the network itself."""

    def taken(self, network: Network) -> Network:
        """The network itself."""
        return network


class InTraining(Measurement):
    """Switches a copy to training mode first."""

    def taken(self, network: Network) -> Network:
        """A copy in training mode."""
        return copy.deepcopy(network).train()


class InEvaluation(Measurement):
    """Switches a copy to evaluation mode first."""

    def taken(self, network: Network) -> Network:
        """A copy in evaluation mode."""
        return copy.deepcopy(network).eval()


class Entering(Measurement):
    """Looks for saturation in what goes into a Tanh."""

    def saturated(self, h: Tensor) -> float:
        """Share of the pre-activations beyond ±0.97."""
        return (h.abs() > math.tanh(0.97)).float().mean().item()


def calling(kind: type[Measurement]) -> Callable:
    """Return a function that measures in this way."""
    return lambda network, x, y: kind()(network, x, y)


def in_place_training(network: Network, x: Tensor, y: Tensor) -> Signs:
    """Measures with the network itself after a call of train()."""
    return InPlace()(network.train(), x, y)


def hooked(network: Network, x: Tensor, y: Tensor) -> Signs:
    """Measures, and leaves a hook on each layer."""
    signs = measured(network, x, y)
    for layer in network.layers:
        layer.register_forward_hook(lambda *_: None)
    return signs


def trained_then(measuring: Callable[[Network, Tensor, Tensor], Signs]) -> Callable[[Network, Tensor, Tensor], str]:
    """Return a function that calls train() of the network itself, and decides by what it measures then."""
    return lambda network, x, y: decided(measuring(network.train(), x, y))


UNDECIDED = "How a network differs from a healthy one has to be measured in the modes in which it was handed to you."
TRAIN = f"`train()` switches every layer, the one with the fault too. {UNDECIDED}"
EVAL = f"After `eval()` no layer looks at the batch any more. {UNDECIDED}"

vital_signs = Check(
    tasks.vital_signs,
    right=measured,
    wrong=(
        Mistake(
            "network-changed",
            """A forward pass in training mode moves the running statistics: measure a `copy.deepcopy` of the network,
            or put back what the measurement has changed.""",
            calling(InPlace),
        ),
        Mistake(
            "hook-left-behind",
            """A hook that stays is called in every later pass too: keep what `register_forward_hook` returns, and
            call its `remove()`.""",
            hooked,
        ),
        Mistake(
            "mode-switched",
            TRAIN,
            calling(InTraining),
            in_place_training,
        ),
        Mistake(
            "evaluation-mode",
            EVAL,
            calling(InEvaluation),
        ),
        variant(
            "one-norm-only",
            "There are two normalisations, and either can have the fault: each list has one number per layer.",
            {"norms": lambda self, numbers: numbers[:1]},
            {"norms": lambda self, numbers: numbers[1:]},
        ),
        variant(
            "positive-half-only",
            "A tanh saturates at two ends: what about an activation of −1?",
            {"saturated": lambda self, h: (h > 0.97).float().mean().item()},
        ),
        variant(
            "another-threshold",
            "Saturated means here beyond ±0.97: does yours use another threshold?",
            {"saturated": lambda self, h: (h.abs() > 0.99).float().mean().item()},
            {"saturated": lambda self, h: (h.abs() > 0.95).float().mean().item()},
            {"saturated": lambda self, h: (h.abs() > 0.9).float().mean().item()},
        ),
        variant(
            "saturated-percent",
            "A share lies between 0 and 1: this one is in per cent.",
            {"saturated": lambda self, h: 100 * (h.abs() > 0.97).float().mean().item()},
        ),
        variant(
            "mean-with-its-sign",
            "Means of both signs are far from 0: the largest *absolute* mean is asked for.",
            {"mean": lambda self, n: self.flow[n + 1].mean(0).max().item()},
            {"mean": lambda self, n: (-self.flow[n + 1].mean(0)).max().item()},
        ),
        variant(
            "mean-of-everything",
            """Units with means of 1 and −1 average to 0: take the mean of each unit over the batch first, and then the
            largest absolute one.""",
            {"mean": lambda self, n: self.flow[n + 1].mean().abs().item()},
            {"mean": lambda self, n: self.flow[n + 1].mean().item()},
            {"mean": lambda self, n: self.flow[n + 1].mean(0).abs().mean().item()},
        ),
        variant(
            "mean-over-the-units",
            "The mean over the batch has one number per unit: over which dimension was yours taken?",
            {"mean": lambda self, n: self.flow[n + 1].mean(1).abs().max().item()},
        ),
        variant(
            "mean-of-the-input",
            "This is the mean of what goes *into* the normalisation: what comes out of it is asked for.",
            {"mean": lambda self, n: self.flow[n].mean(0).abs().max().item()},
        ),
        variant(
            "moved-by-how-much",
            """How far the running mean moves depends on how far away the batch's mean is: divide one distance by the
            other.""",
            {"moved": lambda self, n: (self.network.layers[n].running_mean - self.before[n]).norm().item()},
        ),
        variant(
            "running-mean-not-copied",
            """'moved' is 0 in every Norm, or not a number: does the layer change the tensor in which you kept the
            running mean from before the pass?""",
            {"kept": lambda self, running_mean: running_mean},
            {"moved": lambda self, n: 0.0},
        ),
        variant(
            "way-from-zero",
            """The running mean need not be 0 before the pass: both distances are measured from where it was.""",
            {
                "moved": lambda self, n: (
                    (self.network.layers[n].running_mean - self.before[n]).norm() / self.flow[n].mean(0).norm()
                ).item()
            },
            {
                "moved": lambda self, n: (
                    self.network.layers[n].running_mean.norm() / self.flow[n].mean(0).norm()
                ).item()
            },
        ),
        variant(
            "way-that-is-left",
            "This is the share of the way that is left after the step: how large is the share that was made?",
            {
                "moved": lambda self, n: (
                    (self.flow[n].mean(0) - self.network.layers[n].running_mean).norm()
                    / (self.flow[n].mean(0) - self.before[n]).norm()
                ).item()
            },
        ),
        variant(
            "towards-the-output",
            "The running mean follows the mean of what goes into the layer, and not of what comes out of it.",
            {
                "moved": lambda self, n: (
                    (self.network.layers[n].running_mean - self.before[n]).norm()
                    / (self.flow[n + 1].mean(0) - self.before[n]).norm()
                ).item()
            },
        ),
        variant(
            "gradient-of-the-output",
            """This is the gradient that *arrives* at the normalisation: what the layer passes on to its input shows
            whether it goes through the statistics.""",
            {"gradient": lambda self, n: (self.gradients[n].mean(0).abs().max() / self.gradients[n].std()).item()},
        ),
        variant(
            "gradient-without-a-scale",
            "Gradients may be small because the loss is: divide by the standard deviation of all of them.",
            {"gradient": lambda self, n: self.gradients[n - 1].mean(0).abs().max().item()},
        ),
        variant(
            "gradient-of-everything",
            "The units' gradients have both signs: take the mean of each unit over the batch first.",
            {"gradient": lambda self, n: (self.gradients[n - 1].mean().abs() / self.gradients[n - 1].std()).item()},
        ),
        variant(
            "gradient-over-the-units",
            "BatchNorm removes the mean over the *batch* from each unit's gradient: over which dimension was yours?",
            {
                "gradient": lambda self, n: (
                    self.gradients[n - 1].mean(1).abs().max() / self.gradients[n - 1].std()
                ).item()
            },
        ),
        variant(
            "natural-logarithm",
            "The logarithm to base 10 is asked for: −3 means a thousandth.",
            {"update": lambda self, w, g, lr: math.log(lr * g.std() / w.std())},
        ),
        variant(
            "no-logarithm",
            "This is the ratio itself: its logarithm to base 10 is asked for.",
            {"update": lambda self, w, g, lr: (lr * g.std() / w.std()).item()},
        ),
        variant(
            "learning-rate-forgotten",
            "This compares the gradient with the weights: the step is the gradient times the learning rate.",
            {"update": lambda self, w, g, lr: math.log10(g.std() / w.std())},
        ),
        variant(
            "upside-down",
            "The step stands above and the weights below: a small step gives a negative logarithm.",
            {"update": lambda self, w, g, lr: -math.log10(lr * g.std() / w.std())},
        ),
        variant(
            "norms-for-stds",
            "This divides norms: the assignment asks for standard deviations, which ignore the mean.",
            {"update": lambda self, w, g, lr: math.log10(lr * g.norm() / w.norm())},
        ),
        variant(
            "sum-for-mean",
            "The loss of a batch is the *mean* over its examples: its gradient is smaller by their number.",
            {"reduction": "sum"},
        ),
        variant(
            "key-missing",
            "The keys are 'loss', 'saturated', 'mean', 'moved', 'gradient' and 'update', spelt exactly so.",
            {"result": lambda self, signs: {}},
            loose=True,
        ),
        variant(
            "not-a-dictionary",
            "The signs are to come back under names: build a dict with the six keys.",
            {"result": lambda self, signs: list(signs.values())},
            loose=True,
        ),
    ),
)


def decided(
    signs: Signs,
    order: tuple[str, ...] = ("mode", "momentum", "axis", "gradient", "initialisation", "learning rate"),
    most: float = 1 / 3,
) -> str:
    """Return the first fault, in this order, that the signs speak for; ``most`` may be saturated."""
    moved, update = signs["moved"], signs["update"]
    speaks_for = {
        "mode": min(moved) < 1e-6,
        "momentum": min(moved) < 0.02 or max(moved) > 0.5,
        "axis": max(signs["mean"]) > 0.05,
        "gradient": max(signs["gradient"]) > 1e-3,
        "initialisation": signs["loss"] > 3 or max(signs["saturated"]) > most,
        "learning rate": max(update) < -3.2 or max(update) > 0,
    }
    return next((fault for fault in order if speaks_for[fault]), "healthy")


MEASURED: dict[tuple, Signs] = {}
MOST_MEASURED = 256


def signs_of(network: Network, x: Tensor, y: Tensor) -> Signs:
    """Return the signs of a network that was just drawn; each is measured once, for all the mistakes that are tried."""
    key = (x.numpy().tobytes(), network.lr, *map(identity_of, network.layers))
    if key not in MEASURED:
        if len(MEASURED) >= MOST_MEASURED:
            MEASURED.clear()
        MEASURED[key] = measured(network, x, y)
    return MEASURED[key]


def identity_of(layer: nn.Module) -> tuple:
    """Return what two drawn layers that behave alike have in common: mode, sums of parameters, and their recipe."""
    # Behind torch.no_grad() stands the function that has the numbers in its closure.
    recipe = [inspect.unwrap(getattr(layer, name)) for name in ("_of_batch", "_follow") if hasattr(layer, name)]
    cells = [cell.cell_contents for function in recipe for cell in function.__closure__ or ()]
    sums = [p.sum().item() for p in layer.parameters()]
    return layer.training, *sums, *(function.__code__ for function in recipe), *cells


def named(network: Network, x: Tensor, y: Tensor) -> str:
    """Return the fault of a network, or 'healthy'."""
    return decided(signs_of(network, x, y))


def naming(name: str, hint: str, *ways: Callable[[Signs], Any]) -> Mistake:
    """Return a mistake: functions from the signs to a name."""
    return Mistake(name, hint, *(lambda network, x, y, way=way: way(signs_of(network, x, y)) for way in ways))


def first_norm(signs: Signs, which: slice) -> Signs:
    """Return the signs of one normalisation only."""
    return signs | {key: signs[key][which] for key in ("mean", "moved", "gradient")}


def without(*left_out: str) -> tuple[str, ...]:
    """Return the order of the right decision without some of the faults."""
    order = ("mode", "momentum", "axis", "gradient", "initialisation", "learning rate")
    return tuple(fault for fault in order if fault not in left_out)


def calling_last_linear(signs: Signs, name: str | None) -> str | None:
    """Return the right name, or this one where the last Linear has weights that are too large."""
    found = decided(signs)
    return name if found == "initialisation" and max(signs["saturated"]) <= 1 / 3 else found


FORGOTTEN = "A network with the fault {} is called something else: which of the six signs differs there, and from what?"

diagnose = Check(
    tasks.diagnose,
    by_words=True,
    right=named,
    wrong=(
        naming(
            "healthy-network-accused",
            "One of the networks has no fault: no rule may apply to a healthy network, and then the answer "
            "is 'healthy'.",
            lambda signs: found if (found := decided(signs)) != "healthy" else "learning rate",
            lambda signs: found if (found := decided(signs)) != "healthy" else "initialisation",
            lambda signs: found if (found := decided(signs)) != "healthy" else "gradient",
            lambda signs: found if (found := decided(signs)) != "healthy" else None,
        ),
        Mistake(
            "saturation-before-the-tanh",
            "What goes into a Tanh is beyond 0.97 in healthy networks too: saturated is what comes *out* of it.",
            lambda network, x, y: decided(Entering()(network, x, y)),
            lambda network, x, y: decided(Entering()(network, x, y), most=0.4),
        ),
        Mistake(
            "mode-switched",
            TRAIN,
            lambda network, x, y: decided(InTraining()(network, x, y)),
            trained_then(measured),
            trained_then(calling(InPlace)),
        ),
        Mistake(
            "evaluation-mode",
            EVAL,
            lambda network, x, y: decided(measured(network.eval(), x, y)),
        ),
        naming(
            "gradient-before-axis",
            """Whoever normalises over another axis also lets a mean gradient through: look at the output's mean first,
            and at the gradient only where that mean is 0.""",
            lambda signs: decided(signs, ("mode", "momentum", "gradient", "axis", "initialisation", "learning rate")),
        ),
        naming(
            "axis-before-mode",
            """In evaluation mode the output is not centred either: what does the running mean do in a layer that is in
            evaluation mode, and what in one with the wrong axis?""",
            lambda signs: decided(signs, ("axis", "mode", "momentum", "gradient", "initialisation", "learning rate")),
            lambda signs: decided(signs, ("axis", "gradient", "mode", "momentum", "initialisation", "learning rate")),
        ),
        naming(
            "gradient-before-mode",
            """A layer in evaluation mode uses constants, so no gradient goes through statistics there either: look
            first at what the running mean does.""",
            lambda signs: decided(signs, ("gradient", "mode", "momentum", "axis", "initialisation", "learning rate")),
            lambda signs: decided(signs, ("gradient", "axis", "mode", "momentum", "initialisation", "learning rate")),
        ),
        naming(
            "momentum-before-mode",
            "A running mean that does not move at all is not a small momentum: which of the two does your rule name?",
            lambda signs: decided(signs, ("momentum", "mode", "axis", "gradient", "initialisation", "learning rate")),
            lambda signs: decided(signs, without("mode")),
        ),
        naming(
            "learning-rate-before-initialisation",
            """In a layer with weights that are far too large the update is small beside them, too: the learning rate is
            the same for all layers, so ask for all of them.""",
            lambda signs: (
                "learning rate"
                if min(signs["update"]) < -3.2 and decided(signs) == "initialisation"
                else decided(signs)
            ),
        ),
        naming(
            "first-norm-only",
            "The fault may lie in the second normalisation: look at all numbers of a list.",
            lambda signs: decided(first_norm(signs, slice(0, 1))),
        ),
        naming(
            "last-norm-only",
            "The fault may lie in the first normalisation: look at all numbers of a list.",
            lambda signs: decided(first_norm(signs, slice(1, 2))),
        ),
        naming(
            "small-momentum-only",
            "A running mean that jumps all the way to the last batch has the wrong momentum, too.",
            lambda signs: decided(signs | {"moved": [min(m, 0.1) for m in signs["moved"]]}),
        ),
        naming(
            "large-momentum-only",
            "A running mean that moves by a thousandth of the way has the wrong momentum, too.",
            lambda signs: decided(signs | {"moved": [0.1 if 1e-6 < m < 0.1 else m for m in signs["moved"]]}),
        ),
        naming(
            "large-learning-rate-only",
            "A learning rate can also be too small: then every layer's update is tiny beside its weights.",
            lambda signs: decided(signs | {"update": [max(u, -2.0) for u in signs["update"]]}),
        ),
        naming(
            "small-learning-rate-only",
            "A learning rate can also be too large: then one step is as large as the weights themselves.",
            lambda signs: decided(signs | {"update": [min(u, -2.0) for u in signs["update"]]}),
        ),
        naming(
            "saturation-only",
            """A network in whose last Linear the weights are too large gets another name. No tanh follows that layer,
            so nothing saturates: which sign shows it, and does another of your rules apply before that one?""",
            lambda signs: decided(signs | {"loss": 1.6}),
            # What else such a network is called depends on the thresholds of the rules below.
            *(partial(calling_last_linear, name=name) for name in ("healthy", "learning rate", None)),
        ),
        naming(
            "first-loss-only",
            "A layer far from the output can be badly initialised while the first loss is normal: which sign shows it?",
            lambda signs: decided(signs | {"saturated": [0.0]}),
        ),
        *(
            naming(
                f"{fault.replace(' ', '-')}-not-found",
                FORGOTTEN.format(repr(fault)),
                partial(decided, order=without(fault)),
            )
            for fault in ("gradient", "momentum", "initialisation", "learning rate")
        ),
        Mistake(
            "names-of-its-own",
            "The answer is one of the names in the assignment's table, spelt exactly so.",
            lambda network, x, y: "",
            loose=True,
        ),
        naming(
            "always-the-same",
            "Every network gets the same answer: on what does it depend?",
            *(lambda signs, f=f: f for f in (*FAULTS, "healthy")),
        ),
    ),
)


class Cure:
    """Finds the fault and treats it; each treatment is a method, so that a mistake is one."""

    def __call__(self, network: Network, x: Tensor, y: Tensor) -> None:
        """Treat the network in place."""
        signs = signs_of(network, x, y)
        fault = self.fault(signs)
        norms = [number for number, layer in enumerate(network.layers) if is_norm(layer)]
        by_fault = {
            "mode": lambda moved, mean, gradient: moved < 1e-6,
            "momentum": lambda moved, mean, gradient: not 0.02 < moved < 0.5,
            "axis": lambda moved, mean, gradient: mean > 0.05,
            "gradient": lambda moved, mean, gradient: gradient > 1e-3,
        }
        if fault in by_fault:
            faulty = [
                number
                for number, *numbers in zip(norms, signs["moved"], signs["mean"], signs["gradient"], strict=True)
                if by_fault[fault](*numbers)
            ]
            for number in self.chosen(faulty, norms):
                self.treat_norm(network, number, fault)
        elif fault == "initialisation":
            self.treat_weights(network, 0 if max(signs["saturated"]) > 1 / 3 else len(network.layers) - 1)
        elif fault == "learning rate":
            self.treat_rate(network, signs["update"])

    def fault(self, signs: Signs) -> str:
        """Name the fault."""
        return decided(signs)

    def chosen(self, faulty: list[int], norms: list[int]) -> list[int]:
        """Choose the normalisations that are treated."""
        return faulty

    def treat_norm(self, network: Network, number: int, fault: str) -> None:
        """Switch a layer to training mode, or put a new BatchNorm in its place."""
        if fault == "mode":
            network.layers[number].train()
        else:
            network.layers[number] = nn.BatchNorm1d(len(network.layers[number].running_mean))

    @torch.no_grad()
    def treat_weights(self, network: Network, number: int) -> None:
        """Give a Linear new weights N(0, 1 / fan_in)."""
        weight = network.layers[number].weight
        weight.normal_(0, weight.shape[1] ** -0.5)

    def treat_rate(self, network: Network, update: list[float]) -> None:
        """Set a learning rate at which the weights change by about a fiftieth in the first step."""
        network.lr *= 10 ** (-1.7 - sorted(update)[len(update) // 2])


def cured(network: Network, x: Tensor, y: Tensor) -> None:
    """Treat the network in place."""
    Cure()(network, x, y)


def treating(name: str, hint: str, *changes: dict[str, Any]) -> Mistake:
    """Return a mistake: cures in which these members differ."""
    kinds = [type("Wrong", (Cure,), change) for change in changes]
    return Mistake(name, hint, *(lambda network, x, y, kind=kind: kind()(network, x, y) for kind in kinds))


def unless(*faults: str) -> dict[str, Any]:
    """Return a member by which some faults are left alone."""
    return {"fault": lambda self, signs: "healthy" if (found := decided(signs)) in faults else found}


def everything_new(network: Network, x: Tensor, y: Tensor) -> None:
    """Replaces all parts of a network."""
    for number, layer in enumerate(network.layers):
        if isinstance(layer, nn.Linear):
            network.layers[number] = nn.Linear(layer.in_features, layer.out_features)
        elif is_norm(layer):
            network.layers[number] = nn.BatchNorm1d(len(layer.running_mean))
    network.lr = 0.3
    network.train()


def all_norms_new(network: Network, x: Tensor, y: Tensor) -> None:
    """Replaces every normalisation, whatever the fault is, and nothing else."""
    for number, layer in enumerate(network.layers):
        if is_norm(layer):
            network.layers[number] = nn.BatchNorm1d(len(layer.running_mean))


def replaced(kind: Callable[[int], nn.Module], *faults: str) -> dict[str, Any]:
    """Return a member by which the faulty normalisations become layers of another kind, where these are the faults."""

    def treat_norm(self: Cure, network: Network, number: int, fault: str) -> None:
        if fault in faults or not faults:
            network.layers[number] = kind(len(network.layers[number].running_mean))
        else:
            Cure.treat_norm(self, network, number, fault)

    return {"treat_norm": treat_norm}


def on_a_copy(network: Network, x: Tensor, y: Tensor) -> None:
    """Treats a copy."""
    Cure()(copy.deepcopy(network), x, y)


@torch.no_grad()
def zeroed(self: Cure, network: Network, number: int) -> None:
    """Sets the weights to 0."""
    network.layers[number].weight.zero_()


@torch.no_grad()
def all_weights(self: Cure, network: Network, number: int) -> None:
    """Draws the weights of every Linear."""
    for layer in network.layers:
        if isinstance(layer, nn.Linear):
            layer.weight.normal_(0, layer.weight.shape[1] ** -0.5)


def unless_linear(self: Cure, network: Network, number: int, left: int) -> None:
    """Treats the weights of a Linear, unless it is this one."""
    if number != left:
        Cure.treat_weights(self, network, number)


@torch.no_grad()
def other_end(self: Cure, network: Network, number: int) -> None:
    """Treats the healthy one of the two layers."""
    Cure.treat_weights(self, network, len(network.layers) - 1 - number)


def rate_times(factor: float) -> dict[str, Any]:
    """Return a member by which the learning rate is multiplied by a factor, in whatever direction it is wrong."""

    def treat_rate(self: Cure, network: Network, update: list[float]) -> None:
        network.lr *= factor

    return {"treat_rate": treat_rate}


def rate_of(lr: float) -> dict[str, Any]:
    """Return a member by which the learning rate is set to a number."""

    def treat_rate(self: Cure, network: Network, update: list[float]) -> None:
        network.lr = lr

    return {"treat_rate": treat_rate}


def by_the_largest(self: Cure, network: Network, update: list[float]) -> None:
    """Sets the rate by the last layer, whose step is ten times as large as that of the others."""
    network.lr *= 10 ** (-1.7 - max(update))


def with_a_new_rate(network: Network, x: Tensor, y: Tensor) -> None:
    """Treats the fault, and sets the learning rate too."""
    Cure()(network, x, y)
    network.lr = 0.3


def with_train(network: Network, x: Tensor, y: Tensor) -> None:
    """Calls train() and nothing else."""
    network.train()


def with_eval(network: Network, x: Tensor, y: Tensor) -> None:
    """Treats the fault and leaves the network in evaluation mode."""
    Cure()(network, x, y)
    network.eval()


cure = Check(
    tasks.cure,
    by_words=True,
    right=cured,
    wrong=(
        Mistake(
            "everything-replaced",
            """This cures everything by replacing everything: healthy layers must keep their numbers, because in a
            trained network these are what was learned.""",
            everything_new,
        ),
        Mistake(
            "every-norm-replaced",
            "Every normalisation is replaced, whatever the fault is: which of them is faulty?",
            all_norms_new,
        ),
        Mistake(
            "cures-a-copy",
            "What was treated is a copy, and the network that was handed in is as it was: change that one.",
            on_a_copy,
        ),
        Mistake(
            "only-train",
            "A call of `train()` is the cure for one fault of six: what do the other five need?",
            with_train,
        ),
        Mistake(
            "evaluation-mode",
            "Afterwards the network is in evaluation mode, and would be trained in it: restore the mode in "
            "which it came.",
            with_eval,
        ),
        Mistake(
            "learning-rate-always-set",
            "The learning rate is healthy in five of six networks: leave it alone there.",
            with_a_new_rate,
        ),
        treating(
            "both-norms-replaced",
            "One of the two normalisations is healthy: replace the other one only.",
            {"chosen": lambda self, faulty, norms: norms},
        ),
        treating(
            "healthy-norm-replaced",
            "The normalisation that was treated is the healthy one: which number of the list is it that differs?",
            {"chosen": lambda self, faulty, norms: [number for number in norms if number not in faulty]},
        ),
        treating(
            "first-norm-only",
            "The fault may lie in the second normalisation: treat the one whose sign differs.",
            {"chosen": lambda self, faulty, norms: norms[:1]},
        ),
        treating(
            "last-norm-only",
            "The fault may lie in the first normalisation: treat the one whose sign differs.",
            {"chosen": lambda self, faulty, norms: norms[1:]},
        ),
        treating(
            "no-batchnorm-in-its-place",
            """What stands there now is no BatchNorm: it must normalise each unit over the batch, and keep running
            statistics for evaluation.""",
            replaced(lambda dim: nn.Identity(), "axis", "gradient", "momentum"),
            replaced(lambda dim: nn.LayerNorm(dim), "axis", "gradient", "momentum"),
            replaced(lambda dim: nn.BatchNorm1d(dim, track_running_stats=False), "axis", "gradient", "momentum"),
            replaced(lambda dim: nn.Identity()),
            replaced(lambda dim: nn.LayerNorm(dim)),
            replaced(lambda dim: nn.BatchNorm1d(dim, track_running_stats=False)),
        ),
        treating(
            "momentum-of-one",
            "With a momentum of 1, or 0.9, the running statistics are little more than those of the last batch.",
            replaced(lambda dim: nn.BatchNorm1d(dim, momentum=1.0), "axis", "gradient", "momentum"),
            replaced(lambda dim: nn.BatchNorm1d(dim, momentum=1.0)),
            *(
                replaced(lambda dim: nn.BatchNorm1d(dim, momentum=1.0), fault)
                for fault in ("momentum", "axis", "gradient")
            ),
        ),
        treating(
            "momentum-too-small",
            "With this momentum the running statistics take hundreds of batches to arrive: how many steps are trained?",
            replaced(lambda dim: nn.BatchNorm1d(dim, momentum=0.01), "axis", "gradient", "momentum"),
            replaced(lambda dim: nn.BatchNorm1d(dim, momentum=0.01)),
            *(
                replaced(lambda dim: nn.BatchNorm1d(dim, momentum=0.01), fault)
                for fault in ("momentum", "axis", "gradient")
            ),
        ),
        treating(
            "weights-of-zero",
            "With weights of 0 nothing depends on the input, and no gradient reaches the layers below: draw "
            "small ones.",
            {"treat_weights": zeroed},
        ),
        treating(
            "large-weights-not-cured",
            """Where the weights of a Linear are far too large, they are still too large after the cure: measure this
            network again then, and compare the sign that showed the fault.""",
            unless("initialisation"),
            *({"treat_weights": partialmethod(unless_linear, left=number)} for number in (0, 8)),
        ),
        treating(
            "every-linear-drawn-again",
            "One Linear has bad weights; the others are healthy and must keep theirs.",
            {"treat_weights": all_weights},
        ),
        treating(
            "wrong-linear",
            "The Linear that was treated is a healthy one: saturation points to the layer below it, a large "
            "first loss to the last.",
            {"treat_weights": other_end},
            {"treat_weights": lambda self, network, number: Cure.treat_weights(self, network, 0)},
            {"treat_weights": lambda self, network, number: Cure.treat_weights(self, network, 8)},
        ),
        treating(
            "one-direction-only",
            "A learning rate can be too large or too small: dividing by a factor cures only one of the two.",
            rate_times(0.005),
            rate_times(2000.0),
            {"treat_rate": lambda self, network, update: setattr(network, "lr", min(network.lr, 0.3))},
            {"treat_rate": lambda self, network, update: setattr(network, "lr", max(network.lr, 0.3))},
        ),
        treating(
            "learning-rate-still-too-small",
            "At this learning rate a dozen steps change little: what is update:data of the weights afterwards?",
            rate_of(1e-3),
            {"treat_rate": by_the_largest},
        ),
        treating(
            "learning-rate-still-too-large",
            "At this learning rate a step is as large as the weights: what is update:data of the weights afterwards?",
            rate_of(20.0),
        ),
        *(
            treating(
                f"{fault.replace(' ', '-')}-not-cured",
                f"A network with the fault {fault!r} behaves after the cure as it did before.",
                unless(fault),
            )
            for fault in FAULTS
            if fault != "initialisation"  # which looks like weights that are still too large
        ),
        treating(
            "healthy-network-treated",
            "A network without a fault needs no cure: everything must stay as it is.",
            {"fault": lambda self, signs: found if (found := decided(signs)) != "healthy" else "initialisation"},
        ),
        treating(
            "norms-not-cured",
            "Three faults of a normalisation are left as they are: a new layer can be put in its place.",
            unless("axis", "gradient", "momentum"),
        ),
    ),
)
