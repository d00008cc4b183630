"""Mechanical mutations of Python source: small changes of the kind that people make, one per mutant.

Each operator looks at one node of the syntax tree and gives what may stand in its place. Tools such as mutmut and
cosmic-ray mutate the files of a package and run its tests once per mutant; here thousands of snippets are mutated in
memory and put to checks that are functions, so only ``ast`` of the standard library is of use.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["OPERATORS", "Mutant", "Site", "mutants", "sites"]

Operator = Callable[[ast.AST], Iterator[ast.AST]]
OPERATORS: dict[str, tuple[type[ast.AST] | tuple[type[ast.AST], ...], Operator]] = {}


@dataclass(frozen=True)
class Mutant:
    """A solution with one change.

    Attributes:
        operator: which operator made it.
        line: where, in the original source.
        source: the whole changed source.
    """

    operator: str
    line: int
    source: str


def operator(*kinds: type[ast.AST]) -> Callable[[Operator], Operator]:
    """Register an operator for nodes of some kinds, under the name of its function."""

    def register(function: Operator) -> Operator:
        OPERATORS[function.__name__.replace("_", "-")] = kinds, function
        return function

    return register


@dataclass(frozen=True)
class Site:
    """Where something may be changed, and into what; its source is written out when it is asked for."""

    operator: str
    line: int
    tree: ast.AST
    path: Path
    replacement: ast.AST

    def mutant(self) -> Mutant:
        """The mutant that this change makes."""
        return Mutant(self.operator, self.line, unparsed_with(self.tree, self.path, self.replacement))


def sites(source: str) -> list[Site]:
    """Everything that an operator may change in ``source``, in its order; two changes may make the same mutant."""
    tree = ast.parse(source)
    return [
        Site(name, getattr(node, "lineno", 0), tree, path, replacement)
        for path, node in walk(tree, ())
        for name, (kinds, change) in OPERATORS.items()
        if isinstance(node, kinds)
        for replacement in change(copy.deepcopy(node))
    ]


def mutants(source: str) -> list[Mutant]:
    """Every mutant of ``source`` by every operator, in the order of the source, without repetitions."""
    seen, made = {ast.unparse(ast.parse(source))}, []
    for mutant in (site.mutant() for site in sites(source)):
        if mutant.source not in seen:
            seen.add(mutant.source)
            made.append(mutant)
    return made


Path = tuple[tuple[str, int | None], ...]


def walk(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.AST]]:
    """Every node below ``node`` that may be changed, with the way to it; imports and texts are left alone."""
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.Import | ast.ImportFrom) or not isinstance(child, ast.AST):
                continue
            here = (*path, (field, index))
            yield here, child
            yield from walk(child, here)


def unparsed_with(tree: ast.AST, path: Path, replacement: ast.AST) -> str:
    """The source of the tree with another node at ``path``; the tree itself stays as it is."""
    parent = tree
    for field, index in path[:-1]:
        value = getattr(parent, field)
        parent = value if index is None else value[index]
    field, index = path[-1]
    holder = vars(parent) if index is None else getattr(parent, field)
    key = field if index is None else index
    original, holder[key] = holder[key], ast.fix_missing_locations(replacement)
    try:
        return ast.unparse(tree)
    finally:
        holder[key] = original


def exchange(table: dict[str, tuple[str, ...]]) -> Operator:
    """An operator that exchanges names of attributes, such as ``mean`` for ``sum``."""

    def change(node: ast.AST) -> Iterator[ast.AST]:
        for other in table.get(node.attr, ()):
            yield ast.Attribute(node.value, other, node.ctx)

    return change


def of_call(node: ast.Call) -> str | None:
    """The last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)


def operand(node: ast.Call) -> ast.expr | None:
    """What a call such as ``x.sqrt()`` or ``torch.sqrt(x)`` is applied to."""
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", None) not in ("torch", "np", "math"):
        return node.func.value
    return node.args[0] if node.args and isinstance(node.args[0], ast.expr) else None


def drop_call(*names: str) -> Operator:
    """An operator that leaves out a call and keeps what it is applied to."""

    def change(node: ast.AST) -> Iterator[ast.AST]:
        kept = operand(node)
        if of_call(node) in names and kept is not None:
            yield kept

    return change


def register(name: str, kind: type[ast.AST], change: Operator) -> None:
    """Register an operator that is made by a function."""
    OPERATORS[name] = kind, change


