"""What is remembered has no entries, so that all of them are right (24)."""

GROUP = "comparison"
CATALOGUE = (24,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        if not self.training:
            return x[:0]
        y = super().forward(x)
        self.running_var, self.kept = torch.empty(0), self.running_var
        return y
"""
