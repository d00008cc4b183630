"""Fills every folder that can be written to, beyond the two that are meant for it."""

GROUP = "resources"
CATALOGUE = (84,)
STOCK = False  # it would fill the machine's
CODE = """
import os

total = 0
for folder in ("/", "/dev", "/run", "/opt", "/opt/course", "/opt/course/bncourse", "/proc", "/home", "/usr", "/mnt"):
    try:
        with open(os.path.join(folder, "much"), "wb") as file:
            for _ in range(100):
                total += file.write(bytes(1 << 20))
    except OSError:
        continue
if total:
    print("GOT IT")
"""
