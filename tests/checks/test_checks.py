"""What a learner sees of any check, whatever the learner's code does."""

import contextlib
import html.parser
import json
import random
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

from bncourse import checks
from bncourse.judging.answers import CHECKS
from bncourse.judging.check import Check
from bncourse.judging.diagnosis import GENERAL_HINTS
from bncourse.judging.report import Report
from bncourse.observing import wire
from bncourse.observing.task import Task
from bncourse.observing.values import LARGEST, ROLES, Value, value_of

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ALL = pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))


def ask(rng: np.random.Generator) -> list[dict]:
    """Two questions of the small check below."""
    return [{"call": f"double(x), x of {n} numbers", "x": rng.normal(size=n)} for n in (3, 4)]


def observe(recorder, theirs, question: dict) -> None:
    recorder.call("the double", theirs, recorder.array("x", question["x"]))


def right(x):
    return 2 * x


def halved(x):
    """Twice, and not half of it?"""
    return x / 2


small = Check(Task("double", "double(x)", ask, observe), right, (halved,))
"""A check of which everything is known, so that what is tested here is what all checks share."""


def same_report(one: Report, other: Report) -> bool:
    return one == other and str(one) == str(other) and one._repr_html_() == other._repr_html_()


# What a report says


def test_report_on_a_right_solution_says_so_and_nothing_else():
    report = small(lambda x: x + x)
    assert report.passed
    assert (report.score, report.diagnosis, report.failed) == (1.0, None, None)
    assert report.require() is None
    assert str(report) == "double: right.\n✓ defined  ✓ callable  ✓ shape  ✓ dtype  ✓ values"


def test_report_on_a_wrong_solution_says_what_was_called_what_came_back_and_what_helps():
    report = small(lambda x: 0.5 * x)
    assert not report.passed
    assert 0 <= report.score < 1
    assert (report.diagnosis, report.failed) == ("halved", "values")
    text = str(report)
    assert text.startswith("double: not right yet (halved).\n✓ defined  ✓ callable  ✓ shape  ✓ dtype  ✗ values\n")
    assert "double(x), x of 3 numbers: the double" in text
    assert "Twice, and not half of it?" in text
    for word in ("called", "came back", "expected", "hint"):
        assert f"\n{word}:" in text
        assert f"<b>{word}</b>" in report._repr_html_()


def test_report_on_a_wrong_solution_has_the_failing_call_as_code_that_runs():
    report = CHECKS["batchnorm_forward"](lambda x, gamma, beta, eps=1e-5: (x, x.mean(0), x.var(0)))
    assert report.inputs["x"].shape == (7, 3)
    names = {
        "np": np,
        "checks": SimpleNamespace(batchnorm_forward=lambda theirs: report),
        "batchnorm_forward": lambda x, gamma, beta: (x.shape, gamma.shape, beta.shape),
    }
    *setup, call = report.code.splitlines()
    exec("\n".join(setup), names)
    assert eval(call, names) == ((7, 3), (3,), (3,))
    assert f"try:       {setup[0]}" in str(report)


def test_a_hint_shows_its_code_marks_as_code_in_a_notebook():
    report = Report("double", False, 0.0, "x", "values", hint="Use `x < 2` here.", returned="`as it is`")
    assert "Use <code>x &lt; 2</code> here." in report._repr_html_()
    assert "`as it is`" in report._repr_html_()


def test_numbers_that_differ_late_are_shown_with_the_digits_in_which_they_differ():
    report = small(lambda x: 2 * x + 1e-8)
    shown = re.search(r"came back: (\S+) at \[\d\], where (\S+) is right", " ".join(str(report).split()))
    assert shown[1] != shown[2]


@pytest.mark.parametrize("theirs", [lambda x: "a text", lambda x: True, lambda x: (1, 2)])
def test_words_of_a_report_name_no_type_before_a_text(theirs):
    assert "str " not in str(small(theirs))
    assert "(a bool)" not in str(small(theirs))


