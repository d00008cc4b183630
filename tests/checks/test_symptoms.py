"""What is said where no known mistake explains an answer: the kind of an error, and how wrong numbers are related."""

import math

import numpy as np
import pytest
import torch

from bncourse.judging.check import Check
from bncourse.judging.symptoms import KINDS_OF_ERROR, RELATIONS, kind_of_error
from bncourse.observing.task import Task
from bncourse.observing.values import Value


def ask(rng):
    return [{"call": f"both(x), x of shape ({n}, 3)", "x": rng.uniform(1, 2, (n, 3))} for n in (3, 4)]


def observe(recorder, theirs, question):
    recorder.call("both", theirs, recorder.array("x", question["x"]))


def right(x):
    return x * (1 + x) - 5


both = Check(Task("both", "both(x)", ask, observe, in_numpy=True), right)


@pytest.mark.parametrize(
    ("name", "wrong"),
    {
        "all-zero": lambda x: 0 * x,
        "all-alike": lambda x: np.full_like(x, 2.0),
        "same-as-an-input": lambda x: x.copy(),
        "sign-reversed": lambda x: -right(x),
        "off-by-a-factor": lambda x: right(x) / len(x),
        "off-by-a-constant": lambda x: right(x) + 5,
        "off-by-a-factor-in-each-column": lambda x: right(x) * x.std(0),
        "off-by-a-constant-in-each-column": lambda x: right(x) - x.mean(0),
        "off-by-a-factor-in-each-row": lambda x: right(x) * x.std(1, keepdims=True),
        "off-by-a-constant-in-each-row": lambda x: right(x) - x.mean(1, keepdims=True),
        "upside-down": lambda x: 1 / right(x),
        "squared": lambda x: right(x) ** 2,
        "in-another-order": lambda x: right(x)[::-1],
        "dimension-left": lambda x: right(x)[None],
        "wrong-values": lambda x: right(x) + np.arange(x.size).reshape(x.shape) ** 2,
        "wrong-shape": lambda x: right(x)[:2, :2],
        # Of one feature it might be any relation.
        "transposed": lambda x: right(x).T,
    }.items(),
)
def test_numbers_are_named_by_how_they_differ(name, wrong):
    report = both(wrong)
    assert not report.passed
    assert report.diagnosis == name
    assert report.hint


def test_root_is_seen_where_there_is_one():
    positive = Check(Task("both", "both(x)", ask, observe, in_numpy=True), lambda x: x * x)
    assert positive(lambda x: x.copy()).diagnosis == "same-as-an-input"
    assert positive(lambda x: np.sqrt(x * x + 0.0)).diagnosis == "same-as-an-input"
    other = Check(Task("both", "both(x)", ask, observe, in_numpy=True), lambda x: x * x + x)
    assert other(lambda x: np.sqrt(x * x + x)).diagnosis == "root-taken"


def test_relation_must_hold_in_every_question():
    assert both(lambda x: right(x) * (3 if len(x) == 3 else 1) + (len(x) == 4)).diagnosis == "wrong-values"


a, p = torch.ones(3, 4), torch.ones(3, requires_grad=True)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("graph-handed-to-numpy", lambda: np.sqrt(p)),
        ("written-into-a-leaf", lambda: p.add_(1)),
        ("view-of-scattered-memory", lambda: a.t().view(-1)),
        ("none-among-the-values", lambda: a + None),
        ("none-among-the-values", lambda: None.shape),
        ("dtypes-do-not-fit", lambda: a @ a.t().double()),
        ("shapes-do-not-fit", lambda: a @ a),
        ("shapes-do-not-fit", lambda: a + torch.ones(3)),
        ("shapes-do-not-fit", lambda: a.numpy() + np.ones(3)),
        ("shapes-do-not-fit", lambda: a.numpy() @ np.ones(3)),
        ("shapes-do-not-fit", lambda: a.reshape(5, 5)),
        ("shapes-do-not-fit", lambda: a.numpy().reshape(5, 5)),
        ("axis-or-index-out-of-range", lambda: a.sum(2)),
        ("axis-or-index-out-of-range", lambda: a.numpy().sum(2)),
        ("axis-or-index-out-of-range", lambda: a[5]),
        ("axis-or-index-out-of-range", lambda: a[0, 0, 0]),
        ("axis-or-index-out-of-range", lambda: [][0]),
        ("several-numbers-where-one-is-needed", lambda: float(a.numpy())),
        ("several-numbers-where-one-is-needed", lambda: a.item()),
        ("several-numbers-where-one-is-needed", lambda: a and a),
        ("several-numbers-where-one-is-needed", lambda: max(a.numpy())),
        ("division-by-zero", lambda: 1 / 0),
        ("outside-the-domain", lambda: math.log(0)),
        ("no-such-attribute", lambda: a.astype("float32")),
        ("no-such-attribute", lambda: a.shape()),
        ("no-such-attribute", lambda: len(x for x in a)),
        ("arguments-do-not-fit", lambda: a.sum(axes=0)),
        ("arguments-do-not-fit", lambda: torch.sqrt(3)),
        ("arguments-do-not-fit", lambda: "a" + 1),
        ("arguments-do-not-fit", lambda: (lambda x: x)()),
    ],
)
def test_errors_of_python_numpy_and_torch_have_a_kind(name, line):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        line()
    assert kind_of_error(Value("error", caught.type.__name__, text=str(caught.value))) == name


def test_an_error_of_their_own_has_no_kind():
    assert kind_of_error(Value("error", "ValueError", text="the learning rate is wrong")) is None


def test_every_kind_and_every_relation_has_words_that_help():
    for hint in [*(hint for _, hint in KINDS_OF_ERROR.values()), *RELATIONS.values()]:
        assert hint.endswith((".", "?"))
