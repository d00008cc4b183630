"""The laboratory's networks in PyTorch: what the page is compared with, and what it claims to agree with.

Nothing here is shared with the page but the list of settings: torch draws, torch's layers compute, autograd
differentiates.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from bncourse.lab.state import Settings, State, make_state
from bncourse.names import Pairs, load_splits

__all__ = ["DEV_PAIRS", "Network", "Run", "observe", "reference"]

CHARACTERS, BLOCK, EMBEDDING = 27, 3, 10
DEV_PAIRS = 4096
"""The dev loss of the laboratory is taken on this many pairs, the first ones of the dev split."""

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "linear": nn.Identity}


class Affine(nn.Module):
    """``x @ weight + bias``, with the weight as the course keeps it: (fan_in, fan_out)."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(fan_in, fan_out))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, fan_in) to (N, fan_out)."""
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


class UnbiasedBatchNorm(nn.BatchNorm1d):
    """``torch.nn.BatchNorm1d``, with the unbiased variance in training, as in Karpathy's notebook."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (N, C)."""
        y = super().forward(x)  # moves the running statistics
        if not self.training:
            return y
        xhat = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=True) + self.eps)
        return xhat * self.weight + self.bias


class Block(nn.Module):
    """One hidden layer: linear, activation, and a BatchNorm before or after it; with or without a residual."""

    def __init__(self, fan_in: int, settings: Settings, residual: bool) -> None:
        super().__init__()
        place, width = settings["bn"], settings["width"]
        self.linear = Affine(fan_in, width, bias=place != "before" or settings["bias"])
        self.norm = None if place == "off" else batchnorm(width, settings)
        self.activation = ACTIVATIONS[settings["act"]]()
        self.first: nn.Module = nn.Identity() if self.norm is None or place != "before" else self.norm
        self.last: nn.Module = nn.Identity() if self.norm is None or place != "after" else self.norm
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, fan_in) to (N, width)."""
        y = self.last(self.activation(self.first(self.linear(x))))
        return x + y if self.residual else y


def batchnorm(dim: int, settings: Settings) -> nn.BatchNorm1d:
    """The BatchNorm that the settings ask for."""
    kind = UnbiasedBatchNorm if settings["variance"] == "unbiased" else nn.BatchNorm1d
    return kind(dim, eps=settings["eps"], momentum=settings["momentum"])


class Network(nn.Module):
    """Contexts (N, 3) to logits (N, 27), as the settings of one side of the laboratory say.

    Arguments:
        settings: all settings of one network.
        generator: source of the draws, which happen in float32 whatever the precision.
    """

    def __init__(self, settings: Settings, generator: Generator) -> None:
        super().__init__()
        self.settings = settings
        deep, width = settings["net"] == "deep", settings["width"]
        self.embedding = nn.Parameter(torch.zeros(CHARACTERS, EMBEDDING))
        self.hidden = nn.ModuleList(
            Block(width if i else BLOCK * EMBEDDING, settings, residual=deep and settings["residual"] and i > 0)
            for i in range(settings["depth"] if deep else 1)
        )
        ends_in_norm = deep and settings["bn"] == "before"
        self.output = Affine(width, CHARACTERS, bias=not ends_in_norm or settings["bias"])
        self.output_norm = batchnorm(CHARACTERS, settings) if ends_in_norm else None
        with torch.no_grad():
            self.start(generator)
        if settings["precision"] == "float64":
            self.double()

    def forward(self, contexts: Tensor) -> Tensor:
        """Map (N, 3) characters to (N, 27) logits."""
        x = self.embedding[contexts].flatten(1)
        for block in self.hidden:
            x = block(x)
        logits = self.output(x)
        return logits if self.output_norm is None else self.output_norm(logits)

    def start(self, generator: Generator) -> None:
        """Draw and scale the parameters."""
        init = self.settings["init"]
        if init == "zeros":
            return
        self.embedding.copy_(torch.randn((CHARACTERS, EMBEDDING), generator=generator))
        linears = [block.linear for block in self.hidden] + [self.output]
        if init == "constant":
            for linear in linears:
                linear.weight.fill_(self.settings["constant"])
        elif init == "torch":
            for linear in linears:
                start_as_torch(linear, generator)
        elif self.settings["net"] == "mlp":
            self.start_shallow(generator)
        else:
            self.start_deep(generator)
        for layer, factor in self.settings["gains"]:
            if 1 <= layer <= len(self.hidden):
                self.hidden[layer - 1].linear.weight.mul_(factor)
        if self.output_norm is not None and init != "torch":
            self.output_norm.weight.fill_(0.1)

    def start_shallow(self, generator: Generator) -> None:
        """Weights and biases, N(0, 1) and scaled; a bias that BatchNorm makes superfluous is drawn all the same."""
        init, linear = self.settings["init"], self.hidden[0].linear
        linear.weight.copy_(torch.randn(linear.weight.shape, generator=generator) * self.std(*linear.weight.shape))
        bias = torch.randn(linear.weight.shape[1], generator=generator)
        if linear.bias is not None:
            linear.bias.copy_(bias * (1 if init in ("normal", "fixed-output") else 0.01))
        weight = torch.randn(self.output.weight.shape, generator=generator)
        self.output.weight.copy_(weight if init == "normal" else weight * 0.01)
        bias = torch.randn(CHARACTERS, generator=generator)
        if self.output.bias is not None:
            self.output.bias.copy_(bias * (1 if init == "normal" else 0))

    def start_deep(self, generator: Generator) -> None:
        """Weights N(0, 1) and scaled; biases 0; the output starts small, by its gamma where it has one."""
        for block in self.hidden:
            shape = block.linear.weight.shape
            block.linear.weight.copy_(torch.randn(shape, generator=generator) * self.std(*shape))
        weight, init = torch.randn(self.output.weight.shape, generator=generator), self.settings["init"]
        if init in ("normal", "fixed-output", "fixed-tanh"):
            self.output.weight.copy_(weight * (1 if init == "normal" else 0.01))
        else:
            self.output.weight.copy_(weight * (1 / math.sqrt(len(weight))))
            if self.output_norm is None:
                self.output.weight.mul_(0.1)

    def std(self, fan_in: int, fan_out: int) -> float:
        """Standard deviation of the weights of a hidden layer."""
        gains = {"kaiming": 5 / 3, "lecun": 1.0, "he": math.sqrt(2), "gain": self.settings["gain"]}
        match self.settings["init"]:
            case "normal" | "fixed-output":
                return 1.0
            case "fixed-tanh":
                return 0.2
            case "xavier":
                return math.sqrt(2 / (fan_in + fan_out))
            case named:
                return gains[named] / math.sqrt(fan_in)


def start_as_torch(linear: Affine, generator: Generator) -> None:
    """As ``torch.nn.Linear`` starts: both U(−1/√fan_in, 1/√fan_in), the weight by unit."""
    fan_in, fan_out = linear.weight.shape
    weight = torch.empty(fan_out, fan_in)
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
    linear.weight.copy_(weight.T)
    if linear.bias is not None:
        nn.init.uniform_(linear.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=generator)


@dataclass
class Run:
    """A run in PyTorch.

    Attributes:
        model: the network after the last step.
        losses: of each minibatch, before the update, in nats.
        parameters: at the start, by the names that the page has too.
        minibatches: indices of the pairs of each step.
    """

    model: Network
    losses: list[float] = field(default_factory=list)
    parameters: dict[str, Tensor] = field(default_factory=dict)
    minibatches: list[list[int]] = field(default_factory=list)

    def dev_loss(self) -> float:
        """Mean cross-entropy on the first ``DEV_PAIRS`` dev pairs, in the mode that the settings ask for."""
        contexts, targets = (part[:DEV_PAIRS] for part in data().dev)
        settings = self.model.settings
        if settings["bn"] == "off" or settings["dev"] == "eval":
            return self.mean_loss(contexts, targets, DEV_PAIRS, training=False)
        return self.mean_loss(contexts, targets, settings["batch"], training=True)

    @torch.no_grad()
    def mean_loss(self, contexts: Tensor, targets: Tensor, size: int, *, training: bool) -> float:
        """Mean cross-entropy in batches of ``size``; a last batch of one is left out. Nothing is remembered."""
        before = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        self.model.train(training)
        batches = [b for b in zip(contexts.split(size), targets.split(size), strict=True) if len(b[1]) > 1 or size == 1]
        total = sum(cross_entropy(self.model(x), y, reduction="sum").item() for x, y in batches)
        for name, buffer in self.model.named_buffers():
            buffer.copy_(before[name])
        return total / sum(len(y) for _, y in batches)


@functools.cache
def data() -> Any:
    """The splits of the course."""
    return load_splits()


def named_parameters(model: Network) -> Iterator[tuple[str, nn.Parameter]]:
    """The parameters by the page's names."""
    names = {"weight": "gamma", "bias": "beta"}
    yield "embedding.weight", model.embedding
    for number, block in enumerate(model.hidden, start=1):
        yield from ((f"hidden.{number}.{name}", p) for name, p in block.linear.named_parameters())
        if block.norm is not None:
            yield from ((f"hidden.{number}.{names[name]}", p) for name, p in block.norm.named_parameters())
    yield from ((f"output.{name}", p) for name, p in model.output.named_parameters())
    if model.output_norm is not None:
        yield from ((f"output.{names[name]}", p) for name, p in model.output_norm.named_parameters())


