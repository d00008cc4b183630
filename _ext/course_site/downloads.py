"""What a learner takes from the site: the package as a wheel, and all notebooks in one archive.

The first cell of every notebook installs the wheel that lies beside the pages. So the notebooks of a published site
and the package that they import are of one commit, on a fork and on a private copy as well.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

NOTEBOOKS = "notebooks.zip"
"""The archive; everything in it lies in one folder of the same name."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that equal notebooks give equal archives."""


def setup(app: Sphinx) -> None:
    """Write both when the pages are written."""
    app.connect("build-finished", write_downloads)


def write_downloads(app: Sphinx, exception: Exception | None) -> None:
    """Put the wheel and the archive beside the pages."""
    if exception is not None or app.builder.format != "html":
        return
    root, site = Path(app.srcdir), Path(app.outdir)
    if (root / "pyproject.toml").is_file():
        write_wheel(root, site)
    names = sorted(path for name in app.env.found_docs if (path := root / f"{name}.ipynb").is_file())
    with zipfile.ZipFile(site / NOTEBOOKS, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in names:
            inside = Path(NOTEBOOKS).stem / path.relative_to(root)
            entry = zipfile.ZipInfo(inside.as_posix(), EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def write_wheel(root: Path, site: Path) -> None:
    """Build the package; wheels of other versions, from earlier builds in the same folder, are removed."""
    for old in site.glob("bncourse-*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(site)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise ExtensionError(f"the wheel of the package cannot be built:\n{done.stdout}{done.stderr}")
