"""Writes messages of its own into the grader's pipe: an end, and verdicts for the tests to come (80)."""

GROUP = "verdict"
CATALOGUE = (80,)
NEIGHBOUR = False  # it says that it has ended
CODE = """
import os, stat, struct

import msgpack

for message in ({"step": "7", "answers": [[]], "passed": True}, {"step": "end"}):
    data = msgpack.packb(message)
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, struct.pack("<Q", len(data)) + data)
        except OSError:
            pass
"""