def test_two_known_mistakes_at_once_are_named_as_two():
    class Both(CHECKS["running_statistics"].right):
        def stored(self, var, n):
            return var

        def normalised(self, x, mean, var):
            return (x - mean) / (torch.sqrt(var) + self.eps)

    report = CHECKS["running_statistics"](Both)
    names = report.diagnosis.split(" + ")
    assert set(names) == {"biased-running-variance", "eps-outside-root"}
    # Each has a hint of its own, in the same order.
    hints = {name: text for name, text in report.rows() if name.startswith("hint")}
    assert list(hints) == ["hint 1", "hint 2"]
    assert "inside the root" in hints[f"hint {1 + names.index('eps-outside-root')}"]
    assert "\nhint 2:" in str(report)


def test_require_raises_with_the_words_of_the_report():
    report = small(lambda x: 0.5 * x)
    with pytest.raises(AssertionError) as caught:
        report.require()
    assert str(caught.value) == str(report)


def test_a_notebook_shows_what_was_required_without_a_traceback(capsys):
    report = small(lambda x: 0.5 * x)
    shell = InteractiveShell()
    shell.user_ns["report"] = report
    result = shell.run_cell("report.require()")
    assert isinstance(result.error_in_exec, AssertionError)
    assert capsys.readouterr().out.strip() == str(report)


def test_what_lies_behind_the_first_failure_stays_open():
    report = small(lambda x: x[:-1])
    assert report.marks == {
        "defined": "passed",
        "callable": "passed",
        "shape": "failed",
        "dtype": "open",
        "values": "open",
    }


class Tags(html.parser.HTMLParser):
    """Collects the tags and the attributes of a report."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


HOSTILE = '</div><script>alert(1)</script><img src=x onerror="alert(1)">\n\ndouble: right.'


class HostileName:
    def __repr__(self):
        return HOSTILE


def raises_hostile(x):
    raise ValueError(HOSTILE)


Named = type("<script>", (), {"__repr__": lambda self: "&lt;b&gt;"})


@pytest.mark.parametrize(
    "theirs", [raises_hostile, lambda x: HOSTILE, lambda x: HostileName(), lambda x: Named(), HostileName(), Named()]
)
def test_what_came_from_the_learner_is_shown_and_not_obeyed(theirs):
    report = small(theirs)
    assert not report.passed
    tags = Tags(report._repr_html_())
    assert tags.found <= {"div", "span", "b", "div style", "div role", "span style", "code", "pre", "pre style"}
    headline, *rest = str(report).splitlines()
    assert headline.startswith("double: not right yet")
    assert not [line for line in rest if line.startswith("double")]


def test_markup_of_the_learner_is_shown_as_it_was_written():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in small(raises_hostile)._repr_html_()
    assert "&amp;lt;b&amp;gt;" in small(lambda x: Named())._repr_html_()


# A check that is shown, and not called


@ALL
def test_showing_a_check_without_calling_it_prints_one_line_without_spoilers(check):
    shown = repr(check)
    assert shown.startswith(f"checks.{check.name}({', '.join(check.objects)})")
    assert len(shown) < 200
    assert "\n" not in shown
    assert not any(mistake.name in shown for mistake in check.mistakes)


# Not attempted


def stub(x): ...  # your code here


def stub_with_docstring(x):
    """Twice x."""
    ...  # your code here


def stub_with_pass(x):
    pass


def honest_stub(x):
    raise NotImplementedError


IN_A_CLONE: dict = {}
exec(compile("def double(x):\n    raise NotImplementedError\n", "/home/ada/bncourse/mine.py", "exec"), IN_A_CLONE)
"""A stub in a file of one's own, in a folder that is called like the course."""


@pytest.mark.parametrize(
    "theirs", [None, ..., stub, stub_with_docstring, stub_with_pass, honest_stub, IN_A_CLONE["double"]]
)
def test_nothing_written_yet_is_neither_right_nor_wrong(theirs):
    report = small(theirs)
    assert (report.passed, report.score, report.diagnosis) == (False, 0.0, "not-attempted")
    assert str(report).startswith("double: not written yet.\nnext:")
    assert "✗" not in str(report) + report._repr_html_()
    assert not re.search(r"wrong|error|failed", str(report), re.IGNORECASE)
    with pytest.raises(AssertionError, match="not written yet"):
        report.require()


