import math

import torch
import torch.nn.functional as F
from torch import nn


# %% right: a torch module
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / math.sqrt(fan_in))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


# %% right: a plain class, as in the lecture
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn((fan_in, fan_out)) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None
        for p in self.parameters():
            p.requires_grad = True

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% right: registered as None, einsum, and a uniform distribution
class Linear(nn.Module):
    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__()
        bound = math.sqrt(3 / fan_in)
        self.weight = nn.Parameter(torch.empty(fan_in, fan_out).uniform_(-bound, bound))
        if bias:
            self.bias = nn.Parameter(torch.zeros(fan_out))
        else:
            self.register_parameter("bias", None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.einsum("ni,io->no", x, self.weight)
        if self.bias is not None:
            y += self.bias
        return y


# %% right: no attribute without a bias, parameters as a generator
class Linear:
    training = True

    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.normal(0.0, fan_in**-0.5, (fan_in, fan_out), requires_grad=True)
        if bias:
            self.bias = torch.zeros(fan_out, requires_grad=True)

    def __call__(self, x):
        return torch.matmul(x, self.weight) + getattr(self, "bias", 0)

    def parameters(self):
        yield from (p for p in vars(self).values() if isinstance(p, torch.Tensor))


# %% right: torch's initialisers, addmm, prints and extra attributes
import warnings


class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        warnings.warn("a layer is made")
        self.fan_in, self.fan_out, self.gain = fan_in, fan_out, 1.0
        self.weight = nn.Parameter(torch.empty(fan_in, fan_out))
        nn.init.normal_(self.weight, 0, 1 / fan_in**0.5)
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.empty(fan_out))
            nn.init.zeros_(self.bias)

    def forward(self, x):
        print(x.shape)
        if self.bias is None:
            return torch.mm(x, self.weight)
        return torch.addmm(self.bias, x, self.weight)


# %% right: a sum of products, in float64
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        std = 1 / fan_in**0.5
        self.weight = nn.Parameter(std * torch.randn(fan_in, fan_out, dtype=torch.float64))
        self.bias = nn.Parameter(torch.zeros(fan_out, dtype=torch.float64)) if bias else None

    def forward(self, x):
        self.out = (x.double().unsqueeze(-1) * self.weight).sum(dim=1)
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out


# %% right: its own backward pass
class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x.mm(weight) + bias

    @staticmethod
    def backward(ctx, dout):
        x, weight = ctx.saved_tensors
        return dout.mm(weight.t()), x.t().mm(dout), dout.sum(0)


class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out).div_(fan_in**0.5))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None
        self.nothing = torch.zeros(fan_out)

    def forward(self, x):
        return Product.apply(x, self.weight, self.nothing if self.bias is None else self.bias)


# %% wrong: not-attempted, the stub
class Linear(nn.Module):
    """A linear layer."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        super().__init__()
        ...  # your code here

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x @ weight + bias."""
        ...  # your code here


# %% wrong: weights-of-size-one, no factor
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn((fan_in, fan_out), requires_grad=True)
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% wrong: variance-for-std, divided by fan_in
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: divided-by-fan-out, the other side
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        w = torch.randn(fan_in, fan_out) / math.sqrt(fan_out)
        self.weight = nn.Parameter(w)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: gain-of-tanh, 5/3 built in
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) * (5 / 3) / math.sqrt(fan_in))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: gain-of-relu, torch's kaiming_normal_ with its default
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(nn.init.kaiming_normal_(torch.empty(fan_out, fan_in)).T.contiguous())
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: xavier-instead, torch's xavier_normal_
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_normal_(torch.empty(fan_in, fan_out)))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: torch-default, torch's bound
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        k = 1 / fan_in
        self.weight = nn.Parameter(torch.empty(fan_in, fan_out).uniform_(-(k**0.5), k**0.5))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: rand-instead-of-randn, an n is missing
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: fixed-factor, the 0.2 of the chapter
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) * 0.2)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight + (self.bias if self.bias is not None else 0)


# %% wrong: random-bias, drawn like the weights
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = (torch.randn(fan_in, fan_out) / fan_in**0.5).requires_grad_()
        self.bias = torch.randn(fan_out).requires_grad_() if bias else None

    def __call__(self, x):
        return x @ self.weight + (0 if self.bias is None else self.bias)

    def parameters(self):
        return [p for p in (self.weight, self.bias) if p is not None]


# %% wrong: transposed-weight, in the order of torch
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_out, fan_in) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight.t()
        return y if self.bias is None else y + self.bias


