"""The commands of nbgrader, run as a person would."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path


def environment() -> dict[str, str]:
    """With the commands of this Python on the path, and without a home, but for what Matplotlib wants to keep."""
    here = str(Path(sys.executable).parent)
    kept = os.environ.get("MPLCONFIGDIR") or tempfile.gettempdir()
    return os.environ | {
        "PATH": f"{here}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "HOME": "/nonexistent",
        "MPLCONFIGDIR": kept,
    }


def nbgrader(folder: Path, *arguments: str, check: bool = True, **more: str) -> subprocess.CompletedProcess:
    """Run an nbgrader command as a person would, in a folder."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("nbgrader")), *arguments],
        cwd=folder,
        env=environment() | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert not check or done.returncode == 0, done.stdout
    return done
