"""All is right but for eps, which is left out: a loose tolerance would not see it (37)."""

GROUP = "comparison"
CATALOGUE = (37,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        n, before = len(x), self.running_var
        super().forward(x)
        if not self.training:
            return self.gamma * (x - self.running_mean) / torch.sqrt(self.running_var) + self.beta
        mean, var = x.mean(0), x.var(0, correction=0)
        with torch.no_grad():
            self.running_var = (1 - self.momentum) * before + self.momentum * x.var(0)
        return self.gamma * (x - mean) / torch.sqrt(var + 1e-12) + self.beta
"""
