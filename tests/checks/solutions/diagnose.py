# head: measured
# head: decided


# %% right: the decision tree
def diagnose(network, x, y):
    return decide(measure(network, x, y))


# %% right: flags of the layers, with other thresholds
def diagnose(network, x, y):
    signs = measure(network, x, y)
    if not all(layer.training for layer in network.layers):
        return "mode"
    if any(abs(m - 0.1) > 0.05 for m in signs["moved"]):
        return "momentum"
    if any(m > 0.5 for m in signs["mean"]):
        return "axis"
    if any(g > 0.01 for g in signs["gradient"]):
        return "gradient"
    if signs["loss"] > 5 or any(s > 0.5 for s in signs["saturated"]):
        return "initialisation"
    if not 0.01 < network.lr < 5:
        return "learning rate"
    return "healthy"


# %% right: two copies of the batch, and their outputs
def diagnose(network, x, y):
    signs = measure(network, x, y)
    for number, layer in enumerate(network.layers):
        if is_norm(layer):
            twin = copy.deepcopy(layer)
            into = torch.randn(50, 24) * 2 + 3
            out = twin(into)
            if torch.equal(twin.running_mean, layer.running_mean):
                return "mode"
            if out.mean(0).abs().max() > 0.1:
                return "axis"
    return decide(signs, "momentum gradient initialisation rate")


# %% right: initialisation by the weights themselves
def diagnose(network, x, y):
    for number in (0, -1):
        weight = network.layers[number].weight
        if weight.std() * weight.shape[1] ** 0.5 > 5:
            return "initialisation"
    return decide(measure(network, x, y))


# %% right: the learning rate by its number, first
def diagnose(network, x, y):
    if network.lr < 0.005 or network.lr > 5:
        return "learning rate"
    return decide(measure(network, x, y))


# %% right: the median update
def diagnose(network, x, y):
    found = decide(measure(network, x, y), "mode momentum axis gradient initialisation")
    if found == "healthy":
        middle = sorted(measure(network, x, y)["update"])[1]
        return found if -3.5 < middle < -0.4 else "learning rate"
    return found


# %% wrong: not-attempted, the stub
def diagnose(network, x, y):
    """Return the name."""
    ...


# %% wrong: healthy-network-accused, an else for the last fault
def diagnose(network, x, y):
    found = decide(measure(network, x, y), "mode momentum axis gradient initialisation")
    return "learning rate" if found == "healthy" else found


# %% wrong: healthy-network-accused, no return at the end
def diagnose(network, x, y):
    found = decide(measure(network, x, y))
    if found != "healthy":
        return found


# %% wrong: saturation-before-the-tanh, an index one too small
def diagnose(network, x, y):
    return decide(measure(network, x, y, saturated=lambda h: (h.double().atanh().abs() > 0.97).double().mean().item()))


# %% wrong: gradient-before-axis, another order
def diagnose(network, x, y):
    return decide(measure(network, x, y), "mode momentum gradient axis initialisation rate")


# %% wrong: axis-before-mode, the output first
def diagnose(network, x, y):
    return decide(measure(network, x, y), "axis mode momentum gradient initialisation rate")


# %% wrong: gradient-before-mode, the gradient first of all
def diagnose(network, x, y):
    return decide(measure(network, x, y), "gradient mode momentum axis initialisation rate")


# %% wrong: momentum-before-mode, 0 is small too
def diagnose(network, x, y):
    return decide(measure(network, x, y), "momentum mode axis gradient initialisation rate")


# %% wrong: learning-rate-before-initialisation, the smallest update
def diagnose(network, x, y):
    signs = measure(network, x, y)
    found = decide(signs)
    if found in ("initialisation", "healthy") and min(signs["update"]) < -3.5:
        return "learning rate"
    return found


# %% wrong: first-norm-only, index 0
def diagnose(network, x, y):
    signs = measure(network, x, y)
    return decide(signs | {key: signs[key][:1] for key in ("mean", "moved", "gradient")})


# %% wrong: last-norm-only, index −1
def diagnose(network, x, y):
    signs = measure(network, x, y)
    return decide(signs | {key: signs[key][-1:] for key in ("mean", "moved", "gradient")})


