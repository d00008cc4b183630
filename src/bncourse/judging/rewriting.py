"""Mistakes that stand in no list: the right implementation with one step written differently.

No list of mistakes is complete, but most mistakes are one step of the formula gone wrong: a mean over another axis, a
divisor that is one too small, a term with the wrong sign. Each *rewrite* changes one node in the source of one function
that takes part in the right answer. A learner's object that answers every question as the rewritten implementation
does is named after the rewrite, however its own code is written.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import inspect
import itertools
import sys
import textwrap
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any

__all__ = ["REWRITES", "Rewrite", "functions_in", "rewrites"]

REWRITES = {
    "other-divisor-of-the-variance": "The variance is divided by another number: n, or n − 1? torch and NumPy have "
    "different defaults.",
    "axis-missing": "The reduction runs over all values: over which axis is it to run?",
    "other-axis": "The reduction runs over another axis: write the shape before and after it beside the line.",
    "sum-where-a-mean-belongs": "A sum stands where the formula has a mean: by how many is it to be divided?",
    "mean-where-a-sum-belongs": "A mean stands where the formula has a sum: try it with twice as many examples.",
    "std-where-a-variance-belongs": "A standard deviation stands where the formula has a variance.",
    "variance-where-a-std-belongs": "A variance stands where the formula has a standard deviation: take its root.",
    "root-missing": "A root is missing.",
    "square-missing": "A square is missing.",
    "power-missing": "An exponent is missing.",
    "logarithm-left-out": "A logarithm is missing.",
    "exponential-missing": "An exponential is missing.",
    "absolute-value-missing": "The sign is kept where the absolute value is meant.",
    "reduction-missing": "Single values stand where their mean or their sum is meant.",
    "gradient-stopped": "The values are right, and one step is cut off from the graph: which statistic is treated as a "
    "constant in the backward pass?",
    "graph-kept": "A step is part of the graph that must not be: where does the assignment say that no gradient flows?",
    "other-sign": "One term has the wrong sign: put in numbers for which you know the result.",
    "matrices-in-the-other-order": "Two matrices are multiplied in the other order: write the shape of each beside it.",
    "difference-taken-backwards": "A difference is taken in the other order.",
    "term-missing": "One term of a sum or a difference is missing.",
    "factor-missing": "One factor is missing.",
    "divisor-missing": "A division is missing.",
    "numerator-missing": "One divides into 1, or the numerator is lost: write the fraction again.",
    "fraction-upside-down": "A fraction is upside down.",
    "multiplied-for-divided": "One multiplies where the formula divides.",
    "divided-for-multiplied": "One divides where the formula multiplies.",
    "added-for-multiplied": "One adds where the formula multiplies.",
    "multiplied-for-added": "One multiplies where the formula adds.",
    "divided-twice": "A mean is divided by the number of examples a second time.",
    "off-by-one": "A count or a number is one too large or too small.",
    "other-number": "A number in the code is not that of the assignment's text: compare each constant.",
    "other-count": "Something else is counted: does `len` count what you mean, or `numel()`?",
    "other-function": "A related function is used in place of the right one, as one root for another, or a logarithm "
    "to another base.",
    "zeros-and-ones-exchanged": "Something begins with 0 that is to begin with 1, or the other way round.",
    "other-distribution": "The numbers are drawn from another distribution.",
    "any-and-all-exchanged": "Is it to hold for every one, or for at least one?",
    "largest-and-smallest-exchanged": "The largest stands where the smallest is meant, or the other way round.",
    "gamma-and-beta-exchanged": "One of gamma and beta scales and the other shifts: which is which?",
    "weight-and-bias-exchanged": "The weight stands where the bias belongs, or the other way round.",
    "running-statistics-exchanged": "The running mean stands where the running variance belongs, or the other way "
    "round.",
    "eps-and-momentum-exchanged": "eps stands where momentum belongs, or the other way round.",
    "arguments-exchanged": "A function is given its arguments in another order.",
    "option-missing": "A function is called without an argument that matters here: look at its defaults.",
    "option-reversed": "True stands where False is meant, or the other way round.",
    "condition-reversed": "A condition decides the other way round.",
    "condition-changed": "A comparison or a part of a condition decides differently: what happens at the border?",
    "one-case-only": "Two cases are to be treated differently, and are treated alike.",
    "error-not-raised": "An input that cannot be answered is answered: where is it to be refused?",
    "step-missing": "One step is missing: go through the formula, or the text of the assignment, line by line.",
    "replaced-for-added": "A value is replaced that is to be added to.",
    "only-the-first": "Only the first of several is treated.",
    "none-treated": "A loop over several does nothing.",
    "first-left-out": "The first of several is left out.",
    "last-left-out": "The last of several is left out.",
    "results-in-another-order": "The results come back in another order.",
    "index-missing": "Everything is used where a part of it is meant.",
    "shape-not-changed": "An array is used in the shape that it came in: which shape does the next step need?",
    "dimension-kept-or-lost": "A reduction keeps a dimension that is to go, or loses one that is to stay: `keepdim`.",
    "values-exchanged": "Two entries have each other's value.",
    "conversion-missing": "A conversion of the dtype is missing.",
    "another-variable": "A variable stands where a different one is meant: read each line with the formula beside it.",
}
"""The names of what can go wrong at one step, with what helps; the first that answers as the learner's object wins."""

