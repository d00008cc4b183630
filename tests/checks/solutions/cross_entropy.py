import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


# %% right: logsumexp minus the target's logit
def cross_entropy(logits, targets):
    return (logits.logsumexp(dim=1) - logits[torch.arange(len(targets)), targets]).mean()


# %% right: the largest logit subtracted by hand
def cross_entropy(logits, targets):
    logit_maxes = logits.max(1, keepdim=True).values
    norm_logits = logits - logit_maxes
    counts = norm_logits.exp()
    counts_sum = counts.sum(1, keepdim=True)
    log_probs = norm_logits - counts_sum.log()
    return -log_probs[range(logits.shape[0]), targets].mean()


# %% right: the largest logit taken out of the graph, and a gather
def cross_entropy(logits, targets):
    with torch.no_grad():
        top = logits.amax(dim=-1)
    total = torch.exp(logits - top[:, None]).sum(-1).log() + top
    chosen = torch.gather(logits, 1, targets.unsqueeze(1)).squeeze(1)
    return torch.mean(total - chosen)


# %% right: log_softmax and a one-hot product
def cross_entropy(logits, targets):
    onehot = F.one_hot(targets, num_classes=logits.size(1)).to(logits.dtype)
    return -(onehot * F.log_softmax(logits, dim=1)).sum() / logits.size(0)


# %% right: a loop over the rows, in plain Python style
def cross_entropy(logits, targets):
    losses = []
    for row, target in zip(logits, targets):
        largest = max(row.tolist())
        losses.append(largest + torch.log(torch.exp(row - largest).sum()) - row[target])
    return sum(losses) / len(losses)


# %% right: in float64 with prints and warnings
import sys
import warnings


def cross_entropy(logits, targets):
    warnings.warn("in double precision")
    z = logits.double()
    z = z - z.max(dim=1, keepdim=True)[0]
    print(z.shape, file=sys.stderr)
    loss = torch.log(torch.sum(torch.exp(z), 1)) - z[torch.arange(z.shape[0]), targets]
    return loss.mean()


