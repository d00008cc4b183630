import math
import sys
import warnings

import numpy as np


# %% right: the three steps, one line each
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


# %% right: with keepdims, squeezed at the end
def batchnorm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5):
    mu = np.mean(x, axis=0, keepdims=True)
    xmu = x - mu
    sigma2 = np.mean(np.square(xmu), axis=0, keepdims=True)
    x_norm = xmu * (sigma2 + eps) ** -0.5
    y = np.multiply(gamma[None, :], x_norm) + beta[None, :]
    return [y, mu.squeeze(0), sigma2.squeeze(0)]


# %% right: sums and einsum
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    N, D = x.shape
    m = np.einsum("nd->d", x) / N
    c = x - m
    v = np.einsum("nd,nd->d", c, c) / N
    return np.einsum("nd,d,d->nd", c, 1 / np.sqrt(v + eps), gamma) + beta, m, v


# %% right: feature by feature, in plain loops and in float64
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    N, D = x.shape
    y = np.zeros((N, D))
    means, variances = np.zeros(D), np.zeros(D)
    for j in range(D):
        column = [float(value) for value in x[:, j]]
        means[j] = sum(column) / N
        variances[j] = sum((value - means[j]) ** 2 for value in column) / N
        for i in range(N):
            y[i, j] = gamma[j] * (column[i] - means[j]) / math.sqrt(variances[j] + eps) + beta[j]
    return y, means, variances


# %% right: with prints, warnings and words on stderr
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    print("shape", x.shape)
    warnings.warn("this is my first layer", stacklevel=1)
    print("working ...", file=sys.stderr)
    x = np.asarray(x, dtype=np.float64)
    mean, var = x.mean(0), x.var(0, ddof=0)
    out = (x - mean) / np.sqrt(var + eps)
    out *= gamma
    out += beta
    return out, mean, var


# %% right: gamma and the root folded into one scale and one shift of the centred batch
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    centred = x - mean
    var = (centred * centred).sum(axis=0) / len(x)
    scale = gamma / np.sqrt(var + eps)
    return centred * scale + beta, mean, var


# %% right: transposed, as an array of features
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    rows = x.T.copy()
    mean = rows.mean(axis=-1)
    rows -= mean[:, np.newaxis]
    var = (rows**2).mean(axis=-1)
    rows /= np.sqrt(var + eps)[:, np.newaxis]
    return gamma * rows.T + beta, mean, var


# %% right: a class that is called through a function
class Layer:
    def __init__(self, gamma, beta, eps):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def __call__(self, x):
        self.mean = np.average(x, axis=0)
        self.var = np.average((x - self.mean) ** 2, axis=0)
        self.out = self.gamma * ((x - self.mean) / np.power(self.var + self.eps, 0.5)) + self.beta
        return self.out


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    layer = Layer(gamma, beta, eps)
    return layer(x), layer.mean, layer.var


# %% right: a named tuple
import collections

Parts = collections.namedtuple("Parts", "y mean var")


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    m, v = x.mean(0), x.var(0)
    return Parts(gamma * (x - m) / np.sqrt(v + eps) + beta, m, v)


