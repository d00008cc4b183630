"""How far the numbers of a training are from the right ones, in tolerances: whether chance could decide a verdict."""

from collections.abc import Mapping, Sequence

import numpy as np

from bncourse.judging.check import Check
from bncourse.judging.comparison import allowed
from bncourse.observing.task import Question
from bncourse.observing.values import Value


def margins(
    check: Check, questions: Sequence[Question], answers: Sequence[Mapping[str, Value]]
) -> list[tuple[str, float]]:
    """Return, in the order in which numbers are looked at, the name that each would give and how far off it is.

    A number that is missing is infinitely far off, and ends the list.
    """
    found = []
    for question, answer, expected in zip(questions, answers, check.expected(questions), strict=True):
        for name, right in expected.items():
            seen = answer.get(name)
            if seen is None or seen.array is None or seen.shape != right.shape:
                return [*found, (check.outcomes[name][0], np.inf)]
            tolerance = allowed(question["tolerance"], name) * max(1.0, np.abs(right.numbers).max())
            off = np.abs(seen.array - right.numbers).max() / tolerance
            found.append((check.outcomes[name][0], float(np.nan_to_num(off, nan=np.inf))))
    return found
