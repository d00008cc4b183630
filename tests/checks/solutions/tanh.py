import math

import numpy as np
import torch
from torch import nn


# %% right: a plain class that keeps its output
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out**2)

    def parameters(self):
        return []


# %% right: a torch module, with prints and a warning
class Tanh(nn.Module):
    def __init__(self):
        super().__init__()
        self.training = True

    def forward(self, x):
        import warnings

        print("in", x.shape)
        warnings.warn("tanh is old", stacklevel=2)
        self.y = x.tanh()
        return self.y

    def backward(self, grad):
        return grad - grad * self.y * self.y


# %% right: the slope from the input, as one over cosh squared
class Tanh:
    def __init__(self, name="tanh"):
        self.name = name
        self.calls = 0

    def __call__(self, inputs):
        self.calls += 1
        self.inputs = inputs
        return torch.sinh(inputs.clamp(-20, 20)) / torch.cosh(inputs.clamp(-20, 20))

    def backward(self, dout):
        return dout / torch.cosh(self.inputs) ** 2


# %% right: from the sigmoid, and the factored slope
class Tanh:
    def __call__(self, x):
        self.t = 2 * torch.sigmoid(2 * x) - 1
        return self.t

    def backward(self, dout):
        return (1 - self.t) * (1 + self.t) * dout


# %% right: exponentials of what cannot overflow, in float64
class Tanh:
    def __call__(self, x):
        x = x.double()
        small = torch.exp(-2 * x.abs())
        self.cache = (x.sign() * (1 - small) / (1 + small),)
        return self.cache[0]

    def backward(self, dout):
        (t,) = self.cache
        slope = torch.ones_like(t)
        slope -= t.pow(2)
        return slope.mul(dout)


# %% right: a slope that is worked out on the way forward, under no_grad
class Tanh(torch.nn.Module):
    @torch.no_grad()
    def forward(self, x):
        out = torch.nn.functional.tanh(x)
        self.slope = torch.addcmul(torch.ones_like(out), out, out, value=-1)
        return out

    @torch.no_grad()
    def backward(self, dout):
        dx = dout.clone()
        dx *= self.slope
        return dx


# %% right: by way of NumPy
class Tanh:
    def __call__(self, x):
        self.t = np.tanh(x.detach().numpy())
        return torch.from_numpy(self.t.copy())

    def backward(self, dout):
        return torch.from_numpy((1.0 - np.square(self.t)) * dout.numpy())


# %% right: a function that makes such layers
def Tanh():
    class Layer:
        def __call__(self, x):
            e = torch.exp(-2 * x.abs())
            self.slope = 4 * e / (1 + e) ** 2
            return torch.copysign((1 - e) / (1 + e), x)

        def backward(self, dout):
            return torch.einsum("...,...->...", self.slope, dout)

    return Layer()


