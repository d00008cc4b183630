"""How the notebooks are executed: in which environment, how many at once, and when an earlier result still counts."""

import os
import platform
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from course_site.digest import digest

logger = logging.getLogger(__name__)

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

AT_ONCE = min(os.cpu_count() or 1, 4)
"""How many notebooks are executed side by side; each takes one core and up to a gigabyte."""


def setup(app: Sphinx) -> None:
    """The kernels inherit the environment of the build."""
    os.environ.update(ENVIRONMENT)
    app.connect("config-inited", choose_cache)
    app.connect("env-before-read-docs", execute_side_by_side)


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


def execute_side_by_side(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute the notebooks that are about to be read and fill the cache with them.

    MyST-NB executes one page after another, each when it reads it. What it finds in the cache it does not execute, so
    that with two cores the book takes half of the time. A notebook that fails is left to it: it says why.
    """
    cache = get_cache(app.config.nb_execution_cache_path)
    notebooks = {
        name: read for name in docnames if (read := notebook_to_execute(env.doc2path(name), app.config, cache))
    }
    if min(len(notebooks), AT_ONCE) < 2:
        return
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        runs = {pool.submit(execute, read, app.config.nb_execution_timeout): name for name, read in notebooks.items()}
        for run in as_completed(runs):
            name, result = runs[run], run.result()
            if result.err is None:
                logger.info("Executed notebook in %.2f seconds", result.time, location=name)
                executed = CacheBundleIn(result.nb, str(env.doc2path(name)), data={"execution_seconds": result.time})
                cache.cache_notebook_bundle(executed, check_validity=False, overwrite=True)
    finally:
        pool.shutdown(cancel_futures=True)


def notebook_to_execute(path: Path, config: Config, cache: JupyterCacheAbstract) -> NotebookNode | None:
    """Return the notebook at ``path``, or ``None`` if it is none, is not to be executed, or is in the cache."""
    path = Path(path)
    if path.suffix != ".ipynb" or any(path.match(pattern) for pattern in config.nb_execution_excludepatterns):
        return None
    notebook = nbformat.read(path, as_version=4)
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return notebook
    return None


def execute(notebook: NotebookNode, timeout: int) -> ExecutionResult:
    """Execute a notebook in a folder of its own, as MyST-NB does."""
    with TemporaryDirectory() as folder:
        return single_nb_execution(notebook, cwd=folder, allow_errors=False, timeout=timeout)
