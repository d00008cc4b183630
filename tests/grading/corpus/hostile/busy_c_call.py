"""One call into C that takes hours and holds the lock (81)."""

GROUP = "resources"
CATALOGUE = (81,)
NEIGHBOUR = False  # it is ended as a whole
SLOW = True
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        return sum(range(10**13))
"""
