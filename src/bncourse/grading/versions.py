"""By which checks a grade was made: a digest of the code that decides it, and the versions that it ran with."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np
import torch

import bncourse

__all__ = ["DECIDES", "made_by"]

DECIDES = ("observing", "judging", "layers", "manual")
"""The parts of the package that a verdict depends on."""


@functools.cache
def made_by() -> dict[str, str]:
    """The checks, the package, torch and NumPy as they are here."""
    digest = hashlib.sha256()
    root = Path(bncourse.__file__).parent
    for part in DECIDES:
        for path in sorted((root / part).rglob("*.py")):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return {
        "checks": digest.hexdigest()[:12],
        "bncourse": bncourse.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
