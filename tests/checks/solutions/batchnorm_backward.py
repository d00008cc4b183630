import sys
import warnings

import numpy as np


# %% right: in closed form
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dx = gamma * inv_std / N * (N * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


# %% right: step by step, as in the chapter
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    mean = x.mean(axis=0)
    centred = x - mean
    var = (centred**2).mean(axis=0)
    inv_std = (var + eps) ** -0.5
    xhat = centred * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dinv_std = (dxhat * centred).sum(axis=0)
    dvar = dinv_std * -0.5 * inv_std**3
    dsquared = np.ones_like(dout) * dvar / N
    dcentred = dxhat * inv_std + dsquared * 2 * centred
    dmean = -dcentred.sum(axis=0)
    return dcentred + dmean / N, dgamma, dbeta


# %% right: the paper's equations, with the term that is zero
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    m = x.shape[0]
    mu = np.mean(x, axis=0, keepdims=True)
    var = np.mean((x - mu) ** 2, axis=0, keepdims=True)
    sqrtvar = np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mu) * -0.5 * (var + eps) ** -1.5, axis=0, keepdims=True)
    dmu = np.sum(-dxhat / sqrtvar, axis=0, keepdims=True) + dvar * np.sum(-2 * (x - mu), axis=0, keepdims=True) / m
    dx = dxhat / sqrtvar + dvar * 2 * (x - mu) / m + dmu / m
    dgamma = np.sum(dout * (x - mu) / sqrtvar, axis=0)
    return dx, dgamma, np.sum(dout, axis=0)


# %% right: through a Jacobian for each feature
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N, D = x.shape
    dx = np.empty((N, D))
    dgamma, dbeta = [], []
    for j in range(D):
        c = x[:, j].astype(float) - x[:, j].astype(float).mean()
        sigma = np.sqrt(c @ c / N + eps)
        h = c / sigma
        J = gamma[j] / sigma * (np.eye(N) - 1 / N - np.outer(h, h) / N)
        dx[:, j] = J.T @ dout[:, j]
        dgamma.append(h @ dout[:, j])
        dbeta.append(dout[:, j].sum())
    return dx, np.array(dgamma), np.array(dbeta)


# %% right: with prints, warnings, words on stderr, and in float64
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    print("shapes", dout.shape, x.shape, gamma.shape)
    warnings.warn("by hand", stacklevel=1)
    print("derivatives ...", file=sys.stderr)
    dout, x, gamma = (np.array(a, dtype=np.float64) for a in (dout, x, gamma))
    x -= x.mean(0)
    scale = np.sqrt(np.mean(x**2, axis=0) + eps)
    x /= scale
    dout_kept = dout.copy()
    dout -= dout.mean(0)
    dout -= x * (dout * x).mean(0)
    return [dout * gamma / scale, (dout_kept * x).sum(0), dout_kept.sum(0)]


# %% right: einsum
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(dout)
    c = x - np.einsum("nd->d", x) / n
    r = (np.einsum("nd,nd->d", c, c) / n + eps) ** -0.5
    h = np.einsum("nd,d->nd", c, r)
    db = np.einsum("nd->d", dout)
    dg = np.einsum("nd,nd->d", dout, h)
    return np.einsum("d,d,nd->nd", gamma, r, dout - db / n - np.einsum("nd,d->nd", h, dg / n)), dg, db


# %% wrong: reference-handed-in, torch's autograd on one's own forward pass
import torch


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    x, gamma = torch.tensor(x, requires_grad=True), torch.tensor(gamma, requires_grad=True)
    beta = torch.zeros_like(gamma, requires_grad=True)
    y = gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + eps) + beta
    y.backward(torch.tensor(dout))
    return x.grad.numpy(), gamma.grad.numpy(), beta.grad.numpy()