# %% wrong: not-attempted, only the stub
class Tanh:
    """Hyperbolic tangent of each entry, with a backward pass written by hand."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return tanh of x, and keep what `backward` will need."""
        ...  # your code here

    def backward(self, dout: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to the latest x, given that with respect to its output."""
        ...  # your code here


# %% wrong: slope-from-input, backward squares what went in
class Tanh:
    def __call__(self, x):
        self.x = x
        return torch.tanh(x)

    def backward(self, dout):
        return (1 - self.x**2) * dout


# %% wrong: slope-inverted, the slope of a saturated tanh is said to be infinite
class Tanh:
    def __call__(self, x):
        self.out = x.tanh()
        return self.out

    def backward(self, dout):
        return dout / (1 - self.out.pow(2))


# %% wrong: out-never-stored, out is assigned and self.out returned
class Tanh:
    def __call__(self, x):
        out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return (1 - self.out**2) * dout


# %% wrong: stale-output, self.out exists from the first batch and is returned for the second
class Tanh:
    out = None

    def __call__(self, x):
        out = torch.tanh(x)
        if self.out is None:
            self.out = out
        return self.out

    def backward(self, dout):
        return dout - dout * self.out**2


# %% wrong: not-kept-for-backward, the output is a local name
class Tanh(nn.Module):
    def forward(self, x):
        y = torch.tanh(x)
        return y

    def backward(self, dout):
        return dout * (1 - self.y * self.y)


# %% wrong: upstream-missing, the slope alone
class Tanh:
    def __call__(self, x):
        self.t = torch.tanh(x)
        return self.t

    def backward(self, dout):
        return torch.ones_like(self.t) - self.t * self.t


# %% wrong: slope-not-squared, 1 - t
class Tanh:
    def __call__(self, x):
        self.t = torch.tanh(x)
        return self.t

    def backward(self, dout):
        return dout * (1.0 - self.t)


# %% wrong: slope-of-sigmoid, taken from the wrong page
class Tanh:
    def __call__(self, x):
        self.a = torch.tanh(x)
        return self.a

    def backward(self, dout):
        return dout * self.a - dout * self.a**2


# %% wrong: slope-of-tanh-twice, 1 - tanh(out) squared
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - torch.tanh(self.out) ** 2)


# %% wrong: slope-upside-down, the square without the one
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return torch.mul(self.out, self.out) * dout


# %% wrong: slope-with-wrong-sign, t squared minus 1
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return -dout * (1 - self.out) * (1 + self.out)


# %% wrong: slope-cut-off, zero beyond 0.97
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        dx = dout * (1 - self.out**2)
        dx[self.out.abs() > 0.97] = 0
        return dx


# %% wrong: tanh-of-upstream, backward is forward again
class Tanh:
    def __call__(self, x):
        return torch.tanh(x)

    def backward(self, dout):
        return self(dout)


# %% wrong: slope-from-upstream, the slope at dout
class Tanh:
    def __call__(self, x):
        return torch.tanh(x)

    def backward(self, dout):
        return (1 - dout.tanh() ** 2) * dout


# %% wrong: summed-over-batch, as for a bias
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return torch.sum((1 - self.out**2) * dout, axis=0)


# %% wrong: averaged-over-batch, divided by the batch size once more
class Tanh:
    def __call__(self, x):
        self.n, self.out = x.shape[0], torch.tanh(x)
        return self.out

    def backward(self, dout):
        return (1 - self.out**2) * dout / self.n


# %% wrong: backward-returns-nothing, dx is only stored
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        self.grad = (1 - self.out**2) * dout


# %% wrong: backward-missing, autograd would do it
class Tanh(nn.Module):
    def forward(self, x):
        return torch.tanh(x)


# %% wrong: returns-nothing, the call has no return
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)

    def backward(self, dout):
        return dout * (1 - self.out**2)


# %% wrong: gradients-accumulate, as parameters do
class Tanh:
    def __init__(self):
        self.grad = 0.0

    def __call__(self, x):
        self.out = torch.tanh(x)
        self.grad = torch.zeros_like(x)
        return self.out

    def backward(self, dout):
        self.grad = self.grad + (1 - self.out**2) * dout
        return self.grad


# %% wrong: kept-output-overwritten, in place
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def backward(self, dout):
        return self.out.pow_(2).neg_().add_(1) * dout


# %% wrong: kept-output-thrown-away, to save memory
class Tanh:
    def __call__(self, x):
        self.cache = [torch.tanh(x)]
        return self.cache[0]

    def backward(self, dout):
        t = self.cache.pop()
        return (1 - t**2) * dout


# %% wrong: shared-between-layers, a global name holds the output
last = None


class Tanh:
    def __call__(self, x):
        global last
        last = torch.tanh(x)
        return last

    def backward(self, dout):
        return (1 - last * last) * dout


# %% wrong: first-batch-kept, a cache that is filled once
class Tanh:
    def __init__(self):
        self.cache = {}

    def __call__(self, x):
        return self.cache.setdefault("t", torch.tanh(x)) if not self.cache else torch.tanh(x)

    def backward(self, dout):
        return (1 - self.cache["t"] ** 2) * dout


# %% wrong: exponentials-overflow, the definition as it is written
class Tanh:
    def __call__(self, x):
        s, c = x.exp() - (-x).exp(), x.exp() + (-x).exp()
        self.t = s / c
        return self.t

    def backward(self, dout):
        return (1 - self.t**2) * dout


# %% wrong: exponentials-overflow, the shorter definition
class Tanh:
    def __call__(self, x):
        e = math.e ** (2 * x)
        self.t = (e - 1) / (e + 1)
        return self.t

    def backward(self, dout):
        return (1 - self.t**2) * dout


# %% wrong: sigmoid-instead-of-tanh, another S
class Tanh:
    def __call__(self, x):
        self.s = 1 / (1 + torch.exp(-x))
        return self.s

    def backward(self, dout):
        return self.s * (1 - self.s) * dout


# %% wrong: half-as-steep, a stretched sigmoid
class Tanh:
    def __call__(self, x):
        self.t = 2 / (1 + torch.exp(-x)) - 1
        return self.t

    def backward(self, dout):
        return (1 - self.t**2) * dout


# %% wrong: precision-lost, everything in float32
class Tanh:
    def __call__(self, x):
        self.t = torch.tanh(x.to(torch.float32))
        return self.t

    def backward(self, dout):
        return (1 - self.t**2) * dout


# %% wrong: changes-its-input, in place to save memory
class Tanh:
    def __call__(self, x):
        self.t = x.tanh_()
        return self.t

    def backward(self, dout):
        return (1 - self.t**2) * dout


# %% wrong: changes-its-input, dout is multiplied where it lies
class Tanh:
    def __call__(self, x):
        self.t = x.tanh()
        return self.t

    def backward(self, dout):
        dout *= 1 - self.t**2
        return dout


# %% wrong: wrong-signature, backward wants the input as well
class Tanh:
    def __call__(self, x):
        return torch.tanh(x)

    def backward(self, dout, x):
        return (1 - torch.tanh(x) ** 2) * dout


# %% wrong: undefined-name, the import is missing
class Tanh:
    def __call__(self, x):
        self.t = jnp.tanh(x)
        return self.t

    def backward(self, dout):
        return (1 - self.t**2) * dout


# %% wrong: reference-handed-in, a subclass of torch's module
class Tanh(nn.Tanh):
    def forward(self, x):
        self.out = super().forward(x)
        return self.out

    def backward(self, dout):
        return (1 - self.out**2) * dout


# %% wrong: reference-handed-in, torch's module inside
class Tanh:
    def __init__(self):
        self.inner = nn.Tanh()

    def __call__(self, x):
        self.x = x.detach().requires_grad_()
        self.y = self.inner(self.x)
        return self.y.detach()

    def backward(self, dout):
        return torch.autograd.grad(self.y, self.x, dout, retain_graph=True)[0]


# %% wrong: reference-handed-in, autograd goes back
class Tanh:
    def __call__(self, x):
        with torch.enable_grad():
            self.x = x.detach().clone().requires_grad_()
            self.y = torch.nn.functional.tanh(self.x)
        return self.y.detach()

    def backward(self, dout):
        self.x.grad = None
        self.y.backward(dout, retain_graph=True)
        return self.x.grad


# %% wrong: reference-handed-in, torch's own way back
class Tanh:
    def __call__(self, x):
        self.y = torch.tanh(x)
        return self.y

    def backward(self, dout):
        return torch.ops.aten.tanh_backward(dout, self.y)


# %% wrong: reference-handed-in, the course's NumPy layer
class Tanh:
    def __init__(self):
        from bncourse.manual import Tanh as Finished

        self.layer = Finished()

    def __call__(self, x):
        return torch.from_numpy(self.layer.forward(x.numpy()).copy())

    def backward(self, dout):
        return torch.from_numpy(self.layer.backward(dout.numpy()))


# %% wrong: reference-handed-in, the course's torch layer with a method added
from bncourse.layers import Tanh as CourseTanh


class Tanh(CourseTanh):
    def backward(self, dout):
        return (1 - self.out**2) * dout


# %% elsewhere
def prints(theirs):
    """The shapes, and that all outputs lie between −1 and 1, read off a print."""
    layer = theirs()
    x = torch.randn(32, 200, generator=torch.Generator().manual_seed(0))
    y = layer(x)
    dx = layer.backward(torch.ones_like(y))
    print(y.shape, dx.shape, f"{y.min():.2f} {y.max():.2f} {dx.mean():.2f}")
    return y.shape == dx.shape == x.shape and bool(y.abs().max() <= 1)


def allclose(theirs):
    """Forward and backward on one batch against autograd."""
    x = torch.randn(32, 200, generator=torch.Generator().manual_seed(0), requires_grad=True)
    y = torch.tanh(x)
    dout = torch.randn(32, 200, generator=torch.Generator().manual_seed(1))
    y.backward(dout)
    layer = theirs()
    return torch.allclose(layer(x.detach()), y, atol=1e-6) and torch.allclose(layer.backward(dout), x.grad, atol=1e-6)


# %% wrong: square-of-the-difference, a misplaced parenthesis
class Tanh:
    def __call__(self, x):
        self.h = torch.tanh(x)
        return self.h.clone()

    def backward(self, dout):
        return dout * (1 - self.h) ** 2


# %% wrong: doubled-for-squared, a star is missing
class Tanh:
    def __call__(self, x):
        self.h = torch.tanh(x)
        return self.h.clone()

    def backward(self, dout):
        return dout * (1 - self.h * 2)


# %% wrong: kept-output-reassigned, squared under the same name
class Tanh:
    def __call__(self, x):
        self.h = torch.tanh(x)
        return self.h.clone()

    def backward(self, dout):
        self.h = self.h**2
        return dout * (1 - self.h)


# %% wrong: kept-output-overwritten, squared in place
class Tanh:
    def __call__(self, x):
        self.h = torch.tanh(x)
        return self.h

    def backward(self, dout):
        self.h **= 2
        return dout * (1 - self.h)


# %% wrong: tanh-upside-down, the sum over the difference
class Tanh:
    def __call__(self, x):
        self.h = (torch.exp(x) + torch.exp(-x)) / (torch.exp(x) - torch.exp(-x))
        return self.h.clone()

    def backward(self, dout):
        return dout * (1 - self.h**2)


# %% wrong: finite-differences, in place of a derivation
class Tanh:
    def __call__(self, x):
        self.x = x.clone()
        return torch.tanh(x)

    def backward(self, dout):
        e = 1e-4
        return dout * (torch.tanh(self.x + e) - torch.tanh(self.x - e)) / (2 * e)
