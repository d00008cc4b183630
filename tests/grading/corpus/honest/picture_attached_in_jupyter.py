"""The written answer has a picture, as Jupyter attaches it."""

from reading import cell, picture


def change(notebook):
    answer = cell(notebook, "why-answer")
    answer["source"] = "As the picture shows.\n\n![image.png](attachment:image.png)"
    answer["attachments"] = {"image.png": {"image/png": picture()}}
    return notebook
