# head: measured
# head: decided


def sick(network, x, y):
    """The fault, and the numbers of the layers that have it."""
    signs = measure(network, x, y)
    fault = decide(signs)
    norms = [number for number, layer in enumerate(network.layers) if is_norm(layer)]
    has_it = {
        "mode": [m == 0 for m in signs["moved"]],
        "momentum": [not 0.02 < m < 0.5 for m in signs["moved"]],
        "axis": [m > 0.1 for m in signs["mean"]],
        "gradient": [g > 1e-3 for g in signs["gradient"]],
    }.get(fault, [])
    if fault == "initialisation":
        return fault, [0 if signs["saturated"][0] > 0.4 else 8]
    return fault, [number for number, ill in zip(norms, has_it) if ill]


def treat(network, x, y, *, norm=None, weight=None, lr=0.3):
    """A right cure, in which one treatment can be exchanged."""
    fault, numbers = sick(network, x, y)
    for number in numbers:
        if fault == "initialisation":
            (weight or (lambda w: nn.init.xavier_normal_(w)))(network.layers[number].weight)
        elif fault == "mode":
            network.layers[number].train()
        else:
            network.layers[number] = (norm or nn.BatchNorm1d)(24)
    if fault == "learning rate":
        network.lr = lr


# %% right: the sick part and nothing else
def cure(network, x, y):
    treat(network, x, y)


# %% right: weights divided until they fit
def cure(network, x, y):
    def weight(w):
        with torch.no_grad():
            w.div_(w.std() * w.shape[1] ** 0.5)

    treat(network, x, y, weight=weight)


# %% right: a new Linear, and train() for all
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "initialisation":
        old = network.layers[numbers[0]]
        network.layers[numbers[0]] = nn.Linear(old.in_features, old.out_features)
    else:
        treat(network, x, y)
        network.train()


