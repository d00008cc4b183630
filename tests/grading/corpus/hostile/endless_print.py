"""Prints 100 MB (84)."""

GROUP = "resources"
CATALOGUE = (84,)
CODE = """
for _ in range(1000):
    print("x" * 100_000)
"""
