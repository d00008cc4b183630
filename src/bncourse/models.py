"""The two networks of the course, and the initialisation schemes by name.

Both predict the next character from the ``block_size`` characters before it (after Bengio et al. 2003,
"A neural probabilistic language model"). Every draw comes from one ``torch.Generator``, in the order in which the
layers stand, so that published runs can be reproduced.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, nn

from bncourse.arguments import check_size
from bncourse.layers import BatchNorm1d, Embedding, Flatten, Linear, Sequential, Tanh

__all__ = ["SCHEMES", "TANH_GAIN", "VOCABULARY_SIZE", "Scheme", "char_mlp", "deep_mlp"]

VOCABULARY_SIZE = 27
TANH_GAIN = 5 / 3
"""``torch.nn.init.calculate_gain("tanh")``; chapter 02 derives what it is and what it is not."""


@dataclass(frozen=True)
class Scheme:
    """How the character MLP starts: what each N(0, 1) draw is multiplied with.

    Attributes:
        hidden_weight: factor of the hidden weights; ``None`` stands for Kaiming's (5/3) / √fan_in.
        hidden_bias: factor of the hidden biases.
        output_weight: factor of the output weights.
        output_bias: factor of the output biases.
        batchnorm: whether BatchNorm stands between the hidden layer and its tanh.
    """

    hidden_weight: float | None
    hidden_bias: float
    output_weight: float
    output_bias: float
    batchnorm: bool = False


SCHEMES = {
    "bad": Scheme(hidden_weight=1.0, hidden_bias=1.0, output_weight=1.0, output_bias=1.0),
    "fixed-output": Scheme(hidden_weight=1.0, hidden_bias=1.0, output_weight=0.01, output_bias=0.0),
    "fixed-tanh": Scheme(hidden_weight=0.2, hidden_bias=0.01, output_weight=0.01, output_bias=0.0),
    "kaiming": Scheme(hidden_weight=None, hidden_bias=0.01, output_weight=0.01, output_bias=0.0),
    "batchnorm": Scheme(hidden_weight=None, hidden_bias=0.01, output_weight=0.01, output_bias=0.0, batchnorm=True),
}
"""The rungs of the loss ladder, from all N(0, 1) to BatchNorm."""


def char_mlp(
    scheme: str,
    *,
    hidden: int = 200,
    embedding: int = 10,
    block_size: int = 3,
    unbiased_batch_variance: bool = False,
    generator: Generator | None = None,
) -> Sequential:
    """The character MLP with one hidden layer: embedding → flatten → linear → (BatchNorm) → tanh → linear.

    Draws: the embedding table C, then W1, b1, W2, b2, each N(0, 1) and scaled as ``SCHEMES[scheme]`` says. With the
    default sizes: 11,897 parameters, 12,297 with BatchNorm.

    Arguments:
        scheme: one of ``'bad'``, ``'fixed-output'``, ``'fixed-tanh'``, ``'kaiming'``, ``'batchnorm'``.
        hidden: units of the hidden layer.
        embedding: numbers per character.
        block_size: characters of context.
        unbiased_batch_variance: normalise as the makemore lecture does, to reproduce its run (see ``BatchNorm1d``).
        generator: source of the draws; ``None`` is torch's global one.

    Returns:
        A module from contexts (N, block_size) int64 to logits (N, 27), its parts named ``embedding``, ``flatten``,
        ``hidden``, ``batchnorm`` (scheme ``'batchnorm'`` only), ``tanh``, ``output``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: the scheme is unknown, or a size is below 1.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"scheme is {scheme!r}; it must be one of {', '.join(map(repr, SCHEMES))}")
    for name, size in {"hidden": hidden, "embedding": embedding, "block_size": block_size}.items():
        check_size(name, size)
    start = SCHEMES[scheme]
    fan_in = embedding * block_size

    def linear(fan_in: int, fan_out: int, weight_factor: float, bias_factor: float) -> Linear:
        # gain / √fan_in is what Linear multiplies its draws with.
        layer = Linear(fan_in, fan_out, gain=weight_factor * fan_in**0.5, generator=generator)
        with torch.no_grad():
            layer.bias.copy_(torch.randn(fan_out, generator=generator) * bias_factor)
        return layer

    kaiming = TANH_GAIN / fan_in**0.5
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    parts["embedding"] = Embedding(VOCABULARY_SIZE, embedding, generator=generator)
    parts["flatten"] = Flatten()
    parts["hidden"] = linear(
        fan_in, hidden, kaiming if start.hidden_weight is None else start.hidden_weight, start.hidden_bias
    )
    if start.batchnorm:
        # momentum: a batch of 32 is a noisy sample, and 200,000 steps leave time for a slow average (chapter 06).
        parts["batchnorm"] = BatchNorm1d(hidden, momentum=0.001, unbiased_batch_variance=unbiased_batch_variance)
    parts["tanh"] = Tanh()
    parts["output"] = linear(hidden, VOCABULARY_SIZE, start.output_weight, start.output_bias)
    return Sequential(parts)


def deep_mlp(
    *,
    hidden: int = 100,
    depth: int = 5,
    embedding: int = 10,
    block_size: int = 3,
    gain: float = 1.0,
    batchnorm: bool = True,
    unbiased_batch_variance: bool = False,
    generator: Generator | None = None,
) -> Sequential:
    """A deep character MLP: ``depth`` times linear → (BatchNorm) → tanh, then linear → (BatchNorm).

    Draws: the embedding table C, then the weights of the Linear layers from first to last. There are no biases under
    BatchNorm, which would remove them (chapter 05). The last layer starts small, so that the first loss is near
    ln 27: its gamma × 0.1, or its weights × 0.1 where there is no BatchNorm. 47,024 parameters by default.

    Arguments:
        hidden: units of each hidden layer.
        depth: number of hidden layers.
        embedding: numbers per character.
        block_size: characters of context.
        gain: the hidden weights are N(0, gain² / fan_in).
        batchnorm: whether a BatchNorm follows each Linear.
        unbiased_batch_variance: normalise as the makemore lecture does, to reproduce its run (see ``BatchNorm1d``).
        generator: source of the draws; ``None`` is torch's global one.

    Returns:
        A module from contexts (N, block_size) int64 to logits (N, 27).

    Raises:
        TypeError: a size is not a whole number.
        ValueError: a size is below 1, or the gain is not positive.
    """
    for name, size in {"hidden": hidden, "depth": depth, "embedding": embedding, "block_size": block_size}.items():
        check_size(name, size)
    if not gain > 0:
        raise ValueError(f"gain is {gain!r}; it must be a positive number")
    widths = [embedding * block_size] + [hidden] * depth + [VOCABULARY_SIZE]
    layers: list[nn.Module] = [Embedding(VOCABULARY_SIZE, embedding, generator=generator), Flatten()]
    for fan_in, fan_out in pairwise(widths):
        is_last = len(layers) == 2 + depth * (3 if batchnorm else 2)
        layers.append(Linear(fan_in, fan_out, bias=not batchnorm, gain=1.0 if is_last else gain, generator=generator))
        if batchnorm:
            layers.append(BatchNorm1d(fan_out, unbiased_batch_variance=unbiased_batch_variance))
        if not is_last:
            layers.append(Tanh())
    with torch.no_grad():
        last = layers[-1]
        (last.gamma if batchnorm else last.weight).mul_(0.1)
    return Sequential(*layers)
