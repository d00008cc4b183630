import copy

import numpy as np
import torch
from torch import nn


# %% right: the formula
def fold_batchnorm(weight, bias, bn):
    gamma = bn.weight if bn.affine else torch.ones_like(bn.running_var)
    beta = bn.bias if bn.affine else torch.zeros_like(bn.running_mean)
    if bias is None:
        bias = torch.zeros_like(bn.running_mean)
    scale = gamma / torch.sqrt(bn.running_var + bn.eps)
    w = weight * scale.view(-1, *([1] * (weight.dim() - 1)))
    return w, scale * (bias - bn.running_mean) + beta


# %% right: flattened, without a graph
def fold_batchnorm(weight, bias, bn):
    with torch.no_grad():
        inv = (bn.running_var + bn.eps).rsqrt()
        if bn.weight is not None:
            inv = inv * bn.weight
        new = torch.diag(inv) @ weight.reshape(weight.shape[0], -1)
        b = -bn.running_mean * inv
        if bias is not None:
            b += bias * inv
        if bn.bias is not None:
            b += bn.bias
    return new.reshape(weight.shape), b


# %% right: by asking the layer at 0 and at 1
def fold_batchnorm(weight, bias, bn):
    c = weight.shape[0]
    tail = (1,) * (weight.ndim - 2)
    shift = bn(torch.zeros(1, c, *tail, dtype=weight.dtype)).flatten()
    scale = bn(torch.ones(1, c, *tail, dtype=weight.dtype)).flatten() - shift
    new_bias = shift.clone() if bias is None else shift + scale * bias
    return torch.einsum("o,o...->o...", scale, weight), new_bias


# %% right: channel by channel
def fold_batchnorm(weight, bias, bn):
    print("folding", tuple(weight.shape))
    w, b = [], []
    for c in range(len(weight)):
        s = 1 / (bn.running_var[c] + bn.eps) ** 0.5
        t = -bn.running_mean[c]
        if bias is not None:
            t = t + bias[c]
        if bn.weight is not None:
            s = s * bn.weight[c]
        o = s * t
        if bn.bias is not None:
            o = o + bn.bias[c]
        w.append(weight[c] * s)
        b.append(o)
    return torch.stack(w), torch.stack(b)


# %% right: transposed, as parameters
def fold_batchnorm(weight, bias, bn):
    std = torch.sqrt(bn.running_var + bn.eps)
    k = (1.0 if bn.weight is None else bn.weight.data) / std
    w = (weight.transpose(0, -1) * k).transpose(0, -1) if weight.ndim == 2 else weight * k[:, None, None, None]
    b = (0.0 if bias is None else bias) * k - bn.running_mean * k + (0.0 if bn.bias is None else bn.bias.data)
    return nn.Parameter(w), nn.Parameter(b)


# %% right: in NumPy and float64
def fold_batchnorm(weight, bias, bn):
    var = bn.running_var.numpy().astype("float64")
    mean = bn.running_mean.numpy()
    scale = 1 / np.sqrt(var + bn.eps)
    beta = 0
    if bn.affine:
        scale = scale * bn.weight.detach().numpy()
        beta = bn.bias.detach().numpy()
    b = np.zeros_like(mean) if bias is None else bias.numpy()
    w = np.moveaxis(np.moveaxis(weight.numpy(), 0, -1) * scale, -1, 0)
    return [torch.tensor(w), torch.tensor(scale * (b - mean) + beta)]


# %% right: in place, on copies
def fold_batchnorm(weight, bias, bn):
    weight = weight.clone()
    bias = bn.running_mean.new_zeros(len(weight)) if bias is None else bias.clone()
    bn = copy.deepcopy(bn).requires_grad_(False)
    bias.sub_(bn.running_mean)
    for tensor in (weight.view(len(weight), -1), bias.view(-1, 1)):
        tensor.div_((bn.running_var + bn.eps).sqrt().view(-1, 1))
        if bn.affine:
            tensor.mul_(bn.weight.view(-1, 1))
    if bn.affine:
        bias.add_(bn.bias)
    return weight, bias


