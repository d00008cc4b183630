"""The settings of the laboratory, from the list that its page is made from too, and states that are checked with it."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

__all__ = ["SOURCES", "Settings", "State", "complete", "make_state", "presets", "settings_list"]

Settings = dict[str, Any]
"""The settings of one network, by the names in ``settings.json``; all of them."""


def sources() -> Path:
    """The folder of the page's modules: inside the wheel, or at the root of a checkout installed in place."""
    in_wheel = Path(str(resources.files("bncourse.lab") / "page"))
    in_checkout = Path(__file__).parents[3] / "_static" / "lab"
    return in_wheel if in_wheel.exists() else in_checkout


SOURCES = sources()


@functools.cache
def settings_list() -> list[dict[str, Any]]:
    """Every setting: its name, label, kind, bounds or choices, default."""
    return json.loads((SOURCES / "settings.json").read_text("utf-8"))


@functools.cache
def presets() -> dict[str, dict[str, Any]]:
    """The experiments of the page by name; each has a state, a question, choices, and an explanation."""
    return {entry["name"]: entry for entry in json.loads((SOURCES / "experiments.json").read_text("utf-8"))}


@dataclass(frozen=True)
class State:
    """What the laboratory shows: the settings of A, those of B or ``None``, and whether each has a twin."""

    a: Settings
    b: Settings | None = None
    twin: bool = False


def default_of(setting: Mapping[str, Any], net: str) -> Any:
    """The default of a setting, which can depend on the kind of network."""
    if setting["kind"] == "pairs":
        return []
    default = setting["default"]
    return default[net] if isinstance(default, dict) else default


def complete(given: Mapping[str, Any] | None = None) -> Settings:
    """The defaults, and over them what is given, checked.

    Raises:
        TypeError: ``given`` is not a mapping.
        ValueError: a name is unknown, a value is not accepted, or the batch is too small for BatchNorm.
    """
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise TypeError(f"settings are a {type(given).__name__}; they must be a dictionary of names and values")
    known = {setting["name"]: setting for setting in settings_list()}
    for name in given:
        if name not in known:
            raise ValueError(f"there is no setting {name!r}; there are {', '.join(known)}")
    net = given.get("net", known["net"]["default"])
    checked = {
        name: check(setting, given[name]) if name in given else default_of(setting, check(known["net"], net))
        for name, setting in known.items()
    }
    if checked["bn"] != "off" and checked["batch"] < 2:
        raise ValueError("batch is 1; with BatchNorm it must be at least 2, because one example has no variance")
    return checked


def check(setting: Mapping[str, Any], value: Any) -> Any:
    """Return the value of a setting as the page keeps it, or raise ``ValueError`` with what is accepted."""
    name, kind = setting["name"], setting["kind"]
    if kind == "choice":
        if value in setting["choices"]:
            return value
        accepted = f"one of {', '.join(map(repr, setting['choices']))}"
    elif kind == "flag":
        if isinstance(value, bool):
            return value
        accepted = "True or False"
    elif kind == "pairs":
        pairs = read_pairs(value)
        if pairs is not None:
            return pairs
        accepted = f"pairs in rising order, for example [(1, 0.5), (3, 2)] ({setting['help']})"
    else:
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        whole = kind == "whole"
        if setting["from"] <= number <= setting["to"] and (not whole or number == int(number)):
            return int(number) if whole else float(number)
        accepted = f"a {'whole number' if whole else 'number'} from {setting['from']} to {setting['to']}"
    raise ValueError(f"{name} is {value!r}; it must be {accepted}")


def read_pairs(value: Any) -> list[list[float]] | None:
    """Pairs of a whole number and a number, in rising order; ``None`` if they are not."""
    if isinstance(value, str):
        texts = [text.split(":") for text in value.split(",") if text.strip()]
        if not all(len(pair) == 2 and re.fullmatch(r"\s*\d+\s*", pair[0]) for pair in texts):
            return None
        try:
            value = [(int(first), float(second)) for first, second in texts]
        except ValueError:
            return None
    try:
        pairs = [[int(first), float(second)] for first, second in value]
    except (TypeError, ValueError):
        return None
    rising = all(before[0] < after[0] for before, after in itertools.pairwise(pairs))
    return pairs if rising and all(n >= 0 and 0 <= x <= 1000 for n, x in pairs) and len(pairs) <= 50 else None


def make_state(given: State | Mapping[str, Any] | str | None = None) -> State:
    """A whole state from the name of a preset, or from what differs from the default.

    Arguments:
        given: the name of a preset; or settings of one network, such as ``{"net": "deep", "depth": 20}``; or
            ``{"a": settings, "b": what differs in B, "twin": True}``; or a state; ``None`` is the default state.

    Raises:
        TypeError: ``given`` is none of these.
        ValueError: there is no such preset or setting, or a value is not accepted.
    """
    if isinstance(given, State):
        return given
    if isinstance(given, str):
        if given not in presets():
            raise ValueError(f"there is no preset {given!r}; there are {', '.join(map(repr, presets()))}")
        given = presets()[given]["state"]
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise TypeError(
            f"the state is a {type(given).__name__}; it must be the name of a preset or a dictionary of settings"
        )
    if not {"a", "b", "twin"} & set(given):
        given = {"a": given}
    unknown = set(given) - {"a", "b", "twin"}
    if unknown:
        raise ValueError(f"the state has {sorted(unknown)[0]!r} beside a, b and twin; put settings into a or b")
    a = complete(given.get("a"))
    b = given.get("b")
    if b is not None:
        if not isinstance(b, Mapping):
            raise TypeError(f"b is a {type(b).__name__}; it must be a dictionary of the settings that differ from A's")
        if b.get("steps", a["steps"]) != a["steps"]:
            raise ValueError("b has steps of its own; A and B run the same number of steps, so put them into a")
        b = complete({**a, **b})
    return State(a, b, check({"name": "twin", "kind": "flag"}, given.get("twin", False)))
