import copy

import numpy as np
import torch


def gradients(model, x):
    """The gradient of the sum of the outputs."""
    return torch.autograd.grad(model(x).sum(), x)[0]


def first_output(model, x):
    """The gradient of the first output of each row."""
    return torch.autograd.grad(model(x).select(-1, 0).sum(), x)[0]


def left_behind(model, x):
    """The gradient, by backward()."""
    model(x).sum().backward()
    return x.grad


# %% right: torch.autograd.grad
def shattering(model, xs, lag=1):
    xs = xs.detach().clone().requires_grad_()
    g = gradients(model, xs)
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / (c * c).sum()).item()


# %% right: backward, and the gradients put back
def shattering(model, xs, lag=1):
    twin = copy.deepcopy(model)
    points = xs.detach().clone().requires_grad_()
    twin(points).sum().backward()
    c = points.grad - points.grad.mean(dim=0, keepdim=True)
    return float(torch.sum(c[lag:] * c[: c.shape[0] - lag]) / torch.sum(c**2))


# %% right: NumPy
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_()).numpy().astype(np.float64)
    g = g - g.mean(axis=0)
    return float(np.sum(g[: len(g) - lag] * g[lag:]) / np.sum(g**2))


# %% right: a loop over the pairs
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    centre = sum(g) / len(g)
    above = sum((g[i] - centre) @ (g[i + lag] - centre) for i in range(len(g) - lag))
    below = sum((row - centre) @ (row - centre) for row in g)
    return above / below


# %% right: the matrix of all products, and its diagonal
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_()).double()
    c = g - g.mean(0)
    gram = c @ c.T
    return (gram.diagonal(lag).sum() / gram.trace()).item()


# %% right: a hook on the input
def shattering(model, xs, lag=1):
    caught = []
    x = xs.detach().clone().requires_grad_()
    x.register_hook(caught.append)
    out = model(x)
    torch.autograd.grad(out, x, torch.ones_like(out))
    c = caught[0] - caught[0].mean(0)
    return torch.einsum("ij,ij->", c[: len(c) - lag], c[lag:]) / c.norm() ** 2


# %% wrong: not-attempted, the stub
def shattering(model, xs, lag=1):
    """Return the autocorrelation."""
    ...


# %% wrong: not-centred, the products of the raw gradients
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: one-mean-for-all, mean() without a dimension
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean()
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: centred-over-features, the mean of each row
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(-1, keepdim=True)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: standardised, divided by the std too
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = (g - g.mean(0)) / g.std(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: mean-of-products, two means
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).mean() / (c * c).mean()).item()


# %% wrong: mean-of-cosines, cosine_similarity
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return torch.cosine_similarity(c[: len(c) - lag], c[lag:]).mean().item()


# %% wrong: squares-of-the-pairs-only, a correlation coefficient
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / (c[: len(c) - lag].norm() * c[lag:].norm())).item()


# %% wrong: a-ring-instead-of-a-line, torch.roll
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c * torch.roll(c, lag, 0)).sum() / (c * c).sum()).item()


# %% wrong: lag-ignored, always the next one
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[:-1] * c[1:]).sum() / (c * c).sum()).item()


# %% wrong: lag-off-by-one, range from 1
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag - 1] * c[lag + 1 :]).sum() / (c * c).sum()).item()


# %% wrong: absolute-value, abs at the end
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return abs(((c[: len(c) - lag] * c[lag:]).sum() / (c * c).sum()).item())


# %% wrong: not-divided, only the sum
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return (c[: len(c) - lag] * c[lag:]).sum().item()


# %% wrong: one-number-per-feature, sum over dimension 0
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return (c[: len(c) - lag] * c[lag:]).sum(0) / (c * c).sum(0)


# %% wrong: features-added-first, one number per input
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_()).mean(1)
    c = g - g.mean()
    return ((c[: len(c) - lag] * c[lag:]).sum() / (c * c).sum()).item()


# %% wrong: nothing-requires-a-gradient, the inputs as they come
def shattering(model, xs, lag=1):
    (g,) = torch.autograd.grad(model(xs).sum(), xs)
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / (c * c).sum()).item()


# %% wrong: first-output-only, one class
def shattering(model, xs, lag=1):
    g = first_output(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: outputs-compared, no gradient at all
def shattering(model, xs, lag=1):
    g = model(xs).detach()
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: inputs-compared, xs itself
def shattering(model, xs, lag=1):
    g = xs.detach()
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: evaluation-mode, eval() first
def shattering(model, xs, lag=1):
    model.eval()
    g = gradients(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: gradients-left-behind, backward()
def shattering(model, xs, lag=1):
    g = left_behind(model, xs.detach().clone().requires_grad_())
    c = g - g.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: side-effect-in-a-transform, torch.func with a BatchNorm in training mode
def shattering(model, xs, lag=1):
    out, pull = torch.func.vjp(model, xs.detach())
    c = pull(torch.ones_like(out))[0].detach()
    c = c - c.mean(0)
    return ((c[: len(c) - lag] * c[lag:]).sum() / c.square().sum()).item()


# %% wrong: correlation-coefficient, np.corrcoef of the gradients and those at a distance
def shattering(model, xs, lag=1):
    g = gradients(model, xs.detach().clone().requires_grad_()).numpy()
    return float(np.corrcoef(g[: len(g) - lag].ravel(), g[lag:].ravel())[0, 1])


# %% elsewhere
def prints(shattering):
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    xs = torch.linspace(-1, 1, 30)[:, None] * torch.ones(3)
    return 0.3 < float(shattering(model, xs, 1)) <= 1


def allclose(shattering):
    xs = torch.linspace(-1, 1, 30)[:, None] * torch.tensor([1.0, 2.0, -1.0])
    model = lambda x: x.square().sum(1)
    c = 2 * xs - 2 * xs.mean(0)
    right = (c[:-1] * c[1:]).sum() / c.square().sum()
    return abs(float(shattering(model, xs, 1)) - float(right)) < 1e-4
