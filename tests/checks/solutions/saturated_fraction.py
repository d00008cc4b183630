import numpy as np
import torch


# %% right: one line
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > threshold).float().mean().item()


# %% right: counted and divided
def saturated_fraction(h, threshold=0.97):
    count = ((h > threshold) | (h < -threshold)).sum().item()
    return count / h.numel()


# %% right: a loop over plain numbers, with prints
def saturated_fraction(h, threshold=0.97):
    import sys

    values = h.flatten().tolist()
    saturated = [v for v in values if abs(v) > threshold]
    print(f"{len(saturated)} of {len(values)}")
    print("done", file=sys.stderr)
    return len(saturated) / len(values)


# %% right: NumPy, and a NumPy number comes back
def saturated_fraction(h, threshold=0.97):
    return np.mean(np.abs(h.detach().numpy()) > threshold)


# %% right: one minus the others, a tensor without dimensions comes back
def saturated_fraction(h, threshold=0.97):
    with torch.no_grad():
        inside = torch.logical_and(h <= threshold, h >= -threshold)
        return 1.0 - inside.double().mean()


# %% right: count_nonzero and einops-like flattening
def saturated_fraction(h: torch.Tensor, threshold: float = 0.97) -> float:
    flat = h.detach().reshape(-1)
    return torch.count_nonzero(flat.abs() > threshold).item() / flat.shape[0]


# %% right: an average of ones and zeros by where
def saturated_fraction(h, threshold=0.97, verbose=False):
    ones = torch.where(h.abs() > threshold, 1.0, 0.0)
    return float(ones.sum()) / float(np.prod(h.shape))


# %% wrong: not-attempted, only the stub
def saturated_fraction(h: torch.Tensor, threshold: float = 0.97) -> float:
    """Return the share of activations with |h| > threshold, from 0 to 1."""
    ...  # your code here


# %% wrong: positive-half-only, no absolute value
def saturated_fraction(h, threshold=0.97):
    return torch.sum(h > threshold).item() / h.numel()


# %% wrong: counted-not-divided, the number of them
def saturated_fraction(h, threshold=0.97):
    n = 0
    for v in h.flatten():
        n += int(abs(v) > threshold)
    return float(n)


# %% wrong: percent, times a hundred
def saturated_fraction(h, threshold=0.97):
    return float((torch.abs(h) > threshold).sum()) * 100.0 / h.numel()


# %% wrong: divided-by-examples, len of a matrix
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > threshold).sum().item() / len(h)


# %% wrong: divided-by-units, the other dimension
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > threshold).sum().item() / h.size(-1)


# %% wrong: threshold-ignored, 0.97 is written into the body
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > 0.97).double().mean().item()


# %% wrong: threshold-included, greater or equal
def saturated_fraction(h, threshold=0.97):
    return torch.ge(h.abs(), threshold).float().mean().item()


# %% wrong: unsaturated-share, the healthy ones
def saturated_fraction(h, threshold=0.97):
    return (h.abs() <= threshold).float().mean().item()


# %% wrong: tanh-applied-again, the pre-activations were expected
def saturated_fraction(h, threshold=0.97):
    t = torch.tanh(h)
    return torch.mean((t.abs() > threshold).float()).item()


# %% wrong: square-compared, the slope against 1 minus the threshold
def saturated_fraction(h, threshold=0.97):
    slope = 1 - h**2
    return (slope < (1 - threshold)).float().mean().item()


# %% wrong: mean-size-of-all, nothing is compared
def saturated_fraction(h, threshold=0.97):
    return torch.mean(torch.abs(h)).item()


# %% wrong: mean-of-saturated-values, their values are averaged
def saturated_fraction(h, threshold=0.97):
    a = h.abs()
    return (torch.where(a > threshold, a, torch.zeros_like(a)).sum() / a.numel()).item()


# %% wrong: share-per-unit, a mean over the batch
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > threshold).float().mean(dim=0)


# %% wrong: share-of-dead-units, whole columns
def saturated_fraction(h, threshold=0.97):
    dead = torch.all(h.abs() > threshold, dim=0)
    return dead.sum().item() / dead.numel()


