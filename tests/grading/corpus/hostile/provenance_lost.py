"""Says nothing of whose code gave the answers."""

GROUP = "answer"
CATALOGUE = (
    38,
    40,
)
NEIGHBOUR = False  # its answers say nothing either
CODE = """
from bncourse.observing import task

task.PROVENANCE = "x"


class BatchNorm1d(nn.BatchNorm1d):
    gamma = property(lambda self: self.weight)
    beta = property(lambda self: self.bias)

    def forward(self, x):
        return super(BatchNorm1d, self.to(x.dtype)).forward(x)
"""
