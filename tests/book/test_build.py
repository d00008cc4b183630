"""What the build promises, tried on a small book of one notebook with the real settings and extensions."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
import yaml

from building import ROOT, Build, run_jupyter_book

CLOCK = "import os, time; print('for the site:', os.environ['BNCOURSE_BOOK'], 'ran at', time.time_ns())"
PICTURE = """from IPython.display import SVG; SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')"""


class SmallBook:
    """A book in a folder of its own, with copies of all that the build of the course reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("_ext", "_static", "_templates"):
            shutil.copytree(ROOT / name, folder / name)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        shutil.copy(ROOT / "_config.yml", folder)
        (folder / "other.md").write_text("# Another page\n")
        self.module = folder / "src" / "bncourse" / "module.py"
        self.module.parent.mkdir(parents=True)
        self.module.touch()

    def build(self, text: str, code: str, **more: str) -> Build:
        """Build it with a page that holds a text and a code cell, and one more page for each further cell, by name."""
        for name, source in {"page": code, **more}.items():
            cells = [nbformat.v4.new_markdown_cell(text, id="text"), nbformat.v4.new_code_cell(source, id="code")]
            kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
            notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
            (self.folder / f"{name}.ipynb").write_text(json.dumps(notebook))
        contents = {"format": "jb-book", "root": "page", "chapters": [{"file": name} for name in ("other", *more)]}
        (self.folder / "_toc.yml").write_text(yaml.safe_dump(contents))
        return run_jupyter_book(self.folder, self.folder)


@pytest.fixture
def small(tmp_path) -> SmallBook:
    return SmallBook(tmp_path)


def page(build: Build) -> str:
    return (build.site / "page.html").read_text("utf-8")


def when(build: Build) -> list[str]:
    """When the clock ran whose output the page shows."""
    assert build.code == 0, build.log
    return re.findall(r"for the site: 1 ran at (\d+)", page(build))


def test_what_changed_is_what_is_done_again(small):
    first = small.build("# A title\n\nA paragraph.", CLOCK)
    assert len(when(first)) == len(first.executed) == 1
    ran_at = when(first)

    text_changed = small.build("# A title\n\nAnother paragraph.", CLOCK)
    assert "Another paragraph." in page(text_changed)
    assert text_changed.executed == []
    assert when(text_changed) == ran_at

    with (small.folder / "_static" / "site.css").open("a") as sheet:
        sheet.write("body { --changed: 1 }")
    style_changed = small.build("# A title\n\nAnother paragraph.", CLOCK)
    assert style_changed.executed == []
    assert "--changed" in (style_changed.site / "_static" / "course.css").read_text("utf-8")

    small.module.write_text("changed = True")
    package_changed = small.build("# A title\n\nAnother paragraph.", CLOCK)
    assert when(package_changed) > ran_at
    assert len(list((small.folder / "_build" / ".jupyter_cache").iterdir())) == 1  # the old one went


def waits_for(folder: Path, mine: str, others: str) -> str:
    """Code that ends when the other notebook runs as well, and fails after a minute without it."""
    return f"""import time
from pathlib import Path

Path({str(folder / mine)!r}).touch()
for _ in range(600):
    if Path({str(folder / others)!r}).exists():
        break
    time.sleep(0.1)
else:
    raise TimeoutError("the other notebook did not run meanwhile")
{CLOCK}
"""


def test_notebooks_are_executed_side_by_side_and_once(small):
    codes = [waits_for(small.folder, *names) for names in (("first", "second"), ("second", "first"))]
    build = small.build("# A title", codes[0], further=codes[1])
    assert len(when(build)) == 1
    assert sorted(name for name, _ in build.executed) == ["further", "page"]
    again = small.build("# Another title", codes[0], further=codes[1])
    assert when(again) == when(build)
    assert again.executed == []


def test_of_two_notebooks_the_one_that_raises_fails_the_build(small):
    build = small.build("# A title", CLOCK, further="raise ValueError('the reason')")
    assert build.code != 0
    assert "ValueError: the reason" in build.log
    assert [name for name, _ in build.executed] == ["page"]


def test_notebook_that_raises_fails_the_build(small):
    build = small.build("# A title", "raise ValueError('the reason')")
    assert build.code != 0
    assert "ValueError: the reason" in build.log


def test_faults_of_a_page_fail_the_build_and_are_named(small):
    nowhere = "https://bncourse.github.io/bncourse/nowhere.html"
    text = f"# A title\n\nA formula $\\frac{{1$ and [a link](nowhere.md), [another]({nowhere})."
    build = small.build(text, f"import warnings; warnings.warn('a warning of the code'); {PICTURE}")
    assert build.code != 0
    assert "KaTeX parse error" in build.log
    assert "'myst' cross-reference target not found: 'nowhere.md'" in build.log
    assert f"the course has no page {nowhere}" in build.log
    assert "stderr was found in the cell outputs" in build.log
    assert "a figure has no alternative text" in build.log
    assert "UserWarning" not in page(build)


def test_a_link_to_a_page_that_the_contents_leave_out_becomes_its_text(small):
    (small.folder / "left-out.md").write_text("# Left out\n")
    site = "https://bncourse.github.io/bncourse"
    absolute = f"[the same]({site}/left-out.html), [the other again]({site}/other.html#another-page)"
    build = small.build(f"# A title\n\nSee [that page](left-out.md) and [the other](other.md), {absolute}.", "1 + 1")
    assert build.code == 0, build.log
    assert not (build.site / "left-out.html").exists()
    assert "that page" in page(build)
    assert "left-out" not in page(build)
    assert 'href="other.html"' in page(build)
    assert re.search(r'href="other.html#another-page">(<[^>]*>)*the other again', page(build)), "it leaves the site"