RANKS = {name: rank for rank, name in enumerate(REWRITES)}

REDUCTIONS = ("mean", "sum", "var", "std", "all", "any", "amax", "amin", "max", "min", "logsumexp", "softmax",
              "log_softmax", "median", "norm", "prod", "cat", "stack", "argmax", "var_mean")  # fmt: skip
SIMPLE = ("mean", "sum", "var", "std", "square", "var_mean", "sqrt", "rsqrt")
EXCHANGED = [
    ("sum-where-a-mean-belongs", {"mean": "sum"}),
    ("mean-where-a-sum-belongs", {"sum": "mean"}),
    ("std-where-a-variance-belongs", {"var": "std"}),
    ("variance-where-a-std-belongs", {"std": "var"}),
    ("any-and-all-exchanged", {"any": "all", "all": "any"}),
    ("largest-and-smallest-exchanged", {"max": "min", "min": "max", "amax": "amin", "amin": "amax"}),
    ("gamma-and-beta-exchanged", {"gamma": "beta", "beta": "gamma"}),
    ("weight-and-bias-exchanged", {"weight": "bias", "bias": "weight"}),
    ("running-statistics-exchanged", {"running_mean": "running_var", "running_var": "running_mean"}),
    ("eps-and-momentum-exchanged", {"eps": "momentum", "momentum": "eps"}),
    ("zeros-and-ones-exchanged", {"zeros": "ones", "ones": "zeros", "zeros_like": "ones_like",
                                  "ones_like": "zeros_like", "zeros_": "ones_", "ones_": "zeros_"}),
    ("other-distribution", {"randn": "rand", "rand": "randn", "normal_": "uniform_", "uniform_": "normal_"}),
    ("other-function", {"sqrt": "square", "rsqrt": "sqrt", "square": "abs", "log": "log10", "log10": "log",
                        "exp": "exp2", "tanh": "sigmoid", "logsumexp": "sum", "relu": "sigmoid"}),
    ("other-function", {"log": "log2", "rsqrt": "reciprocal", "sqrt": "abs"}),
]  # fmt: skip
LEFT_OUT = {
    "root-missing": ("sqrt",),
    "square-missing": ("square", "pow"),
    "absolute-value-missing": ("abs", "fabs"),
    "logarithm-left-out": ("log", "log10", "log2"),
    "exponential-missing": ("exp",),
    "reduction-missing": ("mean", "sum", "max", "norm"),
    "graph-kept": ("detach",),
    "shape-not-changed": ("reshape", "view", "flatten", "squeeze", "unsqueeze"),
    "conversion-missing": ("astype", "to", "double", "float", "type_as"),
}
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
REVERSED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE}
MOST_VARIABLES = 4
"""Variables of a function that are taken for each other."""