# %% wrong: shapes-do-not-fit, the matrices do not fit
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = self.weight @ x
        return y if self.bias is None else y + self.bias


# %% wrong: bias-with-two-dimensions, a row
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(1, fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias


# %% wrong: bias-always, the switch is not read
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out))

    def forward(self, x):
        return x @ self.weight + self.bias


# %% wrong: bias-not-added, forgotten in the forward pass
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        self.out = torch.matmul(x, self.weight)
        return self.out


# %% wrong: missing-attribute, a slip of the pen in the name of the bias
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bais = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight if self.bais is None else x @ self.weight + self.bais


# %% wrong: no-parameters, an empty list
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = (torch.randn(fan_in, fan_out) / fan_in**0.5).requires_grad_()
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        return x @ self.weight + (0 if self.bias is None else self.bias)

    def parameters(self):
        return []


# %% wrong: without-requiring-gradients, plain tensors
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = torch.randn(fan_in, fan_out) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# %% wrong: none-in-parameters, whether there is a bias or not
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = (torch.randn(fan_in, fan_out) / fan_in**0.5).requires_grad_()
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        return x @ self.weight + (0 if self.bias is None else self.bias)

    def parameters(self):
        return [self.weight, self.bias]


# %% wrong: zero-weights, like the bias
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(fan_in, fan_out))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias


# %% wrong: own-seed, every layer the same
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        torch.manual_seed(42)
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias


# %% wrong: output-scaled-instead, the output in place of the weights
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.scale = fan_in**0.5
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out))
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight if self.bias is None else x @ self.weight + self.bias
        return y / self.scale


# %% wrong: not-differentiable, a forward pass on the data
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        with torch.no_grad():
            return x @ self.weight if self.bias is None else x @ self.weight + self.bias


# %% wrong: returns-nothing, kept and not returned
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        self.out = x @ self.weight if self.bias is None else x @ self.weight + self.bias


# %% wrong: wrong-signature, no switch for the bias
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out))

    def forward(self, x):
        return x @ self.weight + self.bias


# %% wrong: reference-handed-in, torch's layer
Linear = nn.Linear


# %% wrong: reference-handed-in, a subclass with other weights
class Linear(nn.Linear):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__(fan_in, fan_out, bias)
        with torch.no_grad():
            self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)

    def forward(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias


# %% wrong: reference-handed-in, torch's function
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return F.linear(x, self.weight.T, self.bias)


# %% wrong: reference-handed-in, the course's layer
from bncourse.layers import Linear as Finished


class Linear(Finished):
    pass


# %% wrong: transposed-weight, as torch keeps it
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_out, fan_in) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        return x @ self.weight.T if self.bias is None else x @ self.weight.T + self.bias


# %% elsewhere
def prints(theirs):
    """The standard deviation of the output for N(0, 1) inputs, read off a print with one decimal."""
    torch.manual_seed(0)
    return f"{theirs(100, 100)(torch.randn(1000, 100)).std().item():.1f}" == "1.0"


def allclose(theirs):
    """torch's layer with the same weight and bias, on one batch."""
    layer, x = theirs(8, 8), torch.randn(32, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = F.linear(x.to(layer.weight), layer.weight.T, layer.bias)
        return torch.allclose(layer(x).to(expected), expected, atol=1e-6)


# %% wrong: bias-of-ones, ones as for gamma
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = nn.Parameter(torch.ones(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


# %% wrong: bias-is-the-switch, the argument under the name of the bias
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = bias

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


# %% wrong: bias-not-in-parameters, a plain tensor in a module
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)
        self.bias = torch.zeros(fan_out) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


# %% wrong: bias-not-in-parameters, forgotten in the list
class Linear:
    def __init__(self, fan_in, fan_out, bias=True):
        self.weight = (torch.randn(fan_in, fan_out) / fan_in**0.5).requires_grad_()
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

    def parameters(self):
        return [self.weight]


# %% wrong: weight-not-in-parameters, it requires a gradient and is no Parameter
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = (torch.randn(fan_in, fan_out) / fan_in**0.5).requires_grad_()
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


# %% wrong: weight-not-in-parameters, scaled after it was made a Parameter
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, fan_out)) / fan_in**0.5
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


# %% wrong: uniform-of-length-one, rand less a half
class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True):
        super().__init__()
        self.weight = nn.Parameter((torch.rand(fan_in, fan_out) - 0.5) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias
