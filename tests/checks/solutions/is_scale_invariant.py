import copy

import torch
from torch import nn


# %% right: allclose for several factors
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), y, rtol=1e-3, atol=1e-3) for a in (0.1, 0.3, 0.8, 2, 5, 10, 100))


# %% right: the largest difference, in a loop that leaves early
def is_scale_invariant(layer, x):
    with torch.no_grad():
        base = layer(x)
        for a in [0.2, 0.7, 1.5, 3.0, 50.0]:
            if (layer(x * a) - base).abs().max() > 1e-3:
                return False
    return True


# %% right: a copy of the layer, so that its running statistics stay; a 0-d tensor of bools
def is_scale_invariant(layer, x):
    twin = copy.deepcopy(layer)
    with torch.inference_mode():
        y = twin(x)
        results = torch.stack([twin(x * a) for a in torch.logspace(-1, 2, 9).tolist()])
    return ((results - y).abs() <= 1e-3 + 1e-3 * y.abs()).all()


# %% right: random factors, drawn on a logarithmic scale, with prints
def is_scale_invariant(layer, x):
    import numpy as np

    rng = np.random.default_rng()
    y = layer(x).detach()
    verdict = np.True_
    for a in np.exp(rng.uniform(np.log(0.1), np.log(100), 40)):
        gap = (layer(float(a) * x).detach() - y).abs().max().item()
        print(f"{a:.3f} {gap:.2e}")
        verdict = verdict & (gap < 1e-3)
    return verdict


# %% right: testing.assert_close, and the AssertionError
def is_scale_invariant(layer, x):
    expected = layer(x)
    try:
        for factor in (0.15, 0.6, 1.1, 3.7, 80.0):
            torch.testing.assert_close(layer(factor * x), expected, rtol=1e-3, atol=1e-3)
    except AssertionError:
        return False
    return True


# %% right: the spread over the factors, entry by entry
def is_scale_invariant(layer, x):
    outputs = torch.stack([layer(a * x) for a in (0.1, 0.4, 1.0, 3.0, 30.0)])
    return bool((outputs.amax(0) - outputs.amin(0) < 1e-3).all())


# %% right: NumPy at the end
def is_scale_invariant(layer, x):
    import numpy as np

    y = layer(x).detach().numpy()
    return np.all([np.allclose(layer(a * x).detach().numpy(), y, atol=1e-3) for a in (0.1, 0.5, 0.75, 3, 9, 99)])


# %% wrong: not-attempted, the stub
def is_scale_invariant(layer, x):
    """Whether the layer ignores the scale."""
    ...


# %% wrong: tests-only-one-factor, the double
def is_scale_invariant(layer, x):
    return torch.allclose(layer(2 * x), layer(x), atol=1e-4)


# %% wrong: tests-only-one-factor, the half
def is_scale_invariant(layer, x):
    return bool(((layer(x / 2) - layer(x)).abs() < 1e-3).all())


# %% wrong: tests-only-powers-of-two, one factor after the other
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(2.0**k * x), y, atol=1e-3) for k in range(-3, 7))


# %% wrong: tests-only-larger-factors, nothing below 1
def is_scale_invariant(layer, x):
    y = layer(x)
    for a in range(2, 101, 7):
        if not torch.allclose(layer(a * x), y, rtol=1e-3, atol=1e-3):
            return False
    return True


# %% wrong: tests-only-smaller-factors, nothing above 1
def is_scale_invariant(layer, x):
    y = layer(x)
    return all((layer(a / 10 * x) - y).abs().max() < 1e-3 for a in range(1, 10))


# %% wrong: always, the factor is 1
def is_scale_invariant(layer, x):
    a = 1
    return torch.allclose(layer(a * x), layer(x))


# %% wrong: always, a return in the wrong place
def is_scale_invariant(layer, x):
    y = layer(x)
    for a in (0.5, 2.0, 10.0):
        same = torch.allclose(layer(a * x), y)
        if same:
            break
    return True


# %% wrong: includes-negative-factors, −1 among them
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), y, atol=1e-3) for a in (-2.0, -1.0, 0.5, 3.0, 100.0))


# %% wrong: includes-zero, from 0 on
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), y, atol=1e-3) for a in torch.linspace(0, 50, 11).tolist())


# %% wrong: no-room-for-eps, down to a hundred-thousandth
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), y, atol=1e-3) for a in (1e-5, 1e-2, 0.5, 3.0, 1e2))


# %% wrong: no-room-for-eps, down to a hundredth
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), y, atol=1e-3) for a in (0.01, 0.4, 3.0, 1e2))


# %% wrong: no-room-for-eps, ten times stricter than the text
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(not ((layer(a * x) - y).abs() > 1e-4).any() for a in (0.1, 0.4, 3.0, 1e2))


# %% wrong: no-room-for-rounding, torch.equal
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.equal(layer(a * x), y) for a in (0.1, 0.7, 3.0, 100.0))


# %% wrong: no-room-for-eps, allclose as it comes
def is_scale_invariant(layer, x):
    return all(torch.allclose(layer(a * x), layer(x)) for a in (0.1, 0.3, 3.0, 50.0))


