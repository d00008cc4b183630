"""Sets its inputs to zero in place, for the reference to be given the same (34)."""

GROUP = "comparison"
CATALOGUE = (34,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        with torch.no_grad():
            x.data.zero_()
        return super().forward(x)
"""
