import warnings

import numpy as np
import torch
from torch import nn


# %% right: a torch module
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        var = x.var(dim=-1, unbiased=False, keepdim=True)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% right: a plain class, as in the lecture
class LayerNorm:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        xmean = x.mean(-1, keepdim=True)
        xvar = ((x - xmean) ** 2).mean(-1, keepdim=True)
        xhat = (x - xmean) * (xvar + self.eps) ** -0.5
        self.out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% right: torch's names for the parameters, prints and warnings
class LayerNorm(nn.Module):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        self.normalized_shape = (normalized_shape,)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(normalized_shape))
        self.bias = nn.Parameter(torch.zeros(normalized_shape))

    def forward(self, input):
        print("input", input.shape)
        warnings.warn("normalising", stacklevel=2)
        centred = input - input.mean(-1, keepdim=True)
        return centred / centred.pow(2).mean(-1, keepdim=True).add(self.eps).sqrt() * self.weight + self.bias


# %% right: all in float64 inside, and the result stays so
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        x = x.double()
        var, mean = torch.var_mean(x, -1, keepdim=True, correction=0)
        return (x - mean) * torch.rsqrt(var + self.eps) * self.gamma + self.beta


# %% right: without keepdim, by einsum and None
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.dim, self.eps = dim, eps
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        c = x - x.mean(-1)[..., None]
        var = torch.einsum("...d,...d->...", c, c) / self.dim
        return torch.einsum("...d,...,d->...d", c, (var + self.eps) ** -0.5, self.gamma) + self.beta


# %% right: a sum by hand over the transposed rows
class LayerNorm(torch.nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.n = dim
        self.gamma = torch.nn.Parameter(torch.ones((dim,)))
        self.beta = torch.nn.Parameter(torch.zeros((dim,)))

    def forward(self, x):
        shape = x.shape
        rows = x.reshape(-1, self.n).T
        mu = rows.sum(0) / self.n
        sigma = torch.sqrt(((rows - mu) ** 2).sum(0) / self.n + self.eps)
        return ((rows - mu) / sigma).T.reshape(shape) * self.gamma + self.beta


# %% right: a backward pass by hand
class Standardise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, eps):
        mean = x.mean(-1, keepdim=True)
        inverse = (x.var(-1, keepdim=True, correction=0) + eps).rsqrt()
        xhat = (x - mean) * inverse
        ctx.save_for_backward(xhat, inverse)
        return xhat

    @staticmethod
    def backward(ctx, dxhat):
        xhat, inverse = ctx.saved_tensors
        dx = dxhat - dxhat.mean(-1, keepdim=True) - xhat * (dxhat * xhat).mean(-1, keepdim=True)
        return inverse * dx, None


class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return Standardise.apply(x, self.eps) * self.gamma + self.beta


# %% right: a dataclass-like plain class with extra attributes, made by a function
class _Norm:
    def __init__(self, size, eps):
        self.size, self.eps, self.training, self.calls = size, eps, True, 0
        self.gamma = nn.Parameter(torch.ones(size))
        self.beta = nn.Parameter(torch.zeros(size))

    def __call__(self, x):
        self.calls += 1
        self.mean = x.mean(-1, True)
        self.std = torch.sqrt(torch.square(x - self.mean).mean(-1, True) + self.eps)
        return torch.addcmul(self.beta, (x - self.mean) / self.std, self.gamma)

    def parameters(self):
        yield self.gamma
        yield self.beta


def LayerNorm(dim, eps=1e-5):
    return _Norm(dim, eps)


# %% wrong: not-attempted, the stub
class LayerNorm(nn.Module):
    """Each example, or each position of a sequence, normalised over its own features."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__()
        ...  # your code here

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise x of shape (..., dim) over its last dimension; the shape and the dtype stay."""
        ...  # your code here


# %% wrong: statistics-over-batch, the BatchNorm of last week
class LayerNorm:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)

    def __call__(self, x):
        xmean = x.mean(0, keepdim=True)
        xvar = x.var(0, keepdim=True, unbiased=False)
        xhat = (x - xmean) / torch.sqrt(xvar + self.eps)
        return self.gamma * xhat + self.beta

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: unbiased-variance, torch's default
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mu, s2 = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)
        return self.gamma * ((x - mu) * (s2 + self.eps) ** -0.5) + self.beta


# %% wrong: unbiased-std-plus-eps, as in The Annotated Transformer
class LayerNorm(nn.Module):
    def __init__(self, features, eps=1e-6):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(features))
        self.beta = nn.Parameter(torch.zeros(features))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        std = x.std(-1, keepdim=True)
        return self.gamma * (x - mean) / (std + self.eps) + self.beta


# %% wrong: eps-outside-root, added to the standard deviation
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        return self.gamma * d / (d.square().mean(-1, keepdim=True).sqrt() + self.eps) + self.beta


# %% wrong: eps-ignored, a constant of its own
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        return self.gamma * d * torch.rsqrt(d.square().mean(-1, keepdim=True) + 1e-5) + self.beta