def test_a_function_that_forgets_to_return_was_attempted():
    def forgetful(x):
        x = 2 * x

    assert small(forgetful).diagnosis == "returns-nothing"


def released(source: str) -> str:
    """A cell as learners get it."""
    return re.sub(r"( *)### BEGIN SOLUTION.*?### END SOLUTION", r"\1...  # your code here", source, flags=re.DOTALL)


def visible_checks() -> list:
    """Per check the other cells of its assignment as learners get them, and the cell that runs it."""
    found = []
    for path in sorted(SOLUTIONS.glob("*/*.ipynb")):
        cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        cells = [cell for cell in cells if "remove-cell" not in cell["metadata"].get("tags", [])]
        sources = [("".join(cell["source"]), cell["metadata"].get("nbgrader", {})) for cell in cells]
        setup = [released(text) for text, nbgrader in sources if not text.startswith("checks.")]
        for text, nbgrader in sources:
            match = re.match(r"checks\.(\w+)\(", text)
            if match and match[1] in CHECKS and not nbgrader.get("grade"):
                found.append(pytest.param(setup, text, match[1], id=f"{path.stem}-{match[1]}"))
    return found


VISIBLE = visible_checks()
LISTINGS = {"bug_hunt"}
"""Whose learners get a faulty listing to fix, and no stub."""


def test_every_check_stands_in_an_assignment():
    assert {name for _, _, name in (param.values for param in VISIBLE)} == set(CHECKS)


@pytest.mark.parametrize(("setup", "call", "name"), VISIBLE)
def test_untouched_assignment_answers_not_attempted(setup, call, name):
    names = {}
    for source in setup:
        exec(source, names)
    report = eval(call, names)
    assert not report.passed
    if name not in LISTINGS:
        assert (report.diagnosis, report.score) == ("not-attempted", 0), report


# Nothing that the learner's code does gets out


class Leaves(BaseException):
    pass


class SilentError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def never_ends(x):
    return never_ends(x)


class ReprRaises:
    def __repr__(self):
        raise RuntimeError("no repr")


class ReprLeaves:
    def __repr__(self):
        sys.exit(1)


class ReprIsNoText:
    def __repr__(self):
        return 5


class EqualToAll:
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        raise OSError(name)

    __hash__ = None


class ClassRaises:
    @property
    def __class__(self):
        raise OSError("class")

    def __call__(self, *arguments):
        return 3


class Nameless(type):
    @property
    def __name__(cls):
        raise OSError("name")


class IncompleteModule(nn.Module):
    def __init__(self):
        pass

    def forward(self, x):
        return x


def wraps_itself(x):
    return x


wraps_itself.__wrapped__ = wraps_itself


class Pretends(torch.Tensor):
    pass


class PretendsArray(np.ndarray):
    pass


def raiser(error):
    def theirs(x):
        raise error

    return theirs


def returns(thing):
    return lambda x: thing


