"""One short string for the state of many files."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(root: Path, patterns: Iterable[str]) -> str:
    """A hash of the names and contents of the files that match one of the globs."""
    state = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in root.glob(pattern) if path.is_file()):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            state.update(len(part).to_bytes(8, "big") + part)
    return state.hexdigest()[:16]
