"""Tasks of assignment 16: the vital signs of a network, the name of its fault, and a cure.

``bncourse.faulty`` is imported where it is used: where another assignment is graded, it is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from bncourse.observing.recorder import Recorder, Stop
from bncourse.observing.task import Question, Task
from bncourse.observing.values import Value

if TYPE_CHECKING:
    from bncourse.faulty import Network

__all__ = ["cure", "diagnose", "vital_signs"]

SIGNS = ("loss", "saturated", "mean", "moved", "gradient", "update")
EXAMPLES = 64


def ask_about(rng: np.random.Generator, faults: list[str | None], call: str) -> list[Question]:
    """Ask about networks with these faults; a report gives the seed, and does not say which fault it is."""
    return [
        {
            "call": call,
            "words": f"a network drawn from seed {seed}",
            "fault": fault or "",
            "seed": seed,
        }
        for fault in faults
        for seed in [int(rng.integers(2**31))]
    ]


def generator_of(question: Question) -> Generator:
    """Return what draws all that belongs to a question."""
    return Generator().manual_seed(question["seed"])


def network_of(question: Question, generator: Generator) -> Network:
    """Return the network of a question."""
    from bncourse import faulty

    return faulty.faulty_network(question["fault"] or None, generator, question.get("variant"))


def drawn(question: Question) -> tuple[Network, Tensor, Tensor, Generator]:
    """Return the network of a question, a batch, and what draws further ones."""
    from bncourse import faulty

    generator = generator_of(question)
    network = network_of(question, generator)
    drawn_batch = faulty.batch(generator, EXAMPLES)
    if question.get("trained"):
        for layer in network.layers:
            if hasattr(layer, "running_mean"):
                layer.running_mean.normal_(0, 1, generator=generator)
    return network, *drawn_batch, generator


def found(network: nn.Module) -> dict[str, Any]:
    """Return what a measurement must leave as it was."""
    hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in network.modules()]
    return {
        "numbers": {name: values.clone() for name, values in network.state_dict().items()},
        "modes": [m.training for m in network.modules()],
        "hooks": hooks,
        "lr": getattr(network, "lr", None),
    }


def write_unchanged(recorder: Recorder, network: nn.Module, before: dict[str, Any]) -> None:
    """Write down what a measurement has changed."""
    with recorder.attempt("the network afterwards", "state"):
        after = found(network)
    same = before["numbers"].keys() == after["numbers"].keys() and all(
        torch.equal(values, after["numbers"][name]) for name, values in before["numbers"].items()
    )
    recorder.write("the parameters and running statistics are what they were", same, "state")
    recorder.write("the layers' modes are what they were", before["modes"] == after["modes"], "state")
    recorder.write("no hook is left behind", before["hooks"] == after["hooks"], "state")
    recorder.write("lr is what it was", before["lr"] == after["lr"], "state")


def ask_vital_signs(rng: np.random.Generator) -> list[Question]:
    """A healthy network and five faulty ones; the unit furthest from 0 lies above 0 in one, and below 0 in another."""
    call = "vital_signs(network, x, y)"
    questions = ask_about(rng, [None, "momentum", "gradient", "initialisation"], call)
    for fault, side in (("axis", 1), ("mode", -1)):
        one = ask_about(rng, [fault], call)
        while not furthest_lies_on(one[0], side):
            one = ask_about(rng, [fault], call)
        questions += one
    # As after some training, the running means are not where they started.
    questions[0] |= {"trained": True, "words": f"{questions[0]['words']}, with running means of its own"}
    # The std of a gradient's 1,536 entries may be over n or n − 1.
    tolerance = {f"the {key}": 2e-4 for key in SIGNS} | {"the gradient": 1e-3}
    return [{**question, "tolerance": tolerance} for question in questions]


@torch.no_grad()
def furthest_lies_on(question: Question, side: int) -> bool:
    """Whether a unit that comes out of a normalisation has a mean above 0 (side 1) or below 0 (side −1) that is further
    away from it than any on the other side.
    """
    network, x, *_ = drawn(question)
    means = []
    for layer in network.layers:
        x = layer(x)
        if hasattr(layer, "running_mean"):
            means.append(side * x.mean(0))
    return any(mean.max() > 0.1 - mean.min() for mean in means)


def observe_vital_signs(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Write down what stands under each of the keys, and what the measurement has changed."""
    network, x, y, _ = drawn(question)
    before = found(network)
    result = recorder.call("the result", theirs, network, x, y)
    if not isinstance(result, Mapping):
        if result is None:
            recorder.values["the loss"] = recorder.values.pop("the result")
        else:
            text = f"an object of type '{type(result).__name__}' was returned, and not a dict"
            recorder.values["the result"] = Value("error", "TypeError", text=text)
        raise Stop
    del recorder.values["the result"]
    missing = [key for key in SIGNS if key not in result]
    if missing:
        names = ", ".join(repr(key) for key in list(result)[:6])
        text = f"nothing under {missing[0]!r}; the keys are {names or 'none'}"
        recorder.values["the keys"] = Value("error", "KeyError", text=text)
        raise Stop
    for key in SIGNS:
        value = result[key]
        if key != "loss" and isinstance(value, (Tensor, np.ndarray)) and value.ndim == 1:
            value = value.tolist()  # as good as a list
        recorder.write(f"the {key}", value)
    write_unchanged(recorder, network, before)


