"""Leaves what it has seen at home, in /tmp and in shared memory, and looks for what others left (59)."""

GROUP = "answer"
CATALOGUE = (59,)
CODE = """
import pathlib

for folder in (pathlib.Path.home(), pathlib.Path("/tmp"), pathlib.Path("/dev/shm"), pathlib.Path("@COURSE@")):
    marker = folder / "MARKER"
    if marker.exists():
        print("GOT IT")
    try:
        marker.write_text("left by another")
    except OSError:
        pass
"""