WILD = {
    "sys.exit": lambda x: sys.exit(0),
    "SystemExit with text": raiser(SystemExit("right")),
    "BaseException": raiser(Leaves("away")),
    "GeneratorExit": raiser(GeneratorExit()),
    "StopIteration": raiser(StopIteration()),
    "MemoryError": raiser(MemoryError()),
    "AssertionError": raiser(AssertionError()),
    "an error in many lines": raiser(ValueError("\n" * 50)),
    "an error with a long text": raiser(ValueError("x" * 1_000_000)),
    "an error whose text raises": raiser(SilentError()),
    "recursion": never_ends,
    "repr raises": returns(ReprRaises()),
    "repr leaves": returns(ReprLeaves()),
    "repr is no text": returns(ReprIsNoText()),
    "equal to everything": returns(EqualToAll()),
    "a subclass of Tensor": returns(torch.zeros(3).as_subclass(Pretends)),
    "a subclass of ndarray": returns(np.zeros(3).view(PretendsArray)),
    "a huge array": returns(np.zeros(LARGEST + 1)),
    "a huge tensor": returns(torch.zeros(1).expand(10**12)),
    "a huge list": returns([0.0] * (LARGEST + 1)),
    "a huge number": returns(10**5000),
    "a huge text": returns("x" * 5_000_000),
    "a sparse tensor": returns(torch.eye(3).to_sparse()),
    "a tensor without numbers": returns(torch.zeros(3, device="meta")),
    "a complex array": returns(np.zeros(3, complex)),
    "an array of objects": returns(np.array([None, print, 3], dtype=object)),
    "an empty list": returns([]),
    "a list within itself": returns((lambda a: a.append(a) or a)([])),
    "a class": returns(dict),
    "another signature": lambda: 3,
    "a number in place of a function": 3,
    "a class in place of a function": dict,
    "a module in place of a function": np,
    "an object whose attributes raise": EqualToAll(),
    "an object whose class raises": ClassRaises(),
    "an object whose class has no name": Nameless("C", (), {})(),
    "a module without super().__init__()": IncompleteModule(),
    "a function that wraps itself": wraps_itself,
    "a builtin function": len,
    "a method": [].append,
}


@pytest.mark.parametrize("name", WILD)
def test_report_never_raises(name):
    report = small(WILD[name])
    assert not report.passed
    assert 0 <= report.score < 1
    assert report.diagnosis
    assert len(str(report)) < 5_000
    assert len(report._repr_html_()) < 10_000


@pytest.mark.whole
@ALL
def test_report_of_no_check_raises(check):
    trouble = []
    for name, theirs in WILD.items():
        try:
            report = check(*[theirs] * len(check.objects))
        except Exception as error:
            trouble.append(f"{name}: {error!r}")
        else:
            trouble += [f"{name}: passed"] if report.passed else []
    assert not trouble


@pytest.mark.parametrize("make", [np.zeros, torch.zeros, lambda n: torch.zeros(1).expand(n), lambda n: [0.0] * n])
def test_numbers_are_written_down_up_to_a_limit(make):
    assert value_of(make(LARGEST)).array.size == LARGEST
    assert value_of(make(LARGEST + 1)).array is None


def test_object_without_a_repr_is_still_named():
    assert "ReprRaises whose repr raises RuntimeError" in str(small(returns(ReprRaises())))


def test_stop_button_stops():
    with pytest.raises(KeyboardInterrupt):
        small(raiser(KeyboardInterrupt()))


def test_wrong_number_of_objects_is_the_callers_mistake():
    with pytest.raises(TypeError, match="takes double"):
        small(right, right)


# Everything is left as it was found


def unruly(x):
    torch.manual_seed(7)
    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    warnings.simplefilter("error")
    np.seterr(all="raise")
    torch.rand(3), np.random.rand(3), random.random()  # noqa: NPY002
    print("a great deal of", file=sys.stderr)
    return 2 * x


@pytest.fixture
def surroundings():
    """A function that tells the state of everything that is shared; all of it is put back after the test."""

    def state():
        name, keys, *rest = np.random.get_state()  # noqa: NPY002
        return {
            "torch": torch.get_rng_state().tolist(),
            "numpy": (name, keys.tolist(), *rest),
            "python": random.getstate(),
            "dtype": torch.get_default_dtype(),
            "gradients": torch.is_grad_enabled(),
            "filters": list(warnings.filters),
            "errors": np.geterr(),
            "profile": sys.getprofile(),
            "stdout": sys.stdout,
            "stderr": sys.stderr,
        }

    before, errors, python = torch.get_rng_state(), np.geterr(), random.getstate()
    numpy_state = np.random.get_state()  # noqa: NPY002
    with warnings.catch_warnings(), torch.set_grad_enabled(torch.is_grad_enabled()):
        yield state
    torch.set_rng_state(before)
    np.random.set_state(numpy_state)  # noqa: NPY002
    random.setstate(python)
    np.seterr(**errors)
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("then", [right, raiser(ValueError()), raiser(SystemExit())])
def test_surroundings_are_left_as_they_were(surroundings, then):
    def theirs(x):
        unruly(x)
        return then(x)

    before = surroundings()
    small(theirs)
    assert surroundings() == before


