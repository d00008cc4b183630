"""The contents of the book as data: which chapters and assignments there are, in which order and part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

CHAPTER = re.compile(r"chapters/(\d\d)-([\w-]+)")


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        docname: its page, as Sphinx names it.
        part: the caption of the part that it stands in.
    """

    docname: str
    part: str

    @property
    def number(self) -> int:
        """The number of the chapter, which its file name begins with."""
        return int(CHAPTER.fullmatch(self.docname)[1])

    @property
    def slug(self) -> str:
        """The name that chapter, solution and exercise share, such as ``06-running-statistics``."""
        return self.docname.removeprefix("chapters/")


@dataclass(frozen=True)
class Contents:
    """All pages of the book in order.

    Attributes:
        root: the home page.
        parts: the caption of each part, with its pages; an assignment comes after its chapter.
    """

    root: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """Return every page, the home page first."""
        return (self.root, *(page for _, pages in self.parts for page in pages))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Return the chapters in order."""
        return tuple(
            Chapter(page, caption) for caption, pages in self.parts for page in pages if CHAPTER.fullmatch(page)
        )

    def chapter(self, docname: str) -> Chapter | None:
        """Return the chapter on this page, or ``None`` if the page is no chapter."""
        return next((chapter for chapter in self.chapters if chapter.docname == docname), None)

    def assignment(self, chapter: Chapter) -> str | None:
        """Return the assignment that stands right below a chapter, or ``None`` if the chapter has none."""
        following = self.pages[self.pages.index(chapter.docname) + 1 :][:1]
        return next((page for page in following if page.startswith("exercises/")), None)


def read(root: Path | str) -> Contents:
    """Read ``_toc.yml``, the one list of what the book holds."""
    toc = yaml.safe_load((Path(root) / "_toc.yml").read_text("utf-8"))
    parts = toc.get("parts", [{"caption": "", "chapters": toc.get("chapters", [])}])
    return Contents(toc["root"], tuple((part["caption"], tuple(below(part))) for part in parts))


def below(entry: dict[str, Any]) -> Iterator[str]:
    """Give the pages under an entry, depth first."""
    for inner in [*(entry.get("chapters") or []), *(entry.get("sections") or [])]:
        yield inner["file"]
        yield from below(inner)


def any_changed(env: BuildEnvironment, pages: Iterable[str]) -> bool:
    """Return whether one of these pages was read in this build."""
    return bool(getattr(env, "pages_read_now", set()) & set(pages))


def note_what_is_read(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Note which pages are read in this build, before they are."""
    env.pages_read_now = set(docnames)


def setup(app: Sphinx) -> None:
    """Pages that are made from the chapters have to know whether a chapter has changed."""
    app.connect("env-before-read-docs", note_what_is_read)


def of(app: Sphinx) -> Contents:
    """Return the contents of the book that is being built."""
    return read(Path(app.srcdir))
