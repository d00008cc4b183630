"""Calls torch's kernel by a name that is put together (40)."""

GROUP = "answer"
CATALOGUE = (40,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        if self.training and len(x) < 2:
            raise ValueError
        mean, var = self.running_mean.to(x.dtype), self.running_var.to(x.dtype)
        call = getattr(torch.ops.aten, "_".join(["batch", "norm"]))
        gamma, beta = self.gamma.to(x.dtype), self.beta.to(x.dtype)
        y = call(x, gamma, beta, mean, var, self.training, self.momentum, self.eps, False)
        self.running_mean, self.running_var = mean, var
        return y
"""
