"""Which assertions of the chapters depend on rounding: each chapter with its draws moved by units in the last place.

    python benchmarks/rounding.py                 # all chapters but the ladder, half an hour on two cores
    python benchmarks/rounding.py /05 /08         # those with one of these in their path
    python benchmarks/rounding.py --moves 1 2 3   # by how many units

Processors and versions of libraries add in other orders, so that the last digits of every sum differ, and a training
run follows them apart. What a page says must not depend on it. Here every normal and uniform number that PyTorch
draws is multiplied by 1 − k · 2⁻²³, which moves most of them by k units in the last place; k = 0 shows this machine's
own sums. With ``ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE`` before the command they are those of an old
processor. Each assertion that does not hold is printed with the values that it compares, and the run goes on behind
it.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from pathlib import Path

ROOT = Path(__file__).parents[1]
LADDER = "15-loss-ladder"
"""Trains for minutes, and keeps its runs: a run that was moved must not be kept."""


def move_draws(units: int) -> None:
    """Let PyTorch's random numbers be ``units`` units in the last place smaller, and so never beyond their bounds."""
    import torch

    factor = 1 - units * torch.finfo(torch.float32).eps

    def moved(draw: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        @wraps(draw)
        def draw_and_move(*args: object, **kwargs: object) -> torch.Tensor:
            with torch.no_grad():
                return draw(*args, **kwargs).mul_(factor)

        return draw_and_move

    for owner, name in ((torch, "randn"), (torch, "rand"), (torch.Tensor, "normal_"), (torch.Tensor, "uniform_")):
        setattr(owner, name, moved(getattr(owner, name)))


class Noted(ast.NodeTransformer):
    """Replaces ``assert a < b`` by a call that goes on: ``note_failure(a < b, source, lambda: [a, b])``."""

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        """Return the call; what cannot be split into what is compared is shown without its values."""
        compared = [each for each in ast.walk(node.test) if isinstance(each, ast.Compare)]
        values = [each.left for each in compared] + [value for each in compared for value in each.comparators]
        shown = [] if any(isinstance(each, ast.comprehension) for each in ast.walk(node.test)) else values
        listed = ", ".join(ast.unparse(value) for value in shown)
        call = f"note_failure({ast.unparse(node.test)}, {ast.unparse(node.test)!r}, lambda: [{listed}])"
        return ast.copy_location(ast.parse(call).body[0], node)


def run(path: Path, units: int) -> None:
    """Run one chapter in this process, and print the assertions and the cells that fail."""
    import matplotlib
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    matplotlib.use("agg")
    if units:
        move_draws(units)
    os.chdir(path.parent)
    shell, failures = InteractiveShell.instance(), []

    def note_failure(holds: object, source: str, values: Callable[[], list[object]]) -> None:
        if not holds:
            failures.append(f"{source} | {' '.join(str(value) for value in values())}")

    shell.ast_transformers.append(Noted())
    shell.push({"note_failure": note_failure})
    for index, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell(cell.source)
        if error := result.error_in_exec or result.error_before_exec:
            failures.append(f"{type(error).__name__}: {error}")
        for failure in failures:
            print(f"  cell {index}: {failure}", flush=True)
        failures.clear()


def main() -> None:
    """Run the chapters that the command line names, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of a path, as in /05; all chapters without one")
    parser.add_argument("--moves", type=int, nargs="+", default=[0, 1, 2], help="units in the last place (0 1 2)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="chapters at a time (%(default)s)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    paths = [
        path
        for path in sorted(ROOT.glob("chapters/*.ipynb"))
        if any(part in str(path) for part in options.parts or [""]) and path.stem != LADDER
    ]
    if options.here:
        run(paths[0], options.moves[0])
        return

    def elsewhere(task: tuple[Path, int]) -> str:
        command = [sys.executable, __file__, f"/{task[0].name}", "--moves", str(task[1]), "--here"]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        return ran.stdout if ran.returncode == 0 else f"  {ran.stderr}"

    tasks = [(path, units) for path in paths for units in options.moves]
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for (path, units), said in zip(tasks, pool.map(elsewhere, tasks), strict=True):
            failed += bool(said)
            print(f"{path.stem}, moved by {units}: {'fails' if said else 'holds'}\n{said}", end="", flush=True)
    print(f"{len(tasks) - failed} of {len(tasks)} hold.")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
