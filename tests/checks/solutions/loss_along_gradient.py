import copy

import numpy as np
import torch
from torch import nn


# %% right: autograd.grad, and copies
def loss_along_gradient(loss, params, step_sizes):
    ps = [*params]
    origin = [p.detach().clone() for p in ps]
    gs = torch.autograd.grad(loss(), ps)
    out = []
    for s in step_sizes:
        with torch.no_grad():
            for p, o, g in zip(ps, origin, gs):
                p.copy_(o).sub_(g, alpha=s)
            out.append(float(loss()))
    with torch.no_grad():
        for p, o in zip(ps, origin):
            p.copy_(o)
    return out


# %% right: backward, with .grad put back as it was
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    saved_grads = [p.grad for p in params]
    for p in params:
        p.grad = None
    loss().backward()
    grads = [p.grad.clone() for p in params]
    for p, g in zip(params, saved_grads):
        p.grad = g
    losses = []
    for size in step_sizes:
        backup = [p.data.clone() for p in params]
        for p, g in zip(params, grads):
            p.data -= size * g
        losses.append(loss().item())
        for p, b in zip(params, backup):
            p.data.copy_(b)
    return losses


# %% right: backward, .grad None afterwards, 0-d tensors returned
def loss_along_gradient(loss, params, step_sizes):
    params = tuple(params)
    for p in params:
        p.grad = None
    loss().backward()
    start = [p.data for p in params]
    values = []
    for size in step_sizes:
        for p, data in zip(params, start):
            p.data = data - size * p.grad
        values.append(loss().detach())
    for p, data in zip(params, start):
        p.data = data
        p.grad = None
    return values


# %% right: one long vector, as torch.nn.utils has it, with prints
def loss_along_gradient(loss, params, step_sizes):
    from torch.nn.utils import parameters_to_vector, vector_to_parameters

    params = list(params)
    theta = parameters_to_vector(params).detach().clone()
    before = [p.detach().clone() for p in params]
    g = torch.cat([x.reshape(-1) for x in torch.autograd.grad(loss(), params)])
    result = []
    for s in step_sizes:
        vector_to_parameters(theta - s * g, params)
        result.append(loss().item())
        print(s, result[-1])
    for p, b in zip(params, before):
        p.data = b
    return result


# %% right: NumPy copies and a try with a finally
def loss_along_gradient(loss, params, step_sizes):
    ps = list(params)
    saved = [p.detach().numpy().copy() for p in ps]
    grads = [g.numpy() for g in torch.autograd.grad(loss(), ps)]

    def put(values):
        for p, v in zip(ps, values):
            p.data.copy_(torch.from_numpy(np.asarray(v)))

    try:
        losses = []
        for s in step_sizes:
            put([v - s * g for v, g in zip(saved, grads)])
            losses.append(loss().item())
    finally:
        put(saved)
    return losses


# %% right: a context manager, with recursion over the sizes
from contextlib import contextmanager


@contextmanager
def moved(params, directions, size):
    kept = [p.detach().clone() for p in params]
    with torch.no_grad():
        torch._foreach_add_([p.data for p in params], list(directions), alpha=-size)
    try:
        yield
    finally:
        for p, k in zip(params, kept):
            p.data.copy_(k)


def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    directions = torch.autograd.grad(loss(), params)

    def walk(sizes):
        if not sizes:
            return []
        with moved(params, directions, sizes[0]):
            here = loss().item()
        return [here] + walk(sizes[1:])

    return walk(list(step_sizes))


# %% wrong: not-attempted, the stub
def loss_along_gradient(loss, params, step_sizes):
    """The losses along the gradient."""
    ...


