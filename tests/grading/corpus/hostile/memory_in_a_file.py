"""Takes memory through memfd_create, which is no process's own."""

GROUP = "resources"
CATALOGUE = (82,)
STOCK = False  # it would take 3 GiB
SLOW = True
CODE = """
import os

try:
    file = os.memfd_create("much")
    for _ in range(3000):
        os.write(file, bytes(1 << 20))
    print("GOT IT")
except OSError as error:
    print(error)
"""