AXES: tuple[Any, ...] = (0, 1, -1, -2, (0, 1), (0, 2))

Changes = Iterator[tuple[str, ast.AST]]


def changes(node: ast.AST) -> Changes:
    """Return what may stand in the place of a node, each with the name of the mistake."""
    match node:
        case ast.BinOp():
            yield from of_arithmetic(node.left, node.op, node.right)
        case ast.UnaryOp(ast.USub(), value):
            yield "other-sign", value
        case ast.UnaryOp(ast.Not() | ast.Invert(), value):
            yield "condition-reversed", value
        case ast.Constant(bool(value)):
            yield "option-reversed", ast.Constant(not value)
        case ast.Constant(int(value)):
            yield from (("off-by-one", ast.Constant(other)) for other in (value + 1, value - 1))
            yield "other-number", ast.Constant(-value)
        case ast.Constant(float(value)):
            others = (10 * value, value / 10, 0.0, -value, 1 - value)
            yield from (("other-number", ast.Constant(other)) for other in others if other != value)
        case ast.Compare(left, [operator], right):
            if type(operator) in COMPARED:
                yield "condition-changed", ast.Compare(left, [COMPARED[type(operator)]()], right)
            if type(operator) in REVERSED:
                yield "condition-reversed", ast.Compare(left, [REVERSED[type(operator)]()], right)
        case ast.BoolOp(operator, [first, second]):
            yield "condition-changed", ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), node.values)
            yield from (("condition-changed", part) for part in (first, second))
        case ast.Attribute(value, name, ast.Load() as context):
            for mistake, table in EXCHANGED:
                if name in table:
                    yield mistake, ast.Attribute(value, table[name], context)
        case ast.Call():
            yield from of_call(node)
        case ast.Subscript(value, _, ast.Load()):
            yield "index-missing", value
        case ast.Tuple(elements, ast.Load()) | ast.List(elements, ast.Load()) if len(elements) > 1:
            yield "last-left-out", type(node)(elements[:-1], ast.Load())
            yield "first-left-out", type(node)(elements[1:], ast.Load())
        case ast.Dict(keys, [first, second, *rest]):
            yield "values-exchanged", ast.Dict(keys, [second, first, *rest])
        case ast.If() | ast.IfExp():
            for mistake, test in (
                ("condition-reversed", ast.UnaryOp(ast.Not(), node.test)),
                ("one-case-only", ast.Constant(True)),
                ("one-case-only", ast.Constant(False)),
            ):
                other = copy.copy(node)
                other.test = test
                yield mistake, other
        case ast.stmt():
            yield from of_statement(node)


def of_arithmetic(left: ast.expr, operator: ast.operator, right: ast.expr) -> Changes:
    """Return what may stand in the place of a sum, a difference, a product, a fraction or a power."""
    match operator:
        case ast.Add():
            yield "other-sign", ast.BinOp(left, ast.Sub(), right)
            yield from (("term-missing", part) for part in (left, right))
            yield "multiplied-for-added", ast.BinOp(left, ast.Mult(), right)
        case ast.Sub():
            yield "other-sign", ast.BinOp(left, ast.Add(), right)
            yield "difference-taken-backwards", ast.BinOp(right, ast.Sub(), left)
            yield from (("term-missing", part) for part in (left, right, ast.UnaryOp(ast.USub(), right)))
        case ast.Mult():
            yield from (("factor-missing", part) for part in (left, right))
            yield "divided-for-multiplied", ast.BinOp(left, ast.Div(), right)
            yield "divided-for-multiplied", ast.BinOp(right, ast.Div(), left)
            yield "added-for-multiplied", ast.BinOp(left, ast.Add(), right)
        case ast.Div():
            yield "divisor-missing", left
            yield "multiplied-for-divided", ast.BinOp(left, ast.Mult(), right)
            yield "fraction-upside-down", ast.BinOp(right, ast.Div(), left)
            yield "off-by-one", ast.BinOp(left, ast.Div(), ast.BinOp(right, ast.Sub(), ast.Constant(1)))
            yield "off-by-one", ast.BinOp(left, ast.Div(), ast.BinOp(right, ast.Add(), ast.Constant(1)))
            yield "numerator-missing", ast.BinOp(ast.Constant(1), ast.Div(), right)
            yield "numerator-missing", right
        case ast.Pow():
            yield "power-missing", left
            yield "other-number", ast.BinOp(left, ast.Mult(), right)
            yield "other-number", ast.BinOp(right, ast.Pow(), left)
            yield "other-sign", ast.BinOp(left, ast.Pow(), ast.UnaryOp(ast.USub(), right))
        case ast.MatMult():
            yield "matrices-in-the-other-order", ast.BinOp(right, ast.MatMult(), left)
            yield from (("factor-missing", part) for part in (left, right))


