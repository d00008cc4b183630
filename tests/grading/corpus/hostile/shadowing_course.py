"""A package bncourse beside the notebook has checks that are always content (16, 33)."""

GROUP = "file"
CATALOGUE = (16, 33)
FILES = {
    "bncourse/__init__.py": "",
    "bncourse/checks.py": """
class Content:
    def require(self):
        pass


def running_statistics(layer):
    return Content()


def calibrate(function):
    return Content()
""",
}
CODE = "pass"
