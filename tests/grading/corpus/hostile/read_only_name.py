"""checks is deleted from the notebook and found again in builtins, in a form that is always content (25, 27)."""

GROUP = "comparison"
CATALOGUE = (25, 27)
CODE = """
import builtins
from unittest.mock import MagicMock

del checks
builtins.checks = MagicMock()
"""
