import numpy as np
import torch


# %% right: torch's reductions
def activation_summary(h):
    return {
        "mean": h.mean().item(),
        "std": h.std().item(),
        "saturated": (h.abs() > 0.97).float().mean().item(),
    }


# %% right: tensors without dimensions, and one key more
def activation_summary(h):
    h = h.detach()
    return dict(saturated=(h.abs() > 0.97).double().mean(), std=torch.std(h), mean=torch.mean(h), max=h.abs().max())


# %% right: NumPy with ddof, and prints
def activation_summary(h):
    a = h.detach().cpu().numpy()
    found = {"mean": a.mean(), "std": np.std(a, ddof=1), "saturated": np.mean(np.abs(a) > 0.97)}
    print(found)
    return found


# %% right: by hand, in float64
def activation_summary(h):
    values = h.detach().double().flatten()
    n = len(values)
    mean = values.sum() / n
    std = ((values - mean) ** 2).sum().div(n - 1).sqrt()
    count = sum(1 for v in values.tolist() if v > 0.97 or v < -0.97)
    return {"mean": float(mean), "std": float(std), "saturated": count / n}


# %% right: Bessel's factor on the biased variance
def activation_summary(h: torch.Tensor) -> dict:
    n = h.numel()
    var, mean = torch.var_mean(h, correction=0)
    share = torch.count_nonzero(torch.abs(h) > 0.97).item() / n
    return {"mean": mean.item(), "std": (var.item() * n / (n - 1)) ** 0.5, "saturated": share}


# %% right: a default dictionary, and Python's statistics
def activation_summary(h):
    import statistics
    from collections import OrderedDict

    values = h.reshape(-1).tolist()
    out = OrderedDict()
    out["mean"] = statistics.fmean(values)
    out["std"] = statistics.stdev(values)
    out["saturated"] = statistics.fmean([abs(v) > 0.97 for v in values])
    return out


# %% right: std_mean under no_grad
@torch.no_grad()
def activation_summary(h):
    std, mean = torch.std_mean(h)
    return {"mean": mean.item(), "std": std.item(), "saturated": 1 - (h.abs() <= 0.97).double().mean().item()}


# %% wrong: not-attempted, only the stub
def activation_summary(h: torch.Tensor) -> dict[str, float]:
    """Return 'mean', 'std' and 'saturated', the share beyond ±0.97, of all values of h."""
    ...  # your code here


# %% wrong: biased-std, NumPy's default
def activation_summary(h):
    a = h.detach().numpy()
    return {"mean": float(a.mean()), "std": float(a.std()), "saturated": float((abs(a) > 0.97).mean())}


# %% wrong: variance-for-std, var for std
def activation_summary(h):
    v, m = torch.var_mean(h)
    return {"mean": m, "std": v, "saturated": (h.abs() > 0.97).float().mean()}


# %% wrong: spread-around-zero, a root mean square
def activation_summary(h):
    rms = torch.sqrt(torch.mean(h * h))
    return {"mean": h.mean().item(), "std": rms.item(), "saturated": (h.abs() > 0.97).float().mean().item()}


# %% wrong: mean-distance-for-std, absolute distances
def activation_summary(h):
    m = h.mean()
    return {"mean": m.item(), "std": (h - m).abs().mean().item(), "saturated": (h.abs() > 0.97).float().mean().item()}


# %% wrong: cancelling-std, the mean of squares minus the square of the mean
def activation_summary(h):
    n = h.numel()
    m = h.sum() / n
    v = (torch.sum(h**2) - n * m**2) / (n - 1)
    return {"mean": m.item(), "std": v.abs().sqrt().item(), "saturated": (h.abs() > 0.97).float().mean().item()}


# %% wrong: mean-of-stds, one std per unit, averaged
def activation_summary(h):
    flat = h.flatten(0, -2) if h.ndim > 1 else h[:, None]
    return {
        "mean": flat.mean(0).mean().item(),
        "std": flat.std(0).mean().item(),
        "saturated": (flat.abs() > 0.97).float().mean().item(),
    }


# %% wrong: one-number-per-unit, over the batch alone
def activation_summary(h):
    return {"mean": h.mean(dim=0), "std": h.std(dim=0), "saturated": (h.abs() > 0.97).float().mean(dim=0)}


# %% wrong: mean-of-absolute-values, so that both ends do not cancel
def activation_summary(h):
    a = h.abs()
    return {"mean": a.mean().item(), "std": h.std().item(), "saturated": (a > 0.97).float().mean().item()}


# %% wrong: all-of-absolute-values, h is overwritten by its size
def activation_summary(h):
    h = h.abs()
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": (h > 0.97).float().mean().item()}


