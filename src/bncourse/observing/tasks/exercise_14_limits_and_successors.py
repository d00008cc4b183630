"""Tasks of assignment 14: LayerNorm, GroupNorm, and a BatchNorm folded into the layer before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Generator, nn

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import (
    FLOAT64,
    TRAINED,
    observe_gradients,
    observe_learned,
    observe_output,
    observe_parameters,
    plugged_in,
    set_mode,
)
from bncourse.plugged import (
    ALONE,
    ON_NEW,
    PROMISED,
    UNITS,
    NameNetwork,
    change_alone,
    first_batch,
    kept_promises,
    loss_on_new_examples,
    name_batches,
    new_examples,
    one_hidden_layer,
    pre_activations,
    train,
)

__all__ = ["fold_batchnorm", "groupnorm", "layernorm", "trained_successors"]


def draw(
    rng: np.random.Generator, shape: tuple[int, ...], groups: int, dtype: str, offset: float, scale: float
) -> np.ndarray:
    """Activations whose groups, over which the statistics are taken, each have a mean and a spread of their own."""
    flat = rng.normal(size=(shape[0], groups, int(np.prod(shape[1:])) // groups))
    flat = (flat - flat.mean(-1, keepdims=True)) / flat.std(-1, keepdims=True)
    spread = scale * rng.uniform(0.5, 2.0, (shape[0], groups, 1))
    return (offset + scale * rng.normal(size=(shape[0], groups, 1)) + spread * flat).reshape(shape).astype(dtype)


def affine(rng: np.random.Generator, dim: int) -> dict[str, np.ndarray]:
    """Gamma, of both signs, and beta."""
    gamma = rng.uniform(0.5, 2.0, dim) * rng.choice([-1.0, 1.0], dim)
    return {"gamma": gamma.astype("float32"), "beta": rng.normal(size=dim).astype("float32")}


def observe_norm(recorder: Recorder, theirs: Any, question: Question) -> None:
    """One batch in training with its gradients, the first example alone, and another batch in evaluation."""
    positional, named = arguments_of(question)
    layer = recorder.make("making it", theirs, *question["arguments"], *positional, **named)
    if question["kind"] == "refused":
        recorder.write("making it", "no error")
        return
    if question["kind"] == "plain":
        x = recorder.tensor("x", question["x"], strided=question["strided"])
        recorder.call("the output", layer, x)
        return
    observe_parameters(recorder, layer, question)
    x = recorder.tensor("x", question["x"], requires_grad=True, strided=question["strided"])
    y = recorder.call("the output", layer, x)
    observe_gradients(recorder, layer, x, y, question["dout"], "of the batch")
    alone = recorder.tensor("the first example", question["x"][:1])
    recorder.call("the output for the first example alone", layer, alone)
    set_mode(recorder, layer, training=False)
    x = recorder.tensor("x in evaluation", question["evaluation"])
    recorder.call("the output in evaluation", layer, x, stage="state")


def question_about(
    rng: np.random.Generator,
    name: str,
    first: list[int],
    x: np.ndarray,
    evaluation: np.ndarray,
    words: str,
    **more: Any,
) -> Question:
    """Return a question about one batch."""
    return {
        "call": f"{name}({in_words(more, *first)})",
        "words": f"on x of shape {x.shape}, {x.dtype}{words}",
        "kind": "plain" if "no gradients" in words else "whole",
        "in a graph": "no gradients" not in words,
        "arguments": first,
        **affine(rng, x.shape[1] if name == "GroupNorm" else x.shape[-1]),
        "x": x,
        "dout": rng.normal(size=x.shape).astype(x.dtype),
        "evaluation": evaluation,
        **more,
    }


def ask_layernorm(rng: np.random.Generator) -> list[Question]:
    """Rows, and sequences of rows; a row whose values are all the same; one example; values far from 0; every way to
    give eps.
    """
    questions: list[Question] = []
    for shape, dtype, offset, scale, eps, tolerance, words in [
        ((7, 5), "float32", 0.0, 1.0, 1e-5, None, ""),
        ((2, 4, 6), "float32", 0.0, 1.0, 1e-3, None, ""),
        ((3, 7, 4), "float64", 5.0, 2.0, 1e-5, FLOAT64, ", values near 5"),
        ((1, 3, 6), "float32", 0.0, 1.0, 1e-2, None, ", one example"),
        ((4, 3), "float64", 0.0, 1e-2, 1e-3, FLOAT64, ", values that hardly vary"),
        ((2, 8), "float32", 1000.0, 1.0, 1e-5, 5e-4, ", values near 1000"),
        ((7, 4), "float32", 0.0, 1.0, 1e-5, 1e-4, ", one example whose features are all the same"),
        ((4, 4), "float32", 0.0, 1.0, 1e-5, None, ", no gradients"),
    ]:
        rows = int(np.prod(shape[1:-1]))
        x = draw(rng, shape, rows, dtype, offset, scale)
        if "the same" in words:
            x[rng.integers(len(x))] = 4
        evaluation = draw(rng, (3, *shape[1:]), rows, dtype, offset, scale)
        more = {"given": {"eps": eps}, "by position": False, "strided": len(questions) % 2 == 1}
        questions.append(
            question_about(rng, "LayerNorm", [shape[-1]], x, evaluation, words, tolerance=tolerance, **more)
        )
    x, evaluation = draw(rng, (4, 3), 1, "float64", 0.0, 3e-3), draw(rng, (2, 3), 1, "float64", 0.0, 3e-3)
    more = {"strided": False, "tolerance": FLOAT64, "family": "arguments"}
    first = question_about(rng, "LayerNorm", [3], x, evaluation, SMALL, **ways_to_call(OTHERS)[0], **more)
    return questions + [{**first, **way, "call": f"LayerNorm({in_words(way, 3)})"} for way in ways_to_call(OTHERS)]


OTHERS = {"eps": 1e-2}
SMALL = ", a spread of about 0.003"


layernorm = Task(
    name="layernorm",
    subject="LayerNorm(dim, eps=1e-5)",
    ask=ask_layernorm,
    observing=observe_norm,
    defaults={"eps": 1e-5},
    in_graph=True,
)


def ask_groupnorm(rng: np.random.Generator) -> list[Question]:
    """Rows, sequences and images; one group, and as many as channels; a group whose values are all the same; every way
    to give eps; groups that do not divide the channels.
    """
    questions: list[Question] = []
    for groups, shape, dtype, offset, scale, eps, tolerance, words in [
        (2, (7, 6), "float32", 0.0, 1.0, 1e-5, None, ""),
        (3, (2, 6, 5), "float32", 0.0, 1.0, 1e-3, None, ""),
        (2, (2, 8, 3, 8), "float64", 5.0, 2.0, 1e-5, FLOAT64, ", values near 5"),
        (1, (3, 3, 4), "float32", 0.0, 1.0, 1e-5, None, ", one group"),
        (4, (2, 4, 3, 3), "float32", 0.0, 1.0, 1e-2, None, ", as many groups as channels"),
        (2, (1, 6, 2, 3), "float64", 0.0, 1e-2, 1e-3, FLOAT64, ", one example that hardly varies"),
        (2, (3, 4, 5), "float32", 1000.0, 1.0, 1e-5, 5e-4, ", values near 1000"),
        (2, (2, 6, 2, 2), "float32", 0.0, 1.0, 1e-5, 1e-4, ", a group whose values are all the same"),
        (3, (3, 9), "float32", 0.0, 1.0, 1e-5, None, ", no gradients"),
    ]:
        dim = shape[1]
        x = draw(rng, shape, groups, dtype, offset, scale)
        if "the same" in words:
            x[0, : dim // groups] = 4
        evaluation = draw(rng, (3, *shape[1:]), groups, dtype, offset, scale)
        more = {"given": {"eps": eps}, "by position": False, "strided": len(questions) % 2 == 1}
        questions.append(
            question_about(rng, "GroupNorm", [groups, dim], x, evaluation, words, tolerance=tolerance, **more)
        )
    x, evaluation = draw(rng, (3, 4, 2), 2, "float64", 0.0, 3e-3), draw(rng, (2, 4, 2), 2, "float64", 0.0, 3e-3)
    more = {"strided": False, "tolerance": FLOAT64, "family": "arguments"}
    first = question_about(rng, "GroupNorm", [2, 4], x, evaluation, SMALL, **ways_to_call(OTHERS)[0], **more)
    questions += [{**first, **way, "call": f"GroupNorm({in_words(way, 2, 4)})"} for way in ways_to_call(OTHERS)]
    groups, dim = [(4, 6), (2, 5), (3, 8), (6, 9)][rng.integers(4)]
    refused = {"call": f"GroupNorm({groups}, {dim})", "kind": "refused", "arguments": [groups, dim]}
    return [*questions, {**refused, "given": {}, "by position": False}]


groupnorm = Task(
    name="groupnorm",
    subject="GroupNorm(groups, dim, eps=1e-5)",
    ask=ask_groupnorm,
    observing=observe_norm,
    defaults={"eps": 1e-5},
    in_graph=True,
)


def ask_fold_batchnorm(rng: np.random.Generator) -> list[Question]:
    """Linear and convolutional weights, square ones among them; with and without a bias; affine or not."""
    questions: list[Question] = []
    for shape, has_bias, is_affine, dtype, eps, least in [
        ((5, 3), True, True, "float32", 1e-5, 0.2),
        ((4, 2, 3, 3), True, True, "float32", 1e-3, 0.2),
        ((3, 2, 3, 3), False, True, "float32", 1e-5, 0.2),
        ((4, 4), True, True, "float64", 1e-5, 1e-4),
        ((6, 2), False, False, "float32", 1e-2, 0.2),
        ((2, 3, 1, 2), True, False, "float64", 1e-3, 1e-3),
        ((2, 7), False, True, "float64", 1e-1, 0.2),
    ]:
        dim = shape[0]
        kind = "BatchNorm1d" if len(shape) == 2 else "BatchNorm2d"
        before = "a Linear" if len(shape) == 2 else "a Conv2d"
        var = rng.uniform(least, 4 * least, dim)
        questions.append(
            {
                "call": f"fold_batchnorm(weight, {'bias' if has_bias else 'None'}, bn), {before}'s weight of shape "
                f"{shape}, {kind}({dim}, eps={eps:g}{'' if is_affine else ', affine=False'}), {dtype}",
                "weight": rng.normal(size=shape).astype(dtype),
                "bias": rng.normal(size=dim).astype(dtype) if has_bias else None,
                "kind": kind,
                "eps": eps,
                "gamma": (rng.uniform(0.5, 2, dim) * rng.choice([-1, 1], dim)).astype(dtype) if is_affine else None,
                "beta": (1 + rng.uniform(0.5, 2, dim)).astype(dtype) if is_affine else None,
                "running_mean": (rng.uniform(0.5, 3, dim) * rng.choice([-1, 1], dim)).astype(dtype),
                "running_var": var.astype(dtype),
                "strided": len(questions) % 2 == 1,
            }
        )
    return questions


def batchnorm_of(question: Question) -> nn.Module:
    """A layer of torch in evaluation mode, with the numbers of the question."""
    dim, is_affine = len(question["running_mean"]), question["gamma"] is not None
    bn = getattr(nn, question["kind"])(dim, eps=question["eps"], affine=is_affine)
    bn = bn.to(getattr(torch, str(question["running_mean"].dtype))).eval()
    names = {"running_mean": "running_mean", "running_var": "running_var"}
    if is_affine:
        names |= {"weight": "gamma", "bias": "beta"}
    with torch.no_grad():
        for name, key in names.items():
            getattr(bn, name).copy_(torch.from_numpy(question[key].copy()))
    return bn


def observe_fold_batchnorm(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Fold once; the layer must stay as it is."""
    bn = batchnorm_of(question)
    state = {name: value.clone() for name, value in bn.state_dict().items()}
    weight = recorder.tensor("weight", question["weight"], strided=question["strided"])
    bias = None if question["bias"] is None else recorder.tensor("bias", question["bias"])
    recorder.call_for(("weight", "bias"), theirs, weight, bias, bn)
    after = bn.state_dict()
    if bn.training or any(not torch.equal(value, after[name]) for name, value in state.items()):
        recorder.write("bn afterwards", "changed", "state", role="input")


