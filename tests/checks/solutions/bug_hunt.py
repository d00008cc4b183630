import math

import torch
from torch import nn


# The assignment's listing with every mistake fixed; a solution below puts one class or more in place of these.
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn(fan_in, fan_out) / math.sqrt(fan_in)
        self.weight.requires_grad = True
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


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
            mean = x.mean(0)
            var = x.var(0, unbiased=False)
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * x.var(0)
        else:
            mean = self.running_mean
            var = self.running_var
        xhat = (x - mean) / torch.sqrt(var + self.eps)
        self.out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


# %% right: the listing fixed, and nothing else


# %% right: modules of torch, with buffers
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        if not self.training:
            return (x - self.running_mean) * torch.rsqrt(self.running_var + self.eps) * self.gamma + self.beta
        var, mean = torch.var_mean(x, dim=0, correction=0)
        with torch.no_grad():
            self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
            self.running_var.mul_(1 - self.momentum).add_(self.momentum * var * len(x) / (len(x) - 1))
        return (x - mean) * torch.rsqrt(var + self.eps) * self.gamma + self.beta


class Tanh(nn.Module):
    def forward(self, x):
        return x.tanh()


# %% right: keepdim kept, and the dimension taken away before it is stored
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma = torch.ones(dim).requires_grad_()
        self.beta = torch.zeros(dim).requires_grad_()
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean = x.mean(0, keepdim=True)
            var = ((x - mean) ** 2).mean(0, keepdim=True)
            n = x.shape[0]
            new_mean, new_var = mean.detach().squeeze(0), var.detach().squeeze(0) * n / (n - 1)
            self.running_mean += self.momentum * (new_mean - self.running_mean)
            self.running_var += self.momentum * (new_var - self.running_var)
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out

    def parameters(self):
        yield self.gamma
        yield self.beta


# %% right: weight and bias as torch calls them, lists of parameters kept, prints
class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        print("BatchNorm1d", dim, eps, momentum)
        self.eps, self.momentum, self.training = eps, momentum, True
        self.weight = torch.ones(dim, requires_grad=True)
        self.bias = torch.zeros(dim, requires_grad=True)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)
        self.steps = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def parameters(self):
        return [self.weight, self.bias]

    def __call__(self, x):
        if self.training:
            self.steps += 1
            mean, var = x.mean(axis=0), x.var(axis=0, correction=0)
            keep = 1 - self.momentum
            self.running_mean = keep * self.running_mean + self.momentum * mean.detach()
            self.running_var = keep * self.running_var + self.momentum * x.detach().var(axis=0)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = (x - mean) / (var + self.eps) ** 0.5 * self.weight + self.bias
        return self.out


class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.nn.Parameter(torch.randn((fan_in, fan_out)) * fan_in**-0.5)
        self.bias = torch.nn.Parameter(torch.zeros(fan_out)) if bias else None
        self.params = [p for p in (self.weight, self.bias) if p is not None]

    def __call__(self, x):
        self.out = torch.einsum("ni,io->no", x, self.weight)
        if self.bias is not None:
            self.out += self.bias
        return self.out

    def parameters(self):
        return self.params


# %% right: torch.nn.functional.linear and a base class of the learner's
class Layer:
    training = True

    def parameters(self):
        return [p for p in vars(self).values() if isinstance(p, nn.Parameter)]


class Linear(Layer):
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = nn.Parameter(torch.empty(fan_in, fan_out).normal_(std=1 / math.sqrt(fan_in)))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def __call__(self, x):
        return nn.functional.linear(x, self.weight.T, self.bias)


class Tanh(Layer):
    def __call__(self, x):
        out = torch.tanh(x)
        return out


# %% right: tanh by its formula, the state kept in float64
class Tanh:
    def __call__(self, x):
        e = torch.exp(-2 * x.abs())
        self.out = torch.sign(x) * (1 - e) / (1 + e)
        return self.out

    def parameters(self):
        return ()


