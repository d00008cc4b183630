"""Tasks of assignment 14: LayerNorm, GroupNorm, and a BatchNorm folded into the layer before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import observe_gradients, observe_parameters, set_mode

__all__ = ["fold_batchnorm", "groupnorm", "layernorm"]


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
    if question["kind"] == "refused":
        recorder.make("making it", theirs, *question["arguments"])
        recorder.write("making it", "no error")
        return
    layer = recorder.make("making it", theirs, *question["arguments"], eps=question["eps"])
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


def ask_layernorm(rng: np.random.Generator) -> list[Question]:
    """Rows, and sequences of rows; a row whose values are all the same; one example; values far from 0."""
    questions = []
    for shape, dtype, offset, scale, eps, tolerance, words in [
        ((7, 5), "float32", 0.0, 1.0, 1e-5, None, ""),
        ((2, 4, 6), "float32", 0.0, 1.0, 1e-3, None, ""),
        ((3, 7, 4), "float64", 5.0, 2.0, 1e-5, None, ", values near 5"),
        ((1, 3, 6), "float32", 0.0, 1.0, 1e-2, None, ", one example"),
        ((4, 3), "float64", 0.0, 1e-2, 1e-3, None, ", values that hardly vary"),
        ((2, 8), "float32", 1000.0, 1.0, 1e-5, 3e-4, ", values near 1000"),
        ((7, 4), "float32", 0.0, 1.0, 1e-5, 1e-4, ", one example whose features are all the same"),
        ((4, 4), "float32", 0.0, 1.0, 1e-5, None, ", no gradients"),
    ]:
        rows = int(np.prod(shape[1:-1]))
        x = draw(rng, shape, rows, dtype, offset, scale)
        if "the same" in words:
            x[rng.integers(len(x))] = 4
        questions.append(
            {
                "call": f"LayerNorm({shape[-1]}, eps={eps:g}) on x of shape {shape}, {dtype}{words}",
                "kind": "plain" if "no gradients" in words else "whole",
                "arguments": [shape[-1]],
                "eps": eps,
                **affine(rng, shape[-1]),
                "x": x,
                "dout": rng.normal(size=shape).astype(dtype),
                "evaluation": draw(rng, (3, *shape[1:]), rows, dtype, offset, scale),
                "strided": len(questions) % 2 == 1,
                "tolerance": tolerance,
            }
        )
    return questions


layernorm = Task(
    name="layernorm",
    subject="LayerNorm(dim, eps=1e-5)",
    ask=ask_layernorm,
    observing=observe_norm,
)


def ask_groupnorm(rng: np.random.Generator) -> list[Question]:
    """Rows, sequences and images; one group, and as many as channels; a group whose values are all the same."""
    questions = []
    for groups, shape, dtype, offset, scale, eps, tolerance, words in [
        (2, (7, 6), "float32", 0.0, 1.0, 1e-5, None, ""),
        (3, (2, 6, 5), "float32", 0.0, 1.0, 1e-3, None, ""),
        (2, (2, 8, 3, 8), "float64", 5.0, 2.0, 1e-5, None, ", values near 5"),
        (1, (3, 3, 4), "float32", 0.0, 1.0, 1e-5, None, ", one group"),
        (4, (2, 4, 3, 3), "float32", 0.0, 1.0, 1e-2, None, ", as many groups as channels"),
        (2, (1, 6, 2, 3), "float64", 0.0, 1e-2, 1e-3, None, ", one example that hardly varies"),
        (2, (3, 4, 5), "float32", 1000.0, 1.0, 1e-5, 3e-4, ", values near 1000"),
        (2, (2, 6, 2, 2), "float32", 0.0, 1.0, 1e-5, 1e-4, ", a group whose values are all the same"),
        (3, (3, 9), "float32", 0.0, 1.0, 1e-5, None, ", no gradients"),
    ]:
        dim = shape[1]
        x = draw(rng, shape, groups, dtype, offset, scale)
        if "the same" in words:
            x[0, : dim // groups] = 4
        questions.append(
            {
                "call": f"GroupNorm({groups}, {dim}, eps={eps:g}) on x of shape {shape}, {dtype}{words}",
                "kind": "plain" if "no gradients" in words else "whole",
                "arguments": [groups, dim],
                "eps": eps,
                **affine(rng, dim),
                "x": x,
                "dout": rng.normal(size=shape).astype(dtype),
                "evaluation": draw(rng, (3, *shape[1:]), groups, dtype, offset, scale),
                "strided": len(questions) % 2 == 1,
                "tolerance": tolerance,
            }
        )
    groups, dim = [(4, 6), (2, 5), (3, 8), (6, 9)][rng.integers(4)]
    return [*questions, {"call": f"GroupNorm({groups}, {dim})", "kind": "refused", "arguments": [groups, dim]}]


groupnorm = Task(
    name="groupnorm",
    subject="GroupNorm(groups, dim, eps=1e-5)",
    ask=ask_groupnorm,
    observing=observe_norm,
)


def ask_fold_batchnorm(rng: np.random.Generator) -> list[Question]:
    """Linear and convolutional weights, square ones among them; with and without a bias; affine or not."""
    questions = []
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
        recorder.write("bn afterwards", "changed", "state")


fold_batchnorm = Task(
    name="fold_batchnorm",
    subject="fold_batchnorm(weight, bias, bn) -> (weight, bias)",
    ask=ask_fold_batchnorm,
    observing=observe_fold_batchnorm,
)