def rate(settings: Settings, step: int) -> float:
    """The learning rate of a step."""
    base = next((lr for first, lr in reversed(settings["rates"]) if first <= step), settings["lr"])
    return base / 10 if settings["decay"] and step >= settings["steps"] // 2 else base


def observe(
    state: State | Mapping[str, Any] | str | None = None,
    *,
    network: str = "A",
    steps: int | None = None,
    twin: bool | tuple[str, int] = False,
    splits: Pairs | None = None,
) -> Run:
    """Run one network of a state in PyTorch, and keep what the page can be compared with.

    Arguments:
        state: as :func:`make_state` takes it.
        network: ``"A"`` or ``"B"``.
        steps: how many; all that the state has by default.
        twin: move one number of a parameter to the next larger number before training: the first of the embedding,
            or the parameter and the position that are given.
        splits: the pairs to train on; the course's by default.

    Raises:
        ValueError: the state is not accepted, or it has no B.
    """
    state = make_state(state)
    settings = {"A": state.a, "B": state.b}.get(network)
    if settings is None:
        raise ValueError(f"network is {network!r}; this state has {'A and B' if state.b else 'only A'}")
    generator = Generator().manual_seed(settings["seed"])
    model = Network(settings, generator)
    if network == "B" and settings["seed"] == state.a["seed"]:
        # B sees the minibatches of A, whatever it has drawn itself.
        generator = Generator().manual_seed(state.a["seed"])
        Network(state.a, generator)
    run = Run(model, parameters={name: p.detach().clone() for name, p in named_parameters(model)})
    if twin:
        with torch.no_grad():
            name, position = twin if isinstance(twin, tuple) else ("embedding.weight", 0)
            numbers = dict(named_parameters(model))[name].view(-1)
            numbers[position] = torch.nextafter(numbers[position], torch.full_like(numbers[position], math.inf))
    train_pairs = data().train if splits is None else splits
    parameters = list(model.parameters())
    model.train()
    for step in range(settings["steps"] if steps is None else steps):
        batch = torch.randint(0, len(train_pairs.targets), (settings["batch"],), generator=generator)
        loss = cross_entropy(model(train_pairs.contexts[batch]), train_pairs.targets[batch])
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        with torch.no_grad():
            lr = rate(settings, step)
            for parameter in parameters:
                parameter -= lr * parameter.grad
        run.losses.append(loss.item())
        run.minibatches.append(batch.tolist())
    return run


def reference(
    state: State | Mapping[str, Any] | str | None = None,
    *,
    network: str = "A",
    steps: int | None = None,
    twin: bool | tuple[str, int] = False,
) -> list[float]:
    """Run a state of the laboratory in PyTorch and return its losses: of each minibatch, before the update, in nats.

    ::

        lab.reference("hockey-stick", steps=3)                      # 27.88…, 24.00…, …
        lab.reference({"net": "deep", "depth": 20, "bn": "before"}, steps=100)

    Arguments:
        state: the name of a preset; settings that differ from the default; ``{"a": …, "b": …}``; or a state.
        network: ``"A"`` or ``"B"``.
        steps: how many; all that the state has by default.
        twin: move one weight by one unit in the last place first, to see how far rounding alone carries the run away:
            the first of the embedding, or the parameter and the position that are given.

    Raises:
        TypeError, ValueError: the state is not accepted, or it has no B.
    """
    return observe(state, network=network, steps=steps, twin=twin).losses
