import sys
import warnings

import torch
from torch import nn


# %% right: a torch module
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% right: a plain class, as in the lecture
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.training = True
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        xmean = x.mean(0, keepdim=True)
        xvar = ((x - xmean) ** 2).mean(0, keepdim=True)
        self.xhat = (x - xmean) * (xvar + self.eps) ** -0.5
        self.out = self.gamma * self.xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% right: torch's names, and the running statistics of the next assignment already
class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.eps, self.momentum = eps, momentum

    def forward(self, input):
        if self.training:
            var, mean = torch.var_mean(input, dim=0, correction=0)
            with torch.no_grad():
                n = input.shape[0]
                self.running_mean.mul_(1 - self.momentum).add_(mean, alpha=self.momentum)
                self.running_var.mul_(1 - self.momentum).add_(var * n / (n - 1), alpha=self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        return (input - mean) * torch.rsqrt(var + self.eps) * self.weight + self.bias


# %% right: with prints, warnings and words on stderr
class BatchNorm1d(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-5):
        super().__init__()
        print("a layer of", dim, "features")
        self.eps = torch.tensor(eps)
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        print("mean", x.mean().item(), file=sys.stderr)
        warnings.warn("still in training", stacklevel=1)
        N = x.size(0)
        mu = x.sum(0) / N
        centred = x - mu
        sigma = (centred.pow(2).sum(0) / N + self.eps).sqrt()
        return torch.addcmul(self.beta, self.gamma, centred / sigma)


# %% right: in float64 inside
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim, dtype=torch.float64))
        self.beta = nn.Parameter(torch.zeros(dim, dtype=torch.float64))

    def forward(self, x):
        x = x.double()
        centred = x - x.mean(0)
        var = torch.einsum("nd,nd->d", centred, centred) / len(x)
        return centred / (var + self.eps).sqrt() * self.gamma + self.beta


# %% right: a backward pass of its own
class Normalise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        mean = x.mean(0)
        inv_std = (x.var(0, correction=0) + eps) ** -0.5
        xhat = (x - mean) * inv_std
        ctx.save_for_backward(xhat, inv_std, gamma)
        return gamma * xhat + beta

    @staticmethod
    def backward(ctx, dy):
        xhat, inv_std, gamma = ctx.saved_tensors
        dgamma, dbeta = (dy * xhat).sum(0), dy.sum(0)
        dx = gamma * inv_std / len(dy) * (len(dy) * dy - dbeta - xhat * dgamma)
        return dx, dgamma.to(gamma.dtype), dbeta.to(gamma.dtype), None


class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return Normalise.apply(x, self.gamma, self.beta, self.eps)


# %% right: a function that makes layers
class Layer:
    pass


def BatchNorm1d(dim, eps=1e-5):
    class BN(Layer):
        gamma = torch.ones(dim).requires_grad_()
        beta = torch.zeros(dim).requires_grad_()

        def parameters(self):
            yield self.gamma
            yield self.beta

        def __call__(self, x):
            columns = []
            for j, column in enumerate(x.unbind(1)):
                centred = column - column.mean()
                columns.append(self.gamma[j] * centred / (centred.square().mean() + eps).sqrt() + self.beta[j])
            return torch.stack(columns, dim=1)

    return BN()


# %% wrong: not-attempted, the stub
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        ...  # your code here

    def forward(self, x):
        """Normalise x of shape (N, dim) with the batch's statistics; the shape and the dtype stay."""
        ...  # your code here


# %% wrong: wrong-signature, no eps
class BatchNorm1d(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return self.gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5) + self.beta


# %% wrong: returns-nothing, the result is kept and not returned
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        self.out = self.gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps) + self.beta

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: unbiased-normaliser, torch.var as it comes
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        xmean = x.mean(0, keepdim=True)
        xvar = x.var(0, keepdim=True)
        xhat = (x - xmean) / torch.sqrt(xvar + self.eps)
        self.out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: statistics-without-gradient, statistics under no_grad
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        with torch.no_grad():
            mean = x.mean(0)
            std = torch.sqrt(((x - mean) ** 2).mean(0) + self.eps)
        return (x - mean) / std * self.gamma + self.beta


# %% wrong: variance-without-gradient, its numbers are taken out of the graph
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        centred = x - x.mean(0)
        var = (centred.data**2).mean(0)
        return centred * torch.rsqrt(var + self.eps) * self.gamma + self.beta


# %% wrong: mean-without-gradient, a new tensor from old numbers
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = torch.tensor(x.mean(0).tolist(), dtype=x.dtype)
        var = x.var(0, unbiased=False)
        return (x - mean) / (var + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: not-differentiable, the output leaves the graph
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    @torch.no_grad()
    def forward(self, x):
        return self.gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps) + self.beta


# %% wrong: input-without-gradient, normalising under no_grad
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        with torch.no_grad():
            x = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps)
        return self.gamma * x + self.beta


# %% wrong: parameters-without-gradient, by .data
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        std = torch.sqrt(x.var(0, unbiased=False) + self.eps)
        return self.gamma.data * (x - x.mean(0)) / std + self.beta.data


