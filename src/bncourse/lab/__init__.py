"""The laboratory: the networks of the course, trained in a page, with the random numbers of PyTorch.

``lab.show("hockey-stick")`` shows it in a notebook, ``lab.reference("hockey-stick")`` runs the same in PyTorch.
"""

from bncourse.lab.reference import reference
from bncourse.lab.show import show
from bncourse.lab.state import State, make_state, presets, settings_list

__all__ = ["State", "make_state", "presets", "reference", "settings_list", "show"]
