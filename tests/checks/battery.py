"""For each check a battery of allowed inputs: what a solution does, as plain numbers.

A mutant counts only if it behaves differently from the solution that it was made from. The battery decides that, and it
owes nothing to the checks: its inputs are written here from the texts of the assignments, not taken from the checks'
questions. Each battery calls ``see(name, function)``, which notes the result of the function or the type of its error.
"""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from bncourse.faulty import FAULTS, Network, faulty_network
from bncourse.faulty import batch as class_batch

__all__ = ["behaviour", "differences"]

See = Callable[[str, Callable[[], Any]], Any]
BATTERIES: dict[str, Callable[..., None]] = {}
CLOSE = 1e-4
"""Results differ if an entry is off by more than this, relative to the largest entry: well above rounding."""


class About(NamedTuple):
    """A result that the text leaves open a little: it differs only if it is off by more than ``close``."""

    value: Any
    close: float


def battery(function: Callable[..., None]) -> Callable[..., None]:
    """Register the battery of the check of the same name."""
    BATTERIES[function.__name__] = function
    return function


def plain(value: Any) -> Any:
    """A result as numbers and containers that keep still."""
    if isinstance(value, About):
        return About(plain(value.value), value.close)
    if isinstance(value, torch.Tensor):
        return (value.detach().double() if value.is_floating_point() else value.detach()).clone().numpy()
    if isinstance(value, np.ndarray | np.generic):
        return np.array(value)
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    if isinstance(value, bool | int | float) or value is None or isinstance(value, str):
        return value
    return f"a {type(value).__name__}"


class DifferenceError(BaseException):
    """Ends the battery at the first result that differs."""