def name_of(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_method(call: ast.Call) -> bool:
    """Whether it is called on a value, and not a function of a module."""
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") not in ("torch", "np", "math")


def of_call(call: ast.Call) -> Changes:
    """Return what may stand in the place of a call."""
    name, func, args, named = name_of(call), call.func, call.args, call.keywords
    applied_to = func.value if isinstance(func, ast.Attribute) and is_method(call) else args[0] if args else None
    for mistake, names in LEFT_OUT.items():
        if name in names and applied_to is not None:
            yield mistake, applied_to
    if name in SIMPLE:
        yield "gradient-stopped", ast.Call(ast.Attribute(call, "detach", ast.Load()), [], [])
    if name in ("var", "std"):
        others = [option for option in named if option.arg not in ("correction", "ddof", "unbiased")]
        for value, word in itertools.product((0, 1, 2, -1), ("correction", "ddof")):
            option = ast.keyword(word, ast.Constant(value))
            yield "other-divisor-of-the-variance", ast.Call(func, args, [*others, option])
    if name in ("mean", "var") and applied_to is not None:
        count = ast.Call(ast.Name("len", ast.Load()), [applied_to], [])
        yield "divided-twice", ast.BinOp(call, ast.Div(), count)
        if name == "var":
            yield "sum-where-a-mean-belongs", ast.BinOp(call, ast.Mult(), count)
    if name in REDUCTIONS:
        before, axis = (args[:0], args[:1]) if is_method(call) else (args[:1], args[1:2])
        if axis:
            yield "axis-missing", ast.Call(func, before, [])
            rest = args[len(before) + 1 :]
            for other in AXES:
                literal = ast.parse(repr(other), mode="eval").body
                yield "other-axis", ast.Call(func, [*before, literal, *rest], named)
        for i, option in enumerate(named):
            if option.arg in ("dim", "axis"):
                yield "axis-missing", ast.Call(func, args, named[:i])
                for other in AXES:
                    changed = ast.keyword(option.arg, ast.parse(repr(other), mode="eval").body)
                    yield "other-axis", ast.Call(func, args, [*named[:i], changed, *named[i + 1 :]])
    for i, option in enumerate(named):
        mistake = "dimension-kept-or-lost" if option.arg in ("keepdim", "keepdims") else "option-missing"
        yield mistake, ast.Call(func, args, named[:i] + named[i + 1 :])
    if name in ("mean", "sum", "var", "std") and not any(option.arg in ("keepdim", "keepdims") for option in named):
        for word in ("keepdim", "keepdims"):
            yield "dimension-kept-or-lost", ast.Call(func, args, [*named, ast.keyword(word, ast.Constant(True))])
    if len(args) > 1:
        yield "option-missing", ast.Call(func, args[:-1], named)
        yield "arguments-exchanged", ast.Call(func, [args[1], args[0], *args[2:]], named)
    if name == "len" and args:
        yield "other-count", ast.Call(ast.Attribute(args[0], "numel", ast.Load()), [], [])
    if name == "numel" and applied_to is not None:
        yield "other-count", ast.Call(ast.Name("len", ast.Load()), [applied_to], [])


def of_statement(node: ast.stmt) -> Changes:
    """Return what may stand in the place of a statement."""
    match node:
        case ast.Expr(ast.Constant()):
            return  # a docstring
        case ast.Raise():
            yield "error-not-raised", ast.Pass()
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Delete():
            yield "step-missing", ast.Pass()
            if isinstance(node, ast.AugAssign):
                yield "replaced-for-added", ast.Assign([node.target], node.value)
                if isinstance(node.op, ast.Add | ast.Sub):
                    opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
                    yield "other-sign", ast.AugAssign(node.target, opposite, node.value)
        case ast.With():
            yield "graph-kept", ast.If(ast.Constant(True), node.body, [])
        case ast.For(target, over, body):
            yield "only-the-first", ast.For(target, over, [*body, ast.Break()], [])
            yield "none-treated", ast.For(target, ast.Tuple([], ast.Load()), body, [])
            for mistake, lower, upper in (("first-left-out", 1, None), ("last-left-out", None, -1)):
                part = ast.Slice(*(None if at is None else ast.Constant(at) for at in (lower, upper)))
                several = ast.Call(ast.Name("list", ast.Load()), [over], [])
                yield mistake, ast.For(target, ast.Subscript(several, part, ast.Load()), body, [])
        case ast.Return(ast.Tuple([first, second, *rest])):
            yield "results-in-another-order", ast.Return(ast.Tuple([second, first, *rest], ast.Load()))
            if rest:
                yield "results-in-another-order", ast.Return(ast.Tuple([first, *rest, second], ast.Load()))
                yield "results-in-another-order", ast.Return(ast.Tuple([*rest, first, second], ast.Load()))
        case ast.Return(ast.expr() as value):
            yield "gradient-stopped", ast.Return(ast.Call(ast.Attribute(value, "detach", ast.Load()), [], []))


def other_variables(node: ast.AST, variables: Iterable[str]) -> Changes:
    """Return every other variable of a function in the place of one."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in variables:
        yield from (("another-variable", ast.Name(other, ast.Load())) for other in variables if other != node.id)


# From the source of a function to its code, with one node changed


@dataclass(frozen=True, eq=False)
class Rewrite:
    """A function of the right implementation with one node of its source changed.

    Attributes:
        name: a key of :data:`REWRITES`.
        about: the names that stand in what was changed.
        whole: the right implementation.
        function: the function of it that is changed.
        tree: its source.
        holder, key: where in the tree the node is: the list or the attributes that hold it.
        replacement: what stands there instead.
    """

    name: str
    about: frozenset[str]
    whole: Callable
    function: FunctionType
    tree: ast.Module
    holder: Any
    key: Any
    replacement: ast.AST

    @property
    def rank(self) -> int:
        """Its place in the order in which rewrites are tried."""
        return RANKS[self.name]

    def hint(self, arguments: Sequence[str]) -> str:
        """Return what helps: what went wrong, and where, if what was changed has one or two of these arguments."""
        named = [f"`{name}`" for name in arguments if name in self.about]
        hint = REWRITES[self.name]
        return (
            f"{hint} Look at the step in which {' and '.join(named)} {'is' if len(named) == 1 else 'are'} used."
            if 0 < len(named) < 3
            else hint
        )

    @functools.cached_property
    def code(self) -> CodeType | None:
        """The changed function; ``None`` where the change makes no function."""
        original = self.holder[self.key]
        self.holder[self.key] = ast.fix_missing_locations(ast.copy_location(self.replacement, original))
        try:
            return code_of(self.tree, self.function)
        except (SyntaxError, ValueError):
            return None
        finally:
            self.holder[self.key] = original

    @functools.cached_property
    def effect(self) -> Hashable:
        """What tells it from others: two rewrites that were compiled to the same code are one."""
        code = self.code
        return self.whole, self.function, code and (code.co_code, repr(code.co_consts), code.co_names)

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the right implementation be written so for a while."""
        original = self.function.__code__
        self.function.__code__ = self.code or original
        try:
            yield
        finally:
            self.function.__code__ = original


def source_of(function: FunctionType) -> ast.Module | None:
    """Return the source of a function or method, inside a function that has the variables around it; or ``None``."""
    try:
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, SyntaxError):
        return None
    if not isinstance(definition, ast.FunctionDef):
        return None
    definition.decorator_list = []
    tree = ast.parse(f"def around({', '.join(function.__code__.co_freevars)}): pass")
    tree.body[0].body = [definition]  # type: ignore[attr-defined]
    return tree


