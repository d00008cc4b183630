"""``make check-checks``: how many mutants of right solutions the checks refuse, and which they let through.

Every operator of ``operators.py`` is applied to every right solution of the bank. The battery of the check
(``battery.py``) decides which mutants behave differently from the solution that they were made from; the others are
equivalent and are left out. A mutant that differs must be refused by the check, and is at best named. One that is not
refused, a survivor, is a question that the check does not ask: survivors are printed with what the battery saw and with
their difference in the source.

    python tests/checks/mutation.py                    every mutant of every check (an hour or two)
    python tests/checks/mutation.py --mutants 200      200 mutants of each check, always the same ones
    python tests/checks/mutation.py layernorm tanh     some checks only
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import io
import math
import multiprocessing
import os
import random
import signal
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from bank import COMPLETE, Solution, solutions
from battery import behaviour, differences
from operators import OPERATORS, Mutant, mutants
from tqdm import tqdm

from bncourse.judging.answers import CHECKS
from bncourse.judging.check import GENERAL_HINTS

TIME_LIMIT = 10.0
"""Seconds that the battery, and then the check, may take with one mutant."""
PER_TASK = 25
"""Mutants that a worker takes at a time."""


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant: ``equivalent``, ``killed``, ``survived`` or ``unfinished``; and its diagnosis."""

    mutant: Mutant
    fate: str
    diagnosis: str | None = None
    differs: str = ""


@dataclass
class Score:
    """The outcomes of all mutants of one check."""

    outcomes: list[tuple[Solution, Outcome]] = field(default_factory=list)

    def count(self, fate: str) -> int:
        """Return how many mutants had this fate."""
        return sum(outcome.fate == fate for _, outcome in self.outcomes)

    @property
    def differing(self) -> int:
        """How many mutants behave differently."""
        return self.count("killed") + self.count("survived")

    @property
    def named(self) -> int:
        """How many were refused with a diagnosis of their own."""
        return sum(o.fate == "killed" and o.diagnosis not in GENERAL_HINTS for _, o in self.outcomes)

    @property
    def survivors(self) -> list[tuple[Solution, Outcome]]:
        """Those that differ and pass."""
        return [(solution, outcome) for solution, outcome in self.outcomes if outcome.fate == "survived"]


class LateError(TimeoutError):
    """A mutant took longer than the time limit."""


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raise ``LateError`` after the time limit, and again in case that somebody catches it; be silent meanwhile."""

    def ring(*_: object) -> None:
        raise LateError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT, 0.5)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def objects(check: str, source: str) -> list[object]:
    """What a source defines for a check."""
    return Solution(check, "right", None, "mutant", source).objects()


def judge(check: str, original: list[dict], mutant: Mutant) -> Outcome:
    """Put one mutant to the battery and, if it differs, to the check."""
    try:
        with limited():
            try:
                seen = behaviour(check, objects(check, mutant.source), seed=0)
            except LateError:
                raise
            except BaseException as error:  # a mutant that cannot even be defined, or made
                differs = [f"raises {type(error).__name__}"]
            else:
                differs = differences(check, original, seen)
    except LateError:
        return Outcome(mutant, "unfinished")
    if not differs:
        return Outcome(mutant, "equivalent")
    try:
        with limited():
            report = CHECKS[check](*objects(check, mutant.source), seed=0)
    except LateError:
        return Outcome(mutant, "unfinished")
    except BaseException as error:  # the learner's cell itself fails before the check is called
        return Outcome(mutant, "killed", f"cell raises {type(error).__name__}", differs[0])
    return Outcome(mutant, "survived" if report.passed else "killed", report.diagnosis, "; ".join(differs[:3]))


def judge_all(solution: Solution, chosen: Sequence[Mutant]) -> list[Outcome]:
    """In a worker: several mutants of one solution."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with limited():
        original = [behaviour(solution.check, solution.objects(), seed) for seed in (0, 1)]
    return [judge(solution.check, original, mutant) for mutant in chosen]


