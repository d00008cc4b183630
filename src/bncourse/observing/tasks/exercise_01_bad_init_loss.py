"""Tasks of assignment 01: the price of a guess, the cross-entropy, and an output layer that starts well."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from bncourse.observing.recorder import Recorder, Stop, is_stub
from bncourse.observing.task import Question, Task
from bncourse.observing.values import parts_of
from bncourse.plugged import (
    CHARACTERS,
    ON_NEW,
    UNITS,
    first_batch,
    loss_on_new_examples,
    losses_of,
    name_batches,
    one_hidden_layer,
    train,
)

__all__ = ["cross_entropy", "init_output_layer", "trained_output_layer", "uniform_loss"]

# uniform_loss


def ask_uniform_loss(rng: np.random.Generator) -> list[Question]:
    """The course's 27 classes, small numbers, and drawn ones up to the vocabulary of a large language model."""
    drawn = [int(rng.integers(low, high)) for low, high in ((3, 9), (28, 400), (500, 5000), (20_000, 200_000))]
    # float32 will do, four digits will not.
    return [
        {"call": f"uniform_loss({classes})", "classes": classes, "tolerance": 2e-6} for classes in (27, 10, 2, *drawn)
    ]


def observe_uniform_loss(recorder: Recorder, theirs: Any, question: Question) -> None:
    """One number."""
    recorder.call("the loss", theirs, question["classes"])


uniform_loss = Task(
    name="uniform_loss",
    subject="uniform_loss(classes) -> float",
    ask=ask_uniform_loss,
    observing=observe_uniform_loss,
)


# cross_entropy


def ask_cross_entropy(rng: np.random.Generator) -> list[Question]:
    """Ordinary logits first, then those that overflow, underflow, or differ from row to row."""
    questions: list[Question] = []

    def add(words: str, logits: np.ndarray, *, targets: Any = None, strided: bool = False, **more: Any) -> None:
        n, classes = logits.shape
        drawn = rng.integers(0, classes, n) if targets is None else targets
        described = f"logits of shape ({n}, {classes}), {logits.dtype}{words}"
        dout = np.array(rng.uniform(0.5, 2.0) * rng.choice([-1, 1])).astype(logits.dtype)
        question = {
            "call": "cross_entropy(logits, targets)",
            "words": described,
            "logits": logits,
            "targets": np.asarray(drawn, dtype="int64"),
            "dout": dout,
        }
        questions.append({**question, "strided": strided, **more})

    add("", rng.normal(size=(4, 3)).astype("float32"), targets=rng.permutation([0, 1, 2, 2]))
    add("", 2 * rng.normal(size=(2, 5)), strided=True)
    add("", 3 * rng.normal(size=(7, 27)).astype("float32"), strided=True)
    add(", as many rows as classes", rng.normal(size=(6, 6)))
    add(", one row", 2 * rng.normal(size=(1, int(rng.integers(4, 9)))))
    add(" near 100", 100 + rng.normal(size=(5, 4)))
    add(" of 10⁴", 1e4 + 2 * rng.normal(size=(4, 6)))
    add(" of −10⁴", -1e4 + 2 * rng.normal(size=(3, 5)))
    sure, favourites = rng.normal(size=(5, 7)), rng.integers(0, 7, 5)
    sure[np.arange(5), favourites] += rng.uniform(2000, 3000, 5)
    add(", sure and right", sure, targets=favourites, tolerance=1e-5)
    # Whole numbers, which float32 holds exactly at this size.
    far = rng.integers(-10_000, 10_000, (5, 8)).astype("float32")
    add(" between −10⁴ and 10⁴", far, targets=far.argsort(1)[:, 3])
    offsets = np.array([[2e3], [-2e3], [0.0], [50.0]])
    add(", rows at different heights", offsets + 2 * rng.normal(size=(4, 5)))
    return questions


def observe_cross_entropy(recorder: Recorder, theirs: Any, question: Question) -> None:
    """The loss, and its gradient with an upstream gradient that is not 1."""
    logits = recorder.tensor("logits", question["logits"], requires_grad=True, strided=question["strided"])
    targets = recorder.tensor("targets", question["targets"])
    loss = recorder.call("the loss", theirs, logits, targets)
    # First, because a right number of another kind is also what a mistake gives that shows elsewhere.
    recorder.write("what kind of loss comes back", kind_of_loss(loss, logits), "dtype")
    recorder.first("what kind of loss comes back")
    recorder.backward(loss, question["dout"])
    recorder.write("logits.grad", logits.grad, "gradients")


