"""A pipe beside the notebook."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"data.csv": ("pipe",)}
STOCK = False  # its copy would fill the disk, or wait


def attack(notebook):
    return notebook