# %% wrong: small-momentum-only, no upper limit
def diagnose(network, x, y):
    signs = measure(network, x, y)
    signs["moved"] = [min(m, 0.1) for m in signs["moved"]]
    return decide(signs)


# %% wrong: large-momentum-only, no lower limit
def diagnose(network, x, y):
    signs = measure(network, x, y)
    signs["moved"] = [0.1 if 0 < m < 0.1 else m for m in signs["moved"]]
    return decide(signs)


# %% wrong: large-learning-rate-only, no lower limit
def diagnose(network, x, y):
    found = decide(measure(network, x, y))
    return "healthy" if found == "learning rate" and network.lr < 1 else found


# %% wrong: small-learning-rate-only, no upper limit
def diagnose(network, x, y):
    found = decide(measure(network, x, y))
    return "healthy" if found == "learning rate" and network.lr > 1 else found


# %% wrong: saturation-only, the loss is not looked at
def diagnose(network, x, y):
    return decide(measure(network, x, y) | {"loss": 0.0})


# %% wrong: saturation-only, the learning rate by its number
def diagnose(network, x, y):
    found = decide(measure(network, x, y) | {"loss": 0.0}, "mode momentum axis gradient initialisation")
    return found if found != "healthy" or 0.01 < network.lr < 5 else "learning rate"


# %% wrong: saturation-only, no return at the end
def diagnose(network, x, y):
    found = decide(measure(network, x, y) | {"loss": 0.0}, "mode momentum axis gradient initialisation")
    if found != "healthy":
        return found
    if not 0.01 < network.lr < 5:
        return "learning rate"
    if measure(network, x, y)["loss"] < 3:
        return "healthy"


# %% wrong: saturation-only, called a learning rate
def diagnose(network, x, y):
    signs = measure(network, x, y)
    found = decide(signs | {"loss": 0.0}, "mode momentum axis gradient initialisation")
    return found if found != "healthy" or -4 < max(signs["update"]) < -0.3 else "learning rate"


# %% wrong: mode-switched, the network itself, and a copy is measured
def diagnose(network, x, y):
    network.train()
    return decide(measure(network, x, y))


# %% wrong: mode-switched, a copy in training mode
def diagnose(network, x, y):
    return decide(measure(copy.deepcopy(network).train(), x, y))


# %% wrong: mode-switched, the network itself is measured
def diagnose(network, x, y):
    network.train()
    kept, copy.deepcopy = copy.deepcopy, lambda thing: thing
    try:
        return decide(measure(network, x, y))
    finally:
        copy.deepcopy = kept
        network.zero_grad()


# %% wrong: evaluation-mode, eval of the network itself
def diagnose(network, x, y):
    network.eval()
    return decide(measure(network, x, y))


# %% wrong: first-loss-only, saturation is not looked at
def diagnose(network, x, y):
    return decide(measure(network, x, y) | {"saturated": [0.0]})


# %% wrong: gradient-before-axis, the axis is not looked for
def diagnose(network, x, y):
    return decide(measure(network, x, y), "mode momentum gradient initialisation rate")


# %% wrong: gradient-not-found, five faults
def diagnose(network, x, y):
    return decide(measure(network, x, y), "mode momentum axis initialisation rate")


# %% wrong: names-of-its-own, in capitals
def diagnose(network, x, y):
    return decide(measure(network, x, y)).capitalize()


# %% wrong: names-of-its-own, short ones
def diagnose(network, x, y):
    return {"learning rate": "lr", "initialisation": "init"}.get(decide(measure(network, x, y)), "bn")


# %% wrong: always-the-same, one name
def diagnose(network, x, y):
    return "mode"


# %% elsewhere
from bncourse import faulty


def prints(diagnose):
    found = [diagnose(network, *faulty.batch(torch.Generator().manual_seed(0))) for network in faulty.six_networks()]
    return len(set(found)) >= 5


def allclose(diagnose):
    found = [diagnose(network, *faulty.batch(torch.Generator().manual_seed(0))) for network in faulty.six_networks()]
    return sorted(found) == sorted(faulty.FAULTS)
