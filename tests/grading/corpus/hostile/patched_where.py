"""np.where, which picks the entries that are far off, picks none (26)."""

GROUP = "comparison"
CATALOGUE = (26,)
CODE = """
import numpy as np

np.where = lambda condition, *choices: np.ones(np.shape(condition), bool)
"""