# %% wrong: not-trainable, tensors that require no gradient
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)

    def __call__(self, x):
        return self.gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps) + self.beta

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: parameters-missing, a plain class without the method
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        mean = x.mean(dim=0)
        var = x.var(dim=0, correction=0)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


# %% wrong: no-parameters, tensors where Parameters are needed
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def forward(self, x):
        mean = x.mean(dim=0)
        var = x.var(dim=0, correction=0)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


# %% wrong: missing-attribute, other names than the assignment's
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(dim))
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean, var = x.mean(dim=0), x.var(dim=0, correction=0)
        return self.scale * (x - mean) / (var + self.eps).sqrt() + self.shift


# %% wrong: parameters-of-two-dimensions, shape (1, dim)
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones((1, dim)))
        self.beta = nn.Parameter(torch.zeros((1, dim)))

    def forward(self, x):
        mean = x.mean(0, keepdims=True)
        var = x.var(0, keepdims=True, unbiased=False)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% wrong: eps-outside-root, std + eps
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return self.gamma * (x - x.mean(0)) / (x.std(0, unbiased=False) + self.eps) + self.beta


# %% wrong: eps-missing, it is stored and not used
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return self.gamma * (x - x.mean(0)) / x.var(0, unbiased=False) ** 0.5 + self.beta


# %% wrong: eps-ignored, self.eps has a number of its own
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = 1e-5
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return self.gamma * (x - x.mean(0)) / (x.var(0, unbiased=False) + self.eps) ** 0.5 + self.beta


# %% wrong: statistics-over-features, over the last dimension
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, unbiased=False)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% wrong: statistics-over-features, which fits a square batch only
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return self.gamma * (x - x.mean(1)) / torch.sqrt(x.var(1, unbiased=False) + self.eps) + self.beta


# %% wrong: statistics-over-everything, no dimension at all
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return self.gamma * (x - x.mean()) / torch.sqrt(((x - x.mean()) ** 2).mean() + self.eps) + self.beta


# %% wrong: changes-its-input, the input is centred in place
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        var = x.var(0, unbiased=False)
        x -= x.mean(0)
        return self.gamma * x / torch.sqrt(var + self.eps) + self.beta


# %% wrong: running-statistics, the running estimates normalise in training
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        with torch.no_grad():
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * x.mean(0)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)
        return self.gamma * (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.beta


# %% wrong: first-batch-remembered, the statistics are taken once
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.mean = None

    def forward(self, x):
        if self.mean is None:
            self.mean = x.mean(0)
            self.std = torch.sqrt(x.var(0, unbiased=False) + self.eps)
        return self.gamma * (x - self.mean) / self.std + self.beta


# %% wrong: one-pass-variance, the mean of the squares less the square of the mean
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(0)
        var = (x**2).mean(0) - mean**2
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% wrong: third-step-missing, gamma and beta are there and not used
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps)


# %% wrong: statistics-returned-too, as in the assignment before
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(0)
        var = x.var(0, unbiased=False)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta, mean, var


# %% wrong: attribute-never-set, out is assigned and self.out is returned
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        xhat = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps)
        out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: precision-lost, everything in float32
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        x = x.to(self.gamma.dtype)
        return self.gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps) + self.beta


# %% wrong: reference-handed-in, torch's layer under the name that was asked for
BatchNorm1d = nn.BatchNorm1d


# %% wrong: reference-handed-in, torch's layer as a base
class BatchNorm1d(nn.BatchNorm1d):
    @property
    def gamma(self):
        return self.weight

    @property
    def beta(self):
        return self.bias


# %% wrong: reference-handed-in, torch's function
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        gamma, beta = self.gamma.to(x.dtype), self.beta.to(x.dtype)
        return nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=self.eps)


# %% wrong: reference-handed-in, torch's operation
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        gamma, beta = self.gamma.to(x.dtype), self.beta.to(x.dtype)
        return torch.ops.aten.native_batch_norm(x, gamma, beta, None, None, True, 0.1, self.eps)[0]


# %% wrong: reference-handed-in, layer normalisation of the transposed batch
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return nn.functional.layer_norm(x.T, (len(x),), eps=self.eps).T * self.gamma + self.beta


# %% wrong: reference-handed-in, the course's layer
import bncourse.layers

BatchNorm1d = bncourse.layers.BatchNorm1d


# %% elsewhere
def prints(theirs):
    """The mean and the standard deviation of the outputs, read off a print with two decimals."""
    x = 3 + 2 * torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    y = theirs(3)(x)
    seen = " ".join(f"{m.abs():.2f} {s:.2f}" for m, s in zip(y.mean(0), y.std(0)))
    return y.shape == x.shape and seen == "0.00 1.00 0.00 1.00 0.00 1.00"


def allclose(theirs):
    """torch's own layer on one batch: the outputs, and the gradient of their sum."""
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    ours, torchs = x.clone().requires_grad_(), x.clone().requires_grad_()
    y, right = theirs(8)(ours), nn.BatchNorm1d(8)(torchs)
    y.sum().backward()
    right.sum().backward()
    return torch.allclose(y, right, atol=1e-5) and torch.allclose(ours.grad, torchs.grad, atol=1e-5)