class BatchNorm1d(BatchNorm1d):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__(dim, eps, momentum)
        self.running_mean = self.running_mean.double()
        self.running_var = self.running_var.double()

    def __call__(self, x):
        return super().__call__(x.double())


# %% wrong: misspelt-argument, a planted slip left in: bais
class Linear:
    def __init__(self, fan_in, fan_out, bais=True):
        self.weight = torch.randn(fan_in, fan_out) / math.sqrt(fan_in)
        self.weight.requires_grad = True
        self.bias = torch.zeros(fan_out, requires_grad=True) if bais else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [p for p in [self.weight, self.bias] if p is not None]


# %% wrong: none-among-parameters, a planted slip left in: the bias is listed even if there is none
class Linear(Linear):
    def parameters(self):
        return [self.weight, self.bias]


# %% wrong: no-grad-without-parentheses, a planted slip left in
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            with torch.no_grad:
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: statistics-without-gradient, a planted slip left in: all of it under no_grad
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            with torch.no_grad():
                mean = x.mean(0)
                var = x.var(0, unbiased=False)
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * x.var(0)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: unbiased-normaliser, a planted slip left in: torch's default divisor in the output
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0)
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * var
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: biased-running-variance, the divisor fixed for the output and broken for the memory
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * var
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: kept-dimension, a planted slip left in: keepdim=True goes into the memory
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            mean = x.mean(0, keepdim=True)
            var = x.var(0, keepdim=True, unbiased=False)
            with torch.no_grad():
                n, m = len(x), self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * var * n / (n - 1)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: no-parameters, a planted slip left in: the BatchNorm lists nothing
class Silent(BatchNorm1d):
    pass


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.inner = Silent(dim, eps, momentum)

    def __getattr__(self, name):
        if name == "parameters":
            raise AttributeError(f"'BatchNorm1d' object has no attribute '{name}'")
        return getattr(self.__dict__["inner"], name)

    def __setattr__(self, name, value):
        if name == "inner":
            self.__dict__["inner"] = value
        else:
            setattr(self.inner, name, value)

    def __call__(self, x):
        return self.inner(x)


# %% wrong: result-not-kept, a planted slip left in: a local name assigned, an attribute returned
class Tanh:
    def __call__(self, x):
        out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


# %% wrong: momentum-reversed, taken as the weight of the old estimate
class BatchNorm1d(BatchNorm1d):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__(dim, eps, 1 - momentum)


# %% wrong: variances-swapped, each in the place of the other
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0)
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * x.var(0, unbiased=False)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: gamma-and-beta-not-trainable, plain tensors listed
class BatchNorm1d(BatchNorm1d):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__(dim, eps, momentum)
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)


# %% wrong: nothing-listed, an empty list to quieten the error
class BatchNorm1d(BatchNorm1d):
    def parameters(self):
        return []


# %% wrong: running-keeps-graph, the block taken away instead of fixed
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean.detach() + m * mean
            self.running_var = (1 - m) * self.running_var.detach() + m * x.var(0)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: mode-from-grad-mode, as one published version has it
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if not torch.is_grad_enabled():
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = ((x - mean) ** 2).mean(dim=0)
            unbiased = var.detach() * len(x) / max(len(x) - 1, 1)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# %% wrong: bias-not-listed, None got rid of together with the bias
class Linear(Linear):
    def parameters(self):
        return [self.weight]


# %% wrong: bias-never-left-out, the misspelt argument swallowed
class Linear(Linear):
    def __init__(self, fan_in, fan_out, bias=True, bais=True):
        super().__init__(fan_in, fan_out, bais)


# %% wrong: stale-result, the attribute made once so that returning it works
class Tanh:
    def __init__(self):
        self.out = None

    def __call__(self, x):
        if self.out is None:
            self.out = x.tanh()
        return self.out

    def parameters(self):
        return []