# %% wrong: not-attempted, the stub
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    """Gradients of BatchNorm: dx (N, D), dgamma (D,) and dbeta (D,), from dout (N, D), x (N, D) and gamma (D,)."""
    # Forward again: what do the derivatives need?
    ...  # your code here


# %% wrong: undefined-name, an input that forward did not keep
def batchnorm_backward(dout, inputs, gamma, eps=1e-5):
    N = len(dout)
    inv_std = 1 / np.sqrt(inputs.var(axis=0) + eps)
    xhat = (x - inputs.mean(axis=0)) * inv_std  # noqa: F821
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    return gamma * inv_std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: wrong-signature, a cache instead of x and gamma
def batchnorm_backward(dout, cache):
    x, gamma, eps = cache
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv_std
    dbeta, dgamma = dout.sum(axis=0), np.sum(dout * xhat, axis=0)
    return gamma * inv_std * (dout - dbeta / len(x) - xhat * dgamma / len(x)), dgamma, dbeta


# %% wrong: statistics-held-constant, as in evaluation
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    return dout * gamma / std, (dout * xhat).sum(axis=0), dout.sum(axis=0)


# %% wrong: variance-path-missing, only the mean is subtracted
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dxhat = dout * gamma
    dx = dxhat / std - (dxhat / std).mean(axis=0)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


# %% wrong: mean-path-missing, the gradient of the mean is never handed on
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    centred = x - x.mean(axis=0)
    inv_std = (np.mean(centred**2, axis=0) + eps) ** -0.5
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv_std**3
    dx = dxhat * inv_std + dvar * 2 * centred / N
    return dx, (dout * centred * inv_std).sum(axis=0), dout.sum(axis=0)


# %% wrong: one-path-replaced, = where += belongs
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    centred = x - x.mean(axis=0)
    inv_std = (np.mean(centred**2, axis=0) + eps) ** -0.5
    dxhat = dout * gamma
    dcentred = dxhat * inv_std
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv_std**3
    dcentred = dvar * 2 * centred / N
    dx = dcentred - dcentred.mean(axis=0)
    return dx, (dout * centred * inv_std).sum(axis=0), dout.sum(axis=0)


# %% wrong: variance-path-added, the minus of the power -1/2 is lost
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    mu, var = x.mean(axis=0), x.var(axis=0)
    std = np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mu), axis=0) * 0.5 * std**-3
    dmu = -np.sum(dxhat, axis=0) / std
    dx = dxhat / std + dvar * 2 * (x - mu) / N + dmu / N
    return dx, np.sum(dout * (x - mu) / std, axis=0), np.sum(dout, axis=0)


# %% wrong: factor-two-missing, the derivative of the square
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    mu, var = x.mean(axis=0), x.var(axis=0)
    std = np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mu), axis=0) * -0.5 * std**-3
    dmu = -np.sum(dxhat, axis=0) / std
    dx = dxhat / std + dvar * (x - mu) / N + dmu / N
    return dx, np.sum(dout * (x - mu) / std, axis=0), np.sum(dout, axis=0)


# %% wrong: half-missing, the derivative of the root
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    mu, var = x.mean(axis=0), x.var(axis=0)
    std = np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = -np.sum(dxhat * (x - mu), axis=0) / std**3
    dmu = -np.sum(dxhat, axis=0) / std
    dx = dxhat / std + dvar * 2 * (x - mu) / N + dmu / N
    return dx, np.sum(dout * (x - mu) / std, axis=0), np.sum(dout, axis=0)


# %% wrong: wrong-power-of-inv-std, the second power instead of the third
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    centred = x - x.mean(axis=0)
    inv_std = (np.mean(centred**2, axis=0) + eps) ** -0.5
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv_std**2
    dcentred = dxhat * inv_std + dvar * 2 * centred / N
    return dcentred - dcentred.mean(axis=0), (dout * centred * inv_std).sum(axis=0), dout.sum(axis=0)


