"""What each chapter asks of its reader: words, open code, figures, folds; ``python tests/book/bars.py [REVISION]``.

With a revision of the repository the table has each number there and now. The bars themselves are asserted by
``test_bars.py``.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]

ASIDE = ("dig deeper:", "check yourself", "sources", "write it yourself")
"""How the headings of sections begin that are not part of the main text."""

PLUMBING = {"hide-input", "checks", "remove-cell", "remove-input"}

PLOTTING = re.compile(r"\b(plt|ax|axes|fig|figure|panels?)\.|\balt\.|\.plot\(|\bplots\.")


DRAWN = re.compile(r"\b(schematics\.\w+|movable\.show|lab\.show)\(")
"""Figures that bring their words with them, so that no metadata has them."""


@dataclass
class Bars:
    """The measures of one chapter.

    Attributes:
        words: words of the main text, outside of folds, self-tests and sources.
        open_lines: lines of code that the page shows unfolded.
        longest_cell: the most lines of an unfolded cell.
        widest_line: the most characters of an unfolded line.
        open_plotting: unfolded lines that draw.
        open_asserts: assertions in unfolded cells.
        checks: assertions in cells of their own, folded on the page.
        padded_prints: lines that print a table by padding.
        figures: cells that show a figure, a schematic, or a figure that can be moved.
    """

    words: int = 0
    open_lines: int = 0
    longest_cell: int = 0
    widest_line: int = 0
    open_plotting: int = 0
    open_asserts: int = 0
    checks: int = 0
    padded_prints: int = 0
    figures: int = 0


def assertions(source: str) -> int:
    """Return the number of assertions in a cell."""
    return sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source)))


def words(text: str) -> int:
    """Return the number of words of Markdown, without folds, formulas and the addresses of links."""
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " x ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return len(re.findall(r"\w+(?:['’-]\w+)*", text))


def main_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of the main text, Markdown cells cut where a section aside begins."""
    found, aside = [], 0  # the level of the heading of the section aside, 0 outside of one
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if not aside:
                found.append(cell)
            continue
        kept, fenced = [], False
        for line in cell.source.splitlines():
            fenced ^= line.startswith("```")
            heading = None if fenced else re.match(r"(#+) (.*)", line)
            if heading:
                level = len(heading[1])
                if aside and level <= aside:
                    aside = 0
                if not aside and heading[2].lower().startswith(ASIDE):
                    aside = level
            if not aside:
                kept.append(line)
        found.append(nbformat.v4.new_markdown_cell("\n".join(kept)))
    return found


def measure(notebook: NotebookNode) -> Bars:
    """Measure a chapter."""
    bars = Bars()
    main = main_cells(notebook)
    bars.words = words("\n\n".join(cell.source for cell in main if cell.cell_type == "markdown"))
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tags = set(cell.metadata.get("tags", []))
        bars.figures += "mystnb" in cell.metadata or bool(DRAWN.search(cell.source))
        if "remove-cell" in tags:
            continue
        lines = cell.source.splitlines()
        bars.padded_prints += sum("print(" in line and bool(re.search(r":[<>]?\d+", line)) for line in lines)
        if "checks" in tags:
            bars.checks += assertions(cell.source)
        elif cell in main and not tags & PLUMBING:
            bars.open_lines += len(lines)
            bars.longest_cell = max(bars.longest_cell, len(lines))
            bars.widest_line = max(bars.widest_line, *map(len, lines))
            bars.open_plotting += sum(bool(PLOTTING.search(line)) for line in lines)
            bars.open_asserts += assertions(cell.source)
    return bars


def chapters(revision: str | None = None) -> dict[str, NotebookNode]:
    """Return the chapters by name without number, of the working tree or of a revision."""
    if revision is None:
        texts = {path.stem: path.read_text("utf-8") for path in sorted(ROOT.glob("chapters/*.ipynb"))}
    else:
        git = ["git", "-C", str(ROOT)]
        listed = subprocess.check_output([*git, "ls-tree", "--name-only", revision, "chapters/"], text=True).split()
        names = [name for name in listed if name.endswith(".ipynb")]
        texts = {
            Path(name).stem: subprocess.check_output([*git, "show", f"{revision}:{name}"], text=True) for name in names
        }
    return {name: nbformat.reads(text, as_version=4) for name, text in texts.items()}


def together(all_of: Iterable[Bars]) -> Bars:
    """Return the measures of several chapters together: the largest of cells and of lines, and else the sum."""
    all_of = list(all_of)
    return Bars(
        **{
            field.name: (max if field.name in ("longest_cell", "widest_line") else sum)(
                getattr(bars, field.name) for bars in all_of
            )
            for field in fields(Bars)
        }
    )


def table(before: dict[str, Bars], now: dict[str, Bars]) -> str:
    """Return the table in Markdown: a row for each chapter, before and now where it was there, and one for all."""
    titles = [field.name.replace("_", " ") for field in fields(Bars)]
    lines = [["chapter", *titles], ["---"] * (len(titles) + 1)]
    then = {name.partition("-")[2]: bars for name, bars in before.items()}
    rows = [(name, then.get(name.partition("-")[2]), bars) for name, bars in now.items()]
    for name, old, new in [*rows, ("all", together(before.values()) if before else None, together(now.values()))]:
        values = [str(getattr(new, field.name)) for field in fields(Bars)]
        if old is not None:
            values = [
                f"{getattr(old, field.name)} → {value}" for field, value in zip(fields(Bars), values, strict=True)
            ]
        lines.append([name, *values])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the table."""
    before = chapters(sys.argv[1]) if len(sys.argv) > 1 else {}
    print(table(*({name: measure(notebook) for name, notebook in each.items()} for each in (before, chapters()))))


if __name__ == "__main__":
    main()
