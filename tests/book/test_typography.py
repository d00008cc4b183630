"""What belongs together stays in one line of a page, and code stays what it is."""

import re

import pytest
from bs4 import BeautifulSoup
from course_site.typography import together


@pytest.mark.parametrize(
    "text",
    [
        "chapter 5",
        "Chapter 14",
        "assignment 3",
        "section 3.2",
        "neuron 2",
        "N(0, 1)",
        "n − 1",
        "32 × 32",
        "57 %",
        "2 · 10",
    ],
)
def test_no_line_ends_within(text):
    assert " " not in together(text)
    assert together(text).replace("\u00a0", " ") == text


@pytest.mark.parametrize("text", ["5 and 6", "chapter by chapter", "f(x, y)", "a - b", "one % sign", "− 1", ""])
def test_other_texts_stay_as_they_are(text):
    assert together(text) == text


def test_pages_have_it_in_prose_and_not_in_code(site):
    page = BeautifulSoup((site / "chapters" / "04-batchnorm-by-hand.html").read_text("utf-8"), "html.parser")
    article = page.select_one("article")
    code = [found.extract().get_text() for found in article.select("pre, code, .katex, script, svg, h1, h2, h3")]
    assert not any("\u00a0" in text for text in code)
    prose = "\n".join(paragraph.get_text() for paragraph in article.select("section > p"))
    assert "hapter\u00a02" in prose
    assert not re.search(r"N\(0, 1\)|[Cc]hapter \d", prose)
