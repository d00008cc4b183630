"""What can be said of any check where no known mistake explains an answer: the kind of an error, and how wrong numbers
are related to the right ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bncourse.judging.comparison import Mismatch
from bncourse.observing.task import Question, inputs_of
from bncourse.observing.values import Value

__all__ = ["KINDS_OF_ERROR", "RELATIONS", "kind_of_error", "relation"]

KINDS_OF_ERROR: dict[str, tuple[str, str]] = {
    "undefined-name": (
        r"^nameerror|^unboundlocalerror",
        "A name is used that does not exist there: is it spelt correctly, imported, and defined before?",
    ),
    "calls-itself-without-end": (
        r"^recursionerror",
        "The function calls itself and never returns: does a name inside it mean the function that you are writing?",
    ),
    "key-not-there": (
        r"^keyerror",
        "The dict has no entry of this name: print its keys.",
    ),
    "graph-handed-to-numpy": (
        r"can't call numpy\(\) on tensor that requires grad",
        "NumPy cannot take a tensor that is part of torch's graph: compute with torch's functions, or take the numbers "
        "out with `.detach()` if no gradient is needed.",
    ),
    "side-effect-in-a-transform": (
        r"during a grad \(vjp|would mutate a captured tensor|vmap.* in-?place|in-?place arithmetic.*vmap",
        "`torch.func` transforms functions without side effects, and a BatchNorm in training mode writes its running "
        "statistics: take the gradient with `torch.autograd.grad`.",
    ),
    "written-into-a-leaf": (
        r"leaf variable|modified by an inplace operation|in-place operation",
        "An in-place operation writes into a tensor that autograd still needs: make a new tensor, or update under "
        "`torch.no_grad()` what needs no gradient.",
    ),
    "nothing-requires-a-gradient": (
        r"does not require grad|doesn't require gradient|not have been used in the graph|can require gradients",
        "A gradient is asked for where nothing leads back to a tensor that requires one: does it require a gradient, "
        "and which step may have left torch's graph?",
    ),
    "graph-used-twice": (
        r"backward through the graph a second time",
        "torch frees a graph after one backward pass: compute the forward pass again before the next one.",
    ),
    "super-init-missing": (
        r"before module\.__init__\(\) call|super-class constructor|super\(\)\.__init__|"
        r"no attribute '_(modules|parameters|buffers|\w+_hooks)'",
        "A module must call `super().__init__()` before anything is stored in it, and before it is used.",
    ),
    "not-a-parameter": (
        r"cannot assign .* (as|to) (parameter|buffer|child module)",
        "Under this name the module holds a parameter or a buffer: change its numbers, as `copy_` does, instead of "
        "putting another kind of object in its place.",
    ),
    "forward-missing": (
        r"missing the required \"forward\" function",
        "Calling a module calls its `forward`: is there a method of exactly this name?",
    ),
    "view-of-scattered-memory": (
        r"view size is not compatible",
        "`view` needs numbers that lie side by side in memory, and after `permute` or a slice they do not: use "
        "`reshape`.",
    ),
    "none-among-the-values": (
        r"'?nonetype'?",
        "One of the values in this line is None: was an argument or an attribute never set, or does a function of your "
        "own return nothing?",
    ),
    "not-in-this-module": (
        r"module '[\w.]+' has no attribute|cannot import name|no module named",
        "This module has nothing of this name: look it up in the documentation. Is it spelt so, is it in a different "
        "module, or is it a method of the tensor?",
    ),
    "tensor-method-on-a-number": (
        r"'(float|int|bool|numpy\.(float|int|bool)\w*)' object has no attribute",
        "A plain number has no methods and attributes of a tensor: which step made a number of it, or stands an "
        "argument in the place of a different one?",
    ),
    "tensor-method-on-a-list": (
        r"'(list|tuple|dict|dict_\w+|set|range|generator|map|zip|list_iterator)' object has no attribute",
        "A list, a tuple or an iterator of Python has no methods and attributes of a tensor: take its entries one by "
        "one, or stack them first.",
    ),
    "torch-method-on-an-array": (
        r"'numpy\.ndarray' object has no attribute",
        "This is a NumPy array, which has no method or attribute of this name: torch and NumPy share many names, but "
        "not all.",
    ),
    "tensor-for-a-layer": (
        r"'(tensor|parameter)' object has no attribute '("
        r"saved_tensors|save_for_backward|needs_input_grad|weight|bias|gamma|beta|running_(mean|var)|momentum|eps|"
        r"training|groups|num_features|linear|conv|norm|bn|fc|layers?|blocks?|embedding)\d?'",
        "A tensor is asked for something that belongs to a layer or to `ctx`: is `self` or `ctx` the first parameter "
        "of the method, or does a tensor stand where a layer is meant?",
    ),
    "no-method-of-a-tensor": (
        r"'(tensor|parameter)' object has no attribute",
        "A tensor has no method or attribute of this name: look it up in torch's documentation. NumPy and torch share "
        "many names, but not all.",
    ),
    "attribute-not-set": (
        r"'\w+' object has no attribute",
        "This object has no attribute of this name: is it set in `__init__`, before it is used, and spelt in the same "
        "way?",
    ),
    "called-without-being-a-function": (
        r"object is not callable",
        "What stands in front of the parentheses cannot be called: does a name mean two things, is an operator "
        "missing, or has its class no `__call__`, as `nn.Module` has one?",
    ),
    "no-such-attribute": (
        r"has no attribute|object is not (iterable|subscriptable)|"
        r"has no len|does not support (item|the context)|object has no",
        "This object cannot do what is asked of it: of which type is it, and which type did you expect?",
    ),
    "index-is-no-whole-number": (
        r"indices must be (long|integers)|only integers, slices|integer tensors of a single element|"
        r"arrays used as indices|only integer scalar arrays|cannot be interpreted as an integer|"
        r"index must be an integer|invalid index type",
        "An index, a size or an axis must be a whole number, or a mask of bools: print its dtype.",
    ),
    "keepdim-without-dim": (
        r"got \((tensor, )?keepdim=bool(, )?\)",
        "`keepdim` is given and no axis: over which axis is it to run? torch keeps a dimension only where it is told "
        "which one.",
    ),
    "keepdim-or-keepdims": (
        r"(unexpected keyword argument|invalid keyword argument) 'keepdims?'|'keepdims?' is an invalid keyword",
        "torch's functions take `keepdim`, NumPy's take `keepdims`, and Python's own `sum` takes neither.",
    ),
    "no-such-keyword": (
        r"unexpected keyword|is an invalid keyword argument",
        "A function is called with a keyword that it does not have: compare the name with its documentation.",
    ),
    "number-for-a-tensor": (
        r"argument '\w+' (\(position \d+\) )?must be tensor, not (int|float|bool)\b|"
        r"arguments - got \((int|float|bool)(, |\))",
        "A function of torch takes a tensor here and gets a plain number: is the tensor missing, or are the arguments "
        "in another order? Python's `math` takes plain numbers.",
    ),
    "gradient-of-another-argument": (
        r"returned an (invalid gradient at index|incorrect number of gradients)",
        "`backward` returns one gradient for each argument of `forward`, in the same order, and None where there is "
        "none.",
    ),
    "argument-left-out": (
        r"missing \d+ required|missing required argument|combination of arguments - got \(\)|\(0 given\)|"
        r"but 0 (was|were) given|"
        r"(expected|takes) at least \d+ (positional )?arguments?|expected [1-9]\d* arguments?, got [01]$",
        "A function is called without an argument that it needs: compare the call with its documentation.",
    ),
    "one-argument-too-many": (
        r"takes \d+ positional arguments? but \d+ (was|were) given|takes no arguments|takes at most|"
        r"expected at most \d+ arguments?",
        "A function is called with more arguments than it takes. A method that is called on an object gets the object "
        "first: is `self` among its parameters?",
    ),
    "arguments-do-not-fit": (
        r"unexpected keyword|missing \d+ required|takes .* positional|invalid combination of arguments|"
        r"got multiple values for|missing required argument|takes (no|at most|exactly|from) |"
        r"(expected|requires) (at least |at most |exactly |\d+ to )?\d+ arguments?|fewer operands were provided",
        "A function is called with arguments that it does not take: compare the call with its documentation.",
    ),
    "super-of-another-object": (
        r"super\(type, obj\): obj (must be|\(.*\) is not) an instance",
        "`super` is given an object that is not of its class: is `self` the first parameter of the method, and is a "
        "class that is named in `super(...)` the one that it stands in?",
    ),
    "list-for-a-number": (
        r"(not supported between instances of|unsupported operand type\(s\) for [^:]+:) "
        r"('(list|tuple|dict)' and '(int|float|bool)'|'(int|float|bool)' and '(list|tuple|dict)')|"
        r"must be real number, not (list|tuple|dict)|bad operand type for abs\(\): '(list|tuple|dict)'",
        "A whole list, tuple or dict stands where Python needs one number: which index or key is missing, or is each "
        "entry to be treated by itself?",
    ),
    "text-for-a-number": (
        r"(not supported between instances of|unsupported operand type\(s\) for [^:]+:) "
        r"('str' and '(int|float|bool)'|'(int|float|bool)' and 'str')",
        "A text stands where a number is needed: a loop over a dict gives its keys, and `.values()` what is stored "
        "under them.",
    ),
    "types-do-not-fit": (
        r"bad operand|unsupported operand|must be [\w ]+, not|argument .* must be|can only concatenate|"
        r"arg \d must be a type|not supported between|(must|should) be a (string|real number)|can't multiply sequence",
        "An operation or a function got a value of a type that it does not take: print the type of each.",
    ),
    "tensors-on-different-devices": (
        r"on the same device|expected device|on the expected device|device type tensor to numpy|meta tensor|"
        r"torch\.cuda\.\w+tensor",
        "The operands are on different devices: make new tensors on the device of the input, as `torch.zeros_like` "
        "does.",
    ),
    "dtypes-do-not-fit": (
        r"\bdtypes?\b|scalar ?types?\b|input type .*should be the same|can't be cast|cannot cast|"
        r"result type .* can't|not implemented for '|not supported for the input types|ufunc does not support|"
        r"bool(ean)? (tensor|subtract|negative)[^.]*not supported|only supports? (floating|float)|"
        r"floating[- ]point (or complex )?(type|tensor)|expected a (floating|long|float|double|bool)|"
        r"must be a floating|can't convert np\.ndarray of type",
        "The operands have dtypes that do not fit: print the dtype of each, and convert one of them.",
    ),
    "one-number-where-several-are-needed": (
        r"(of|over) a 0-d |unsized object|0-dim tensor|to scalar variable|tensor has no dimensions|"
        r"zero-dimensional (tensor|array)",
        "A single number stands where several are needed: which step reduced too much?",
    ),
    "several-numbers-where-one-is-needed": (
        r"only one element tensors|only (length-1|0-dimensional)|size-1 arrays|is ambiguous|"
        r"a tensor with \d+ elements cannot be|only for scalar outputs|setting an array element with a sequence",
        "Several numbers stand where Python needs one: reduce them first, or use a function that works on every entry.",
    ),
    "axis-or-index-out-of-range": (
        r"out of (range|bounds)|too many indices|dim(ension)? .*(repeated|specified|appears multiple)|duplicate value|"
        r"repeated (axis|dim)|exceeds dimension size",
        "There is no such axis or index: how many dimensions has this tensor, and how long is each?",
    ),
    "unpacking-does-not-fit": (
        r"values to unpack|cannot unpack",
        "The left side of an assignment has another number of names than the right side has values.",
    ),
    "nothing-to-join": (
        r"non-empty (list|tensorlist)|need at least one (array|tensor)",
        "A list without entries is joined: was a generator walked through twice? Only the first walk finds anything.",
    ),
    "shapes-do-not-fit": (
        r"must match (the|except|exactly|in)|shapes? .*(multiplied|not aligned|broadcast|incompatible|match|invalid)|"
        r"could not be broadcast|mismatch|invalid for input of size|cannot reshape|broadcast(able)?\b|"
        r"number of dim(s|ensions)|\d-?d( or \d-?d)? (matrices|tensors?|matrix|input|vector)|"
        r"expected .*(dimension|shape|size|channels?)|at least (one|two|\d) dimension|same (size|shape|number of)|"
        r"equal size|inconsistent tensor size|non-singleton dimension|shape '.*' is invalid|must be .*-d|"
        r"must be a (matrix|vector)|inhomogeneous|should contain \d+ elements|axes don't match|don't multiply up|"
        r"did not match|does not match the|to sum exactly|invalid shape dimension|only one dimension can be inferred|"
        r"only specify one unknown dimension|tensors with \d or more dimensions",
        "The shapes of the operands do not fit: write the shape of each beside the line.",
    ),
    "division-by-zero": (
        r"division by zero|modulo by zero|cannot be raised to a negative power",
        "Something is divided by zero: which input makes it zero?",
    ),
    "negative-size": (
        r"negative dimension",
        "A size is negative: from which numbers was it computed, and is one of them larger than you think?",
    ),
    "outside-the-domain": (
        r"math domain|math range|must be (a )?(positive|non-?negative)|domain error|expects std >= 0|"
        r"expected a (positive|non-?negative)",
        "The root or the logarithm of such a number does not exist: what is handed to the function here?",
    ),
    "cannot-be-converted": (
        r"can't convert|could not convert|cannot convert|invalid literal|not (json )?serializable|"
        r"cannot be converted",
        "A value is of a kind that this function cannot convert: print its type.",
    ),
}
"""By its name: the pattern of the type and the message, in small letters, and what helps; the first that fits wins.