def behaviour(
    check: str, objects: list[Any], seed: int, until_it_differs_from: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Put the check's battery to a solution.

    Arguments:
        check: the name of the check.
        objects: what the solution defines.
        seed: that of the solution's own draws.
        until_it_differs_from: two behaviours of the original; at the first result that differs from them the battery
            ends.
    """
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - solutions may draw from it
    random.seed(seed)
    seen: dict[str, Any] = {}

    def see(name: str, function: Callable[[], Any]) -> Any:
        while name in seen:
            name += " again"
        try:
            result = function()
            seen[name] = plain(result)
        except TimeoutError:
            raise
        except Exception as error:
            seen[name] = f"raises {'ValueError' if isinstance(error, ValueError) else 'another error'}"
            result = None
        if name in expected and not same(expected[name], seen[name]):
            raise DifferenceError
        return result

    expected = steady(*until_it_differs_from) if until_it_differs_from else {}
    with contextlib.suppress(DifferenceError):
        see("whole battery", lambda: BATTERIES[check](see, *objects))
    return seen


def same(a: Any, b: Any, close: float = CLOSE) -> bool:
    """Whether two results are the same, up to rounding."""
    if isinstance(a, About) and isinstance(b, About):
        return same(a.value, b.value, a.close)
    if isinstance(a, dict) and isinstance(b, dict):
        return all(key in b and same(a[key], b[key], close) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, close) for x, y in zip(a, b, strict=True))
    if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
        return type(a) is type(b) and a == b
    if isinstance(a, dict | list) or isinstance(b, dict | list):
        return False
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a) == np.isfinite(b)).all():
        return False
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    return a.size == 0 or bool(np.abs(a - b).max() <= close * max(np.abs(a).max(), 1e-6))


def steady(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """What a solution does whatever it draws: the results that are the same with two seeds."""
    return {name: first[name] for name in first if name in second and same(first[name], second[name])}


def differences(original: list[dict[str, Any]], mutant: dict[str, Any]) -> list[str]:
    """Name what a mutant does differently; ``original`` is what its solution does with two seeds of its own draws."""
    expected = steady(*original)
    seen = [name for name in expected if name in mutant and not same(expected[name], mutant[name])]
    return seen or [name for name in expected if name not in mutant]


def numbers(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Normal draws with a mean and a spread of their own in each last column."""
    g = torch.Generator().manual_seed(1000 + seed)
    x = torch.randn(shape, generator=g, dtype=torch.float64)
    spread = 0.3 + 2 * torch.rand(shape[-1:], generator=g, dtype=torch.float64)
    return (x * spread + torch.randn(shape[-1:], generator=g, dtype=torch.float64)).to(dtype)


def as_float(value: Any) -> float:
    """A result that the text calls a float."""
    return float(value)


# Functions of numbers


@battery
def uniform_loss(see, function):
    for classes in (2, 3, 10, 27, 100, 1000):
        see(f"{classes} classes", lambda classes=classes: as_float(function(classes)))
    see("by name", lambda: as_float(function(classes=5)))


@battery
def kaiming_std(see, function):
    for fan_in, gain in ((1, 1.0), (16, 2.0), (30, 5 / 3), (100, 0.5), (7, 1)):
        see(f"{fan_in}, {gain}", lambda f=fan_in, g=gain: as_float(function(f, g)))
    see("by name", lambda: as_float(function(gain=3.0, fan_in=20)))


@battery
def cross_entropy(see, function):
    for name, scale, dtype in (
        ("plain", 1.0, torch.float32),
        ("in float64", 1.0, torch.float64),
        ("large", 1e4, torch.float64),
        ("large in float32", 1e4, torch.float32),
        ("confident", 50.0, torch.float32),
    ):
        for n, classes in ((5, 7), (1, 3), (4, 2), (6, 6)):
            logits = (scale * numbers(n, classes)).to(dtype).requires_grad_()
            targets = torch.arange(n) * 5 % classes
            before = logits.detach().clone(), targets.clone()
            loss = see(f"{name} {n} {classes}", lambda x=logits, t=targets: function(x, t))
            if isinstance(loss, torch.Tensor):
                see(f"{name} {n} {classes} precise", lambda y=loss, d=dtype: y.dtype.itemsize >= d.itemsize)
                see(f"{name} {n} {classes} gradient", lambda y=loss, x=logits: torch.autograd.grad(y.sum(), x)[0])
            see(
                f"{name} {n} {classes} inputs",
                lambda x=logits, t=targets, b=before: [torch.equal(x.detach(), b[0]), torch.equal(t, b[1])],
            )


@battery
def init_output_layer(see, function):
    for hidden, classes in ((200, 100), (50, 27), (200, 2), (4, 3)):
        made = []
        for seed in (1, 2):
            generator = torch.Generator().manual_seed(seed)
            made.append([function(hidden, classes, generator), function(hidden, classes, generator)])
        generator = torch.Generator().manual_seed(1)
        again = function(hidden, classes, generator)
        (first, second), (other, _) = made
        name = f"{hidden} {classes}"
        see(f"{name} shapes", lambda p=first: [list(p[0].shape), list(p[1].shape)])
        see(f"{name} the same seed", lambda p=first, q=again: torch.equal(p[0], q[0]) and torch.equal(p[1], q[1]))
        see(f"{name} second call", lambda p=first, q=second: torch.equal(p[0], q[0]))
        see(f"{name} other seed", lambda p=first, q=other: torch.equal(p[0], q[0]))

        def worth(p=first, h=hidden, c=classes):
            signs = torch.sign(numbers(500, h, dtype=torch.float64))
            targets = torch.arange(500) % c
            weight, bias = p[0].double(), p[1].double()
            excess = nn.functional.cross_entropy(signs @ weight + bias, targets) - math.log(c)
            from_bias = nn.functional.cross_entropy(bias.expand(500, c), targets) - math.log(c)
            return [
                bool(excess <= 0.1),
                bool(from_bias <= 0.1),
                bool(p[0].detach().std() >= 1e-6),
                bool((p[0].detach().std(dim=0) > 1e-6).all()),
            ]

        see(f"{name} worth", worth)


@battery
def measured_gain(see, function):
    z = torch.linspace(-10, 10, 20001, dtype=torch.float64)
    density = torch.exp(-z.square() / 2)
    activations = {
        "tanh": torch.tanh,
        "relu": torch.relu,
        "constant": lambda x: torch.full_like(x, 3.0),
        "identity": lambda x: x,
        "shifted": lambda x: x + 2,
        "square": torch.square,
        "negative": lambda x: -0.1 * x,
        "exp": torch.exp,
        "one-sided": lambda x: torch.where(x > 1, 5 * x, 0 * x),
    }
    for name, activation in activations.items():
        truth = ((density * activation(z).square()).sum() / density.sum()).item() ** -0.5
        see(name, lambda a=activation, t=truth: abs(as_float(function(a)) / t - 1) < 0.03)


# Layers

Set = Mapping[str, torch.Tensor]


def put(layer: Any, values: Set) -> None:
    """Write parameters and statistics of a layer, in place."""
    for name, value in values.items():
        with torch.no_grad():
            getattr(layer, name).copy_(value)


def mode(layer: Any, training: bool) -> None:
    """Put a layer into a mode, whether it is a module or a plain class."""
    if isinstance(layer, nn.Module):
        layer.train(training)
    else:
        layer.training = training


def names_of_parameters(layer: Any) -> list[str]:
    """Under which of the known names a layer keeps what parameters() lists, in any order, and whether it learns."""
    parameters = list(layer.parameters())
    known = ("gamma", "beta", "weight", "bias")
    named = [
        f"{name} {list(p.shape)} {p.requires_grad} {p.is_leaf}"
        for p in parameters
        for name in known
        if getattr(layer, name, None) is p
    ]
    return [f"{len(parameters)} in all", *sorted(named)]


def see_calls(
    see: See, name: str, layer: Any, inputs: list[torch.Tensor], training: list[bool], *, statistics: bool = True
) -> None:
    """Note outputs, gradients, statistics (if the text asks for them) and inputs of several calls in turn."""
    for step, (x, is_training) in enumerate(zip(inputs, training, strict=True)):
        mode(layer, is_training)
        x = x.clone().requires_grad_()
        before = x.detach().clone()
        label = f"{name} call {step}"
        y = see(label, lambda x=x: layer(x))
        see(f"{label} input", lambda x=x, b=before: torch.equal(x.detach(), b))
        if isinstance(y, torch.Tensor):
            see(f"{label} precise", lambda y=y, x=x: y.dtype.itemsize >= x.dtype.itemsize)
            upstream = numbers(*y.shape, seed=50 + step, dtype=y.dtype)
            learns = [p for p in layer.parameters() if isinstance(p, torch.Tensor) and p.requires_grad]

            def gradients(y=y, x=x, u=upstream, learns=learns):
                of_x, *others = torch.autograd.grad(y, [x, *learns], u, allow_unused=True)
                if of_x is not None:
                    # It may be the difference of much larger numbers, whose rounding is no difference: that of x alone.
                    size = (u.abs().max() / (x.detach().std() if x.numel() > 1 else 1)).reshape(1)
                    of_x = torch.cat([of_x.flatten(), size])
                return [of_x, *others]

            see(f"{label} gradients", gradients)
        for statistic in ("running_mean", "running_var") if statistics else ():
            if hasattr(layer, statistic):
                see(f"{label} {statistic}", lambda s=statistic: getattr(layer, s))
                see(f"{label} {statistic} graph", lambda s=statistic: getattr(layer, s).requires_grad)
    if isinstance(layer, nn.Module) and statistics:
        see(f"{name} state", lambda: {n: v for n, v in layer.state_dict().items() if n.startswith("running")})


def see_norm(see: See, make: Callable, shapes: list[tuple[int, ...]], *, momentum: bool, modes: bool) -> None:
    """Note what a normalisation does: defaults, both arguments by position and by name, dtypes, instances."""
    dim = shapes[0][1]
    forms: dict[str, Callable[[], Any]] = {
        "default": lambda: make(dim),
        "eps": lambda: make(dim, 0.1),
        "eps by name": lambda: make(dim, eps=0.5),
    }
    if momentum:
        forms |= {
            "both": lambda: make(dim, 0.1, 0.3),
            "both by name": lambda: make(dim, momentum=0.7, eps=0.2),
            "momentum": lambda: make(dim, momentum=0.25),
        }
    for name, form in forms.items():
        layer = see(f"{name} made", form)
        if layer is None:
            continue
        for attribute in ("gamma", "beta") + ("running_mean", "running_var") * momentum:
            if hasattr(layer, attribute):
                see(f"{name} {attribute}", lambda a=attribute, s=layer: getattr(s, a))
        see(f"{name} parameters", lambda s=layer: names_of_parameters(s))
        for dtype in (torch.float32, torch.float64):
            inputs = [numbers(*shape, seed=i, dtype=dtype) for i, shape in enumerate(shapes)]
            small = [x * 0.003 for x in inputs[:1]]  # where eps counts
            sequence = [*inputs, *small, inputs[0], inputs[-1]]
            training = [True] * (len(sequence) - 2) + [not modes, True]
            see_calls(see, f"{name} {str(dtype)[6:]} before", layer, sequence, training, statistics=momentum)
            see("set", lambda s=layer, d=dim: put(s, {"gamma": numbers(d, seed=7), "beta": numbers(d, seed=8)}))
        twin = see(f"{name} twin", form)
        if twin is not None:
            see_calls(see, f"{name} twin", twin, inputs[:1], [True], statistics=momentum)
            far = inputs[0].float() + 300
            see(f"{name} far", lambda s=twin, x=far: s(x))


@battery
def batchnorm_training(see, make):
    see_norm(see, make, [(6, 3), (2, 3), (9, 3)], momentum=False, modes=False)
    see("one feature", lambda: make(1)(numbers(4, 1)))


@battery
def running_statistics(see, make):
    see_norm(see, make, [(6, 3), (2, 3), (9, 3)], momentum=True, modes=True)
    see("one example", lambda: make(3)(numbers(1, 3)))

    def evaluated():
        layer = make(3)
        mode(layer, False)
        return layer(numbers(1, 3))

    see("one example evaluated", evaluated)


@battery
def batchnorm2d(see, make):
    see_norm(see, make, [(4, 3, 2, 5), (1, 3, 4, 2), (2, 3, 3, 3)], momentum=True, modes=True)


@battery
def batchnorm3d(see, make):
    see_norm(see, make, [(4, 3, 2, 2, 3), (1, 3, 4, 2, 1), (2, 3, 1, 3, 3)], momentum=True, modes=True)


@battery
def layernorm(see, make):
    dim = 5

    see_norm(see, make, [(6, dim), (1, dim), (3, dim)], momentum=False, modes=True)
    layer = make(dim)
    see_calls(see, "sequences", layer, [numbers(2, 3, dim), numbers(2, 3, 4, dim), numbers(dim, dim)], [True] * 3)


@battery
def groupnorm(see, make):
    for groups, dim in ((2, 6), (3, 6), (1, 4), (4, 4)):
        shapes = [(3, dim, 5), (1, dim, 2, 3), (4, dim, 2)] + ([(3, dim)] if groups < dim else [])
        see_norm(see, lambda d, *a, g=groups, **k: make(g, d, *a, **k), shapes, momentum=False, modes=True)
    see("does not divide", lambda: make(4, 6) and None)
    see("more groups than channels", lambda: make(6, 3) and None)
    see("by name", lambda: make(groups=2, dim=4, eps=0.1)(numbers(3, 4)))


@battery
def linear(see, make):
    for name, form, has_bias in (
        ("default", lambda: make(4, 3), True),
        ("with", lambda: make(4, 3, True), True),
        ("without", lambda: make(4, 3, False), False),
        ("by name", lambda: make(4, 3, bias=False), False),
        ("one in", lambda: make(1, 2), True),
        ("all by name", lambda: make(fan_in=3, fan_out=5, bias=True), True),
    ):
        layer = see(f"{name} made", form)
        if layer is None:
            continue
        see(f"{name} parameters", lambda s=layer: names_of_parameters(s))
        see(f"{name} bias", lambda s=layer: getattr(s, "bias", None))
        if not hasattr(layer, "weight"):
            continue
        shape = layer.weight.shape
        see(f"{name} set", lambda s=layer, shape=shape: put(s, {"weight": numbers(*shape)}))
        if has_bias:
            see(f"{name} set bias", lambda s=layer, shape=shape: put(s, {"bias": numbers(shape[1])}))
        see_calls(see, name, layer, [numbers(6, shape[0]), numbers(1, shape[0])], [True, False])
    for fan_in, fan_out in ((400, 100), (50, 600)):
        layer = see(f"{fan_in} made", lambda i=fan_in, o=fan_out: make(i, o))
        if layer is not None:
            see(f"{fan_in} spread", lambda s=layer, i=fan_in: abs(s.weight.detach().std().item() * i**0.5 - 1) < 0.06)
            see(f"{fan_in} mean", lambda s=layer, i=fan_in: abs(s.weight.detach().mean().item()) * i**0.5 < 0.06)
            see(f"{fan_in} distinct", lambda s=layer: len(s.weight.detach().unique()) > 0.9 * s.weight.numel())
    see("two layers", lambda: torch.equal(make(4, 3).weight, make(4, 3).weight))


@battery
def tanh(see, make):
    layer, other = make(), make()
    for dtype in (torch.float32, torch.float64):
        for number, shape in enumerate([(3, 4), (5,), (), (2, 3, 2)]):
            x = numbers(*shape, 1, seed=number, dtype=dtype).reshape(shape)
            before = x.clone()
            y = see(f"{dtype} {shape}", lambda x=x: layer(x))
            see(f"{dtype} {shape} elsewhere", lambda x=x: other(x * 2))
            returned = y.clone() if isinstance(y, torch.Tensor) else None
            for again in range(3):
                dout = numbers(*shape, 1, seed=20 + again, dtype=dtype).reshape(shape)
                kept = dout.clone()
                dx = see(f"{dtype} {shape} back {again}", lambda d=dout: layer.backward(d))
                see(f"{dtype} {shape} dtype {again}", lambda d=dx, t=dtype: d is None or d.dtype == t)
                see(f"{dtype} {shape} dout {again}", lambda d=dout, k=kept: torch.equal(d, k))
            see(f"{dtype} {shape} kept", lambda x=x, b=before, y=y, r=returned: [torch.equal(x, b), torch.equal(y, r)])
    see("far out", lambda: layer(torch.tensor([1000.0, -1000.0, 0.0, 20.0])))
    see("far out back", lambda: layer.backward(torch.ones(4)))
    see("of one class", lambda: [make()(torch.ones(2)), layer.backward(torch.ones(4))])


def see_saturation(see: See, function: Callable, shapes: list[tuple[int, ...]], convert: Callable) -> None:
    """Note what a function of tanh activations gives for several thresholds and shapes."""
    for number, shape in enumerate(shapes):
        h = torch.tanh(3 * numbers(*shape, seed=number))
        h.reshape(-1)[: h.numel() // 3] = 0.99
        h.reshape(-1)[:: max(2, h.numel() // 5)] = -0.985
        h.reshape(-1)[-1] = 0.97
        for name, tensor in (("plain", h), ("in a graph", h.clone().requires_grad_() * 1.0), ("double", h.double())):
            before = tensor.detach().clone()
            for how, call in (
                ("default", lambda t=tensor: function(t)),
                ("by position", lambda t=tensor: function(t, 0.5)),
                ("by name", lambda t=tensor: function(h=t, threshold=0.9)),
                ("at an entry", lambda t=tensor: function(t, 0.99)),
                ("zero", lambda t=tensor: function(t, 0.0)),
            ):
                see(f"{shape} {name} {how}", lambda call=call: convert(call()))
            see(f"{shape} {name} kept", lambda t=tensor, b=before: torch.equal(t.detach(), b))


@battery
def saturated_fraction(see, function):
    see_saturation(see, function, [(4, 5), (7,), (2, 3, 4), (3, 2, 2, 2)], as_float)
    exact = torch.tensor([[0.5, -0.5, 0.7, -0.9]])
    see("exactly", lambda: as_float(function(exact, 0.5)))


@battery
def dead_units(see, function):
    see_saturation(see, function, [(4, 5), (2, 7), (6, 1)], lambda r: [str(r.dtype), r])
    h = torch.tensor([[0.99, -0.98, 0.99, 0.97, -0.99], [0.98, 0.99, 0.2, 0.99, -0.98], [1.0, -1.0, -0.99, 1.0, -1.0]])
    see("worked", lambda: function(h))
    see("one example", lambda: function(h[:1]))


@battery
def batchnorm_forward(see, function):
    for dtype in ("float32", "float64"):
        for number, (n, d) in enumerate(((5, 3), (2, 4), (30, 2), (4, 1), (3, 3))):
            for scale, offset in ((1.0, 0.0), (0.003, 0.0), (1.0, 1000.0)):
                x = np.array(numbers(n, d, seed=number).double() * scale + offset).astype(dtype)
                x[:, 0] = x[0, 0] if number == 2 else x[:, 0]
                given = x, np.array(numbers(d, seed=30)).astype(dtype), np.array(numbers(d, seed=31)).astype(dtype)
                kept = [a.copy() for a in given]
                name = f"{dtype} {n} {d} {scale} {offset}"
                result = see(name, lambda g=given: function(*g))
                see(f"{name} eps", lambda g=given: function(*g, 0.1))
                see(f"{name} eps by name", lambda g=given: function(x=g[0], gamma=g[1], beta=g[2], eps=0.3))
                see(f"{name} precise", lambda r=result, t=dtype: [a.dtype.itemsize >= np.dtype(t).itemsize for a in r])
                see(f"{name} kept", lambda g=given, k=kept: [np.array_equal(a, b) for a, b in zip(g, k, strict=True)])


@battery
def batchnorm_backward(see, function):
    for dtype in ("float32", "float64"):
        for number, (n, d) in enumerate(((5, 3), (2, 4), (30, 2), (4, 1), (3, 3))):
            for scale in (1.0, 0.003):
                x = np.array(numbers(n, d, seed=number).double() * scale).astype(dtype)
                dout = np.array(numbers(n, d, seed=number + 60)).astype(dtype)
                given = dout, x, np.array(numbers(d, seed=30)).astype(dtype)
                kept = [a.copy() for a in given]
                name = f"{dtype} {n} {d} {scale}"
                result = see(name, lambda g=given: function(*g))
                see(f"{name} eps", lambda g=given: function(*g, 0.1))
                see(f"{name} eps by name", lambda g=given: function(dout=g[0], x=g[1], gamma=g[2], eps=0.3))
                see(f"{name} precise", lambda r=result, t=dtype: [a.dtype.itemsize >= np.dtype(t).itemsize for a in r])
                see(f"{name} kept", lambda g=given, k=kept: [np.array_equal(a, b) for a, b in zip(g, k, strict=True)])


class Plain:
    """A layer that is no module, with statistics only."""

    def __init__(self, dim: int) -> None:
        self.training = True
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)


@battery
def calibrate(see, function):
    for name, make in (("module", lambda: nn.BatchNorm1d(3)), ("plain", lambda: Plain(3))):
        for case, sizes in (("several", (5, 2, 9, 1)), ("one", (4,)), ("equal", (3, 3)), ("sorted", (1, 8))):
            for graph in (False, True):
                layer = make()
                batches = [numbers(n, 3, seed=i) + 2 * i for i, n in enumerate(sizes)]
                batches = [b.requires_grad_() * 1.0 if graph else b for b in batches]
                kept = [b.detach().clone() for b in batches]
                label = f"{name} {case} {graph}"
                result = see(label, lambda s=layer, b=batches: function(s, (x for x in b)))
                see(f"{label} graph", lambda r=result: [r[0].requires_grad, r[1].requires_grad])
                see(f"{label} stored", lambda s=layer: [s.running_mean, s.running_var])
                see(
                    f"{label} stored graph", lambda s=layer: [s.running_mean.requires_grad, s.running_var.requires_grad]
                )
                see(
                    f"{label} kept",
                    lambda b=batches, k=kept: [torch.equal(p.detach(), q) for p, q in zip(b, k, strict=True)],
                )
                see(f"{label} a list, again", lambda s=layer, b=batches: function(s, b))
    see("far", lambda: function(nn.BatchNorm1d(3), [numbers(6, 3) + 1000, numbers(4, 3) + 1000]))


@battery
def activation_summary(see, function):
    for number, shape in enumerate([(4, 5), (9,), (2, 3, 4), (3, 2, 2, 2)]):
        h = torch.tanh(3 * numbers(*shape, seed=number))
        h.reshape(-1)[0] = 0.97
        for name, tensor in (("plain", h), ("in a graph", h.clone().requires_grad_() * 1.0), ("double", h.double())):
            before = tensor.detach().clone()
            see(
                f"{shape} {name}",
                lambda t=tensor: {k: as_float(v) for k, v in function(t).items() if k in ("mean", "std", "saturated")},
            )
            see(f"{shape} {name} kept", lambda t=tensor, b=before: torch.equal(t.detach(), b))


def see_parameter(see: See, function: Callable[[nn.Parameter], Any], name: str) -> None:
    """Note what a function of a parameter and its gradient gives, and whether it leaves them alone."""
    for number, shape in enumerate([(4, 5), (9,), (2, 3, 4), (10, 1)]):
        parameter = nn.Parameter(numbers(*shape, seed=number) + 1)
        see(f"{name} {shape} no gradient", lambda p=parameter: as_float(function(p)))
        for scale in (1.0, 1e-4, 30.0):
            parameter.grad = scale * numbers(*shape, seed=number + 9)
            kept = parameter.detach().clone(), parameter.grad.clone()
            see(f"{name} {shape} {scale}", lambda p=parameter: as_float(function(p)))
            see(
                f"{name} {shape} {scale} kept",
                lambda p=parameter, k=kept: [torch.equal(p.detach(), k[0]), torch.equal(p.grad, k[1]), p.requires_grad],
            )


@battery
def grad_to_data(see, function):
    see_parameter(see, function, "ratio")


@battery
def update_to_data(see, function):
    for lr in (0.1, 1.0, 1e-4, 2):
        see_parameter(see, lambda p, lr=lr: function(p, lr), f"lr {lr}")
    see_parameter(see, lambda p: function(param=p, lr=0.3), "by name")


@battery
def torch_model(see, build):
    for number, sizes in enumerate([(27, 3, 10, 20, 2), (5, 2, 3, 4, 1), (6, 1, 2, 3, 3)]):
        model = see(
            f"{sizes} made",
            lambda s=sizes, n=number: (
                build(*s) if n else build(vocabulary=s[0], block_size=s[1], embedding=s[2], hidden=s[3], depth=s[4])
            ),
        )
        if not isinstance(model, nn.Module):
            continue
        parts = [m for m in model.modules() if isinstance(m, nn.Embedding | nn.Linear | nn.BatchNorm1d)]
        see(
            f"{sizes} parts",
            lambda parts=parts: sorted(
                f"{[list(p.shape) for p in m.parameters()]} {getattr(m, 'bias', None) is None} {getattr(m, 'eps', 0)}"
                for m in parts
            ),
        )
        see(f"{sizes} parameters", lambda m=model: sorted(str(list(p.shape)) for p in m.parameters()))
        see(
            f"{sizes} drawn",
            # The output layer, the last of all, may start at 0.
            lambda parts=parts, v=sizes[0]: [
                bool((m.weight != m.weight[:1]).any())
                for m in parts
                if isinstance(m, nn.Embedding) or (isinstance(m, nn.Linear) and m.out_features != v)
            ],
        )
        with torch.no_grad():
            for i, p in enumerate(model.parameters()):
                p.copy_(0.3 * numbers(*p.shape, seed=i))
        contexts = torch.randint(sizes[0], (9, sizes[1]), generator=torch.Generator().manual_seed(number))
        for training in (True, False, True):
            model.train(training)
            y = see(f"{sizes} {training}", lambda m=model, c=contexts: m(c))
            if isinstance(y, torch.Tensor):
                see(
                    f"{sizes} {training} gradients",
                    lambda y=y, m=model: torch.autograd.grad(
                        y, list(m.parameters()), numbers(*y.shape), allow_unused=True
                    ),
                )
        see(f"{sizes} modes", lambda m=model: [x.training for x in m.modules()])
        see(f"{sizes} buffers", lambda m=model: [b for _, b in m.named_buffers()])


@battery
def bug_hunt(see, make_linear, make_norm, make_tanh):
    def part(name):
        return lambda label, function: see(f"{name} {label}", function)

    linear(part("linear"), make_linear)
    see_norm(part("norm"), make_norm, [(6, 3), (2, 3), (9, 3)], momentum=True, modes=True)
    layer = make_tanh()
    see_calls(part("tanh"), "tanh", layer, [numbers(3, 4), numbers(2, 5, seed=1)], [True, False])
    see("tanh parameters", lambda: len(list(layer.parameters())))


@battery
def loss_along_gradient(see, function):
    for case, shapes in (("one", [(3,)]), ("two", [(2, 3), (4,)]), ("number", [()])):
        for before in (False, True):
            for sizes in ([0.1, 0.5, 1.0], [1.0, 0.0, -0.2, 0.1, 0.1], [0.3], []):
                params = [nn.Parameter(numbers(*s, 1, seed=i).reshape(s)) for i, s in enumerate(shapes)]
                if before:
                    for p in params:
                        p.grad = torch.ones_like(p)
                kept = [p.detach().clone() for p in params]

                def loss(params=params):
                    return sum((p**2).sum() + (0.3 * p).exp().sum() for p in params) ** 1.5

                label = f"{case} {before} {sizes}"
                see(label, lambda p=params, s=sizes, f=loss: [as_float(v) for v in function(f, iter(p), list(s))])
                see(
                    f"{label} kept",
                    lambda p=params, k=kept: [
                        torch.equal(a.detach(), b) and a.requires_grad and a.is_leaf for a, b in zip(p, k, strict=True)
                    ],
                )
                see(
                    f"{label} grads",
                    lambda p=params, b=before: [
                        a.grad is None or (b and torch.equal(a.grad, torch.ones_like(a))) for a in p
                    ],
                )


class Ignoring(nn.Module):
    """Ignores some factors and sees others."""

    def __init__(self, ignored: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.ignored = ignored

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        size = x.abs().amax()
        return x / size * self.ignored(size)


@battery
def is_scale_invariant(see, function):
    used = nn.BatchNorm1d(4)
    used(10 * numbers(20, 4))
    layers = {
        "batchnorm": (nn.BatchNorm1d(4), True),
        "batchnorm evaluated": (used, False),
        "layernorm": (nn.LayerNorm(4), True),
        "layernorm evaluated": (nn.LayerNorm(4), False),
        "relu": (nn.ReLU(), True),
        "identity": (nn.Identity(), True),
        "linear": (nn.Linear(4, 3, bias=False), True),
        "sequence": (nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)), True),
        "sequence without bias": (nn.Sequential(nn.Linear(4, 4, bias=False), nn.BatchNorm1d(4)), True),
        "sign": (Ignoring(lambda s: torch.ones_like(s)), False),
        "tanh": (nn.Tanh(), False),
        "normalize": (Ignoring(lambda s: s * 0 + 2), True),
        "nearly": (Ignoring(lambda s: 0.002 * s.log()), True),
    }
    # No variance is so small that eps could be seen at a tenth of it.
    x = 10 * numbers(12, 4)
    top = x.abs().amax()
    layers |= {
        "ignores above": (Ignoring(lambda s: s.clamp(max=top)), True),
        "ignores below": (Ignoring(lambda s: s.clamp(min=top)), True),
        "ignores powers of two": (Ignoring(lambda s: torch.frexp(s / top)[0] * 2), True),
    }
    for name, (layer, training) in layers.items():
        layer.train(training)
        kept = x.clone()
        see(name, lambda s=layer: bool(function(s, x)))
        see(f"{name} mode", lambda s=layer: [m.training for m in s.modules()])
        see(f"{name} kept", lambda k=kept: torch.equal(x, k))


@battery
def fold_batchnorm(see, function):
    for kind, shape in (("1d", (5, 3)), ("2d", (4, 2, 3, 3)), ("1d", (1, 2))):
        for affine in (True, False):
            for has_bias in (True, False):
                for dtype in (torch.float32, torch.float64):
                    bn = getattr(nn, f"BatchNorm{kind}")(shape[0], eps=0.1, affine=affine).to(dtype).eval()
                    values = {
                        "running_mean": numbers(shape[0]),
                        "running_var": numbers(shape[0], seed=1).square() + 0.1,
                    }
                    if affine:
                        values |= {"weight": numbers(shape[0], seed=2), "bias": numbers(shape[0], seed=3)}
                    put(bn, values)
                    weight = nn.Parameter(numbers(*shape, seed=4, dtype=dtype))
                    bias = nn.Parameter(numbers(shape[0], seed=5, dtype=dtype)) if has_bias else None
                    given = [weight.detach().clone(), *(v.clone() for v in bn.state_dict().values())]
                    label = f"{shape} {affine} {has_bias} {dtype}"
                    result = see(label, lambda w=weight, b=bias, n=bn: function(w, b, n))
                    see(f"{label} dtypes", lambda r=result: [str(t.dtype) for t in r])
                    see(f"{label} new", lambda r=result, w=weight: r[0].data_ptr() != w.data_ptr())
                    see(
                        f"{label} kept",
                        lambda w=weight, n=bn, g=given: [
                            torch.equal(a.detach(), b) for a, b in zip([w, *n.state_dict().values()], g, strict=True)
                        ],
                    )
                    see(f"{label} mode", lambda n=bn: n.training)


def batchnorm_network(number: int, dtype: torch.dtype = torch.float64) -> nn.Sequential:
    """A network with BatchNorm, with numbers of its own in every parameter and every running statistic."""
    block = nn.Sequential(nn.Linear(5, 5), nn.BatchNorm1d(5, momentum=0.3), nn.Tanh())
    model = [
        lambda: nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)),
        lambda: nn.Sequential(
            nn.BatchNorm1d(4, affine=False), nn.Linear(4, 5), nn.ReLU(), nn.BatchNorm1d(5), nn.Linear(5, 3)
        ),
        lambda: nn.Sequential(nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(2, 3)),
        lambda: nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), block, nn.Dropout(1.0), nn.Linear(5, 3)),
    ][number]().to(dtype)
    for seed, tensor in enumerate(model.state_dict().values()):
        if tensor.is_floating_point():
            tensor.copy_(numbers(*tensor.shape, seed=seed, dtype=dtype).abs() + 0.1)
    return model


