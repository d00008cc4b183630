"""Whoever is cited can be found: with a link, among the sources of the chapter, at a place that somebody looked up."""

import calendar
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml

from building import ROOT
from contents import CHAPTERS, SOLUTIONS

PAGES = sorted(
    {*ROOT.glob("*.md"), *ROOT.glob("guides/*.md")} - {ROOT / name for name in ("CHANGELOG.md", "LICENSE-TEXT.md")}
)

LINK = re.compile(r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<address>[^)\s]+)\)")

OTHERS = r"(?:,? (?:[A-Z][\w’-]+,? )*(?:and [A-Z][\w’-]+|and others|et al\.))"

CITED = re.compile(
    rf"\b(?P<name>[A-Z][\w’-]+)(?:{OTHERS}?,? ?[(\[]{{0,2}}(?P<year>(?:19|20)\d\d)\b|{OTHERS}(?= ?[(\[]))"
)
"""An author with a year, or several authors before a bracket."""

MONTHS = set(calendar.month_name[1:])

SCHOLARLY = re.compile(r"https://(arxiv\.org|doi\.org|proceedings\.|www\.jmlr\.org|openreview\.net|papers\.n)")

PLACE = re.compile(
    r"\b(?P<kind>section|figure|table|theorem|lemma|definition|equation|appendix|Algorithm)s? (?P<first>\d+(?:\.\d+)*)"
    r"(?P<more>(?:, \d+(?:\.\d+)*)*(?: and \d+(?:\.\d+)*)?)",
)


def texts(path: Path) -> list[str]:
    """Return the paragraphs, items and rows of a page, without code and formulas."""
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        source = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    else:
        source = re.sub(r"\A---\n.*?\n---\n", "", path.read_text("utf-8"), flags=re.DOTALL)
    source = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", " ", source, flags=re.DOTALL)
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[-|#>] ?)", source) if part.strip()]


def divided(path: Path) -> tuple[list[str], list[str]]:
    """Return the texts of a chapter before its sources, and the sources."""
    parts = texts(path)
    start = parts.index("## Sources")
    return parts[:start], [part for part in parts[start + 1 :] if part.startswith("- ")]


def citations(text: str) -> Iterator[tuple[str, str]]:
    """Give the first author and the year of each work that a text cites; the year may be empty."""
    plain = LINK.sub(lambda link: link["text"], text)
    for match in CITED.finditer(plain):
        if match["name"] not in MONTHS:
            yield match["name"].removesuffix("’s"), match["year"] or ""


def places(text: str) -> Iterator[str]:
    """Give the numbered places of works that a text names, such as "section 3.2"."""
    for match in PLACE.finditer(LINK.sub(lambda link: link["text"], text)):
        for number in [match["first"], *re.findall(r"\d+(?:\.\d+)*", match["more"])]:
            yield f"{match['kind']} {number}"


def address_of(source: str) -> str:
    """Return the address of the work that a source names."""
    link = LINK.search(source)
    assert link, f"no link: {source}"
    return link["address"]


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request) -> Path:
    """Each chapter in turn."""
    return request.param


def test_what_a_chapter_cites_stands_in_its_sources(chapter):
    text, sources = divided(chapter)
    for part in text:
        for name, year in citations(part):
            assert any(re.search(rf"\b{name}\b", source) and year in source for source in sources), (name, year, part)
        for link in LINK.finditer(part):
            if SCHOLARLY.match(link["address"]):
                assert any(link["address"] in source for source in sources), link["address"]


def test_a_work_has_the_same_name_in_every_chapter():
    names: dict[str, set[str]] = {}
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        for source in divided(path)[1]:
            name = source[: LINK.search(source).end()].replace(address_of(source), "")
            names.setdefault(address_of(source).partition("#")[0].rstrip("/"), set()).add(name)
    assert not {address: found for address, found in names.items() if len(found) > 1}


def test_authors_are_named_by_their_surnames(chapter):
    for source in divided(chapter)[1]:
        authors = source.removeprefix("- ").partition(" [")[0].partition(" (")[0].rstrip(",")
        for author in re.split(r", | and ", authors.removesuffix(" et al.")):
            assert re.fullmatch(r"(van )?[\w-]+|Stanford CS231n", author), source


@pytest.mark.parametrize("path", [*SOLUTIONS, *PAGES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_assignment_or_a_page_cites_with_a_link_beside_the_name(path):
    for part in texts(path):
        if list(citations(part)):
            assert LINK.search(part), part
        assert not list(places(part)), "only chapters, which have a list of sources, name places by number"


def test_every_numbered_place_of_a_work_was_looked_up():
    known = yaml.safe_load((ROOT / "tests" / "book" / "places.yml").read_text("utf-8"))
    needed: dict[str, set[str]] = {}
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):  # a course that leaves a chapter out keeps its file
        text, sources = divided(path)
        here: set[str] = set()
        for source in sources:
            named = set(places(source))
            assert named <= set(known.get(address_of(source), {})), (path.stem, source)
            needed.setdefault(address_of(source), set()).update(named)
            here |= named
        for part in text:
            assert set(places(part)) <= here, (path.stem, part)
    assert {address: set(entries) for address, entries in known.items()} == {k: v for k, v in needed.items() if v}