The messages are those of Python 3.11 to 3.13, of NumPy 1.26 and 2, and of torch since 2.4.
"""


def kind_of_error(error: Value) -> str | None:
    """Return the kind of an error by what it says; ``None`` if it is of no known kind."""
    message = f"{error.type}: {error.text}".lower()
    for name, (pattern, _) in KINDS_OF_ERROR.items():
        if re.search(pattern, message):
            return name
    return None


CLOSE = 1e-4
"""Relative difference up to which a relation holds: it says what differs, and is no test of precision."""


def fits(a: NDArray, b: NDArray) -> bool:
    """Whether two arrays agree, relative to the largest entry."""
    return a.shape == b.shape and bool(np.abs(a - b).max(initial=0) <= CLOSE * np.abs(b).max(initial=1e-9))


def factor(seen: NDArray, right: NDArray) -> float | None:
    """Return by what the right numbers are to be multiplied to get what came back, if there is such a factor."""
    square = float((right * right).sum())
    ratio = float((seen * right).sum()) / square if square else 0.0
    return ratio if ratio and fits(seen, ratio * right) else None


def shift(seen: NDArray, right: NDArray) -> float | None:
    """Return what is to be added to the right numbers to get what came back, if there is such a constant."""
    constant = float((seen - right).mean())
    return constant if fits(seen - right, np.full_like(right, constant)) else None


RELATIONS = {
    "digits-lost": "The numbers are right as far as float32 goes: somewhere float64 was converted to it.",
    "all-zero": "Only zeros come back: which step throws the numbers away?",
    "all-alike": "Every entry is the same: was something averaged that should have stayed apart, or never filled in?",
    "same-as-an-input": "What comes back is an input, unchanged: is the result of the calculation used?",
    "sign-reversed": "Every number is the negative of what is right: a minus is missing, or a difference is taken in "
    "the wrong order.",
    "off-by-a-factor": "Every number is what is right times the same factor: what is multiplied or divided once too "
    "often, or by the wrong number?",
    "off-by-a-constant": "Every number is what is right plus the same number: what is added or subtracted once too "
    "often, or not at all?",
    "off-by-a-factor-in-each-column": "Each column is what is right times a factor of its own: which step scales the "
    "columns, and with what?",
    "off-by-a-constant-in-each-column": "Each column is what is right plus a number of its own: which step shifts the "
    "columns, and by what?",
    "off-by-a-factor-in-each-row": "Each row is what is right times a factor of its own: which step scales the rows?",
    "off-by-a-constant-in-each-row": "Each row is what is right plus a number of its own: which step shifts the rows?",
    "upside-down": "Every number is 1 divided by what is right: which fraction is upside down?",
    "squared": "Every number is the square of what is right: a root is missing, or a square too many.",
    "root-taken": "Every number is the square root of what is right: a square is missing, or a root too many.",
    "transposed": "The numbers are right, with rows and columns exchanged.",
    "in-another-order": "The right numbers come back, at other positions: which step moves them?",
    "no-entries": "There is not one number in it: its shape contains a 0. Was it made without numbers or a size, or is "
    "a slice empty?",
    "repeated": "The right numbers come back, each several times over: which step broadcasts one shape to another?",
    "mean-not-taken": "Several numbers come back, and their mean is what is right: take it, over the axis that is to "
    "go.",
    "sum-not-taken": "Several numbers come back, and their sum is what is right: take it, over the axis that is to go.",
    "right-numbers-in-another-shape": "The right numbers come back in the right order, in another shape: compare it "
    "with the one that the assignment asks for.",
    "dimension-left": "The numbers are right, and there is a dimension of length 1 too many or too few: was `keepdim` "
    "used, or needed?",
}
"""How wrong numbers may be related to the right ones, and what helps."""


def relation(about: Mismatch, mismatches: Sequence[Mismatch], questions: Sequence[Question]) -> str | None:
    """Return how wrong numbers are related to the right ones, the same way in every question about them.

    Arguments:
        about: the mismatch that is reported.
        mismatches: everything that is not as it should be.
        questions: what was asked.
    """
    if about.right.kind == "flag":
        return None  # it is one of two values, and no relation between them says anything
    pairs = []
    for m in mismatches:
        if m.name == about.name and m.stage == about.stage and m.seen is not None and m.right.array is not None:
            if m.seen.array is None:
                return None
            pairs.append((m.seen.array.astype(float), m.right.array.astype(float), inputs_of(questions[m.question])))
    if not pairs or not all(np.isfinite(a).all() and np.isfinite(b).all() for a, b, _ in pairs):
        return None
    if any(a.shape != b.shape for a, b, _ in pairs):
        return relation_of_shapes([(a, b) for a, b, _ in pairs])
    entries = sum(b.size for _, b, _ in pairs)
    for name, holds in TESTS.items():
        # One number is what is right times something, whatever it is.
        if entries >= 3 and all(holds(a, b, inputs) for a, b, inputs in pairs):
            return name
    return None


def relation_of_shapes(pairs: Sequence[tuple[NDArray, NDArray]]) -> str | None:
    """Return how numbers are related that have another shape than the right ones."""
    if all(a.ndim == 2 and fits(a.T, b) for a, b in pairs):
        return "transposed"
    if all(a.size == b.size and fits(a.squeeze(), b.squeeze()) for a, b in pairs):
        return "dimension-left"
    if all(a.size == 0 < b.size for a, b in pairs):
        return "no-entries"
    if all(a.size == b.size > 1 and fits(a.ravel(), b.ravel()) for a, b in pairs):
        return "right-numbers-in-another-shape"
    if any(a.size <= b.size for a, b in pairs):
        return None
    if all(is_repeated(a, b) for a, b in pairs):
        return "repeated"
    # Of one question alone they might agree by chance.
    names = ("mean-not-taken", np.mean), ("sum-not-taken", np.sum)
    return next((name for name, reduce in names if len(pairs) > 1 and is_reduced(pairs, reduce)), None)


def is_repeated(a: NDArray, b: NDArray) -> bool:
    """Whether some numbers are the right ones, broadcast to a larger shape."""
    try:
        return fits(a, np.broadcast_to(b, a.shape))
    except ValueError:
        return False


def is_reduced(pairs: Sequence[tuple[NDArray, NDArray]], reduce: Callable[..., NDArray]) -> bool:
    """Whether a reduction over everything, or over one axis, the same in all pairs, gives what is right."""
    axes = (None, *range(min(a.ndim for a, _ in pairs)))
    return any(all(fits(np.asarray(reduce(a, axis=axis)), b) for a, b in pairs) for axis in axes)


Test = Callable[[NDArray, NDArray, Mapping[str, NDArray]], bool]


def along(axis: int, one: Callable[[NDArray, NDArray], float | None]) -> Test:
    """Return the test whether a relation holds in each column (``axis`` 1) or in each row (0) by itself."""

    def holds(a: NDArray, b: NDArray, _: Mapping[str, NDArray]) -> bool:
        if b.ndim < 2 or b.size / b.shape[axis] < 2:
            return False
        return all(one(p, q) is not None for p, q in zip(np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0), strict=True))

    return holds


TESTS: dict[str, Test] = {
    "digits-lost": lambda a, b, _: np.array_equal(a, b.astype(np.float32)),
    "all-zero": lambda a, b, _: not a.any() and bool(b.any()),
    "all-alike": lambda a, b, _: a.size > 1 and np.ptp(a) == 0 and np.ptp(b) > 0,
    "same-as-an-input": lambda a, b, inputs: any(fits(a, x.astype(float)) for x in inputs.values() if x.size > 1),
    "sign-reversed": lambda a, b, _: fits(a, -b),
    "transposed": lambda a, b, _: b.ndim == 2 and fits(a.T, b),
    "in-another-order": lambda a, b, _: (
        b.size > 2
        and fits(np.sort(a, axis=None), np.sort(b, axis=None))
        # Numbers that are a little off in their places are no others.
        and np.abs(a.flatten() - b.flatten()).max() > 0.01 * np.abs(b).max()
    ),
    "off-by-a-factor": lambda a, b, _: b.size > 1 and factor(a, b) is not None,
    "off-by-a-constant": lambda a, b, _: b.size > 1 and shift(a, b) is not None,
    "upside-down": lambda a, b, _: bool(b.all()) and fits(a, 1 / b),
    "squared": lambda a, b, _: fits(a, b * b),
    "root-taken": lambda a, b, _: bool((b >= 0).all()) and fits(a, np.sqrt(b)),
    "off-by-a-factor-in-each-column": along(1, factor),
    "off-by-a-constant-in-each-column": along(1, shift),
    "off-by-a-factor-in-each-row": along(0, factor),
    "off-by-a-constant-in-each-row": along(0, shift),
}
