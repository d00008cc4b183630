"""Schematics of networks: the name network with its shapes, a saturated tanh, and residual blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist

from torch import nn

from bncourse.schematics.drawing import LARGE, SMALL, WIDTH, Drawing

__all__ = ["name_network", "residual_blocks", "tanh_transfer"]


def name_network(model: nn.Module) -> Drawing:
    """Draw the tensors of ``char_mlp`` from top to bottom, as wide as they have numbers per example.

    Arguments:
        model: from ``char_mlp``, with or without BatchNorm; its parameters give the shapes.

    Returns:
        The picture, with the number of parameters of each layer; BatchNorm is green.
    """
    sizes = {name: tuple(value.shape) for name, value in model.named_parameters()}
    (characters, embedding), (joined, hidden) = sizes["embedding.weight"], sizes["hidden.weight"]
    block, classes = joined // embedding, sizes["output.weight"][1]
    count = {
        part: sum(math.prod(shape) for name, shape in sizes.items() if name.startswith(part))
        for part in ("embedding", "hidden", "batchnorm", "output")
    }
    normalises = count["batchnorm"] > 0
    tensors = [
        ("x", block, f"(N, {block})", "characters"),
        ("joined", joined, f"(N, {joined})", "embeddings"),
        ("pre", hidden, f"(N, {hidden})", "pre-activations"),
        ("h", hidden, f"(N, {hidden})", "activations"),
        ("logits", classes, f"(N, {classes})", ""),
    ]
    steps = [
        f"look up in C: {characters} × {embedding} = {count['embedding']:,} parameters",
        f"× W₁ + b₁: {count['hidden']:,} parameters",
        "tanh",
        f"× W₂ + b₂: {count['output']:,} parameters",
        "softmax and cross-entropy",
    ]
    if normalises:
        tensors.insert(3, ("y", hidden, f"(N, {hidden})", "normalised"))
        steps.insert(2, f"BatchNorm: {count['batchnorm']:,} parameters")
    total = sum(count.values())
    norm = (
        f"BatchNorm, with {count['batchnorm']:,} parameters, normalises each over the examples, " if normalises else ""
    )
    words = (
        f"From top to bottom: x has {block} characters per example; looked up in the table C they become "
        f"{joined} numbers; the hidden layer makes {hidden} pre-activations of them, {norm}tanh makes {hidden} "
        f"activations, the output layer {classes} logits, and the cross-entropy one loss. The embedding, the hidden "
        f"and the output layer have {count['embedding']:,}, {count['hidden']:,} and {count['output']:,} parameters, "
        f"the network {total:,}."
    )
    name = "schematic-network-batchnorm" if normalises else "schematic-network"
    title = f"The network{' with BatchNorm' if normalises else ''} and the shapes of its tensors"
    drawing = Drawing(name, title, words, 66 * len(tensors) + 42)
    middle, scale = 196, 200 / hidden
    for row, ((name, width, shape, kind), step) in enumerate(zip(tensors, steps, strict=True)):
        top = 12 + 66 * row
        wide = max(width * scale, 6)
        ink = "green" if kind == "normalised" else "blue"
        drawing.box(middle - wide / 2, top, wide, 22, edge=ink, fill=ink)
        drawing.text(8, top + 16, name, bold=True, code=True)
        drawing.text(WIDTH - 8, top + 16, shape, anchor="end")
        if kind:
            # Inside a bar that has the room for it, beside it else.
            inside = wide > 120
            drawing.text(
                middle if inside else middle + wide / 2 + 8, top + 15, kind, size=SMALL,
                anchor="middle" if inside else "start",
            )  # fmt: skip
        drawing.arrow((middle, top + 24), (middle, top + 64))
        drawing.text(middle + 10, top + 48, step, size=SMALL, ink="grey")
    foot = 12 + 66 * len(tensors)
    drawing.text(middle, foot + 16, "loss", anchor="middle", bold=True, code=True)
    drawing.text(8, foot + 16, f"N examples; {total:,} parameters", size=SMALL, ink="grey")
    drawing.text(WIDTH - 8, foot + 16, "one number", anchor="end")
    return drawing


def slope_left(sigma: float) -> float:
    """Return the mean slope of tanh over N(0, σ²), by the trapezoidal rule out to eight standard deviations."""
    points = [index / 200 for index in range(-1600, 1601)]
    weights = [math.exp(-(z**2) / 2) for z in points]
    slopes = [1 - math.tanh(sigma * z) ** 2 for z in points]
    return math.fsum(w * s for w, s in zip(weights, slopes, strict=True)) / math.fsum(weights)


def saturated(sigma: float, threshold: float = 0.97) -> float:
    """Return the share of tanh(z), z from N(0, σ²), whose absolute value is above the threshold."""
    return math.erfc(math.atanh(threshold) / (sigma * math.sqrt(2)))


def percent(share: float) -> str:
    """Return a share as the course writes it: 3.6 %."""
    return f"{100 * share:.1f} %"


def shares(sigma: float, bins: int) -> list[float]:
    """Return which share of tanh(z), z from N(0, σ²), falls into each of the bins between −1 and 1."""
    bell = NormalDist(0, sigma)
    below = [0.0, *(bell.cdf(math.atanh(2 * edge / bins - 1)) for edge in range(1, bins)), 1.0]
    return [right - left for left, right in pairwise(below)]


def tanh_transfer(sigmas: Sequence[float] = (1.0, 31**0.5)) -> Drawing:
    """Draw how tanh turns a bell of pre-activations into a histogram of activations, and how much slope is left.

    Arguments:
        sigmas: two standard deviations of the pre-activations.
    """
    words = " ".join(
        f"With standard deviation {sigma:.2g}, {percent(saturated(sigma))} of the activations are beyond ±0.97, and "
        f"the mean slope, the green part of the area under the bell, is {slope_left(sigma):.2f}."
        for sigma in sigmas
    )
    drawing = Drawing(
        "schematic-transfer",
        "From the bell of the pre-activations through tanh to the histogram of the activations",
        "Two columns. At the bottom the bell of the pre-activations z, above it the curve tanh z, and to the right of "
        "the curve the histogram of the activations on its axis. " + words,
        300,
    )
    reach, bins, wide, side = 10.0, 20, 118, 52
    middle, half = 92, 56  # of the curve's panel
    foot, high = 250, 62  # of the bell
    edge = math.atanh(0.97)  # beyond it an activation is saturated
    peak = high / NormalDist(0, min(sigmas)).pdf(0)  # the same for both, so that areas can be compared
    zs = [reach * (index / 100 - 1) for index in range(201)]
    tallest = max(max(shares(sigma, bins)) for sigma in sigmas)
    for column, sigma in enumerate(sigmas):
        left = 14 + column * 200

        def across(z: float, left: float = left) -> float:
            return left + wide * (z / reach + 1) / 2

        drawing.text(left, 20, f"σ = {sigma:.2g}", bold=True)
        drawing.box(left, middle - half - 4, wide, 2 * half + 8, edge="rule")
        drawing.line([(left, middle), (left + wide, middle)], ink="rule")
        drawing.line([(across(z), middle - half * math.tanh(z)) for z in zs], ink="ink", thickness=2)
        drawing.text(left + 5, middle - half + 13, "h = tanh z", size=SMALL)
        # The histogram stands on the right edge of the panel, on the same vertical axis.
        step = 2 * half / bins
        for index, share in enumerate(shares(sigma, bins)):
            top = middle + half - (index + 1) * step
            drawing.bar(left + wide + 3, top + 0.5, max((side - 6) * share / tallest, 0.5), step - 1, "blue")
        drawing.text(left + wide + 4, 20, "h", size=SMALL, ink="grey")
        bell = NormalDist(0, sigma)
        for start, end in ((-reach, -edge), (edge, reach)):
            flank = [(across(z), foot - peak * bell.pdf(z)) for z in [start, *(z for z in zs if start < z < end), end]]
            drawing.area([(across(start), foot), *flank, (across(end), foot)], "orange")
        drawing.area([(across(z), foot - peak * bell.pdf(z) * (1 - math.tanh(z) ** 2)) for z in zs], "green")
        drawing.line([(across(z), foot - peak * bell.pdf(z)) for z in zs], ink="blue", thickness=2)
        drawing.line([(left, foot), (left + wide, foot)])
        drawing.arrow((left + wide / 2, foot - high - 6), (left + wide / 2, middle + half + 7))
        drawing.text(left + wide + 4, foot, "z", size=SMALL, ink="grey")
        drawing.text(left, foot + 18, f"saturated: {percent(saturated(sigma))}", size=SMALL, ink="orange")
        drawing.text(left, foot + 34, f"mean slope (green): {slope_left(sigma):.2f}", size=SMALL, ink="green")
    return drawing


def residual_blocks() -> Drawing:
    """Draw a residual block in the pre-activation order beside one that ends with BatchNorm."""
    drawing = Drawing(
        "schematic-residual",
        "Two residual blocks",
        "In both blocks h goes straight down to a plus sign, and nothing on this path multiplies it. Beside it a "
        "branch leads to the same plus sign. In the pre-activation order the branch is BatchNorm, ReLU, Linear; in the "
        "other order it is ReLU, Linear, BatchNorm.",
        290,
    )
    orders = {
        "pre-activation": ["BatchNorm", "ReLU", "Linear"],
        "BatchNorm last": ["ReLU", "Linear", "BatchNorm"],
    }
    for column, (title, branch) in enumerate(orders.items()):
        stream = 40 + 200 * column
        centre = stream + 84
        drawing.text(stream - 24, 20, title, bold=True)
        drawing.text(stream, 50, "h", anchor="middle", bold=True, code=True)
        drawing.arrow((stream, 58), (stream, 226), ink="blue", thickness=3)
        drawing.arrow((stream, 72), (centre, 72), (centre, 88))
        for row, layer in enumerate(branch):
            top = 90 + 44 * row
            special = layer == "BatchNorm"
            drawing.box(centre - 46, top, 92, 26, edge="green" if special else "grey", fill="green" if special else "")
            drawing.text(centre, top + 18, layer, anchor="middle")
            if row < 2:
                drawing.arrow((centre, top + 27), (centre, top + 43))
        drawing.arrow((centre, 205), (centre, 238), (stream + 12, 238))
        drawing.elements.append(PLUS.format(x=stream, y=238))
        drawing.arrow((stream, 249), (stream, 274), ink="blue", thickness=3)
        drawing.text(stream + 12, 276, "h + f(h)", code=True, size=LARGE)
    return drawing


PLUS = (
    '<g transform="translate({x} {y})"><circle r="10" style="fill:var(--paper, #ffffff);stroke:var(--blue, #0a62a8);'
    'stroke-width:2"/><path d="M-5 0H5M0 -5V5" style="stroke:var(--blue, #0a62a8);stroke-width:2"/></g>'
)
