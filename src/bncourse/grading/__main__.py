"""``python -m bncourse.grading``: the command, which is imported here alone, because workers import this file too."""

import sys

if __name__ == "__main__":
    from bncourse.grading.command import main

    sys.exit(main())