# %% wrong: not-divided-by-n, the factor in front of the bracket
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    return gamma * inv_std * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: sums-not-divided, dbeta and dgamma taken for means
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    return gamma * inv_std * (dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: gamma-missing-in-dx, as if gamma were 1
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = x.shape[0]
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    return (N * dout - dbeta - xhat * dgamma) / (N * std), dgamma, dbeta


# %% wrong: dgamma-with-x, what goes in instead of what is normalised
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dx = gamma / std * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0))
    return dx, (dout * x).sum(0), dout.sum(0)


# %% wrong: parameters-averaged, mean instead of sum
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dbeta, dgamma = dout.mean(0), (dout * xhat).mean(0)
    return gamma / std * (dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: parameters-not-summed, one gradient for each example
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dx = gamma / std * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0))
    return dx, dout * xhat, dout


# %% wrong: kept-dimension, gradients of shape (1, D)
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    std = np.sqrt(x.var(axis=0, keepdims=True) + eps)
    xhat = (x - x.mean(axis=0, keepdims=True)) / std
    dbeta = dout.sum(axis=0, keepdims=True)
    dgamma = (dout * xhat).sum(axis=0, keepdims=True)
    return gamma / std * (dout - dbeta / N - xhat * dgamma / N), dgamma, dbeta


# %% wrong: unbiased-variance, n - 1 in the forward pass
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    std = np.sqrt(x.var(axis=0, ddof=1) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    return gamma / std / N * (N * dout - dbeta - N / (N - 1) * xhat * dgamma), dgamma, dbeta


# %% wrong: unbiased-on-the-way-back, the factor of the lecture's closed form
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    return gamma / std / N * (N * dout - dbeta - N / (N - 1) * xhat * dgamma), dgamma, dbeta


# %% wrong: statistics-over-features, each example over its features
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    return gamma / std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: statistics-over-everything, one mean for all
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    std = np.sqrt(np.var(x) + eps)
    xhat = (x - np.mean(x)) / std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    return gamma / std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: eps-missing, the plain standard deviation
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    std = x.std(axis=0)
    xhat = (x - x.mean(axis=0)) / std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    return gamma / std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: eps-ignored, the default is written into the formula
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = len(x)
    inv_std = (x.var(axis=0) + 1e-5) ** -0.5
    xhat = (x - x.mean(axis=0)) * inv_std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    return gamma * inv_std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


# %% wrong: dx-is-zero, it passes for an upstream gradient of ones
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    xhat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return np.zeros_like(x), (dout * xhat).sum(axis=0), dout.sum(axis=0)


# %% wrong: finite-differences, in place of a derivation
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    def loss(x):
        return np.sum(dout * gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps))

    dx, h = np.zeros_like(x), 1e-5
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            up, down = x.copy(), x.copy()
            up[i, j] += h
            down[i, j] -= h
            dx[i, j] = (loss(up) - loss(down)) / (2 * h)
    xhat = (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
    return dx, (dout * xhat).sum(0), dout.sum(0)


# %% wrong: not-three-results, dx alone
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    return gamma / std * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0))


# %% wrong: changes-its-input, dout is worked on in place
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    dout -= dbeta / len(x)
    dout -= xhat * dgamma / len(x)
    return dout * gamma / std, dgamma, dbeta


# %% wrong: precision-lost, a buffer in float32
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dx = np.zeros(x.shape, dtype=np.float32)
    dx += gamma / std * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0))
    return dx, (dout * xhat).sum(0), dout.sum(0)


# %% wrong: reference-handed-in, the course's NumPy layer
from bncourse.manual import BatchNorm


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    layer = BatchNorm(x.shape[1], eps=eps, dtype=x.dtype)
    layer.gamma = gamma
    layer.forward(x)
    return layer.backward(dout), layer.grads["gamma"], layer.grads["beta"]


