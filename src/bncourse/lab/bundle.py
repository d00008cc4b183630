"""The page's modules as scripts that a page can load from the file system, where modules cannot be loaded.

Each module becomes a function that returns what it exports; the functions run in the order of their imports. No tool is
needed, so that a notebook can show the laboratory wherever the package is installed.
"""

from __future__ import annotations

import functools
import json
import random
import re
from pathlib import Path

from bncourse.lab.state import SOURCES
from bncourse.names import load_words

__all__ = ["engine", "packed_names", "page"]

IMPORT = re.compile(
    r'^import (?:\{(?P<names>[^}]*)\}|(?P<default>\w+)) from "\.\.?/(?P<file>[\w./-]+)"(?: with \{[^}]*\})?;\n', re.M
)
"""From the folder of the modules, as ``./``, or from a folder in there, as ``../``."""

REEXPORT = re.compile(r"^export \{([^}]*)\};\n", re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|class|function)\b)", re.M)
DECLARED = re.compile(r"^export (?:async )?(?:const|let|class|function) (\w+|\{[^}]*\})", re.M)
COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.M | re.S)


def script(entry: str) -> str:
    """The module ``entry`` and all that it imports, as the body of one function; it returns what ``entry`` exports."""
    order: list[str] = []
    visit(entry, order)
    parts = ["'use strict';", *(as_function(file) for file in order), f"return {variable(entry)};"]
    return "\n".join(parts)


def visit(file: str, order: list[str]) -> None:
    """Append a module behind those that it imports."""
    if file in order:
        return
    if file.endswith(".mjs"):
        for match in IMPORT.finditer((SOURCES / file).read_text("utf-8")):
            visit(match["file"], order)
    order.append(file)


def variable(file: str) -> str:
    """The variable that holds what a module exports."""
    return "$" + re.sub(r"\W", "_", file)


def as_function(file: str) -> str:
    """One module as a statement that defines its variable."""
    text = (SOURCES / file).read_text("utf-8")
    if file.endswith(".json"):
        return f"const {variable(file)} = {json.dumps(json.loads(text), ensure_ascii=False, separators=(',', ':'))};"
    if not file.endswith(".mjs"):
        return f"const {variable(file)} = {json.dumps(lean(text), ensure_ascii=False)};"
    exported = [name for match in REEXPORT.finditer(text) for name in match[1].replace(" ", "").split(",") if name]
    exported += [name for name in DECLARED.findall(text)]
    code = IMPORT.sub(imported, text)
    code = EXPORT.sub("", REEXPORT.sub("", code))
    if re.search(r"^(import|export)\b", code, re.M):
        raise ValueError(f"{file} has an import or export of a form that the bundler does not know")
    return f"const {variable(file)} = (() => {{\n{lean(code)}return {{ {', '.join(exported)} }};\n}})();"


def imported(match: re.Match) -> str:
    """An import as a declaration."""
    names = " ".join((match["names"] or "").split())
    return f"const {'{ ' + names + ' }' if names else match['default']} = {variable(match['file'])};\n"


def lean(code: str) -> str:
    """Code without the comments that have lines of their own, and without indentation."""
    return re.sub(r"^[ \t]+|\n(?=\n)", "", COMMENT.sub("", code), flags=re.M)


@functools.cache
def engine() -> str:
    """A script that gives the page the text of its worker: ``bncourseLab.engine``."""
    # As a function, whose text is its source: a page from the file system can read no file.
    return f"(globalThis.bncourseLab ??= {{}}).engine = function () {{\n{script('worker.mjs')}\n}};\n"


@functools.cache
def page() -> str:
    """The script of the page, without the engine."""
    return f"(() => {{\n{script('page.mjs')}\n}})();\n"


@functools.cache
def packed_names(seed: int = 42) -> str:
    """The names in the order of :func:`bncourse.names.load_splits`, with a space between two."""
    words = load_words()
    random.Random(seed).shuffle(words)
    return " ".join(words)


@functools.cache
def names() -> str:
    """A script that gives the page the names: ``bncourseLab.names``."""
    return f'(globalThis.bncourseLab ??= {{}}).names = "{packed_names()}";\n'


def write(folder: Path) -> None:
    """Write the three scripts of the site."""
    for name, text in {"lab.js": page(), "lab-engine.js": engine(), "lab-names.js": names()}.items():
        (folder / name).write_text(text, "utf-8")
