import warnings

import torch
from torch import nn


# %% right: a torch module
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError(f"{groups} groups do not divide {dim} channels")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(x.shape[0], self.groups, -1)
        g = (g - g.mean(2, keepdim=True)) / torch.sqrt(g.var(2, keepdim=True, unbiased=False) + self.eps)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return g.reshape(x.shape) * self.gamma.view(shape) + self.beta.view(shape)


# %% right: a plain class with torch's names, prints and warnings
class GroupNorm:
    def __init__(self, num_groups, num_channels, eps=1e-5):
        if num_channels / num_groups != num_channels // num_groups:
            raise ValueError("num_channels must be divisible by num_groups")
        self.num_groups = num_groups
        self.eps = eps
        self.weight = torch.ones(num_channels, requires_grad=True)
        self.bias = torch.zeros(num_channels, requires_grad=True)

    def __call__(self, x):
        print(x.shape)
        warnings.warn("two passes", stacklevel=1)
        parts = []
        for part in x.chunk(self.num_groups, dim=1):
            dims = list(range(1, x.ndim))
            mean = part.mean(dims, keepdim=True)
            var = ((part - mean) ** 2).mean(dims, keepdim=True)
            parts.append((part - mean) / (var + self.eps) ** 0.5)
        self.out = torch.cat(parts, 1).movedim(1, -1) * self.weight + self.bias
        self.out = self.out.movedim(-1, 1)
        return self.out

    def parameters(self):
        return [self.weight, self.bias]


# %% right: five dimensions, unflatten
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        self.size, rest = divmod(dim, groups)
        if rest:
            raise ValueError(f"{dim} channels in {groups} groups")
        self.groups, self.eps = groups, eps
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.unflatten(1, (self.groups, self.size))
        over = tuple(range(2, g.ndim))
        var, mean = torch.var_mean(g, dim=over, correction=0, keepdim=True)
        xhat = ((g - mean) * torch.rsqrt(var + self.eps)).flatten(1, 2)
        lines = (...,) + (None,) * (x.ndim - 2)
        return self.gamma[lines] * xhat + self.beta[lines]


# %% right: a list of ranges, in float64
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError
        step = dim // groups
        self.ranges = [slice(i, i + step) for i in range(0, dim, step)]
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        n, c = x.shape[:2]
        flat = x.double().reshape(n, c, -1)
        out = torch.empty_like(flat)
        for r in self.ranges:
            part = flat[:, r]
            centred = part - part.mean((1, 2), keepdim=True)
            std = (centred.square().mean((1, 2), keepdim=True) + self.eps).sqrt()
            out[:, r] = centred / std
        return (out * self.gamma[None, :, None] + self.beta[None, :, None]).reshape(x.shape)


# %% right: averages by a matrix of groups
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("uneven groups")
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        who = torch.arange(dim) // (dim // groups)
        self.register_buffer("same", (who[:, None] == who[None, :]).float())
        self.size = dim // groups

    def forward(self, x):
        z = x.flatten(2) if x.ndim > 2 else x.unsqueeze(-1)
        same = self.same.to(x.dtype) / self.size
        mean = torch.einsum("cd,nd->nc", same, z.mean(2)).unsqueeze(2)
        var = torch.einsum("cd,nd->nc", same, (z - mean).pow(2).mean(2)).unsqueeze(2)
        y = (z - mean) / (var + self.eps).sqrt()
        return (y * self.gamma.view(1, -1, 1) + self.beta.view(1, -1, 1)).view(x.shape)


# %% right: a layer per example, stacked
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        if dim % groups:
            raise ValueError(dim, groups)
        super().__init__()
        self.groups, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def one(self, image):
        rows = image.reshape(self.groups, -1)
        mu = rows.mean(1)[:, None]
        sigma = ((rows - mu) ** 2).mean(1)[:, None]
        rows = (rows - mu) / torch.sqrt(sigma + self.eps)
        channels = rows.reshape(image.shape[0], -1)
        return (self.gamma[:, None] * channels + self.beta[:, None]).reshape(image.shape)

    def forward(self, x):
        return torch.stack([self.one(image) for image in x])


