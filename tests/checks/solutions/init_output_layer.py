import math

import numpy as np
import torch
from torch import nn


# %% right: a hundredth of N(0, 1), and zeros
def init_output_layer(hidden, classes, generator):
    W2 = torch.randn((hidden, classes), generator=generator) * 0.01
    b2 = torch.zeros(classes)
    return W2, b2


# %% right: filled in place, with gradients switched on
def init_output_layer(hidden, classes, generator):
    weight = torch.empty(hidden, classes).normal_(0.0, 0.01, generator=generator).requires_grad_()
    bias = torch.zeros(classes, requires_grad=True)
    return [weight, bias]


# %% right: parameters from a uniform distribution
def init_output_layer(hidden, classes, generator):
    weight = nn.Parameter((torch.rand(hidden, classes, generator=generator) - 0.5) * 0.04)
    return weight, nn.Parameter(torch.zeros(classes))


# %% right: Kaiming's size and a tenth of it, in float64
def init_output_layer(hidden, classes, generator):
    weight = torch.randn(hidden, classes, generator=generator, dtype=torch.float64)
    return 0.1 / math.sqrt(hidden) * weight, torch.zeros(classes, dtype=torch.float64)


# %% right: torch's own initialisers, with prints
def init_output_layer(hidden, classes, generator):
    w = torch.empty(hidden, classes)
    torch.nn.init.normal_(w, std=0.02, generator=generator)
    print("std", w.std())
    b = torch.nn.init.zeros_(torch.empty(classes))
    return w, b


# %% right: the bias drawn as well, and very small
def init_output_layer(hidden, classes, generator):
    bias = 0.01 * torch.randn(classes, generator=generator)
    weight = torch.normal(0.0, 0.005, (hidden, classes), generator=generator)
    return weight, bias


# %% right: drawn row by row
def init_output_layer(hidden, classes, generator):
    rows = [torch.randn(classes, generator=generator) / 50 for _ in range(hidden)]
    return torch.stack(rows), torch.zeros([classes])


# %% right: an orthogonal matrix, made small
def init_output_layer(hidden, classes, generator):
    w = torch.empty(hidden, classes)
    torch.nn.init.orthogonal_(w, gain=0.1, generator=generator)
    return w, w.new_zeros(classes)


