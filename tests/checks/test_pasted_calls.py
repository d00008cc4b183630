"""The code that a report offers hands over what the check handed over."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from bncourse.judging.answers import CHECKS
from bncourse.judging.check import Check
from bncourse.observing.task import inputs_of


class HandedOverError(Exception):
    """Ends the call that is watched."""


class Watched:
    """A finished object of the course, but for its first call, which is noted and ends there."""

    def __init__(self, finished: object, seen: list[tuple]) -> None:
        self.finished, self.seen = finished, seen

    def __getattr__(self, name: str) -> object:
        return getattr(self.finished, name)

    def __call__(self, *arguments: object, **named: object) -> None:
        if not self.seen:
            self.seen.append((*arguments, *named.values()))
        raise HandedOverError


def spies(check: Check, seen: list[tuple]) -> list[object]:
    """Return something in the place of what the learner writes that notes the arguments of the first call."""
    if not check.task.wants_class:
        return [lambda *arguments, **named: Watched(None, seen)(*arguments, **named)]
    finished = [getattr(check.right, part) for part in check.task.parts] or [check.right]
    return [lambda *sizes, of=of, **named: Watched(of(*sizes, **named), seen) for of in finished]


def kind(thing: object) -> object:
    """What decides how an argument behaves: its numbers, and for tensors how they are kept and followed."""
    if isinstance(thing, torch.Tensor):
        return thing.dtype, thing.requires_grad, thing.is_contiguous(), thing.is_leaf, thing.tolist()
    if isinstance(thing, np.ndarray):
        return thing.dtype, thing.flags.c_contiguous, thing.tolist()
    return torch.Generator if isinstance(thing, torch.Generator) else thing


PASTED = [
    pytest.param(check, question, id=f"{name}-{number}")
    for name, check in CHECKS.items()
    for number, question in enumerate(check.task.ask(np.random.default_rng(0)))
    if check.task.as_code(question) and (inputs_of(question) or not check.task.wants_class)
]


@pytest.mark.parametrize(("check", "question"), PASTED)
def test_code_to_try_hands_over_what_the_check_handed_over(check, question):
    task, in_check, pasted = check.task, [], []
    task.observe(spies(check, in_check), question)
    report = SimpleNamespace(inputs=inputs_of(question))
    reporting = SimpleNamespace(**{task.name: lambda *things: report})
    names = {
        "torch": torch,
        "np": np,
        "checks": reporting,
        **dict(zip(task.objects, spies(check, pasted), strict=True)),
    }
    with pytest.raises(HandedOverError):
        exec(task.as_code(question), names)
    assert [kind(thing) for thing in pasted[0]] == [kind(thing) for thing in in_check[0]], (
        "in_graph of the task, and 'in a graph' and 'strided' of a question, say how the check hands an array over"
    )


def test_most_checks_of_one_object_offer_code_to_try():
    with_code = {parameter.values[0].task.name for parameter in PASTED}
    assert with_code >= {"batchnorm_forward", "linear", "running_statistics", "layernorm", "residual_block", "bug_hunt"}