# %% wrong: not-attempted, the stub
def fold_batchnorm(weight: torch.Tensor, bias: torch.Tensor | None, bn: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """The weight and the bias of a layer that does the work of the given one and of bn, in evaluation."""
    ...  # your code here


# %% wrong: divides-by-variance, gamma / (var + eps)
def fold_batchnorm(weight, bias, bn):
    s = 1 / (bn.running_var + bn.eps)
    if bn.affine:
        s = s * bn.weight
    b = (bias if bias is not None else 0) - bn.running_mean
    b = b * s
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: eps-missing, forgotten
def fold_batchnorm(weight, bias, bn):
    s = bn.running_var**-0.5
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: eps-ignored, torch's default typed in
def fold_batchnorm(weight, bias, bn, eps=1e-5):
    s = (bn.running_var + eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: eps-outside-root, added to the standard deviation
def fold_batchnorm(weight, bias, bn):
    s = 1 / (bn.running_var.sqrt() + bn.eps)
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: mean-missing, only the scale and beta
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    beta = 0
    if bn.affine:
        s, beta = s * bn.weight, bn.bias
    b = s * (torch.zeros_like(bn.running_mean) if bias is None else bias) + beta
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: beta-missing, the last step
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: gamma-missing, only normalised
def fold_batchnorm(weight, bias, bn):
    std = (bn.running_var + bn.eps).sqrt()
    b = ((bias if bias is not None else 0) - bn.running_mean) / std
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) / std[:, None]).reshape(weight.shape), b


# %% wrong: bias-not-scaled, the old bias is added at the end
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = -bn.running_mean * s
    if bn.affine:
        b = b + bn.bias
    if bias is not None:
        b = b + bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: old-bias-lost, "BatchNorm makes the bias useless"
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = -s * bn.running_mean
    if bn.affine:
        b = bn.bias + b
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: mean-added, the sign
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = bn.running_mean * s
    if bias is not None:
        b = b + s * bias
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: beta-scaled, gamma at the very end
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    b = (bias if bias is not None else 0) - bn.running_mean
    if bn.affine:
        s = s * bn.weight
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b * s


# %% wrong: scale-not-lined-up, the course's Linear has its outputs last
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    w = weight * s
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return w, b


# %% wrong: scale-lined-up-for-linear-only, a column
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return weight * s.unsqueeze(1), b


# %% wrong: scale-lined-up-for-convolutions-only, four dimensions
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return weight * s[:, None, None, None], b


# %% wrong: no-bias-not-expected, None − mean
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = (bias - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: affine-off-not-expected, gamma is None
def fold_batchnorm(weight, bias, bn):
    s = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    b = bn.bias - s * bn.running_mean
    if bias is not None:
        b = b + s * bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: bias-stays-none, what was not there stays away
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    if bias is not None:
        bias = (bias - bn.running_mean) * s
        if bn.affine:
            bias = bias + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), bias


# %% wrong: no-bias-means-beta-alone, the mean counts only with a bias
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    beta = torch.zeros_like(s)
    if bn.affine:
        s, beta = s * bn.weight, bn.bias
    b = beta.clone() if bias is None else beta + s * (bias - bn.running_mean)
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: changes-its-input, in place
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight.data
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias.data
    weight *= s.reshape(-1, *[1] * (weight.ndim - 1))
    return weight, b


