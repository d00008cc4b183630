"""Every check on its bank: right solutions pass, wrong ones do not, and are told what is wrong."""

import warnings

import pytest
from bank import DRAFTED, FOLDER, TRAINED, Solution, solutions

from bncourse.judging.answers import CHECKS

BANKS = sorted(path.stem for path in FOLDER.glob("*.py"))
ALL = [solution for check in BANKS for solution in solutions(check)]
RIGHT = [solution for solution in ALL if solution.kind == "right"]
WRONG = [solution for solution in ALL if solution.kind == "wrong"]


def in_turn(bank: list[Solution]) -> pytest.MarkDecorator:
    """Try each solution of a bank; `make check` tries the last one of each check, and `make test` all."""
    last = {solution.check: solution for solution in bank}
    cases = [
        pytest.param(solution, id=str(solution), marks=[pytest.mark.whole] * (solution is not last[solution.check]))
        for solution in bank
    ]
    return pytest.mark.parametrize("solution", cases)


def test_every_check_has_its_bank_and_every_bank_its_check():
    assert sorted(CHECKS) == BANKS


@pytest.mark.filterwarnings("default:.* is a draft:UserWarning")
@pytest.mark.parametrize("check", BANKS)
def test_bank_is_large_enough_and_of_different_solutions(check):
    bank = solutions(check)
    if check in DRAFTED:
        warnings.warn(f"{check} is a draft: it is tried on {len(bank)} solutions, and not on 18", stacklevel=1)
        assert {solution.kind for solution in bank} == {"right", "wrong"}
        return
    assert sum(solution.kind == "right" for solution in bank) >= 6
    assert sum(solution.kind == "wrong" for solution in bank) >= 12
    assert len({solution.title for solution in bank}) == len({solution.source for solution in bank}) == len(bank)
    found = {solution.diagnosis for solution in bank if solution.kind == "wrong"}
    if check in TRAINED:
        # It says what the network does, and the checks of the parts name the mistake.
        assert len(found & {name for name, _ in CHECKS[check].outcomes.values()}) >= 2
    else:
        assert len(found) >= 8


@in_turn(RIGHT)
def test_right_solution_passes_whatever_the_seed(solution: Solution):
    for seed in (0,) if solution.check in TRAINED else (0, 1, 20261121):
        report = CHECKS[solution.check](*solution.objects(), seed=seed)
        assert report.passed, report
        assert (report.score, report.diagnosis) == (1.0, None)


@in_turn(WRONG)
def test_wrong_solution_fails_and_is_told_why(solution: Solution):
    for seed in (0,) if solution.check in TRAINED else (0, 1):
        report = CHECKS[solution.check](*solution.objects(), seed=seed)
        assert not report.passed
        assert 0 <= report.score < 1
        assert report.diagnosis == solution.diagnosis, report
        assert report.hint