# %% right: a module
class CrossEntropy(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = None

    def forward(self, logits, targets):
        z = logits.T
        self.last = torch.einsum("n->", torch.logsumexp(z, 0) - z[targets, torch.arange(len(targets))]) / len(targets)
        return self.last


cross_entropy = CrossEntropy()


# %% right: an autograd function with its own backward pass
class SoftmaxLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        log_p = logits - logits.logsumexp(1, keepdim=True)
        ctx.save_for_backward(log_p, targets)
        return -log_p[torch.arange(len(targets)), targets].mean()

    @staticmethod
    def backward(ctx, dout):
        log_p, targets = ctx.saved_tensors
        dlogits = log_p.exp()
        dlogits[torch.arange(len(targets)), targets] -= 1
        return dout * dlogits / len(targets), None


def cross_entropy(logits, targets):
    return SoftmaxLoss.apply(logits, targets)


# %% right: logaddexp of the columns
from functools import reduce


def cross_entropy(logits, targets):
    total = reduce(torch.logaddexp, logits.unbind(1))
    return total.mean() - logits.take_along_dim(targets[:, None], 1).mean()


# %% wrong: not-attempted, the stub
def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy."""
    ...  # your code here


# %% wrong: exp-overflows, the lecture's counts and probs
def cross_entropy(logits, targets):
    counts = logits.exp()
    prob = counts / counts.sum(1, keepdims=True)
    return -prob[torch.arange(logits.shape[0]), targets].log().mean()


# %% wrong: log-of-sum-overflows, the formula as it stands
def cross_entropy(logits, targets):
    n = torch.arange(len(logits))
    return torch.log(torch.exp(logits).sum(dim=1)).sub(logits[n, targets]).mean()


# %% wrong: log-of-zero, softmax and then a logarithm
def cross_entropy(logits, targets):
    probs = F.softmax(logits, dim=-1)
    return -torch.log(probs[range(len(targets)), targets]).mean()


# %% wrong: log-of-clamped-probability, a small number to be safe
def cross_entropy(logits, targets):
    probs = torch.softmax(logits, dim=1)
    picked = probs[torch.arange(len(targets)), targets]
    return -torch.log(picked + 1e-8).mean()


# %% wrong: summed-over-batch, the reduction is a sum
def cross_entropy(logits, targets):
    loss = 0
    for i in range(len(targets)):
        loss = loss + torch.logsumexp(logits[i], 0) - logits[i, targets[i]]
    return loss


# %% wrong: one-loss-per-example, no reduction
def cross_entropy(logits, targets):
    logp = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    return -logp[torch.arange(logits.shape[0]), targets]


# %% wrong: negative-loss-of-logits, the minus is forgotten
def cross_entropy(logits, targets):
    logp = F.log_softmax(logits, 1)
    return logp[torch.arange(logits.shape[0]), targets].mean()


# %% wrong: divided-by-classes-too, the mean of the one-hot product
def cross_entropy(logits, targets):
    y = torch.eye(logits.shape[1], dtype=logits.dtype)[targets]
    return -(y * torch.log_softmax(logits, 1)).mean()


# %% wrong: cross-entropy-in-bits, the logarithm to base 2
def cross_entropy(logits, targets):
    z = logits - logits.max(1, keepdim=True).values
    chosen = z.gather(1, targets.view(-1, 1)).view(-1)
    return (torch.log2(z.exp().sum(1)) - chosen * 1.4426950408889634).mean()


# %% wrong: softmax-twice, probabilities taken for logits
def cross_entropy(logits, targets):
    p = logits.softmax(1)
    logp = p.log_softmax(1)
    return -logp[torch.arange(len(p)), targets].mean()


# %% wrong: softmax-over-batch, the wrong dimension
def cross_entropy(logits, targets):
    z = logits - logits.max(0).values
    logp = z - z.exp().sum(0).log()
    return -logp[torch.arange(len(logits)), targets].mean()


# %% wrong: softmax-over-everything, no dimension given
def cross_entropy(logits, targets):
    z = logits - logits.max()
    return (z.exp().sum().log() - z[torch.arange(len(z)), targets]).mean()


# %% wrong: largest-of-all-rows-subtracted, one maximum for the whole batch
def cross_entropy(logits, targets):
    z = logits - torch.max(logits)
    counts = torch.exp(z)
    return (counts.sum(1).log() - z[torch.arange(len(z)), targets]).mean()


# %% wrong: mean-of-row-subtracted, the wrong shift
def cross_entropy(logits, targets):
    z = logits - logits.mean(1, keepdim=True)
    e = z.exp()
    return -(z[range(len(z)), targets] - torch.log(e.sum(1))).mean()


# %% wrong: largest-not-added-back, only the sum is shifted
def cross_entropy(logits, targets):
    m, _ = logits.max(dim=1)
    lse = torch.exp(logits - m[:, None]).sum(dim=1).log()
    return torch.mean(lse - logits[torch.arange(len(m)), targets])


# %% wrong: every-target-for-every-row, a slice in place of the row numbers
def cross_entropy(logits, targets):
    logp = logits - logits.logsumexp(1)[:, None]
    return -logp[:, targets].mean()


# %% wrong: own-favourite, the prediction in place of the target
def cross_entropy(logits, targets):
    guess = logits.argmax(1)
    logp = F.log_softmax(logits, dim=1)
    return -logp[torch.arange(len(guess)), guess].mean()


# %% wrong: log-after-mean, averaged too early
def cross_entropy(logits, targets):
    likelihood = logits.softmax(1)[torch.arange(len(targets)), targets]
    return -torch.log(torch.mean(likelihood))


# %% wrong: probability-without-log, torch's nll loss by name only
def cross_entropy(logits, targets):
    probs = logits.softmax(dim=1)
    return -probs[torch.arange(len(targets)), targets].mean()


# %% wrong: logits-clamped, cut off against the overflow
def cross_entropy(logits, targets):
    z = torch.clamp(logits, min=-50, max=50)
    e = torch.exp(z)
    return (torch.log(e.sum(1)) - z[torch.arange(len(z)), targets]).mean()


# %% wrong: not-differentiable, a float
def cross_entropy(logits, targets):
    loss = logits.logsumexp(1) - logits[torch.arange(len(targets)), targets]
    return loss.mean().item()


# %% wrong: not-differentiable, computed outside of the graph
@torch.no_grad()
def cross_entropy(logits, targets):
    return (logits.logsumexp(1) - logits[torch.arange(len(targets)), targets]).mean()


# %% wrong: precision-lost, always in float32
def cross_entropy(logits, targets):
    z = logits.float()
    return (z.logsumexp(1) - z[torch.arange(len(targets)), targets]).mean()


# %% wrong: changes-its-input, shifted in place
def cross_entropy(logits, targets):
    z = logits.detach()
    z -= z.max(1, keepdim=True).values
    return (logits.exp().sum(1).log() - logits[torch.arange(len(targets)), targets]).mean()


# %% wrong: squared-error, the loss of a regression
def cross_entropy(logits, targets):
    wanted = torch.zeros_like(logits).scatter(1, targets[:, None], 1.0)
    return ((torch.softmax(logits, 1) - wanted) ** 2).mean()


# %% wrong: reference-handed-in, torch's function under another name
def cross_entropy(logits, targets):
    return F.cross_entropy(logits, targets)


# %% wrong: reference-handed-in, torch's module
cross_entropy = nn.CrossEntropyLoss()


# %% wrong: reference-handed-in, a subclass of torch's module
class Mine(nn.CrossEntropyLoss):
    pass


cross_entropy = Mine()


# %% wrong: reference-handed-in, the half that takes log-probabilities
def cross_entropy(logits, targets):
    return F.nll_loss(logits.log_softmax(1), targets)


# %% wrong: reference-handed-in, the operation below torch's function
def cross_entropy(logits, targets):
    return torch.ops.aten.cross_entropy_loss(logits, targets)


# %% wrong: reference-handed-in, from the course's package
from bncourse.manual import SoftmaxCrossEntropy


def cross_entropy(logits, targets):
    value = SoftmaxCrossEntropy().forward(logits.detach().numpy(), targets.numpy())
    return logits.sum() * 0 + float(np.asarray(value))


# %% wrong: log-of-clamped-probability, a number in the logarithm
def cross_entropy(logits, targets):
    p = torch.softmax(logits, 1)[torch.arange(len(targets)), targets]
    return -torch.log(p + 1e-6).mean()


# %% elsewhere
def prints(theirs):
    """The loss of the first batch of equal logits, read off a print with two decimals."""
    return f"{theirs(torch.zeros(32, 27), torch.arange(32) % 27).item():.2f}" == "3.30"


def allclose(theirs):
    """torch's own loss of one batch of N(0, 1) logits."""
    g = torch.Generator().manual_seed(0)
    logits, targets = torch.randn(32, 27, generator=g), torch.randint(0, 27, (32,), generator=g)
    return np.allclose(float(theirs(logits, targets)), F.cross_entropy(logits, targets).item())