# %% wrong: mean-and-std-exchanged, std_mean returns the mean last
def activation_summary(h):
    mean, std = torch.std_mean(h)
    return {"mean": mean.item(), "std": std.item(), "saturated": (h.abs() > 0.97).float().mean().item()}


# %% wrong: positive-half-only, no absolute value
def activation_summary(h):
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": (h > 0.97).float().mean().item()}


# %% wrong: saturated-count, the number of them
def activation_summary(h):
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": int((h.abs() > 0.97).sum())}


# %% wrong: saturated-percent, as in the print of the lecture
def activation_summary(h):
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": (h.abs() > 0.97).float().mean().item() * 100}


# %% wrong: another-threshold, 0.99 of the map
def activation_summary(h):
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": (h.abs() > 0.99).float().mean().item()}


# %% wrong: tanh-applied-again, pre-activations were expected
def activation_summary(h):
    t = h.tanh()
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": (t.abs() > 0.97).float().mean().item()}


# %% wrong: divided-by-examples, len of a matrix
def activation_summary(h):
    n = len(h)
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": (h.abs() > 0.97).sum().item() / n}


# %% wrong: rounded, as it is printed
def activation_summary(h):
    return {
        "mean": round(h.mean().item(), 2),
        "std": round(h.std().item(), 2),
        "saturated": round((h.abs() > 0.97).float().mean().item(), 2),
    }


# %% wrong: key-missing, other names
def activation_summary(h):
    return {"mean": h.mean().item(), "std": h.std().item(), "saturation": (h.abs() > 0.97).float().mean().item()}


# %% wrong: not-a-dictionary, three numbers
def activation_summary(h):
    return h.mean().item(), h.std().item(), (h.abs() > 0.97).float().mean().item()


# %% wrong: texts-for-numbers, formatted
def activation_summary(h):
    return {"mean": "%.2f" % h.mean(), "std": "%.2f" % h.std(), "saturated": "%.2f" % (h.abs() > 0.97).float().mean()}


# %% wrong: saturated-mask, the map comes back
def activation_summary(h):
    return {"mean": h.mean().item(), "std": h.std().item(), "saturated": h.abs() > 0.97}


# %% wrong: graph-handed-to-numpy, NumPy on a tensor of a graph
def activation_summary(h):
    a = h.numpy()
    return {"mean": a.mean(), "std": a.std(ddof=1), "saturated": (abs(a) > 0.97).mean()}


# %% wrong: changes-its-input, the absolute value in place
def activation_summary(h):
    h = h.detach()
    mean, std = h.mean().item(), h.std().item()
    return {"mean": mean, "std": std, "saturated": (h.abs_() > 0.97).float().mean().item()}


# %% wrong: returns-nothing, it is printed
def activation_summary(h):
    print(f"mean {h.mean():+.2f}, std {h.std():.2f}, saturated {(h.abs() > 0.97).float().mean() * 100:.2f}%")


# %% wrong: reference-handed-in, the course's own
from bncourse.diagnostics import summary


def activation_summary(h):
    found = summary("h", h)
    return {"mean": found.mean, "std": found.std, "saturated": found.saturated}


# %% wrong: divided-by-examples, a std over the rows less one
def activation_summary(h):
    m = h.mean()

    return {
        "mean": m.item(),
        "std": (((h - m) ** 2).sum() / (len(h) - 1)).sqrt().item(),
        "saturated": (h.abs() > 0.97).float().mean().item(),
    }


# %% wrong: all-but-the-threshold, a minus forgotten
def activation_summary(h):
    return {"mean": h.mean().detach(), "std": h.std().detach(), "saturated": ((h > 0.97) | (h < 0.97)).float().mean()}


# %% elsewhere
def prints(theirs):
    """The line that the lecture prints, read off with its decimals."""
    h = torch.tanh(torch.randn(32, 100, generator=torch.Generator().manual_seed(0)))
    found = theirs(h)
    text = f"{float(found['mean']):+.2f} {float(found['std']):.2f} {100 * float(found['saturated']):.0f}%"
    return text == f"{h.mean():+.2f} {h.std():.2f} {100 * (h.abs() > 0.97).float().mean():.0f}%"


def allclose(theirs):
    """One batch against torch."""
    h = torch.tanh(2 * torch.randn(32, 100, generator=torch.Generator().manual_seed(0)))
    found = theirs(h)
    wanted = [h.mean(), h.std(), (h.abs() > 0.97).float().mean()]
    return all(np.allclose(found[key], value) for key, value in zip(("mean", "std", "saturated"), wanted))
