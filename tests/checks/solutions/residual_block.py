import math

import torch
import torch.nn.functional as F
from torch import nn


# %% right: torch's own initialisation
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% right: clamp, and a normal draw
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.linear.weight.data = torch.randn(width, width) * (2 / width) ** 0.5
        self.norm.weight.data.fill_(0.0)

    def forward(self, h):
        return h + self.norm(self.linear(h.clamp(min=0)))


# %% right: kaiming_uniform_, which has the same std
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_uniform_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% right: a Sequential inside
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        linear, norm = nn.Linear(width, width, bias=False), nn.BatchNorm1d(width)
        with torch.no_grad():
            linear.weight.normal_(std=math.sqrt(2 / width))
            norm.weight.zero_()
        self.inside = nn.Sequential(nn.ReLU(), linear, norm)

    def forward(self, h):
        return self.inside(h) + h


# %% right: a function that makes one
class Around(nn.Module):
    def __init__(self, inside):
        super().__init__()
        self.inside = inside

    def forward(self, x):
        out = self.inside(x)
        return out.add(x)


def ResidualBlock(width):
    block = Around(nn.Sequential(nn.ReLU(), nn.Linear(width, width, bias=False), nn.BatchNorm1d(width)))
    nn.init.kaiming_normal_(block.inside[1].weight)
    nn.init.constant_(block.inside[2].weight, 0)
    return block


# %% right: fan_out, which is the same here
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return self.norm(self.linear(torch.maximum(h, torch.zeros_like(h)))) + h


# %% wrong: not-attempted, the stub
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        ...

    def forward(self, h): ...


# %% wrong: no-residual-connection, the block alone
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return self.norm(self.linear(F.relu(h)))


# %% wrong: gamma-of-one, as BatchNorm comes
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: norm-before-relu, pre-activation
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.linear(F.relu(self.norm(h)))


# %% wrong: relu-at-the-end, around the norm
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + F.relu(self.norm(self.linear(h)))


# %% wrong: relu-after-the-sum, as in the first ResNet
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return F.relu(h + self.norm(self.linear(F.relu(h))))


# %% wrong: norm-after-the-sum, post-norm
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return self.norm(h + self.linear(F.relu(h)))


# %% wrong: norm-between, the Linear last
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.linear(self.norm(F.relu(h)))


# %% wrong: linear-before-relu, another order
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(F.relu(self.linear(h)))


# %% wrong: no-relu, linear
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(h))


# %% wrong: no-norm, unused
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.linear(F.relu(h))


# %% wrong: rectified-path, h is overwritten
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return F.relu(h) + self.norm(self.linear(F.relu(h)))


# %% wrong: sum-divided, by √2
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return (h + self.norm(self.linear(F.relu(h)))) / math.sqrt(2)


# %% wrong: tanh-for-relu, tanh
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(torch.tanh(h)))


# %% wrong: bias-before-norm, as Linear comes
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: weights-of-zero, the weights and not gamma
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.zeros_(self.linear.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: width-off-by-one, n − 1
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.normal_(self.linear.weight, 0, math.sqrt(2 / (width - 1)))
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: another-gain, as Linear comes
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: another-gain, Xavier
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.xavier_normal_(self.linear.weight)
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: another-gain, the root is forgotten
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        nn.init.normal_(self.linear.weight, std=2 / width)
        self.norm = nn.BatchNorm1d(width)
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(torch.relu(h)))


# %% wrong: layernorm, LayerNorm
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.LayerNorm(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: without-gamma, affine off
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width, affine=False)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% wrong: gamma-not-trained, frozen
class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
        nn.init.zeros_(self.norm.weight).requires_grad_(False)

    def forward(self, h):
        return h + self.norm(self.linear(F.relu(h)))


# %% elsewhere
def prints(ResidualBlock):
    h = torch.randn(16, 8)
    y = ResidualBlock(8)(h)
    return y.shape == h.shape and y.std() > 0.5


def allclose(ResidualBlock):
    h = torch.randn(16, 8)
    return torch.allclose(ResidualBlock(8)(h), h, atol=1e-5)
