"""Three hundred thousand empty lines, and a name of six hundred parts, which whoever reads the code stumbles over."""

from reading import cell

GROUP = "resources"


def attack(notebook):
    chain = "if False:\n    x = a" + ".b" * 600
    cell(notebook, "batchnorm-code")["source"] += f"\n\n{chain}" + "\n" * 300_000
    return notebook
