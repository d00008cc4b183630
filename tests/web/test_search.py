"""The search with what readers type: the page that they mean comes first."""

from urllib.parse import quote

from contents import CONTENTS

MEANT = {
    "first loss too high": "chapters/01",
    "hockey stick loss curve": "chapters/01",
    "kaiming or xavier initialisation": "chapters/02",
    "why is the gain 5/3": "chapters/02",
    "dead neurons": "chapters/03",
    "saturated tanh": "chapters/03",
    "batch norm by hand": "chapters/04",
    "what are gamma and beta": "chapters/04",
    "bias before batch norm": "chapters/05",
    "running mean": "chapters/06",
    "model.eval() with batchnorm": "chapters/06",
    "backward pass of batchnorm": "chapters/07",
    "update to data ratio": "chapters/08",
    "exploding gradients": "chapters/09",
    "residual connections": "chapters/09",
    "nn.BatchNorm1d arguments": "chapters/10",
    "batchnorm for images": "chapters/11",
    "freeze batchnorm for fine-tuning": "chapters/12",
    "mixed precision": "chapters/12",
    "internal covariate shift": "chapters/13",
    "why does batchnorm work": "chapters/13",
    "layer norm": "chapters/14",
    "small batch size": "chapters/14",
    "how many seeds": "chapters/15",
    "chapter 06": "chapters/06",
    "how to submit": "guides/submitting",
    "install with pip": "guides/running",
    "grading with Moodle": "guides/teaching",
}

FINISHED = "/found|did not match/.test(document.querySelector('#search-results p')?.textContent)"


def test_the_page_that_is_meant_comes_first(tab):
    page, first = tab.page, {}
    # A fork may have left a page out.
    there = [query for query, place in MEANT.items() if any(page.startswith(place) for page in CONTENTS.pages)]
    for query in there:
        page.goto(f"{tab.address}/search.html?q={quote(query)}")
        page.wait_for_function(FINISHED, timeout=20_000)
        links = page.locator("#search-results li > a")
        first[query] = links.first.get_attribute("href") if links.count() else "nothing"
    wrong = {query: found for query, found in first.items() if not found.startswith(MEANT[query])}
    assert wrong == {}