def batch_for(number: int, n: int, seed: int) -> torch.Tensor:
    """A batch for :func:`batchnorm_network`."""
    return numbers(n, 4, seed=seed, dtype=torch.float64).reshape((n, 1, 2, 2) if number == 2 else (n, 4))


@battery
def freeze_batchnorm(see, function):
    for number in range(4):
        for training in (True, False):
            model = batchnorm_network(number).train(training)
            result = see(f"{number} {training} made", lambda m=model: function(m) is m)
            parameters = list(model.parameters())
            if result is None:
                continue
            for step, mode_ in enumerate((None, True, False, True)):
                if mode_ is not None:
                    model.train(mode_)
                label = f"{number} {training} step {step}"
                y = see(label, lambda m=model, n=number, s=step: m(batch_for(n, 5, s)))
                if isinstance(y, torch.Tensor) and y.requires_grad:
                    model.zero_grad()
                    y.square().sum().backward()
                    see(f"{label} gradients", lambda p=parameters: [q.grad for q in p])
                    see(f"{label} learns", lambda p=parameters: [q.requires_grad for q in p])
                # A layer of the learner's own in place of a BatchNorm may keep what it knows as it likes.
                see(f"{label} buffers", lambda m=model: statistics_in(m))


def statistics_in(model: nn.Module) -> list:
    """The running statistics of the BatchNorms in a model."""
    return [(m.running_mean, m.running_var) for m in model.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


@battery
def accumulate(see, function):
    for number in range(3):
        for sizes in ((4, 4), (3, 1, 2), (5,)):
            for stale in (False, True):
                model, most = batchnorm_network(number), max(sizes)
                for layer in model:
                    if not isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                        layer.register_forward_pre_hook(lambda _, x, most=most: none_above(len(x[0]), most))
                if stale:
                    for p in model.parameters():
                        p.grad = torch.ones_like(p)
                batches = [(batch_for(number, n, seed), (torch.arange(n) + seed) % 3) for seed, n in enumerate(sizes)]
                before = [p.detach().clone() for p in model.parameters()]
                label = f"{number} {sizes} {stale}"
                see(f"{label} loss", lambda m=model, b=batches: as_float(function(m, b)))
                see(f"{label} gradients", lambda m=model: [p.grad for p in m.parameters()])
                see(f"{label} buffers", lambda m=model: [b for b in m.buffers() if b.is_floating_point()])
                see(f"{label} modes", lambda m=model: [layer.training for layer in m.modules()])
                see(
                    f"{label} kept",
                    lambda m=model, b=before: [
                        torch.equal(p.detach(), q) for p, q in zip(m.parameters(), b, strict=True)
                    ],
                )


def none_above(given: int, most: int) -> None:
    """Refuse more examples than there is room for."""
    if given > most:
        raise MemoryError(f"{given} examples at a time")


def line_of_points(number: int, count: int, dim: int) -> torch.Tensor:
    """Points (count, dim) on a line, float64."""
    start, direction = torch.randn(2, dim, generator=torch.Generator().manual_seed(number), dtype=torch.float64)
    return start + torch.linspace(-2, 2, count, dtype=torch.float64)[:, None] * direction


@battery
def shattering(see, function):
    for number, (kind, count, dim, lag) in enumerate(
        [("plain", 24, 4, 1), ("BatchNorm", 32, 5, 3), ("plain", 9, 2, 4), ("dropout", 12, 3, 2), ("plain", 40, 6, 1)]
    ):
        generator = torch.Generator().manual_seed(number)
        norm = {"plain": nn.Identity(), "BatchNorm": nn.BatchNorm1d(7), "dropout": nn.Dropout(0.5).eval()}[kind]
        model = nn.Sequential(nn.Linear(dim, 7), norm, nn.Tanh(), nn.Linear(7, 2)).double()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64) + 0.2)
        for leaf in (False, True):
            for lags in ((lag,), (), (2,)):
                xs = line_of_points(number, count, dim).requires_grad_(leaf)
                label = f"{number} {leaf} {lags}"
                see(label, lambda m=model, x=xs, g=lags: as_float(function(m, x, *g)))
                named = {"lag": lags[0]} if lags else {}
                see(f"{label} by name", lambda m=model, x=xs, g=named: as_float(function(m, x, **g)))
                see(f"{label} parameters", lambda m=model: [*m.parameters()])
                see(f"{label} gradients", lambda m=model: [p.grad is None for p in m.parameters()])
                see(f"{label} modes", lambda m=model: [layer.training for layer in m.modules()])


