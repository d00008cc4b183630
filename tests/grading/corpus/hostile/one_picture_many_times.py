"""A picture is attached once and shown forty thousand times."""

from reading import cell, picture

GROUP = "resources"


def attack(notebook):
    own = cell(notebook, "why-answer")
    own["attachments"] = {"a.png": {"image/png": picture(100_000)}}
    own["source"] = "![](attachment:a.png) " * 40_000
    return notebook
