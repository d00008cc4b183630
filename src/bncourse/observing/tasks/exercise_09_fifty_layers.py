"""Tasks of assignment 09: how alike the gradients along a line of inputs are, and a residual block."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder, Stop
from bncourse.observing.task import Question, Task

__all__ = ["residual_block", "shattering"]


def ask_shattering(rng: np.random.Generator) -> list[Question]:
    """Shallow and deep networks, with and without BatchNorm; lines of different lengths; small lags and large ones."""
    questions: list[Question] = []

    def add(kind: str, count: int, dim: int, classes: int, dtype: str, *ways: dict[str, Any], **more: Any) -> None:
        start, direction = rng.normal(size=(2, dim))
        xs = start + np.linspace(-2, 2, count)[:, None] * direction
        drawn = {
            "words": f"the model is {kind}, xs of shape ({count}, {dim}), {dtype}",
            "model": kind,
            "sizes": [dim, 12, classes],
            "seed": int(rng.integers(2**31)),
            "xs": xs.astype(dtype),
            "in a graph": len(questions) % 2 == 1,
            "tolerance": 2e-3 if dtype == "float32" else 1e-7,
        }
        questions.extend(
            {"call": f"shattering({', '.join(filter(None, ('model', 'xs', in_words(way))))})", **drawn, **way, **more}
            for way in ways
        )

    for kind, count, dim, classes, lag, dtype in [
        ("plain, 2 layers", 24, 4, 1, 1, "float64"),
        ("plain, 8 layers", 40, 6, 3, 2, "float32"),
        ("BatchNorm, 8 layers", 32, 5, 2, 3, "float64"),
        ("plain, 2 layers", 17, 3, 2, 6, "float32"),
        ("a sum of squares", 9, 2, 1, 0, "float64"),
        ("Dropout in evaluation", 20, 4, 2, 1, "float32"),
    ]:
        add(kind, count, dim, classes, dtype, {"given": {"lag": lag}, "by position": True})
    add("plain, 2 layers", 21, 3, 2, "float64", *ways_to_call({"lag": 3}), family="arguments")
    return questions


class Squares(nn.Module):
    """The sum of the squares of each row: its gradient is 2x, which can be followed by hand."""

    def forward(self, x: Tensor) -> Tensor:
        """Return one number per row."""
        return x.square().sum(1, keepdim=True)


def model_of(question: Question) -> nn.Module:
    """Return the model of a question, with numbers that its seed decides."""
    dim, width, classes = question["sizes"]
    kind = question["model"]
    if kind == "a sum of squares":
        return Squares()
    layers: list[nn.Module] = []
    for depth in range(8 if "8" in kind else 2):
        layers.append(nn.Linear(width if depth else dim, width))
        layers += [nn.BatchNorm1d(width)] if "BatchNorm" in kind else []
        layers.append(nn.Tanh())
    layers += [nn.Dropout(0.5)] if "Dropout" in kind else []
    model = nn.Sequential(*layers, nn.Linear(width, classes))
    rng = np.random.default_rng(question["seed"])
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 1.5 / parameter.shape[1] ** 0.5 if parameter.ndim == 2 else 0.3
            offset = 1.0 if parameter.ndim == 1 and "BatchNorm" in kind else 0.0
            parameter.copy_(torch.from_numpy(offset + scale * rng.normal(size=parameter.shape)))
    return model.eval() if "evaluation" in kind else model


def observe_shattering(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Call it, and look at what it leaves behind."""
    xs = recorder.tensor("xs", question["xs"], requires_grad=question["in a graph"])
    model = model_of(question).to(xs.dtype)
    modes = [module.training for module in model.modules()]
    weights = [parameter.detach().clone() for parameter in model.parameters()]
    positional, named = arguments_of(question)
    recorder.call("the autocorrelation", theirs, model, xs, *positional, **named)
    same = all(torch.equal(p, old) for p, old in zip(model.parameters(), weights, strict=True))
    recorder.write("the model's parameters are what they were", same, "state")
    recorder.write("the model's mode is what it was", modes == [m.training for m in model.modules()], "state")
    recorder.write("the parameters have no gradient", all(p.grad is None for p in model.parameters()), "state")


shattering = Task(
    name="shattering",
    subject="shattering(model, xs, lag=1) -> float",
    ask=ask_shattering,
    observing=observe_shattering,
    defaults={"lag": 1},
    watched=False,
)


