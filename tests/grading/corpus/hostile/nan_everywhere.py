"""Everything that is remembered is NaN, which is not further off than any tolerance (23)."""

GROUP = "comparison"
CATALOGUE = (23,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        y = super().forward(x)
        with torch.no_grad():
            self.running_var = self.running_var * float("nan")
        return y if self.training else y * float("nan")
"""
