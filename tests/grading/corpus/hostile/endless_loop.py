"""A loop without an end, in the cell (81)."""

GROUP = "resources"
CATALOGUE = (81,)
NEIGHBOUR = False  # it is ended as a whole
SLOW = True
CODE = """
while True:
    pass
"""