# %% right: a layer of its own
class Mine(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += 0.2 * (mean - self.running_mean)
                self.running_var += 0.2 * (var - self.running_var)
        return (x - mean) / (var + 1e-5).sqrt() * self.weight + self.bias


def cure(network, x, y):
    treat(network, x, y, norm=Mine)


# %% right: the rate from the update, and a copy of the healthy Norm
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault in ("axis", "momentum", "gradient"):
        [number] = numbers
        network.layers[number] = copy.deepcopy(network.layers[9 - number])
    elif fault == "learning rate":
        update = measure(network, x, y)["update"]
        network.lr *= 10 ** (-1.6 - sum(update) / len(update))
    else:
        treat(network, x, y)


# %% right: other numbers, and the network is returned
def cure(network, x, y):
    treat(network, x, y, norm=lambda dim: nn.BatchNorm1d(dim, momentum=0.05), weight=nn.init.kaiming_uniform_, lr=0.5)
    return network


# %% wrong: not-attempted, the stub
def cure(network, x, y):
    """Treat it."""
    ...


# %% wrong: everything-replaced, all layers
def cure(network, x, y):
    for number, layer in enumerate(network.layers):
        if isinstance(layer, nn.Linear):
            network.layers[number] = nn.Linear(layer.in_features, layer.out_features)
        elif is_norm(layer):
            network.layers[number] = nn.BatchNorm1d(24)
    network.lr = 0.3


# %% wrong: every-norm-replaced, whatever the fault
def cure(network, x, y):
    for number in (3, 6):
        network.layers[number] = nn.BatchNorm1d(24)


# %% wrong: cures-a-copy, a deepcopy that is returned
def cure(network, x, y):
    network = copy.deepcopy(network)
    treat(network, x, y)
    return network


# %% wrong: only-train, one line
def cure(network, x, y):
    network.train()


# %% wrong: evaluation-mode, eval() at the end
def cure(network, x, y):
    treat(network, x, y)
    network.eval()


# %% wrong: learning-rate-always-set, in every network
def cure(network, x, y):
    treat(network, x, y)
    network.lr = 0.2


# %% wrong: both-norms-replaced, where one is sick
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    treat(network, x, y)
    if fault in ("axis", "momentum", "gradient"):
        network.layers[3], network.layers[6] = nn.BatchNorm1d(24), nn.BatchNorm1d(24)


# %% wrong: first-norm-only, always the same layer
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "mode":
        network.layers[3].train()
    elif fault in ("axis", "momentum", "gradient"):
        network.layers[3] = nn.BatchNorm1d(24)
    else:
        treat(network, x, y)


# %% wrong: no-batchnorm-in-its-place, an Identity
def cure(network, x, y):
    treat(network, x, y, norm=lambda dim: nn.Identity())


# %% wrong: no-batchnorm-in-its-place, another norm
def cure(network, x, y):
    treat(network, x, y, norm=nn.LayerNorm)


# %% wrong: no-batchnorm-in-its-place, track_running_stats off
def cure(network, x, y):
    treat(network, x, y, norm=lambda dim: nn.BatchNorm1d(dim, track_running_stats=False))


# %% wrong: momentum-of-one, the last batch
def cure(network, x, y):
    treat(network, x, y, norm=lambda dim: nn.BatchNorm1d(dim, momentum=1.0))


# %% wrong: momentum-too-small, the other convention
def cure(network, x, y):
    treat(network, x, y, norm=lambda dim: nn.BatchNorm1d(dim, momentum=1 - 0.99))


# %% wrong: momentum-too-small, in all four cures of a Norm
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault in ("mode", "axis", "momentum", "gradient"):
        for number in numbers:
            network.layers[number] = nn.BatchNorm1d(24, momentum=0.001)
    else:
        treat(network, x, y)


# %% wrong: momentum-of-one, in all four cures of a Norm
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault in ("mode", "axis", "momentum", "gradient"):
        for number in numbers:
            network.layers[number] = nn.BatchNorm1d(24, momentum=1.0)
    else:
        treat(network, x, y)


# %% wrong: large-weights-not-cured, a standard deviation of 1
def cure(network, x, y):
    treat(network, x, y, weight=nn.init.normal_)


# %% wrong: large-weights-not-cured, which shows in the first Linear only
def cure(network, x, y):
    treat(network, x, y, weight=lambda w: nn.init.normal_(w, std=0.7))


# %% wrong: large-weights-not-cured, which shows in the last Linear only
def cure(network, x, y):
    treat(network, x, y, weight=lambda w: nn.init.normal_(w, std=2.0 if len(w) == 5 else 0.3))


# %% wrong: weights-of-zero, zeros_
def cure(network, x, y):
    treat(network, x, y, weight=nn.init.zeros_)


# %% wrong: every-linear-drawn-again, a loop
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "initialisation":
        for layer in network.layers:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight)
    else:
        treat(network, x, y)


# %% wrong: wrong-linear, always the first
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "initialisation":
        nn.init.xavier_normal_(network.layers[0].weight)
    else:
        treat(network, x, y)


# %% wrong: one-direction-only, divided by 200
def cure(network, x, y):
    treat(network, x, y, lr=network.lr / 200)


# %% wrong: learning-rate-still-too-small, 0.001
def cure(network, x, y):
    treat(network, x, y, lr=0.001)


# %% wrong: learning-rate-still-too-small, by the layer that steps furthest
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "learning rate":
        network.lr *= 10 ** (-1.7 - max(measure(network, x, y)["update"]))
    else:
        treat(network, x, y)


# %% wrong: mode-not-cured, a train() that is not called
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "mode":
        network.train
    else:
        treat(network, x, y)


# %% wrong: momentum-not-cured, an attribute that nothing reads
def cure(network, x, y):
    fault, numbers = sick(network, x, y)
    if fault == "momentum":
        for number in numbers:
            network.layers[number].momentum = 0.1
    else:
        treat(network, x, y)


# %% elsewhere
from bncourse import faulty


def prints(cure):
    for network in faulty.six_networks():
        generator = torch.Generator().manual_seed(0)
        cure(network, *faulty.batch(generator))
        if not faulty.train(network, 20, generator)[-1] < 1.6:
            return False
    return True


def allclose(cure):
    network = faulty.six_networks()[0]
    x, y = faulty.batch(torch.Generator().manual_seed(0))
    cure(network, x, y)
    return decide(measure(network, x, y)) == "healthy"
