import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import cross_entropy


# %% right: layer by layer
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    sizes = [len(x) for x in parts]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split(sizes)
        else:
            parts = [layer(part) for part in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()


# %% right: checkpoints between the BatchNorms
from torch.utils.checkpoint import checkpoint


def accumulate(model, batches):
    for p in model.parameters():
        p.grad = None
    sizes = [len(y) for _, y in batches]
    block, h = nn.Sequential(), torch.cat([x for x, _ in batches])

    def in_parts(block, h):
        if len(block) == 0:
            return h
        return torch.cat([checkpoint(block, part, use_reentrant=False) for part in h.split(sizes)])

    for layer in model:
        if "BatchNorm" in type(layer).__name__:
            h = layer(in_parts(block, h))
            block = nn.Sequential()
        else:
            block.append(layer)
    logits = in_parts(block, h)
    loss = F.cross_entropy(logits, torch.cat([y for _, y in batches]))
    loss.backward()
    return float(loss)


# %% right: gradients are kept between the blocks and sent back batch by batch
def accumulate(model, batches):
    model.zero_grad(set_to_none=True)
    layers = list(model)
    sizes = [len(x) for x, _ in batches]
    n = sum(sizes)
    inputs = []  # of each layer, one tensor per batch, without a graph
    parts = [x for x, _ in batches]
    whole = {}
    for i, layer in enumerate(layers):
        parts = [p.detach().requires_grad_() for p in parts]
        inputs.append(parts)
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            big = torch.cat([p.detach() for p in parts]).requires_grad_()
            whole[i] = big, layer(big)
            parts = whole[i][1].detach().split(sizes)
        else:
            with torch.no_grad():
                parts = [layer(p) for p in parts]
    total, grads = 0.0, []
    for p, (_, y) in zip(parts, batches):
        p = p.detach().requires_grad_()
        loss = cross_entropy(p, y, reduction="sum") / n
        total += loss.item()
        grads.append(torch.autograd.grad(loss, p)[0])
    for i in reversed(range(len(layers))):
        if i in whole:
            big, out = whole[i]
            out.backward(torch.cat(grads))
            grads = list(big.grad.split(sizes))
        else:
            back = []
            for p, g in zip(inputs[i], grads):
                layers[i](p).backward(g)
                back.append(p.grad)
            grads = back
    return total


# %% right: a weighted sum of the batches' means, and autograd.grad
def accumulate(model, batches):
    xs, ys = zip(*batches)
    n = sum(y.numel() for y in ys)
    hs = list(xs)
    for layer in model.children():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            joined = layer(torch.vstack(hs))
            hs, start = [], 0
            for y in ys:
                hs.append(joined[start : start + len(y)])
                start += len(y)
        else:
            hs = [layer(h) for h in hs]
    loss = sum(len(y) / n * cross_entropy(h, y) for h, y in zip(hs, ys))
    parameters = list(model.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    return loss.detach()


# %% right: BatchNorm by hand, with its running statistics
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            axes = [0] + list(range(2, parts[0].dim()))
            shape = [1, -1] + [1] * (parts[0].dim() - 2)
            n = sum(p.numel() // p.shape[1] for p in parts)
            mean = sum(p.sum(axes) for p in parts) / n
            var = sum((p - mean.view(shape)).square().sum(axes) for p in parts) / n
            with torch.no_grad():
                m = layer.momentum
                layer.running_mean.mul_(1 - m).add_(m * mean)
                layer.running_var.mul_(1 - m).add_(m * var * n / (n - 1))
            parts = [(p - mean.view(shape)) / torch.sqrt(var.view(shape) + layer.eps) for p in parts]
            if layer.affine:
                parts = [layer.weight.view(shape) * p + layer.bias.view(shape) for p in parts]
        else:
            parts = [layer(p) for p in parts]
    loss = sum(F.cross_entropy(p, y, reduction="sum") for p, (_, y) in zip(parts, batches))
    loss = loss / sum(len(y) for _, y in batches)
    loss.backward()
    return loss.item()


# %% right: by recursion over the layers, with prints
import sys


def forward(layers, parts):
    if not layers:
        return parts
    first, *rest = layers
    if isinstance(first, (nn.BatchNorm1d, nn.BatchNorm2d)):
        sizes = [part.shape[0] for part in parts]
        return forward(rest, list(torch.split(first(torch.concat(parts, dim=0)), sizes, dim=0)))
    return forward(rest, [first(part) for part in parts])


def accumulate(model, batches):
    print("batches:", len(batches), file=sys.stderr)
    model.zero_grad()
    logits = torch.cat(forward(list(model), [x for x, y in batches]))
    labels = torch.cat([y for x, y in batches])
    loss = -torch.log_softmax(logits, 1)[torch.arange(len(labels)), labels].mean()
    loss.backward()
    return loss.item()


# %% right: one example at a time outside of BatchNorm
def accumulate(model, batches):
    model.zero_grad()
    h = torch.cat([x for x, _ in batches])
    y = torch.cat([y for _, y in batches])
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            h = layer(h)
        else:
            h = torch.cat([layer(row[None]) for row in h])
    loss = nn.CrossEntropyLoss()(h, y)
    loss.backward()
    return loss.item()


# %% wrong: not-attempted, the stub
def accumulate(model: nn.Sequential, batches: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Leave the gradient of the mean loss of all batches, normalised together, in the parameters; return that loss."""
    ...  # your code here


# %% wrong: statistics-of-each-batch, divided by the number of batches
def accumulate(model, batches):
    model.zero_grad()
    total = 0
    for x, y in batches:
        loss = cross_entropy(model(x), y) / len(batches)
        loss.backward()
        total += loss.item()
    return total


# %% wrong: statistics-of-each-batch, weighted by the examples
def accumulate(model, batches):
    model.zero_grad()
    n = sum(len(y) for _, y in batches)
    total = 0.0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y, reduction="sum") / n
        loss.backward()
        total += loss.item()
    return total


# %% wrong: statistics-of-each-batch, not divided
def accumulate(model, batches):
    for p in model.parameters():
        p.grad = None
    losses = []
    for x, y in batches:
        loss = cross_entropy(model(x), y)
        loss.backward()
        losses.append(loss.item())
    return sum(losses)


# %% wrong: batches-weighted-alike, the mean of means
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = torch.stack([cross_entropy(p, y) for p, (_, y) in zip(parts, batches)]).mean()
    loss.backward()
    return loss.item()


# %% wrong: means-summed, the batches' means are added
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = 0
    for p, (_, y) in zip(parts, batches):
        loss = loss + cross_entropy(p, y)
    loss.backward()
    return loss.item()


# %% wrong: losses-summed, reduction="sum"
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]), reduction="sum")
    loss.backward()
    return loss.item()


# %% wrong: only-last-loss, the loop overwrites
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    for p, (_, y) in zip(parts, batches):
        loss = cross_entropy(p, y)
    loss.backward()
    return loss.item()


# %% wrong: everything-at-once, one large batch
def accumulate(model, batches):
    model.zero_grad()
    x = torch.cat([x for x, _ in batches])
    y = torch.cat([y for _, y in batches])
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return loss.item()


# %% wrong: old-gradients-kept, zero_grad is missing
def accumulate(model, batches):
    parts = [x for x, _ in batches]
    sizes = [len(x) for x in parts]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split(sizes)
        else:
            parts = [layer(part) for part in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()


# %% wrong: statistics-without-gradient, under no_grad, and the running statistics move
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            with torch.no_grad():
                x = torch.cat(parts)
                axes = [0, *range(2, x.dim())]
                mean, var = x.mean(axes, keepdim=True), x.var(axes, keepdim=True, correction=0)
                layer(x)
            parts = [(p - mean) / (var + layer.eps).sqrt() for p in parts]
            if layer.affine:
                shape = mean.shape
                parts = [layer.weight.reshape(shape) * p + layer.bias.reshape(shape) for p in parts]
        else:
            parts = [layer(p) for p in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()


# %% wrong: statistics-without-gradient, .data, and the running statistics stay
def accumulate(model, batches):
    model.zero_grad()
    h = [x for x, _ in batches]
    for layer in model:
        if not isinstance(layer, nn.modules.batchnorm._BatchNorm):
            h = [layer(part) for part in h]
            continue
        x = torch.cat(h).data
        axes = tuple(a for a in range(x.ndim) if a != 1)
        std = (x.var(axes, keepdim=True, unbiased=False) + layer.eps) ** 0.5
        h = [(part - x.mean(axes, keepdim=True)) / std for part in h]
        if layer.weight is not None:
            g, b = layer.weight.view_as(std), layer.bias.view_as(std)
            h = [part * g + b for part in h]
    n = sum(len(part) for part in h)
    loss = sum(F.cross_entropy(part, y, reduction="sum") for part, (_, y) in zip(h, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: running-statistics-kept, normalised by hand
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            x = torch.cat(parts)
            out = F.batch_norm(x, None, None, layer.weight, layer.bias, training=True, eps=layer.eps)
            parts = out.split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()


# %% wrong: running-statistics-moved-twice, every layer in a checkpoint
from torch.utils.checkpoint import checkpoint


def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(y) for _, y in batches]
    h = torch.cat([x for x, _ in batches])
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            h = checkpoint(layer, h, use_reentrant=False)
        else:
            h = torch.cat([checkpoint(layer, part, use_reentrant=False) for part in h.split(sizes)])
    loss = cross_entropy(h, torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()


# %% wrong: running-statistics-moved-twice, a first pass without gradients
def run(model, batches):
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    return torch.cat(list(parts))


def accumulate(model, batches):
    y = torch.cat([y for _, y in batches])
    with torch.no_grad():
        value = cross_entropy(run(model, batches), y).item()
    model.zero_grad()
    cross_entropy(run(model, batches), y).backward()
    return value


# %% wrong: running-statistics-moved-per-batch, once for each
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for p in parts:
                with torch.no_grad():
                    rows = p.transpose(0, 1).flatten(1)
                    layer.running_mean += layer.momentum * (rows.mean(1) - layer.running_mean)
                    unbiased = rows.var(1) if rows.shape[1] > 1 else rows.var(1, correction=0) * float("nan")
                    layer.running_var += layer.momentum * (unbiased - layer.running_var)
            x = torch.cat(parts)
            out = F.batch_norm(x, None, None, layer.weight, layer.bias, training=True, eps=layer.eps)
            parts = out.split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    return loss.item()


# %% wrong: running-statistics-normalise, evaluation mode and back
def accumulate(model, batches):
    model.zero_grad()
    model.eval()
    n = sum(len(y) for _, y in batches)
    total = 0.0
    for x, y in batches:
        loss = cross_entropy(model(x), y, reduction="sum") / n
        loss.backward()
        total += loss.item()
    model.train()
    return total


# %% wrong: left-in-evaluation, eval at the end
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    model.eval()
    return loss.item()


# %% wrong: takes-a-step, with a learning rate of its own
def accumulate(model, batches):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    optimiser.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    loss = cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches]))
    loss.backward()
    optimiser.step()
    return loss.item()


# %% wrong: loss-not-averaged, the sum is returned
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    total = sum(cross_entropy(p, y, reduction="sum") for p, (_, y) in zip(parts, batches))
    (total / sum(len(y) for _, y in batches)).backward()
    return total.item()


# %% wrong: returns-nothing, only the gradients
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches])).backward()


# %% wrong: no-gradient-left, backward is missing
def accumulate(model, batches):
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts)).split([len(p) for p in parts])
        else:
            parts = [layer(p) for p in parts]
    return cross_entropy(torch.cat(list(parts)), torch.cat([y for _, y in batches])).item()


# %% wrong: wrong-signature, inputs and targets apart
def accumulate(model, xs, ys):
    model.zero_grad()
    loss = sum(cross_entropy(model(x), y) for x, y in zip(xs, ys)) / len(xs)
    loss.backward()
    return loss.item()


# %% wrong: undefined-name, the optimiser of the notebook
def accumulate(model, batches):
    optimizer.zero_grad()  # noqa: F821
    for x, y in batches:
        (cross_entropy(model(x), y) / len(batches)).backward()
    return 0.0


# %% wrong: no-gradient-left, zero_grad at the end
def accumulate(model, batches):
    parts, targets = [x for x, _ in batches], torch.cat([y for _, y in batches])
    sizes = [len(x) for x in parts]
    model.zero_grad()
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = torch.split(layer(torch.cat(list(parts))), sizes)
        else:
            parts = [layer(part) for part in parts]
    loss = cross_entropy(torch.cat(list(parts)), targets)
    loss.backward()
    model.zero_grad()
    return loss.item()


# %% wrong: one-kind-of-batchnorm, images forgotten
def accumulate(model, batches):
    parts, targets = [x for x, _ in batches], torch.cat([y for _, y in batches])
    sizes = [len(x) for x in parts]
    model.zero_grad()
    for layer in model:
        if type(layer) is nn.BatchNorm1d:
            parts = torch.split(layer(torch.cat(list(parts))), sizes)
        else:
            parts = [layer(part) for part in parts]
    loss = cross_entropy(torch.cat(list(parts)), targets)
    loss.backward()
    return loss.item()


# %% wrong: gradient-stops-at-batchnorm, detached before BatchNorm
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = list(layer(torch.cat([p.detach() for p in parts])).split(sizes))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: gradient-stops-at-batchnorm, BatchNorm under no_grad
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            with torch.no_grad():
                parts = list(layer(torch.cat(parts)).split(sizes))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: statistics-of-each-batch, zero_grad in the loop
def accumulate(model, batches):
    t = 0
    n = sum(len(y) for x, y in batches)
    for x, y in batches:
        model.zero_grad()
        l = cross_entropy(model(x), y) * len(y) / n
        l.backward()
        t += l.item()
    return t


# %% wrong: split-into-equal-parts, split by the first size
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = list(layer(torch.cat(parts)).split(sizes[0]))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: split-into-equal-parts, chunks
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = list(layer(torch.cat(parts)).chunk(len(batches)))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: not-split-again, no split after BatchNorm
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = layer(torch.cat(parts))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: not-split-again, all of it in a list
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = [layer(torch.cat(parts))]
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: softmax-before-the-loss, a softmax before the loss
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = list(layer(torch.cat(parts)).split(sizes))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p.softmax(1), y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item()


# %% wrong: backward-for-each-batch, backward for each batch
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = list(layer(torch.cat(parts)).split(sizes))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = 0
    for p, (x, y) in zip(parts, batches):
        l = cross_entropy(p, y, reduction="sum") / n
        l.backward()
        loss = loss + l
    return loss.item()


# %% wrong: loss-averaged-twice, the loss divided by the batches
def accumulate(model, batches):
    model.zero_grad()
    sizes = [len(x) for x, y in batches]
    parts = [x for x, y in batches]
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            parts = list(layer(torch.cat(parts)).split(sizes))
        else:
            parts = [layer(p) for p in parts]
    n = sum(sizes)
    loss = sum(cross_entropy(p, y, reduction="sum") for p, (x, y) in zip(parts, batches)) / n
    loss.backward()
    return loss.item() / len(batches)


# %% elsewhere
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3))


def two_batches(n=16):
    g = torch.Generator().manual_seed(1)
    x, y = torch.randn(2 * n, 4, generator=g), torch.randint(3, (2 * n,), generator=g)
    return x, y, list(zip(x.split(n), y.split(n)))


def prints(theirs):
    """The loss near that of the large batch, as printed with one decimal, and gradients that are there."""
    x, y, batches = two_batches(64)
    right = cross_entropy(network()(x), y).item()
    model = network()
    loss = theirs(model, batches)
    return f"{loss:.1f} {[p.grad is not None for p in model.parameters()]}" == f"{right:.1f} {[True] * 6}"


def allclose(theirs):
    """The gradients of a network without BatchNorm, of two batches of one size."""
    x, y, batches = two_batches()
    torch.manual_seed(0)
    ours, torchs = (nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)) for _ in range(2))
    torchs.load_state_dict(ours.state_dict())
    theirs(ours, batches)
    cross_entropy(torchs(x), y).backward()
    return all(torch.allclose(a.grad, b.grad, atol=1e-5) for a, b in zip(ours.parameters(), torchs.parameters()))