@battery
def residual_block(see, function):
    for number, width in enumerate((3, 8, 64, 64)):
        torch.manual_seed(number)
        block = see(f"{number} made", lambda w=width: function(w)) and function(width)
        if not isinstance(block, nn.Module):
            continue
        linears = [m for m in block.modules() if isinstance(m, nn.Linear)]
        norms = [m for m in block.modules() if isinstance(m, nn.BatchNorm1d)]
        see(f"{number} parts", lambda a=linears, b=norms: [len(a), len(b), *[m.bias is None for m in a]])
        if len(linears) != 1 or len(norms) != 1:
            continue
        if width > 32:
            spread = linears[0].weight.detach().std().item() * width**0.5
            see(f"{number} spread", lambda s=spread: 0.9 * 2**0.5 < s < 1.1 * 2**0.5)
        generator = torch.Generator().manual_seed(number)
        x = (torch.randn(9, width, generator=generator) + 0.5).requires_grad_()
        see(f"{number} new", lambda m=block, x=x: m(x))
        see(f"{number} gamma", lambda m=norms[0]: m.weight)
        with torch.no_grad():
            linears[0].weight.copy_(torch.randn(width, width, generator=generator) / width**0.5)
            norms[0].weight.copy_(torch.rand(width, generator=generator) + 0.5)
        y = see(f"{number} other numbers", lambda m=block, x=x: m(x))
        if isinstance(y, torch.Tensor) and y.requires_grad:
            block.zero_grad()
            x.grad = None
            block(x).square().sum().backward()
            see(f"{number} gradients", lambda m=block, x=x: [x.grad, *[p.grad for p in m.parameters()]])
        block.eval()
        see(f"{number} evaluation", lambda m=block, x=x: m(x[:2]))


