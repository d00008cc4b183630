"""The course's title, addresses and version: a fork changes them in one verb, a release in another."""

import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml

import identity
from building import ROOT
from contents import CONTENTS, contents

URL = "https://github.com/ada/norms-of-names"


@pytest.fixture
def copy(tmp_path) -> Path:
    """All that the repository keeps, without its history."""
    for path in identity.texts(ROOT):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "identity.py"), "--root", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def everything(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in identity.texts(folder))


def first_cells(folder: Path) -> set[str]:
    notebooks = [
        *folder.glob("chapters/*.ipynb"),
        *folder.glob("exercises/*/*.ipynb"),
        *folder.glob("solutions/*/*.ipynb"),
    ]
    cells = [nbformat.read(path, as_version=4).cells for path in notebooks]
    return {next(cell.source for cell in found if cell.cell_type == "code") for found in cells}


def test_a_fork_is_renamed_everywhere(copy):
    old = identity.read(copy)
    done = run(copy, "--url", URL, "--title", "Norms: of names")
    assert done.returncode == 0, done.stderr
    new = identity.read(copy)
    assert new == identity.Identity("Norms: of names", URL, "https://ada.github.io/norms-of-names", old.version)
    text = everything(copy)
    assert f"https://codespaces.new/{new.path}" in text
    assert f"https://mybinder.org/v2/gh/{new.path}/" in text
    # A new address may begin with the old one.
    assert not re.search(rf"({re.escape(old.url)}|{re.escape(old.site)})(?![\w-])", text)
    assert f"git clone {URL} " in text
    assert first_cells(copy) == {new.first_cell}
    assert (copy / "README.md").read_text("utf-8").startswith("# Norms: of names\n")
    # Once more changes nothing.
    assert run(copy, "--url", URL, "--title", "Norms: of names").stdout == ""


def test_the_repository_of_a_user_s_own_pages_has_them_at_the_root(copy):
    old = identity.read(copy)
    assert run(copy, "--url", "https://github.com/Ada/ada.github.io").returncode == 0
    new = identity.read(copy)
    assert new.site == "https://ada.github.io"
    assert f"https://ada.github.io/{old.wheel}" in everything(copy)
    assert first_cells(copy) == {new.first_cell}


def test_a_chapter_is_left_out_by_deleting_one_line(tmp_path):
    lines = (ROOT / "_toc.yml").read_text("utf-8").splitlines(keepends=True)
    whole = CONTENTS.pages
    for number, line in enumerate(lines):
        if named := re.findall(r"file: ([^\s,}]+)", line):
            (tmp_path / "_toc.yml").write_text("".join(lines[:number] + lines[number + 1 :]), "utf-8")
            assert contents.read(tmp_path).pages == tuple(page for page in whole if page not in named)
        alone = re.sub(r", sections: \[.*\]", "", line)
        (tmp_path / "_toc.yml").write_text("".join([*lines[:number], alone, *lines[number + 1 :]]), "utf-8")
        assert contents.read(tmp_path).pages == tuple(page for page in whole if page not in named[1:])


def test_any_title_is_kept_as_it_was_typed_and_found_again(copy):
    shutil.copy(ROOT / "tools" / "identity.py", copy / "tools")
    (copy / ".venv").symlink_to(sys.prefix)
    for title in ("Ada's norms: 1 # 2", r"C:\norms", "`ls` $HOME ${HOME} $(HOME) %s {}", "Größe, 规范"):
        make = ["make", "--old-file", ".venv/.complete", "rename", f"TITLE={title}"]
        done = subprocess.run(make, cwd=copy, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert identity.read(copy).title == title
        assert (copy / "README.md").read_text("utf-8").startswith(f"# {title}\n")


@pytest.mark.whole
def test_without_git_the_files_are_the_same(monkeypatch):
    kept = set(identity.texts(ROOT))
    monkeypatch.setattr(identity.shutil, "which", lambda name: None)
    without = set(identity.texts(ROOT))
    assert kept <= without
    assert not {path.relative_to(ROOT).parts[0] for path in without} & {".git", ".venv", "_build", "node_modules"}


@pytest.mark.whole
def test_a_renamed_fork_is_renamed_back_without_a_trace(copy):
    before, old = everything(copy), identity.read(copy)
    assert run(copy, "--url", URL, "--title", "Norms").returncode == 0
    assert run(copy, "--url", old.url, "--title", old.title).returncode == 0
    assert everything(copy).replace(f'"{old.title}"', old.title) == before.replace(f'"{old.title}"', old.title)


@pytest.mark.whole
def test_a_release_writes_its_version_everywhere(copy):
    old = identity.read(copy)
    assert run(copy, "--version", "7.8.9").returncode == 0
    assert identity.read(copy).version == "7.8.9"
    text = everything(copy)
    assert old.wheel not in text
    assert "bncourse-7.8.9-py3-none-any.whl" in text
    assert re.search(r"^version: 7\.8\.9$", (copy / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert re.search(r"## Unreleased\n\n## 7\.8\.9 \(\d{4}-\d\d-\d\d\)\n", (copy / "CHANGELOG.md").read_text("utf-8"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", "git@github.com:ada/norms.git"], "URL is 'git@github.com:ada/norms.git': give the address"),
        (["--url", "https://github.com/ada"], "https://HOST/OWNER/NAME"),
        (["--url", "https://git.school.example/ada/norms"], "give PAGES=https://"),
        (["--url", "https://github.com/ada/nörms"], "https://HOST/OWNER/NAME"),
        (["--title", ' "'], "TITLE is"),
        (["--title", "two\nlines"], "on one line"),
        (["--version", "2"], "VERSION is '2': give three numbers"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_changes(copy, arguments, message):
    before = everything(copy)
    done = run(copy, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert everything(copy) == before


def test_colab_opens_the_notebooks_of_the_tag_that_is_published(monkeypatch):
    from course_site import reading

    options = {"repository_url": identity.read().url, "repository_branch": "main"}
    config = SimpleNamespace(html_theme_options=options)
    opened = partial(reading.colab, config, "chapters/01-bad-init-loss")
    address = f"{options['repository_url'].replace('github.com', 'colab.research.google.com/github')}/blob"
    monkeypatch.delenv("BNCOURSE_REF", raising=False)
    assert opened() == f"{address}/main/chapters/01-bad-init-loss.ipynb"
    monkeypatch.setenv("BNCOURSE_REF", "v0.1.0")
    assert opened() == f"{address}/v0.1.0/chapters/01-bad-init-loss.ipynb"
    site = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text("utf-8"))
    assert [step["env"] for step in site["jobs"]["build"]["steps"] if "env" in step] == [
        {"BNCOURSE_REF": "${{ github.ref_name }}"}
    ]


def test_the_repository_agrees_with_itself():
    own = identity.read()
    assert first_cells(ROOT) == {own.first_cell}
    assert f"version: {own.version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    named = set(re.findall(r"bncourse-\d[\w.]*-py3-none-any\.whl", everything(ROOT))) - {
        "bncourse-7.8.9-py3-none-any.whl"
    }
    assert named == {own.wheel}
