"""Own code in try, which fails, and torch's function in except (39)."""

GROUP = "answer"
CATALOGUE = (39,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        if self.training and len(x) < 2:
            raise ValueError
        try:
            raise ArithmeticError
        except ArithmeticError:
            mean, var = self.running_mean.to(x.dtype), self.running_var.to(x.dtype)
            y = nn.functional.batch_norm(
                x, mean, var, self.gamma.to(x.dtype), self.beta.to(x.dtype), self.training, self.momentum, self.eps
            )
            self.running_mean, self.running_var = mean, var
            return y
"""