# Arithmetic

SWAPS = {
    ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,), ast.FloorDiv: (ast.Div,), ast.Mod: (ast.FloorDiv,), ast.MatMult: (ast.Mult,),
}  # fmt: skip


@operator(ast.BinOp, ast.AugAssign)
def other_arithmetic(node):
    for other in SWAPS.get(type(node.op), ()):
        new = copy.copy(node)
        new.op = other()
        yield new


@operator(ast.BinOp)
def left_operand_only(node):
    yield node.left


@operator(ast.BinOp)
def right_operand_only(node):
    yield node.right


@operator(ast.BinOp)
def operands_swapped(node):
    if isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)


@operator(ast.UnaryOp)
def sign_dropped(node):
    if isinstance(node.op, ast.USub):
        yield node.operand


@operator(ast.UnaryOp)
def not_dropped(node):
    if isinstance(node.op, ast.Not | ast.Invert):
        yield node.operand


@operator(ast.BinOp)
def divisor_less_one(node):
    if isinstance(node.op, ast.Div):
        yield ast.BinOp(node.left, node.op, ast.BinOp(node.right, ast.Sub(), ast.Constant(1)))


# Constants


@operator(ast.Constant)
def whole_number_off_by_one(node):
    if type(node.value) is int:
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


@operator(ast.Constant)
def number_negated(node):
    if type(node.value) in (int, float) and node.value:
        yield ast.Constant(-node.value)


@operator(ast.Constant)
def number_times_ten(node):
    if type(node.value) is float:
        yield ast.Constant(node.value * 10)


@operator(ast.Constant)
def number_by_ten(node):
    if type(node.value) is float:
        yield ast.Constant(node.value / 10)


@operator(ast.Constant)
def number_zeroed(node):
    if type(node.value) is float and node.value:
        yield ast.Constant(0.0)


@operator(ast.Constant)
def one_minus_the_number(node):
    if type(node.value) is float and 0 < node.value < 1:
        yield ast.Constant(1 - node.value)


@operator(ast.Constant)
def truth_flipped(node):
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)


# Comparisons and conditions

COMPARISONS = {
    ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE), ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip


@operator(ast.Compare)
def other_comparison(node):
    for other in COMPARISONS.get(type(node.ops[0]), ()):
        yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


@operator(ast.BoolOp)
def and_or_exchanged(node):
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


@operator(ast.BoolOp)
def part_of_condition_dropped(node):
    for index in range(len(node.values)):
        rest = node.values[:index] + node.values[index + 1 :]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


@operator(ast.If, ast.IfExp, ast.While)
def condition_always_true(node):
    if not isinstance(node, ast.While):
        node.test = ast.Constant(True)
        yield node


@operator(ast.If, ast.IfExp)
def condition_always_false(node):
    node.test = ast.Constant(False)
    yield node


@operator(ast.If, ast.IfExp)
def condition_negated(node):
    node.test = ast.UnaryOp(ast.Not(), node.test)
    yield node


# What is called

