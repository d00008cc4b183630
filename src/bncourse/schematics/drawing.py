"""What schematics are drawn with: boxes, texts, arrows and curves that become SVG inside the page.

A drawing is 400 units wide. A page shows it at most 560 pixels wide and a phone about 358, so the smallest text, 11
units, is 9.8 pixels high there. Colours are the variables of the site's style sheet, with the colours of the figures
where there is no such sheet, so that a drawing follows the theme of the site and stays legible in a notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bncourse import plots

__all__ = ["LARGE", "SMALL", "WIDTH", "Drawing", "number"]

WIDTH = 400
LARGE, SMALL = 13, 11
"""Sizes of text, in units."""

FALLBACK = {
    "ink": plots.INK,
    "paper": plots.PAPER,
    "rule": plots.RULE,
    "blue": plots.BLUE,
    "orange": plots.ORANGE,
    "green": plots.GREEN,
    "purple": plots.PURPLE,
    "grey": plots.GREY,
}
"""The colours that a drawing may use, by name, with their values where the page defines none."""

SANS = "var(--pst-font-family-base, 'Source Sans 3', Arial, 'Liberation Sans', Helvetica, sans-serif)"
MONO = "var(--pst-font-family-monospace, ui-monospace, monospace)"


def colour(name: str) -> str:
    """Return a colour as CSS: the variable of the page or, without it, the colour of the figures."""
    return f"var(--{name}, {FALLBACK[name]})"


def number(value: float) -> str:
    """Return a number with at most two decimals and a real minus sign: 1.41, −2, 0."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


class Drawing:
    """A picture, 400 units wide, that a notebook and the site show as SVG.

    Attributes:
        title: its name, in a few words.
        words: what the picture shows, for readers who do not see it.
        height: in units.
    """

    def __init__(self, name: str, title: str, words: str, height: float) -> None:
        """Start an empty picture; ``name`` tells the pictures of a page apart, for their ids."""
        self.name, self.title, self.words, self.height = name, title, words, height
        self.elements: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = LARGE,
        anchor: str = "start",
        ink: str = "ink",
        bold: bool = False,
        code: bool = False,
    ) -> None:
        """Write a line of text.

        Arguments:
            x: where its base line starts, has its middle or ends; see ``anchor``.
            y: vertical position of the base line.
            text: the words.
            size: ``LARGE`` or ``SMALL``.
            anchor: ``'start'``, ``'middle'`` or ``'end'``: what lies at ``x``.
            ink: the name of a colour.
            bold: whether it is bold.
            code: whether it is a name in code.
        """
        family, weight = MONO if code else SANS, 650 if bold else 400
        style = f"font:{weight} {size}px {family};fill:{colour(ink)};font-variant-numeric:tabular-nums"
        self.elements.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" style="{escape(style)}">{escape(text)}</text>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, *, edge: str = "grey", fill: str = "", dash: bool = False
    ) -> None:
        """Draw a rectangle with rounded corners, tinted with a colour if one is given."""
        tint = f"fill:{colour(fill)};fill-opacity:.12" if fill else f"fill:{colour('paper')}"
        dashes = ";stroke-dasharray:4 3" if dash else ""
        self.elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" '
            f'style="{tint};stroke:{colour(edge)}{dashes}"/>'
        )

    def bar(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """Draw a rectangle that is filled with a colour, without an edge."""
        self.elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" style="fill:{colour(fill)}"/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        """Draw a filled circle."""
        self.elements.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" style="fill:{colour(fill)}"/>')

    def line(
        self, points: Iterable[Sequence[float]], *, ink: str = "grey", thickness: float = 1, dash: bool = False
    ) -> None:
        """Draw a line through points."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashes = ";stroke-dasharray:4 3" if dash else ""
        style = f"fill:none;stroke:{colour(ink)};stroke-width:{thickness:g};stroke-linejoin:round{dashes}"
        self.elements.append(f'<path d="M{path}" style="{style}"/>')

    def area(self, points: Iterable[Sequence[float]], fill: str) -> None:
        """Fill the area inside points with a tint."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.elements.append(f'<path d="M{path}Z" style="fill:{colour(fill)};fill-opacity:.35"/>')

    def arrow(self, *points: Sequence[float], ink: str = "grey", thickness: float = 1.5, dash: bool = False) -> None:
        """Draw a line through points that ends with an arrow head at the last one."""
        (x0, y0), (x1, y1) = points[-2:]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        right, down = (x1 - x0) / length, (y1 - y0) / length
        foot_x, foot_y = x1 - 8 * right, y1 - 8 * down
        self.line([*points[:-1], (foot_x + right, foot_y + down)], ink=ink, thickness=thickness, dash=dash)
        head = [(x1, y1), (foot_x - 4 * down, foot_y + 4 * right), (foot_x + 4 * down, foot_y - 4 * right)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in head)
        self.elements.append(f'<path d="M{path}Z" style="fill:{colour(ink)}"/>')

    def __str__(self) -> str:
        """Return what a reader without pictures needs: the title and what is to be seen."""
        return f"{self.title}. {self.words}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the picture as SVG, named and described, on a background of its own."""
        title, words = f"{self.name}-title", f"{self.name}-words"
        background = f'<rect width="{WIDTH}" height="{self.height:g}" style="fill:{colour("paper")}"/>'
        return (
            f'<svg class="schematic" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:g}" '
            f'width="560" height="{560 / WIDTH * self.height:g}" style="max-width:100%;height:auto" role="img" '
            f'aria-labelledby="{title} {words}"><title id="{title}">{escape(self.title)}</title>'
            f'<desc id="{words}">{escape(self.words)}</desc>{background}{"".join(self.elements)}</svg>'
        )