# %% wrong: not-attempted, the stub
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalise each column of x (N, D), scale and shift it; return y (N, D), mean (D,), var (D,)."""
    ...  # your code here


# %% wrong: wrong-signature, eps is built in
def batchnorm_forward(x, gamma, beta):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta, mean, var


# %% wrong: undefined-name, a slip of the pen
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    return gamma * (x - maen) / np.sqrt(var + eps) + beta, mean, var  # noqa: F821


# %% wrong: unbiased-variance, as torch.var has it
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.sum(axis=0) / x.shape[0]
    var = ((x - mean) ** 2).sum(axis=0) / (x.shape[0] - 1)
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, mean, var


# %% wrong: unbiased-normaliser, by np.std with ddof=1
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, var = x.mean(0), x.var(0)
    std = np.sqrt(np.std(x, axis=0, ddof=1) ** 2 + eps)
    return gamma * ((x - mean) / std) + beta, mean, var


# %% wrong: unbiased-variance-returned, as it is to be stored later
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    n = len(x)
    mean, var = x.mean(0), x.var(0)
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var * n / (n - 1)


# %% wrong: statistics-over-features, each example over its features
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=1, keepdims=True)
    sigma = np.sqrt(np.mean((x - mu) ** 2, axis=1, keepdims=True) + eps)
    out = gamma * (x - mu) / sigma + beta
    return out, mu.ravel(), (sigma**2 - eps).ravel()


# %% wrong: statistics-over-features, kept as columns
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(var + eps) * gamma + beta, mean, var


# %% wrong: statistics-over-features, without keepdims, which fits a square batch only
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=1)
    var = x.var(axis=1)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


# %% wrong: statistics-over-everything, no axis at all
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, std = np.mean(x), np.std(x)
    y = gamma * (x - mean) / (std**2 + eps) ** 0.5 + beta
    return y, mean, std**2


# %% wrong: statistics-over-everything, one number repeated
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    D = x.shape[1]
    mean = np.repeat(x.sum() / x.size, D)
    var = np.repeat(((x - mean) ** 2).sum() / x.size, D)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


# %% wrong: kept-dimension, statistics of shape (1, D)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0, keepdims=True)
    var = x.var(axis=0, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


# %% wrong: eps-outside-root, std + eps
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, std = x.mean(axis=0), x.std(axis=0)
    return gamma * ((x - mean) / (std + eps)) + beta, mean, std**2


# %% wrong: eps-missing, zero divided by zero for a constant feature
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, std = x.mean(axis=0), x.std(axis=0)
    return gamma * ((x - mean) / std) + beta, mean, x.var(axis=0)


# %% wrong: eps-ignored, the default is written into the formula
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    return beta + gamma * (x - mu) / np.sqrt(var + 0.00001), mu, var


# %% wrong: default-eps-changed, 1e-8 as in another library
def batchnorm_forward(x, gamma, beta, eps=1e-8):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    return beta + gamma * (x - mu) / np.sqrt(var + eps), mu, var


# %% wrong: divides-by-variance, the root is forgotten
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = np.mean((x - mean) ** 2, axis=0)
    return gamma * (x - mean) / (var + eps) + beta, mean, var


# %% wrong: std-returned, the third is a standard deviation
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, std = x.mean(axis=0), x.std(axis=0)
    return gamma * (x - mean) / np.sqrt(std**2 + eps) + beta, mean, std


# %% wrong: not-three-results, mean and var are forgotten
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


# %% wrong: third-step-missing, gamma and beta are not used
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, 0)
    var = np.var(x, 0)
    return (x - mean) / np.sqrt(var + eps), mean, var


# %% wrong: beta-before-gamma, a misplaced parenthesis
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, 0)
    var = np.var(x, 0)
    return gamma * ((x - mean) / np.sqrt(var + eps) + beta), mean, var


# %% wrong: beta-missing, only the scale
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, 0)
    var = np.var(x, 0)
    return gamma * (x - mean) / np.sqrt(var + eps), mean, var


# %% wrong: one-gamma-for-all, the first of each
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, 0)
    var = np.var(x, 0)
    return float(gamma[0]) * (x - mean) / np.sqrt(var + eps) + float(beta[0]), mean, var


# %% wrong: mean-of-squares, the variance of uncentred numbers
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(0)
    var = np.square(x).mean(0)
    return gamma * (x - mean) * (var + eps) ** -0.5 + beta, mean, var


# %% wrong: one-pass-variance, the mean of the squares less the square of the mean
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    n = len(x)
    total, squares = x.sum(axis=0), np.square(x).sum(axis=0)
    mean = total / n
    var = squares / n - mean * mean
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


# %% wrong: changes-its-input, centred in place
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    x -= mean
    x /= np.sqrt(var + eps)
    return gamma * x + beta, mean, var


# %% wrong: precision-lost, everything in float32
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x = x.astype(np.float32)
    mean, var = x.mean(axis=0), x.var(axis=0)
    y = gamma.astype(np.float32) * (x - mean) / np.sqrt(var + eps) + beta.astype(np.float32)
    return y, mean, var


# %% wrong: precision-lost, an array for the result that is made in float32
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    y = np.empty(x.shape, dtype="float32")
    mean, var = x.mean(axis=0), x.var(axis=0)
    y[:] = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var


# %% wrong: torch-for-numpy, tensors come back
import torch


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x, gamma, beta = (torch.tensor(a) for a in (x, gamma, beta))
    mean = x.mean(0)
    var = x.var(0, unbiased=False)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta, mean, var


# %% wrong: reference-handed-in, torch's function
import torch


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    t = [torch.from_numpy(np.ascontiguousarray(a)) for a in (x, gamma, beta)]
    y = torch.nn.functional.batch_norm(t[0], None, None, t[1], t[2], training=True, eps=eps)
    return y.numpy(), x.mean(axis=0), x.var(axis=0)


# %% wrong: reference-handed-in, torch's operation
import torch


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    t = [torch.from_numpy(np.ascontiguousarray(a)) for a in (x, gamma, beta)]
    y, mean, _ = torch.ops.aten.native_batch_norm(t[0], t[1], t[2], None, None, True, 0.1, eps)
    return y.numpy(), mean.numpy(), x.var(axis=0)


# %% wrong: reference-handed-in, the course's NumPy layer
from bncourse.manual import BatchNorm


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    layer = BatchNorm(x.shape[1], eps=eps, dtype=x.dtype)
    layer.gamma, layer.beta = gamma, beta
    return layer.forward(x), x.mean(axis=0), x.var(axis=0)


# %% wrong: eps-ignored, a constant of its own
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    m, v = x.mean(0), x.var(0)
    return gamma * (x - m) / np.sqrt(v + 1e-6) + beta, m, v


# %% elsewhere
def prints(theirs):
    """The shape, and each feature's mean and standard deviation, read off a print with two decimals."""
    x = 5 + 3 * np.random.default_rng(0).normal(size=(200, 3))
    y = theirs(x, np.ones(3), np.zeros(3))[0]
    seen = " ".join(f"{abs(m):.2f} {s:.2f}" for m, s in zip(y.mean(axis=0), y.std(axis=0)))
    return y.shape == (200, 3) and seen == "0.00 1.00 0.00 1.00 0.00 1.00"


