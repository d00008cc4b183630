"""``python killed.py FOLDER N MODULE …`` runs a module, and kills it (-9) when it touches a folder for the N-th time.

Touching is opening, making, renaming or removing something below the folder: moments between which files differ. With 0
for N it runs to its end, and the last line that it writes to stderr says how often it touched the folder.
"""

import os
import runpy
import signal
import sys

TOUCHES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.scandir"}


def main() -> None:
    """Run the module."""
    folder, at, module, *words = sys.argv[1:]
    touched = 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal touched
        if event in TOUCHES and str(arguments[0]).startswith(folder):
            touched += 1
            if touched == int(at):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.argv = [module, *words]
    sys.addaudithook(watch)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        print(touched, file=sys.stderr)


if __name__ == "__main__":
    main()
