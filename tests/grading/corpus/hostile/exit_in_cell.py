"""Leaves with status 0 while the cell runs (60)."""

GROUP = "verdict"
CATALOGUE = (60,)
CODE = "import sys\n\nsys.exit(0)"
