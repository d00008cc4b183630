"""Has the reader's browser fetch a picture from elsewhere, which tells who reads when."""

GROUP = "file"
CATALOGUE = (17,)

from reading import cell


def attack(notebook):
    cell(notebook, "why-answer")["source"] = (
        '![x](https://example.org/seen.png) <img src="/hub/logout"> <img srcset="//example.org/a.png 2x">'
    )
    return notebook
