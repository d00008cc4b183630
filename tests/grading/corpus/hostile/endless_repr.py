"""Returns an object whose repr never ends (81, 84)."""

GROUP = "resources"
CATALOGUE = (81, 84)
NEIGHBOUR = False  # it is ended as a whole
SLOW = True
CODE = """
class Slow:
    def __repr__(self):
        while True:
            pass


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        return Slow()
"""
