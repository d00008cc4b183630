"""Opens 2,000 files and keeps them (84)."""

GROUP = "resources"
CATALOGUE = (84,)
NEIGHBOUR = False  # it is ended as a whole
CODE = """
kept = []
try:
    for _ in range(2000):
        kept.append(open("/dev/null"))
except OSError:
    pass
"""