# %% wrong: uphill, plus for minus
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    old = [p.data.clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    losses = []
    for s in step_sizes:
        for p, o, g in zip(params, old, grads):
            p.data = o + s * g
        losses.append(loss().item())
    for p, o in zip(params, old):
        p.data = o
    return losses


# %% wrong: steps-add-up, no way back between the sizes
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    old = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, g in zip(params, grads):
                p -= s * g
            losses.append(loss().item())
        for p, o in zip(params, old):
            p.copy_(o)
    return losses


# %% wrong: start-without-copy, detach alone
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach() for p in params]
    grads = torch.autograd.grad(loss(), params)
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g)
            losses.append(loss().item())
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: gradient-taken-again, a little training run
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    keep = [p.data.clone() for p in params]
    out = []
    for lr in step_sizes:
        gs = torch.autograd.grad(loss(), params)
        for p, g in zip(params, gs):
            p.data.sub_(lr * g)
        out.append(loss().item())
    for p, k in zip(params, keep):
        p.data.copy_(k)
    return out


# %% wrong: not-restored, the last step stays
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    losses = []
    for size in step_sizes:
        with torch.no_grad():
            for p, a, g in zip(params, start, grads):
                p.copy_(a - size * g)
            losses.append(loss().item())
    return losses


# %% wrong: walks-back, adding what was subtracted
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    grads = torch.autograd.grad(loss(), params)
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, g in zip(params, grads):
                p -= s * g
            losses.append(loss().item())
            for p, g in zip(params, grads):
                p += s * g
    return losses


# %% wrong: parameters-not-moved, new tensors under the old name
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    grads = torch.autograd.grad(loss(), params)
    losses = []
    for s in step_sizes:
        for p, g in zip(params, grads):
            p = p - s * g
        losses.append(loss().item())
    return losses


# %% wrong: parameters-used-up, no list is made of the generator
def loss_along_gradient(loss, params, step_sizes):
    start = [p.detach().clone() for p in params]
    params = list(params) or []
    grads = torch.autograd.grad(loss(), params) if params else []
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g)
            losses.append(loss().item())
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: only-first-parameter, one tensor expected
def loss_along_gradient(loss, params, step_sizes):
    p = next(iter(params))
    w = p.detach().clone()
    (g,) = torch.autograd.grad(loss(), p)
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            p.copy_(w - s * g)
            losses.append(loss().item())
        p.copy_(w)
    return losses


# %% wrong: unit-gradient, the step size taken for a distance
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    norm = torch.cat([g.flatten() for g in grads]).norm()
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g / norm)
            losses.append(loss().item())
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: loss-before-step, evaluated a line too early
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            losses.append(loss().item())
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g)
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: start-included, one loss too many
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    here = loss()
    grads = torch.autograd.grad(here, params)
    losses = [here.item()]
    with torch.no_grad():
        for s in step_sizes:
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g)
            losses.append(loss().item())
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: change-of-loss, as in the chapter's figure
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    here = loss()
    grads = torch.autograd.grad(here, params)
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g)
            losses.append((loss() - here).item())
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: predicted-by-the-slope, the first order only
def loss_along_gradient(loss, params, step_sizes):
    here = loss()
    grads = torch.autograd.grad(here, list(params))
    return [(here - s * sum((g * g).sum() for g in grads)).item() for s in step_sizes]


# %% wrong: sizes-sorted, from small to large
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    losses = {}
    ordered = sorted(step_sizes)
    result = []
    with torch.no_grad():
        for s in ordered:
            for p, v, g in zip(params, start, grads):
                p.copy_(v - s * g)
            result.append(loss().item())
        for p, v in zip(params, start):
            p.copy_(v)
    return result


# %% wrong: gradient-left-behind, backward and nothing after it
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    for p in params:
        p.grad = None
    loss().backward()
    start = [p.detach().clone() for p in params]
    losses = []
    with torch.no_grad():
        for s in step_sizes:
            for p, v in zip(params, start):
                p.copy_(v - s * p.grad)
            losses.append(loss().item())
        for p, v in zip(params, start):
            p.copy_(v)
    return losses