# %% wrong: exactly-one-only, only ±1 counts
def saturated_fraction(h, threshold=0.97):
    return ((h == 1) | (h == -1)).float().mean().item()


# %% wrong: mask-itself, the map comes back
def saturated_fraction(h, threshold=0.97):
    return torch.abs(h) > threshold


# %% wrong: rounded, to two decimals
def saturated_fraction(h, threshold=0.97):
    share = (h.abs() > threshold).sum().item() / h.numel()
    return float(f"{share:.2f}")


# %% wrong: whole-number-division, two strokes
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > threshold).sum().item() // h.numel()


# %% wrong: divided-by-unsaturated, odds
def saturated_fraction(h, threshold=0.97):
    white = (h.abs() > threshold).sum()
    black = h.numel() - white
    return (white / black.clamp(min=1)).item()


# %% wrong: changes-its-input, the absolute value in place
def saturated_fraction(h, threshold=0.97):
    h = h.detach()
    return (h.abs_() > threshold).float().mean().item()


# %% wrong: graph-handed-to-numpy, NumPy on a tensor of a graph
def saturated_fraction(h, threshold=0.97):
    return float((np.abs(h.numpy()) > threshold).mean())


# %% wrong: unpacking-does-not-fit, two dimensions are taken for granted
def saturated_fraction(h, threshold=0.97):
    n, d = h.shape
    return (h.abs() > threshold).sum().item() / (n * d)


# %% wrong: returns-nothing, the share is printed
def saturated_fraction(h, threshold=0.97):
    print((h.abs() > threshold).float().mean().item())


# %% wrong: default-threshold-changed, 0.99 as in the map of the lecture
def saturated_fraction(h, threshold=0.99):
    return (h.abs() > threshold).float().mean().item()


# %% wrong: wrong-signature, no threshold
def saturated_fraction(h):
    return (h.abs() > 0.97).float().mean().item()


# %% wrong: undefined-name, a typo
def saturated_fraction(h, threshold=0.97):
    return (h.abs() > treshold).float().mean().item()


# %% wrong: reference-handed-in, the course's own
from bncourse.diagnostics import saturated_fraction as course_version


def saturated_fraction(h, threshold=0.97):
    return course_version(h, threshold)


# %% wrong: reference-handed-in, the course's function under the same name
from bncourse.diagnostics import saturated_fraction


# %% wrong: default-threshold-changed, 0.999
def saturated_fraction(h, threshold=0.999):
    return (h.abs() > threshold).float().mean().item()


# %% elsewhere
def prints(theirs):
    """The share of N(0, 1) activations after a wide tanh, read off a print in per cent."""
    h = torch.tanh(5.5 * torch.randn(32, 200, generator=torch.Generator().manual_seed(0)))
    share = theirs(h)
    return 60 < 100 * share < 80


def allclose(theirs):
    """A batch on which the answer was worked out with NumPy."""
    h = torch.tanh(2 * torch.randn(32, 200, generator=torch.Generator().manual_seed(0)))
    return bool(np.allclose(theirs(h), (np.abs(h.numpy()) > 0.97).mean()))


# %% wrong: average-compared, first the mean and then the threshold
def saturated_fraction(h, threshold=0.97):
    return float(h.abs().mean() > threshold)


# %% wrong: none-found, the mean with its sign
def saturated_fraction(h, threshold=0.97):
    return float(abs(h.mean()) > threshold)


# %% wrong: none-found, and for or
def saturated_fraction(h, threshold=0.97):
    return ((h > threshold) & (h < -threshold)).float().mean().item()


# %% wrong: minus-missing, the threshold on both sides
def saturated_fraction(h, threshold=0.97):
    return ((h > threshold) | (h < threshold)).float().mean().item()


# %% wrong: positive-half-doubled, as if both sides were alike
def saturated_fraction(h, threshold=0.97):
    return 2 * (h > threshold).float().mean().item()


# %% wrong: counted-twice, a mean of both and then times two
def saturated_fraction(h, threshold=0.97):
    return 2 * (h.abs() > threshold).float().mean().item()


# %% wrong: mean-of-saturated-values, of those alone
def saturated_fraction(h, threshold=0.97):
    return h[h.abs() > threshold].mean().item()