def kind_of_loss(loss: Any, logits: Tensor) -> str:
    """In words."""
    if not isinstance(loss, Tensor):
        return f"an object of type {type(loss).__name__}"
    if torch.finfo(logits.dtype).bits > 8 * loss.element_size():
        return f"a tensor of {loss.dtype}, and the logits are {logits.dtype}"
    return "a tensor that knows where it comes from" if loss.requires_grad else "a tensor without a graph"


cross_entropy = Task(
    name="cross_entropy",
    subject="cross_entropy(logits, targets) -> Tensor",
    ask=ask_cross_entropy,
    observing=observe_cross_entropy,
    in_graph=True,
)


# init_output_layer

NEAR = 0.1
"""Nats by which the first loss may differ from the uniform loss."""


LEAST = 1e-6
"""Smaller weights let next to nothing through to the layers below."""


def ask_init_output_layer(rng: np.random.Generator) -> list[Question]:
    """Layers of several sizes, each with two seeds."""
    sizes = [(200, 27), (64, 10), (200, int(rng.integers(50, 100))), (int(rng.integers(100, 160)), 27), (40, 60)]
    # Few classes, and few hidden units: neither may stand in for the other.
    sizes += [(200, 2), (1, 27), (4, 100)]
    return [
        {
            "call": f"init_output_layer({hidden}, {classes}, generator)",
            "hidden": hidden,
            "classes": classes,
            "seeds": [int(seed) for seed in rng.integers(1, 2**31, 2)],
            "setup": ["generator = torch.Generator().manual_seed(1)"],
            "signs": rng.choice([-1.0, 1.0], (400, hidden)),
            "tolerance": 0.03,
        }
        for hidden, classes in sizes
    ]


def observe_init_output_layer(recorder: Recorder, theirs: Any, question: Question) -> None:
    """What the layer does to hidden units at ±1, forward and backward, and where its numbers come from.

    The numbers themselves are drawn, so only what follows from them can be compared.
    """
    hidden, classes = question["hidden"], question["classes"]
    generator = Generator().manual_seed(question["seeds"][0])
    weight, bias = made_by(recorder, theirs, hidden, classes, generator)
    if not (weight.shape == (hidden, classes) and bias.shape == (classes,)):
        return
    w, b, h = weight.double(), bias.double(), torch.from_numpy(question["signs"].copy())
    above = mean_loss(h @ w) - math.log(classes)
    name = f"the first loss without the bias, less ln({classes}), where up to {NEAR} counts as 0"
    recorder.write(name, above if abs(above) > NEAR else 0.0)
    recorder.write("what the bias adds to the first loss", cost_in_words(mean_loss(h @ w + b) - mean_loss(h @ w)))
    # What arrives at unit i is Σ_k w_ik (p_k − 1[k = target]), and those brackets add up to 0 over the classes.
    arriving = (w - w.mean(1, keepdim=True)).abs().amax(1)
    alike = "all zero" if not w.any() else "all alike" if w.min() == w.max() else "of different values"
    recorder.write("what the weights are", alike, "gradients")
    reached = (arriving > LEAST).double().mean().item()
    recorder.write("share of the hidden units that a gradient reaches", reached, "gradients")
    rows = len({tuple(row) for row in w.tolist()}) / hidden
    recorder.write("most hidden units have weights of their own", rows > 0.5, "gradients")

    again = made_by(recorder, theirs, hidden, classes, Generator().manual_seed(question["seeds"][0]))
    recorder.write("the same weights from the same seed", torch.equal(weight, again[0]), "state")
    recorder.write("the same bias from the same seed", torch.equal(bias, again[1]), "state")
    later = made_by(recorder, theirs, hidden, classes, generator)
    recorder.write("other weights when the generator has moved on", not torch.equal(weight, later[0]), "state")
    other = made_by(recorder, theirs, hidden, classes, Generator().manual_seed(question["seeds"][1]))
    recorder.write("other weights from another seed", not torch.equal(weight, other[0]), "state")