# %% wrong: zeros-left-behind, zero_ is not None
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    for p in params:
        p.grad = None
    loss().backward()
    grads = [p.grad.clone() for p in params]
    for p in params:
        p.grad.zero_()
    start = [p.data.clone() for p in params]
    losses = []
    for s in step_sizes:
        for p, v, g in zip(params, start, grads):
            p.data = v - s * g
        losses.append(loss().item())
    for p, v in zip(params, start):
        p.data = v
    return losses


# %% wrong: stale-gradient, backward adds up
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    loss().backward()
    grads = [p.grad.clone() for p in params]
    start = [p.data.clone() for p in params]
    losses = []
    for s in step_sizes:
        for p, v, g in zip(params, start, grads):
            p.data = v - s * g
        losses.append(loss().item())
    for p, v in zip(params, start):
        p.data = v
        p.grad = None
    return losses


# %% wrong: requires-grad-lost, switched off to be allowed to write
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    grads = torch.autograd.grad(loss(), params)
    start = [p.detach().clone() for p in params]
    losses = []
    for p in params:
        p.requires_grad = False
    for s in step_sizes:
        for p, v, g in zip(params, start, grads):
            p[...] = v - s * g
        losses.append(loss().item())
    for p, v in zip(params, start):
        p[...] = v
    return losses


# %% wrong: written-into-a-leaf, a leaf changed in place under autograd
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    grads = torch.autograd.grad(loss(), params)
    losses = []
    for s in step_sizes:
        for p, g in zip(params, grads):
            p -= s * g
        losses.append(loss().item())
    return losses


# %% wrong: wrong-signature, one step size at a time
def loss_along_gradient(loss, params):
    return [loss().item()]


# %% wrong: returns-nothing, printed instead
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    grads = torch.autograd.grad(loss(), params)
    start = [p.data for p in params]
    for s in step_sizes:
        for p, v, g in zip(params, start, grads):
            p.data = v - s * g
        print(s, loss().item())
    for p, v in zip(params, start):
        p.data = v


# %% wrong: parameters-used-up, a generator walked through twice
def loss_along_gradient(loss, params, step_sizes):
    start = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    out = []
    with torch.no_grad():
        for s in step_sizes:
            for p, q, g in zip(params, start, grads):
                p.copy_(q - s * g)
            out.append(loss().item())
        for p, q in zip(params, start):
            p.copy_(q)
    return out


# %% wrong: start-without-copy, steps that go on
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    grads = torch.autograd.grad(loss(), params)
    out = []
    with torch.no_grad():
        for s in step_sizes:
            for p, q, g in zip(params, start, grads):
                p -= s * g
            out.append(loss().item())
    return out


# %% wrong: one-parameter-at-atime, a loss for each parameter
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    start = [p.detach().clone() for p in params]
    out = []
    g = torch.autograd.grad(loss(), params)
    with torch.no_grad():
        for s in step_sizes:
            for p, q, gg in zip(params, start, g):
                p.copy_(q - s * gg)
                out.append(loss().item())
        for p, q in zip(params, start):
            p.copy_(q)
    return out


# %% wrong: loss-given-parameters, parameters handed to the loss
def loss_along_gradient(loss, params, step_sizes):
    params = list(params)
    g = torch.autograd.grad(loss(), params)
    return [loss([p - s * a for p, a in zip(params, g)]).item() for s in step_sizes]


# %% wrong: loss-not-called, backward of the function
def loss_along_gradient(loss, params, step_sizes):
    loss.backward()
    return []


# %% elsewhere
def prints(theirs):
    """How many losses there are, and that a small step goes down, read off a print."""
    w = torch.tensor([3.0, -1.0], requires_grad=True)
    losses = theirs(lambda: (w**2).sum(), [w], [0.01, 0.02])
    return len(losses) == 2 and losses[0] < 10


def allclose(theirs):
    """One parabola, worked out by hand."""
    w = torch.tensor([3.0], requires_grad=True)
    losses = theirs(lambda: (w**2).sum(), [w], [0.1, 0.5, 1.0])
    return np.allclose([float(value) for value in losses], [5.76, 0.0, 9.0], atol=1e-5)
