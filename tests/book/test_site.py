"""The built website, as files."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

import identity
from bncourse import diagnostics, lab, layers, manual, models, names, plots, training
from building import ROOT
from contents import ASSIGNMENTS, CHAPTERS

MODULES = (layers, manual, names, models, training, diagnostics, plots, lab)
"""Those that notebooks import from."""

Pages = dict[Path, BeautifulSoup]


@pytest.fixture(scope="module")
def pages(site: Path) -> Pages:
    """Every page of the site."""
    found = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    return {path: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in found}


@pytest.fixture(scope="module")
def written(site: Path, pages: Pages, config: dict) -> Pages:
    """The pages that have a source: not the search, the page for what is not found, and old addresses."""
    made = {site / "search.html", site / "404.html"}
    made |= {site / f"{old}.html" for old in config["sphinx"]["config"]["redirects"]}
    return {path: page for path, page in pages.items() if path not in made}


@pytest.fixture(scope="module")
def published(config: dict) -> str:
    """Where the site is published."""
    return config["sphinx"]["config"]["html_baseurl"]


def test_notebooks_were_executed_with_the_package_from_the_wheel(book, wheel):
    where = [sys.executable, "-c", "import bncourse; print(bncourse.__file__)"]
    found = subprocess.run(where, env={"PYTHONPATH": str(wheel)}, check=True, capture_output=True, text=True).stdout
    assert Path(found).is_relative_to(wheel)
    assert book.code == 0, book.log


def test_second_build_executes_nothing(builds):
    first, again = builds
    assert again.code == 0, again.log
    assert again.executed == []
    assert again.site == first.site


def test_every_notebook_is_a_page_with_its_download(site):
    for notebook in [*CHAPTERS, *ASSIGNMENTS]:
        name = notebook.relative_to(ROOT)
        assert (site / name).with_suffix(".html").is_file()
        assert (site / "_sources" / name).read_bytes() == notebook.read_bytes()


def test_the_site_carries_the_wheel_that_the_first_cells_install(site, wheel):
    names = [path.name for path in site.glob("*.whl")]
    assert names == [identity.read().wheel]
    with zipfile.ZipFile(site / names[0]) as package:
        inside = {name: package.read(name) for name in package.namelist() if name.startswith("bncourse/")}
    assert inside == {name: (wheel / name).read_bytes() for name in inside}
    assert {"bncourse/names.txt", "bncourse/py.typed", "bncourse/checks/__init__.py"} <= set(inside)


def test_the_site_carries_all_notebooks_in_one_archive(site):
    with zipfile.ZipFile(site / "notebooks.zip") as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    notebooks = [*CHAPTERS, *ASSIGNMENTS]
    assert inside == {f"notebooks/{path.relative_to(ROOT).as_posix()}": path.read_bytes() for path in notebooks}


def test_internal_links_lead_somewhere(site, pages, published):
    anchors = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    root = urlsplit(published).path  # with which every address on the page for what is not found begins
    dead = []
    for path, page in pages.items():
        for tag in page.find_all(["a", "link", "script", "img"]):
            url = urlsplit(tag.get("href") or tag.get("src") or "")
            if url.scheme or url.netloc:
                continue
            inside = unquote(url.path)
            start = site if inside.startswith(root) else path.parent
            target = (start / inside.removeprefix(root)).resolve() if inside not in ("", root) else path
            if not target.is_file() or (url.fragment and target in anchors and url.fragment not in anchors[target]):
                dead.append(f"{path.relative_to(site)}: {url.geturl()}")
    assert dead == []


def test_the_reference_shows_every_public_class_and_function_with_what_it_says_of_itself(pages, site):
    page = pages[site / "api.html"]
    for module in MODULES:
        for name in (name for name in module.__all__ if callable(getattr(module, name))):
            entry = page.find(id=f"{module.__name__}.{name}")
            assert entry is not None, f"{module.__name__}.{name} is not on the page"
            assert entry.find_next_sibling("dd").get_text(strip=True), f"{name} says nothing of itself"
    formula = "y = gamma * (x - mean) / √(var + eps) + beta"
    assert formula in page.find(id="bncourse.layers.BatchNorm1d").find_next_sibling("dd").pre.get_text()


def test_search_engines_and_other_sites_find_every_page(site, written, published, config):
    listed = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text("utf-8"))
    addresses = {path: f"{published}{path.relative_to(site).as_posix()}" for path in written}
    assert set(addresses.values()) <= set(listed)
    assert [address for address in listed if not (site / address.removeprefix(published)).is_file()] == []
    for path, page in written.items():
        assert page.find("link", rel="canonical")["href"] == addresses[path]
        told = {tag["property"]: tag["content"] for tag in page.find_all("meta", property=True)}
        assert told["og:site_name"] == config["title"]
        assert told["og:title"] in page.find("title").text
        card = site / told["og:image"].removeprefix(published)
        assert card.read_bytes().startswith(b"\x89PNG")


def test_old_addresses_lead_to_pages(site, config):
    for old, new in config["sphinx"]["config"]["redirects"].items():
        source = ((ROOT / old).parent / new).resolve().with_suffix(".ipynb")
        if source.exists() and source not in [*CHAPTERS, *ASSIGNMENTS]:
            continue  # left out of the contents
        page = (site / f"{old}.html").read_text("utf-8")
        assert f"url={new}" in page
        assert ((site / old).parent / new).resolve().is_file()


def test_pages_load_nothing_from_other_hosts(pages):
    for path, page in pages.items():
        loaded = [tag.get("src") for tag in page.find_all(["script", "img", "iframe", "source"])]
        loaded += [tag.get("href") for tag in page.find_all("link") if "canonical" not in tag["rel"]]
        assert [url for url in loaded if url and urlsplit(url).netloc] == [], path.name


def test_cells_print_little(written):
    for path, page in written.items():
        printed = [out.get_text() for out in page.select("div.cell_output div.output:is(.text_plain, .stream)")]
        assert [text[:200] for text in printed if len(text) > 1_500 or "object at 0x" in text] == [], path.name


def test_pages_are_shown_after_one_style_sheet_and_one_script(site, written):
    for path, page in written.items():
        sheets = [urlsplit(link["href"]).path for link in page.find_all("link", rel="stylesheet")]
        assert [Path(sheet).name for sheet in sheets] == ["course.css"], path
        blocking = [script["src"] for script in page.find_all("script", src=True) if not script.has_attr("defer")]
        assert [Path(urlsplit(source).path).name for source in blocking] == ["documentation_options.js"], path
    sheet = (site / "_static" / "course.css").read_text("utf-8")
    rules, fonts = re.subn(r"url\(\"data:font/woff2;base64,[^)]*\)", "", sheet)
    assert fonts == 2, "the icons and the text's face are there before anything is drawn"
    assert len(rules) < 200_000
    assert (site / "_static" / "icons.woff2").stat().st_size < 10_000


def test_colab_opens_exactly_the_notebook_of_the_page(site, written, config):
    repository = config["repository"]["url"].removeprefix("https://github.com/")
    for path, page in written.items():
        links = [a["href"] for a in page.select(".chapter-head a") if a.text == "Open in Colab"]
        notebook = path.relative_to(site).with_suffix(".ipynb").as_posix()
        expected = f"https://colab.research.google.com/github/{repository}/blob/main/{notebook}"
        assert links == ([expected] if (ROOT / notebook).exists() else []), path.name


def test_pages_describe_themselves(written):
    descriptions = {path: page.find("meta", attrs={"name": "description"})["content"] for path, page in written.items()}
    # As much as search engines show.
    assert {path.name: text for path, text in descriptions.items() if not 50 <= len(text) <= 160} == {}
    assert len(set(descriptions.values())) == len(descriptions)


def test_pictures_say_what_they_show_and_keep_their_place(written):
    for path, page in written.items():
        for picture in page.select("article img:not(.home-bar img, .card-of-chapter img)"):  # these only decorate
            assert picture["alt"].strip(), path.name
            assert not re.search(r"\.(svg|png|jpe?g|webp)$", picture["alt"]), path.name
            assert picture["width"], picture["height"]


def test_figures_fit_a_phone_with_labels_that_can_be_read(written):
    """The column of a phone is 358 pixels wide; a figure that needs more would have to be scrolled there."""
    widths = {}
    for path, page in written.items():
        for number, figure in enumerate(page.select("article span.legible")):
            widths[f"{path.name}, figure {number + 1}"] = int(re.search(r"--least: (\d+)px", figure["style"])[1])
    assert len(widths) > 30
    assert {figure: width for figure, width in widths.items() if width > 358} == {}


def test_no_cell_prints_more_than_a_reader_reads(written):
    for path, page in written.items():
        for output in page.select(".cell_output pre"):
            assert output.text.count("\n") <= 60, f"{path.name}: {output.text[:200]}"


def test_a_button_that_a_guide_names_is_on_every_assignments_page(site, pages):
    text = (ROOT / "guides" / "submitting.md").read_text("utf-8")
    named = re.findall(r"[Bb]utton \*([^*]+)\*", text)
    assert named == ["Open in Colab", "Download"]
    for notebook in ASSIGNMENTS:
        page = pages[(site / notebook.relative_to(ROOT)).with_suffix(".html")]
        assert [door.text for door in page.select(".chapter-head .door")] == named