def code_of(tree: ast.Module, function: FunctionType) -> CodeType:
    """Compile what :func:`source_of` returned, to be put in the place of the function's code.

    Raises:
        ValueError: it cannot be put there, because it uses other variables of the function around it.
    """
    code = compile(tree, f"<rewritten {function.__qualname__}>", "exec")
    for name in ("around", function.__code__.co_name):
        code = next(part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == name)
    if code.co_freevars != function.__code__.co_freevars:
        raise ValueError("other variables of the function around it")
    return code


def functions_in(run: Callable[[], object], package: str) -> dict[FunctionType, set[FunctionType]]:
    """Return the functions and methods of a package that take part in a run, each with those that it was called in."""
    called_in: dict[Place, set[Place]] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        place = place_of(frame, package)
        if event == "call" and place:
            around = called_in.setdefault(place, set())
            outer = frame.f_back
            while outer:
                if (caller := place_of(outer, package)) and caller != place:
                    around.add(caller)
                outer = outer.f_back

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    functions = {place: resolved(*place) for place in called_in}
    return {
        functions[place]: {functions[outer] for outer in around}
        for place, around in called_in.items()
        if isinstance(functions[place], FunctionType)
    }


Place = tuple[str, str]
"""The name of a module, and that of a function in it."""


def place_of(frame: FrameType, package: str) -> Place | None:
    """Return where the function of a frame is defined, if it is a function of the package."""
    module = frame.f_globals.get("__name__", "")
    return (module, frame.f_code.co_qualname.split(".<locals>")[0]) if module.startswith(f"{package}.") else None


