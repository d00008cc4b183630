import numpy as np
import torch


# %% right: one line
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).all(dim=0)


# %% right: the smallest absolute value of each column
def dead_units(h, threshold=0.97):
    smallest, _ = h.detach().abs().min(dim=0)
    return smallest > threshold


# %% right: counted
def dead_units(h, threshold=0.97):
    n = h.shape[0]
    white = torch.where(h.abs() > threshold, 1, 0)
    return white.sum(0) == n


# %% right: a loop over the units, with prints
def dead_units(h, threshold=0.97):
    answers = []
    for unit in h.T:
        answers.append(all(abs(v) > threshold for v in unit.tolist()))
    print(sum(answers), "dead")
    return torch.tensor(answers)


# %% right: not any that is inside
def dead_units(h, threshold=0.97):
    inside = (h <= threshold) & (h >= -threshold)
    return ~torch.any(inside, 0)


# %% right: a product of ones and zeros, made bool again
@torch.no_grad()
def dead_units(h, threshold=0.97):
    mask = (h**2 > threshold**2).to(torch.uint8)
    return torch.prod(mask, dim=0).bool()


# %% right: NumPy and back
def dead_units(h, threshold=0.97):
    return torch.from_numpy(np.all(np.abs(h.detach().numpy()) > threshold, axis=0))


# %% right: a mean of exactly one
def dead_units(h, threshold=0.97):
    share = (h.abs() > threshold).double().mean(0, keepdim=True)
    return (share == 1.0).squeeze(0)


# %% wrong: not-attempted, only the stub
def dead_units(h: torch.Tensor, threshold: float = 0.97) -> torch.Tensor:
    """Return for each unit whether it is saturated for every example: bool, shape (units,)."""
    ...  # your code here


# %% wrong: some-example-is-enough, any for all
def dead_units(h, threshold=0.97):
    return torch.any(h.abs() > threshold, dim=0)


# %% wrong: some-example-is-enough, the largest value of a column
def dead_units(h, threshold=0.97):
    return h.detach().abs().amax(0) > threshold


# %% wrong: wrong-axis, along the row
def dead_units(h, threshold=0.97):
    return torch.all(h.abs() > threshold, dim=1)


# %% wrong: one-answer-for-all, no dimension
def dead_units(h, threshold=0.97):
    return torch.all(h.abs() > threshold)


# %% wrong: positive-side-only, no absolute value
def dead_units(h, threshold=0.97):
    return (h > threshold).sum(0) == h.shape[0]


# %% wrong: same-sign-demanded, stuck at one end
def dead_units(h, threshold=0.97):
    stuck_high = h.min(0).values > threshold
    stuck_low = h.max(0).values < -threshold
    return torch.logical_or(stuck_high, stuck_low)


# %% wrong: mean-beyond-threshold, the mean activation
def dead_units(h, threshold=0.97):
    return torch.abs(torch.mean(h, 0)) > threshold


# %% wrong: mean-size-beyond-threshold, the mean absolute activation
def dead_units(h, threshold=0.97):
    return torch.mean(torch.abs(h), 0) > threshold


# %% wrong: mostly-saturated, the threshold is used twice
def dead_units(h, threshold=0.97):
    share = (h.abs() > threshold).float().mean(0)
    return share > threshold


# %% wrong: more-than-half, by majority
def dead_units(h, threshold=0.97):
    votes = (h.abs() > threshold).sum(0)
    return votes * 2 > len(h)


# %% wrong: last-example-only, a loop that overwrites its answer
def dead_units(h, threshold=0.97):
    dead = torch.zeros(h.shape[1], dtype=torch.bool)
    for row in h:
        for j in range(h.shape[1]):
            dead[j] = abs(row[j]) > threshold
    return dead


# %% wrong: ignores-threshold, written into the body
def dead_units(h, threshold=0.97):
    return (torch.abs(h) > 0.97).all(0)


# %% wrong: includes-threshold, greater or equal
def dead_units(h, threshold=0.97):
    return torch.abs(h).min(0).values >= threshold


# %% wrong: alive-units, the opposite
def dead_units(h, threshold=0.97):
    return (h.abs() <= threshold).any(0)


# %% wrong: never-saturated, small activations are called dead
def dead_units(h, threshold=0.97):
    return torch.all(h.abs() <= threshold, dim=0)


# %% wrong: silent-units, as one knows it from ReLU
def dead_units(h, threshold=0.97):
    return h.abs().sum(0) == 0


# %% wrong: exactly-one-demanded, only ±1 counts
def dead_units(h, threshold=0.97):
    return ((h == 1.0) | (h == -1.0)).all(0)


# %% wrong: number-of-dead-units, how many
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).all(0).sum().item()


# %% wrong: places-of-dead-units, their numbers
def dead_units(h, threshold=0.97):
    return torch.where((h.abs() > threshold).all(0))[0]


# %% wrong: share-instead-of-answer, a mean over the batch
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).float().mean(0)


# %% wrong: numbers-for-bools, ones and zeros
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).int().prod(0)


# %% wrong: list-for-tensor, a list of bools
def dead_units(h, threshold=0.97):
    return [bool((column.abs() > threshold).all()) for column in h.unbind(1)]


# %% wrong: array-for-tensor, a NumPy array
def dead_units(h, threshold=0.97):
    return (np.abs(h.detach().numpy()) > threshold).all(axis=0)


# %% wrong: dimension-kept, a row is left
def dead_units(h, threshold=0.97):
    return torch.all(h.abs() > threshold, 0, keepdim=True)


# %% wrong: map-itself, no reduction
def dead_units(h, threshold=0.97):
    return h.abs() > threshold


# %% wrong: default-threshold-changed, 0.99 as in the map of the lecture
def dead_units(h, threshold=0.99):
    return (h.abs() > threshold).all(0)


# %% wrong: default-threshold-changed, 0.95
def dead_units(h, threshold=0.95):
    return (h.abs() > threshold).all(0)


# %% wrong: wrong-signature, no threshold
def dead_units(h):
    return (h.abs() > 0.97).all(0)


# %% wrong: returns-nothing, it is only shown
def dead_units(h, threshold=0.97):
    print((h.abs() > threshold).all(0))


# %% wrong: reference-handed-in, the course's own
def dead_units(h, threshold=0.97):
    import bncourse.diagnostics

    return bncourse.diagnostics.dead_units(h, threshold)


# %% elsewhere
def prints(theirs):
    """The number of dead units of a wide layer, read off a print: none, as in the chapter."""
    h = torch.tanh(5.5 * torch.randn(32, 200, generator=torch.Generator().manual_seed(0)))
    return int(theirs(h).sum()) == 0


def allclose(theirs):
    """A batch with one unit that was killed by its bias, against NumPy."""
    z = 2 * torch.randn(32, 50, generator=torch.Generator().manual_seed(0))
    z[:, 3] += 20
    h = torch.tanh(z)
    return bool(np.allclose(theirs(h), (np.abs(h.numpy()) > 0.97).all(0)))


# %% wrong: none-dead, and for or
def dead_units(h, threshold=0.97):
    return (h > threshold).all(0) & (h < -threshold).all(0)


# %% wrong: constant-units, a variance of zero
def dead_units(h, threshold=0.97):
    return h.var(0) == 0


# %% wrong: counted-against-units, shape[1] for shape[0]
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).sum(0) == h.shape[1]


# %% wrong: both-ends-demanded, any on either side
def dead_units(h, threshold=0.97):
    return (h > threshold).any(0) & (h < -threshold).any(0)


# %% wrong: places-of-dead-units, nonzero as it comes
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).all(0).nonzero()


# %% wrong: number-of-dead-units, the share of them
def dead_units(h, threshold=0.97):
    return (h.abs() > threshold).all(0).float().mean()
