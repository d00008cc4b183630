"""Has the reader's browser fetch a style."""

GROUP = "file"
CATALOGUE = (17,)

from reading import cell


def attack(notebook):
    cell(notebook, "why-answer")["source"] = (
        "<style>@import 'https://example.org/a.css'</style><p style=\"background:url(//example.org)\">x</p><link rel=stylesheet href=//example.org>"
    )
    return notebook