def resolved(module: str, path: str) -> Any:
    """Return what stands under a name with dots in a module, without what is wrapped around it; or ``None``."""
    holder: Any = sys.modules[module]
    for name in path.split("."):
        holder = vars(holder).get(name)
        if holder is None:
            return None
    return inspect.unwrap(getattr(holder, "fget", None) or getattr(holder, "__func__", None) or holder)


@functools.cache
def rewrites(whole: Callable, function: FunctionType) -> tuple[Rewrite, ...]:
    """Return every rewrite of a function that takes part in a right implementation."""
    tree = source_of(function)
    if tree is None:
        return ()
    [definition] = tree.body[0].body  # type: ignore[attr-defined]
    nodes = list(ast.walk(definition))
    names = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    arguments = [argument.arg for argument in definition.args.args if argument.arg != "self"]
    variables = list(dict.fromkeys([*arguments, *names]))[:MOST_VARIABLES]
    found = []
    for parent in nodes:
        if isinstance(parent, ast.arguments) or (isinstance(parent, ast.Call) and name_of(parent) == "super"):
            continue
        for field, value in ast.iter_fields(parent):
            if field in ("returns", "annotation", "target", "targets"):
                continue
            holder: Any
            keys: Iterable[Any]
            holder, keys = (value, range(len(value))) if isinstance(value, list) else (vars(parent), (field,))
            for key in keys:
                node = holder[key]
                if not isinstance(node, ast.expr | ast.stmt):
                    continue
                about = frozenset(words_in(node))
                for name, other in [*changes(node), *other_variables(node, variables)]:
                    found.append(Rewrite(name, about, whole, function, tree, holder, key, other))
    return tuple(found)


def words_in(node: ast.AST) -> Iterator[str]:
    """Return the names and attributes in a piece of source."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name | ast.Attribute):
            yield part.id if isinstance(part, ast.Name) else part.attr
