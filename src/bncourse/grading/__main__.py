"""``python -m bncourse.grading``: starts the command. Workers import this file too, so it holds nothing else."""

import multiprocessing
import os
import sys
from importlib.util import find_spec
from multiprocessing import forkserver

if __name__ == "__main__":
    missing = [name for name in ("nbgrader", "distributed", "msgpack", "psutil", "nh3") if find_spec(name) is None]
    if missing:
        sys.exit(f"error: grading needs {', '.join(missing)}: install them with  pip install 'bncourse[grade]'")

    # Workers are forked from a process that has loaded what they need: it does so while this one loads the rest.
    multiprocessing.set_forkserver_preload(["bncourse.grading.judging"])
    if not {"-h", "--help"} & set(sys.argv):
        forkserver.ensure_running()

    from bncourse.grading.command import main

    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # At once: Python would take apart what torch has loaded, piece by piece, for half a second.
    os._exit(status)
