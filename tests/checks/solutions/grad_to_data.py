import math

import numpy as np
import torch


# %% right: torch's std twice
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient yet")
    return (param.grad.std() / param.std()).item()


# %% right: NumPy, the same divisor twice
def grad_to_data(param):
    if param.grad is None:
        raise ValueError(f"a parameter of shape {tuple(param.shape)} has no gradient")
    g, w = param.grad.numpy(), param.detach().numpy()
    return np.std(g) / np.std(w)


# %% right: variances and a root
def grad_to_data(param):
    grad = param.grad
    if grad is None:
        raise ValueError
    return math.sqrt(grad.var() / param.data.var())


# %% right: centred norms, in float64, a tensor comes back
@torch.no_grad()
def grad_to_data(param):
    if not isinstance(param.grad, torch.Tensor):
        raise ValueError("call backward first")
    grad, data = param.grad.double(), param.double()
    return (grad - grad.mean()).norm() / (data - data.mean()).norm()


# %% right: with prints, and a helper
def spread(t):
    return torch.std(t.detach().flatten(), correction=0)


def grad_to_data(param):
    try:
        top = spread(param.grad)
    except AttributeError as error:
        raise ValueError("no gradient") from error
    print("grad:data", top, spread(param))
    return float(top / spread(param))


# %% right: a difference of logarithms
def grad_to_data(param: torch.nn.Parameter, verbose: bool = False) -> float:
    if param.grad is None:
        raise ValueError("param.grad is None")
    return torch.exp(param.grad.std().log() - param.std().log()).item()


# %% right: the gradient is scaled first
def grad_to_data(p):
    if p.grad is None:
        raise ValueError("no gradient")
    return torch.std(p.grad / torch.std(p.detach())).item()


# %% wrong: not-attempted, only the stub
def grad_to_data(param: torch.nn.Parameter) -> float:
    """Return std(gradient) / std(data); a parameter without a gradient raises ValueError."""
    ...  # your code here


# %% wrong: data-to-grad, upside down
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return (param.data.std() / param.grad.std()).item()


# %% wrong: ratio-of-norms, as CS231n's notes have it
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return (param.grad.norm() / param.data.norm()).item()


# %% wrong: ratio-of-variances, without the root
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return param.grad.var().item() / param.data.var().item()


# %% wrong: ratio-of-absolute-means, mean sizes
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return (param.grad.abs().mean() / param.detach().abs().mean()).item()


# %% wrong: ratio-of-means, with their signs
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return param.grad.mean().item() / param.mean().item()


# %% wrong: ratio-of-largest, the largest entries
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return (param.grad.abs().max() / param.detach().abs().max()).item()


# %% wrong: std-of-entrywise-ratios, divided before
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return torch.std(param.grad / param.data).item()


# %% wrong: mean-size-of-entrywise-ratios, averaged over the entries
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return torch.abs(param.grad / param.data).mean().item()


# %% wrong: mean-of-ratios-per-unit, column by column
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return torch.mean(torch.std(param.grad, 0) / torch.std(param.data, 0)).item()


# %% wrong: ratio-per-unit, a ratio for each column
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return torch.std(param.grad, 0) / torch.std(param.data, 0)


# %% wrong: divisors-mixed, NumPy above and torch below
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return float(np.std(param.grad.numpy())) / param.data.std().item()


# %% wrong: data-missing, the gradient alone
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return param.grad.std().item()


# %% wrong: logarithm-taken, as in the next picture
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return (param.grad.std() / param.data.std()).log10().item()


# %% wrong: std-over-norm, two measures
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return (param.grad.std() / torch.linalg.vector_norm(param.data)).item()


# %% wrong: rounded-ratio, to two decimals
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return round((param.grad.std() / param.data.std()).item(), 2)


# %% wrong: missing-gradient-not-noticed, None has no std
def grad_to_data(param):
    return (param.grad.std() / param.data.std()).item()


# %% wrong: missing-gradient-not-noticed, torch.std of None
def grad_to_data(param):
    return torch.std(param.grad).item() / torch.std(param.data).item()


# %% wrong: missing-gradient-is-zero, no gradient counts as 0
def grad_to_data(param):
    grad = param.grad if param.grad is not None else torch.zeros_like(param)
    return (grad.std() / param.data.std()).item()


# %% wrong: missing-gradient-is-nan, no gradient is not a number
def grad_to_data(param):
    if param.grad is None:
        return float("nan")
    return (param.grad.std() / param.data.std()).item()


# %% wrong: missing-gradient-gives-none, an early return
def grad_to_data(param):
    if param.grad is None:
        return None
    return (param.grad.std() / param.data.std()).item()


# %% wrong: other-error-for-missing-gradient, an assertion
def grad_to_data(param):
    assert param.grad is not None, "call backward first"
    return (param.grad.std() / param.data.std()).item()


# %% wrong: gradient-thrown-away, cleaned up after measuring
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    found = (param.grad.std() / param.data.std()).item()
    param.grad = None
    return found


# %% wrong: returns-nothing, it is printed
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    print((param.grad.std() / param.data.std()).item())


# %% wrong: graph-handed-to-numpy, NumPy on a parameter that requires gradients
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("no gradient")
    return float(param.grad.numpy().std() / param.numpy().std())


# %% wrong: wrong-signature, data and gradient apart
def grad_to_data(data, grad):
    return (grad.std() / data.std()).item()


# %% wrong: reference-handed-in, the course's own
import bncourse.diagnostics as d


def grad_to_data(param):
    return d.grad_to_data(param)


# %% wrong: reference-handed-in, the course's function under the same name
from bncourse.diagnostics import grad_to_data


# %% wrong: gradient-divided-in-place, divided in place
def grad_to_data(p):
    if p.grad is None:
        raise ValueError("no gradient")
    g = p.grad
    g /= p.data.std()
    return g.std().item()


# %% wrong: something-added-below, an eps below
def grad_to_data(p):
    if p.grad is None:
        raise ValueError("no gradient")
    return (p.grad.std() / (p.std() + 1e-5)).item()


# %% elsewhere
def parameter():
    """A weight as it is at the start, and a gradient."""
    g = torch.Generator().manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(30, 200, generator=g) * (5 / 3) / 30**0.5)
    weight.grad = 0.003 * torch.randn(30, 200, generator=g)
    return weight


def prints(theirs):
    """The ratio as the lecture prints it, read off with two digits."""
    weight = parameter()
    return f"{float(theirs(weight)):.1e}" == f"{weight.grad.std() / weight.std():.1e}"


def allclose(theirs):
    """One parameter against torch."""
    weight = parameter()
    return bool(np.allclose(theirs(weight), (weight.grad.std() / weight.detach().std()).item()))
