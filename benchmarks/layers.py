"""Time of a forward and backward pass of the BatchNorms, and its ratio to torch.nn's.

    OMP_NUM_THREADS=2 python benchmarks/layers.py

The two take turns, and the shortest of 40 passes counts, so that other work on the machine disturbs little.

A layer whose ``forward`` is the formula, and whose backward pass is autograd's, stayed above twice torch's time for
images. Most of the difference is in the backward pass (27 of 48 ms; torch takes 18 ms in all), where autograd reads and
writes whole tensors for a sum, a difference, a square, a product and a sum in turn. On one thread, in processor time,
(64, 64, 32, 32) took 2.6 times torch's time as it is, 2.3 without the second, correcting mean, 2.2 with ``addcmul``
besides, 3.7 to 4.2 with ``var_mean``, 2.5 with ``vector_norm``, and 8 to 10 with ``einsum``; from run to run these
ratios move by a fifth. Of what was tried only a backward pass written by hand stayed below 2 (1.6 for images, 1.8 for
video), and it would hide the formula.
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
