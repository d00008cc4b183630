"""Computes in float16 and returns float32: a loose tolerance would not see it (37)."""

GROUP = "comparison"
CATALOGUE = (37,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        if not self.training or len(x) < 2:
            return super().forward(x)
        mean, var = x.half().float().mean(0), x.half().float().var(0, correction=0)
        with torch.no_grad():
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            n = len(x)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * n / (n - 1)
        return (self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta).to(x.dtype)
"""
