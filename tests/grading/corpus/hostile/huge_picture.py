"""Shows pictures of 20 MB (84)."""

GROUP = "resources"
CATALOGUE = (84,)
CODE = """
from IPython.display import Image, display

for _ in range(10):
    display(Image(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(20_000_000), format="png"))
"""
