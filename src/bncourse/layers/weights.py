"""Weights between the course's layers and ``torch.nn``'s, which use other names and another layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from bncourse.layers.layer import Norm
from bncourse.layers.linear import LAYOUT, Linear

__all__ = ["from_torch", "to_torch"]


def to_torch(model: nn.Module) -> dict[str, Any]:
    """Return ``model.state_dict()`` under the names and in the layout of ``torch.nn``.

    gamma and beta become weight and bias, and the weight of a Linear becomes (fan_out, fan_in). A model with
    torch's layers in the place of the course's loads the result: ``theirs.load_state_dict(to_torch(ours))``.

    Arguments:
        model: a module in which any layers are the course's.

    Returns:
        An ordered dict with the metadata that torch's layers write. Its tensors share memory with the model.
    """
    ours = model.state_dict()
    theirs = type(ours)(
        (torch_name(model, name), value.T if is_linear_weight(model, name) else value) for name, value in ours.items()
    )
    theirs._metadata = {
        name: {key: value for key, value in entry.items() if key != LAYOUT} for name, entry in ours._metadata.items()
    }
    return theirs


def from_torch(model: nn.Module, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state of ``torch.nn``'s layers under the names and in the layout of the course's layers in ``model``.

    ``model.load_state_dict(theirs.state_dict())`` needs no such step: a ``state_dict()`` carries metadata that says
    which layers wrote it. Files of other formats and dicts that were built by hand do not. For them write
    ``model.load_state_dict(from_torch(model, state))``, which checks names and shapes as usual.

    Arguments:
        model: a module whose layers have the names and sizes of those that ``state`` was taken from.
        state: tensors under torch's names.
    """
    ours = model.state_dict()
    converted = type(ours)(state)
    for name in ours:
        theirs = torch_name(model, name)
        if theirs in state:
            value = converted.pop(theirs)
            converted[name] = value.T if is_linear_weight(model, name) and value.ndim == 2 else value
    converted._metadata = ours._metadata
    return converted


def torch_name(model: nn.Module, name: str) -> str:
    """Return what ``torch.nn`` calls the entry ``name`` of the model's ``state_dict()``."""
    owner, _, last = name.rpartition(".")
    layer = model.get_submodule(owner)
    return f"{owner}.{layer.torch_names.get(last, last)}".lstrip(".") if isinstance(layer, Norm) else name


def is_linear_weight(model: nn.Module, name: str) -> bool:
    """Return whether an entry of the model's ``state_dict()`` is the weight of one of the course's Linear layers."""
    owner, _, last = name.rpartition(".")
    return last == "weight" and isinstance(model.get_submodule(owner), Linear)