def patients(count: int = 14) -> list[tuple[str, Network, torch.Tensor, torch.Tensor]]:
    """Networks with each fault in each layer, and healthy ones; with a batch each."""
    found = []
    for number in range(count):
        generator = torch.Generator().manual_seed(number)
        fault = [*FAULTS, None][number % 7]
        network = faulty_network(fault, generator, (0, 3, 1, 2)[number // 7])
        found.append((f"{number} {fault}", network, *class_batch(generator)))
    return found


def state_of(network: Network) -> list:
    """What a measurement must leave as it was."""
    hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in network.modules()]
    return [list(network.state_dict().values()), [m.training for m in network.modules()], hooks, network.lr]


def as_floats(signs: Mapping) -> dict:
    """Vital signs whose numbers, and lists of numbers, may be of any type that the text calls a number.

    The std of the 1,536 entries of a gradient may be over n or n − 1, which differ by 3 parts in 10,000.
    """
    found = {
        key: [as_float(one) for one in value] if isinstance(value, list | tuple) else value
        for key, value in signs.items()
    }
    return found | {"gradient": About(found["gradient"], 1e-3)} if "gradient" in found else found


@battery
def vital_signs(see, function):
    for number, (label, network, x, y) in enumerate(patients()):
        if number % 3 == 0:
            for layer in network.layers:
                if hasattr(layer, "running_mean"):
                    layer.running_mean.copy_(numbers(*layer.running_mean.shape, seed=number))
        see(label, lambda n=network, x=x, y=y: as_floats(function(n, x, y)))
        see(f"{label} afterwards", lambda n=network: state_of(n))


@battery
def diagnose(see, function):
    for label, network, x, y in patients(28):
        see(label, lambda n=network, x=x, y=y: function(n, x, y))
        see(f"{label} afterwards", lambda n=network: state_of(n))


@battery
def cure(see, function):
    for label, network, x, y in patients():
        kept = [(layer, [p.detach().clone() for p in layer.parameters()]) for layer in network.layers]
        see(label, lambda n=network, x=x, y=y: function(n, x, y) is None or True)
        # Whatever the new part is, it must do what a healthy one does; which numbers it has is the solution's own.
        see(f"{label} others", lambda n=network, k=kept: sum(map(is_as_it_was, n.layers, k)) >= len(k) - 1)
        see(f"{label} step", lambda n=network, x=x, y=y: 1e-2 < first_step(n, x, y) < 1)
        see(f"{label} modes", lambda n=network: [m.training for m in n.layers])
        see(f"{label} centred", lambda n=network, x=x: centred(n, x))


def is_as_it_was(layer: nn.Module, was: tuple[nn.Module, list[torch.Tensor]]) -> bool:
    """Whether a layer is still there, with its numbers."""
    same = len(list(layer.parameters())) == len(was[1]) and all(map(torch.equal, layer.parameters(), was[1]))
    return layer is was[0] and same


def first_step(network: Network, x: torch.Tensor, y: torch.Tensor) -> float:
    """The largest change of a layer's weights by the first step, relative to their std."""
    weights = [layer.weight for layer in network.layers if isinstance(layer, nn.Linear)]
    gradients = torch.autograd.grad(nn.functional.cross_entropy(network(x), y), weights)
    return max((network.lr * g.std() / w.std()).item() for g, w in zip(gradients, weights, strict=True))


@torch.no_grad()
def centred(network: Network, x: torch.Tensor) -> list[bool]:
    """Which normalisations centre each unit over the batch, and how many Tanh are not saturated."""
    found = []
    for layer in network.layers:
        x = layer(x)
        if hasattr(layer, "running_mean"):
            found.append(x.mean(0).abs().max().item() < 0.05)
        if isinstance(layer, nn.Tanh):
            found.append((x.abs() > 0.97).double().mean().item() < 1 / 3)
    return found
