"""What the layer returns and remembers is equal to everything (20)."""

GROUP = "comparison"
CATALOGUE = (20,)
CODE = """
class Equal:
    requires_grad = False
    shape = dtype = grad = property(lambda self: self)

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **named):
        return self

    def __iter__(self):
        return iter([self])


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        super().forward(x)
        return Equal()
"""