# %% wrong: changes-its-input, eps is added to the layer's own variance
def fold_batchnorm(weight, bias, bn):
    bn.running_var += bn.eps
    s = 1 / bn.running_var.sqrt()
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return (weight.flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: swapped, the bias first
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight
    b = ((bias if bias is not None else 0) - bn.running_mean) * s
    if bn.affine:
        b = b + bn.bias
    return b, (weight.flatten(1) * s[:, None]).reshape(weight.shape)


# %% wrong: precision-lost, everything in float32
def fold_batchnorm(weight, bias, bn):
    s = (bn.running_var.float() + bn.eps) ** -0.5
    if bn.affine:
        s = s * bn.weight.float()
    b = ((bias.float() if bias is not None else 0) - bn.running_mean.float()) * s
    if bn.affine:
        b = b + bn.bias.float()
    return (weight.float().flatten(1) * s[:, None]).reshape(weight.shape), b


# %% wrong: reference-handed-in, the course's
from bncourse.layers import fold_batchnorm


# %% wrong: reference-handed-in, torch's for a linear layer and for a convolution
def fold_batchnorm(weight, bias, bn):
    fuse = nn.utils.fuse_linear_bn_weights if weight.ndim == 2 else nn.utils.fuse_conv_bn_weights
    return fuse(weight, bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)


# %% wrong: reference-handed-in, the course's in a function of one's own
from bncourse import layers


def fold_batchnorm(weight, bias, bn):
    w, b = layers.fold_batchnorm(weight, bias, bn)
    return w.clone(), b.clone()


# %% wrong: scale-along-inputs, the scale along the inputs
def fold_batchnorm(weight, bias, bn):
    if bias is None:
        bias = torch.zeros_like(bn.running_mean)
    gamma = bn.weight if bn.weight is not None else torch.ones_like(bn.running_mean)
    beta = bn.bias if bn.bias is not None else torch.zeros_like(bn.running_mean)
    scale = gamma / torch.sqrt(bn.running_var + bn.eps)
    w = weight * scale.view(1, -1, *[1] * (weight.ndim - 2))
    b = (bias - bn.running_mean) * scale + beta
    return w, b


# %% wrong: gamma-missing-in-bias, gamma missing in the bias
def fold_batchnorm(weight, bias, bn):
    if bias is None:
        bias = torch.zeros_like(bn.running_mean)
    gamma = bn.weight if bn.weight is not None else torch.ones_like(bn.running_mean)
    beta = bn.bias if bn.bias is not None else torch.zeros_like(bn.running_mean)
    scale = gamma / torch.sqrt(bn.running_var + bn.eps)
    w = weight * scale.view(-1, *[1] * (weight.ndim - 1))
    b = (bias - bn.running_mean) / torch.sqrt(bn.running_var + bn.eps) + beta
    return w, b


# %% wrong: no-such-attribute, bn.gamma
def fold_batchnorm(weight, bias, bn):
    if bias is None:
        bias = torch.zeros_like(bn.running_mean)
    gamma = bn.gamma if bn.gamma is not None else torch.ones_like(bn.running_mean)
    beta = bn.bias if bn.bias is not None else torch.zeros_like(bn.running_mean)
    scale = gamma / torch.sqrt(bn.running_var + bn.eps)
    w = weight * scale.view(-1, *[1] * (weight.ndim - 1))
    b = (bias - bn.running_mean) * scale + beta
    return w, b


# %% wrong: torch-names-exchanged, gamma and beta exchanged
def fold_batchnorm(weight, bias, bn):
    if bias is None:
        bias = torch.zeros_like(bn.running_mean)
    gamma = bn.bias if bn.bias is not None else torch.ones_like(bn.running_mean)
    beta = bn.weight if bn.weight is not None else torch.zeros_like(bn.running_mean)
    scale = gamma / torch.sqrt(bn.running_var + bn.eps)
    w = weight * scale.view(-1, *[1] * (weight.ndim - 1))
    b = (bias - bn.running_mean) * scale + beta
    return w, b


# %% wrong: bias-of-another-length, as many zeros as inputs
def fold_batchnorm(weight, bias, bn):
    if bias is None:
        bias = torch.zeros(weight.shape[1])
    gamma = bn.weight if bn.weight is not None else torch.ones_like(bn.running_mean)
    beta = bn.bias if bn.bias is not None else torch.zeros_like(bn.running_mean)
    scale = gamma / torch.sqrt(bn.running_var + bn.eps)
    w = weight * scale.view(-1, *[1] * (weight.ndim - 1))
    b = (bias - bn.running_mean) * scale + beta
    return w, b


# %% elsewhere
def prints(theirs):
    """The shapes of what comes back, read off a print."""
    w, b = theirs(torch.randn(10, 20), torch.zeros(10), nn.BatchNorm1d(10).eval())
    return f"{w.shape} {b.shape}" == "torch.Size([10, 20]) torch.Size([10])"


def allclose(theirs):
    """The two layers and the folded one on one batch, after one step of training."""
    torch.manual_seed(0)
    linear, bn = nn.Linear(20, 10), nn.BatchNorm1d(10)
    bn(linear(torch.randn(64, 20)))
    bn.eval()
    x = torch.randn(32, 20)
    w, b = theirs(linear.weight, linear.bias, bn)
    return torch.allclose(bn(linear(x)), x @ w.T + b, atol=1e-5)
