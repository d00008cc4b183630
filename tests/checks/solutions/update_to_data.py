import math

import numpy as np
import torch


# %% right: as the lecture writes it
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    with torch.no_grad():
        return ((lr * param.grad).std() / param.data.std()).log10().item()


# %% right: math.log10 of the ratio, through a function of its own
def grad_to_data(param):
    if param.grad is None:
        raise ValueError("the parameter has no gradient")
    return (param.grad.std() / param.std()).item()


def update_to_data(param, lr):
    return math.log10(lr * grad_to_data(param))


# %% right: a sum of logarithms
def update_to_data(param, lr):
    g = param.grad
    if g is None:
        raise ValueError
    return math.log10(lr) + math.log10(g.std()) - math.log10(param.std())


# %% right: NumPy, and a NumPy number comes back
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("call backward() first")
    step = lr * param.grad.numpy()
    return np.log10(step.std() / param.detach().numpy().std())


# %% right: the natural logarithm, divided, with prints
def update_to_data(param: torch.nn.Parameter, lr: float, eps: float = 1e-12) -> float:
    if param.grad is None:
        raise ValueError("the parameter has not been through a backward pass")
    ratio = torch.std(param.grad * lr) / (torch.std(param.detach()) + eps)
    print("update:data", ratio.item())
    return torch.log(ratio) / math.log(10)


# %% right: half the logarithm of the ratio of variances, in float64
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no grad")
    update, data = -lr * param.grad.double(), param.detach().double()
    return 0.5 * float(torch.log10(update.var() / data.var()))


# %% right: the step is made on a copy and taken back
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    before = param.detach().clone().double()
    after = before - lr * param.grad
    return float(torch.log10((after - before).std() / before.std()))


# %% wrong: not-attempted, only the stub
def update_to_data(param: torch.nn.Parameter, lr: float) -> float:
    """Return log10 of std(lr · gradient) / std(data); a parameter without a gradient raises ValueError."""
    ...  # your code here


# %% wrong: logarithm-missing, the plain ratio
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return ((lr * param.grad).std() / param.data.std()).item()


# %% wrong: natural-logarithm, torch.log
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return torch.log((lr * param.grad).std() / param.data.std()).item()


# %% wrong: logarithm-to-base-two, as for bits
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return np.log2(lr * param.grad.std().item() / param.data.std().item())


# %% wrong: lr-missing, the gradient for the update
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return math.log10(param.grad.std() / param.data.std())


# %% wrong: lr-outside-logarithm, multiplied last
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return lr * torch.log10(param.grad.std() / param.data.std()).item()


# %% wrong: divided-by-lr, upside down
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return math.log10(param.grad.std() / (lr * param.data.std()))


# %% wrong: lr-fixed, the learning rate of the lecture
def update_to_data(param, lr):
    lr = 0.1
    if param.grad is None:
        raise ValueError("no gradient")
    return ((lr * param.grad).std() / param.data.std()).log10().item()


# %% wrong: lr-squared, in the update and once more
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    update = lr * param.grad
    return math.log10(lr * update.std() / param.data.std())


# %% wrong: data-to-update, a positive three
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return math.log10(param.data.std() / (lr * param.grad).std())


# %% wrong: quotient-of-logarithms, each has its own
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return math.log10(lr * param.grad.std()) / math.log10(param.data.std())


# %% wrong: logarithm-of-update-only, brackets
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return ((lr * param.grad).std().log10() / param.data.std()).item()


# %% wrong: ratio-of-norms, as CS231n's notes have it
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    param_scale = np.linalg.norm(param.detach().numpy().ravel())
    update_scale = np.linalg.norm((-lr * param.grad.numpy()).ravel())
    return np.log10(update_scale / param_scale)


# %% wrong: ratio-of-variances, without the root
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return math.log10(lr * param.grad.var() / param.data.var())


# %% wrong: ratio-of-absolute-means, mean sizes
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return ((lr * param.grad).abs().mean() / param.data.abs().mean()).log10().item()


# %% wrong: mean-of-logarithms, entry by entry
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return torch.log10(torch.abs(lr * param.grad / param.data)).mean().item()


# %% wrong: data-after-the-step, the new weights below
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    new = param.data - lr * param.grad
    return ((lr * param.grad).std() / new.std()).log10().item()


# %% wrong: new-data-for-update, the new weights above
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    new = param.data - lr * param.grad
    return (new.std() / param.data.std()).log10().item()


# %% wrong: step-made, the parameter moves
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    found = ((lr * param.grad).std() / param.data.std()).log10().item()
    param.data += -lr * param.grad
    return found


