"""Several small networks trained in lockstep, with the backward passes of :mod:`bncourse.manual.layers`.

One step of the ladder's network is about 40 µs of arithmetic, less than an autograd engine needs for its own
bookkeeping. Three measures bring NumPy close to these 40 µs without changing a formula:

* networks that differ only in their numbers (seed, initialisation) advance together, one *lane* each: arrays have the
  shape (lanes, examples, features), and one call of ``np.matmul`` does the work of all lanes;
* every array is allocated once and written in place;
* the gradient of the loss enters the backward pass already multiplied with lr. Every gradient is linear in it, so that
  all come out as the *change* of their parameter, and the update is one subtraction.

Lanes are independent: the result of a lane is the same to the last bit whichever other lanes train with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["BATCH", "CLASSES", "CONTEXT", "EMBEDDING", "HIDDEN", "BatchNormLanes", "Lanes"]

BATCH = 32
CONTEXT = 3
CLASSES = 27
EMBEDDING = 10
HIDDEN = 200


class Lanes:
    """Networks ``logits = tanh(x W1 + b1) W2 + b2``, where x is the embedding by C of three characters.

    Arguments:
        initial: for each lane its parameters by name, in any shape of the right size.
        dtype: ``float32`` or ``float64``.

    Attributes:
        parameters: each parameter of all lanes by name, shape (lanes, …).
        changes: by parameter name, what the last step subtracted: lr times the gradient.
    """

    shapes: ClassVar[dict[str, tuple[int, int]]] = {
        "W1": (CONTEXT * EMBEDDING, HIDDEN),
        "W2": (HIDDEN, CLASSES),
        "C": (CLASSES, EMBEDDING),
        "b1": (1, HIDDEN),
        "b2": (1, CLASSES),
    }

    def __init__(self, initial: Sequence[Mapping[str, NDArray]], dtype: DTypeLike = np.float32) -> None:
        self.lanes = len(initial)
        self.dtype = np.dtype(dtype)
        self.all_parameters, self.parameters = self.allocate_by_name()
        self.all_changes, self.changes = self.allocate_by_name()
        for name, parameter in self.parameters.items():
            for lane, values in enumerate(initial):
                parameter[lane] = values[name].reshape(parameter[lane].shape)

        self.x, self.dx = (self.array(BATCH, CONTEXT * EMBEDDING) for _ in range(2))
        self.pre, self.h, self.dpre = (self.array(BATCH, HIDDEN) for _ in range(3))
        self.logits = self.array(CLASSES, BATCH).swapaxes(1, 2)  # stored class by class, see allocate_by_name
        self.per_example = self.array(BATCH, 1)
        self.one_hot = self.array(BATCH * CONTEXT, CLASSES)
        self.identity = np.eye(CLASSES, dtype=dtype)
        self.ones = np.ones((1, BATCH), dtype)  # ones @ a sums the columns of a, faster than a.sum()
        # Where each lane's part of C and of the logits begins, for look-ups in the arrays of all lanes.
        self.first_row = CLASSES * np.arange(self.lanes).reshape(-1, 1, 1)
        self.first_logit = CLASSES * BATCH * np.arange(self.lanes).reshape(-1, 1) + np.arange(BATCH)

    def array(self, *shape: int) -> NDArray:
        """Allocate one array of ``shape`` per lane."""
        return np.zeros((self.lanes, *shape), self.dtype)

    def allocate_by_name(self) -> tuple[NDArray, dict[str, NDArray]]:
        """Return one flat array, and views into it by parameter name, of shape (lanes, …)."""
        sizes = {name: self.lanes * rows * columns for name, (rows, columns) in self.shapes.items()}
        flat = np.zeros(sum(sizes.values()), self.dtype)
        pieces = np.split(flat, np.cumsum(list(sizes.values()))[:-1])
        named = {}
        for (name, (rows, columns)), piece in zip(self.shapes.items(), pieces, strict=True):
            if name == "W2":
                # Stored by columns, like the logits: its three products are a sixth faster, and so are sums and maxima
                # over the classes.
                named[name] = piece.reshape(self.lanes, columns, rows).swapaxes(1, 2)
            else:
                named[name] = piece.reshape(self.lanes, rows, columns)
        return flat, named

    def step(self, contexts: NDArray[np.intp], targets: NDArray[np.intp], lr: float) -> None:
        """One step of SGD, each lane on its own minibatch.

        Arguments:
            contexts: character indices, shape (lanes, BATCH, CONTEXT).
            targets: character indices, shape (lanes, BATCH).
            lr: learning rate.
        """
        self.forward(contexts)
        self.backward_softmax(targets, lr / BATCH)
        self.backward(contexts)
        self.all_parameters -= self.all_changes

    def forward(self, contexts: NDArray[np.intp]) -> None:
        """Compute the logits from the characters; ``self.logits`` holds them afterwards."""
        p = self.parameters
        # mode="clip" lets take() write straight into out; the indices are in range.
        rows = (contexts + self.first_row).reshape(-1)
        np.take(p["C"].reshape(-1, EMBEDDING), rows, axis=0, out=self.x.reshape(-1, EMBEDDING), mode="clip")
        np.matmul(self.x, p["W1"], out=self.pre)
        self.before_tanh()
        np.tanh(self.pre, out=self.h)
        np.matmul(self.h, p["W2"], out=self.logits)
        self.logits += p["b2"]

    def backward_softmax(self, targets: NDArray[np.intp], rate: float) -> None:
        """Replace the logits by ``rate (softmax(logits) − one_hot(targets))``."""
        dlogits = self.logits
        np.maximum.reduce(dlogits, axis=2, keepdims=True, out=self.per_example)
        dlogits -= self.per_example
        np.exp(dlogits, out=dlogits)
        np.add.reduce(dlogits, axis=2, keepdims=True, out=self.per_example)
        np.divide(rate, self.per_example, out=self.per_example)
        dlogits *= self.per_example
        in_memory_order = dlogits.swapaxes(1, 2).reshape(-1)
        in_memory_order[self.first_logit + BATCH * targets] -= rate

    def backward(self, contexts: NDArray[np.intp]) -> None:
        """Compute the change of every parameter from the gradient of the logits, which ``self.logits`` holds."""
        p, change, dlogits, dpre = self.parameters, self.changes, self.logits, self.dpre
        np.matmul(self.h.swapaxes(1, 2), dlogits, out=change["W2"])
        np.matmul(self.ones, dlogits, out=change["b2"])
        np.matmul(dlogits, p["W2"].swapaxes(1, 2), out=dpre)
        # dtanh = 1 − h²; h is not needed again.
        self.h *= self.h
        np.subtract(1, self.h, out=self.h)
        dpre *= self.h
        self.backward_before_tanh()
        np.matmul(self.x.swapaxes(1, 2), dpre, out=change["W1"])
        np.matmul(dpre, p["W1"].swapaxes(1, 2), out=self.dx)
        # dC sums dx over the occurrences of each character: a product with their one-hot rows.
        one_hot_rows = self.one_hot.reshape(-1, CLASSES)
        np.take(self.identity, contexts.reshape(-1), axis=0, out=one_hot_rows, mode="clip")
        dx_by_character = self.dx.reshape(self.lanes, BATCH * CONTEXT, EMBEDDING)
        np.matmul(self.one_hot.swapaxes(1, 2), dx_by_character, out=change["C"])

    def before_tanh(self) -> None:
        """Apply in place what stands between ``x W1`` and tanh; in this class, add b1."""
        self.pre += self.parameters["b1"]

    def backward_before_tanh(self) -> None:
        """Backward pass of :meth:`before_tanh`, in place on ``dpre``."""
        np.matmul(self.ones, self.dpre, out=self.changes["b1"])


class BatchNormLanes(Lanes):
    """Networks ``logits = tanh(BatchNorm(x W1)) W2 + b2``; there is no b1, which BatchNorm would remove.

    Arguments:
        initial: for each lane its parameters by name; gamma starts at 1 and beta at 0 in every case.
        dtype: ``float32`` or ``float64``.
        lectures: normalise with the unbiased standard deviation and no eps, and keep a running average of that standard
            deviation, as the makemore lecture does. If not: the biased variance and an eps of 1e-5 to normalise, a
            running average of the unbiased variance, as ``torch.nn.BatchNorm1d(200, momentum=0.001)`` does.

    Attributes:
        running_mean: shape (lanes, 1, HIDDEN), 0 at the start.
    """

    shapes: ClassVar[dict[str, tuple[int, int]]] = {
        "W1": (CONTEXT * EMBEDDING, HIDDEN),
        "W2": (HIDDEN, CLASSES),
        "C": (CLASSES, EMBEDDING),
        "gamma": (1, HIDDEN),
        "beta": (1, HIDDEN),
        "b2": (1, CLASSES),
    }
    momentum = 0.001

    def __init__(
        self, initial: Sequence[Mapping[str, NDArray]], dtype: DTypeLike = np.float32, lectures: bool = False
    ) -> None:
        at_start = {"gamma": np.ones(HIDDEN), "beta": np.zeros(HIDDEN)}
        super().__init__([{**values, **at_start} for values in initial], dtype)
        self.lectures = lectures
        self.eps = 0.0 if lectures else 1e-5
        self.divisor = BATCH - 1 if lectures else BATCH
        self.xhat = self.array(BATCH, HIDDEN)
        self.mean, self.var, self.r, self.per_feature = (self.array(1, HIDDEN) for _ in range(4))
        self.running_mean = self.array(1, HIDDEN)
        self.running_spread = (
            self.array(1, HIDDEN) + 1
        )  # running average of the standard deviation (lecture) or of the variance (torch)

    def before_tanh(self) -> None:
        """BatchNorm in training mode, in place on ``pre``."""
        np.matmul(self.ones, self.pre, out=self.mean)
        self.mean /= BATCH
        centred = np.subtract(self.pre, self.mean, out=self.xhat)
        np.multiply(centred, centred, out=self.pre)
        sum_of_squares = np.matmul(self.ones, self.pre, out=self.var)
        self.track(sum_of_squares / (BATCH - 1))
        self.var /= self.divisor
        np.sqrt(self.var + self.eps, out=self.r)
        np.reciprocal(self.r, out=self.r)
        self.xhat *= self.r
        np.multiply(self.xhat, self.parameters["gamma"], out=self.pre)
        self.pre += self.parameters["beta"]

    def track(self, unbiased_var: NDArray) -> None:
        """Move the running estimates towards the statistics of this batch."""
        self.running_mean += self.momentum * (self.mean - self.running_mean)
        spread = np.sqrt(unbiased_var) if self.lectures else unbiased_var
        self.running_spread += self.momentum * (spread - self.running_spread)

    @property
    def running_var(self) -> NDArray:
        """Variance to evaluate with, shape (lanes, 1, HIDDEN), 1 at the start."""
        return np.square(self.running_spread) if self.lectures else self.running_spread

    def backward_before_tanh(self) -> None:
        """Backward pass of BatchNorm, in place on ``dpre``: ``dx = gamma r (dy − Σ dy / N − xhat Σ dy xhat / M)``."""
        change = self.changes
        np.matmul(self.ones, self.dpre, out=change["beta"])
        np.multiply(self.dpre, self.xhat, out=self.pre)
        np.matmul(self.ones, self.pre, out=change["gamma"])
        self.dpre -= np.divide(change["beta"], BATCH, out=self.per_feature)
        self.xhat *= np.divide(change["gamma"], self.divisor, out=self.per_feature)
        self.dpre -= self.xhat
        self.dpre *= np.multiply(self.parameters["gamma"], self.r, out=self.per_feature)
