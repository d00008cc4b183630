"""The catalogue of misconceptions has every mistake that a check knows, and what a check says of it."""

import re

import pytest

from bncourse.judging.answers import CHECKS
from bncourse.judging.catalogue import entries, page
from bncourse.judging.hints import SHARED_HINTS
from building import ROOT


@pytest.mark.whole
def test_catalogue_has_every_known_mistake_with_its_chapter_its_checks_and_what_is_seen():
    known = entries()
    by_check = {(check, entry.name) for entry in known for check in entry.checks}
    assert by_check == {(check.name, mistake.name) for check in CHECKS.values() for mistake in check.mistakes}
    for entry in known:
        assert (ROOT / "chapters" / f"{entry.chapter}.ipynb").is_file()
        assert entry.hint
        assert entry.seen


@pytest.mark.whole
def test_page_has_a_row_of_four_cells_for_every_mistake():
    text = page()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) > len(entries())
    assert {line.replace("\\|", "").count("|") for line in rows} == {3, 5}
    assert not re.search(r"\b0x[0-9a-f]{6}", text)  # no address of an object in memory


ANOTHER_THING = {
    "always-five-thirds",
    "evaluation-mode",
    "first-norm-only",
    "last-norm-only",
    "not-divided",
    "running-statistics",
    "statistics-over-everything",
    "sum-for-mean",
    "summed-over-batch",
    "weights-of-zero",
    "wrong-axis",
}
"""Names that mean something else in another assignment."""


def test_mistake_has_one_wording_in_all_checks():
    wordings: dict[str, set[str]] = {}
    for check in CHECKS.values():
        for mistake in check.mistakes:
            wordings.setdefault(mistake.name, set()).add(mistake.hint)
    assert {name for name, hints in wordings.items() if len(hints) > 1} == ANOTHER_THING
    assert set(SHARED_HINTS) <= set(wordings)
