import torch
from torch import nn


# %% right: a torch module with buffers
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
        if self.training:
            if len(x) < 2:
                raise ValueError("a batch of one has no variance")
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (x.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% right: a plain class, as in the lecture
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)

    def __call__(self, x):
        if self.training:
            n = x.shape[0]
            if n == 1:
                raise ValueError(f"more than 1 example is needed, got {n}")
            xmean = x.mean(0, keepdim=True)
            xvar = x.var(0, keepdim=True, unbiased=False)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * xmean.squeeze(0)
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * xvar.squeeze(0) * n / (
                    n - 1
                )
        else:
            xmean = self.running_mean
            xvar = self.running_var
        xhat = (x - xmean) / torch.sqrt(xvar + self.eps)
        self.out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: biased-running-variance, the batch's own variance is stored
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
        if not self.training:
            return self.gamma * (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.beta
        if len(x) < 2:
            raise ValueError("a batch of one has no variance")
        mean, var = x.mean(0), x.var(0, correction=0)
        with torch.no_grad():
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


# %% wrong: reference-handed-in, torch's layer under the name that was asked for
class BatchNorm1d(nn.BatchNorm1d):
    pass


# %% elsewhere
def prints(theirs):
    """The mean and the standard deviation of the outputs, read off a print with two decimals."""
    y = theirs(8)(3 + 2 * torch.randn(32, 8, generator=torch.Generator().manual_seed(0)))
    return f"{y.mean().abs():.2f} {y.std():.2f}" == "0.00 1.00"


def allclose(theirs):
    """torch's own layer on one batch."""
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    return torch.allclose(theirs(8)(x), nn.BatchNorm1d(8)(x), atol=1e-5)
