"""Answers of assignment 09: how alike the gradients along a line of inputs are, and a residual block."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from bncourse.judging.answers.written_out import (
    autocorrelation_by_the_norm,
    autocorrelation_in_pairs,
    autocorrelation_of_all_products,
)
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake
from bncourse.observing.tasks import exercise_09_fifty_layers as tasks

__all__ = ["residual_block", "shattering"]


class Autocorrelation:
    """The autocorrelation of the gradients, each step a method, so that a mistake is one method."""

    def __call__(self, model: nn.Module, xs: Tensor, lag: int = 1) -> Any:
        """Return the autocorrelation."""
        xs = xs.detach().clone().requires_grad_()
        gradients = self.gradients(self.prepared(model), xs)
        return self.ratio(self.centred(gradients), lag)

    def prepared(self, model: nn.Module) -> nn.Module:
        """The model, in the mode in which it is."""
        return model

    def gradients(self, model: nn.Module, xs: Tensor) -> Tensor:
        """The gradient of the sum of all outputs, one row per input."""
        return torch.autograd.grad(self.scalar(model(xs)), xs)[0]

    def scalar(self, outputs: Tensor) -> Tensor:
        """What the gradient is taken of."""
        return outputs.sum()

    def centred(self, g: Tensor) -> Tensor:
        """Without the mean over the inputs."""
        return g - g.mean(0)

    def ratio(self, c: Tensor, lag: int) -> Any:
        """The sum of the products at a distance over the sum of the squares."""
        return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


def autocorrelation(model: nn.Module, xs: Tensor, lag: int = 1) -> float:
    """Return the autocorrelation of the gradients."""
    return Autocorrelation()(model, xs, lag)


def wrong(name: str, hint: str, *changes: dict[str, Any]) -> Mistake:
    """Return a mistake: autocorrelations in which these members differ."""
    kinds = [type("Wrong", (Autocorrelation,), change) for change in changes]
    return Mistake(name, hint, *(lambda model, xs, lag=1, kind=kind: kind()(model, xs, lag) for kind in kinds))


def products(c: Tensor, lag: int) -> Tensor:
    """The products at a distance, summed over the numbers of an input."""
    return (c[: len(c) - lag] * c[lag:]).sum(1)


def correlation(c: Tensor, lag: int) -> float:
    """The correlation coefficient of all numbers with those at a distance."""
    return torch.corrcoef(torch.stack([c[: len(c) - lag].flatten(), c[lag:].flatten()]))[0, 1].item()


def backward(self: Autocorrelation, model: nn.Module, xs: Tensor) -> Tensor:
    """Leaves gradients in the parameters."""
    model(xs).sum().backward()
    return xs.grad


def one_by_one(self: Autocorrelation, model: nn.Module, xs: Tensor) -> Tensor:
    """Sends each input by itself, in evaluation mode where it must."""
    return torch.cat([torch.autograd.grad(model(x[None]).sum(), x)[0][None] for x in xs])


shattering = Check(
    tasks.shattering,
    right=autocorrelation,
    forms=(autocorrelation_in_pairs, autocorrelation_of_all_products, autocorrelation_by_the_norm),
    wrong=(
        wrong(
            "not-centred",
            "A gradient that is the same everywhere is no likeness between *neighbours*: subtract the mean gradient.",
            {"centred": lambda self, g: g},
        ),
        wrong(
            "one-mean-for-all",
            "The mean gradient has one number per input feature: over which dimension did you average?",
            {"centred": lambda self, g: g - g.mean()},
        ),
        wrong(
            "centred-over-features",
            "The mean is taken over the inputs of the line, dimension 0, and not over the features of each input.",
            {"centred": lambda self, g: g - g.mean(1, keepdim=True)},
        ),
        wrong(
            "features-added-first",
            "The gradient of an input has one number per feature, and features that disagree must not cancel: take the "
            "inner product over them, and only at the end.",
            {"centred": lambda self, g: (g - g.mean(0)).sum(1, keepdim=True)},
        ),
        wrong(
            "standardised",
            "Only the mean is subtracted: features with larger gradients keep their weight.",
            {"centred": lambda self, g: (g - g.mean(0)) / g.std(0)},
            {"centred": lambda self, g: (g - g.mean(0)) / g.std(0, correction=0)},
        ),
        wrong(
            "mean-of-products",
            "Both are sums: if you divide each by the number of its terms, the two numbers differ.",
            {"ratio": lambda self, c, lag: (products(c, lag).mean() / c.square().sum(1).mean()).item()},
            {"ratio": lambda self, c, lag: ((c[: len(c) - lag] * c[lag:]).mean() / c.square().mean()).item()},
        ),
        wrong(
            "mean-of-cosines",
            "This averages the cosines of pairs: the assignment asks for the quotient of two sums.",
            {
                "ratio": lambda self, c, lag: (
                    torch.nn.functional.cosine_similarity(c[: len(c) - lag], c[lag:]).mean().item()
                )
            },
        ),
        wrong(
            "squares-of-the-pairs-only",
            "The sum of squares below is over *all* inputs, and not only over those that have a partner.",
            {"ratio": lambda self, c, lag: (products(c, lag).sum() / c[: len(c) - lag].square().sum()).item()},
            {"ratio": lambda self, c, lag: (products(c, lag).sum() / c[lag:].square().sum()).item()},
            {
                "ratio": lambda self, c, lag: (
                    products(c, lag).sum() / (c[lag:].norm() * c[: len(c) - lag].norm())
                ).item()
            },
        ),
        wrong(
            "correlation-coefficient",
            "A correlation coefficient subtracts one mean from each of two lists and divides by their own spreads: "
            "here the mean gradient has one number per feature, and the sum below is over all inputs.",
            {"centred": lambda self, g: g, "ratio": lambda self, c, lag: correlation(c, lag)},
            {"ratio": lambda self, c, lag: correlation(c, lag)},
        ),
        wrong(
            "a-ring-instead-of-a-line",
            "The first input is no neighbour of the last: `roll` closes the line to a ring.",
            {"ratio": lambda self, c, lag: ((c * c.roll(lag, 0)).sum() / c.square().sum()).item()},
        ),
        wrong(
            "lag-ignored",
            "`lag` is an argument, and whatever is given for it, the answer is the same: where is it used?",
            {"ratio": lambda self, c, lag: (products(c, 1).sum() / c.square().sum()).item()},
            {"ratio": lambda self, c, lag: 1.0},
        ),
        wrong(
            "lag-off-by-one",
            "At lag 0 each gradient is compared with itself, and the answer is 1: what is yours?",
            {"ratio": lambda self, c, lag: (products(c, lag + 1).sum() / c.square().sum()).item()},
        ),
        wrong(
            "absolute-value",
            "Neighbours may point in opposite directions, and then the answer is negative: keep the sign.",
            {"ratio": lambda self, c, lag: (products(c, lag).sum().abs() / c.square().sum()).item()},
            {"ratio": lambda self, c, lag: (products(c, lag).abs().sum() / c.square().sum()).item()},
        ),
        wrong(
            "not-divided",
            "Divide by the sum of the squares, so that lag 0 gives 1.",
            {"ratio": lambda self, c, lag: products(c, lag).sum().item()},
            {"ratio": lambda self, c, lag: products(c, lag).mean().item()},
        ),
        wrong(
            "one-minus",
            "1 means alike and 0 means shattered: this is 1 minus that.",
            {"ratio": lambda self, c, lag: (1 - products(c, lag).sum() / c.square().sum()).item()},
        ),
        wrong(
            "one-number-per-feature",
            "Sum over the inputs *and* the features: one number comes back.",
            {"ratio": lambda self, c, lag: (c[: len(c) - lag] * c[lag:]).sum(0) / c.square().sum(0)},
        ),
        wrong(
            "first-output-only",
            "The gradient is that of the *sum* of all outputs of a row: this takes one output.",
            {"scalar": lambda self, outputs: outputs[:, 0].sum()},
        ),
        wrong(
            "squared-outputs",
            "The gradient is that of the outputs, and not of their squares.",
            {"scalar": lambda self, outputs: outputs.square().sum()},
        ),
        wrong(
            "outputs-compared",
            "These are the outputs: how alike are the *gradients* with respect to the inputs?",
            {"gradients": lambda self, model, xs: model(xs).detach()},
        ),
        wrong(
            "inputs-compared",
            "These are the inputs themselves, which lie on a line whatever the model is.",
            {"gradients": lambda self, model, xs: xs.detach()},
        ),
        wrong(
            "evaluation-mode",
            "With `eval()` BatchNorm looks at no batch any more: use the model in the mode in which it comes.",
            {"prepared": lambda self, model: model.eval()},
        ),
        wrong(
            "training-mode",
            "With `train()` a Dropout drops units: use the model in the mode in which it comes.",
            {"prepared": lambda self, model: model.train()},
        ),
        wrong(
            "gradients-left-behind",
            "`backward()` leaves gradients in the model's parameters: ask `torch.autograd.grad` for that of `xs`.",
            {"gradients": backward},
        ),
        wrong(
            "one-input-at-a-time",
            "A BatchNorm needs the whole line as one batch: send all inputs at once.",
            {"gradients": one_by_one},
        ),
    ),
)


class Block(nn.Module):
    """h + BatchNorm(Linear(ReLU(h))) with a gamma of 0 at the start."""

    bias, gain, gamma, beta, norm_of = False, 2**0.5, 0.0, 0.0, nn.BatchNorm1d

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width, bias=self.bias)
        self.norm = self.norm_of(width)
        with torch.no_grad():
            self.linear.weight.normal_(0, self.gain / width**0.5)
            self.norm.weight.fill_(self.gamma)
            self.norm.bias.fill_(self.beta)

    def forward(self, h: Tensor) -> Tensor:
        """Return a tensor of the shape of h."""
        return h + self.norm(self.linear(torch.relu(h)))


def block(name: str, hint: str, *changes: dict[str, Any]) -> Mistake:
    """Return a mistake: blocks in which these members differ."""
    return Mistake(name, hint, *(type("Wrong", (Block,), change) for change in changes))


def forwards(formula: Any) -> dict[str, Any]:
    """Return the member forward, by its formula."""
    return {"forward": formula}


def in_place(self: Block, h: Tensor) -> Tensor:
    """Writes into what it was given."""
    with torch.no_grad():
        added = self.norm(self.linear(torch.relu(h)))
        h.data += added
    return h + added * 0


class TwoLinears(Block):
    """A second Linear, with its own ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.second = nn.Linear(width, width)


