"""How the notebooks are executed: under which environment, and when what was executed before still counts."""

import os
import platform
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from course_site.digest import digest

ENVIRONMENT = {
    "BNCOURSE_BOOK": "1",  # "the outputs are for the site": no progress bars, figures that need no kernel
    "OMP_NUM_THREADS": "1",  # small tensors get slower with every further thread
    "PYTHONHASHSEED": "0",  # the same page from the same notebook
}

DEPENDENCIES = [
    *(f"src/bncourse/{part}*.py" for part in ("", "lab/", "layers/", "manual/", "schematics/")),  # not checks, grading
    *("names.txt", "requirements.lock", "requirements-torch.txt", "pyproject.toml"),
]
"""What a chapter's outputs depend on besides its own code and the version of Python, as globs from the root."""


def setup(app: Sphinx) -> None:
    """The kernels inherit the environment of the build."""
    os.environ.update(ENVIRONMENT)
    app.connect("config-inited", choose_cache)


def choose_cache(app: Sphinx, config: Config) -> None:
    """Name the cache of executed notebooks after everything that they depend on.

    jupyter-cache compares code cells and knows of nothing else. A path that moves with the package makes Sphinx
    read the pages again and finds no old outputs there; the caches of earlier versions are removed.
    """
    caches = Path(app.outdir).parent / ".jupyter_cache"
    cache = caches / f"{platform.python_version()}-{digest(Path(app.srcdir), DEPENDENCIES)}"
    for other in caches.glob("*"):
        if other != cache:
            shutil.rmtree(other)
    config.nb_execution_cache_path = str(cache)