def made_by(recorder: Recorder, theirs: Any, hidden: int, classes: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """The weight and the bias, if they are such; what they are otherwise is written down.

    Raises:
        Stop: they are none.
    """
    result = recorder.make("the result (weight, bias)", theirs, hidden, classes, generator)
    if result is None:
        if is_stub(theirs):
            recorder.stub("what comes back")
        recorder.write("what comes back", None)
        raise Stop
    parts = parts_of(result) if isinstance(result, (tuple, list)) else [result]
    pair = isinstance(result, (tuple, list)) and len(parts) == 2
    kinds = [type(part).__name__ for part in parts]
    tensors = pair and all(type(part) in (Tensor, torch.nn.Parameter) for part in parts)
    words = "two tensors" if tensors else f"{'a pair' if pair else 'not a pair'}: {', '.join(kinds)}"
    recorder.write("what comes back", words, "shape")
    if not tensors:
        raise Stop
    weight, bias = (part.detach().clone() for part in parts)
    recorder.write("shape of the weight", str(tuple(weight.shape)), "shape")
    recorder.write("shape of the bias", str(tuple(bias.shape)), "shape")
    kinds = ["floating point" if part.is_floating_point() else str(part.dtype) for part in (weight, bias)]
    recorder.write("dtype of the weight", kinds[0], "dtype")
    recorder.write("dtype of the bias", kinds[1], "dtype")
    return weight, bias


def mean_loss(logits: Tensor) -> float:
    """Cross-entropy, averaged over the examples and over all targets alike."""
    return (logits.logsumexp(1) - logits.mean(1)).mean().item()


def cost_in_words(cost: float) -> str:
    """Whether it matters."""
    return f"at most {NEAR} nats" if cost <= NEAR else f"more than {NEAR} nats"


init_output_layer = Task(
    name="init_output_layer",
    subject="init_output_layer(hidden, classes, generator) -> (weight, bias)",
    ask=ask_init_output_layer,
    observing=observe_init_output_layer,
)


# Plug it in


def ask_trained_output_layer(rng: np.random.Generator) -> list[Question]:
    """One training."""
    return [
        {
            **name_batches(rng, 60),
            "call": "60 training steps with your output layer and your loss",
            "words": "100 tanh units, learning rate 0.3",
            # Learners draw in other orders and sizes, so that the losses of the training differ by chance.
            "tolerance": {FIRST: 0.07, BY_THEIRS: 1e-3, LAST_TEN: 0.08, ON_NEW: 0.1},
        }
    ]


FIRST = "the first loss, averaged over all characters as targets, less that of a guess"
BY_THEIRS = "your loss of the trained network's logits, less their cross-entropy"
LAST_TEN = "the mean of the last ten losses"


def observe_trained_output_layer(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the first loss, at the losses that the learner's function gives, and at the loss on new examples."""
    generator = Generator().manual_seed(question["seed"])
    guess = recorder.try_out("the loss of a guess", theirs.uniform_loss, CHARACTERS)
    made = recorder.try_out("the output layer", theirs.init_output_layer, UNITS, CHARACTERS, generator)
    with recorder.attempt("the output layer"):
        weight, bias = (part.detach().float().clone().requires_grad_() for part in made)
    network = one_hidden_layer(generator, torch.tanh, output=(weight, bias))
    contexts, targets = first_batch(question)
    with recorder.attempt("the first logits"):
        logits = network(contexts).detach()
    # Each character once: of 32 targets alone, chance moves the loss of small logits as far as a tenth of the bad ones.
    every = torch.arange(CHARACTERS).repeat(len(logits))
    each = logits.repeat_interleave(CHARACTERS, 0)
    loss = recorder.try_out("the first loss", theirs.cross_entropy, each, every)
    with recorder.attempt("training"):
        recorder.write(FIRST, float(loss) - float(guess))
        losses = train(network, network.parameters, question, 0.3, theirs.cross_entropy)
        with torch.no_grad():
            logits = network(contexts)
        off = float(theirs.cross_entropy(logits, targets)) - losses_of(logits, targets).mean().item()
        recorder.write(BY_THEIRS, off)
        recorder.write(LAST_TEN, sum(losses[-10:]) / 10)
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


trained_output_layer = Task(
    name="trained_output_layer",
    subject="uniform_loss, cross_entropy and init_output_layer, in a network",
    ask=ask_trained_output_layer,
    observing=observe_trained_output_layer,
    parts=("uniform_loss", "cross_entropy", "init_output_layer"),
    watched=False,
)