# %% wrong: not-attempted, the stub
class GroupNorm(nn.Module):
    """Each example normalised over groups of its channels, with all their positions."""

    def __init__(self, groups: int, dim: int, eps: float = 1e-5) -> None:
        super().__init__()
        ...  # your code here

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise x of shape (N, C, ...); the shape and the dtype stay."""
        ...  # your code here


# %% wrong: unbiased-variance, torch's default
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        y = ((z - z.mean(-1, keepdim=True)) / (z.var(-1, keepdim=True) + self.eps) ** 0.5).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: eps-outside-root, added to the standard deviation
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True).sqrt() + self.eps)).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: eps-ignored, a constant
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + 1e-5).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: root-mean-square, nothing is subtracted
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: groups-interleaved, channels dealt out like cards
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        n, c = x.shape[:2]
        z = x.reshape(n, c // self.g, self.g, -1)
        m = z.mean((1, 3), keepdim=True)
        v = z.var((1, 3), keepdim=True, correction=0)
        y = ((z - m) / (v + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: group-size-for-groups, groups taken for the size of one
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), x.shape[1] // self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: one-group, LayerNorm over the whole image
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        over = list(range(1, x.dim()))
        d = x - x.mean(over, keepdim=True)
        y = d / torch.sqrt(d.square().mean(over, keepdim=True) + self.eps)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: group-per-channel, statistics after a split into channels
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        n, c = x.shape[:2]
        z = x.reshape(n, self.g, c // self.g, -1)
        d = z - z.mean(3, keepdim=True)
        y = (d / torch.sqrt(d.square().mean(3, keepdim=True) + self.eps)).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: positions-apart, channels of a group at each pixel
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        n, c = x.shape[:2]
        z = x.reshape(n, self.g, c // self.g, *x.shape[2:])
        d = z - z.mean(2, keepdim=True)
        y = (d / torch.sqrt(d.square().mean(2, keepdim=True) + self.eps)).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: statistics-over-batch, the examples are averaged too
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        m, v = z.mean((0, 2), keepdim=True), z.var((0, 2), keepdim=True, correction=0)
        y = ((z - m) / torch.sqrt(v + self.eps)).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: batch-norm-again, BatchNorm2d of chapter 11
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        over = [0, *range(2, x.dim())]
        d = x - x.mean(over, keepdim=True)
        y = d / torch.sqrt(d.square().mean(over, keepdim=True) + self.eps)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: statistics-without-gradient, detached
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.detach().mean(-1, keepdim=True)
        y = (d / (d.detach().square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: one-pass-variance, E[x²] − E[x]²
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        m = z.mean(-1, keepdim=True)
        v = (z**2).mean(-1, keepdim=True) - m**2
        y = ((z - m) / torch.sqrt(v + self.eps)).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: shapes-not-lined-up, means without their axis
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        y = ((z - z.mean(-1)) / torch.sqrt(z.var(-1, correction=0) + self.eps)).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: gamma-per-group, as many as statistics
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(groups))
        self.beta = nn.Parameter(torch.zeros(groups))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        k = x.shape[1] // self.g
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.repeat_interleave(k).view(shape) + self.beta.repeat_interleave(k).view(shape)


# %% wrong: gamma-along-last-dimension, not lined up
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        return y * self.gamma + self.beta


# %% wrong: gamma-with-more-dimensions, stored as (1, C, 1, 1)
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(1, dim))
        self.beta = nn.Parameter(torch.zeros(1, dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: four-dimensions-only, images only
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        n, c, h, w = x.shape
        z = x.reshape(n, self.g, c // self.g, h, w)
        m = z.mean((2, 3, 4), keepdim=True)
        v = z.var((2, 3, 4), keepdim=True, unbiased=False)
        y = ((z - m) / torch.sqrt(v + self.eps)).reshape(n, c, h, w)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: uneven-groups-accepted, no look at the arguments
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: asserted-instead-of-raised, assert
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        assert dim % groups == 0
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: groups-and-dim-exchanged, dim first
class GroupNorm(nn.Module):
    def __init__(self, dim, groups, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: beta-before-gamma, the order
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return (y + self.beta.view(shape)) * self.gamma.view(shape)


# %% wrong: precision-lost, everything in float32
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        z = x.to(torch.float32).reshape(len(x), self.g, -1)
        d = z - z.mean(-1, keepdim=True)
        y = (d / (d.square().mean(-1, keepdim=True) + self.eps).sqrt()).reshape(x.shape)
        shape = [1, x.shape[1]] + [1] * (x.dim() - 2)
        return y * self.gamma.view(shape) + self.beta.view(shape)


# %% wrong: reference-handed-in, torch's layer with its arguments
class GroupNorm(nn.GroupNorm):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__(groups, dim, eps)


# %% wrong: reference-handed-in, torch's function
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return nn.functional.group_norm(x, self.g, self.gamma.to(x.dtype), self.beta.to(x.dtype), self.eps)


# %% wrong: reference-handed-in, torch's operation
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups != 0:
            raise ValueError("dim must be a multiple of groups")
        self.g, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        gamma, beta = self.gamma.to(x.dtype), self.beta.to(x.dtype)
        n, c = x.shape[:2]
        return torch.ops.aten.native_group_norm(x.contiguous(), gamma, beta, n, c, x[0, 0].numel(), self.g, self.eps)[0]


# %% wrong: reference-handed-in, the course's layer
from bncourse.layers import GroupNorm


# %% wrong: statistics-across-groups, statistics across the groups
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(len(x), self.groups, -1)
        mean = g.mean(1, keepdim=True)
        var = g.var(1, unbiased=False, keepdim=True)
        xhat = ((g - mean) / torch.sqrt(var + self.eps)).reshape(x.shape)
        s = (1, -1) + (1,) * (x.ndim - 2)
        return self.gamma.view(s) * xhat + self.beta.view(s)


# %% wrong: gamma-lined-up-for-images-only, gamma lined up for images
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(len(x), self.groups, -1)
        mean = g.mean(2, keepdim=True)
        var = g.var(2, unbiased=False, keepdim=True)
        xhat = ((g - mean) / torch.sqrt(var + self.eps)).reshape(x.shape)
        s = (1, -1, 1, 1)
        return self.gamma.view(s) * xhat + self.beta.view(s)


# %% wrong: shapes-not-lined-up, not reshaped back before gamma
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(len(x), self.groups, -1)
        mean = g.mean(2, keepdim=True)
        var = g.var(2, unbiased=False, keepdim=True)
        xhat = (g - mean) / torch.sqrt(var + self.eps)
        s = (1, -1) + (1,) * (x.ndim - 2)
        return self.gamma.view(s) * xhat + self.beta.view(s)


# %% wrong: groups-and-dim-exchanged, the condition the other way round
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if groups % dim:
            raise ValueError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(len(x), self.groups, -1)
        mean = g.mean(2, keepdim=True)
        var = g.var(2, unbiased=False, keepdim=True)
        xhat = ((g - mean) / torch.sqrt(var + self.eps)).reshape(x.shape)
        s = (1, -1) + (1,) * (x.ndim - 2)
        return self.gamma.view(s) * xhat + self.beta.view(s)


# %% wrong: other-error-for-uneven-groups, a TypeError
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise TypeError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(len(x), self.groups, -1)
        mean = g.mean(2, keepdim=True)
        var = g.var(2, unbiased=False, keepdim=True)
        xhat = ((g - mean) / torch.sqrt(var + self.eps)).reshape(x.shape)
        s = (1, -1) + (1,) * (x.ndim - 2)
        return self.gamma.view(s) * xhat + self.beta.view(s)


# %% wrong: one-number-of-dimensions-only, rows only
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        N, C = x.shape
        g = x.reshape(N, self.groups, -1)
        mean = g.mean(2, keepdim=True)
        var = g.var(2, unbiased=False, keepdim=True)
        xhat = ((g - mean) / torch.sqrt(var + self.eps)).reshape(x.shape)
        s = (1, -1) + (1,) * (x.ndim - 2)
        return self.gamma.view(s) * xhat + self.beta.view(s)


# %% wrong: affine-missing, gamma and beta not used
class GroupNorm(nn.Module):
    def __init__(self, groups, dim, eps=1e-5):
        super().__init__()
        if dim % groups:
            raise ValueError("no")
        self.groups = groups
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        g = x.reshape(len(x), self.groups, -1)
        mean = g.mean(2, keepdim=True)
        var = g.var(2, unbiased=False, keepdim=True)
        xhat = ((g - mean) / torch.sqrt(var + self.eps)).reshape(x.shape)
        s = (1, -1) + (1,) * (x.ndim - 2)
        return xhat


# %% elsewhere
def prints(theirs):
    """The mean and the standard deviation of each example, read off a print with one decimal."""
    y = theirs(2, 8)(3 + 2 * torch.randn(4, 8, 5, 5, generator=torch.Generator().manual_seed(0)))
    return all(f"{image.mean().abs():.1f} {image.std():.1f}" == "0.0 1.0" for image in y)


def allclose(theirs):
    """torch's own layer on one batch."""
    x = torch.randn(4, 8, 5, 5, generator=torch.Generator().manual_seed(0))
    return torch.allclose(theirs(2, 8)(x), nn.GroupNorm(2, 8)(x), atol=1e-5)