# %% wrong: gradient-scaled-in-place, mul with a stroke
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    update = param.grad
    update *= lr
    return math.log10(update.std() / param.data.std())


# %% wrong: gradient-thrown-away, cleaned up after measuring
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    found = ((lr * param.grad).std() / param.data.std()).log10().item()
    param.grad = None
    return found


# %% wrong: divisors-mixed, NumPy above and torch below
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return math.log10(lr * np.std(param.grad.numpy()) / param.data.std().item())


# %% wrong: rounded-logarithm, as it is plotted
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return round(math.log10(lr * param.grad.std() / param.data.std()), 1)


# %% wrong: missing-gradient-not-noticed, None times lr
def update_to_data(param, lr):
    return ((lr * param.grad).std() / param.data.std()).log10().item()


# %% wrong: missing-gradient-is-zero, minus infinity for no gradient
def update_to_data(param, lr):
    if param.grad is None:
        return -math.inf
    return ((lr * param.grad).std() / param.data.std()).log10().item()


# %% wrong: missing-gradient-is-nan, to leave a gap in the plot
def update_to_data(param, lr):
    if param.grad is None:
        return math.nan
    return ((lr * param.grad).std() / param.data.std()).log10().item()


# %% wrong: wrong-signature, no learning rate
def update_to_data(param):
    return (0.1 * param.grad.std() / param.data.std()).log10().item()


# %% wrong: returns-nothing, it is appended to a list
ud = []


def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    ud.append(((lr * param.grad).std() / param.data.std()).log10().item())


# %% wrong: undefined-name, torch under another name
def update_to_data(param, lr):
    if param.grad is None:
        raise ValueError("no gradient")
    return th.log10((lr * param.grad).std() / param.data.std())


# %% wrong: reference-handed-in, the course's own
from bncourse import diagnostics


def update_to_data(param, lr):
    return diagnostics.update_to_data(param, lr)


# %% wrong: reference-handed-in, the course's ratio inside
from bncourse.diagnostics import grad_to_data as ratio


def update_to_data(param, lr):
    return math.log10(lr * ratio(param))


# %% wrong: step-read-off, a step made and read off
def update_to_data(p, lr):
    if p.grad is None:
        raise ValueError("no gradient")
    old = p.detach().clone()
    with torch.no_grad():
        p -= lr * p.grad
    return ((old - p).std() / old.std()).log10().item()


# %% wrong: step-read-off, a step by SGD and back
def update_to_data(p, lr):
    if p.grad is None:
        raise ValueError("no gradient")
    old = p.detach().clone()
    torch.optim.SGD([p], lr=lr).step()
    r = ((p - old).std() / old.std()).log10().item()
    with torch.no_grad():
        p.copy_(old)
    return r


# %% wrong: step-compared-with-itself, the old weights without a copy
def update_to_data(p, lr):
    if p.grad is None:
        raise ValueError("no gradient")
    old = p.detach()
    with torch.no_grad():
        p -= lr * p.grad
    return ((old - p).std() / old.std()).log10().item()


# %% wrong: logarithm-and-lr-missing, the ratio of part 2
def update_to_data(p, lr):
    if p.grad is None:
        raise ValueError("no gradient")
    return (p.grad.std() / p.std()).item()


# %% wrong: natural-logarithm-without-lr, the natural logarithm of the ratio of part 2
def update_to_data(p, lr):
    if p.grad is None:
        raise ValueError("no gradient")
    return (p.grad.std() / p.std()).log().item()


# %% wrong: data-to-update, the absolute value of the logarithm
def update_to_data(p, lr):
    if p.grad is None:
        raise ValueError("no gradient")
    return ((lr * p.grad).std() / p.std()).log10().abs().item()


# %% elsewhere
def parameter():
    """A weight as it is at the start, and a gradient."""
    g = torch.Generator().manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(30, 200, generator=g) * (5 / 3) / 30**0.5)
    weight.grad = 0.003 * torch.randn(30, 200, generator=g)
    return weight


def prints(theirs):
    """The height of the curve, read off the lecture's plot beside the line at −3."""
    weight = parameter()
    return abs(float(theirs(weight, 0.1)) - (0.1 * weight.grad.std() / weight.std()).log10().item()) < 0.05


def allclose(theirs):
    """One parameter against torch."""
    weight = parameter()
    wanted = (0.1 * weight.grad.std() / weight.detach().std()).log10().item()
    return bool(np.allclose(theirs(weight, 0.1), wanted))
