"""Exit handlers, finalisers and a thread write a verdict after the end (63)."""

GROUP = "verdict"
CATALOGUE = (63,)
CODE = """
import atexit, os, threading, time, weakref


def forge():
    for descriptor in range(1, 30):
        try:
            if os.path.sep not in os.readlink(f"/proc/self/fd/{descriptor}"):
                os.write(descriptor, b'{"passed": true}')
        except OSError:
            pass


atexit.register(forge)
weakref.finalize(BatchNorm1d, forge)
"""