def ask_residual_block(rng: np.random.Generator) -> list[Question]:
    """Blocks of several widths, as they start and with other numbers; in training and in evaluation."""
    return [
        {
            "call": f"ResidualBlock({width})",
            "words": f"batches of {examples} examples, float32",
            "width": width,
            "x": (offset + rng.normal(size=(examples, width)) * rng.uniform(0.5, 2, width)).astype("float32"),
            "later": (rng.normal(size=(examples, width)) - offset).astype("float32"),
            "dout": rng.normal(size=(examples, width)).astype("float32"),
            "weight": (rng.normal(size=(width, width)) / width**0.5).astype("float32"),
            "gamma": rng.uniform(0.5, 2, width).astype("float32"),
            "beta": rng.normal(size=width).astype("float32"),
            "tolerance": 2e-4,
        }
        for width, examples, offset in [(4, 9, 0.0), (64, 12, 0.5), (3, 6, 1.0)]
    ]


def observe_residual_block(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at a new block, give it other numbers, and use it in both modes."""
    torch.manual_seed(16)
    block = recorder.make("making it", theirs, question["width"])
    name = "the result is a torch.nn.Module"
    is_module = isinstance(block, nn.Module)
    if is_module and not list(block.modules())[1:] and not list(block.parameters()):
        recorder.stub(name)
    recorder.write(name, is_module, "shape")
    linears = [m for m in block.modules() if isinstance(m, nn.Linear)] if is_module else []
    norms = [m for m in block.modules() if isinstance(m, nn.BatchNorm1d)] if is_module else []
    recorder.write("how many nn.Linear it has", len(linears), "shape")
    recorder.write("how many nn.BatchNorm1d it has", len(norms), "shape")
    x = recorder.tensor("x", question["x"], requires_grad=True)
    if len(linears) != 1 or len(norms) != 1:
        recorder.call("the output of a new block", block, x)
        raise Stop
    [linear], [norm] = linears, norms
    recorder.write("the Linear has a bias", linear.bias is not None, "state")
    std = linear.weight.detach().std().item() * question["width"] ** 0.5
    if question["width"] > 32:
        recorder.write("the weights differ from 0", std > 1e-6, "state")
        write_std(recorder, "the weights' std", std)
    if question["width"] == 3:
        std = std_of_many(recorder, theirs, 3) * 3**0.5
        write_std(recorder, "the std of 150 blocks' weights", std)
    recorder.write("gamma at the start", norm.weight, "state")
    with recorder.attempt("writing to the weights", "state"), torch.no_grad():
        linear.weight.copy_(torch.from_numpy(question["weight"]))
    y = recorder.call("the output of a new block", block, x)
    recorder.backward(y, question["dout"])
    recorder.write("x.grad of a new block", x.grad, "gradients")
    recorder.write("gamma.grad of a new block", norm.weight.grad if norm.affine else None, "gradients")
    recorder.write("weight.grad of a new block", linear.weight.grad, "gradients")
    with recorder.attempt("writing to gamma and beta", "state"), torch.no_grad():
        norm.weight.copy_(torch.from_numpy(question["gamma"]))
        norm.bias.copy_(torch.from_numpy(question["beta"]))
    later = recorder.tensor("x later", question["later"])
    recorder.call("the output with other numbers", block, later)
    block.eval()
    recorder.call("the output in evaluation", block, later[:2], stage="state")


def write_std(recorder: Recorder, name: str, std: float) -> None:
    """Write down whether a std times √width is near √2, in both directions."""
    share = std / 2**0.5
    told = f"it is {share:.2f} times as large"
    recorder.write(f"{name} is at least 0.9 · √(2 / width)", share > 0.9, "state", told=told)
    recorder.write(f"{name} is at most 1.1 · √(2 / width)", share < 1.1, "state", told=told)


def std_of_many(recorder: Recorder, theirs: Any, width: int) -> float:
    """Return the std of the weights of 150 blocks, in which the std of a narrow layer shows.

    Blocks that all have the same weights, by a seed of their own, show too little of it; √(2 / width) is returned then.
    """
    with recorder.attempt("making many of them", "state"):
        blocks = [theirs(width) for _ in range(150)]
        weights = torch.stack([p.detach().float() for m in blocks for p in m.parameters() if p.shape == (width, width)])
    return weights.std().item() if (weights != weights[0]).any() else (2 / width) ** 0.5


residual_block = Task(
    name="residual_block",
    subject="ResidualBlock(width)",
    ask=ask_residual_block,
    observing=observe_residual_block,
    watched=False,
    in_graph=True,
)
