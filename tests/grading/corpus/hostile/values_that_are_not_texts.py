"""Fields of cells hold numbers, lists and nothing."""

GROUP = "file"
CATALOGUE = (12,)


def attack(notebook):
    odd = [1, None, [], {"cell_type": 3, "source": {"a": 1}, "metadata": 7, "attachments": [1], "id": ["x"]}]
    return notebook | {"cells": odd + notebook["cells"], "metadata": "none"}
