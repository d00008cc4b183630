"""A second cell with the test cell's id, after it, does nothing and so passes (5)."""

from reading import place, twin

GROUP = "file"
CATALOGUE = (5,)


def attack(notebook):
    second = twin(notebook, "batchnorm-test") | {"source": "pass", "id": "second"}
    notebook["cells"].insert(place(notebook, "batchnorm-test") + 1, second)
    return notebook
