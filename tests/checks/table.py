"""``make check-checks``: every check on its bank, beside the checks that a learner has elsewhere.

For each check: how many right solutions it accepts, how many wrong ones it rejects and how many of these it names, and
how many of the wrong ones pass what courses usually give: a look at the mean and the standard deviation, or at the
shape, as printed; and one comparison with torch or NumPy on one batch.

With more seeds than one, a right solution counts as accepted, and a wrong one as rejected or named, if it is so with
every one of them; what is not is printed below the table.

    python tests/checks/table.py --seeds 12                    every check, on 12 draws of its inputs
    python tests/checks/table.py --right --seeds 200 tanh      right solutions only: is one ever refused?
"""

import argparse
import contextlib
import io
import sys
import time
import warnings

from bank import Solution, elsewhere, solutions
from tqdm import tqdm

from bncourse.judging.answers import CHECKS

HEADS = (
    "check",
    "right",
    "accepted",
    "wrong",
    "rejected",
    "named",
    "mistaken",
    "pass prints",
    "pass allclose",
    "seconds",
)


def passes(function, solution: Solution) -> bool:
    """Whether a wrong solution gets past a check of another kind; an error in between is not a pass."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return bool(function(*solution.objects()))
    except BaseException:  # as when a wrong solution leaves by SystemExit
        return False


def row(name: str, seeds: int, surprises: list[str], *, only_right: bool = False) -> tuple[str | int | float, ...]:
    """The figures of one check; what is not as it should be goes to the surprises."""
    bank = [solution for solution in solutions(name) if solution.kind == "right" or not only_right]
    right = [solution for solution in bank if solution.kind == "right"]
    wrong = [solution for solution in bank if solution.kind == "wrong"]
    longest = 0.0
    accepted, rejected, named = set(right), set(wrong), set(wrong)
    for seed in range(seeds):  # outside, since a check remembers the right answers of its latest draws alone
        for solution in bank:
            with contextlib.redirect_stdout(io.StringIO()):
                objects = solution.objects()
                started = time.perf_counter()
                report = CHECKS[name](*objects, seed=seed)
            longest = max(longest, time.perf_counter() - started)
            if (report.passed, report.diagnosis) != (solution.kind == "right", solution.diagnosis):
                (accepted if solution.kind == "right" else named).discard(solution)
                if report.passed:
                    rejected.discard(solution)
                surprises.append(f"{solution}, seed {seed}: {report.diagnosis or 'passed'}")
    others = elsewhere(name)
    # A finished version that is handed in computes what is right: no such check can tell.
    mistaken = [solution for solution in wrong if solution.diagnosis != "reference-handed-in"]
    let_through = [
        sum(passes(others[kind], solution) for solution in mistaken) if kind in others else 0
        for kind in ("prints", "allclose")
    ]
    counts = [len(part) for part in (right, accepted, wrong, rejected, named, mistaken)]
    return name, *counts, *let_through, longest


def main() -> int:
    """Print the table; returns 1 if a check falls short of what is promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*", default=[], help="names of checks (default: all)")
    parser.add_argument("--seeds", type=int, default=1, help="with how many each solution is checked (%(default)s)")
    parser.add_argument("--right", action="store_true", help="leave the wrong solutions out")
    arguments = parser.parse_args()
    seeds = arguments.seeds
    unknown = set(arguments.checks) - set(CHECKS)
    if unknown:
        parser.error(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    if seeds < 1:
        parser.error(f"--seeds is {seeds}; it must be at least 1")
    warnings.simplefilter("ignore")
    surprises: list[str] = []
    names = arguments.checks or CHECKS
    rows = [row(name, seeds, surprises, only_right=arguments.right) for name in tqdm(names, unit="check", leave=False)]
    sums = [sum(column) for column in zip(*(r[1:-1] for r in rows), strict=True)]
    rows.append(("all", *sums, max(r[-1] for r in rows)))
    width = max(len(r[0]) for r in rows)
    print(f"{HEADS[0]:<{width}}  " + "  ".join(f"{head:>{max(len(head), 5)}}" for head in HEADS[1:]))
    for name, *counts, seconds in rows:
        cells = [f"{count:>{max(len(head), 5)}}" for count, head in zip(counts, HEADS[1:-1], strict=True)]
        print(f"{name:<{width}}  " + "  ".join([*cells, f"{seconds:>7.2f}"]))
    right, accepted, wrong, rejected, named = sums[:5]
    print(f"\nAccepted {accepted / right:.1%} of the right solutions, with each of {seeds} seeds.")
    if wrong:
        print(
            f"Rejected {rejected / wrong:.1%} of the wrong ones, and named the mistake of {named / wrong:.1%} of them."
        )
        print(
            f"Of the {sums[5]} that are no finished version handed in, {sums[6] / sums[5]:.0%} pass a look at what is "
            f"printed, and {sums[7] / sums[5]:.0%} one comparison with a reference."
        )
    print("".join(f"\nNot as it should be: {surprise}" for surprise in surprises), end="\n" if surprises else "")
    return int(accepted < right or rejected < wrong or named < 0.95 * wrong)


if __name__ == "__main__":
    sys.exit(main())
