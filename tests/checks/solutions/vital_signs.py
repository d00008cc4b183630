# head: measured


# %% right: a deepcopy whose layers are called one by one
def vital_signs(network, x, y):
    return measure(network, x, y)


# %% right: hooks on the network itself, and everything put back
def vital_signs(network, x, y):
    state = copy.deepcopy(network.state_dict())
    ins, outs, old = {}, {}, {}

    def before(layer, given):
        given[0].retain_grad()
        ins[layer], old[layer] = given[0], layer.running_mean.clone()

    def after(layer, given, result):
        outs[layer] = result.detach()

    norms = [m for m in network.layers if is_norm(m)]
    tanhs = [m for m in network.layers if isinstance(m, nn.Tanh)]
    handles = [m.register_forward_pre_hook(before) for m in norms]
    handles += [m.register_forward_hook(after) for m in norms + tanhs]
    loss = F.cross_entropy(network(x), y)
    network.zero_grad()
    loss.backward()
    signs = {"loss": loss, "saturated": [], "mean": [], "moved": [], "gradient": [], "update": []}
    for m in tanhs:
        signs["saturated"].append((outs[m].abs() > 0.97).sum() / outs[m].numel())
    for m in norms:
        signs["mean"].append(outs[m].mean(0).abs().amax())
        signs["moved"].append(torch.dist(m.running_mean, old[m]) / torch.dist(ins[m].mean(0), old[m]))
        g = ins[m].grad
        signs["gradient"].append(g.mean(0).abs().amax() / g.std())
    for m in network.layers:
        if isinstance(m, nn.Linear):
            signs["update"].append(torch.log10(network.lr * m.weight.grad.std() / m.weight.std()))
    for handle in handles:
        handle.remove()
    network.load_state_dict(state)
    network.zero_grad()
    return signs


# %% right: autograd.grad and NumPy
def vital_signs(network, x, y):
    net = copy.deepcopy(network)
    hs = [x]
    memory = [m.running_mean.numpy().copy() if is_norm(m) else None for m in net.layers]
    for m in net.layers:
        hs.append(m(hs[-1]))
    loss = F.cross_entropy(hs[-1], y)
    into = torch.autograd.grad(loss, hs[1:], retain_graph=True)
    weights = [m.weight for m in net.layers if isinstance(m, nn.Linear)]
    slopes = torch.autograd.grad(loss, weights)
    found = {key: [] for key in ("saturated", "mean", "moved", "gradient")}
    for k, m in enumerate(net.layers):
        out = hs[k + 1].detach().numpy()
        if isinstance(m, nn.Tanh):
            found["saturated"].append(float(np.mean(np.abs(out) > 0.97)))
        if is_norm(m):
            mean = hs[k].detach().numpy().mean(0)
            found["mean"].append(float(np.abs(out.mean(0)).max()))
            found["moved"].append(
                float(np.linalg.norm(m.running_mean.numpy() - memory[k]) / np.linalg.norm(mean - memory[k]))
            )
            g = into[k - 1].numpy()
            found["gradient"].append(float(np.abs(g.mean(0)).max() / g.std(ddof=1)))
    found["update"] = [
        float(np.log10(net.lr * g.numpy().std(ddof=1) / w.detach().numpy().std(ddof=1)))
        for w, g in zip(weights, slopes)
    ]
    found["loss"] = float(loss)
    return found


# %% right: full backward hooks for the gradient
def vital_signs(network, x, y):
    found = measure(network, x, y)
    twin, caught = copy.deepcopy(network), []
    for layer in twin.layers:
        if is_norm(layer):
            layer.register_full_backward_hook(lambda m, into, out: caught.append(into[0]))
    F.cross_entropy(twin(x), y).backward()
    found["gradient"] = [(g.mean(0).abs().max() / g.std()).item() for g in reversed(caught)]
    return found


# %% right: lists as tensors
def vital_signs(network, x, y):
    return {key: torch.tensor(value) for key, value in measure(network, x, y).items()}


# %% right: NumPy arrays, and a key of its own
def vital_signs(network, x, y):
    found = {
        key: np.array(value) if isinstance(value, list) else value for key, value in measure(network, x, y).items()
    }
    return {**found, "accuracy": 0.2}


# %% right: the share of the way unit by unit, weighted
def vital_signs(network, x, y):
    def moved(i, o, old, new):
        way, step = i.mean(0) - old, new - old
        return ((step * way).sum() / way.square().sum()).abs().item()

    return measure(network, x, y, moved=moved)


# %% wrong: not-attempted, the stub
def vital_signs(network, x, y):
    """Return the signs."""
    ...


# %% wrong: network-changed, no copy
def vital_signs(network, x, y):
    kept, copy.deepcopy = copy.deepcopy, lambda thing: thing
    try:
        return measure(network, x, y)
    finally:
        copy.deepcopy = kept


# %% wrong: mode-switched, a copy in training mode
def vital_signs(network, x, y):
    return measure(copy.deepcopy(network).train(), x, y)


# %% wrong: mode-switched, the network itself in training mode
def vital_signs(network, x, y):
    network.train()
    before = copy.deepcopy(network.state_dict())
    found = measure(network, x, y)
    network.load_state_dict(before)
    return found


# %% wrong: evaluation-mode, eval before measuring
def vital_signs(network, x, y):
    return measure(copy.deepcopy(network).eval(), x, y)


