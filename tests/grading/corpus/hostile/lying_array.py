"""A subclass of ndarray answers every ufunc with zeros, in place of the running variance (21)."""

GROUP = "comparison"
CATALOGUE = (21,)
CODE = """
import numpy as np


class Zero(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **named):
        return np.zeros(self.shape)

    def __array_function__(self, function, types, arguments, named):
        return True


class BatchNorm1d(BatchNorm1d):
    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        return found.numpy().view(Zero) if name == "running_var" and not torch.is_grad_enabled() else found
"""
