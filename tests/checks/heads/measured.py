import copy
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def is_norm(layer):
    return hasattr(layer, "running_mean")


def measure(network, x, y, *, norm_mean=None, moved=None, gradient=None, update=None, saturated=None):
    """A right measurement, in which one sign can be exchanged."""
    network = copy.deepcopy(network)
    flow, before = [x], {}
    for number, layer in enumerate(network.layers):
        if is_norm(layer):
            before[number] = layer.running_mean.clone()
        flow.append(layer(flow[-1]))
    for h in flow[1:]:
        h.retain_grad()
    loss = F.cross_entropy(flow[-1], y)
    loss.backward()
    norm_mean = norm_mean or (lambda i, o: o.mean(0).abs().max().item())
    moved = moved or (lambda i, o, old, new: ((new - old).norm() / (i.mean(0) - old).norm()).item())
    gradient = gradient or (lambda gi, go: (gi.mean(0).abs().max() / gi.std()).item())
    update = update or (lambda w, lr: math.log10(lr * w.grad.std().item() / w.data.std().item()))
    saturated = saturated or (lambda h: (h.abs() > 0.97).double().mean().item())
    layers = list(enumerate(network.layers))
    ins = {n: flow[n].detach() for n in before}
    outs = {n: flow[n + 1].detach() for n in before}
    return {
        "loss": loss.item(),
        "saturated": [saturated(flow[n + 1].detach()) for n, m in layers if isinstance(m, nn.Tanh)],
        "mean": [norm_mean(ins[n], outs[n]) for n in before],
        "moved": [moved(ins[n], outs[n], before[n], network.layers[n].running_mean) for n in before],
        "gradient": [gradient(flow[n].grad, flow[n + 1].grad) for n in before],
        "update": [update(m.weight, network.lr) for n, m in layers if isinstance(m, nn.Linear)],
    }