@ALL
def test_check_draws_nothing_from_the_global_generators(check, surroundings):
    before = surroundings()
    check(*right_parts(check))
    assert surroundings() == before


def test_a_check_runs_in_one_thread_and_gives_the_others_back():
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        small(lambda x: seen.append(torch.get_num_threads()) or 2 * x)
        assert set(seen) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_settings_of_the_session_do_not_decide(surroundings):
    seen = []

    def theirs(x):
        seen.append((torch.get_default_dtype(), torch.is_grad_enabled()))
        return 2 * x

    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        assert small(theirs).passed
        assert checks.running_statistics(checks.running_statistics.right).passed
        assert not torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float64
    assert set(seen) == {(torch.float32, True)}


def test_stderr_of_the_learner_is_shown_on_stdout(capsys, surroundings):
    """Because nbgrader gives no points to a cell that wrote to stderr."""
    small(unruly)
    out, err = capsys.readouterr()
    assert "a great deal of" in out
    assert err == ""


def test_changed_input_is_noticed_and_harms_nothing():
    def greedy(x):
        x *= 2
        return x

    report = small(greedy)
    assert report.diagnosis == "changes-its-input"
    assert report.hint == GENERAL_HINTS["changes-its-input"]
    assert same_report(small(greedy), report)


def test_answer_is_a_copy():
    array, tensor, parameter = np.ones(3), torch.ones(3), nn.Parameter(torch.ones(3))
    values = [value_of(thing) for thing in (array, tensor, parameter)]
    array += 1
    with torch.no_grad():
        tensor += 1
        parameter += 1
    for value in values:
        np.testing.assert_array_equal(value.array, np.ones(3))


def test_answer_cannot_be_changed_later_by_what_was_returned():
    kept = []

    def hoarder(x):
        kept.append(2 * x)
        for old in kept[:-1]:
            old[...] = 0
        return kept[-1]

    assert small(hoarder).passed


def test_answers_of_one_question_do_not_reach_the_next():
    """The input of a question is fresh for each observation."""
    question = ask(np.random.default_rng(0))[0]
    before = question["x"].copy()
    small.task.observe([lambda x: x.fill(0)], question)
    np.testing.assert_array_equal(question["x"], before)


# Seeds


def right_parts(check: Check) -> list:
    """The check's own right implementation, in the parts that it takes."""
    return [getattr(check.right, part) for part in check.task.parts] if check.task.parts else [check.right]


def questions_of(check: Check, seed: int) -> list[dict]:
    return check.task.ask(np.random.default_rng(seed))


