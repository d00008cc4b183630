import torch
import torch.nn.functional as F
from torch import nn


# %% right: one nn.Sequential from a list
def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    widths = [block_size * embedding] + [hidden] * depth
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b, bias=False), nn.BatchNorm1d(b), nn.Tanh()]
    layers.append(nn.Linear(hidden, vocabulary))
    return nn.Sequential(*layers)


# %% right: a class with ModuleLists, the activation as a function
class CharModel(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.head = nn.Linear(hidden, vocabulary)
        self.bns = nn.ModuleList([nn.BatchNorm1d(hidden) for _ in range(depth)])
        self.fcs = nn.ModuleList(
            [nn.Linear(block_size * embedding if i == 0 else hidden, hidden, bias=False) for i in range(depth)]
        )
        self.emb = nn.Embedding(vocabulary, embedding)

    def forward(self, x):
        e = self.emb(x)
        h = e.view(e.shape[0], -1)
        for fc, bn in zip(self.fcs, self.bns):
            h = torch.tanh(bn(fc(h)))
        return self.head(h)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    return CharModel(vocabulary, block_size, embedding, hidden, depth)


# %% right: the class itself, under the name of the function
class build_model(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        blocks = []
        for i in range(depth):
            fan_in = hidden if i else embedding * block_size
            blocks.append(nn.Sequential(nn.Linear(fan_in, hidden, False), nn.BatchNorm1d(hidden), nn.Tanh()))
        self.blocks = nn.Sequential(*blocks)
        self.out = nn.Linear(hidden, vocabulary, True)

    def forward(self, contexts):
        return self.out(self.blocks(self.embedding(contexts).flatten(start_dim=1)))


# %% right: add_module in a loop, weights drawn for tanh, with prints and a warning
def build_model(vocabulary, block_size, embedding, hidden, depth):
    import warnings

    torch.manual_seed(42)
    model = nn.Sequential()
    model.add_module("lookup", nn.Embedding(vocabulary, embedding))
    model.add_module("join", nn.Flatten(1))
    n = embedding * block_size
    for k in range(1, depth + 1):
        linear = nn.Linear(n, hidden, bias=False)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="tanh")
        model.add_module(f"linear{k}", linear)
        model.add_module(f"norm{k}", nn.BatchNorm1d(hidden))
        model.add_module(f"tanh{k}", nn.Tanh())
        n = hidden
    last = nn.Linear(hidden, vocabulary)
    with torch.no_grad():
        last.weight *= 0.1
        last.bias.zero_()
    model.add_module("logits", last)
    print(sum(p.numel() for p in model.parameters()))
    warnings.warn("built")
    return model


# %% right: recursion, and a block class of its own
class Block(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out, bias=False)
        self.bn = nn.BatchNorm1d(n_out, eps=1e-5, momentum=0.1)

    def forward(self, x):
        self.out = F.tanh(self.bn(self.linear(x)))
        return self.out


def blocks(n_in, n_out, depth):
    return [] if depth == 0 else [Block(n_in, n_out), *blocks(n_out, n_out, depth - 1)]


def build_model(vocabulary, block_size, embedding, hidden, depth):
    start = [nn.Embedding(vocabulary, embedding), nn.Flatten(start_dim=-2)]
    return nn.Sequential(*start, *blocks(embedding * block_size, hidden, depth), nn.Linear(hidden, vocabulary))


# %% right: lazy layers that find their own sizes
def build_model(vocabulary, block_size, embedding, hidden, depth):
    hidden_part = []
    for _ in range(depth):
        hidden_part.extend([nn.LazyLinear(hidden, bias=False), nn.LazyBatchNorm1d(), nn.Tanh()])
    model = nn.Sequential(nn.Embedding(vocabulary, embedding), nn.Flatten(), *hidden_part, nn.LazyLinear(vocabulary))
    model(torch.zeros(2, block_size, dtype=torch.long))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.reset_running_stats()
    return model


# %% right: layers in a ModuleDict, the vectors joined with cat
class Net(nn.Module):
    def __init__(self, v, t, e, h, d):
        super().__init__()
        self.d = d
        self.layers = nn.ModuleDict({"emb": nn.Embedding(v, e), "out": nn.Linear(h, v)})
        for i in range(d):
            self.layers[f"lin{i}"] = nn.Linear(t * e if i == 0 else h, h, bias=False)
            self.layers[f"bn{i}"] = nn.BatchNorm1d(h)

    def forward(self, idx):
        x = torch.cat([self.layers["emb"](column) for column in idx.unbind(1)], dim=1)
        for i in range(self.d):
            x = self.layers[f"bn{i}"](self.layers[f"lin{i}"](x)).tanh()
        return self.layers["out"](x)


build_model = lambda vocabulary, block_size, embedding, hidden, depth: Net(
    vocabulary, block_size, embedding, hidden, depth
)


# %% right: a subclass of nn.Linear that draws its own weights
class Drawn(nn.Linear):
    def reset_parameters(self):
        nn.init.normal_(self.weight, std=self.in_features**-0.5)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    parts, n = [nn.Embedding(vocabulary, embedding), nn.Flatten()], block_size * embedding
    for _ in range(depth):
        parts += [Drawn(n, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
        n = hidden
    return nn.Sequential(*parts, Drawn(n, vocabulary))


# %% right: the output layer starts at 0, the hidden layers are orthogonal
def build_model(vocabulary, block_size, embedding, hidden, depth):
    def hidden_layer(fan_in):
        linear = nn.Linear(fan_in, hidden, bias=False)
        nn.init.orthogonal_(linear.weight, gain=5 / 3)
        return [linear, nn.BatchNorm1d(hidden), nn.Tanh()]

    last = nn.Linear(hidden, vocabulary)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten(), *hidden_layer(block_size * embedding)]
    for _ in range(1, depth):
        layers.extend(hidden_layer(hidden))
    return nn.Sequential(*layers, last)


# %% wrong: not-attempted, the stub
def build_model(vocabulary, block_size, embedding, hidden, depth):
    """A name model."""
    ...


# %% wrong: bias-under-batchnorm, every Linear has torch's default bias
def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    for k in range(depth):
        layers.append(nn.Linear(block_size * embedding if k == 0 else hidden, hidden))
        layers.append(nn.BatchNorm1d(hidden))
        layers.append(nn.Tanh())
    return nn.Sequential(*layers, nn.Linear(hidden, vocabulary))


# %% wrong: output-bias-missing, bias=False everywhere to be safe
class Model(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, embedding)
        sizes = [block_size * embedding] + depth * [hidden]
        self.linears = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in zip(sizes[:-1], sizes[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for b in sizes[1:])
        self.out = nn.Linear(hidden, vocabulary, bias=False)

    def forward(self, x):
        x = self.emb(x).flatten(1)
        for linear, norm in zip(self.linears, self.norms):
            x = norm(linear(x)).tanh()
        return self.out(x)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    return Model(vocabulary, block_size, embedding, hidden, depth)


# %% wrong: batchnorm-on-the-logits, the chapter's model copied
def build_model(vocabulary=27, block_size=3, embedding=10, hidden=100, depth=5):
    parts = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    fan_in = embedding * block_size
    for _ in range(depth):
        parts += [nn.Linear(fan_in, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
        fan_in = hidden
    parts += [nn.Linear(fan_in, vocabulary, bias=False), nn.BatchNorm1d(vocabulary)]
    return nn.Sequential(*parts)


# %% wrong: batchnorm-after-tanh, swapped
class Layer(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.l = nn.Linear(i, o, bias=False)
        self.b = nn.BatchNorm1d(o)

    def forward(self, x):
        return self.b(torch.tanh(self.l(x)))


def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [Layer(block_size * embedding, hidden)] + [Layer(hidden, hidden) for _ in range(depth - 1)]
    return nn.Sequential(nn.Embedding(vocabulary, embedding), nn.Flatten(), *layers, nn.Linear(hidden, vocabulary))


# %% wrong: no-batchnorm, the network of the first chapters
def build_model(vocabulary, block_size, embedding, hidden, depth):
    fan_in, layers = block_size * embedding, []
    for _ in range(depth):
        layers += [nn.Linear(fan_in, hidden), nn.Tanh()]
        fan_in = hidden
    return nn.Sequential(nn.Embedding(vocabulary, embedding), nn.Flatten(), *layers, nn.Linear(hidden, vocabulary))


# %% wrong: no-tanh, the activation forgotten in forward
class M(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.e = nn.Embedding(vocabulary, embedding)
        self.ls = nn.ModuleList()
        self.bs = nn.ModuleList()
        for i in range(depth):
            self.ls.append(nn.Linear(block_size * embedding if i == 0 else hidden, hidden, bias=False))
            self.bs.append(nn.BatchNorm1d(hidden))
        self.tanh = nn.Tanh()
        self.o = nn.Linear(hidden, vocabulary)

    def forward(self, x):
        x = self.e(x).flatten(1)
        for l, b in zip(self.ls, self.bs):
            x = b(l(x))
            self.tanh(x)
        return self.o(x)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    return M(vocabulary, block_size, embedding, hidden, depth)


# %% wrong: relu-for-tanh, out of habit
def build_model(vocabulary, block_size, embedding, hidden, depth):
    def block(a):
        return nn.Sequential(nn.Linear(a, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU())

    return nn.Sequential(
        nn.Embedding(vocabulary, embedding),
        nn.Flatten(),
        block(block_size * embedding),
        *(block(hidden) for _ in range(depth - 1)),
        nn.Linear(hidden, vocabulary),
    )


# %% wrong: probabilities-for-logits, a softmax at the end
def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    n = block_size * embedding
    for _ in range(depth):
        layers += [nn.Linear(n, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
        n = hidden
    layers += [nn.Linear(n, vocabulary), nn.Softmax(dim=1)]
    return nn.Sequential(*layers)


# %% wrong: one-hidden-layer-fewer, the output layer counted
def build_model(vocabulary, block_size, embedding, hidden, depth):
    sizes = [block_size * embedding] + [hidden] * (depth - 1)
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    for i in range(depth - 1):
        layers += [nn.Linear(sizes[i], sizes[i + 1], bias=False), nn.BatchNorm1d(sizes[i + 1]), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], vocabulary))


# %% wrong: one-hidden-layer-more, the first one stands before a loop over depth
def build_model(vocabulary, block_size, embedding, hidden, depth):
    net = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    net += [nn.Linear(block_size * embedding, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
    for _ in range(depth):
        net += [nn.Linear(hidden, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
    net += [nn.Linear(hidden, vocabulary)]
    return nn.Sequential(*net)


# %% wrong: one-layer-several-times, a list multiplied
def build_model(vocabulary, block_size, embedding, hidden, depth):
    first = [nn.Linear(block_size * embedding, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
    more = [nn.Linear(hidden, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()] * (depth - 1)
    return nn.Sequential(
        nn.Embedding(vocabulary, embedding), nn.Flatten(), *first, *more, nn.Linear(hidden, vocabulary)
    )


# %% wrong: one-batchnorm-for-all, shared because the width is the same
class Shared(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, embedding)
        self.lins = nn.ModuleList(
            nn.Linear(hidden if i else block_size * embedding, hidden, bias=False) for i in range(depth)
        )
        self.bn = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, vocabulary)

    def forward(self, x):
        x = self.emb(x).flatten(1)
        for lin in self.lins:
            x = torch.tanh(self.bn(lin(x)))
        return self.out(x)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    return Shared(vocabulary, block_size, embedding, hidden, depth)


# %% wrong: layers-in-a-plain-list, which no optimiser sees
class PlainList(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, embedding)
        self.hidden = []
        for i in range(depth):
            self.hidden.append(nn.Linear(hidden if i else block_size * embedding, hidden, bias=False))
            self.hidden.append(nn.BatchNorm1d(hidden))
        self.out = nn.Linear(hidden, vocabulary)

    def forward(self, x):
        x = self.emb(x).flatten(1)
        for linear, bn in zip(self.hidden[::2], self.hidden[1::2]):
            x = torch.tanh(bn(linear(x)))
        return self.out(x)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    return PlainList(vocabulary, block_size, embedding, hidden, depth)


# %% wrong: context-summed, the vectors of a context added up
class Bag(nn.Module):
    def __init__(self, vocabulary, block_size, embedding, hidden, depth):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, embedding)
        layers, n = [], embedding
        for _ in range(depth):
            layers += [nn.Linear(n, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
            n = hidden
        self.net = nn.Sequential(*layers, nn.Linear(n, vocabulary))

    def forward(self, x):
        return self.net(sum(self.emb(x[:, i]) for i in range(x.shape[1])))


def build_model(vocabulary, block_size, embedding, hidden, depth):
    return Bag(vocabulary, block_size, embedding, hidden, depth)


# %% wrong: flattened-the-other-way, transposed first
class Transposed(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 1).reshape(x.shape[0], -1)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [nn.Embedding(vocabulary, embedding), Transposed()]
    for i in range(depth):
        fan_in = block_size * embedding if i == 0 else hidden
        layers += [nn.Linear(fan_in, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(hidden, vocabulary))


# %% wrong: batchnorm-without-memory, track_running_stats=False
def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    fan = block_size * embedding
    for _ in range(depth):
        layers += [nn.Linear(fan, hidden, bias=False), nn.BatchNorm1d(hidden, track_running_stats=False), nn.Tanh()]
        fan = hidden
    return nn.Sequential(*layers, nn.Linear(fan, vocabulary))


# %% wrong: squeezed, a squeeze that hits a single context
class Squeezing(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return torch.squeeze(self.net(x))


def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    for i in range(depth):
        layers += [
            nn.Linear(hidden if i else block_size * embedding, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.Tanh(),
        ]
    return Squeezing(nn.Sequential(*layers, nn.Linear(hidden, vocabulary)))


# %% wrong: equal-weights, a subclass whose weights are set to a constant and never drawn
class Constant(nn.Linear):
    def reset_parameters(self):
        nn.init.constant_(self.weight, self.in_features**-0.5)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    parts, n = [nn.Embedding(vocabulary, embedding), nn.Flatten()], block_size * embedding
    for _ in range(depth):
        parts += [Constant(n, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
        n = hidden
    return nn.Sequential(*parts, nn.Linear(n, vocabulary))


# %% wrong: equal-weights, every weight set to 0 in a loop over the parameters
def build_model(vocabulary, block_size, embedding, hidden, depth):
    parts, n = [nn.Flatten()], block_size * embedding
    for _ in range(depth):
        parts += [nn.Linear(n, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]
        n = hidden
    body = nn.Sequential(*parts, nn.Linear(n, vocabulary))
    for parameter in body.parameters():
        if parameter.ndim == 2:
            parameter.data.zero_()
    return nn.Sequential(nn.Embedding(vocabulary, embedding), body)


# %% wrong: letters-all-alike, an embedding of ones
def build_model(vocabulary, block_size, embedding, hidden, depth):
    table = nn.Embedding(vocabulary, embedding, _weight=torch.ones(vocabulary, embedding))
    sizes = [block_size * embedding, *[hidden] * depth]
    layers = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(a, b, bias=False), nn.BatchNorm1d(b), nn.Tanh()]
    return nn.Sequential(table, nn.Flatten(), *layers, nn.Linear(hidden, vocabulary))


# %% wrong: eps-changed, to a tenth of a thousandth
def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers, n = [nn.Embedding(vocabulary, embedding), nn.Flatten()], block_size * embedding
    for _ in range(depth):
        layers += [nn.Linear(n, hidden, bias=False), nn.BatchNorm1d(hidden, eps=1e-4), nn.Tanh()]
        n = hidden
    return nn.Sequential(*layers, nn.Linear(n, vocabulary))


# %% wrong: momentum-changed, to that of the other convention
def build_model(vocabulary, block_size, embedding, hidden, depth):
    layers, n = [nn.Embedding(vocabulary, embedding), nn.Flatten()], block_size * embedding
    for _ in range(depth):
        layers += [nn.Linear(n, hidden, bias=False), nn.BatchNorm1d(hidden, momentum=0.9), nn.Tanh()]
        n = hidden
    return nn.Sequential(*layers, nn.Linear(n, vocabulary))


# %% wrong: depth-ignored, one hidden layer whatever is asked
def build_model(vocabulary, block_size, embedding, hidden, depth):
    return nn.Sequential(
        nn.Embedding(vocabulary, embedding),
        nn.Flatten(),
        nn.Linear(block_size * embedding, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.Tanh(),
        nn.Linear(hidden, vocabulary),
    )


# %% wrong: returns-nothing, no return
def build_model(vocabulary, block_size, embedding, hidden, depth):
    model = nn.Sequential(nn.Embedding(vocabulary, embedding), nn.Flatten())


# %% wrong: wrong-signature, the depth is not asked for
def build_model(vocabulary, block_size, embedding, hidden):
    return nn.Sequential(nn.Embedding(vocabulary, embedding), nn.Flatten(), nn.Linear(block_size * embedding, hidden))


# %% wrong: reference-handed-in, the course's deep network
def build_model(vocabulary, block_size, embedding, hidden, depth):
    from bncourse.models import deep_mlp

    return deep_mlp(hidden=hidden, depth=depth, embedding=embedding, block_size=block_size, generator=torch.Generator())


# %% wrong: reference-handed-in, the course's layers in torch's Sequential
def build_model(vocabulary, block_size, embedding, hidden, depth):
    from bncourse import layers

    parts, n = [layers.Embedding(vocabulary, embedding), layers.Flatten()], block_size * embedding
    for _ in range(depth):
        parts += [layers.Linear(n, hidden, bias=False), layers.BatchNorm1d(hidden), layers.Tanh()]
        n = hidden
    return nn.Sequential(*parts, layers.Linear(n, vocabulary))


# %% wrong: vectors-not-joined, no flatten
def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth

    L = [nn.Embedding(v, e)]
    n = e
    for _ in range(d):
        L += [nn.Linear(n, h, bias=False), nn.BatchNorm1d(h), nn.Tanh()]
        n = h
    return nn.Sequential(*L, nn.Linear(h, v))


# %% wrong: second-hidden-layer-does-not-fit, one size for all hidden layers
def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth

    L = [nn.Embedding(v, e), nn.Flatten()]
    n = b * e
    for _ in range(d):
        L += [nn.Linear(n, h, bias=False), nn.BatchNorm1d(h), nn.Tanh()]
    return nn.Sequential(*L, nn.Linear(h, v))


# %% wrong: list-handed-to-sequential, a list in nn.Sequential
def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth

    L = [nn.Embedding(v, e), nn.Flatten()]
    n = b * e
    for _ in range(d):
        L += [nn.Linear(n, h, bias=False), nn.BatchNorm1d(h), nn.Tanh()]
        n = h
    return nn.Sequential(L + [nn.Linear(h, v)])


# %% wrong: no-embedding, one-hot contexts
class M(nn.Module):
    def __init__(s, v, b, e, h, d):
        super().__init__()
        L = []
        n = v * b
        s.v = v
        for _ in range(d):
            L += [nn.Linear(n, h, bias=False), nn.BatchNorm1d(h), nn.Tanh()]
            n = h
        s.net = nn.Sequential(*L, nn.Linear(h, v))

    def forward(s, x):
        return s.net(F.one_hot(x, s.v).float().flatten(1))


def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth
    return M(v, b, e, h, d)


# %% wrong: last-tanh-missing, no tanh in the last hidden layer
def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth

    L = [nn.Embedding(v, e), nn.Flatten()]
    n = b * e
    for i in range(d):
        L += [nn.Linear(n, h, bias=False), nn.BatchNorm1d(h)]
        if i < d - 1:
            L += [nn.Tanh()]
        n = h
    return nn.Sequential(*L, nn.Linear(h, v))


# %% wrong: layers-made-in-forward, layers made in each call
class M(nn.Module):
    def __init__(s, v, b, e, h, d):
        super().__init__()
        s.a = (v, b, e, h, d)
        s.emb = nn.Embedding(v, e)

    def forward(s, x):
        v, b, e, h, d = s.a
        x = s.emb(x).flatten(1)
        n = b * e
        for _ in range(d):
            x = torch.tanh(nn.BatchNorm1d(h)(nn.Linear(n, h, bias=False)(x)))
            n = h
        return nn.Linear(h, v)(x)


def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth
    return M(v, b, e, h, d)


# %% wrong: embedding-sizes-exchanged, the sizes of the embedding exchanged
def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth

    L = [nn.Embedding(e, v), nn.Flatten()]
    n = b * e
    for _ in range(d):
        L += [nn.Linear(n, h, bias=False), nn.BatchNorm1d(h), nn.Tanh()]
        n = h
    return nn.Sequential(*L, nn.Linear(h, v))


# %% wrong: layers-not-joined, a class returned
class M(nn.Module):
    pass


def build_model(vocabulary, block_size, embedding, hidden, depth):
    v, b, e, h, d = vocabulary, block_size, embedding, hidden, depth
    return M


# %% elsewhere
def prints(theirs):
    """The shape of the logits and the first loss, read off a print with one decimal."""
    torch.manual_seed(0)
    model = theirs(27, 3, 10, 100, 5)
    logits = model(torch.randint(27, (32, 3)))
    loss = F.cross_entropy(logits, torch.randint(27, (32,)))
    return tuple(logits.shape) == (32, 27) and 3.0 < loss.item() < 4.0


def allclose(theirs):
    """The shape, and a loss that falls over twenty steps on one batch."""
    torch.manual_seed(0)
    model = theirs(27, 3, 10, 100, 5)
    x, y = torch.randint(27, (32, 3)), torch.randint(27, (32,))
    losses = []
    for _ in range(20):
        loss = F.cross_entropy(model(x), y)
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
        losses.append(loss.item())
    return model(x).shape == (32, 27) and losses[-1] < losses[0]