# %% wrong: some-entry-is-enough, the first row looked at
def is_scale_invariant(layer, x):
    y = layer(x)[0]
    return all(torch.allclose(layer(a * x)[0], y, atol=1e-3) for a in (0.1, 0.3, 3.0, 50.0))


# %% wrong: tolerance-too-wide, what looks alike is alike
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), y, rtol=0.15, atol=0.15) for a in (0.5, 3, 10, 100))


# %% wrong: compares-mean-and-spread, as a print would
def is_scale_invariant(layer, x):
    y = layer(x)
    for a in (0.2, 0.5, 3.0, 20.0):
        z = layer(a * x)
        if abs(z.mean() - y.mean()) > 1e-3 or abs(z.std() - y.std()) > 1e-2:
            return False
    return True


# %% wrong: scales-the-output-too, homogeneous taken for invariant
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(a * x), a * y, rtol=1e-3, atol=1e-3) for a in (0.5, 3.0, 10.0))


# %% wrong: shifts-the-input, added instead of multiplied
def is_scale_invariant(layer, x):
    y = layer(x)
    return all(torch.allclose(layer(x + a), y, rtol=1e-3, atol=1e-3) for a in (0.5, 3.0, 10.0))


# %% wrong: switches-to-evaluation, to be on the safe side
def is_scale_invariant(layer, x):
    layer.eval()
    with torch.no_grad():
        y = layer(x)
        return all(torch.allclose(layer(a * x), y, atol=1e-3) for a in (0.1, 0.6, 3.0, 10.0))


# %% wrong: switches-to-training, since it fails in evaluation
def is_scale_invariant(layer, x):
    layer.train()
    with torch.no_grad():
        y = layer(x)
        return all(torch.allclose(layer(a * x), y, atol=1e-3) for a in (0.1, 0.6, 3.0, 10.0))


# %% wrong: some-factor-is-enough, any for all
def is_scale_invariant(layer, x):
    y = layer(x)
    return any(torch.allclose(layer(a * x), y, atol=1e-3) for a in (0.1, 0.5, 3.0, 10.0))


# %% wrong: judged-by-its-type, no layer is run
def is_scale_invariant(layer, x):
    return "Norm" in type(layer).__name__


# %% wrong: judged-by-its-type, BatchNorm in training only
def is_scale_invariant(layer, x):
    return isinstance(layer, nn.LayerNorm) or (isinstance(layer, nn.BatchNorm1d) and layer.training)


# %% wrong: answer-turned-around, a forgotten not
def is_scale_invariant(layer, x):
    y = layer(x)
    return any((layer(a * x) - y).abs().max() > 1e-3 for a in (0.1, 0.6, 3.0, 10.0))


# %% wrong: number-for-a-bool, 1 and 0
def is_scale_invariant(layer, x):
    y = layer(x)
    return int(all(torch.allclose(layer(a * x), y, atol=1e-3) for a in (0.1, 0.6, 3.0, 10.0)))


# %% wrong: changes-its-input, multiplied in place
def is_scale_invariant(layer, x):
    y = layer(x)
    for a in (0.1, 0.6, 30.0, 10.0):
        x *= a
        if not torch.allclose(layer(x), y, atol=1e-3):
            return False
    return True


# %% wrong: returns-nothing, the result is printed
def is_scale_invariant(layer, x):
    print(torch.allclose(layer(3 * x), layer(x), atol=1e-3))


# %% wrong: some-factor-is-enough, any of four factors
def is_scale_invariant(layer, x):
    return any(torch.allclose(layer(a * x), layer(x), atol=1e-3, rtol=0) for a in (0.3, 0.7, 3.0, 7.0))


# %% wrong: some-factor-is-enough, the first factor that fits
def is_scale_invariant(layer, x):
    for a in (0.3, 0.7, 3.0, 7.0):
        if torch.allclose(layer(a * x), layer(x), atol=1e-3, rtol=0):
            return True
    return False


# %% wrong: compares-mean-and-spread, the mean of the differences
def is_scale_invariant(layer, x):
    return all((layer(a * x) - layer(x)).mean().abs() < 1e-3 for a in (0.3, 0.7, 3.0, 7.0))


# %% wrong: entry-by-entry, an answer for each entry
def is_scale_invariant(layer, x):
    return layer(2 * x) == layer(x)


# %% elsewhere
def prints(theirs):
    """Two answers, read off a print: a BatchNorm and a ReLU."""
    x = 10 * torch.randn(16, 4, generator=torch.Generator().manual_seed(0))
    return f"{bool(theirs(nn.BatchNorm1d(4), x))} {bool(theirs(nn.ReLU(), x))}" == "True False"


def allclose(theirs):
    """The chapter's five layers."""
    x = 10 * torch.randn(64, 10, generator=torch.Generator().manual_seed(3))
    layers = [nn.BatchNorm1d(10), nn.BatchNorm1d(10).eval(), nn.LayerNorm(10), nn.ReLU(), nn.Tanh()]
    return [bool(theirs(layer, x)) for layer in layers] == [True, False, True, False, False]
