"""Returns memory that was not written to: a reference may have left its result there (53, 54)."""

GROUP = "answer"
CATALOGUE = (53, 54)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        y = super().forward(x)
        self.running_var = torch.empty_like(self.running_var)
        return y
"""
