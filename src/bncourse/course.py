"""``python -m bncourse.course``: collect submissions from a learning platform, and return grades and feedback."""

import sys
from importlib.util import find_spec

if __name__ == "__main__":
    missing = [name for name in ("nbgrader", "babel", "nh3") if find_spec(name) is None]
    if missing:
        sys.exit(f"error: this needs {', '.join(missing)}: install them with  pip install 'bncourse[grade]'")

    from bncourse.grading.collecting.command import main

    sys.exit(main())
