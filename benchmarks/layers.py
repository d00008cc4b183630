"""Time of a forward and backward pass of the BatchNorms, and its ratio to torch.nn's.

    OMP_NUM_THREADS=2 python benchmarks/layers.py

The two take turns, and the shortest of 40 passes counts, so that other work on the machine disturbs little.

Most of the time goes into reading and writing tensors of the size of the input, so what counts is how often that
happens. autograd goes back through each operation of the formula in turn, with a new tensor for most of them: for
images that took 2.4 to 2.6 times torch's time, 2.2 at best of what was tried (the correction of the mean left out,
``addcmul``), and more with ``var_mean``, ``vector_norm`` or ``einsum``. With the backward pass of chapter 7
(``layers/normalise.py``), where sums are taken first and the rest is in place, it takes 1.5 to 2.0 times torch's time.
"""

import time

import torch
from torch import nn

from bncourse.layers import BatchNorm1d, BatchNorm2d, BatchNorm3d

CASES = [
    (BatchNorm1d(100), nn.BatchNorm1d(100), (32, 100)),
    (BatchNorm2d(64), nn.BatchNorm2d(64), (64, 64, 32, 32)),
    (BatchNorm3d(64), nn.BatchNorm3d(64), (16, 64, 4, 32, 32)),
]


def seconds(layer, x, upstream):
    """Time of one forward and backward pass."""
    x = x.detach().requires_grad_()
    start = time.perf_counter()
    layer(x).backward(upstream)
    return time.perf_counter() - start


def main(repeats=40):
    """Print one line per case."""
    print(f"{torch.get_num_threads()} threads, float32, forward and backward")
    for ours, theirs, shape in CASES:
        x, upstream = torch.randn(shape), torch.randn(shape)
        times = [(seconds(ours, x, upstream), seconds(theirs, x, upstream)) for _ in range(repeats)]
        mine, yours = (1000 * min(column) for column in zip(*times, strict=True))
        name = f"{type(ours).__name__} {shape}"
        print(f"{name:<40} {mine:8.2f} ms   torch.nn {yours:8.2f} ms   ratio {mine / yours:.1f}")


if __name__ == "__main__":
    main()