class WithoutGamma(Block):
    """A BatchNorm that has neither gamma nor beta."""

    def __init__(self, width: int) -> None:
        nn.Module.__init__(self)
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width, affine=False)


class FrozenGamma(Block):
    """A gamma that is not trained."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.norm.weight.requires_grad_(False)


class OneLessThanTheWidth(Block):
    """Weights whose variance is 2 over one less than the width."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        with torch.no_grad():
            self.linear.weight.normal_(0, (2 / (width - 1)) ** 0.5)


class OneMoreThanTheWidth(Block):
    """Weights whose variance is 2 over one more than the width."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        with torch.no_grad():
            self.linear.weight.normal_(0, (2 / (width + 1)) ** 0.5)


class DefaultWeights(Block):
    """The weights that nn.Linear draws by itself."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.linear.reset_parameters()


residual_block = Check(
    tasks.residual_block,
    right=Block,
    wrong=(
        block(
            "no-residual-connection",
            "What came in is not in what comes out: with a gamma of 0 the block gives 0, and it should give h.",
            forwards(lambda self, h: self.norm(self.linear(torch.relu(h)))),
        ),
        block(
            "gamma-of-one",
            "With gamma at 1 the new block is not the identity: BatchNorm's scale starts at 0 here.",
            {"gamma": 1.0},
        ),
        block(
            "small-gamma",
            "With a small gamma the new block is nearly the identity: 0 makes it exact.",
            {"gamma": 0.1},
            {"gamma": 0.01},
        ),
        block(
            "norm-before-relu",
            """This is the pre-activation order: ReLU gets 0 where gamma is 0, and its slope there is 0, so that neither
            gamma nor the weights get a gradient. Nothing may follow the BatchNorm but the sum.""",
            forwards(lambda self, h: h + self.linear(torch.relu(self.norm(h)))),
        ),
        block(
            "relu-at-the-end",
            "A ReLU after a gamma of 0 passes no gradient: it belongs in front of the Linear.",
            forwards(lambda self, h: h + torch.relu(self.norm(self.linear(h)))),
            forwards(lambda self, h: h + torch.relu(self.norm(self.linear(torch.relu(h))))),
        ),
        block(
            "relu-after-the-sum",
            "A ReLU after the sum cuts off what came in below 0: the path beside the block must stay free.",
            forwards(lambda self, h: torch.relu(h + self.norm(self.linear(torch.relu(h))))),
            forwards(lambda self, h: torch.relu(h + self.norm(self.linear(h)))),
        ),
        block(
            "norm-after-the-sum",
            "This normalises the sum (post-norm), so that no path leads through the block untouched.",
            forwards(lambda self, h: self.norm(h + self.linear(torch.relu(h)))),
        ),
        block(
            "norm-between",
            "The order is ReLU, Linear, BatchNorm, so that gamma is the last factor: here the Linear comes last.",
            forwards(lambda self, h: h + self.linear(self.norm(torch.relu(h)))),
        ),
        block(
            "linear-before-relu",
            "The order is ReLU, Linear, BatchNorm: here the Linear comes before the ReLU.",
            forwards(lambda self, h: h + self.norm(torch.relu(self.linear(h)))),
        ),
        block(
            "no-relu",
            "Without a non-linearity a stack of such blocks is one linear map.",
            forwards(lambda self, h: h + self.norm(self.linear(h))),
        ),
        block(
            "no-norm",
            "The block has a BatchNorm and does not use it.",
            forwards(lambda self, h: h + self.linear(torch.relu(h))),
        ),
        block(
            "subtracted",
            "The block *adds* its result to what came in.",
            forwards(lambda self, h: h - self.norm(self.linear(torch.relu(h)))),
        ),
        block(
            "rectified-path",
            "The sum is with h itself, and not with ReLU(h).",
            forwards(lambda self, h: torch.relu(h) + self.norm(self.linear(torch.relu(h)))),
        ),
        block(
            "sum-divided",
            "What came in must pass unchanged: do not scale the sum.",
            forwards(lambda self, h: (h + self.norm(self.linear(torch.relu(h)))) / 2**0.5),
            forwards(lambda self, h: (h + self.norm(self.linear(torch.relu(h)))) / 2),
        ),
        block(
            "tanh-for-relu",
            "The non-linearity of this block is ReLU.",
            forwards(lambda self, h: h + self.norm(self.linear(torch.tanh(h)))),
        ),
        block(
            "writes-into-its-input",
            "`h += …` writes into what was handed in: build a new tensor with `h + …`.",
            forwards(in_place),
        ),
        block(
            "bias-before-norm",
            "BatchNorm subtracts any bias that comes before it: the Linear needs none.",
            {"bias": True},
        ),
        block(
            "weights-of-zero",
            "With weights of 0 BatchNorm has nothing to normalise, and gamma no gradient: only gamma starts at 0.",
            {"gain": 0.0},
            {"gain": 0.0, "gamma": 1.0},
        ),
        Mistake(
            "another-gain",
            """The weights have std √(2 / width), root included: ReLU cuts off half of the inputs, and the gain makes up
            for it. (What `nn.Linear` draws by itself has √(1 / (3 · width)).)""",
            type("Wrong", (Block,), {"gain": 1.0}),
            type("Wrong", (Block,), {"gain": 5 / 3}),
            DefaultWeights,
        ),
        Mistake(
            "width-off-by-one",
            "Wide blocks have the right weights and narrow ones have not: what is 2 divided by under the root?",
            OneLessThanTheWidth,
            OneMoreThanTheWidth,
        ),
        block(
            "layernorm",
            "The block has a BatchNorm, `nn.BatchNorm1d`: LayerNorm normalises each example.",
            {"norm_of": nn.LayerNorm},
        ),
        Mistake("two-linears", "The block has one Linear.", TwoLinears),
        Mistake("without-gamma", "With `affine=False` there is no gamma that could start at 0.", WithoutGamma),
        Mistake("gamma-not-trained", "gamma starts at 0 and must be trained: it needs a gradient.", FrozenGamma),
    ),
)
