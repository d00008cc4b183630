"""Layers in NumPy, each with its backward pass derived in its docstring.

Notation of the derivations: L is the loss, ``dy = ∂L/∂y`` arrives as ``dout`` and has the shape of y, and every
other ``d…`` is the gradient with respect to the quantity behind the d, and has the shape of that quantity. Sums run
over the N examples of the batch (index n) unless an index says otherwise.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray

from bncourse.arguments import check_flag, check_number, check_size

__all__ = ["BatchNorm", "Embedding", "Flatten", "Layer", "Linear", "SoftmaxCrossEntropy", "Tanh"]


class Layer:
    """Base class of all layers: mode, named parameters, their gradients, and the numbers that ``backward`` needs.

    Attributes:
        training: ``True`` for batch statistics and running updates; only :class:`BatchNorm` depends on it.
        grads: gradient of each parameter by name, from the last ``backward``.
    """

    parameter_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.training = True
        self.grads: dict[str, NDArray] = {}
        self.kept: tuple | None = None

    def parameters(self) -> dict[str, NDArray]:
        """Each parameter by name: the arrays themselves, so that ``-=`` on one updates the layer."""
        named = {name: getattr(self, name) for name in self.parameter_names}
        return {name: array for name, array in named.items() if array is not None}

    def train(self, mode: bool = True) -> Self:
        """Put the layer into training mode, or with ``False`` into evaluation mode; returns it."""
        self.training = mode
        return self

    def eval(self) -> Self:
        """Put the layer into evaluation mode; returns it."""
        return self.train(False)

    def recall(self) -> tuple:
        """Return what the last ``forward`` kept for ``backward``.

        Raises:
            RuntimeError: there was no ``forward`` yet.
        """
        if self.kept is None:
            name = type(self).__name__
            raise RuntimeError(f"{name}.backward was called before {name}.forward; call forward first")
        return self.kept

    def check_dout(self, dout: Any, shape: tuple[int, ...]) -> None:
        """Raise unless ``dout`` is a floating-point array of the shape of the last output."""
        check_array(self, dout)
        if dout.shape != shape:
            raise ValueError(
                f"{type(self).__name__}.backward was given a gradient of shape {dout.shape}; "
                f"its last output has the shape {shape}"
            )


class Linear(Layer):
    """Weighted sums of the inputs, plus a bias: ``y = x W + b``.

    ::

        y[n, j] = Σ_i x[n, i] W[i, j] + b[j]

        dx[n, i] = Σ_j dy[n, j] ∂y[n, j]/∂x[n, i] = Σ_j dy[n, j] W[i, j]        dx = dy Wᵀ
        dW[i, j] = Σ_n dy[n, j] ∂y[n, j]/∂W[i, j] = Σ_n x[n, i] dy[n, j]        dW = xᵀ dy
        db[j]    = Σ_n dy[n, j] ∂y[n, j]/∂b[j]    = Σ_n dy[n, j]

    Arguments:
        fan_in: number of features of the input, at least 1.
        fan_out: number of features of the output, at least 1.
        bias: whether to add ``b``; if not, ``.bias`` is ``None``.
        gain: the weight is N(0, gain² / fan_in); at least 0.
        generator: a ``torch.Generator``, so that the layer draws the weight that ``bncourse.layers.Linear`` draws
            from the same seed; ``None`` uses torch's global one.
        dtype: of the parameters.

    Attributes:
        weight: W, shape (fan_in, fan_out).
        bias: b, shape (fan_out,), 0 at the start.

    Shape:
        (N, fan_in) in, (N, fan_out) out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a floating-point array.
        ValueError: an argument is out of range, or the input has the wrong shape.
        RuntimeError: ``backward`` comes before ``forward``.
    """

    parameter_names = ("weight", "bias")

    def __init__(
        self,
        fan_in: int,
        fan_out: int,
        bias: bool = True,
        *,
        gain: float = 1.0,
        generator: torch.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        self.fan_in = check_size("fan_in", fan_in)
        self.fan_out = check_size("fan_out", fan_out)
        has_bias = check_flag("bias", bias)
        std = check_number("gain", gain) / math.sqrt(self.fan_in)
        self.weight = normal((self.fan_in, self.fan_out), std, generator, dtype)
        self.bias = np.zeros(self.fan_out, dtype) if has_bias else None

    def forward(self, x: NDArray) -> NDArray:
        """Map (N, fan_in) to (N, fan_out)."""
        check_features(self, x, self.fan_in)
        self.kept = (x,)
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

    def backward(self, dout: NDArray) -> NDArray:
        """Return dx, shape (N, fan_in); leave ``grads['weight']`` and ``grads['bias']``."""
        (x,) = self.recall()
        self.check_dout(dout, (len(x), self.fan_out))
        self.grads = {"weight": x.T @ dout}
        if self.bias is not None:
            self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.weight.T


class Tanh(Layer):
    """Hyperbolic tangent of each entry.

    ::

        y = sinh(x) / cosh(x)
        dy/dx = (cosh² x − sinh² x) / cosh² x = 1 − y²        so dx = dy (1 − y²), entry by entry

    As ``|y|`` approaches 1 the factor approaches 0: a saturated unit passes no gradient back.

    Shape:
        any shape, and the same shape out.

    Raises:
        TypeError: the input is not a floating-point array.
        ValueError: the gradient's shape is not the output's.
        RuntimeError: ``backward`` comes before ``forward``.
    """

    def forward(self, x: NDArray) -> NDArray:
        """Apply tanh."""
        check_array(self, x)
        y = np.tanh(x)
        self.kept = (y,)
        return y

    def backward(self, dout: NDArray) -> NDArray:
        """Return dx, of the shape of ``dout``."""
        (y,) = self.recall()
        self.check_dout(dout, y.shape)
        return dout * (1 - y * y)


class BatchNorm(Layer):
    """Batch Normalization of features: each to mean 0 and variance 1 over the batch, then scaled and shifted.

    Forward, for each feature on its own (n runs over the N examples; ``v`` is the batch variance)::

        μ = Σ x[n] / N        v = Σ (x[n] − μ)² / M        r = 1 / √(v + eps)
        x̂[n] = (x[n] − μ) r        y[n] = γ x̂[n] + β

    with ``M = N`` (the biased variance, as the paper and ``torch.nn`` have it), or ``M = N − 1`` under
    ``unbiased_batch_variance``. The running estimates store the *unbiased* variance in both cases::

        running_mean ← (1 − momentum) running_mean + momentum μ
        running_var  ← (1 − momentum) running_var  + momentum Σ (x[n] − μ)² / (N − 1)

    Backward in training mode. γ and β act as in a Linear layer::

        dβ = Σ dy[n]        dγ = Σ dy[n] x̂[n]        dx̂[n] = γ dy[n]

    Each ``x[i]`` influences the loss along three paths: directly, through μ, and through r::

        directly    ∂x̂[n]/∂x[i] = r where n = i, else 0           gives  r dx̂[i]
        through μ   ∂x̂[n]/∂μ = −r,  ∂μ/∂x[i] = 1/N                gives  −r Σ dx̂[n] / N
        through r   ∂x̂[n]/∂r = x[n] − μ = x̂[n] / r,
                    ∂r/∂v = −r³/2,  ∂v/∂x[i] = 2 (x[i] − μ) / M
                    so ∂r/∂x[i] = −r² x̂[i] / M                     gives  −r x̂[i] Σ dx̂[n] x̂[n] / M

    (v depends on μ as well, but ∂v/∂μ = −2 Σ (x[n] − μ) / M = 0.) Together::

        dx[i] = r ( dx̂[i] − Σ dx̂[n] / N − x̂[i] Σ dx̂[n] x̂[n] / M )

    In evaluation mode μ and v are the running estimates, which are constants. Only the direct path remains:
    ``dx = r dx̂``.

    Arguments:
        dim: number of features D, at least 1.
        eps: added to the variance, at least 0.
        momentum: weight of the *new* value in the running estimates, 0 to 1; ``None`` makes them the plain average
            over all batches seen.
        unbiased_batch_variance: divide by N − 1 to normalise as well, as the makemore lecture does.
        dtype: of parameters and running estimates.

    Attributes:
        gamma, beta: γ and β, shape (D,), 1 and 0 at the start.
        running_mean, running_var: shape (D,), 0 and 1 at the start.
        num_batches_tracked: how many training batches were seen.

    Shape:
        (N, D) in and out.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a floating-point array.
        ValueError: an argument is out of range, the input has the wrong shape, or a training batch has one example.
        RuntimeError: ``backward`` comes before ``forward``.

    Source:
        Ioffe and Szegedy, "Batch Normalization" (2015), arXiv:1502.03167, Algorithm 1 and section 3.
    """

    parameter_names = ("gamma", "beta")

    def __init__(
        self,
        dim: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        *,
        unbiased_batch_variance: bool = False,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        self.dim = check_size("dim", dim)
        self.eps = check_number("eps", eps)
        self.momentum = None if momentum is None else check_number("momentum", momentum, at_most=1)
        self.unbiased_batch_variance = check_flag("unbiased_batch_variance", unbiased_batch_variance)
        self.gamma = np.ones(self.dim, dtype)
        self.beta = np.zeros(self.dim, dtype)
        self.running_mean = np.zeros(self.dim, dtype)
        self.running_var = np.ones(self.dim, dtype)
        self.num_batches_tracked = 0

    def forward(self, x: NDArray) -> NDArray:
        """Normalise each column of ``x``, shape (N, D)."""
        check_features(self, x, self.dim)
        divisor = None
        if self.training:
            n = len(x)
            if n < 2:
                raise ValueError(
                    f"BatchNorm was given a training batch of {n}; its statistics need at least 2 examples"
                )
            mean = x.mean(axis=0)
            centred = x - mean
            squares = (centred * centred).sum(axis=0)
            divisor = n - 1 if self.unbiased_batch_variance else n
            var = squares / divisor
            self.track(mean, squares / (n - 1))
        else:
            centred = x - self.running_mean
            var = self.running_var
        r = 1 / np.sqrt(var + self.eps)
        xhat = centred * r
        self.kept = (xhat, r, divisor)
        return self.gamma * xhat + self.beta

    def track(self, mean: NDArray, unbiased_var: NDArray) -> None:
        """Move the running estimates towards the statistics of a batch."""
        self.num_batches_tracked += 1
        weight = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean = (1 - weight) * self.running_mean + weight * mean
        self.running_var = (1 - weight) * self.running_var + weight * unbiased_var

    def backward(self, dout: NDArray) -> NDArray:
        """Return dx, shape (N, D); leave ``grads['gamma']`` and ``grads['beta']``."""
        xhat, r, divisor = self.recall()
        self.check_dout(dout, xhat.shape)
        self.grads = {"gamma": (dout * xhat).sum(axis=0), "beta": dout.sum(axis=0)}
        dxhat = self.gamma * dout
        if divisor is None:
            return r * dxhat
        return r * (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).sum(axis=0) / divisor)


class Embedding(Layer):
    """One learned vector per index: ``y[…] = W[index[…]]``.

    ::

        ∂y[p, e]/∂W[v, e] = 1 where index[p] = v, else 0        so dW[v] = Σ_{p: index[p] = v} dy[p]

    An index that occurs several times collects the sum of its gradients. Indices are whole numbers and have no
    gradient, so that ``backward`` returns ``None``.

    Arguments:
        num_embeddings: how many indices there are, at least 1.
        dim: length E of each vector, at least 1.
        generator: a ``torch.Generator``; ``None`` uses torch's global one.
        dtype: of the weight.

    Attributes:
        weight: W, shape (num_embeddings, E), N(0, 1) at the start.

    Shape:
        (…) whole numbers in, (…, E) out.

    Raises:
        TypeError: an argument has the wrong type, or the indices are not whole numbers.
        ValueError: an argument is out of range, or the gradient's shape is not the output's.
        IndexError: an index is outside 0 to num_embeddings − 1.
        RuntimeError: ``backward`` comes before ``forward``.
    """

    parameter_names = ("weight",)

    def __init__(
        self,
        num_embeddings: int,
        dim: int,
        *,
        generator: torch.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        self.num_embeddings = check_size("num_embeddings", num_embeddings)
        self.dim = check_size("dim", dim)
        self.weight = normal((self.num_embeddings, self.dim), 1.0, generator, dtype)

    def forward(self, index: NDArray) -> NDArray:
        """Look up (…) indices; returns (…, E)."""
        check_indices(self, "indices", index, self.num_embeddings)
        self.kept = (index,)
        return self.weight[index]

    def backward(self, dout: NDArray) -> None:
        """Leave ``grads['weight']``, shape (num_embeddings, E)."""
        (index,) = self.recall()
        self.check_dout(dout, (*index.shape, self.dim))
        dweight = np.zeros(self.weight.shape, dout.dtype)
        np.add.at(dweight, index, dout)  # unlike dweight[index] += dout, adds once per occurrence
        self.grads = {"weight": dweight}


class Flatten(Layer):
    """Join all dimensions after the first: ``y[n, t E + e] = x[n, t, e]``; the gradient gets the shape of x.

    Shape:
        (N, …) in, (N, product of …) out.

    Raises:
        TypeError: the input is not a floating-point array.
        ValueError: the input has fewer than two dimensions, or the gradient's shape is not the output's.
        RuntimeError: ``backward`` comes before ``forward``.
    """

    def forward(self, x: NDArray) -> NDArray:
        """Map (N, T, E) to (N, T E)."""
        check_array(self, x)
        if x.ndim < 2:
            raise ValueError(f"Flatten was given an input of shape {x.shape}; it takes (N, T, E)")
        self.kept = (x.shape,)
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, dout: NDArray) -> NDArray:
        """Map (N, T E) back to (N, T, E)."""
        (shape,) = self.recall()
        self.check_dout(dout, (shape[0], math.prod(shape[1:])))
        return dout.reshape(shape)


class SoftmaxCrossEntropy(Layer):
    """Mean cross-entropy between softmax(logits) and the right classes, in nats.

    ::

        p[n, c] = exp(z[n, c]) / Σ_k exp(z[n, k])        L = −(1/N) Σ_n log p[n, t[n]]

        log p[n, t] = z[n, t] − log Σ_k exp(z[n, k])
        ∂ log p[n, t]/∂z[n, c] = [c = t] − p[n, c]        so dz[n, c] = (p[n, c] − [c = t[n]]) / N

    The largest logit of each row is subtracted first: it cancels in p, and exp cannot overflow.

    Shape:
        logits (N, C) and targets (N,) whole numbers in, a ``float`` out.

    Raises:
        TypeError: the logits are not floating-point, or the targets not whole numbers.
        ValueError: the shapes of logits and targets do not match.
        IndexError: a target is outside 0 to C − 1.
        RuntimeError: ``backward`` comes before ``forward``.
    """

    def forward(self, logits: NDArray, targets: NDArray) -> float:
        """Return the mean loss."""
        check_array(self, logits)
        if logits.ndim != 2 or 0 in logits.shape or np.shape(targets) != (len(logits),):
            raise ValueError(
                f"SoftmaxCrossEntropy was given logits of shape {logits.shape} and targets of shape "
                f"{np.shape(targets)}; it takes (N, C) and (N,)"
            )
        check_indices(self, "targets", targets, logits.shape[1])
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.kept = (log_p, targets)
        return -float(log_p[np.arange(len(targets)), targets].mean())

    def backward(self, dout: float = 1.0) -> NDArray:
        """Return dlogits, shape (N, C); ``dout`` is the gradient with respect to L of whatever is minimised."""
        log_p, targets = self.recall()
        dlogits = np.exp(log_p)
        dlogits[np.arange(len(targets)), targets] -= 1
        return dlogits * (check_number("dout", dout, at_least=-math.inf) / len(targets))


def normal(shape: tuple[int, int], std: float, generator: torch.Generator | None, dtype: DTypeLike) -> NDArray:
    """Draw N(0, std²) from torch in float32, as the layers on torch do, and convert to ``dtype``."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"dtype is {dtype}; it must be a floating-point one, such as float64")
    return (torch.randn(shape, generator=generator) * std).numpy().astype(dtype)


def check_array(layer: Layer, x: Any) -> None:
    """Raise ``TypeError`` unless ``x`` is a floating-point array."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        raise TypeError(f"{type(layer).__name__} was given {kind_of(x)}; it takes a floating-point NumPy array")


def check_features(layer: Layer, x: Any, features: int) -> None:
    """Raise unless ``x`` is a floating-point array of shape (N, features)."""
    check_array(layer, x)
    if x.ndim != 2 or x.shape[1] != features:
        raise ValueError(f"{type(layer).__name__} was given an input of shape {x.shape}; it takes (N, {features})")


def check_indices(layer: Layer, what: str, index: Any, count: int) -> None:
    """Raise unless ``index`` is an array of whole numbers from 0 to ``count − 1``."""
    name = type(layer).__name__
    if not isinstance(index, np.ndarray) or index.dtype.kind not in "iu":
        raise TypeError(f"{name} was given {what} as {kind_of(index)}; it takes a NumPy array of whole numbers")
    if index.size and (index.min() < 0 or index.max() >= count):
        raise IndexError(f"{name} was given {what} from {index.min()} to {index.max()}; it takes 0 to {count - 1}")


def kind_of(value: Any) -> str:
    """Describe a wrong argument, for an error message."""
    return f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
