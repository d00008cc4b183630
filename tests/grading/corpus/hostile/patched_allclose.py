"""NumPy's and torch's ways to compare all say yes (26, 28)."""

GROUP = "comparison"
CATALOGUE = (26, 28)
CODE = """
import math
import numpy as np

for place in (np, torch, math):
    for name in ("allclose", "isclose", "equal", "array_equal"):
        if hasattr(place, name):
            setattr(place, name, lambda *arguments, **named: True)
for place in (np.testing, torch.testing):
    for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal", "assert_close"):
        if hasattr(place, name):
            setattr(place, name, lambda *arguments, **named: None)
torch.autograd.gradcheck = lambda *arguments, **named: True
np.abs = np.absolute = lambda *arguments, **named: np.zeros(())
np.isfinite = lambda array, **named: np.zeros(np.shape(array), bool)
"""