fold_batchnorm = Task(
    name="fold_batchnorm",
    subject="fold_batchnorm(weight, bias, bn) -> (weight, bias)",
    ask=ask_fold_batchnorm,
    observing=observe_fold_batchnorm,
)


# Plug it in


def ask_trained_successors(rng: np.random.Generator) -> list[Question]:
    """Two networks that are trained with four examples per step, and one that is folded."""
    return [
        {
            **name_batches(rng, *((90, 4) if which != "fold" else (60, 32))),
            "call": call,
            "words": "100 tanh units",
            "which": which,
            "tolerance": TRAINED | dict.fromkeys((LOGITS_CHANGED, FOLDED_ON_NEW), 0.004),
        }
        for which, call in [
            ("LayerNorm", "90 training steps of 4 examples with your LayerNorm"),
            ("GroupNorm", "90 training steps of 4 examples with your GroupNorm of 10 groups"),
            ("fold", "60 training steps of 32 examples with nn.BatchNorm1d, folded by you"),
        ]
    ]


LOGITS_CHANGED = "the largest change of a logit by the folding"
FOLDED_ON_NEW = "the loss on new examples after the folding"


def observe_trained_successors(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at a new layer, its gradient, gamma and beta, and at the loss on new examples; or at a folding."""
    generator = Generator().manual_seed(question["seed"])
    if question["which"] == "fold":
        observe_folded(recorder, theirs, question, generator)
        return
    kind, sizes = (theirs.LayerNorm, [UNITS]) if question["which"] == "LayerNorm" else (theirs.GroupNorm, [10, UNITS])
    tried, layer, network = plugged_in(recorder, generator, kind, *sizes)
    # Of many examples one has a mean far from 0, which a root mean square leaves there.
    many = pre_activations(network, question["new_contexts"])
    together = 10 if question["which"] == "GroupNorm" else UNITS
    observe_output(recorder, tried, [many], lambda y: y.reshape(-1, together))
    with recorder.attempt("training"):
        recorder.write(PROMISED, kept_promises(network, question, network.parameters[:2]))
        train(network, network.parameters, question, 0.1)
    observe_learned(recorder, layer)
    with recorder.attempt("the loss"):
        recorder.write(ALONE, change_alone(network, *new_examples(question, 20)))
        recorder.write(ON_NEW, loss_on_new_examples(network, question))


def observe_folded(recorder: Recorder, theirs: Any, question: Question, generator: Generator) -> None:
    """Train with torch's BatchNorm, fold it, and look at the loss on new examples of the smaller network."""
    norm, bias = torch.nn.BatchNorm1d(UNITS), torch.randn(UNITS, generator=generator)
    with torch.no_grad():
        norm.weight.uniform_(0.5, 1.5, generator=generator)
    network = one_hidden_layer(generator, lambda pre: torch.tanh(norm(pre + bias)), *norm.parameters(), std=1.0)
    train(network, network.parameters, question, 0.3)
    norm.eval()
    weight = network.parameters[1].detach().T.contiguous()
    made = recorder.try_out("the folded layer", theirs.fold_batchnorm, weight, bias, norm)
    with recorder.attempt("the folded network"):
        folded_weight, folded_bias = (part.float() for part in made)
        layers = [lambda h: torch.tanh(h @ folded_weight.T + folded_bias), network.layers[1]]
        folded = NameNetwork(network.table, layers, [])
        contexts, _ = first_batch(question)
        with torch.no_grad():
            change = (folded(contexts) - network(contexts)).abs().max().item()
        recorder.write(LOGITS_CHANGED, change)
        recorder.write(FOLDED_ON_NEW, loss_on_new_examples(folded, question))


trained_successors = Task(
    name="trained_successors",
    subject="LayerNorm, GroupNorm and fold_batchnorm, in networks",
    ask=ask_trained_successors,
    observing=observe_trained_successors,
    parts=("LayerNorm", "GroupNorm", "fold_batchnorm"),
    watched=False,
)
