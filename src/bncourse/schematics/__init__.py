"""Schematics: drawings of networks and of BatchNorm, with numbers that are computed and not typed.

Each function returns a :class:`Drawing`, which a notebook and the site show as SVG::

    from bncourse import schematics

    schematics.forward_graph(x)

To change a picture, change its function; ``drawing`` has the few things that they draw with.
"""

from bncourse.schematics.batchnorm import averaged, backward_graph, batch_matrix, forward_graph, two_modes
from bncourse.schematics.drawing import Drawing
from bncourse.schematics.networks import name_network, residual_blocks, tanh_transfer

__all__ = [
    "Drawing", "averaged", "backward_graph", "batch_matrix", "forward_graph", "name_network", "residual_blocks",
    "tanh_transfer", "two_modes",
]  # fmt: skip
