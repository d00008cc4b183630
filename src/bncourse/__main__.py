"""``python -m bncourse``: says what is installed, and which commands there are."""

from importlib.metadata import version

import bncourse


def main() -> None:
    """Print the versions that a question to a teacher or a maintainer should name."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "matplotlib"))
    print(f"bncourse {bncourse.__version__}, with {packages}")
    print("Check what you wrote, in a notebook or a script: from bncourse import checks; help(checks)")
    print("Grade submissions: python -m bncourse.grading --help")


if __name__ == "__main__":
    main()
