"""The initialisations of the character MLP: five schemes, and the one place where their numbers are drawn.

``models.char_mlp`` and the fast trainer ``manual.train_ladder`` both take their initial values from here, so that a
run of one can be compared with a run of the other, number by number.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from bncourse.arguments import check_choice

__all__ = ["SCHEMES", "TANH_GAIN", "VOCABULARY_SIZE", "Scheme", "initial_values"]

VOCABULARY_SIZE = 27
TANH_GAIN = 5 / 3
"""``torch.nn.init.calculate_gain("tanh")``; chapter 02 derives what it achieves and what it does not."""


@dataclass(frozen=True)
class Scheme:
    """An initialisation of the character MLP: the factor by which each group of N(0, 1) draws is multiplied.

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

    def hidden_factor(self, fan_in: int) -> float:
        """Return the factor of the hidden weights for ``fan_in`` inputs."""
        return TANH_GAIN / fan_in**0.5 if self.hidden_weight is None else self.hidden_weight


SCHEMES = {
    "bad": Scheme(hidden_weight=1.0, hidden_bias=1.0, output_weight=1.0, output_bias=1.0),
    "fixed-output": Scheme(hidden_weight=1.0, hidden_bias=1.0, output_weight=0.01, output_bias=0.0),
    "fixed-tanh": Scheme(hidden_weight=0.2, hidden_bias=0.01, output_weight=0.01, output_bias=0.0),
    "kaiming": Scheme(hidden_weight=None, hidden_bias=0.01, output_weight=0.01, output_bias=0.0),
    "batchnorm": Scheme(hidden_weight=None, hidden_bias=0.01, output_weight=0.01, output_bias=0.0, batchnorm=True),
}
"""The five initialisations by name, from all N(0, 1) to Kaiming with BatchNorm."""


def initial_values(
    scheme: str,
    generator: Generator | None = None,
    *,
    hidden: int = 200,
    embedding: int = 10,
    block_size: int = 3,
) -> dict[str, Tensor]:
    """Draw C, W1, b1, W2, b2 ~ N(0, 1), in this order, and scale them as ``SCHEMES[scheme]`` says.

    b1 is drawn for every scheme, also where BatchNorm would remove it, so that W2 gets the same numbers from the same
    seed. (The published first losses decide this: 3.3147 from seed 2147483647 if b1 is drawn, 3.3239 if not.)

    Arguments:
        scheme: a key of :data:`SCHEMES`.
        generator: source of the draws; ``None`` is torch's global one.
        hidden: units of the hidden layer.
        embedding: numbers per character.
        block_size: characters of context.

    Returns:
        C (27, embedding), W1 (block_size * embedding, hidden), b1 (hidden,), W2 (hidden, 27) and b2 (27,), in float32.

    Raises:
        ValueError: the scheme is unknown.
    """
    check_choice("scheme", scheme, SCHEMES)
    factors, fan_in = SCHEMES[scheme], block_size * embedding
    return {
        "C": torch.randn((VOCABULARY_SIZE, embedding), generator=generator),
        "W1": torch.randn((fan_in, hidden), generator=generator) * factors.hidden_factor(fan_in),
        "b1": torch.randn(hidden, generator=generator) * factors.hidden_bias,
        "W2": torch.randn((hidden, VOCABULARY_SIZE), generator=generator) * factors.output_weight,
        "b2": torch.randn(VOCABULARY_SIZE, generator=generator) * factors.output_bias,
    }
