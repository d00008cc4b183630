"""What the answers of the normalisation layers share: a right one, and what a network shows of one that is not."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bncourse.judging.mistakes import Mistake
from bncourse.observing.tasks import normalisation as seen
from bncourse.plugged import ALONE, PROMISED

__all__ = ["LAYER_OUTCOMES", "STATISTICS_OUTCOMES", "PlainBatchNorm", "not_registered", "parameters_without_gradient"]


class PlainBatchNorm(nn.Module):
    """BatchNorm with each step in a method of its own, so that a mistake is one method written differently."""

    dims: tuple[int, ...] = (0,)
    """Over which the statistics are taken."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum, self.dim = eps, momentum, dim
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        self.check(x)
        if self.uses_batch():
            mean, var = self.mean(x), self.var(x)
            self.update(mean, var, x.numel() // x.shape[1])
        else:
            mean, var = self.lined_up(self.running_mean, x), self.lined_up(self.running_var, x)
        return self.scaled(self.normalised(x, mean, var), x)

    def check(self, x: Tensor) -> None:
        """Raise if there is nothing to take statistics of."""
        if self.training and x.numel() // x.shape[1] < 2:
            raise ValueError("more than one value per channel is needed in training")

    def uses_batch(self) -> bool:
        """Whether the statistics are the batch's."""
        return self.training

    def over(self, x: Tensor) -> tuple[int, ...]:
        """The dimensions over which the statistics of a batch are taken."""
        return self.dims

    def mean(self, x: Tensor) -> Tensor:
        """Of the batch."""
        return x.mean(self.over(x), keepdim=True)

    def var(self, x: Tensor) -> Tensor:
        """Of the batch, biased."""
        return x.var(self.over(x), keepdim=True, correction=0)

    def lined_up(self, values: Tensor, x: Tensor) -> Tensor:
        """(C,) in line with the channels of x."""
        return values.reshape(1, -1, *[1] * (x.ndim - 2))

    def normalised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Mean 0 and variance 1."""
        return (x - mean) / torch.sqrt(var + self.eps)

    def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
        """With gamma and beta."""
        return self.lined_up(self.gamma, x) * xhat + self.lined_up(self.beta, x)

    @torch.no_grad()
    def update(self, mean: Tensor, var: Tensor, n: int) -> None:
        """Move the running estimates."""
        self.running_mean = self.moved(self.running_mean, mean.flatten())
        self.running_var = self.moved(self.running_var, self.stored(var.flatten(), n))

    def moved(self, running: Tensor, new: Tensor) -> Tensor:
        """A running estimate, a step further."""
        return (1 - self.momentum) * running + self.momentum * new

    def stored(self, var: Tensor, n: int) -> Tensor:
        """The variance that is stored: unbiased."""
        return var * n / (n - 1)


def not_registered(kind: type[PlainBatchNorm]) -> Mistake:
    """Return the mistake of a module whose running statistics are attributes like any other."""

    def without(*names: str) -> type:
        class NotRegistered(kind):  # type: ignore[misc, valid-type]  # mypy follows no base class that is a variable
            def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
                super().__init__(dim, eps, momentum)
                for name in names:
                    start = getattr(self, name)
                    delattr(self, name)
                    setattr(self, name, start)

        return NotRegistered

    return Mistake(
        "buffers-not-registered",
        "Saving a model saves its `state_dict()`, and the running statistics are not in it: a module keeps what it "
        "remembers as buffers, which `register_buffer` makes.",
        without("running_mean", "running_var"),
        without("running_mean"),
        without("running_var"),
    )


def parameters_without_gradient(kind: type[PlainBatchNorm]) -> Mistake:
    """Return the mistake of a layer whose gamma or beta gets no gradient, though it is used."""

    def without(*names: str) -> type:
        class CutOff(kind):  # type: ignore[misc, valid-type]
            def scaled(self, xhat: Tensor, x: Tensor) -> Tensor:
                gamma, beta = (p.detach() if name in names else p for name, p in self.named_parameters())
                return self.lined_up(gamma, x) * xhat + self.lined_up(beta, x)

        return CutOff

    return Mistake("parameters-without-gradient", None, without("gamma"), without("beta"), without("gamma", "beta"))


LEARNED = "gamma or beta has moved by another distance: does an optimiser find both, and does each get a gradient?"

LAYER_OUTCOMES = {
    seen.MEANS: (
        "output-mean-off",
        "Behind a new layer the means are not 0: over which values is the mean taken that you subtract?",
    ),
    seen.SPREAD: (
        "output-spread-off",
        "Behind a new layer the standard deviation is not 1: by what do you divide, and over which values is it taken?",
    ),
    PROMISED: (
        "gradient-does-not-fit",
        """The loss does not fall by what the gradient promises: through what does an input of your layer change the
        output, and which of these paths does the gradient take?""",
    ),
    seen.GAMMA_MOVED: ("gamma-or-beta-off", LEARNED),
    seen.BETA_MOVED: ("gamma-or-beta-off", LEARNED),
    ALONE: (
        "neighbours-needed",
        "One example alone is predicted otherwise: does your layer look at the other examples in evaluation?",
    ),
}
"""What a network shows of a layer, by what is looked at: its name and a hint."""

STATISTICS_OUTCOMES = {
    seen.MEAN_SHARE: (
        "running-mean-off",
        """After its first batch the running mean is elsewhere: which weight does the new batch get, and over which
        values is its mean taken?""",
    ),
    seen.VARIANCE_SHARE: (
        "running-variance-off",
        "After its first batch the running variance is a different one: which variance is stored, of how many values?",
    ),
    seen.IN_EVALUATION: (
        "changed-by-evaluation",
        "Each example that is predicted moves the running mean: in evaluation the layer uses it, and leaves it alone.",
    ),
}
"""What a network shows of the running statistics of a layer."""
