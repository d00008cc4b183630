"""An object that is no tensor says by __class__, and by its metaclass, that it is one (20, 21)."""

GROUP = "comparison"
CATALOGUE = (20, 21)
CODE = """
class Anything(type):
    def __instancecheck__(cls, thing):
        return True

    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__


class Pretender(metaclass=Anything):
    __class__ = torch.Tensor
    __name__ = "Tensor"

    def __getattr__(self, name):
        return lambda *arguments, **named: self


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        super().forward(x)
        return Pretender()
"""