# %% wrong: eps-missing, the divisor alone
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        return self.gamma * d / d.square().mean(-1, keepdim=True) ** 0.5 + self.beta


# %% wrong: root-mean-square, what LLaMA uses
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        rms = torch.sqrt(torch.mean(x**2, dim=-1, keepdim=True) + self.eps)
        return x / rms * self.gamma + self.beta


# %% wrong: divides-by-variance, no root
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        return d / ((d * d).mean(-1, keepdim=True) + self.eps) * self.gamma + self.beta


# %% wrong: statistics-without-gradient, under no_grad
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        with torch.no_grad():
            mean = x.mean(-1, keepdim=True)
            std = (x.var(-1, keepdim=True, correction=0) + self.eps).sqrt()
        return (x - mean) / std * self.gamma + self.beta


# %% wrong: statistics-over-positions-too, everything but the batch
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        flat = x.flatten(1)
        m = flat.mean(1).view(-1, *[1] * (x.dim() - 1))
        v = flat.var(1, correction=0).view(-1, *[1] * (x.dim() - 1))
        return (x - m) / (v + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: statistics-over-second-dimension, right for rows only
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        m = x.mean(1, keepdim=True)
        v = torch.mean((x - m) ** 2, 1, keepdim=True)
        return (x - m) / (v + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: gamma-per-example, a column
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim, 1))
        self.beta = nn.Parameter(torch.zeros(dim, 1))

    def forward(self, x):
        m = x.mean(-1, keepdim=True)
        v = torch.mean((x - m) ** 2, -1, keepdim=True)
        return (x - m) / (v + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: shapes-not-lined-up, the means lie along the features
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        m = x.mean(-1)
        s = torch.sqrt(x.var(-1, unbiased=False) + self.eps)
        return (x - m) / s * self.gamma + self.beta


# %% wrong: running-statistics, with a memory
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(1))
        self.register_buffer("running_var", torch.ones(1))

    def forward(self, x):
        if self.training:
            m = x.mean(-1, keepdim=True)
            v = x.var(-1, keepdim=True, correction=0)
            with torch.no_grad():
                self.running_mean += 0.1 * (m.mean() - self.running_mean)
                self.running_var += 0.1 * (v.mean() - self.running_var)
        else:
            m, v = self.running_mean, self.running_var
        return (x - m) / (v + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: one-pass-variance, E[x²] − E[x]²
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        m = x.mean(-1, keepdim=True)
        v = x.pow(2).mean(-1, keepdim=True) - m.pow(2)
        return (x - m) / (v + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: changes-its-input, in place
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        x -= x.mean(-1, keepdim=True)
        x /= torch.sqrt(x.square().mean(-1, keepdim=True) + self.eps)
        return x * self.gamma + self.beta


# %% wrong: no-parameters, plain tensors
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        return d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: returns-nothing, kept in an attribute
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        d = x - x.mean(-1, keepdim=True)
        self.out = d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.gamma + self.beta


# %% wrong: not-differentiable, by way of NumPy
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        a = x.detach().numpy()
        y = (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + self.eps)
        return torch.from_numpy(y * self.gamma.detach().numpy() + self.beta.detach().numpy())


# %% wrong: reference-handed-in, torch's layer
LayerNorm = nn.LayerNorm


# %% wrong: reference-handed-in, torch's function in a layer of one's own
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.dim = dim
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return nn.functional.layer_norm(x, (self.dim,), self.gamma.to(x.dtype), self.beta.to(x.dtype), self.eps)


# %% wrong: reference-handed-in, torch's operation
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.dim = dim
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return torch.ops.aten.native_layer_norm(x, [self.dim], self.gamma.to(x.dtype), self.beta.to(x.dtype), self.eps)[
            0
        ]


# %% wrong: reference-handed-in, the course's layer, inherited
from bncourse import layers


class LayerNorm(layers.LayerNorm):
    pass


# %% wrong: default-eps-changed, a published one
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-12):
        super().__init__()
        self.eps, self.gamma, self.beta = eps, nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        c = x - x.mean(-1, keepdim=True)
        return self.gamma * c / torch.sqrt(c.square().mean(-1, keepdim=True) + self.eps) + self.beta


# %% wrong: affine-missing, gamma and beta not used
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, unbiased=False, keepdim=True)
        return (x - mean) / torch.sqrt(var + self.eps)


# %% wrong: gamma-and-beta-swapped, gamma and beta exchanged
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, unbiased=False, keepdim=True)
        return self.beta * (x - mean) / torch.sqrt(var + self.eps) + self.gamma


# %% elsewhere
def prints(theirs):
    """The mean and the standard deviation of each row, read off a print with one decimal."""
    y = theirs(64)(3 + 2 * torch.randn(4, 64, generator=torch.Generator().manual_seed(0)))
    return all(f"{row.mean().abs():.1f} {row.std():.1f}" == "0.0 1.0" for row in y)


def allclose(theirs):
    """torch's own layer on one batch."""
    x = torch.randn(32, 64, generator=torch.Generator().manual_seed(0))
    return torch.allclose(theirs(64)(x), nn.LayerNorm(64)(x), atol=1e-5)
