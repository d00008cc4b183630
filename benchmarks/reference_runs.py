"""The published runs of the loss ladder, run again by autograd: ``python benchmarks/reference_runs.py``.

Prints, for each rung, the first loss and the train and dev losses after 200,000 steps beside the figures of the same
run that were measured before with a plain loop. It takes some minutes; ``--steps`` runs fewer, for a look.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor

import torch

from bncourse.models import char_mlp
from bncourse.names import load_splits
from bncourse.training import calibrate, evaluate, train, two_rates

SEED = 2147483647

# scheme, unbiased batch variance?, calibrated?, then the figures measured before: first loss, train, dev.
MEASURED = [
    ("bad", False, False, 27.88, 2.1276, 2.1702),
    ("fixed-output", False, False, 3.3221, 2.0696, 2.1311),
    ("fixed-tanh", False, False, 3.3135, 2.0356, 2.1027),
    ("kaiming", False, False, 3.3179, 2.0377, 2.1070),
    ("batchnorm", True, True, 3.3147, 2.0668, 2.1049),
    ("batchnorm", True, False, 3.3147, 2.0666, 2.1051),
    ("batchnorm", False, True, 3.3147, 2.0668, 2.1049),
    ("batchnorm", False, False, 3.3147, 2.0666, 2.1051),
]


def run(scheme: str, unbiased: bool, steps: int) -> dict[bool, tuple[float, float, float, float]]:
    """Train once; for each way to evaluate (calibrated or not): first, train and dev loss, and steps per second."""
    torch.set_num_threads(1)
    splits = load_splits()
    generator = torch.Generator().manual_seed(SEED)
    model = char_mlp(scheme, unbiased_batch_variance=unbiased, generator=generator)
    start = time.perf_counter()
    history = train(model, splits.train, steps, two_rates(steps), generator=generator, progress=False)
    speed = steps / (time.perf_counter() - start)
    results = {}
    for calibrated in (False, True) if scheme == "batchnorm" else (False,):
        if calibrated:
            calibrate(model, splits.train)
        results[calibrated] = (history.losses[0], evaluate(model, splits.train), evaluate(model, splits.dev), speed)
    return results


def main() -> None:
    """Run every rung, two at a time, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200_000, help="updates per run (the figures are for 200,000)")
    steps = parser.parse_args().steps
    runs = dict.fromkeys((scheme, unbiased) for scheme, unbiased, *_ in MEASURED)
    with ProcessPoolExecutor(2) as pool:
        futures = {key: pool.submit(run, *key, steps) for key in sorted(runs, reverse=True)}
        results = {key: future.result() for key, future in futures.items()}
    print(f"{steps:,} steps, seed {SEED}; 'before' is the run measured with a plain loop")
    measures = ["first loss", "before", "train", "before", "dev", "before", "dev - before", "steps/s"]
    print(f"| {' | '.join(['scheme', 'normaliser', 'statistics', *measures])} |")
    print(f"| {' | '.join(['---'] * 3 + ['--:'] * len(measures))} |")
    for scheme, unbiased, calibrated, first, train_loss, dev_loss in MEASURED:
        found = results[scheme, unbiased][calibrated]
        normaliser = (
            {True: "unbiased (lecture's)", False: "biased (torch's)"}[unbiased] if scheme == "batchnorm" else ""
        )
        statistics = {True: "calibrated", False: "running"}[calibrated] if scheme == "batchnorm" else ""
        print(
            f"| {scheme} | {normaliser} | {statistics} | {found[0]:.4f} | {first} | {found[1]:.4f} | {train_loss:.4f} "
            f"| {found[2]:.4f} | {dev_loss:.4f} | {found[2] - dev_loss:+.4f} | {found[3]:,.0f} |"
        )


if __name__ == "__main__":
    main()
