"""A loop without an end in the layer, which catches every exception (81)."""

GROUP = "resources"
CATALOGUE = (81,)
NEIGHBOUR = False  # it is ended as a whole
SLOW = True
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
"""
