import torch
from torch import nn


# %% right: a hook before each forward pass
def freeze_batchnorm(model):
    def stay(layer, inputs):
        layer.eval()

    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.requires_grad_(False)
            layer.register_forward_pre_hook(stay)
    return model


# %% right: train() of the layer does nothing
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.eval()
            m.train = lambda mode=True, m=m: m
            for p in m.parameters():
                p.requires_grad = False
    return model


# %% right: another class for the layer
class Frozen1d(nn.BatchNorm1d):
    def train(self, mode=True):
        return super().train(False)


class Frozen2d(nn.BatchNorm2d):
    def train(self, mode=True):
        return super().train(False)


def freeze_batchnorm(model):
    for layer in model.modules():
        if type(layer) in (nn.BatchNorm1d, nn.BatchNorm2d):
            layer.__class__ = Frozen1d if type(layer) is nn.BatchNorm1d else Frozen2d
            layer.eval()
            layer.requires_grad_(False)
    return model


# %% right: layers of one's own in place of BatchNorm, by recursion
class FrozenBatchNorm(nn.Module):
    def __init__(self, bn):
        super().__init__()
        scale = torch.rsqrt(bn.running_var + bn.eps)
        shift = -bn.running_mean * scale
        if bn.affine:
            scale = scale * bn.weight.detach()
            shift = shift * bn.weight.detach() + bn.bias.detach()
        self.register_buffer("scale", scale)
        self.register_buffer("shift", shift)

    def forward(self, x):
        shape = [1, -1] + [1] * (x.dim() - 2)
        return x * self.scale.view(shape) + self.shift.view(shape)


def freeze_batchnorm(model):
    for name, child in model.named_children():
        if isinstance(child, (nn.BatchNorm1d, nn.BatchNorm2d)):
            setattr(model, name, FrozenBatchNorm(child))
        else:
            freeze_batchnorm(child)
    return model


# %% right: the function of torch with training=False in place of forward
import functools


def freeze_batchnorm(model):
    def forward(bn, x):
        return nn.functional.batch_norm(x, bn.running_mean, bn.running_var, bn.weight, bn.bias, False, 0.0, bn.eps)

    for module in model.modules():
        if "BatchNorm" in type(module).__name__:
            module.forward = functools.partial(forward, module)
            if module.affine:
                module.weight.requires_grad = module.bias.requires_grad = False
    return model


# %% right: a mode that cannot be switched on
def freeze_batchnorm(model):
    for layer in list(model.modules()):
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            kind = type(layer)
            never = property(lambda self: False, lambda self, value: None)
            layer.__class__ = type("Frozen" + kind.__name__, (kind,), {"training": never})
            [p.requires_grad_(False) for p in layer.parameters()]
    return model