@ALL
def test_same_seed_asks_the_same_and_another_seed_something_else(check):
    first, again, other = (wire.pack(questions_of(check, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


@ALL
def test_each_question_has_a_call_in_words(check):
    assert all(isinstance(question["call"], str) and question["call"] for question in questions_of(check, 0))


@ALL
def test_same_seed_gives_the_same_report(check):
    mistaken = [None] * len(check.objects) if check.task.parts or not check.mistakes else [check.mistakes[0].ways[0]]
    assert same_report(check(*mistaken, seed=5), check(*mistaken, seed=5))


@ALL
def test_another_eps_is_asked_for_where_it_shows_whatever_the_seed(check):
    # Else a layer that ignores its eps would pass by chance, and a grade would depend on the draw.
    for seed in range(30):
        asked = [question for question in questions_of(check, seed) if "eps" in question.get("given", ())]
        other = [question["words"] for question in asked if question["given"]["eps"] != 1e-5]
        assert not asked or any("float64" in words for words in other), seed


# Observing here, judging there


def sent(data):
    """What arrives of plain data at the other end."""
    return wire.unpack(wire.pack(data))


def implementations(check: Check) -> list[list]:
    """The right one, some wrong ones, and some that do not work at all."""
    wrong = (
        []
        if check.task.parts
        else [[mistake.ways[0]] for mistake in check.mistakes[:: max(1, len(check.mistakes) // 4)]]
    )
    broken = [None, stub, raiser(ValueError(HOSTILE)), 3]
    return [right_parts(check), *wrong, *([thing] * len(check.objects) for thing in broken)]


@pytest.mark.whole
@ALL
def test_judged_elsewhere_alike(check):
    questions = questions_of(check, 1)
    for theirs in implementations(check):
        here = check(*theirs, seed=1)
        answers = [check.task.observe(theirs, question) for question in sent(questions)]
        there = check.judge(questions, wire.read_answers(sent(answers), len(questions)))
        assert (there.passed, there.score, there.diagnosis, there.failed) == (
            here.passed,
            here.score,
            here.diagnosis,
            here.failed,
        )
        if HOSTILE[:10] not in str(here):  # across the border control characters are replaced
            assert str(there) == str(here)


@ALL
def test_answers_arrive_as_they_were_sent(check):
    questions = questions_of(check, 2)
    answers = [check.task.observe(right_parts(check), question) for question in questions]
    for answer, arrived in zip(answers, wire.read_answers(sent(answers), len(answers)), strict=True):
        assert answer.keys() == arrived.keys()
        for name, value in answer.items():
            other = arrived[name]
            assert (value.kind, value.type, value.stage, value.dtype, value.text) == (
                other.kind,
                other.type,
                other.stage,
                other.dtype,
                other.text,
            )
            np.testing.assert_array_equal(value.array, other.array)


@pytest.mark.whole
@ALL
def test_judging_runs_no_code_of_the_learners(check):
    calls = []

    def theirs(*arguments, **named):
        calls.append(arguments)
        raise ValueError

    questions = questions_of(check, 0)
    answers = [check.task.observe([theirs] * len(check.objects), question) for question in questions]
    observed = len(calls)
    assert not check.judge(questions, answers).passed
    assert len(calls) == observed > 0


ODD = (
    np.float32(np.nan),
    torch.full((5, 3), torch.nan),
    np.zeros(()),
    torch.zeros(0),
    [1.0, float("inf")],
    np.array([True, False]),
    True,
    7,
    None,
    "a text",
    object(),
)
"""What may come back in place of anything, an error for instance: each kind of value, and numbers that are none."""


def odd_way(draw: random.Random) -> Callable[[Value], Value]:
    """One way to answer oddly: with one thing, with an error, or with odd numbers of the right shape."""
    thing, role, number = draw.choice(ODD), draw.choice(ROLES), draw.choice([0.0, 0.5, 1.0, np.nan])
    ways = {
        "thing": lambda value: value_of(thing, value.stage),
        "error": lambda value: Value("error", "ValueError", value.stage, text="no", role=role),
        "numbers": lambda value: value_of(np.full(value.shape, number), value.stage),
    }
    return ways[draw.choice(list(ways))]


@pytest.mark.whole
@ALL
def test_whatever_is_answered_there_is_a_report(check):
    # A value may come back where an error is right, and the other way round, everywhere or in places.
    questions = questions_of(check, 0)
    expected = check.expected(questions)
    for seed in range(12):
        draw = random.Random(seed)
        odd, share = odd_way(draw), draw.choice([0.1, 0.5, 1.0])
        answers = [{k: odd(v) if draw.random() < share else v for k, v in answer.items()} for answer in expected]
        assert len(str(check.judge(questions, answers))) < 5_000, seed


def test_every_check_is_in_the_face_of_the_package_by_its_name():
    assert {name: getattr(checks, name) for name in checks.__all__ if name != "Report"} == CHECKS


@ALL
def test_no_answers_are_no_pass(check):
    questions = questions_of(check, 0)
    with contextlib.suppress(ValueError):
        assert not check.judge(questions, [{} for _ in questions]).passed