def chosen_mutants(check: str, limit: int | None) -> list[tuple[Solution, Mutant]]:
    """The mutants of a check's right solutions; with a limit a sample of them, always the same one."""
    right = [solution for solution in solutions(check) if solution.kind == "right"]
    draw = random.Random(check)
    if limit is not None:  # a small sample need not mutate every solution
        right = draw.sample(right, min(len(right), math.ceil(limit / 3)))
    every = [(solution, mutant) for solution in right for mutant in mutants(solution.source)]
    if limit is None or len(every) <= limit:
        return every
    return sorted(draw.sample(every, limit), key=lambda pair: (pair[0].title, pair[1].line))


def tasks(checks: Sequence[str], limit: int | None) -> list[tuple[Solution, list[Mutant]]]:
    """The work, in pieces for the workers."""
    pieces = []
    for check in checks:
        by_solution: dict[Solution, list[Mutant]] = defaultdict(list)
        for solution, mutant in chosen_mutants(check, limit):
            by_solution[solution].append(mutant)
        for solution, several in by_solution.items():
            pieces += [(solution, several[i : i + PER_TASK]) for i in range(0, len(several), PER_TASK)]
    return pieces


def scores(checks: Sequence[str], limit: int | None, workers: int, progress: bool = True) -> dict[str, Score]:
    """Judge the mutants of some checks, in several processes."""
    found = {check: Score() for check in checks}
    pieces = tasks(checks, limit)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        futures = [(solution, pool.submit(judge_all, solution, several)) for solution, several in pieces]
        total = sum(len(several) for _, several in pieces)
        with tqdm(total=total, unit="mutant", leave=False, disable=not progress) as bar:
            for solution, future in futures:
                outcomes = future.result()
                found[solution.check].outcomes += [(solution, outcome) for outcome in outcomes]
                bar.update(len(outcomes))
    return found


def difference(solution: Solution, outcome: Outcome) -> str:
    """The lines in which a mutant differs from its solution."""
    original = ast.unparse(ast.parse(solution.source)).splitlines()
    lines = difflib.unified_diff(original, outcome.mutant.source.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2:])


def table(found: dict[str, Score]) -> str:
    """One line per check, and the sum."""
    width = max(map(len, found))
    lines = [f"{'check':<{width}}  mutants  differing  killed   score  named  unfinished"]
    rows = [(check, [score]) for check, score in found.items()] + [("all", list(found.values()))]
    for name, several in rows:
        made, differing, killed, named, late = (
            sum(numbers)
            for numbers in zip(
                *((len(s.outcomes), s.differing, s.count("killed"), s.named, s.count("unfinished")) for s in several),
                strict=True,
            )
        )
        lines.append(
            f"{name:<{width}}  {made:>7}  {differing:>9}  {killed:>6}  {killed / max(differing, 1):>6.1%}  "
            f"{named / max(killed, 1):>5.0%}  {late:>10}"
        )
    return "\n".join(lines)


def main() -> int:
    """Print the table and the survivors; returns 1 if a score is below what is promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*", default=[], help="names of checks (default: all)")
    parser.add_argument("--mutants", type=int, help="how many of each check (default: every one)")
    parser.add_argument("--workers", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--survivors", type=Path, help="write the survivors into this file instead of printing them")
    arguments = parser.parse_args()
    unknown = set(arguments.checks) - set(CHECKS)
    if unknown:
        parser.error(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    if arguments.mutants is not None and arguments.mutants < 1:
        parser.error(f"--mutants is {arguments.mutants}; it must be at least 1")
    found = scores(arguments.checks or COMPLETE, arguments.mutants, arguments.workers)
    summary = f"{len(OPERATORS)} operators\n{table(found)}"
    print(summary)
    listed = [
        f"### {solution} ({outcome.mutant.operator})\ndiffers in: {outcome.differs}\n```diff\n"
        f"{difference(solution, outcome)}\n```\n"
        for score in found.values()
        for solution, outcome in score.survivors
    ]
    text = "\n".join([f"{len(listed)} survivors\n", *listed])
    if arguments.survivors:
        arguments.survivors.write_text(f"```\n{summary}\n```\n\n{text}", encoding="utf-8")
    else:
        print(f"\n{text}")
    killed, differing = (sum(numbers) for numbers in zip(*((s.count("killed"), s.differing) for s in found.values())))  # noqa: B905
    lowest = min(s.count("killed") / max(s.differing, 1) for s in found.values() if s.differing)
    return int(killed < 0.995 * differing or lowest < 0.98)


if __name__ == "__main__":
    sys.exit(main())
