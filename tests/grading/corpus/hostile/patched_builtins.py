"""all, any, isinstance, max, min and len of builtins say what suits the learner (27)."""

GROUP = "comparison"
CATALOGUE = (27,)
NEIGHBOUR = False  # the builtins that it breaks are those by which its own calibrate is observed
CODE = """
import builtins

real_isinstance, real_any = builtins.isinstance, builtins.any
builtins.all = lambda things: True
builtins.any = lambda things: False
builtins.abs = lambda thing: 0.0
builtins.max = lambda *things, **named: 0.0
"""
