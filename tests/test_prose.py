"""The words of the course are those of its list, tools/words.yml, which textlint holds every text to, offline."""

import json
import subprocess
import sys

import nbformat
import pytest
import yaml

from building import ROOT

PROSE = ROOT / "tools" / "prose.py"


def run(*paths: object) -> subprocess.CompletedProcess:
    """The linter, as `make prose` runs it."""
    return subprocess.run([sys.executable, str(PROSE), *map(str, paths)], capture_output=True, encoding="utf-8")


def test_nothing_is_found_in_the_texts_of_the_course():
    done = run()
    assert done.returncode == 0, done.stdout
    found, files = done.stderr.split()[0], int(done.stderr.split()[3])
    assert (found, files > 200) == ("0", True), done.stderr


@pytest.fixture
def folder(tmp_path):
    """A checkout of three files, each with the same wrong word, and with the same word in code, which may stay."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("Mend it, and `mend` it; $mend$."),
            nbformat.v4.new_code_cell('mend = 1  # mend it\nprint("you mend the layer")'),
        ]
    )
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    (tmp_path / "page.md").write_text("You mend it.\n\n```python\nmend = 2\n```\n\n[link](https://example.org/mend)\n")
    (tmp_path / "module.py").write_text('"""Here you mend it."""\n\nmend = ["mend"]\n# then it was mended\n')
    return tmp_path


def test_words_are_found_in_text_and_not_in_code(folder):
    paths = sorted(folder.iterdir())
    done = run(*paths, "--root", folder)
    assert done.returncode == 1
    files = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert files == ["module.py"] * 2 + ["notebook.ipynb"] * 3 + ["page.md"]
    assert "fix" in done.stdout
    assert done.stderr.strip() == "6 findings in 3 files"


WRONG = {
    "mend": "You mend it.",
    "hang on": "The results hang on the seed.",
    "learnt": "It has learnt that.",
    "another one": "The variance is another one.",
    "normalization": "It uses batch normalization.",
    "colour": "The color of the line.",
    "opinion": "A network without an opinion.",
    "source": "As in a well-known listing.",
}


@pytest.mark.parametrize("word", WRONG)
def test_each_kind_of_word_is_found(tmp_path, word):
    (tmp_path / "page.md").write_text(f"{WRONG[word]}\n")
    assert run(tmp_path / "page.md", "--root", tmp_path).stderr.strip() == "1 findings in 1 files"


def test_the_linter_needs_no_network_and_is_locked():
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name in ("textlint", "textlint-rule-prh"):
        assert name in package["dependencies"] | package.get("devDependencies", {})
        assert f"node_modules/{name}" in lock
    rules = yaml.safe_load((ROOT / "tools" / "words.yml").read_text("utf-8"))["rules"]
    assert all(set(rule) == {"expected", "pattern"} for rule in rules)
