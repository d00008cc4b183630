"""Every generator of random numbers draws zeros, for which the wrong layer is right (36)."""

GROUP = "comparison"
CATALOGUE = (36,)
CODE = """
import numpy as np


class Zeros:
    def normal(self, *arguments, size=None, **named):
        return np.zeros(size or ())

    def uniform(self, low=0.0, high=1.0, size=None):
        return np.ones(size or ())

    standard_normal = random = normal

    def choice(self, things, *arguments, **named):
        return things[0]

    def integers(self, low, high=None, size=None, **named):
        return np.ones(size or (), int)


np.random.default_rng = lambda *seed: Zeros()
torch.manual_seed = lambda seed: None
torch.randn = lambda *shape, **named: torch.zeros(*shape)
"""