# %% wrong: mean-with-its-sign, max without abs
def vital_signs(network, x, y):
    return measure(network, x, y, norm_mean=lambda i, o: o.mean(0).max().item())


# %% wrong: mean-with-its-sign, the largest below 0
def vital_signs(network, x, y):
    return measure(network, x, y, norm_mean=lambda i, o: o.mean(0).neg().max().item())


# %% wrong: mean-of-everything, one mean for all units
def vital_signs(network, x, y):
    return measure(network, x, y, norm_mean=lambda i, o: abs(o.mean().item()))


# %% wrong: mean-over-the-units, along each example
def vital_signs(network, x, y):
    return measure(network, x, y, norm_mean=lambda i, o: o.mean(dim=-1).abs().max().item())


# %% wrong: mean-of-the-input, before the Norm
def vital_signs(network, x, y):
    return measure(network, x, y, norm_mean=lambda i, o: i.mean(0).abs().max().item())


# %% wrong: moved-by-how-much, not divided
def vital_signs(network, x, y):
    return measure(network, x, y, moved=lambda i, o, old, new: (new - old).norm().item())


# %% wrong: way-that-is-left, the distance after the step
def vital_signs(network, x, y):
    return measure(
        network, x, y, moved=lambda i, o, old, new: ((i.mean(0) - new).norm() / (i.mean(0) - old).norm()).item()
    )


# %% wrong: gradient-of-the-output, after the Norm
def vital_signs(network, x, y):
    return measure(network, x, y, gradient=lambda gi, go: (go.mean(0).abs().max() / go.std()).item())


# %% wrong: gradient-without-a-scale, not divided
def vital_signs(network, x, y):
    return measure(network, x, y, gradient=lambda gi, go: gi.mean(0).abs().max().item())


# %% wrong: gradient-over-the-units, along each example
def vital_signs(network, x, y):
    return measure(network, x, y, gradient=lambda gi, go: (gi.mean(1).abs().max() / gi.std()).item())


# %% wrong: natural-logarithm, math.log
def vital_signs(network, x, y):
    return measure(network, x, y, update=lambda w, lr: math.log(lr * w.grad.std() / w.data.std()))


# %% wrong: learning-rate-forgotten, gradient against weight
def vital_signs(network, x, y):
    return measure(network, x, y, update=lambda w, lr: math.log10(w.grad.std() / w.data.std()))


# %% wrong: upside-down, the weight above
def vital_signs(network, x, y):
    return measure(network, x, y, update=lambda w, lr: math.log10(w.data.std() / (lr * w.grad.std())))


# %% wrong: positive-half-only, no abs
def vital_signs(network, x, y):
    return measure(network, x, y, saturated=lambda h: (h > 0.97).float().mean().item())


# %% wrong: another-threshold, 0.99
def vital_signs(network, x, y):
    return measure(network, x, y, saturated=lambda h: (h.abs() > 0.99).float().mean().item())


# %% wrong: one-norm-only, the first
def vital_signs(network, x, y):
    found = measure(network, x, y)
    return found | {key: found[key][:1] for key in ("mean", "moved", "gradient")}


# %% wrong: key-missing, plural keys
def vital_signs(network, x, y):
    return {f"{key}s": value for key, value in measure(network, x, y).items()}


# %% wrong: not-a-dictionary, a tuple
def vital_signs(network, x, y):
    return tuple(measure(network, x, y).values())


# %% wrong: way-from-zero, the running mean is taken to be 0 before
def vital_signs(network, x, y):
    return measure(network, x, y, moved=lambda i, o, old, new: ((new - old).norm() / i.mean(0).norm()).item())


# %% wrong: way-from-zero, nothing is kept from before the pass
def vital_signs(network, x, y):
    return measure(network, x, y, moved=lambda i, o, old, new: (new.norm() / i.mean(0).norm()).item())


# %% wrong: running-mean-not-copied, the same tensor before and after
def vital_signs(network, x, y):
    return measure(network, x, y, moved=lambda i, o, old, new: ((new - new).norm() / (i.mean(0) - new).norm()).item())


# %% wrong: running-mean-not-copied, the distance is taken before the pass
def vital_signs(network, x, y):
    return measure(network, x, y, moved=lambda i, o, old, new: ((new - new).norm() / (i.mean(0) - old).norm()).item())


# %% wrong: hook-left-behind, the handles are thrown away
def vital_signs(network, x, y):
    signs = measure(network, x, y)
    inputs = []
    for layer in network.layers:
        if is_norm(layer):
            layer.register_forward_pre_hook(lambda module, given: inputs.append(given[0]) or None)
    return signs


# %% elsewhere
from bncourse import faulty


def prints(vital_signs):
    generator = torch.Generator().manual_seed(0)
    found = vital_signs(faulty.faulty_network(None, generator), *faulty.batch(generator))
    return 1.4 < found["loss"] < 1.9 and len(found["saturated"]) == 3 and len(found["update"]) == 4


def allclose(vital_signs):
    generator = torch.Generator().manual_seed(0)
    network = faulty.faulty_network(None, generator)
    x, y = faulty.batch(generator)
    right, found = measure(network, x, y), vital_signs(network, x, y)
    return all(np.allclose(found[key], right[key], atol=1e-4) for key in right)
