"""The file breaks off in the middle (12): no grade must not become full marks, nor an error of the grader's."""

import json

GROUP = "file"
CATALOGUE = (12,)
NEIGHBOUR = False  # nothing in it can be read


def attack(notebook):
    text = json.dumps(notebook)
    return text[: len(text) // 2].encode()
