"""The deep network after its 1001st update, in numbers: ``python benchmarks/vital_signs.py``.

Five tanh layers of 100 with BatchNorm, as a published lecture trains them: generator seed 2147483647, batch 32,
learning rate 0.1, normalised with the unbiased batch variance (``--biased`` uses torch's instead). Prints, per tanh
layer, the activations' mean, std and share beyond 0.97 and the std of their gradients; and per weight the grad:data
ratio.
"""

from __future__ import annotations

import argparse

import torch

from bncourse.diagnostics import activation_statistics, grad_to_data, gradient_statistics, run_backward, weights
from bncourse.models import deep_mlp
from bncourse.names import load_splits
from bncourse.training import train

SEED, UPDATES, LR = 2147483647, 1001, 0.1


def main() -> None:
    """Train, stop after the 1001st update, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gain", type=float, default=1.0, help="gain of the hidden weights (default: 1)")
    parser.add_argument("--biased", action="store_true", help="normalise with the biased variance, as torch does")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    data = load_splits().train
    generator = torch.Generator().manual_seed(SEED)
    model = deep_mlp(gain=arguments.gain, unbiased_batch_variance=not arguments.biased, generator=generator)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, gain {arguments.gain:g}")
    train(model, data, UPDATES - 1, LR, generator=generator)
    # The last step by hand, so that the gradients of the layers' outputs are kept.
    batch = torch.randint(0, len(data.targets), (32,), generator=generator)
    loss = run_backward(model, data.contexts[batch], data.targets[batch])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= LR * parameter.grad
    print(f"loss of the last step {loss:.4f}\n")
    print(f"{'layer':8} {'mean':>8} {'std':>7} {'|h|>0.97':>9} {'std of gradient':>16}")
    for layer, gradient in zip(activation_statistics(model), gradient_statistics(model), strict=True):
        print(f"{layer.name:8} {layer.mean:+8.4f} {layer.std:7.4f} {layer.saturated:9.2%} {gradient.std:16.6e}")
    print(f"\n{'weight':12} {'shape':>12} {'std of gradient':>16} {'grad:data':>13}")
    for name, weight in weights(model):
        shape = "x".join(map(str, weight.shape))
        print(f"{name:12} {shape:>12} {weight.grad.std().item():16.6e} {grad_to_data(weight):13.6e}")


if __name__ == "__main__":
    main()
