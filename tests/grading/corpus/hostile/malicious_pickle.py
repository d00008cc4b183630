"""Returns an object that runs code in whoever unpickles it (68)."""

GROUP = "verdict"
CATALOGUE = (68,)
CODE = """
import pathlib


class Loaded:
    def __reduce__(self):
        return (pathlib.Path("@COURSE@/MARKER").write_text, ("GOT IT",))


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        return Loaded()
"""
