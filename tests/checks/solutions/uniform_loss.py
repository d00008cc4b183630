import math

import numpy as np
import torch


# %% right: minus the logarithm of the probability
def uniform_loss(classes):
    return -math.log(1 / classes)


# %% right: the logarithm of the number of classes
def uniform_loss(classes: int) -> float:
    """ln of the number of classes."""
    return math.log(classes)


# %% right: with NumPy
def uniform_loss(classes):
    return -np.log(1 / np.float64(classes))


# %% right: a tensor without dimensions
def uniform_loss(classes):
    return -torch.tensor(1 / classes).log()


# %% right: torch's cross-entropy of equal logits
def uniform_loss(classes):
    logits = torch.zeros(1, classes)
    return torch.nn.functional.cross_entropy(logits, torch.tensor([0])).item()


# %% right: the entropy of the uniform distribution
def uniform_loss(classes):
    p = torch.full((classes,), 1 / classes, dtype=torch.float64)
    return -(p * p.log()).sum().item()


# %% right: a lambda with prints and a warning on the way
import warnings

uniform_loss = lambda classes: print("classes:", classes) or warnings.warn("no log of 0") or math.log(classes)


# %% right: an object that can be called
class UniformLoss:
    def __init__(self, base=math.e):
        self.base = base

    def __call__(self, classes):
        return math.log(classes, self.base)


uniform_loss = UniformLoss()


# %% wrong: not-attempted, the stub
def uniform_loss(classes: int) -> float:
    """The loss of a uniform guess."""
    ...  # your code here


# %% wrong: negative-loss, no minus before the logarithm
def uniform_loss(classes):
    p = 1 / classes
    return math.log(p)


# %% wrong: loss-in-bits, base 2
def uniform_loss(classes):
    return -math.log(1 / classes, 2)


# %% wrong: loss-in-base-ten, the calculator's log
def uniform_loss(classes):
    return float(-np.log10(1.0 / classes))


# %% wrong: always-27-classes, the number of the chapter
def uniform_loss(classes):
    return -torch.tensor(1 / 27.0).log()


# %% wrong: always-27-classes, the printed number of the chapter
def uniform_loss(classes):
    return 3.2958


# %% wrong: entropy-of-letters, the guess by frequency
def uniform_loss(classes):
    return 2.8226


# %% wrong: probability-of-guess, no logarithm at all
def uniform_loss(classes):
    p = torch.ones(classes) / classes
    return p[0].item()


# %% wrong: probability-of-missing, an error rate
def uniform_loss(classes):
    return (classes - 1) / classes


# %% wrong: perplexity, the exponential of the loss
def uniform_loss(classes):
    return math.exp(-math.log(1 / classes))


# %% wrong: one-class-left-out, the dot is not counted
def uniform_loss(classes):
    letters = classes - 1
    return -math.log(1 / letters)


# %% wrong: one-class-too-many, the dot is counted twice
def uniform_loss(classes):
    with_dot = classes + 1
    return math.log(with_dot)


# %% wrong: one-term-of-the-sum, minus p ln p
def uniform_loss(classes):
    p = 1 / classes
    return -p * math.log(p)


# %% wrong: summed-over-classes, every class pays
def uniform_loss(classes):
    loss = 0.0
    for _ in range(classes):
        loss += -math.log(1 / classes)
    return loss


# %% wrong: rounded, to four digits
def uniform_loss(classes):
    return float(f"{math.log(classes):.4f}")


# %% wrong: whole-number, an integer comes back
def uniform_loss(classes):
    return int(-math.log(1 / classes))


# %% wrong: softmax-taken-twice, probabilities handed to torch's cross-entropy
def uniform_loss(classes):
    p = torch.zeros(classes)
    p[0] = 1.0
    return torch.nn.functional.cross_entropy(p, torch.tensor(0)).item()


# %% wrong: no-loss, an untrained network has made no mistake yet
def uniform_loss(classes):
    loss = 0.0
    return loss


# %% wrong: text-of-loss, formatted for a print
def uniform_loss(classes):
    return "%.4f" % -math.log(1 / classes)


# %% wrong: returns-nothing, printed and not returned
def uniform_loss(classes):
    print(-math.log(1 / classes))


# %% wrong: outside-the-domain, whole-number division makes the probability zero
def uniform_loss(classes):
    return -math.log(1 // classes)


# %% wrong: undefined-name, the module is not imported under this name
def uniform_loss(classes):
    return -maths.log(1 / classes)


# %% wrong: wrong-signature, it takes no argument
def uniform_loss():
    return math.log(27)


# %% elsewhere
def prints(theirs):
    """The expected loss of the course's 27 characters, read off a print with four decimals."""
    return f"{theirs(27):.4f}" == "3.2958"


def allclose(theirs):
    """torch's cross-entropy of equal logits for 27 classes, with NumPy's default tolerance."""
    loss = torch.nn.functional.cross_entropy(torch.zeros(1, 27), torch.tensor([5])).item()
    return np.allclose(theirs(27), loss)