# %% right: one hook on the whole model
def freeze_batchnorm(model):
    norms = [m for m in model.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    for m in norms:
        m.requires_grad_(False)

    def before(module, args):
        for m in norms:
            m.training = False

    model.register_forward_pre_hook(before)
    return model


# %% right: with prints, a stack of modules, and a bound method
import types


def freeze_batchnorm(model):
    stack = [model]
    while stack:
        module = stack.pop()
        stack.extend(module.children())
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            print("freezing", module)
            module.train = types.MethodType(lambda self, mode=True: nn.Module.train(self, False), module)
            module.train()
            for parameter in module.parameters():
                parameter.requires_grad_(False)
    return model


# %% wrong: not-attempted, the stub
def freeze_batchnorm(model: nn.Module) -> nn.Module:
    """Keep every BatchNorm of the model in evaluation mode, without gradients for gamma and beta; return the model."""
    ...  # your code here


# %% wrong: thawed-by-train, eval and requires_grad once
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.eval()
            for p in layer.parameters():
                p.requires_grad = False
    return model


# %% wrong: thawed-by-train, by the names of the parameters and apply
def freeze_batchnorm(model):
    def freeze(m):
        if "BatchNorm" in m.__class__.__name__:
            m.training = False
            if m.weight is not None:
                m.weight.requires_grad_(False)
                m.bias.requires_grad_(False)

    model.apply(freeze)
    return model


# %% wrong: only-gradients, requires_grad is all
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.requires_grad_(False)
    return model


# %% wrong: thawed-and-learning, eval is all
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.eval()
    return model


# %% wrong: gamma-and-beta-learn, only the mode is held
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.eval()
            m.train = lambda mode=True: None
    return model


# %% wrong: gamma-and-beta-learn, the attribute is set on the layer
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.requires_grad = False
            m.register_forward_pre_hook(lambda m, x: setattr(m, "training", False))
    return model


# %% wrong: batch-statistics-in-training, momentum 0
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.momentum = 0.0
            layer.requires_grad_(False)
    return model


# %% wrong: batch-statistics-in-training, nothing is tracked
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.track_running_stats = False
            for p in layer.parameters():
                p.requires_grad = False
    return model


# %% wrong: batch-statistics-in-training, gamma and beta learn as well
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.momentum = 0
    return model


# %% wrong: frozen-from-the-next-train-on, train() is replaced and not called
def freeze_batchnorm(model):
    def train(self, mode=True):
        self.training = False
        return self

    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.requires_grad_(False)
            layer.train = train.__get__(layer)
    return model


# %% wrong: statistics-removed, the buffers are None
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.requires_grad_(False)
            layer.running_mean = None
            layer.running_var = None
    return model


# %% wrong: blocks-forgotten, a loop over the model
def freeze_batchnorm(model):
    for layer in model:
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.eval()
            layer.train = lambda mode=True: None
            layer.requires_grad_(False)
    return model


# %% wrong: blocks-forgotten, children
def freeze_batchnorm(model):
    for layer in model.children():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.requires_grad_(False)
            layer.register_forward_pre_hook(lambda m, x: setattr(m, "training", False))
    return model


# %% wrong: only-dense, BatchNorm1d alone
def freeze_batchnorm(model):
    for layer in model.modules():
        if type(layer) == nn.BatchNorm1d:
            layer.requires_grad_(False)
            layer.eval()
            layer.train = lambda mode=True: None
    return model


# %% wrong: only-images, BatchNorm2d alone
def freeze_batchnorm(model):
    for name, layer in model.named_modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.register_forward_pre_hook(lambda module, inputs: module.eval() and None)
            for parameter in layer.parameters():
                parameter.requires_grad_(False)
    return model


# %% wrong: none-among-the-values, a forward pass of its own that returns nothing
def freeze_batchnorm(model):
    def forward(layer, x):
        nn.functional.batch_norm(
            x, layer.running_mean, layer.running_var, layer.weight, layer.bias, False, 0.0, layer.eps
        )

    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.forward = lambda x, layer=layer: forward(layer, x)
            layer.requires_grad_(False)
    return model


# %% wrong: other-norms-frozen, everything with Norm in its name
def freeze_batchnorm(model):
    for m in model.modules():
        if "Norm" in str(type(m)):
            m.eval()
            m.train = lambda mode=True: None
            for p in m.parameters():
                p.requires_grad = False
    return model


# %% wrong: everything-frozen, all parameters of the model
def freeze_batchnorm(model):
    for p in model.parameters():
        p.requires_grad = False
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.eval()
            m.train = lambda mode=True: None
    return model


# %% wrong: whole-model-in-evaluation, train() of the model is switched off
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.requires_grad_(False)
    model.eval()
    model.train = lambda mode=True: model
    return model


# %% wrong: whole-model-in-evaluation, of every layer
def freeze_batchnorm(model):
    for m in model.modules():
        m.training = False
        m.train = lambda mode=True, m=m: m
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for p in m.parameters():
                p.requires_grad_(False)
    return model


# %% wrong: statistics-reset, to start clean
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.reset_running_stats()
            m.requires_grad_(False)
            m.eval()
            m.train = lambda mode=True: None
    return model


# %% wrong: gamma-and-beta-reset, ones and zeros
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            if m.affine:
                nn.init.ones_(m.weight)
                nn.init.zeros_(m.bias)
            mean, var = m.running_mean.clone(), m.running_var.clone()
            m.reset_running_stats()
            m.running_mean.zero_()
            m.running_var.fill_(1)
            m.requires_grad_(False)
            m.eval()
            m.train = lambda mode=True: None
    return model


# %% wrong: batchnorm-removed, Identity in its place
def freeze_batchnorm(model):
    for name, child in model.named_children():
        if isinstance(child, (nn.BatchNorm1d, nn.BatchNorm2d)):
            setattr(model, name, nn.Identity())
        else:
            freeze_batchnorm(child)
    return model


# %% wrong: a-copy, so that the original stays
import copy


def freeze_batchnorm(model):
    model = copy.deepcopy(model)
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.requires_grad_(False)
            m.eval()
            m.train = lambda mode=True: None
    return model


# %% wrong: affine-off-not-expected, weight is None
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.weight.requires_grad_(False)
            m.bias.requires_grad_(False)
            m.eval()
            m.train = lambda mode=True: None
    return model


# %% wrong: returns-nothing, in place and no more
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.requires_grad_(False)
            m.eval()
            m.train = lambda mode=True: None


# %% wrong: wrong-signature, a second argument
def freeze_batchnorm(model, names):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.requires_grad_(False)
    return model


# %% wrong: undefined-name, BatchNorm2d without nn
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, BatchNorm2d)):  # noqa: F821
            m.requires_grad_(False)
    return model


