"""The locked cell of the imports is rewritten: checks is an object that is always content (3, 25)."""

from reading import cell

GROUP = "file"
CATALOGUE = (3, 25)


def attack(notebook):
    cell(notebook, "imports")["source"] = (
        "import torch\nfrom torch import nn\nfrom unittest.mock import MagicMock\n\nchecks = MagicMock()\n"
    )
    return notebook
