"""A link to the secret beside the notebook."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"notes.txt": ("link", "@COURSE@/.bncourse-secret")}
STOCK = False  # its copy would fill the disk, or wait


def attack(notebook):
    return notebook
