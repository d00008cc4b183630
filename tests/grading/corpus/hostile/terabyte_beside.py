"""A file that claims to hold a terabyte beside the notebook."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"data.bin": ("sparse", 1 << 40)}
STOCK = False  # its copy would fill the disk, or wait


def attack(notebook):
    return notebook