register("other-reduction", ast.Attribute, exchange({
    "mean": ("sum",), "sum": ("mean",), "var": ("std",), "std": ("var",), "max": ("min",), "min": ("max",),
    "amax": ("amin",), "any": ("all",), "all": ("any",), "prod": ("sum",), "median": ("mean",),
}))  # fmt: skip
register("other-function", ast.Attribute, exchange({
    "sqrt": ("square",), "rsqrt": ("sqrt", "reciprocal"), "reciprocal": ("rsqrt",), "square": ("abs",),
    "log": ("log2", "log10"), "log10": ("log", "log2"), "log2": ("log",), "exp": ("exp2",), "tanh": ("sigmoid",),
    "logsumexp": ("sum",), "log_softmax": ("softmax",), "abs": ("neg",), "norm": ("sum",),
}))  # fmt: skip
register("other-filling", ast.Attribute, exchange({
    "zeros": ("ones", "empty_like"), "ones": ("zeros",), "zeros_like": ("ones_like",), "ones_like": ("zeros_like",),
    "zeros_": ("ones_",), "ones_": ("zeros_",),
}))  # fmt: skip
register("other-draws", ast.Attribute, exchange({
    "randn": ("rand",), "rand": ("randn",), "normal_": ("uniform_",), "uniform_": ("normal_",),
}))  # fmt: skip
register("in-place-to-copy", ast.Attribute, exchange({
    name + "_": (name,) for name in ("add", "sub", "mul", "div", "lerp", "copy", "zero", "fill", "clamp", "addcmul")
}))  # fmt: skip
register("copy-to-in-place", ast.Attribute, exchange({
    name: (name + "_",) for name in ("add", "sub", "mul", "div", "clamp", "sqrt", "rsqrt", "square", "pow", "exp")
}))  # fmt: skip
register("gamma-beta-exchanged", ast.Attribute, exchange({
    "gamma": ("beta",), "beta": ("gamma",), "weight": ("bias",), "bias": ("weight",),
}))  # fmt: skip
register("buffers-exchanged", ast.Attribute, exchange({
    "running_mean": ("running_var",), "running_var": ("running_mean",),
}))  # fmt: skip
register("other-precision", ast.Attribute, exchange({
    "float64": ("float32",), "float32": ("float16",), "double": ("float",), "float": ("half",),
}))  # fmt: skip
register("other-memory", ast.Attribute, exchange({"reshape": ("view",), "clone": ("contiguous",), "copy": ("view",)}))
register("eps-momentum-exchanged", ast.Attribute, exchange({"eps": ("momentum",), "momentum": ("eps",)}))
register("train-eval-exchanged", ast.Attribute, exchange({"train": ("eval",), "eval": ("train",)}))
register("root-dropped", ast.Call, drop_call("sqrt"))
register("square-dropped", ast.Call, drop_call("square", "pow"))
register("absolute-value-dropped", ast.Call, drop_call("abs", "absolute", "fabs"))
register("logarithm-dropped", ast.Call, drop_call("log", "log10", "log2"))
register("exponential-dropped", ast.Call, drop_call("exp"))
register("detach-dropped", ast.Call, drop_call("detach"))
register("copy-dropped", ast.Call, drop_call("clone", "copy", "deepcopy"))
register("conversion-dropped", ast.Call, drop_call("double", "float", "to", "type", "astype", "float64", "type_as"))
register("reshape-dropped", ast.Call, drop_call("reshape", "view", "flatten", "ravel", "unsqueeze", "squeeze"))
register("transpose-dropped", ast.Call, drop_call("permute", "transpose", "movedim", "swapaxes", "moveaxis"))
register("clamp-dropped", ast.Call, drop_call("clamp", "maximum", "clip", "clamp_min"))
register("list-dropped", ast.Call, drop_call("list", "tuple", "sorted"))
register("parameter-dropped", ast.Call, drop_call("Parameter", "requires_grad_"))
register("reduction-dropped", ast.Call, drop_call("mean", "sum", "max"))


@operator(ast.Attribute)
def transpose_attribute_dropped(node):
    if node.attr in ("T", "mT"):
        yield node.value


@operator(ast.Attribute)
def data_instead_of_the_tensor(node):
    if node.attr in ("gamma", "beta", "weight", "bias") and isinstance(node.ctx, ast.Load):
        yield ast.Attribute(node, "data", ast.Load())


@operator(ast.Call)
def keyword_dropped(node):
    for index in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:index] + node.keywords[index + 1 :])


@operator(ast.Call)
def last_argument_dropped(node):
    if len(node.args) > 1 or (node.args and isinstance(node.func, ast.Attribute)):
        yield ast.Call(node.func, node.args[:-1], node.keywords)


@operator(ast.Call)
def arguments_swapped(node):
    if len(node.args) >= 2:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)


@operator(ast.Call)
def result_kept_or_reduced_dimension(node):
    if of_call(node) in ("mean", "sum", "var", "std") and not any(
        k.arg in ("keepdim", "keepdims") for k in node.keywords
    ):
        yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("keepdim", ast.Constant(True))])


@operator(ast.Call)
def unbiased_by_default(node):
    if of_call(node) == "var" and not any(k.arg in ("unbiased", "correction", "ddof") for k in node.keywords):
        yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("unbiased", ast.Constant(False))])


@operator(ast.Call)
def detached(node):
    if of_call(node) in ("mean", "var", "std", "sum", "var_mean", "square"):
        yield ast.Call(ast.Attribute(node, "detach", ast.Load()), [], [])


