"""Errors are not shown, and a result says of itself that it is a success (71, 72)."""

GROUP = "verdict"
CATALOGUE = (71, 72)
CODE = """
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

InteractiveShell.showtraceback = lambda self, *arguments, **named: None
type(get_ipython()).showtraceback = lambda self, *arguments, **named: None
type(get_ipython())._showtraceback = lambda self, *arguments, **named: None
ExecutionResult.success = True
"""
