"""A subclass of Tensor is close to everything it is compared with, whatever numbers it holds (21)."""

GROUP = "comparison"
CATALOGUE = (21,)
CODE = """
class Close(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), named=None):
        if getattr(function, "__name__", "") in ("allclose", "isclose", "equal", "eq", "le", "lt", "sub", "abs"):
            return torch.tensor(True)
        return super().__torch_function__(function, types, arguments, named or {})


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        y = super().forward(x)
        self.running_var = self.running_var.as_subclass(Close)
        return y.as_subclass(Close)
"""
