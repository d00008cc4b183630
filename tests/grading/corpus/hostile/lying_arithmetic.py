"""A number whose differences are 0 and whose comparisons are all true, in place of the running variance (22)."""

GROUP = "comparison"
CATALOGUE = (22,)
CODE = """
class Near(float):
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = __abs__ = __mul__ = __float__ = lambda self, *other: 0.0


class BatchNorm1d(BatchNorm1d):
    @property
    def running_var(self):
        return Near(1)

    @running_var.setter
    def running_var(self, value):
        self._buffers["running_var"] = value
"""