vital_signs = Task(
    name="vital_signs",
    subject="vital_signs(network, x, y) -> dict",
    ask=ask_vital_signs,
    observing=observe_vital_signs,
    watched=False,
)


ONE_KIND: list[str | None] = ["initialisation", "mode", "axis", "momentum", "learning rate"]
OTHER_KIND: list[str | None] = ["initialisation", "mode", "gradient", "momentum", "learning rate"]
"""Faults of which one lies in one layer or on one side, and the other in the other."""


def of_both_kinds(rng: np.random.Generator, call: str) -> list[Question]:
    """Ask about two networks of each kind, in different layers and on different sides, and about a healthy one."""
    questions = ask_about(rng, [None, *ONE_KIND, *OTHER_KIND], call)
    for one, other in zip(questions[1 : 1 + len(ONE_KIND)], questions[1 + len(ONE_KIND) :], strict=True):
        one["variant"] = int(rng.integers(4))
        other["variant"] = 3 - one["variant"]
    return questions


def ask_diagnose(rng: np.random.Generator) -> list[Question]:
    """Healthy and faulty networks, in an order that is drawn.

    Many pre-activations exceed 0.97 in the healthy one, and in those with another learning rate. Where that is too
    large, it is so by little: a sign that is a little wrong takes it for a healthy one.
    """
    questions = of_both_kinds(rng, "diagnose(network, x, y)")
    for question in questions:
        while question["fault"] in ("", "learning rate") and not (
            network_of(question, generator_of(question)).lr < LEAST_TOO_LARGE and goes_far_into_a_tanh(question)
        ):
            seed = int(rng.integers(2**31))
            question |= {"seed": seed, "words": f"a network drawn from seed {seed}"}
    return [questions[i] for i in rng.permutation(len(questions))]


LEAST_TOO_LARGE = 21.0
"""Above the smallest of the rates that are too large, which begin at 15, and below nineteen in twenty of them."""


@torch.no_grad()
def goes_far_into_a_tanh(question: Question) -> bool:
    """Whether more than 42 % of what goes into a Tanh is beyond ±0.97; of what comes out a tenth is then."""
    network, x, *_ = drawn(question)
    shares = []
    for layer in network.layers:
        if isinstance(layer, nn.Tanh):
            shares.append((x.abs() > 0.97).float().mean().item())
        x = layer(x)
    return max(shares) > 0.42


