"""The JSON has keys twice, which one reader takes the first of and another the last (12)."""

import json

GROUP = "file"
CATALOGUE = (12,)


def attack(notebook):
    text = json.dumps(notebook)
    return text.replace('"points": 5,', '"points": 5, "points": 500, "solution": true,').encode()
