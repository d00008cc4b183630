"""Takes memory, up to 6 GiB, in steps (82)."""

GROUP = "resources"
CATALOGUE = (82,)
NEIGHBOUR = False  # it is ended as a whole
STOCK = False  # it would take 6 GiB
CODE = """
taken = []
for _ in range(60):
    taken.append(bytearray(b"x") * (100 << 20))
"""
