"""``make check-checks``: how many mutants of right solutions the checks refuse, and which they let through.

Every operator of ``operators.py`` is applied to every right solution of the bank. The battery of the check
(``battery.py``) decides which mutants behave differently from the solution that they were made from; the others are
equivalent and are left out. A mutant that differs must be refused by the check. One that is not refused, a survivor, is
a question that the check does not ask: survivors are printed with what the battery saw and with their difference in the
source. Battery and check each stop at the first thing that differs. The diagnosis takes most of the time of a check, so
one in ten of the refused mutants gets one, and the shares that are named are shares of those: by a known mistake, by
the one step that is written differently, by a general name that says what is wrong (nothing is returned, a name does
not exist), by the kind of another error, whose message and line stand beside it, and by how the numbers look. The
column "said" counts the general names that say just what the operator did, as an argument left out for one dropped:
together with the known mistakes and the steps they are what is named strictly.

    python tests/checks/mutation.py                    every mutant of every check
    python tests/checks/mutation.py --mutants 200      200 mutants of each check, always the same ones
    python tests/checks/mutation.py --mutants 200 --sample 1    200 others
    python tests/checks/mutation.py layernorm tanh     some checks only
    python tests/checks/mutation.py --diagnose 1       every refused mutant is diagnosed
    python tests/checks/mutation.py --general FILE     those that got no name of a mistake, with their differences
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import difflib
import io
import math
import multiprocessing
import os
import random
import signal
import sys
import time
import warnings
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from bank import COMPLETE, Solution, solutions
from battery import behaviour, differences
from operators import OPERATORS, Mutant, mutants, sites
from tqdm import tqdm

from bncourse.judging.answers import CHECKS
from bncourse.judging.comparison import compare
from bncourse.judging.diagnosis import GENERAL_HINTS
from bncourse.judging.rewriting import REWRITES
from bncourse.judging.symptoms import KINDS_OF_ERROR
from bncourse.observing.task import Answer, Question

TIME_LIMIT = 10.0
"""Seconds of processor time that the battery, and then the check, may take with one mutant."""
UNNAMED = {
    "raises-an-error",
    "wrong-values",
    "wrong-gradients",
    "wrong-state",
    "wrong-shape",
    "wrong-dtype",
    "not-finite",
}
"""Diagnoses that say no more than at which stage something is wrong."""
PLAIN = {
    *("not-attempted", "wrong-signature", "missing-attribute", "undefined-name", "calls-itself-without-end"),
    *("arguments-do-not-fit", "refused-without-need"),
    *("key-not-there", "super-init-missing", "forward-missing", "returns-nothing", "returns-nones", "no-error"),
    *("not-in-this-module", "tensor-method-on-a-number", "tensor-method-on-a-list", "torch-method-on-an-array"),
    *("no-method-of-a-tensor", "attribute-not-set", "called-without-being-a-function", "keepdim-or-keepdims"),
    *("no-such-keyword", "argument-left-out", "one-argument-too-many", "unpacking-does-not-fit"),
    *("keepdim-without-dim", "number-for-a-tensor", "gradient-of-another-argument", "side-effect-in-a-transform"),
    *("negative-size", "root-of-a-negative-number"),
    *("tensor-for-a-layer", "super-of-another-object", "list-for-a-number", "text-for-a-number", "no-entries"),
    *("wrong-number-of-results", "changes-its-input", "no-parameters", "precision-lost", "digits-lost"),
}
"""General diagnoses that say what is wrong, and not only where it shows: they fit no other mistake."""
SAID = {
    "statement-dropped": ("undefined-name", "missing-attribute", "super-init-missing", "no-error"),
    "last-argument-dropped": ("argument-left-out", "keepdim-without-dim"),
    "keyword-dropped": ("argument-left-out", "keepdim-without-dim"),
    "left-operand-only": ("number-for-a-tensor",),
    "right-operand-only": ("number-for-a-tensor",),
    "other-filling": ("number-for-a-tensor",),
    "returned-nothing": ("returns-nothing", "none-among-the-values"),
    "returned-one-less": ("wrong-number-of-results", "unpacking-does-not-fit", "gradient-of-another-argument"),
    "returned-in-another-order": ("gradient-of-another-argument",),
    "element-dropped": ("wrong-number-of-results", "unpacking-does-not-fit", "gradient-of-another-argument"),
    "returned-detached": ("not-differentiable", "no-gradient", "nothing-requires-a-gradient"),
    "detached": ("not-differentiable", "no-gradient", "nothing-requires-a-gradient"),
    "detach-dropped": ("graph-handed-to-numpy", "graph-used-twice"),
    "block-without-its-context": ("graph-handed-to-numpy", "graph-used-twice", "written-into-a-leaf"),
    "copy-to-in-place": ("not-in-this-module", "changes-its-input", "written-into-a-leaf"),
    "copy-dropped": ("changes-its-input",),
    "parameter-dropped": ("no-parameters", "not-a-parameter"),
    "conversion-dropped": ("precision-lost", "digits-lost", "dtypes-do-not-fit"),
    "other-precision": ("precision-lost", "digits-lost", "dtypes-do-not-fit"),
    "parameters-swapped": ("wrong-signature", "tensor-for-a-layer", "super-of-another-object"),
    "keyword-only": ("wrong-signature",),
    "default-dropped": ("wrong-signature",),
    "sign-dropped": ("sign-reversed",),
    "number-negated": ("negative-size",),
    "index-dropped": ("list-for-a-number", "text-for-a-number"),
    "reduction-dropped": ("mean-not-taken", "sum-not-taken"),
    "reshape-dropped": ("right-numbers-in-another-shape",),
    "shape-of-another-axis": ("right-numbers-in-another-shape",),
    "root-dropped": ("squared",),
    "square-dropped": ("root-taken",),
    "transpose-dropped": ("transposed",),
    "transpose-attribute-dropped": ("transposed",),
    "result-kept-or-reduced-dimension": ("dimension-left", "keepdim-or-keepdims", "keepdim-without-dim"),
    "other-memory": ("view-of-scattered-memory",),
}
"""By the operator: the general diagnoses that say just what it did."""
PER_TASK = 25
"""Mutants that a worker takes at a time."""


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant: ``equivalent``, ``killed``, ``survived`` or ``unfinished``; and its diagnosis.

    The diagnosis is empty if the mutant was not diagnosed.
    """

    mutant: Mutant
    fate: str
    diagnosis: str = ""
    differs: str = ""