# %% wrong: stays-in-training, train() does nothing and the mode was never set
def freeze_batchnorm(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.train = lambda mode=True: None
            layer.requires_grad_(False)
    return model


# %% wrong: train-takes-no-mode, a train() without an argument
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.requires_grad_(False)
            m.train = lambda: m
    return model


# %% wrong: train-takes-no-mode, eval in the place of train
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.requires_grad_(False)
            m.train = m.eval
    return model


# %% wrong: hook-returns-the-layer, a lambda that returns what eval returns
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.requires_grad_(False)
            m.register_forward_pre_hook(lambda l, a: l.eval())
    return model


# %% wrong: gamma-or-beta-learns, only the weight frozen
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True, m=m: m
            if m.affine:
                m.weight.requires_grad = False
    return model


# %% wrong: nothing-frozen, a return in the loop
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.requires_grad_(False)
            m.train = lambda mode=True, m=m: m
        return model


# %% wrong: nothing-frozen, a name that no layer has
def freeze_batchnorm(model):
    for n, m in model.named_modules():
        if "bn" in n:
            m.eval()
            m.requires_grad_(False)
            m.train = lambda mode=True, m=m: m
    return model


# %% wrong: model-does-not-switch, train of the whole model replaced
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.requires_grad_(False)
    model.train = lambda mode=True: model
    return model


# %% wrong: gamma-and-beta-removed, gamma and beta removed
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True, m=m: m
            m.weight = None
            m.bias = None
    return model


# %% wrong: deeper-blocks-forgotten, two loops over children
def freeze_batchnorm(model):
    for m in model.children():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.requires_grad_(False)
            m.train = lambda mode=True, m=m: m
        else:
            for k in m.children():
                if isinstance(k, (nn.BatchNorm1d, nn.BatchNorm2d)):
                    k.eval()
                    k.requires_grad_(False)
                    k.train = lambda mode=True, m=k: m
    return model


# %% elsewhere
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3))


def prints(theirs):
    """The flags of the layer, as printed right after the call."""
    model = theirs(network())
    bn = model[1]
    return f"{bn.training} {[p.requires_grad for p in bn.parameters()]}" == "False [False, False]"


def allclose(theirs):
    """The output in evaluation mode is what it was."""
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(1))
    before = network().eval()(x)
    return torch.allclose(theirs(network()).eval()(x), before)
