"""Schematics of BatchNorm: the axis of the mean, the graph of its steps with numbers, its two modes, averaged axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bncourse.schematics.drawing import LARGE, SMALL, WIDTH, Drawing, number

__all__ = ["averaged", "backward_graph", "batch_matrix", "forward_graph", "two_modes"]

INKS = ("blue", "orange")
"""Of neuron 1 and neuron 2."""


@dataclass
class Steps:
    """Every value of BatchNorm's forward pass and every gradient of its backward pass, by name.

    The values are those of a batch (N, D): ``x``, ``mean``, ``centred``, ``squared``, ``var``, ``inv_std``, ``xhat``,
    ``y``. A gradient has the name of its value; ``centred from xhat`` and ``centred from squared``, ``x from centred``
    and ``x from mean`` are the parts that add up to one.
    """

    values: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]


def steps(x: np.ndarray, dy: np.ndarray, eps: float = 0.0) -> Steps:
    """Take BatchNorm apart, with gamma = 1 and beta = 0, as chapter 7 does.

    Arguments:
        x: batch (N, D).
        dy: gradient of the loss with respect to the output (N, D).
        eps: is added to the variance.
    """
    v: dict[str, np.ndarray] = {"x": x, "mean": x.mean(axis=0)}
    v["centred"] = x - v["mean"]
    v["squared"] = v["centred"] ** 2
    v["var"] = v["squared"].mean(axis=0)
    v["inv_std"] = (v["var"] + eps) ** -0.5
    v["xhat"] = v["centred"] * v["inv_std"]
    v["y"] = v["xhat"]
    examples = len(x)
    d: dict[str, np.ndarray] = {"y": dy, "xhat": dy}
    d["inv_std"] = (dy * v["centred"]).sum(axis=0)
    d["var"] = -0.5 * d["inv_std"] * v["inv_std"] ** 3
    d["squared"] = np.broadcast_to(d["var"] / examples, x.shape)
    d["centred from xhat"] = dy * v["inv_std"]
    d["centred from squared"] = d["squared"] * 2 * v["centred"]
    d["centred"] = d["centred from xhat"] + d["centred from squared"]
    d["mean"] = -d["centred"].sum(axis=0)
    d["x from centred"] = d["centred"]
    d["x from mean"] = np.broadcast_to(d["mean"] / examples, x.shape)
    d["x"] = d["x from centred"] + d["x from mean"]
    return Steps(v, d)


def spoken(name: str, values: np.ndarray) -> str:
    """Return the numbers of a box for readers who do not see it, neuron by neuron."""
    columns = values.T if values.ndim == 2 else values[:, None]
    told = "; ".join(
        f"neuron {index + 1}: {', '.join(number(value) for value in column)}" for index, column in enumerate(columns)
    )
    return f"{name}: {told}."


def batch_matrix(x: np.ndarray) -> Drawing:
    """Draw a small batch as a matrix, with the mean of BatchNorm below it and the wrong mean beside it.

    Arguments:
        x: batch (N, D) of a few examples and features.
    """
    examples, features = x.shape
    down, across = x.mean(axis=0), x.mean(axis=1)
    words = (
        f"A table of {examples} examples down and {features} neurons across. An arrow runs down each column, and below "
        f"stand the means over the batch: {', '.join(map(number, down))}. To the right, in grey, stand the means "
        f"over the neurons of each example, which BatchNorm does not use: {', '.join(map(number, across))}."
    )
    cell, top, left = 30, 62, 92
    foot = top + cell * examples
    drawing = Drawing("schematic-matrix", "The axis of the mean", words, foot + 88)
    for column in range(features):
        x0 = left + 76 * column
        drawing.text(x0 + 34, top - 10, f"neuron {column + 1}", size=SMALL, anchor="middle", ink=INKS[column % 2])
        drawing.box(x0, top, 68, cell * examples, edge=INKS[column % 2], fill=INKS[column % 2])
        for row in range(examples):
            drawing.text(x0 + 34, top + cell * row + 20, number(x[row, column]), anchor="middle")
        drawing.arrow((x0 + 34, foot + 4), (x0 + 34, foot + 24), ink=INKS[column % 2])
        drawing.box(x0, foot + 26, 68, 28, edge=INKS[column % 2])
        drawing.text(x0 + 34, foot + 45, number(down[column]), anchor="middle", bold=True)
    for row in range(examples):
        drawing.text(left - 10, top + cell * row + 20, f"example {row + 1}", size=SMALL, anchor="end", ink="grey")
    right = left + 76 * features
    drawing.text(left - 10, foot + 45, "mean", size=LARGE, anchor="end", code=True, bold=True)
    drawing.text(right + 4, foot + 45, f"axis 0, over the batch: ({features},)", size=SMALL, ink="green")
    drawing.text(left, foot + 76, "BatchNorm: one mean per neuron", bold=True, ink="green")
    # The wrong axis, which gives no error.
    drawing.line([(right + 26, top), (right + 26, foot)], ink="rule")
    for row in range(examples):
        y = top + cell * row + 15
        drawing.arrow((right - 4, y), (right + 22, y), dash=True)
        drawing.text(right + 60, y + 5, number(across[row]), anchor="end", ink="grey")
    drawing.text(right + 4, 24, "axis 1, over the neurons:", size=SMALL, ink="grey")
    drawing.text(right + 4, 40, "not BatchNorm", size=SMALL, ink="grey")
    return drawing


Row = tuple[str, np.ndarray, str, bool]
"""The label of a row of numbers, the numbers, their colour, and whether they are bold."""

LINE = 16
"""Height of a row of numbers."""

TRUNK, SIDE, BYPASS = 48, 314, 10
"""Where the edges run down that carry a number per example, a number per neuron, and ``centred`` past its square."""

OPERATION, OPERATION_SIDE = (24, 122), (298, 98)
"""Where the operations of both columns begin, and how wide they are."""


@dataclass
class Edge:
    """A value of the graph, or its gradient: its name and its numbers, which stand beside the edge.

    Attributes:
        name: in code.
        rows: the numbers.
        rule: how a gradient comes about, in a formula; a value's operation says that.
    """

    name: str
    rows: Sequence[Row]
    rule: str = ""

    def height(self, narrow: bool = False) -> float:
        """Return how much room the name and the numbers take; a rule has a line of its own where it is narrow."""
        return LINE * (1 + len(self.rows) + (narrow and bool(self.rule)))

    def write(self, drawing: Drawing, top: float, left: float, right: float) -> None:
        """Write the name and the numbers, which end at ``right``."""
        narrow = right - left < 100
        base = top + 12
        drawing.text(left, base, self.name, bold=True, code=True, size=12)
        if self.rule and narrow:
            base += LINE
            drawing.text(left, base, self.rule, size=SMALL, ink="grey")
        elif self.rule:
            drawing.text(right, base, self.rule, size=SMALL, ink="grey", anchor="end")
        for label, numbers, ink, bold in self.rows:
            base += LINE
            drawing.text(left, base, label, size=SMALL, ink=ink)
            numbers = np.atleast_1d(numbers)
            for column, value in enumerate(numbers):
                at = right - 33 * (len(numbers) - 1 - column)
                drawing.text(at, base, number(value), anchor="end", ink=ink, bold=bold, size=12)


def rows_of(values: np.ndarray) -> list[Row]:
    """Return a row per neuron."""
    columns = values.T if values.ndim == 2 else values[:, None]
    return [(f"neuron {i + 1}", column, INKS[i % 2], False) for i, column in enumerate(columns)]


def short(values: np.ndarray) -> list[Row]:
    """Return a row per neuron with its number and a colon as the label, where it is narrow."""
    return [(label.removeprefix("neuron ") + ":", column, ink, bold) for label, column, ink, bold in rows_of(values)]


def parts_of(total: np.ndarray, parts: Mapping[str, np.ndarray]) -> list[Row]:
    """Return for each neuron the rows of the gradients that add up, and their sum in bold."""
    rows: list[Row] = []
    for i, column in enumerate(total.T):
        rows += [(label, values[:, i], INKS[i % 2], False) for label, values in parts.items()]
        rows.append((f"neuron {i + 1}, sum", column, INKS[i % 2], True))
    return rows


def graph(name: str, title: str, words: str, edges: Mapping[str, Edge], *, backward: bool) -> Drawing:
    """Draw the operations of BatchNorm as boxes, and what flows between them on the edges.

    Arguments:
        name: tells the picture from others on its page.
        title: of the picture.
        words: what it shows, for readers who do not see it.
        edges: the names and numbers, by the value that flows there in the forward pass.
        backward: turns all arrows round.
    """
    start = 8.0
    fork = start + 12  # x goes to its mean as well
    mean_at = fork + 22
    x_top, mean_top = fork + 6, mean_at + 16
    minus_at = max(x_top + edges["x"].height() + 24, mean_top + edges["mean"].height(True) + 14)
    second_fork = minus_at + 20  # centred goes past its square as well
    centred_top = second_fork + 4
    square_at = centred_top + edges["centred"].height() + 22
    squared_top = square_at + 16
    var_at = squared_top + edges["squared"].height() + 12
    var_top = var_at + 16
    inv_at = var_top + edges["var"].height(True) + 24
    xhat_top = inv_at + 16
    gamma_at = xhat_top + edges["xhat"].height() + 22
    y_top = gamma_at + 16
    end = y_top + edges["y"].height() + 8

    drawing = Drawing(name, title, words, end + 8)
    (left, wide), (side_left, side_wide) = OPERATION, OPERATION_SIDE
    paths = [
        [(TRUNK, start), (TRUNK, minus_at - 12)],
        [(TRUNK, fork), (SIDE, fork), (SIDE, mean_at - 12)],
        [(SIDE, mean_at + 12), (SIDE, minus_at), (left + wide, minus_at)],
        [(TRUNK, minus_at + 12), (TRUNK, square_at - 12)],
        [(TRUNK, second_fork), (BYPASS, second_fork), (BYPASS, inv_at), (left, inv_at)],
        [(TRUNK, square_at + 12), (TRUNK, var_at), (side_left, var_at)],
        [(SIDE, var_at + 12), (SIDE, inv_at - 12)],
        [(side_left, inv_at), (left + wide, inv_at)],
        [(TRUNK, inv_at + 12), (TRUNK, gamma_at - 12)],
        [(TRUNK, gamma_at + 12), (TRUNK, end)],
    ]
    for path in paths:
        drawing.arrow(*(path[::-1] if backward else path), ink="purple" if backward else "grey")
    for at, operation in (
        (minus_at, "x − mean"),
        (square_at, "square"),
        (inv_at, "centred · inv_std"),
        (gamma_at, "gamma · xhat + beta"),
    ):
        drawing.box(left, at - 12, wide, 24, fill="grey")
        drawing.text(left + wide / 2, at + 4, operation, size=SMALL, anchor="middle")
    for at, operation in ((mean_at, "mean over N"), (var_at, "mean over N"), (inv_at, "1/√(var + eps)")):
        drawing.box(side_left, at - 12, side_wide, 24, fill="grey")
        drawing.text(side_left + side_wide / 2, at + 4, operation, size=SMALL, anchor="middle")
    for value, top in (
        ("x", x_top), ("centred", centred_top), ("squared", squared_top), ("xhat", xhat_top), ("y", y_top),
    ):  # fmt: skip
        edges[value].write(drawing, top, TRUNK + 12, 290)
    for value, top in (("mean", mean_top), ("var", var_top)):
        edges[value].write(drawing, top, SIDE + 8, 376)
    above = inv_at - 6 - edges["inv_std"].height(True)
    edges["inv_std"].write(drawing, above, left + wide + 24, left + wide + 100)
    return drawing


def forward_graph(x: np.ndarray, eps: float = 0.0) -> Drawing:
    """Draw the steps of BatchNorm's forward pass with the numbers of a batch, gamma = 1 and beta = 0.

    Arguments:
        x: batch of examples with two features.
        eps: is added to the variance.
    """
    v = steps(x, np.zeros_like(x), eps).values
    edges = {name: Edge(name, (short if values.ndim == 1 else rows_of)(values)) for name, values in v.items()}
    edges["x"].rule, edges["y"].rule = f"{len(x)} examples", "gamma = 1, beta = 0"
    words = (
        "A graph from top to bottom; what flows between its operations stands on the edges. "
        + " ".join(spoken(name, v[name]) for name in edges)
        + " x goes to mean and to centred; centred goes to squared and to xhat; squared, var and inv_std lead to xhat."
    )
    return graph("schematic-forward", "BatchNorm's forward pass, step by step", words, edges, backward=False)


def backward_graph(x: np.ndarray, dy: np.ndarray, eps: float = 0.0) -> Drawing:
    """Draw the same graph backwards, with the gradient of each value; where two edges meet, their gradients add.

    Arguments:
        x: batch of examples with two features.
        dy: gradient of the loss with respect to the output, of the same shape.
        eps: is added to the variance.
    """
    d = steps(x, dy, eps).gradients
    merged = {
        "x": {"from centred": d["x from centred"], "from mean": d["x from mean"]},
        "centred": {"from xhat": d["centred from xhat"], "from squared": d["centred from squared"]},
    }
    edges = {
        "x": Edge("d.x", parts_of(d["x"], merged["x"]), "two edges add"),
        "mean": Edge("d.mean", short(d["mean"]), "−Σ d.centred"),
        "centred": Edge("d.centred", parts_of(d["centred"], merged["centred"]), "two edges add"),
        "squared": Edge("d.squared", rows_of(d["squared"]), f"d.var / {len(x)}, for each example"),
        "var": Edge("d.var", short(d["var"]), "× −½ inv_std³"),
        "inv_std": Edge("d.inv_std", short(d["inv_std"]), "Σ d.xhat · centred"),
        "xhat": Edge("d.xhat", rows_of(d["xhat"]), "gamma · dy, here gamma = 1"),
        "y": Edge("dy", rows_of(d["y"]), "from the next layer"),
    }
    told = " ".join(spoken(f"d.{name}", d[name]) for name in ("y", *reversed([n for n in edges if n != "y"])))
    words = (
        "The graph of the forward pass with its arrows turned round, from dy at the bottom to d.x at the top. "
        + told
        + " d.centred is the sum of what comes from xhat and from squared; d.x the sum of what comes from centred and "
        "from mean."
    )
    return graph("schematic-backward", "BatchNorm's backward pass, step by step", words, edges, backward=True)


def two_modes() -> Drawing:
    """Draw which statistics normalise in training and in evaluation, and what updates the running statistics."""
    drawing = Drawing(
        "schematic-modes",
        "BatchNorm in training and in evaluation",
        "Training: the batch x gives mean and variance, which normalise x; then gamma and beta give y. With weight "
        "momentum the same mean and variance also move the running mean and the running variance, which are not used. "
        "Evaluation: the running mean and the running variance normalise x, which may be a single example; nothing is "
        "updated.",
        404,
    )
    for training, top in ((True, 0), (False, 206)):
        base = top + 158
        drawing.text(8, top + 22, "Training" if training else "Evaluation", bold=True)
        drawing.text(16, base + 5, "x", bold=True, code=True)
        drawing.text(8, base + 24, "a batch" if training else "one or more", size=SMALL, ink="grey")
        drawing.arrow((28, base), (78, base))
        drawing.box(80, base - 20, 118, 40, edge="ink")
        drawing.text(139, base - 3, "normalise", anchor="middle")
        drawing.text(139, base + 13, "(x − mean)/√(var + eps)", size=SMALL, anchor="middle", ink="grey")
        drawing.arrow((199, base), (240, base))
        drawing.box(242, base - 20, 104, 40, edge="ink")
        drawing.text(294, base - 3, "scale and shift", anchor="middle")
        drawing.text(294, base + 13, "gamma, beta", size=SMALL, anchor="middle", ink="grey")
        drawing.arrow((347, base), (380, base))
        drawing.text(384, base + 5, "y", bold=True, code=True)
        box = top + 72
        if training:
            drawing.box(80, box, 118, 40, edge="blue", fill="blue")
            drawing.text(139, box + 17, "mean, var", anchor="middle", code=True, size=12)
            drawing.text(139, box + 32, "of this batch", anchor="middle", size=SMALL)
            drawing.arrow((50, base), (50, box + 20), (78, box + 20), ink="blue")
            drawing.arrow((139, box + 41), (139, base - 22), ink="blue")
            drawing.arrow((199, box + 20), (240, box + 20), dash=True)
            drawing.text(220, box + 56, "momentum, no gradient", size=SMALL, ink="grey")
        else:
            drawing.arrow((241, box + 20), (139, box + 20), (139, base - 22), ink="green")
        drawing.box(242, box, 150, 40, edge="grey" if training else "green", fill="" if training else "green")
        drawing.text(317, box + 17, "running_mean", anchor="middle", code=True, size=12)
        drawing.text(317, box + 32, "running_var", anchor="middle", code=True, size=12)
        note = "updated, not used" if training else "used, not updated"
        drawing.text(317, box - 8, note, size=SMALL, anchor="middle", ink="grey" if training else "green")
    drawing.line([(8, 200), (WIDTH - 8, 200)], ink="rule")
    return drawing


def averaged(grids: Mapping[str, np.ndarray], mark: Sequence[int]) -> Drawing:
    """Draw, for each norm, which numbers share their mean with one marked number.

    Arguments:
        grids: for each norm a boolean array (examples, channels, positions), true where a number shares the mean.
        mark: example, channel and position of the marked number, counted from 0.
    """
    n, c, p = next(iter(grids.values())).shape
    cell = 12
    block = cell * p + 10
    panel = 26 + cell * c + 26
    example, channel, position = mark
    told = ". ".join(
        f"{name}: {int(grid.sum())} of {grid.size} numbers (examples: {int(grid.any((1, 2)).sum())}, channels: "
        f"{int(grid.any((0, 2)).sum())}, positions: {int(grid.any((0, 1)).sum())})"
        for name, grid in grids.items()
    )
    drawing = Drawing(
        "schematic-averaged",
        "Which numbers share one mean",
        f"One panel per norm, each with {n} blocks, one per example, of {c} channels down and {p} positions across. "
        f"Filled are the numbers that share the mean with example {example + 1}, channel {channel + 1}, position "
        f"{position + 1}. {told}.",
        panel * ((len(grids) + 1) // 2) + 28,
    )
    drawing.text(16, drawing.height - 8, "Channels go down, positions across.", size=SMALL, ink="grey")
    for index, (name, grid) in enumerate(grids.items()):
        left, top = 16 + 200 * (index % 2), 8 + panel * (index // 2)
        drawing.text(left, top + 12, name, bold=True)
        for at in np.ndindex(n, c, p):
            x, y = left + at[0] * block + at[2] * cell, top + 22 + at[1] * cell
            if grid[at]:
                drawing.bar(x, y, cell, cell, "blue")
            drawing.elements.append(CELL.format(x=x, y=y, size=cell))
        drawing.dot(left + example * block + (position + 0.5) * cell, top + 22 + (channel + 0.5) * cell, 3, "paper")
        for number_of in range(n):
            middle = left + number_of * block + cell * p / 2
            drawing.text(
                middle, top + 22 + cell * c + 14, f"ex. {number_of + 1}", size=SMALL, anchor="middle", ink="grey"
            )
    return drawing


CELL = '<rect x="{x:g}" y="{y:g}" width="{size}" height="{size}" style="fill:none;stroke:var(--grey, #616b76)"/>'
