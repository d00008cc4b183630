"""A process of its own session outlives the kernel for ten seconds, and writes to the gradebook then (67, 79)."""

GROUP = "verdict"
CATALOGUE = (67, 79)
CODE = """
import os, pathlib, sqlite3, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(10):
            time.sleep(1)
            try:
                if pathlib.Path("@COURSE@/gradebook.db").exists():
                    with sqlite3.connect("@COURSE@/gradebook.db", timeout=1) as database:
                        database.execute("update grade set auto_score = max_score where auto_score = 0")
            except sqlite3.Error:
                pass
    os._exit(0)
"""
