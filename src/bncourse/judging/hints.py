"""One wording for a mistake that several checks know.

A mistake with one of these names gets this hint, whichever check finds it. The others are told in the docstring of the
implementation that makes them.
"""

from __future__ import annotations

__all__ = ["SHARED_HINTS"]

SHARED_HINTS = {
    "affine-off-not-expected": "With affine=False a BatchNorm has no gamma and no beta: `weight` and `bias` are None. "
    "What your code does with gamma and beta has to allow for that.",
    "arguments-swapped": "The two arguments are in the other order: compare the signature with the assignment.",
    "beta-before-gamma": "beta is added first and scaled by gamma with the rest: look at the order.",
    "beta-missing": "The shift is lost: where does beta come in?",
    "beta-subtracted": "With a beta of 1, is the mean of the outputs 1? Look at the sign.",
    "bias-is-one-number": "The bias is one number for all units: each unit has its own.",
    "bias-not-added": "The bias is there, and the output does not contain it.",
    "bias-with-two-dimensions": "The bias has one dimension: one number per unit.",
    "cancelling-std": "Far from 0 two large numbers agree in nearly all digits, and float32 loses the "
    "rest: subtract the mean before you square.",
    "changes-its-input": "What is handed in belongs to the caller: work on a new tensor or array instead "
    "of writing into it.",
    "compares-mean-and-spread": "Two outputs can have the same mean and the same standard deviation and still "
    "differ in every entry.",
    "dimension-kept": "There is a dimension too many: one answer per unit has the shape (units,).",
    "divided-by-examples": "How many values does h hold? `len(h)` counts only along the first dimension.",
    "divides-by-variance": "The units do not fit: x and its standard deviation have the same unit, its "
    "variance has another. Is a root missing?",
    "eps-ignored": "eps can be given, and this code uses a fixed number, whatever is given.",
    "eps-missing": "What happens to a feature that hardly varies? eps is missing from the "
    "denominator, or is not the one that was given.",
    "eps-outside-root": "Where does eps stand, inside the root or outside of it? Look at the formula again.",
    "equal-weights": "The weights are all alike: then all units compute the same, and stay alike. What "
    "breaks the symmetry?",
    "exactly-one-only": "An activation of 0.99 counts too: compare with the threshold, and not with 1.",
    "exponentials-overflow": "$e^{1000}$ is infinite for a computer, and infinite divided by infinite is no "
    "number: is there a form of the formula in which no power grows?",
    "gamma-along-last-dimension": "torch aligns shapes from the right: gamma of shape (C,) meets the last dimension "
    "of x. Which shape aligns it with the channels?",
    "gamma-and-beta-swapped": "One of the two scales and the other shifts: which is which?",
    "gamma-missing": "The scale is lost: where does gamma come in?",
    "gamma-starts-at-zero": "An untouched layer only normalises: at which gamma does it?",
    "kept-dimension": "The numbers are right, and a dimension of length 1 is left: was `keepdim` needed?",
    "key-missing": "A key of the dict is missing, or is spelt otherwise than in the assignment.",
    "lr-missing": "The update is lr times the gradient, and the data stays as it is: where does lr belong?",
    "mean-not-subtracted": "The standard deviation is right, and the mean is not 0: what is subtracted in "
    "the numerator?",
    "mean-of-absolute-values": "The mean keeps the signs, and only the saturated share looks at |h|: compare "
    "first, then average.",
    "mean-of-ratios-per-unit": "One std for the whole parameter is wanted: this averages over its rows or columns.",
    "mean-without-gradient": "The gradient flows through the variance. Through what else does an input change "
    "the output?",
    "median-for-mean": "This is the middle one of the values. What is the mean?",
    "momentum-ignored": "momentum is an argument, and the layer uses a fixed one, whatever is given.",
    "multiplies-by-std": "The standard deviation stands on the other side of the fraction: it divides.",
    "natural-logarithm": "The logarithm of 0.001 to base 10 is −3: which base has yours?",
    "no-parameters": "An optimiser finds nothing to train: what is learned must be in `parameters()`, "
    "and require gradients.",
    "not-a-dictionary": "The numbers are to come back under names: build a dict with the keys of the assignment.",
    "not-differentiable": "The result has no gradient: somewhere the numbers left torch's graph, as with "
    "`.item()`, `float()`, `.detach()`, `.data`, `no_grad()`, NumPy or a new tensor "
    "made from old numbers.",
    "not-three-results": "Three results are to be returned, in the order that the assignment gives.",
    "one-gamma-for-all": "gamma and beta are single numbers here: each feature or channel has its own.",
    "one-pass-variance": "The mean of the squares less the square of the mean: far from 0 these are two "
    "large numbers that are nearly the same, and float32 loses their difference. "
    "Subtract the mean first.",
    "own-seed": "Every call draws the same numbers, because a seed is set inside: the choice of "
    "the seed is the caller's.",
    "parameters-missing": "An optimiser calls `layer.parameters()`, and this class has no such method: a "
    "plain class inherits none.",
    "parameters-without-gradient": "A parameter is used, and gets no gradient: `.data`, `.detach()` and `no_grad()` "
    "take it out of torch's graph, so it is never trained.",
    "precision-lost": "A float64 input came back with less precision: somewhere the numbers were converted.",
    "random-bias": "A random bias adds its variance to every output and gains nothing: at which value should it start?",
    "reduced-to-number": "Each entry of x has a gradient of its own, so dx has the shape of x: nothing is "
    "added up or averaged here.",
    "rounded": "The result has been rounded. Return all digits, and round only where you print.",
    "rounded-ratio": "Round when you print, and not before: what is left of a ratio of 0.001 with two decimals?",
    "square-compared": "The threshold is one for |h|: h² is smaller, so fewer values pass it.",
    "statistics-over-batch": "The examples are averaged together: each example has statistics of its own, or "
    "its output would change with the other examples in the batch.",
    "statistics-over-features": "Rows are examples and columns are features. The mean of a feature is over the "
    "examples: along which axis is that?",
    "statistics-without-gradient": "Each input changes the mean and the variance too, and the gradient must flow "
    "through both. Only running estimates stay outside of the graph.",
    "swapped": "Both results are right, and in the wrong order.",
    "tanh-applied-again": "What is in h came out of tanh already: what is the largest that could come out "
    "if it went through again?",
    "torch-default": "That is the distribution of `nn.Linear`, U(−1/√fan_in, 1/√fan_in): what is its variance?",
    "transposed-weight": "Rows and columns of the weight are exchanged: for which shape does `x @ weight` "
    "have one column per unit?",
    "unbiased-normaliser": "The variance that normalises the batch is that of the batch itself: which "
    "divisor makes the variance of the outputs exactly 1, n or n − 1? torch's `var` "
    "has another default than NumPy's.",
    "unbiased-std-plus-eps": "Two things at once: what does torch's `std` divide by, and is eps added to the variance "
    "or to its root?",
    "unbiased-variance": "The variance that normalises is that of these values themselves: which divisor "
    "makes the variance of the outputs exactly 1, n or n − 1? torch's `var` and `std` "
    "have another default than NumPy's.",
    "variance-for-std": "This is the variance: the standard deviation is its root.",
    "variance-without-gradient": "The gradient flows through the mean. Through what else does an input change the "
    "output?",
    "weights-of-size-one": "The weights are N(0, 1): the standard deviation of a sum of fan_in terms is "
    "√fan_in times as large.",
    "zero-weights": "The weights start at 0: then all units compute the same, and no gradient passes "
    "to the layer below. What breaks the symmetry?",
}
"""By the name of the mistake."""
