"""Lists of numbers that are of a subclass of float, and change with every look (20, 22)."""

GROUP = "comparison"
CATALOGUE = (20, 22)
CODE = """
import random


class Changing(float):
    def __float__(self):
        return random.random()

    __eq__ = lambda self, other: True
    __hash__ = float.__hash__


class BatchNorm1d(BatchNorm1d):
    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        return [Changing(1)] * len(found) if name == "running_var" and not torch.is_grad_enabled() else found
"""