# %% wrong: tanh-outside-the-graph, NumPy's tanh
class Tanh:
    def __call__(self, x):
        self.out = torch.from_numpy(__import__("numpy").tanh(x.detach().numpy()))
        return self.out

    def parameters(self):
        return []


# %% wrong: factor-missing, tanh from the sigmoid of x and not of 2x
class Tanh:
    def __call__(self, x):
        self.out = 2 * torch.sigmoid(x) - 1
        return self.out

    def parameters(self):
        return []


# %% wrong: eps-missing, lost while fixing
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        eps, self.eps = self.eps, 0.0
        try:
            return super().__call__(x)
        finally:
            self.eps = eps


# %% wrong: reference-handed-in, torch's layer in place of the listing's
class BatchNorm1d(nn.BatchNorm1d):
    pass


# %% wrong: reference-handed-in, torch's function in the middle
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        args = (self.running_mean, self.running_var, self.gamma, self.beta, self.training, self.momentum, self.eps)
        return nn.functional.batch_norm(x, *args)


# %% wrong: reference-handed-in, torch's operation in the middle
class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        state = self.running_mean, self.running_var
        return torch.ops.aten.native_batch_norm(
            x, self.gamma, self.beta, *state, self.training, self.momentum, self.eps
        )[0]


# %% wrong: reference-handed-in, the course's layers
from bncourse.layers import BatchNorm1d, Linear, Tanh

# %% wrong: reference-handed-in, torch's tanh layer
Tanh = nn.Tanh


# %% wrong: reference-handed-in, torch's linear layer inside
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.inner = nn.Linear(fan_in, fan_out, bias)
        self.weight = nn.Parameter(self.inner.weight.data.T)
        self.bias = self.inner.bias

    def __call__(self, x):
        self.inner.weight = nn.Parameter(self.weight.T)
        return self.inner(x)

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% wrong: weights-of-another-size, a gain in the weights
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn(fan_in, fan_out) * (5 / 3) / math.sqrt(fan_in)
        self.weight.requires_grad = True
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% wrong: weight-without-gradient, the weight requires no gradient
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn(fan_in, fan_out) / math.sqrt(fan_in)
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% wrong: weight-is-no-leaf, the weight is computed from a leaf
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn(fan_in, fan_out, requires_grad=True) / math.sqrt(fan_in)
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% wrong: one-statistic-keeps-dimension, keepdim left in the mean
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
            mean = x.mean(0, keepdim=True)
            var = x.var(0, unbiased=False)
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * x.var(0)
        else:
            mean = self.running_mean
            var = self.running_var
        xhat = (x - mean) / torch.sqrt(var + self.eps)
        self.out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: bessel-upside-down, the correction upside down
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
            mean = x.mean(0)
            var = x.var(0, unbiased=False)
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * var * (len(x) - 1) / len(x)
        else:
            mean = self.running_mean
            var = self.running_var
        xhat = (x - mean) / torch.sqrt(var + self.eps)
        self.out = self.gamma * xhat + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% wrong: tanh-returns-nothing, no return in the Tanh
class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)

    def parameters(self):
        return []


# %% elsewhere
def prints(Linear, BatchNorm1d, Tanh):
    """The three run one after the other, and the outputs of the BatchNorm look normalised in a print."""
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    normalised = BatchNorm1d(6)(Linear(8, 6, bias=False)(x))
    y = Tanh()(normalised)
    return f"{normalised.mean().abs():.2f} {normalised.std():.1f}" == "0.00 1.0" and tuple(y.shape) == (32, 6)


def allclose(Linear, BatchNorm1d, Tanh):
    """torch's own layers on one batch."""
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    linear = Linear(8, 6)
    same = torch.allclose(linear(x), x @ linear.weight + linear.bias, atol=1e-5)
    same = same and torch.allclose(BatchNorm1d(8)(x).float(), nn.BatchNorm1d(8)(x), atol=1e-5)
    return same and torch.allclose(Tanh()(x).float(), torch.tanh(x), atol=1e-5)