# %% wrong: reference-handed-in, torch's function and autograd
import torch


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    x, gamma = torch.tensor(x, requires_grad=True), torch.tensor(gamma, requires_grad=True)
    beta = torch.zeros_like(gamma, requires_grad=True)
    torch.nn.functional.batch_norm(x, None, None, gamma, beta, True, 0.1, eps).backward(torch.tensor(dout))
    return x.grad.numpy(), gamma.grad.numpy(), beta.grad.numpy()


# %% wrong: reference-handed-in, torch's operation for the way back
import torch


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    d, t, g = (torch.tensor(a) for a in (dout, x, gamma))
    mean, rstd = t.mean(0), (t.var(0, correction=0) + eps).rsqrt()
    out = torch.ops.aten.native_batch_norm_backward(d, t, g, None, None, mean, rstd, True, eps, [True, True, True])
    return tuple(part.numpy() for part in out)


# %% elsewhere
def prints(theirs):
    """The shapes, and that dx adds up to 0 over the batch, read off a print with two decimals."""
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(10, 3)), rng.normal(size=(10, 3))
    dx, dgamma, dbeta = theirs(dout, x, np.ones(3))
    fits = (dx.shape, dgamma.shape, dbeta.shape) == ((10, 3), (3,), (3,))
    return fits and " ".join(f"{abs(s):.2f}" for s in dx.sum(axis=0)) == "0.00 0.00 0.00"


def allclose(theirs):
    """torch's own layer on one batch, with a random upstream gradient."""
    import torch

    rng = np.random.default_rng(0)
    x, dout, gamma = rng.normal(size=(8, 3)), rng.normal(size=(8, 3)), np.ones(3)
    t, layer = torch.tensor(x, requires_grad=True), torch.nn.BatchNorm1d(3).double()
    layer(t).backward(torch.tensor(dout))
    right = t.grad, layer.weight.grad, layer.bias.grad
    return all(np.allclose(a, b, atol=1e-5) for a, b in zip(theirs(dout, x, gamma), right))


# %% wrong: multiplies-by-std, the root is not turned round
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dx, dgamma, dbeta


# %% wrong: gamma-missing-in-sums, by way of the variance alone
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dout * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dx, dgamma, dbeta


# %% wrong: power-before-division, the power -3/2
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * (var + eps) ** -3 / 2
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dx, dgamma, dbeta


# %% wrong: gradient-of-xhat, it stops half way
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dxhat
    return dx, dgamma, dbeta


# %% wrong: dx-comes-last, in the order of computing
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dbeta, dgamma, dx


# %% wrong: dx-comes-last, the parameters first
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dgamma, dbeta, dx


# %% wrong: divided-by-another-count, shape[1] for shape[0]
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[1]
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dx, dgamma, dbeta


# %% wrong: divided-by-another-count, all entries
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.size
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / n
    dx = dcentred - dcentred.sum(axis=0) / n
    return dx, dgamma, dbeta


# %% wrong: sums-exchanged, dgamma for dbeta
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    inv = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dx = gamma * inv / n * (n * dout - dgamma - xhat * dbeta)
    return dx, dgamma, dbeta


# %% wrong: std-missing-in-sums, the first term alone
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    inv = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dx = gamma * (inv * dout - dbeta / n - xhat * dgamma / n)
    return dx, dgamma, dbeta


# %% wrong: means-over-everything, no axis in dx
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    inv = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dx = inv * (gamma * dout - (gamma * dout).mean() - xhat * (gamma * dout * xhat).mean())
    return dx, dgamma, dbeta


# %% wrong: means-over-features, the other axis in dx
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = len(x)
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv = 1 / np.sqrt(var + eps)
    xhat = centred * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    mean = dxhat.mean(axis=1, keepdims=True)
    along = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = inv * (dxhat - mean - xhat * along)
    return dx, dgamma, dbeta


# %% wrong: default-eps-changed, a thousandth
def batchnorm_backward(dout, x, gamma, eps=1e-3):
    n = len(x)
    inv = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dx = gamma * inv / n * (n * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta
