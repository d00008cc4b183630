import torch
from torch import nn


# %% right: all rows in one tensor
def calibrate(layer, batches):
    with torch.no_grad():
        rows = torch.cat(list(batches))
        mean, var = rows.mean(0), rows.var(0)
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(var)
    return mean, var


# %% right: count, sum and squared distances from the first row
def calibrate(layer, batches):
    n, first = 0, None
    for x in batches:
        x = x.detach().double()
        if first is None:
            first, total, squares = x[0], torch.zeros(x.shape[1]).double(), torch.zeros(x.shape[1]).double()
        n += x.shape[0]
        total += (x - first).sum(0)
        squares += ((x - first) ** 2).sum(0)
    mean = first + total / n
    var = (squares - total**2 / n) / (n - 1)
    layer.running_mean, layer.running_var = mean, var
    return mean, var


# %% right: two batches made one at a time, as Chan, Golub and LeVeque do
@torch.no_grad()
def calibrate(layer, batches):
    n = 0
    mean = torch.zeros_like(layer.running_mean, dtype=torch.float64)
    m2 = torch.zeros_like(mean)
    for batch in batches:
        k = len(batch)
        its_mean = batch.double().mean(dim=0)
        delta = its_mean - mean
        m2 = m2 + ((batch - its_mean) ** 2).sum(dim=0) + delta**2 * n * k / (n + k)
        mean = mean + delta * k / (n + k)
        n = n + k
    var = m2 / (n - 1)
    layer.running_mean.data = mean.float()
    layer.running_var.data = var.float()
    return mean, var


# %% right: one row at a time, as Welford does
def calibrate(layer, batches):
    mean = m2 = count = 0
    for batch in batches:
        for row in batch.detach():
            count += 1
            step = row.double() - mean
            mean = mean + step / count
            m2 = m2 + step * (row - mean)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(m2 / (count - 1))
    return mean, m2 / (count - 1)


# %% right: with prints, warnings and a list returned
def calibrate(layer, batches):
    import sys
    import warnings

    everything = [row for batch in batches for row in batch]
    print("rows:", len(everything), file=sys.stderr)
    warnings.warn("this may take a while", stacklevel=1)
    stacked = torch.stack(everything).detach()
    var, mean = torch.var_mean(stacked, dim=0)
    layer.running_mean[:] = mean
    layer.running_var[:] = var
    layer.calibrated = True
    return [mean, var]


# %% right: by einsum, and the layer's old dictionary of state
def calibrate(layer, batches):
    data = torch.vstack(tuple(batches)).detach().double()
    n, _ = data.shape
    mean = torch.einsum("nd->d", data) / n
    centred = data - mean
    var = torch.einsum("nd,nd->d", centred, centred) / (n - 1)
    state = layer.state_dict()
    state["running_mean"], state["running_var"] = mean, var
    layer.load_state_dict(state)
    return mean, var


# %% right: the mean square of the rows, in float64 and around a first mean
def calibrate(layer, batches):
    batches = [batch.detach().to(torch.float64) for batch in batches]
    count = sum(len(batch) for batch in batches)
    mean = sum(batch.sum(axis=0) for batch in batches) / count
    var = sum((batch - mean).square().sum(axis=0) for batch in batches) / (count - 1)
    with torch.no_grad():
        layer.running_mean = mean.clone()
        layer.running_var = var.clone()
    return mean, var


# %% right: in NumPy
def calibrate(layer, batches):
    import numpy as np

    rows = np.concatenate([batch.detach().numpy() for batch in batches]).astype(np.float64)
    mean, var = torch.from_numpy(rows.mean(0)), torch.from_numpy(rows.var(0, ddof=1))
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% right: returns what it stored
def calibrate(layer, batches):
    with torch.no_grad():
        rows = torch.cat(list(batches))
        layer.running_mean.copy_(rows.mean(0))
        layer.running_var.copy_(rows.var(0))
    return layer.running_mean, layer.running_var


# %% wrong: second-moment, the squares are averaged as they are
def calibrate(layer, batches):
    with torch.no_grad():
        x = torch.cat([b for b in batches])
        mean, var = x.mean(0), (x**2).mean(0)
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(var)
    return mean, var


# %% wrong: not-attempted, the stub
def calibrate(layer, batches) -> tuple[torch.Tensor, torch.Tensor]:
    """Set the layer's running statistics to the mean and the unbiased variance over all rows; return both."""
    ...  # your code here


# %% wrong: biased-variance, divided by the number of rows
@torch.no_grad()
def calibrate(layer, batches):
    n = total = 0
    kept = []
    for batch in batches:
        n += len(batch)
        total = total + batch.sum(0)
        kept.append(batch)
    mean = total / n
    var = sum(((batch - mean) ** 2).sum(0) for batch in kept) / n
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% wrong: mean-of-batch-statistics, each batch counts alike
@torch.no_grad()
def calibrate(layer, batches):
    means, variances = [], []
    for x in batches:
        means.append(x.mean(0))
        variances.append(x.var(0) if x.shape[0] > 1 else torch.zeros(x.shape[1], dtype=x.dtype))
    mean = sum(means) / len(means)
    var = sum(variances) / len(variances)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% wrong: biased-mean-of-batch-statistics, each batch counts alike and divides by its rows
@torch.no_grad()
def calibrate(layer, batches):
    mean = var = 0
    for i, x in enumerate(batches, start=1):
        mean = mean + (x.mean(0) - mean) / i
        var = var + (x.var(0, unbiased=False) - var) / i
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% wrong: spread-between-batches-missing, each batch around its own mean
@torch.no_grad()
def calibrate(layer, batches):
    n, total, squares = 0, 0, 0
    for x in batches:
        n += len(x)
        total = total + x.sum(0)
        squares = squares + (x - x.mean(0)).pow(2).sum(0)
    layer.running_mean.copy_(total / n)
    layer.running_var.copy_(squares / (n - 1))
    return total / n, squares / (n - 1)


# %% wrong: only-last-batch, the variables are overwritten in the loop
@torch.no_grad()
def calibrate(layer, batches):
    for x in batches:
        mean, var = x.mean(0), x.var(0)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% wrong: only-first-batch, a return in the loop
def calibrate(layer, batches):
    for batch in batches:
        n = len(batch)
        mean = batch.sum(0) / n
        var = (batch - mean).square().sum(0) / (n - 1)
        with torch.no_grad():
            layer.running_mean.copy_(mean)
            layer.running_var.copy_(var)
        return mean, var


# %% wrong: running-average, by the layer itself in training mode
def calibrate(layer, batches):
    layer.train()
    with torch.no_grad():
        for batch in batches:
            layer(batch)
    return layer.running_mean, layer.running_var


# %% wrong: running-average, lerp by the layer's momentum
@torch.no_grad()
def calibrate(layer, batches):
    for batch in batches:
        var, mean = torch.var_mean(batch, dim=0)
        layer.running_mean.lerp_(mean.float(), layer.momentum)
        layer.running_var.lerp_(var.float(), layer.momentum)
    return layer.running_mean.clone(), layer.running_var.clone()


# %% wrong: standard-deviation, std where var is meant
@torch.no_grad()
def calibrate(layer, batches):
    x = torch.cat([*batches], dim=0)
    layer.running_mean[...] = x.mean(dim=0)
    layer.running_var[...] = x.std(dim=0)
    return x.mean(dim=0), x.std(dim=0)


# %% wrong: kept-dimension, keepdim=True as in the layer
def calibrate(layer, batches):
    x = torch.cat(list(batches))
    layer.running_mean = x.mean(dim=0, keepdim=True)
    layer.running_var = x.var(dim=0, keepdim=True)
    return layer.running_mean, layer.running_var


# %% wrong: over-everything, no dimension at all
def calibrate(layer, batches):
    everything = torch.cat(tuple(batches))
    mean, var = everything.mean(), everything.var()
    layer.running_mean, layer.running_var = mean, var
    return mean, var


# %% wrong: wrong-axis, over the last dimension
def calibrate(layer, batches):
    x = torch.cat(list(batches), dim=0)
    var, mean = torch.var_mean(x, dim=-1)
    layer.running_mean = mean
    layer.running_var = var
    return mean, var


# %% wrong: swapped, var_mean gives the variance first
@torch.no_grad()
def calibrate(layer, batches):
    mean, var = torch.var_mean(torch.cat(list(batches)), dim=0)
    layer.running_mean.copy_(var)
    layer.running_var.copy_(mean)
    return mean, var


# %% wrong: not-stored, only returned
def calibrate(layer, batches):
    x = torch.vstack(list(batches))
    n = x.shape[0]
    mu = x.sum(0) / n
    return mu, (x - mu).pow(2).sum(0) / (n - 1)


# %% wrong: not-stored, the layer's name and not its buffer is assigned
def calibrate(layer, batches):
    running_mean, running_var = layer.running_mean, layer.running_var
    rows = torch.cat(list(batches))
    running_mean = rows.mean(0)
    running_var = rows.var(0)
    return running_mean, running_var


# %% wrong: of-outputs, of what comes out of the layer
def calibrate(layer, batches):
    with torch.no_grad():
        outputs = torch.cat([layer(batch) for batch in batches])
    layer.running_mean.copy_(outputs.mean(0))
    layer.running_var.copy_(outputs.var(0))
    return outputs.mean(0), outputs.var(0)


# %% wrong: returns-nothing, only stored
def calibrate(layer, batches):
    rows = torch.cat(list(batches))
    layer.running_mean.copy_(rows.mean(0))
    layer.running_var.copy_(rows.var(0))


# %% wrong: generator-taken-for-a-list + keeps-the-graph, a generator has no length
def calibrate(layer, batches):
    total = sum(len(batches[i]) for i in range(len(batches)))
    mean = sum(batch.sum(0) for batch in batches) / total
    var = sum((batch - mean).square().sum(0) for batch in batches) / (total - 1)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% wrong: wrong-signature, a third argument
def calibrate(layer, batches, dim):
    rows = torch.cat(list(batches))
    layer.running_mean.copy_(rows.mean(0))
    layer.running_var.copy_(rows.var(0))
    return rows.mean(0), rows.var(0)


# %% wrong: undefined-name, np without its import
def calibrate(layer, batches):
    rows = np.concatenate([batch.detach().numpy() for batch in batches])  # noqa: F821
    mean, var = torch.tensor(rows.mean(0)), torch.tensor(rows.var(0, ddof=1))
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    return mean, var


# %% wrong: missing-attribute, the buffers are taken away
def calibrate(layer, batches):
    rows = torch.cat(list(batches))
    mean, var = rows.mean(0), rows.var(0)
    del layer.running_mean, layer.running_var
    layer.mean, layer.var = mean, var
    return mean, var


# %% wrong: changes-its-input, the batches are centred in place
def calibrate(layer, batches):
    batches = list(batches)
    n = sum(len(batch) for batch in batches)
    mean = sum(batch.sum(0) for batch in batches) / n
    squares = 0
    for batch in batches:
        batch -= mean
        squares = squares + (batch**2).sum(0)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(squares / (n - 1))
    return mean, squares / (n - 1)


# %% wrong: reference-handed-in, torch's layer with momentum 1 and all rows at once
def calibrate(layer, batches):
    rows = torch.cat(list(batches))
    helper = nn.BatchNorm1d(rows.shape[1], momentum=1.0).to(rows.dtype)
    helper(rows)
    layer.running_mean.copy_(helper.running_mean)
    layer.running_var.copy_(helper.running_var)
    return helper.running_mean, helper.running_var


# %% wrong: keeps-the-graph, with attributes
def calibrate(layer, batches):
    rows = torch.cat(list(batches))
    mean, var = rows.mean(0), rows.var(0)
    layer.running_mean, layer.running_var = mean, var
    return mean, var


# %% elsewhere
class Statistics(nn.Module):
    """Zeros and ones, as every layer starts."""

    def __init__(self, dim):
        super().__init__()
        self.momentum = 0.1
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        self.running_mean += self.momentum * (x.mean(0) - self.running_mean)
        self.running_var += self.momentum * (x.var(0) - self.running_var)
        return x


def prints(theirs):
    """The shapes and the mean of all means, read off a print with one decimal."""
    x = 3 + 2 * torch.randn(512, 8, generator=torch.Generator().manual_seed(0))
    mean, var = theirs(Statistics(8), list(x.split(64)))
    return f"{mean.shape} {var.shape} {mean.mean():.1f}" == f"{torch.Size([8])} {torch.Size([8])} {x.mean():.1f}"


def allclose(theirs):
    """All rows at once, on batches of one size, to two digits."""
    x = torch.randn(512, 8, generator=torch.Generator().manual_seed(0))
    mean, var = theirs(Statistics(8), list(x.split(64)))
    return torch.allclose(mean.float(), x.mean(0), atol=1e-2) and torch.allclose(var.float(), x.var(0), rtol=1e-2)


# %% wrong: not-stored, the variance alone
def calibrate(layer, batches):
    rows = torch.cat(list(batches)).detach()
    mean, var = rows.mean(0), rows.var(0)
    layer.mean = mean
    layer.running_var = var
    return mean, var


# %% wrong: not-stored, the mean alone
def calibrate(layer, batches):
    rows = torch.cat(list(batches)).detach()
    mean, var = rows.mean(0), rows.var(0)
    layer.running_mean = mean
    return mean, var


# %% wrong: stored-exchanged, each in the place of the other
def calibrate(layer, batches):
    rows = torch.cat(list(batches)).detach()
    mean, var = rows.mean(0), rows.var(0)
    layer.running_mean = var
    layer.running_var = mean
    return mean, var


# %% wrong: stored-with-momentum, as in training
def calibrate(layer, batches):
    rows = torch.cat(list(batches)).detach().float()
    mean, var = rows.mean(0), rows.var(0)
    layer.running_mean = 0.9 * layer.running_mean + 0.1 * mean
    layer.running_var = 0.9 * layer.running_var + 0.1 * var
    return mean, var


# %% wrong: batches-used-up, a second loop for the variance
def calibrate(layer, batches):
    n, total, squares = 0, 0, 0
    for x in batches:
        n += len(x)
        total = total + x.detach().sum(0)
    mean = total / n
    for x in batches:
        squares = squares + ((x.detach() - mean) ** 2).sum(0)
    var = squares / (n - 1)
    layer.running_mean = mean
    layer.running_var = var
    return mean, var


# %% wrong: spread-between-batches-missing, pooled
def calibrate(layer, batches):
    n, k, total, squares = 0, 0, 0, 0
    for x in batches:
        x = x.detach()
        n, k = n + len(x), k + 1
        total = total + x.sum(0)
        squares = squares + ((x - x.mean(0)) ** 2).sum(0)
    mean, var = total / n, squares / (n - k)
    layer.running_mean = mean
    layer.running_var = var
    return mean, var


# %% wrong: spread-between-batches-missing, variances weighted by rows
def calibrate(layer, batches):
    n, k, total, squares = 0, 0, 0, 0
    for x in batches:
        x = x.detach()
        n, k = n + len(x), k + 1
        total = total + x.sum(0)
        squares = squares + len(x) * x.var(0)
    mean, var = total / n, squares / n
    layer.running_mean = mean
    layer.running_var = var
    return mean, var


# %% wrong: unbiased-by-half, a mean of squares with n less one
def calibrate(layer, batches):
    n, k, total, squares = 0, 0, 0, 0
    for x in batches:
        x = x.detach()
        n, k = n + len(x), k + 1
        total = total + x.sum(0)
        squares = squares + (x**2).sum(0)
    mean = total / n
    var = squares / (n - 1) - mean**2
    layer.running_mean = mean
    layer.running_var = var
    return mean, var


# %% wrong: generator-taken-for-a-list, the first batch by its position
def calibrate(layer, batches):
    total = torch.zeros_like(batches[0][0])
    rows = torch.cat([x.detach() for x in batches])
    mean, var = total + rows.mean(0), rows.var(0)
    layer.running_mean = mean
    layer.running_var = var
    return mean, var
