"""Whether an answer was made with a finished version, from what was noted while the learner's object was observed."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache

from torch import nn

import bncourse.layers
import bncourse.manual
from bncourse.observing.provenance import code_of, fingerprint, is_long

__all__ = ["handed_in"]


@cache
def finished_code(names: tuple[str, ...]) -> frozenset[str]:
    """The fingerprints of the code of the finished versions with one of these names."""
    places = [vars(module) for module in (nn, nn.functional, bncourse.layers, bncourse.manual)]
    things = [thing for place in places for name, thing in place.items() if matches(name, names)]
    codes = [code for thing in things for code in [code_of(thing)] if code]
    for thing in things:
        if isinstance(thing, type):
            kinds = [kind for kind in inspect.getmro(thing) if kind not in (nn.Module, object)]
            codes += [code for kind in kinds for member in vars(kind).values() if (code := code_of(member))]
    return frozenset(f"code {fingerprint(code)}" for code in codes if is_long(code))


def matches(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names stands in a text, whatever the case and the underscores."""
    plain = text.lower().replace("_", "")
    return any(name.lower().replace("_", "") in plain for name in names)


def handed_in(facts: Iterable[str], names: tuple[str, ...]) -> str | None:
    """The finished version that an answer was made with, among those with one of these names; or ``None``.

    Arguments:
        facts: what :mod:`bncourse.observing.provenance` noted.
        names: what may not be used, as in ``("batch_norm",)``; case and underscores do not matter.
    """
    facts = sorted(facts)
    code = finished_code(names)
    # A class and its method, or a module and its function: further up stand names of packages.
    named = [fact for fact in facts if not fact.startswith("code ") and matches(".".join(fact.split(".")[-2:]), names)]
    if named:
        fact = min(named, key=lambda fact: (fact.startswith("aten."), not matches(fact.split(".")[-1], names), fact))
        return fact.replace("aten.", "torch's own ")
    return "a copy of a finished version" if code.intersection(facts) else None
