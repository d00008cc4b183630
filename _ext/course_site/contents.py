"""The contents of the book as data: which chapters and assignments there are, in which order and part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

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
    """All pages of the book in order, and the chapters among them."""

    pages: tuple[str, ...]
    chapters: tuple[Chapter, ...]

    def chapter(self, docname: str) -> Chapter | None:
        """Return the chapter on this page, or ``None`` if the page is no chapter."""
        return next((chapter for chapter in self.chapters if chapter.docname == docname), None)

    def assignment(self, chapter: Chapter) -> str | None:
        """Return the page of a chapter's assignment, or ``None`` if the chapter has none."""
        page = f"exercises/{chapter.slug}/{chapter.slug}"
        return page if page in self.pages else None


def read(root: Path) -> Contents:
    """Read ``_toc.yml``."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    pages, chapters = [toc["root"]], []

    def walk(entry: dict[str, Any], part: str) -> None:
        docname = str(entry.get("file", "")).removesuffix(".md").removesuffix(".ipynb")
        if docname:
            pages.append(docname)
            if CHAPTER.fullmatch(docname):
                chapters.append(Chapter(docname, part))
        for below in [*entry.get("sections", []), *entry.get("chapters", [])]:
            walk(below, part)

    for part in toc.get("parts", [toc]):
        walk({"chapters": part.get("chapters", [])}, part.get("caption", ""))
    return Contents(tuple(pages), tuple(chapters))


def of(app: Sphinx) -> Contents:
    """Return the contents of the book that is being built."""
    return read(Path(app.srcdir))