def observe_diagnose(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Write down the name, and what the measurement has changed."""
    from bncourse import faulty

    network, x, y, _ = drawn(question)
    before = found(network)
    name = recorder.call("the fault", theirs, network, x, y)
    if isinstance(name, str) and name not in (*faulty.FAULTS, "healthy"):
        text = f"{name[:60]!r} is none of the names"
        recorder.values["the fault"] = Value("error", "ValueError", text=text)
        raise Stop
    write_unchanged(recorder, network, before)


diagnose = Task(
    name="diagnose",
    subject="diagnose(network, x, y) -> str",
    ask=ask_diagnose,
    observing=observe_diagnose,
    watched=False,
)


def ask_cure(rng: np.random.Generator) -> list[Question]:
    """Faulty networks and a healthy one; the last one, with another learning rate, is asked for again and trained."""
    questions = of_both_kinds(rng, "cure(network, x, y)")
    # By itself, because a mistake is looked for in the first question that is answered wrong, and training takes time.
    return [*questions, {**questions[-1], "trained": True}]


STEPS, ENOUGH = 12, 1.56
"""Steps of training, and the loss on new examples that a healthy network is far below; a guess costs ln 5 = 1.61."""

LAYERS = {"initialisation": (0, 8), "mode": (3, 6), "axis": (3, 6), "momentum": (3, 6), "gradient": (3, 6)}
"""The layers in which a fault can be, by the variant."""


def observe_cure(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at what the network does after the cure, and at what has become of its healthy parts."""
    network, x, y, generator = drawn(question)
    before = [(layer, [p.detach().clone() for p in layer.parameters()]) for layer in network.layers]
    rate = network.lr
    recorder.call("the result", theirs, network, x, y)
    del recorder.values["the result"]
    if question.get("trained"):
        write_training(recorder, network, generator)
        return
    ill = LAYERS[question["fault"]][question["variant"] // 2] if question["fault"] in LAYERS else None
    with recorder.attempt("the layers afterwards"):
        layers = list(network.layers)
        kept = [
            now is layer and all(torch.equal(p, old) for p, old in zip(now.parameters(), numbers, strict=True))
            for now, (layer, numbers) in zip(layers, before, strict=True)
        ]
    healthy = [same for number, same in enumerate(kept) if number != ill]
    recorder.write("every healthy layer is still there, with its numbers", all(healthy))
    if question["fault"] != "learning rate":
        recorder.write("lr is what it was", network.lr == rate)
    write_doing(recorder, network, x, y)
    if question["fault"] == "learning rate":
        write_first_step(recorder, network, x, y)


def write_training(recorder: Recorder, network: Network, generator: Generator) -> None:
    """Write down whether the network learns, if all of its layers are in training mode."""
    from bncourse import faulty

    with recorder.attempt("training"):
        if not all(layer.training for layer in network.layers):
            return
        faulty.train(network, STEPS, generator)
        network.eval()
        with torch.no_grad():
            x, y = faulty.batch(generator, 512)
            loss = cross_entropy(network(x), y).item()
    recorder.write(f"after {STEPS} steps the loss on new examples is below {ENOUGH}", loss < ENOUGH)


def write_doing(recorder: Recorder, network: Network, x: Tensor, y: Tensor) -> None:
    """Write down what the network does with one batch."""
    flow = [x]
    with recorder.attempt("a forward and a backward pass"):
        memory = [memory_of(layer) for layer in network.layers]
        for layer in network.layers:
            flow.append(layer(flow[-1]))
        loss = cross_entropy(flow[-1], y)
        gradients = torch.autograd.grad(loss, flow[1:])
        after = [memory_of(layer) for layer in network.layers]
    recorder.write("the first loss is below 3", loss.item() < 3)
    for number, layer in enumerate(network.layers):
        into, out = flow[number].detach(), flow[number + 1].detach()
        if isinstance(layer, nn.Tanh):
            small = (out.abs() > 0.97).float().mean().item() < 1 / 3
            recorder.write(f"layer {number}, a Tanh, has less than a third of its activations saturated", small)
        old, new = memory[number], after[number]
        if old is None or new is None:
            continue
        name = f"layer {number}, a normalisation,"
        recorder.write(f"{name} centres every unit over the batch", out.mean(0).abs().max().item() < 0.05)
        moved = ((new - old).norm() / (into.mean(0) - old).norm()).item()
        recorder.write(f"{name} moves its running mean by more than 0.02 of the way", moved > 0.02)
        recorder.write(f"{name} moves its running mean by less than 0.5 of the way", moved < 0.5)
        gradient = gradients[number - 1]
        share = (gradient.mean(0).abs().max() / gradient.std()).item()
        recorder.write(f"{name} lets no gradient through that is the same for the whole batch", share < 1e-3)
    recorder.write("how many layers keep a running mean", sum(mean is not None for mean in after))


def write_first_step(recorder: Recorder, network: Network, x: Tensor, y: Tensor) -> None:
    """Write down how large the first step is beside the weights."""
    with recorder.attempt("a step"):
        weights = [layer.weight for layer in network.layers if isinstance(layer, nn.Linear)]
        slopes = torch.autograd.grad(cross_entropy(network(x), y), weights)
        largest = max((network.lr * g.std() / w.std()).item() for w, g in zip(weights, slopes, strict=True))
    recorder.write("the first step changes some weights by more than a hundredth", largest > 0.01)
    recorder.write("the first step changes no weights by more than themselves", largest < 1)


def memory_of(layer: nn.Module) -> Tensor | None:
    """Return a copy of a layer's running mean, where it has one."""
    mean = getattr(layer, "running_mean", None)
    return mean.detach().clone() if isinstance(mean, Tensor) else None


cure = Task(
    name="cure",
    subject="cure(network, x, y)",
    ask=ask_cure,
    observing=observe_cure,
    watched=False,
)
