"""Small networks with one fault each, for assignment 16: you may hook them, train them and replace their parts.

A network is a list of layers, Linear → Tanh → Linear → Norm → Tanh → Linear → Norm → Tanh → Linear, and a learning
rate. Which fault a network has cannot be read from its layers' names: measure it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor, nn

__all__ = ["CLASSES", "FAULTS", "INPUTS", "Network", "Norm", "batch", "faulty_network", "six_networks", "train"]

FAULTS = ("initialisation", "mode", "axis", "momentum", "gradient", "learning rate")
"""The six faults, by the names that assignment 16 uses."""

INPUTS, WIDTH, CLASSES = 12, 24, 5

Statistics = tuple[Tensor, Tensor]


class Norm(nn.Module):
    """A normalisation of (N, dim) with gamma, beta and running statistics, as BatchNorm is meant to be.

    In evaluation mode it normalises with ``running_mean`` and ``running_var``, each of shape (dim,).

    Arguments:
        dim: number of units.
        of_batch: gives the mean and the biased variance with which a batch is normalised in training mode.
        follow: moves the running statistics, given the layer and a batch.
    """

    def __init__(
        self, dim: int, of_batch: Callable[[Tensor], Statistics], follow: Callable[[Norm, Tensor], None]
    ) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))
        self._of_batch, self._follow = of_batch, follow

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x, scale it by gamma and shift it by beta."""
        if self.training:
            mean, var = self._of_batch(x)
            self._follow(self, x)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + 1e-5) + self.beta


class Network(nn.Module):
    """Layers that run one after the other, and the learning rate at which they are trained.

    Attributes:
        layers: the layers in their order; one can be replaced, as in ``network.layers[3] = torch.nn.BatchNorm1d(24)``.
        lr: the learning rate.
    """

    def __init__(self, layers: list[nn.Module], lr: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.lr = lr

    def forward(self, x: Tensor) -> Tensor:
        """Inputs (N, 12) to logits (N, 5)."""
        for layer in self.layers:
            x = layer(x)
        return x


def batch(generator: Generator, size: int = 64) -> tuple[Tensor, Tensor]:
    """Draw inputs (size, 12), whose means are not 0, and their classes (size,), int64."""
    x = torch.randn(size, INPUTS, generator=generator)
    centres = torch.randn(CLASSES, INPUTS, generator=Generator().manual_seed(16))
    y = (x @ centres.T + x[:, :CLASSES].square()).argmax(1)
    return x + 0.5, y


def train(network: Network, steps: int, generator: Generator) -> list[float]:
    """Plain SGD at ``network.lr``, on a new batch of 64 per step, in the modes that the layers have.

    Returns:
        The loss of each step, in nats.
    """
    losses = []
    for _ in range(steps):
        x, y = batch(generator)
        loss = nn.functional.cross_entropy(network(x), y)
        losses.append(loss.item())
        parameters = [p for p in network.parameters() if p.requires_grad]
        for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True), strict=True):
            if gradient is not None:
                p.data -= network.lr * gradient
    return losses


def biased(x: Tensor, dim: int = 0) -> Statistics:
    """Mean and biased variance along a dimension, which stays with size 1."""
    return x.mean(dim, keepdim=True), x.var(dim, correction=0, keepdim=True)


def following(momentum: float) -> Callable[[Norm, Tensor], None]:
    """Return what moves the running statistics by a share of the way to those of a batch."""

    @torch.no_grad()
    def follow(layer: Norm, x: Tensor) -> None:
        layer.running_mean.lerp_(x.mean(0), momentum)
        layer.running_var.lerp_(x.var(0), momentum)

    return follow


def drawn(low: float, high: float, generator: Generator) -> float:
    """Return a number that is uniform on a logarithmic scale."""
    share = torch.rand((), generator=generator).item()
    return low * (high / low) ** share


def faulty_network(fault: str | None, generator: Generator, variant: int | None = None) -> Network:
    """Draw a network with a fault, or a healthy one; how strong the fault is, is drawn too.

    Arguments:
        fault: one of :data:`FAULTS`, or ``None`` for a healthy network.
        generator: source of the draws.
        variant: 0 to 3, in which of two layers the fault is and on which of two sides; ``None`` draws it.

    Raises:
        ValueError: the fault is none of :data:`FAULTS`.
    """
    if fault is not None and fault not in FAULTS:
        raise ValueError(f"fault is {fault!r}; it must be None or one of {', '.join(map(repr, FAULTS))}")
    with torch.random.fork_rng(devices=[]):  # nn.Linear draws weights of its own from the global generator
        linears = [nn.Linear(*sizes) for sizes in ((INPUTS, WIDTH), (WIDTH, WIDTH), (WIDTH, WIDTH), (WIDTH, CLASSES))]
    with torch.no_grad():
        for linear, gain, offset in zip(linears, (1.0, 1.0, 1.0, 0.3), (0.3, 1.0, 1.0, 0.0), strict=True):
            linear.weight.normal_(0, gain / linear.in_features**0.5, generator=generator)
            linear.bias.normal_(0, offset, generator=generator) if offset else linear.bias.zero_()
    norms = [Norm(WIDTH, biased, following(0.1)) for _ in range(2)]
    lr = drawn(0.15, 0.4, generator)

    drawn_variant = int(torch.randint(4, (), generator=generator))
    which, flip = divmod(drawn_variant if variant is None else variant, 2)
    faulty = norms[which]
    if fault == "initialisation":
        with torch.no_grad():
            linears[3 * which].weight.mul_(drawn(15, 40, generator) / (1 if which == 0 else 0.3))
    elif fault == "mode":
        faulty.eval()
    elif fault == "axis":
        faulty._of_batch = lambda x: biased(x, 1)
    elif fault == "momentum":
        faulty._follow = following(1.0 if flip else drawn(0.0005, 0.002, generator))
    elif fault == "gradient":
        faulty._of_batch = lambda x: biased(x.detach())
    elif fault == "learning rate":
        lr *= drawn(100, 300, generator) if flip else drawn(0.0001, 0.0005, generator)
    first, second, third, last = linears
    return Network(
        [first, nn.Tanh(), second, norms[0], nn.Tanh(), third, norms[1], nn.Tanh(), last],
        lr,
    )


def six_networks(seed: int = 16) -> list[Network]:
    """Return six networks, one for each fault, in an order that the seed decides."""
    generator = Generator().manual_seed(seed)
    order = torch.randperm(len(FAULTS), generator=generator).tolist()
    return [faulty_network(FAULTS[i], generator) for i in order]
