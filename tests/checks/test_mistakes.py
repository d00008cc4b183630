"""A mistake is a value: a name, a hint, and every way in which it is written."""

import pytest

from bncourse.judging.hints import SHARED_HINTS
from bncourse.judging.mistakes import Mistake, mistakes_of, written


def half_of_it(x):
    """Only half
    of it.
    """
    return x / 2


def beta_missing(x):
    """Words that stand in no report."""
    return x


class ArgumentsSwapped:
    pass


def test_first_way_gives_the_name_and_the_hint():
    mistake = written(half_of_it, beta_missing)
    assert (mistake.name, mistake.hint, mistake.loose) == ("half-of-it", "Only half of it.", False)
    assert mistake.ways == (half_of_it, beta_missing)


def test_a_shared_name_has_the_shared_hint_and_is_told_by_its_kind_of_error_where_errors_differ():
    assert written(beta_missing).hint == SHARED_HINTS["beta-missing"]
    assert written(ArgumentsSwapped).loose


def test_an_implementation_by_itself_is_the_only_way():
    given = written(half_of_it, beta_missing)
    assert mistakes_of([given, beta_missing]) == (given, written(beta_missing))


def test_a_mistake_that_nobody_wrote_is_refused():
    with pytest.raises(ValueError, match="'nobodys' has no implementation"):
        Mistake("nobodys", "A hint.")
