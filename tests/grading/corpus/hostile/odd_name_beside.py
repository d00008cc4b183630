"""A file beside the notebook whose name is in no encoding."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {b"\xff\xfe.txt": "x"}
STOCK = False  # its copy would fill the disk, or wait


def attack(notebook):
    return notebook