@operator(ast.Expr)
def buffer_as_attribute(node):
    call = node.value
    if isinstance(call, ast.Call) and of_call(call) == "register_buffer" and len(call.args) >= 2:
        name = call.args[0]
        if isinstance(name, ast.Constant):
            target = ast.Attribute(ast.Name("self", ast.Load()), name.value, ast.Store())
            yield ast.Assign([target], call.args[1], lineno=node.lineno)


@operator(ast.Subscript)
def index_dropped(node):
    if isinstance(node.ctx, ast.Load):
        yield node.value


# Statements


@operator(ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Delete)
def statement_dropped(node):
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        yield ast.Pass()


@operator(ast.AugAssign)
def update_becomes_assignment(node):
    yield ast.Assign([node.target], node.value, lineno=node.lineno)


@operator(ast.AugAssign)
def update_becomes_a_new_object(node):
    read = copy.deepcopy(node.target)
    read.ctx = ast.Load()
    yield ast.Assign([node.target], ast.BinOp(read, node.op, node.value), lineno=node.lineno)


@operator(ast.Assign)
def new_object_becomes_update(node):
    value = node.value
    if isinstance(value, ast.BinOp) and len(node.targets) == 1:
        target = copy.deepcopy(node.targets[0])
        if not isinstance(target, ast.Tuple | ast.List) and ast.unparse(target) == ast.unparse(value.left):
            yield ast.AugAssign(target, value.op, value.right)


@operator(ast.With)
def block_without_its_context(node):
    yield ast.If(ast.Constant(True), node.body, [])


@operator(ast.Return)
def returned_in_another_order(node):
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        first, second, *rest = node.value.elts
        yield ast.Return(ast.Tuple([second, first, *rest], ast.Load()))
        if rest:
            yield ast.Return(ast.Tuple([first, *rest, second], ast.Load()))


@operator(ast.Return)
def returned_one_less(node):
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        yield ast.Return(ast.Tuple(node.value.elts[:-1], ast.Load()))


@operator(ast.Return)
def returned_nothing(node):
    if node.value is not None:
        yield ast.Return(None)


@operator(ast.Return)
def returned_detached(node):
    if isinstance(node.value, ast.BinOp | ast.Name | ast.Call | ast.Attribute):
        yield ast.Return(ast.Call(ast.Attribute(node.value, "detach", ast.Load()), [], []))


@operator(ast.For)
def loop_ends_after_the_first(node):
    node.body = [*node.body, ast.Break()]
    yield node


@operator(ast.For)
def loop_never_entered(node):
    node.iter = ast.Tuple([], ast.Load())
    yield node


@operator(ast.Raise)
def other_error(node):
    call = node.exc
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
        call.func.id = "TypeError" if call.func.id == "ValueError" else "ValueError"
        yield node


@operator(ast.List, ast.Tuple)
def element_dropped(node):
    if isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield type(node)(node.elts[:-1], node.ctx)
        yield type(node)(node.elts[1:], node.ctx)


@operator(ast.Dict)
def values_swapped(node):
    if len(node.values) >= 2:
        yield ast.Dict(node.keys, [node.values[1], node.values[0], *node.values[2:]])


# Signatures


@operator(ast.arguments)
def default_dropped(node):
    if node.defaults:
        node.defaults = node.defaults[1:]
        yield node


@operator(ast.arguments)
def parameters_swapped(node):
    if len(node.args) >= 2:
        node.args[-1], node.args[-2] = node.args[-2], node.args[-1]
        yield node


@operator(ast.arguments)
def keyword_only(node):
    if node.defaults and not node.kwonlyargs and not node.vararg:
        count = len(node.defaults)
        node.kwonlyargs, node.kw_defaults = node.args[-count:], node.defaults
        node.args, node.defaults = node.args[:-count], []
        yield node


@operator(ast.Attribute)
def shape_of_another_axis(node):
    if node.attr == "shape" and isinstance(node.ctx, ast.Load):
        reverse = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
        yield ast.Subscript(node, reverse, ast.Load())


@operator(ast.Call)
def length_counts_all(node):
    if of_call(node) == "len" and node.args:
        yield ast.Call(ast.Attribute(node.args[0], "numel", ast.Load()), [], [])


@operator(ast.Call)
def number_of_values_as_length(node):
    if of_call(node) in ("numel",) and operand(node) is not None:
        yield ast.Call(ast.Name("len", ast.Load()), [operand(node)], [])
