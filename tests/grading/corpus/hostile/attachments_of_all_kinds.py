"""Attachments that are no pictures, or very large ones."""

GROUP = "file"
CATALOGUE = (17,)

from reading import cell


def attack(notebook):
    answer = cell(notebook, "why-answer")
    answer["source"] = "".join(f"![x](attachment:{name})" for name in ("a.svg", "b.png", "c.png", "d.png"))
    answer["attachments"] = {
        "a.svg": {"image/svg+xml": "PHN2Zy8+"},
        "b.png": {"image/png": 7},
        "c.png": {"image/png": "A" * 6_000_000},
        "d.png": [],
    }
    return notebook