# %% wrong: not-attempted, the stub
def init_output_layer(hidden: int, classes: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """An output layer."""
    ...  # your code here


# %% wrong: weights-and-bias-of-size-one, the bad start of the chapter
def init_output_layer(hidden, classes, generator):
    W2 = torch.randn((hidden, classes), generator=generator)
    b2 = torch.randn(classes, generator=generator)
    return W2, b2


# %% wrong: weights-of-size-one, only the bias is fixed
def init_output_layer(hidden, classes, generator):
    return torch.normal(0.0, 1.0, (hidden, classes), generator=generator), torch.zeros(classes)


# %% wrong: weights-still-too-large, a factor of a tenth
def init_output_layer(hidden, classes, generator):
    return torch.empty(hidden, classes).normal_(0, 0.1, generator=generator), torch.zeros(classes)


# %% wrong: weights-still-too-large, the 0.2 of the hidden layer
def init_output_layer(hidden, classes, generator):
    return torch.randn(hidden, classes, generator=generator) * 0.2, torch.zeros(classes)


# %% wrong: random-bias, only the weight is fixed
def init_output_layer(hidden, classes, generator):
    b2 = torch.randn(classes, generator=generator)
    W2 = torch.randn((hidden, classes), generator=generator) * 0.01
    return W2, b2


# %% wrong: kaiming-for-output, the rule of the next chapter
def init_output_layer(hidden, classes, generator):
    w = torch.randn(hidden, classes, generator=generator)
    return w * hidden**-0.5, torch.zeros(classes)


# %% wrong: kaiming-for-output, with the gain of tanh
def init_output_layer(hidden, classes, generator):
    w = torch.randn(hidden, classes, generator=generator)
    return w * (5 / 3) / np.sqrt(hidden), torch.zeros(classes)


# %% wrong: xavier-for-output, both sides counted
def init_output_layer(hidden, classes, generator):
    w = nn.init.xavier_normal_(torch.empty(hidden, classes), generator=generator)
    return w, torch.zeros(classes)


# %% wrong: xavier-for-output, from a uniform distribution
def init_output_layer(hidden, classes, generator):
    bound = math.sqrt(6 / (hidden + classes))
    return torch.rand(hidden, classes, generator=generator) * 2 * bound - bound, torch.zeros(classes)


# %% wrong: kaiming-for-output, torch's kaiming_uniform_ with the gain of tanh
def init_output_layer(hidden, classes, generator):
    weight = torch.empty(classes, hidden).T
    bound = 5 / 3 * math.sqrt(3 / hidden)
    return torch.nn.init.uniform_(weight, -bound, bound, generator=generator), torch.zeros(classes)


# %% wrong: torch-default, the distribution of torch's linear layer
def init_output_layer(hidden, classes, generator):
    bound = 1 / math.sqrt(hidden)
    w = torch.empty(hidden, classes).uniform_(-bound, bound, generator=generator)
    return w, torch.zeros(classes)


# %% wrong: zero-weights, a perfect first loss
def init_output_layer(hidden, classes, generator):
    return torch.zeros(hidden, classes), torch.zeros(classes)


# %% wrong: equal-weights, small and constant
def init_output_layer(hidden, classes, generator):
    return torch.ones(hidden, classes) * 0.01, torch.zeros(classes)


# %% wrong: equal-over-units, one row for all hidden units
def init_output_layer(hidden, classes, generator):
    row = torch.randn(1, classes, generator=generator) * 0.01
    return row.repeat(hidden, 1), torch.zeros(classes)


# %% wrong: fixed-sizes, those of the chapter
def init_output_layer(hidden, classes, generator):
    W2 = torch.randn((200, 27), generator=generator) * 0.01
    return W2, torch.zeros(27)


# %% wrong: identity-weights, a diagonal
def init_output_layer(hidden, classes, generator):
    weight = torch.zeros(hidden, classes)
    weight.fill_diagonal_(0.01)
    return weight, torch.zeros(classes)


# %% wrong: transposed-weight, as torch's linear layer keeps it
def init_output_layer(hidden, classes, generator):
    w = torch.randn(classes, hidden, generator=generator) * 0.01
    return w, torch.zeros(classes)


# %% wrong: bias-per-hidden-unit, the wrong length
def init_output_layer(hidden, classes, generator):
    return torch.randn(hidden, classes, generator=generator) * 0.01, torch.zeros(hidden)


# %% wrong: bias-with-two-dimensions, a row
def init_output_layer(hidden, classes, generator):
    return torch.randn(hidden, classes, generator=generator) * 0.01, torch.zeros((1, classes))


# %% wrong: bias-is-one-number, a plain zero for all
def init_output_layer(hidden, classes, generator):
    return torch.randn(hidden, classes, generator=generator) * 0.01, torch.tensor(0.0)


# %% wrong: bias-is-missing, no bias, says the table
def init_output_layer(hidden, classes, generator):
    return torch.randn(hidden, classes, generator=generator) * 0.01


# %% wrong: weight-and-bias-swapped, in the other order
def init_output_layer(hidden, classes, generator):
    b = torch.zeros(classes)
    w = torch.randn(hidden, classes, generator=generator) * 0.01
    return b, w


# %% wrong: layer-returned, a layer in place of its tensors
def init_output_layer(hidden, classes, generator):
    layer = nn.Linear(hidden, classes)
    with torch.no_grad():
        layer.weight.normal_(0, 0.01, generator=generator)
        layer.bias.zero_()
    return layer


# %% wrong: generator-ignored, the global generator
def init_output_layer(hidden, classes, generator):
    return torch.randn(hidden, classes) * 0.01, torch.zeros(classes)


# %% wrong: own-seed, a seed of its own
def init_output_layer(hidden, classes, generator):
    generator = torch.Generator().manual_seed(2147483647)
    return torch.randn(hidden, classes, generator=generator) * 0.01, torch.zeros(classes)


# %% wrong: generator-started-again, the global generator with the generator's seed
def init_output_layer(hidden, classes, generator):
    torch.manual_seed(generator.initial_seed())
    return torch.randn(hidden, classes) * 0.01, torch.zeros(classes)


# %% wrong: returns-nothing, no return
def init_output_layer(hidden, classes, generator):
    W2 = torch.randn(hidden, classes, generator=generator) * 0.01
    b2 = torch.zeros(classes)


# %% wrong: divided-by-root-of-classes, fan_out for fan_in, too large for few classes
def init_output_layer(hidden, classes, generator):
    return 0.1 / classes**0.5 * torch.randn(hidden, classes, generator=generator), torch.zeros(classes)


# %% elsewhere
def prints(theirs):
    """The first loss of the course's network, read off a print with one decimal."""
    g = torch.Generator().manual_seed(0)
    weight, bias = theirs(200, 27, g)
    h = torch.randn(32, 200, generator=g).mul(5).tanh().to(weight.dtype)
    loss = nn.functional.cross_entropy(h @ weight + bias, torch.randint(0, 27, (32,), generator=g))
    return f"{loss.item():.1f}" == "3.3"


def allclose(theirs):
    """The first loss beside ln 27, with the tolerance of a tenth."""
    weight, bias = theirs(200, 27, torch.Generator().manual_seed(1))
    h = torch.randn(64, 200, generator=torch.Generator().manual_seed(2)).sign().to(weight.dtype)
    loss = nn.functional.cross_entropy(h @ weight + bias, torch.arange(64) % 27)
    return np.allclose(loss.item(), math.log(27), atol=0.1)
