"""The two networks of the course.

Both predict the next character from the ``block_size`` characters before it (after Bengio et al. 2003,
"A neural probabilistic language model"). Every draw comes from one ``torch.Generator``, in the order in which the
layers stand, so that published runs can be reproduced.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from bncourse.arguments import check_positive, check_size
from bncourse.initialisation import SCHEMES, TANH_GAIN, VOCABULARY_SIZE, Scheme, initial_values
from bncourse.layers import BatchNorm1d, Embedding, Flatten, Linear, Sequential, Tanh

__all__ = ["SCHEMES", "TANH_GAIN", "VOCABULARY_SIZE", "Scheme", "char_mlp", "deep_mlp", "fused"]


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
    for name, size in {"hidden": hidden, "embedding": embedding, "block_size": block_size}.items():
        check_size(name, size)
    values = initial_values(scheme, generator, hidden=hidden, embedding=embedding, block_size=block_size)
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    parts["embedding"] = with_values(Embedding(VOCABULARY_SIZE, embedding, generator=Generator()), weight=values["C"])
    parts["flatten"] = Flatten()
    parts["hidden"] = with_values(
        Linear(embedding * block_size, hidden, generator=Generator()), weight=values["W1"], bias=values["b1"]
    )
    if SCHEMES[scheme].batchnorm:
        # momentum: a batch of 32 is a noisy sample, and 200,000 steps leave time for a slow average (chapter 06).
        parts["batchnorm"] = BatchNorm1d(hidden, momentum=0.001, unbiased_batch_variance=unbiased_batch_variance)
    parts["tanh"] = Tanh()
    parts["output"] = with_values(
        Linear(hidden, VOCABULARY_SIZE, generator=Generator()), weight=values["W2"], bias=values["b2"]
    )
    return Sequential(parts)


@torch.no_grad()
def with_values(layer: nn.Module, **values: Tensor) -> nn.Module:
    """Return ``layer`` after its parameters have been replaced by ``values``, by name."""
    for name, value in values.items():
        layer.get_parameter(name).copy_(value)
    return layer


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
        TypeError: a size is not a whole number, or the gain is not a number.
        ValueError: a size is below 1, or the gain is not a positive finite number.
    """
    for name, size in {"hidden": hidden, "depth": depth, "embedding": embedding, "block_size": block_size}.items():
        check_size(name, size)
    check_positive("gain", gain)
    widths = [embedding * block_size] + [hidden] * depth + [VOCABULARY_SIZE]
    layers: list[nn.Module] = [Embedding(VOCABULARY_SIZE, embedding, generator=generator), Flatten()]
    for number, (fan_in, fan_out) in enumerate(pairwise(widths)):
        is_last = number == depth
        layers.append(Linear(fan_in, fan_out, bias=not batchnorm, gain=1.0 if is_last else gain, generator=generator))
        if batchnorm:
            layers.append(BatchNorm1d(fan_out, unbiased_batch_variance=unbiased_batch_variance))
        if not is_last:
            layers.append(Tanh())
    with torch.no_grad():
        layers[-1].get_parameter("gamma" if batchnorm else "weight").mul_(0.1)
    return Sequential(*layers)


def fused(model: Sequential) -> Sequential:
    """Exchange each BatchNorm of a network for torch's: the same function in one kernel, for long trainings.

    Arguments:
        model: changed in place. The new layers have the parameters and the running statistics of the old ones.

    Returns:
        ``model``.

    Raises:
        ValueError: a layer divides by ``n - 1``, which torch's does not.
    """
    names = {"gamma": "weight", "beta": "bias"}
    for place, layer in enumerate(model):
        if not isinstance(layer, BatchNorm1d):
            continue
        if layer.unbiased_batch_variance:
            raise ValueError("a BatchNorm1d with unbiased_batch_variance=True has no counterpart in torch")
        model[place] = nn.BatchNorm1d(
            layer.dim, layer.eps, layer.momentum, layer.affine, layer.track_running_stats
        ).train(layer.training)
        model[place].load_state_dict({names.get(name, name): value for name, value in layer.state_dict().items()})
    return model
