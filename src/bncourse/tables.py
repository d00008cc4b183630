"""Tables: HTML in a notebook and on the site, aligned text in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

__all__ = ["Table", "compared", "table"]


def table(
    headers: Sequence[str], rows: Iterable[Sequence[Any]], formats: Sequence[str] = (), caption: str = ""
) -> Table:
    """Return a table that shows itself as the last line of a cell.

    Arguments:
        headers: one title per column, with the unit where there is one.
        rows: one sequence per row, as long as ``headers``; ``None`` leaves a cell empty.
        formats: one format specification per column, such as ``".3f"``, ``".1%"`` or ``""``; it is applied to
            numbers only. Columns beyond the last one given are shown unformatted.
        caption: a sentence above the table.

    Raises:
        ValueError: a row has more or fewer cells than there are headers, or there are more formats than columns.

    Example:
        >>> print(table(["gain", "std"], [("1", 0.5), ("5/3", 0.654)], ["", ".2f"]))
        gain   std
        1     0.50
        5/3   0.65
    """
    if len(formats) > len(headers):
        raise ValueError(f"{len(formats)} formats were given for {len(headers)} columns; give at most one per column")
    specifications = [*formats, *[""] * (len(headers) - len(formats))]
    cells, numeric = [], [True] * len(headers)
    for row in rows:
        values = list(row)
        if len(values) != len(headers):
            raise ValueError(f"a row has {len(values)} cells and the table {len(headers)} columns: {values!r}")
        cells.append([cell(value, spec) for value, spec in zip(values, specifications, strict=True)])
        numeric = [still and (value is None or is_number(value)) for still, value in zip(numeric, values, strict=True)]
    return Table(tuple(headers), tuple(map(tuple, cells)), tuple(numeric), caption)


def compared(predicted: Any, measured: Mapping[str, float], specification: str = ".2f") -> Table:
    """Return a table of what was predicted beside what was measured.

    Arguments:
        predicted: a dict of numbers by the names of ``measured``, in whose order the rows stand; what is missing is
            left empty, and what is no number is shown as it is.
        measured: numbers by their names.
        specification: how numbers are shown.

    Example:
        >>> print(compared({"first loss": 3}, {"first loss": 3.3}))
                    predicted  measured
        first loss       3.00      3.30
    """
    told = predicted if isinstance(predicted, Mapping) else {}
    names = [*(name for name in told if name in measured), *(name for name in measured if name not in told)]
    rows = [(name, number_or_words(told.get(name)), measured[name]) for name in names]
    return table(["", "predicted", "measured"], rows, ["", specification, specification])


def number_or_words(predicted: Any) -> Any:
    """Return a learner's number, nothing where there is none yet, and words about what is no number."""
    if is_number(predicted):
        return predicted
    return None if predicted is None or predicted is ... else f"{predicted!r:.30}: not a number"


def is_number(value: Any) -> bool:
    """Return whether a value is a number, NumPy's and torch's scalars included."""
    return not isinstance(value, (bool, str)) and hasattr(value, "__float__")


def cell(value: Any, specification: str) -> str:
    """Return the text of one cell, with real minus signs, powers of ten and percent signs as in the text."""
    return PERCENT.sub("\u00a0%", formatted(value, specification))


def formatted(value: Any, specification: str) -> str:
    """Return a value as text, with real minus signs and powers of ten as they are written by hand."""
    if value is None:
        return ""
    if not is_number(value):
        return MINUS.sub("−", EXPONENT.sub(by_hand, str(value)))
    number = value.item() if hasattr(value, "item") else value
    return EXPONENT.sub(by_hand, format(number, specification)).replace("-", "−")


MINUS = re.compile(r"(?<![^\s(/])-(?=\.?\d)")
"""The hyphen of a negative number in a text; that of ``x[-1]`` stays."""

PERCENT = re.compile(r"(?<=\d)%")

EXPONENT = re.compile(r"(?<![\w.=])(\d(?:\.\d+)?)e([+-]\d+)(?![\w.])")
"""A number with an exponent, as Python formats it, that stands on its own."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def by_hand(found: re.Match[str]) -> str:
    """Return a number with an exponent as a reader expects it, with the same digits.

    Between a hundredth and a million it needs no exponent: 9.57e+03 is 9,570, and 2e-06 is 2 · 10⁻⁶.
    """
    mantissa, exponent = found[1], int(found[2])
    if not float(mantissa):
        return "0"
    if -2 <= exponent < 6:
        return format(Decimal(f"{mantissa}e{exponent}"), ",f")
    power = f"10{str(exponent).translate(RAISED)}"
    return power if mantissa == "1" else f"{mantissa} · {power}"


BETWEEN_NUMBERS = re.compile(r"(?<=\d) ([·×±]) (?=[−\d])")


def unbroken(text: str) -> str:
    """Return a text in which "2 · 10⁻⁶" stays in one line, also on a phone."""
    return BETWEEN_NUMBERS.sub("\u00a0\\1\u00a0", text)


@dataclass(frozen=True)
class Table:
    """A table of finished texts.

    Attributes:
        headers: the titles of the columns.
        rows: the texts of the cells, row by row.
        numeric: for each column, whether it holds numbers and is therefore aligned to the right.
        caption: a sentence above the table, or nothing.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    caption: str = ""

    def __str__(self) -> str:
        """Return the table as aligned text."""
        widths = [max(map(len, column)) for column in zip(self.headers, *self.rows, strict=True)]

        def line(texts: Sequence[str]) -> str:
            padded = [
                text.rjust(width) if number else text.ljust(width)
                for text, width, number in zip(texts, widths, self.numeric, strict=True)
            ]
            return "  ".join(padded).rstrip()

        head = [self.caption] if self.caption else []
        return "\n".join([*head, line(self.headers), *map(line, self.rows)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the table as HTML; the site's style sheet and Jupyter's own both style plain tables."""

        def tag(name: str, text: str, number: bool) -> str:
            align = ' style="text-align: right"' if number else ' style="text-align: left"'
            if name == "th" and not text:
                return f"<td{align}></td>"  # a corner heads nothing
            scope = ' scope="col"' if name == "th" else ""
            return f"<{name}{scope}{align}>{escape(unbroken(text))}</{name}>"

        def line(name: str, texts: Sequence[str]) -> str:
            return f"<tr>{''.join(tag(name, t, n) for t, n in zip(texts, self.numeric, strict=True))}</tr>"

        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        body = "".join(line("td", row) for row in self.rows)
        return f"<table>{caption}<thead>{line('th', self.headers)}</thead><tbody>{body}</tbody></table>"
