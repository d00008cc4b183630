"""The layers of the course in NumPy, with backward passes written by hand, and the fast trainer built on them.

Every layer has ``forward(x) -> y`` and ``backward(dout) -> dx``, where ``dout`` is the gradient of the loss with
respect to ``y`` and ``dx`` that with respect to ``x``. ``backward`` also leaves the gradient of each parameter in
``layer.grads``, under the parameter's name::

    layer = Linear(30, 200)
    y = layer.forward(x)
    dx = layer.backward(dout)
    for name, parameter in layer.parameters().items():
        parameter -= 0.1 * layer.grads[name]
"""

from bncourse.manual.layers import BatchNorm, Embedding, Flatten, Linear, SoftmaxCrossEntropy, Tanh
from bncourse.manual.training import LadderRun, train_ladder

__all__ = [
    "BatchNorm",
    "Embedding",
    "Flatten",
    "LadderRun",
    "Linear",
    "SoftmaxCrossEntropy",
    "Tanh",
    "train_ladder",
]
