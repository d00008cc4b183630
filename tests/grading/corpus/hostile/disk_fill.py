"""Fills home and the temporary folder, 1 GiB each (84)."""

GROUP = "resources"
CATALOGUE = (84,)
STOCK = False  # the disk is everybody's
CODE = """
import pathlib

for folder in (pathlib.Path.home(), pathlib.Path("/tmp")):
    try:
        with open(folder / "big", "wb") as file:
            for _ in range(1024):
                file.write(bytes(1 << 20))
    except OSError:
        pass
"""
