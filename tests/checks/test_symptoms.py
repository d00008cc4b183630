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
        "digits-lost": lambda x: right(x).astype("float32").astype("float64"),
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
        "right-numbers-in-another-shape": lambda x: right(x).reshape(-1),
        "no-entries": lambda x: right(x)[:0],
        "repeated": lambda x: np.stack([right(x)] * 2),
        "mean-not-taken": lambda x: np.stack([right(x) - x, right(x) + x]),
        "sum-not-taken": lambda x: np.stack([right(x) - x, x]),
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
numbers = a.numpy()


class WithoutInit(torch.nn.Module):
    def __init__(self):
        self.gamma = torch.nn.Parameter(torch.ones(3))


class Forgetful(torch.nn.Module):
    def __init__(self):
        super().__init__()

    def without_self(self):
        return self.running_mean

    def fordward(self, x):
        return x


class Misplaced(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x + y

    @staticmethod
    def backward(ctx, dout):
        return dout.sum(0), dout


class OneTooFew(Misplaced):
    @staticmethod
    def backward(ctx, dout):
        return dout


class Plain:
    def without_self():
        pass


def endless(x):
    return endless(x)


def twice():
    y = (p * p).sum()
    y.backward()
    y.backward()


def unbound():
    if len(a) > 5:
        total = 0
    return total


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("undefined-name", lambda: undefined + 1),  # noqa: F821
        ("undefined-name", unbound),
        ("calls-itself-without-end", lambda: endless(a)),
        ("key-not-there", lambda: {"mean": 1}["dtype"]),
        ("graph-handed-to-numpy", lambda: np.sqrt(p)),
        ("written-into-a-leaf", lambda: p.add_(1)),
        ("nothing-requires-a-gradient", lambda: a.sum().backward()),
        ("nothing-requires-a-gradient", lambda: torch.ones(3, dtype=torch.int64, requires_grad=True)),
        ("nothing-requires-a-gradient", lambda: torch.autograd.grad(p.sum(), torch.ones(2, requires_grad=True))),
        ("graph-used-twice", twice),
        ("super-init-missing", WithoutInit),
        ("not-a-parameter", lambda: setattr(torch.nn.Linear(2, 2), "weight", a)),
        ("forward-missing", lambda: Forgetful()(a)),
        ("view-of-scattered-memory", lambda: a.t().view(-1)),
        ("none-among-the-values", lambda: a + None),
        ("none-among-the-values", lambda: None.shape),
        ("none-among-the-values", lambda: torch.sqrt(None)),
        ("tensors-on-different-devices", lambda: a + torch.ones(3, 4, device="meta")),
        ("tensors-on-different-devices", lambda: torch.ones(3, 4, device="meta").numpy()),
        ("index-is-no-whole-number", lambda: a[torch.ones(3)]),
        ("index-is-no-whole-number", lambda: list(numbers)[float(1)]),
        ("index-is-no-whole-number", lambda: numbers[float(1)]),
        ("index-is-no-whole-number", lambda: range(3.0)),
        ("dtypes-do-not-fit", lambda: a @ a.t().double()),
        ("dtypes-do-not-fit", lambda: torch.lerp(a, a.double(), 0.1)),
        ("dtypes-do-not-fit", lambda: torch.lerp(a, a, a.double())),
        ("dtypes-do-not-fit", lambda: torch.ones(3, dtype=torch.int64).mean()),
        ("dtypes-do-not-fit", lambda: torch.ones(3, dtype=torch.int64).add_(0.5)),
        ("dtypes-do-not-fit", lambda: torch.softmax(torch.ones(3, dtype=torch.int64), 0)),
        ("dtypes-do-not-fit", lambda: torch.nn.functional.linear(a, torch.ones(2, 4).double())),
        ("dtypes-do-not-fit", lambda: torch.nn.functional.cross_entropy(a, torch.ones(3))),
        ("dtypes-do-not-fit", lambda: torch.nn.functional.conv1d(a[None], torch.ones(1, 3, 1).double())),
        ("dtypes-do-not-fit", lambda: (a > 0) - (a > 1)),
        ("dtypes-do-not-fit", lambda: (numbers > 0) - (numbers > 1)),
        ("dtypes-do-not-fit", lambda: np.add(numbers, 0.5, out=np.ones((3, 4), int))),
        ("dtypes-do-not-fit", lambda: np.sqrt(np.array([None, 1])[1:].astype("U"))),
        ("dtypes-do-not-fit", lambda: a.var(0).long().std()),
        ("dtypes-do-not-fit", lambda: torch.randint(0, 2, (3,)).normal_()),
        ("dtypes-do-not-fit", lambda: torch.einsum("ij,kj->ik", a, a.double())),
        ("dtypes-do-not-fit", lambda: torch.nn.BatchNorm1d(4)(a.long())),
        ("shapes-do-not-fit", lambda: a @ a),
        ("shapes-do-not-fit", lambda: a + torch.ones(3)),
        ("shapes-do-not-fit", lambda: numbers + np.ones(3)),
        ("shapes-do-not-fit", lambda: numbers @ np.ones(3)),
        ("shapes-do-not-fit", lambda: a.reshape(5, 5)),
        ("shapes-do-not-fit", lambda: numbers.reshape(5, 5)),
        ("shapes-do-not-fit", lambda: torch.cat([a, a.t()])),
        ("shapes-do-not-fit", lambda: torch.stack([a, a.t()])),
        ("shapes-do-not-fit", lambda: np.concatenate([numbers, numbers.T])),
        ("shapes-do-not-fit", lambda: np.stack([numbers, numbers.T])),
        ("shapes-do-not-fit", lambda: a.expand(4, 4)),
        ("shapes-do-not-fit", lambda: a.permute(0, 2, 1)),
        ("shapes-do-not-fit", lambda: numbers.transpose(0, 2, 1)),
        ("shapes-do-not-fit", lambda: torch.ones(4).add_(a)),
        ("shapes-do-not-fit", lambda: torch.nn.BatchNorm1d(3)(a)),
        ("shapes-do-not-fit", lambda: torch.nn.BatchNorm2d(3)(a)),
        ("shapes-do-not-fit", lambda: torch.nn.BatchNorm1d(4)(a[:1])),
        ("shapes-do-not-fit", lambda: torch.nn.LayerNorm(3)(a)),
        ("shapes-do-not-fit", lambda: torch.nn.GroupNorm(2, 4)(torch.ones(2, 3, 5))),
        ("shapes-do-not-fit", lambda: torch.einsum("ijk->i", a)),
        ("shapes-do-not-fit", lambda: torch.einsum("ij,ij->i", a, a.t())),
        ("shapes-do-not-fit", lambda: a[torch.ones(4, dtype=torch.bool)]),
        ("shapes-do-not-fit", lambda: torch.mm(a, torch.ones(4))),
        ("shapes-do-not-fit", lambda: a.unflatten(1, (3, 2))),
        ("axis-or-index-out-of-range", lambda: a.sum(2)),
        ("axis-or-index-out-of-range", lambda: numbers.sum(2)),
        ("axis-or-index-out-of-range", lambda: a[5]),
        ("axis-or-index-out-of-range", lambda: a[0, 0, 0]),
        ("axis-or-index-out-of-range", lambda: a.sum((0, 0))),
        ("axis-or-index-out-of-range", lambda: numbers.sum((0, 0))),
        ("axis-or-index-out-of-range", lambda: [][0]),
        ("axis-or-index-out-of-range", lambda: torch.nn.Embedding(3, 2)(torch.tensor([7]))),
        ("axis-or-index-out-of-range", lambda: torch.nn.functional.cross_entropy(a, torch.tensor([7, 7, 7]))),
        ("several-numbers-where-one-is-needed", lambda: float(numbers)),
        ("several-numbers-where-one-is-needed", lambda: a.item()),
        ("several-numbers-where-one-is-needed", lambda: a and a),
        ("several-numbers-where-one-is-needed", lambda: max(numbers)),
        ("several-numbers-where-one-is-needed", lambda: (p * 2).backward()),
        ("one-number-where-several-are-needed", lambda: len(a.sum())),
        ("one-number-where-several-are-needed", lambda: list(a.sum())),
        ("one-number-where-several-are-needed", lambda: a.sum()[0]),
        ("one-number-where-several-are-needed", lambda: numbers.sum()[0]),
        ("unpacking-does-not-fit", lambda: (lambda: [x for x, y in [(1, 2, 3)]])()),
        ("unpacking-does-not-fit", lambda: (lambda: [x for x, y in [1.0]])()),
        ("division-by-zero", lambda: 1 / 0),
        ("outside-the-domain", lambda: math.log(0)),
        ("outside-the-domain", lambda: math.sqrt(-1)),
        ("not-in-this-module", lambda: math.square(2)),
        ("not-in-this-module", lambda: np.rsqrt(numbers)),
        ("not-in-this-module", lambda: torch.astype(a)),
        ("tensor-method-on-a-number", lambda: (1.0).dtype),
        ("tensor-method-on-a-number", lambda: a.sum().item().detach()),
        ("tensor-method-on-a-number", lambda: numbers.sum().detach()),
        ("tensor-method-on-a-list", lambda: [a].numel()),
        ("tensor-method-on-a-list", lambda: (a, a).mean()),
        ("torch-method-on-an-array", lambda: numbers.detach()),
        ("no-method-of-a-tensor", lambda: a.astype("float32")),
        ("no-method-of-a-tensor", lambda: p.copy()),
        ("attribute-not-set", lambda: Forgetful().momentum),
        ("attribute-not-set", lambda: Plain().momentum),
        ("tensor-for-a-layer", lambda: Forgetful.without_self(a)),
        ("tensor-for-a-layer", lambda: p.weight),
        ("tensor-for-a-layer", lambda: a.saved_tensors),
        ("super-of-another-object", lambda: Forgetful.__init__(3)),
        ("list-for-a-number", lambda: [1.0] > 0.5),
        ("list-for-a-number", lambda: 1.0 - [1.0]),
        ("list-for-a-number", lambda: max({}, key=abs, default={}) / 2),
        ("list-for-a-number", lambda: math.sqrt([1.0])),
        ("text-for-a-number", lambda: [key > 0.5 for key in {"mean": 1.0}]),
        ("types-do-not-fit", lambda: [1] - [1]),
        ("no-method-of-a-tensor", lambda: a.weights),
        ("called-without-being-a-function", lambda: a.shape()),
        ("called-without-being-a-function", lambda: numbers.size(0)),
        ("no-such-attribute", lambda: len(x for x in a)),
        ("no-such-attribute", lambda: math.e[0]),
        ("keepdim-or-keepdims", lambda: numbers.var(0, keepdim=True)),
        ("keepdim-or-keepdims", lambda: np.std(numbers, keepdim=True)),
        ("keepdim-or-keepdims", lambda: sum([1.0], keepdim=True)),
        ("no-such-keyword", lambda: np.ones(3, dim=0)),
        ("no-such-keyword", lambda: sorted([1], by=len)),
        ("keepdim-without-dim", lambda: a.sum(keepdim=True)),
        ("keepdim-without-dim", lambda: torch.mean(a, keepdim=True)),
        ("keepdim-without-dim", lambda: a.max(keepdim=True)),
        ("number-for-a-tensor", lambda: torch.sqrt(2.0)),
        ("number-for-a-tensor", lambda: torch.sum(1, a)),
        ("number-for-a-tensor", lambda: torch.any(0, a > 0)),
        ("number-for-a-tensor", lambda: torch.gather(1, a, a.long())),
        ("number-for-a-tensor", lambda: torch.where(1.0, a > 0, 0.0)),
        ("number-for-a-tensor", lambda: torch.empty_like(3)),
        ("gradient-of-another-argument", lambda: Misplaced.apply(a.clone().requires_grad_(), a[0]).sum().backward()),
        ("gradient-of-another-argument", lambda: OneTooFew.apply(a.clone().requires_grad_(), a[0]).sum().backward()),
        ("negative-size", lambda: torch.randn(-3)),
        ("negative-size", lambda: np.zeros(-3)),
        ("division-by-zero", lambda: 0.0**-0.5),
        ("types-do-not-fit", lambda: isinstance(float, 3.0)),
        ("shapes-do-not-fit", lambda: a.view(-1, -1)),
        ("shapes-do-not-fit", lambda: numbers.reshape(-1, -1)),
        ("shapes-do-not-fit", lambda: torch.nn.init.orthogonal_(torch.empty(3))),
        ("argument-left-out", lambda: torch.zeros()),
        ("argument-left-out", lambda: math.sqrt()),
        ("argument-left-out", lambda: torch.sqrt()),
        ("argument-left-out", lambda: torch.from_numpy()),
        ("argument-left-out", lambda: [].append()),
        ("argument-left-out", lambda: isinstance(a)),
        ("argument-left-out", lambda: torch.nn.Linear(3)),
        ("argument-left-out", lambda: np.square()),
        ("arguments-do-not-fit", lambda: np.add(numbers)),
        ("one-argument-too-many", lambda: Plain(3)),
        ("one-argument-too-many", lambda: Plain().without_self()),
        ("arguments-do-not-fit", lambda: a.sum(axes=0)),
        ("keepdim-without-dim", lambda: a.mean(keepdim=True)),
        ("arguments-do-not-fit", lambda: torch.einsum("ij,jk->ik", a)),
        ("number-for-a-tensor", lambda: torch.sqrt(3)),
        ("types-do-not-fit", lambda: "a" + 1),
        ("types-do-not-fit", lambda: torch.nn.Module().register_buffer(a, "name")),
        ("outside-the-domain", lambda: torch.nn.init.normal_(a.clone(), 0, -1)),
        ("shapes-do-not-fit", lambda: a.reshape(-2)),
        ("argument-left-out", lambda: (lambda x: x)()),
        ("cannot-be-converted", lambda: float("one")),
    ],
)
def test_errors_of_python_numpy_and_torch_have_a_kind(name, line):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        line()
    message = str(caught.value).strip().splitlines()[0]
    assert kind_of_error(Value("error", caught.type.__name__, text=message)) == name, message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        # Said by a version of torch or on a device that need not be here.
        ("dtypes-do-not-fit", "expected dtype float for `end` but got dtype double"),
        ("dtypes-do-not-fit", "expected m1 and m2 to have the same dtype, but got: float != double"),
        ("dtypes-do-not-fit", "mat1 and mat2 must have the same dtype, but got Float and Double"),
        ("dtypes-do-not-fit", "expected scalar type Long but found Float"),
        ("dtypes-do-not-fit", "Found dtype Double but expected Float"),
        ("dtypes-do-not-fit", "Input type (double) and bias type (float) should be the same"),
        ("dtypes-do-not-fit", '"nll_loss_forward_reduce_cuda_kernel_2d_index" not implemented for \'Float\''),
        ("tensors-on-different-devices", "Expected all tensors to be on the same device, but found at least two "
         "devices, cuda:0 and cpu!"),
        ("tensors-on-different-devices", "Expected all tensors to be on the same device, but got mat2 is on cpu, "
         "different from other tensors on cuda:0 (when checking argument in method wrapper_CUDA_mm)"),
        ("tensors-on-different-devices", "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy "
         "the tensor to host memory first."),
        ("tensors-on-different-devices", "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) "
         "should be the same"),
    ],
)  # fmt: skip
def test_messages_of_other_versions_and_devices_have_a_kind(name, message):
    assert kind_of_error(Value("error", "RuntimeError", text=message)) == name


def test_an_error_of_their_own_has_no_kind():
    assert kind_of_error(Value("error", "ValueError", text="the learning rate is wrong")) is None


def refusing(x):
    if x.ndim == 2:
        raise ValueError("shapes must match")
    return right(x)


def asserting(x):
    assert len(x) < 0, "more examples"
    return right(x)


def with_a_call_that_fails(x):
    with torch.no_grad():
        math.sqrt()
    return right(x)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (refusing, "refused-without-need"),
        (asserting, "refused-without-need"),
        (with_a_call_that_fails, "argument-left-out"),
    ],
)
def test_a_raise_of_their_own_is_no_error_of_a_function(wrong, name):
    assert both(wrong).diagnosis == name


def test_every_kind_and_every_relation_has_words_that_help():
    for hint in [*(hint for _, hint in KINDS_OF_ERROR.values()), *RELATIONS.values()]:
        assert hint.endswith((".", "?"))