def allclose(theirs):
    """torch's own layer on one batch, with a gamma and a beta of its own."""
    import torch

    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(size=(8, 3)), rng.normal(1, 0.5, 3), rng.normal(size=3)
    y, mean, var = theirs(x, gamma, beta)
    t = [torch.from_numpy(a) for a in (x, gamma, beta)]
    right = torch.nn.functional.batch_norm(t[0], None, None, t[1], t[2], training=True).numpy()
    return all(np.allclose(a, b) for a, b in ((y, right), (mean, x.mean(0)), (var, x.var(0))))


# %% wrong: eps-subtracted, a minus for a plus
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    y = gamma * (x - mean) / np.sqrt(var - eps) + beta
    return y, mean, var


# %% wrong: root-taken-twice, std where var is meant
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = x.std(axis=0)
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var


# %% wrong: root-taken-twice, and the right variance returned
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    y = gamma * (x - mean) / np.sqrt(x.std(axis=0) + eps) + beta
    return y, mean, var


# %% wrong: brackets-missing, a difference without brackets
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    y = gamma * (x - mean / np.sqrt(var + eps)) + beta
    return y, mean, var


# %% wrong: divided-by-features, the variance by shape[1]
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).sum(axis=0) / x.shape[1]
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var


# %% wrong: divided-by-features, both by shape[1]
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    n, d = x.shape
    mean = x.sum(axis=0) / d
    var = ((x - mean) ** 2).sum(axis=0) / d
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var


# %% wrong: variance-of-zero, squared after the mean
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = (x - mean).mean(axis=0) ** 2
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var


# %% wrong: only-last-feature, a loop that keeps the last
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    y = np.empty_like(x)
    for j in range(x.shape[1]):
        mean = x[:, j].mean()
        var = x[:, j].var()
        y[:, j] = gamma[j] * (x[:, j] - mean) / np.sqrt(var + eps) + beta[j]
    return y, mean, var


# %% wrong: default-eps-changed, a thousandth
def batchnorm_forward(x, gamma, beta, eps=1e-3):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, mean, var


# %% wrong: rounded, as the worked batch is printed
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, var = x.mean(axis=0), x.var(axis=0)
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y.round(3), mean, var


# %% wrong: rounded, all three
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mean, var = x.mean(axis=0), x.var(axis=0)
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y.round(3), mean.round(3), var.round(3)