@dataclass
class Score:
    """The outcomes of all mutants of one check, and the processor time that they took."""

    outcomes: list[tuple[Solution, Outcome]] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, fate: str) -> int:
        """Return how many mutants had this fate."""
        return sum(outcome.fate == fate for _, outcome in self.outcomes)

    @property
    def differing(self) -> int:
        """How many mutants behave differently."""
        return self.count("killed") + self.count("survived")

    @property
    def diagnoses(self) -> list[str]:
        """The diagnoses of those that were diagnosed."""
        return [outcome.diagnosis for _, outcome in self.outcomes if outcome.diagnosis]

    @property
    def general(self) -> list[tuple[Solution, Outcome]]:
        """Those that were diagnosed, and named neither by a known mistake nor by a step written differently."""
        return [(s, o) for s, o in self.outcomes if o.diagnosis in GENERAL_HINTS and o.diagnosis not in REWRITES]

    @property
    def said(self) -> list[tuple[Solution, Outcome]]:
        """Those whose general diagnosis says just what was changed."""
        return [(s, o) for s, o in self.general if o.diagnosis in SAID.get(o.mutant.operator, ())]

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

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, TIME_LIMIT, 0.5)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def objects(check: str, source: str) -> list[object]:
    """What a source defines for a check."""
    return Solution(check, "right", None, "mutant", source).objects()


@cache
def asked(check: str) -> tuple[list[Question], list[Answer]]:
    """The questions of a check, and the right answers."""
    questions = CHECKS[check].task.ask(np.random.default_rng(0))
    return questions, CHECKS[check].expected(questions)


def refuses(check: str, made: list[object]) -> bool:
    """Whether a check refuses what was made; it stops at the first question that is not answered as it should be."""
    answers = []
    for i, (question, right) in enumerate(zip(*asked(check), strict=True)):
        answers.append(CHECKS[check].task.observe(made, copy.deepcopy(question)))
        if "itself" in answers[-1] or compare(i, answers[-1], right, question.get("tolerance")):
            return True
    return CHECKS[check].handed_in(answers) is not None


def judge(check: str, original: list[dict], mutant: Mutant, *, diagnosed: bool = True) -> Outcome:
    """Put one mutant to the battery and, if it differs, to the check."""
    try:
        with limited():
            try:
                made = objects(check, mutant.source)
            except LateError:
                raise
            except BaseException as error:  # the learner's cell itself fails, before any check is called
                return Outcome(mutant, "killed", differs=f"its cell raises {type(error).__name__}")
            seen = behaviour(check, made, 0, until_it_differs_from=original)
            differs = differences(original, seen)
        if not differs:
            return Outcome(mutant, "equivalent")
        with limited():
            refused = refuses(check, objects(check, mutant.source))
        if not refused:
            return Outcome(mutant, "survived", differs="; ".join(differs[:3]))
        diagnosis = ""
        if diagnosed:
            with limited():
                diagnosis = CHECKS[check](*objects(check, mutant.source), seed=0).diagnosis or ""
    except LateError:
        return Outcome(mutant, "unfinished")
    return Outcome(mutant, "killed", diagnosis, differs[0])


def judge_all(solution: Solution, chosen: Sequence[Mutant], diagnose: int) -> tuple[list[Outcome], float]:
    """In a worker: several mutants of one solution, and the processor time that they took."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        original = [behaviour(solution.check, solution.objects(), seed) for seed in (0, 1)]
    # A battery that ends with an error sees no difference, and every mutant would count as equivalent.
    assert original[0]["whole battery"] is None, f"the battery of {solution.check} {original[0]['whole battery']}"
    outcomes = [
        # Always the same ones are diagnosed.
        judge(solution.check, original, mutant, diagnosed=zlib.crc32(mutant.source.encode()) % diagnose == 0)
        for mutant in chosen
    ]
    return outcomes, time.process_time() - started


def chosen_mutants(check: str, limit: int | None, sample: int = 0) -> list[tuple[Solution, Mutant]]:
    """The mutants of a check's right solutions; with a limit a sample of them, for each number always the same one."""
    right = [solution for solution in solutions(check) if solution.kind == "right"]
    if limit is None:
        return [(solution, mutant) for solution in right for mutant in mutants(solution.source)]
    draw = random.Random(f"{check} {sample}" if sample else check)
    # A small sample need not mutate every solution.
    right = draw.sample(right, min(len(right), math.ceil(limit / 3)))
    every = [(solution, site) for solution in right for site in sites(solution.source)]
    draw.shuffle(every)
    seen = {(solution, ast.unparse(ast.parse(solution.source))) for solution in right}
    chosen: list[tuple[Solution, Mutant]] = []
    for solution, site in every:
        mutant = site.mutant()
        if (solution, mutant.source) not in seen:
            seen.add((solution, mutant.source))
            chosen.append((solution, mutant))
        if len(chosen) == limit:
            break
    return sorted(chosen, key=lambda pair: (pair[0].title, pair[1].line))


def tasks(checks: Sequence[str], limit: int | None, sample: int = 0) -> list[tuple[Solution, list[Mutant]]]:
    """The work, in pieces for the workers."""
    pieces = []
    for check in checks:
        by_solution: dict[Solution, list[Mutant]] = defaultdict(list)
        for solution, mutant in chosen_mutants(check, limit, sample):
            by_solution[solution].append(mutant)
        for solution, several in by_solution.items():
            pieces += [(solution, several[i : i + PER_TASK]) for i in range(0, len(several), PER_TASK)]
    return pieces


def scores(
    checks: Sequence[str], limit: int | None, workers: int, progress: bool = True, diagnose: int = 10, sample: int = 0
) -> dict[str, Score]:
    """Judge the mutants of some checks, in several processes; one in ``diagnose`` of the refused is diagnosed."""
    found = {check: Score() for check in checks}
    pieces = tasks(checks, limit, sample)
    total = sum(len(several) for _, several in pieces)
    with (
        ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool,
        tqdm(total=total, unit="mutant", leave=False, disable=not progress) as bar,
    ):
        # One worker costs no process of its own.
        given = [(*piece, diagnose) for piece in pieces]
        results = (pool.map if workers > 1 else map)(judge_all, *zip(*given, strict=True))
        for (solution, _), (outcomes, seconds) in zip(pieces, results, strict=True):
            found[solution.check].outcomes += [(solution, outcome) for outcome in outcomes]
            found[solution.check].seconds += seconds
            bar.update(len(outcomes))
    return found


def unnamed(found: dict[str, Score]) -> str:
    """How often each general diagnosis was given, the most frequent first."""
    given = Counter(name for score in found.values() for name in score.diagnoses if name in UNNAMED)
    return ", ".join(f"{count} {diagnosis}" for diagnosis, count in given.most_common()) or "none"


def difference(solution: Solution, outcome: Outcome) -> str:
    """The lines in which a mutant differs from its solution."""
    original = ast.unparse(ast.parse(solution.source)).splitlines()
    lines = difflib.unified_diff(original, outcome.mutant.source.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2:])


def shown(solution: Solution, outcome: Outcome) -> str:
    """A mutant as a piece of Markdown."""
    return (
        f"### {solution} ({outcome.mutant.operator}) {outcome.diagnosis}\ndiffers in: {outcome.differs}\n"
        f"```diff\n{difference(solution, outcome)}\n```\n"
    )


def table(found: dict[str, Score]) -> str:
    """One line per check, and the sum."""
    width = max(map(len, found))
    lines = [
        f"{'check':<{width}}  mutants  differing  killed   score  diagnosed  known   step   said  plain  error  looks"
        "  named  unfinished  seconds"
    ]
    rows = [(check, [score]) for check, score in found.items()] + [("all", list(found.values()))]
    for name, several in rows:
        made = sum(len(score.outcomes) for score in several)
        differing = sum(score.differing for score in several)
        killed, late = (sum(score.count(fate) for score in several) for fate in ("killed", "unfinished"))
        diagnoses = [diagnosis for score in several for diagnosis in score.diagnoses]
        known = [one for one in diagnoses if one not in GENERAL_HINTS]
        step = [one for one in diagnoses if one in REWRITES]
        named = [one for one in diagnoses if one not in UNNAMED]
        plain = [one for one in diagnoses if one in PLAIN]
        errors = [one for one in diagnoses if one in KINDS_OF_ERROR and one not in PLAIN]
        looks = len(named) - len(known) - len(step) - len(plain) - len(errors)
        said = sum(len(score.said) for score in several)
        counts = (len(known), len(step), said, len(plain), len(errors), looks, len(named))
        shares = [count / max(len(diagnoses), 1) for count in counts]
        lines.append(
            f"{name:<{width}}  {made:>7}  {differing:>9}  {killed:>6}  {killed / max(differing, 1):>6.1%}  "
            f"{len(diagnoses):>9}  {'  '.join(f'{share:>5.0%}' for share in shares)}  {late:>10}  "
            f"{sum(score.seconds for score in several):>7.1f}"
        )
    return "\n".join(lines)


def main() -> int:
    """Print the table and the survivors; returns 1 if a score is below what is promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*", default=[], help="names of checks (default: all)")
    parser.add_argument("--mutants", type=int, help="how many of each check (default: every one)")
    parser.add_argument("--sample", type=int, default=0, help="which of the samples of that size (%(default)s)")
    parser.add_argument("--diagnose", type=int, default=10, help="one in so many is diagnosed (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--survivors", type=Path, help="write the survivors into this file instead of printing them")
    parser.add_argument("--general", type=Path, help="write those into this file that got a general diagnosis only")
    arguments = parser.parse_args()
    unknown = set(arguments.checks) - set(CHECKS)
    if unknown:
        parser.error(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    if arguments.mutants is not None and arguments.mutants < 1:
        parser.error(f"--mutants is {arguments.mutants}; it must be at least 1")
    for option in ("diagnose", "workers"):
        if getattr(arguments, option) < 1:
            parser.error(f"--{option} is {getattr(arguments, option)}; it must be at least 1")
    names = arguments.checks or COMPLETE
    found = scores(names, arguments.mutants, arguments.workers, diagnose=arguments.diagnose, sample=arguments.sample)
    summary = f"{len(OPERATORS)} operators\n{table(found)}\nnot named: {unnamed(found)}"
    print(summary)
    listed = [shown(*pair) for score in found.values() for pair in score.survivors]
    text = "\n".join([f"{len(listed)} survivors\n", *listed])
    if arguments.survivors:
        arguments.survivors.write_text(f"```\n{summary}\n```\n\n{text}", encoding="utf-8")
    else:
        print(f"\n{text}")
    if arguments.general:
        general = [shown(*pair) for score in found.values() for pair in score.general]
        arguments.general.write_text("\n".join(general), encoding="utf-8")
    killed, differing = (sum(numbers) for numbers in zip(*((s.count("killed"), s.differing) for s in found.values())))  # noqa: B905
    lowest = min(s.count("killed") / max(s.differing, 1) for s in found.values() if s.differing)
    return int(killed < 0.995 * differing or lowest < 0.98)


if __name__ == "__main__":
    sys.exit(main())
