"""Every check on its bank: right solutions pass, wrong ones do not, and are told what is wrong."""

import warnings

import numpy as np
import pytest
from bank import DRAFTED, FOLDER, TRAINED, Solution, solutions
from margins import margins

from bncourse.judging.answers import CHECKS
from bncourse.judging.report import Report

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


@pytest.mark.parametrize("name", TRAINED)
def test_each_number_of_a_training_has_a_name_and_a_tolerance(name):
    # A right implementation that ends in an error would have every other error pass.
    check = CHECKS[name]
    questions = check.task.ask(np.random.default_rng(0))
    for question, answer in zip(questions, check.expected(questions), strict=True):
        assert all(value.array is not None and np.isfinite(value.array).all() for value in answer.values()), answer
        assert answer.keys() <= check.outcomes.keys()
        assert answer.keys() <= question["tolerance"].keys()


def trained(solution: Solution) -> tuple[Report, list[tuple[str, float]]]:
    """Check a solution with a training; return the report, and how far each number is off."""
    check = CHECKS[solution.check]
    questions = check.task.ask(np.random.default_rng(0))
    objects = solution.objects()
    answers = [check.task.observe(objects, question) for question in questions]
    return check.judge(questions, answers), margins(check, questions, answers)


@in_turn([solution for solution in RIGHT if solution.check in TRAINED])
def test_right_solution_passes_a_training_and_not_by_chance(solution: Solution):
    report, found = trained(solution)
    assert report.passed, report
    assert max(off for _, off in found) < 1 / 2


@in_turn([solution for solution in WRONG if solution.check in TRAINED])
def test_wrong_solution_fails_in_a_training_and_its_name_is_no_chance(solution: Solution):
    report, found = trained(solution)
    assert not report.passed
    assert report.diagnosis == solution.diagnosis, report
    assert report.hint
    first = next(i for i, (_, off) in enumerate(found) if off > 1)
    assert max(off for name, off in found if name == found[first][0]) > 2
    assert all(off < 1 / 2 for name, off in found[:first] if name != solution.diagnosis)


@in_turn([solution for solution in RIGHT if solution.check not in TRAINED])
def test_right_solution_passes_whatever_the_seed(solution: Solution):
    for seed in (0, 1, 20261121):
        report = CHECKS[solution.check](*solution.objects(), seed=seed)
        assert report.passed, report
        assert (report.score, report.diagnosis) == (1.0, None)


@in_turn([solution for solution in WRONG if solution.check not in TRAINED])
def test_wrong_solution_fails_and_is_told_why(solution: Solution):
    for seed in (0, 1):
        report = CHECKS[solution.check](*solution.objects(), seed=seed)
        assert not report.passed
        assert 0 <= report.score < 1
        assert report.diagnosis == solution.diagnosis, report
        assert report.hint
