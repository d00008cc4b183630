"""Sets every clock to 0, so that no time passes (90)."""

GROUP = "resources"
CATALOGUE = (90,)
CODE = """
import time

for name in ("time", "monotonic", "perf_counter", "process_time"):
    setattr(time, name, lambda: 0.0)
time.sleep = lambda seconds: None
"""
