"""Takes memory in eight processes, none of which takes much, 4.8 GiB in all (82, 83)."""

GROUP = "resources"
CATALOGUE = (82, 83)
NEIGHBOUR = False  # it is ended as a whole
STOCK = False  # it would take 4.8 GiB
CODE = """
import os, time

for _ in range(8):
    if os.fork() == 0:
        taken = bytearray(b"x") * (600 << 20)
        time.sleep(8)
        os._exit(0)
time.sleep(8)
"""
