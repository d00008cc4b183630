"""Which networks of fifty layers learn: dev losses at each one's best learning rate, over several seeds.

    python benchmarks/depth.py              # 300 steps, 3 seeds, 4 learning rates: a quarter of an hour on one core
    python benchmarks/depth.py --steps 80   # as long as the runs of chapter 9

The networks are those of chapter 9, read from its notebook, so that both speak of the same.
"""

from __future__ import annotations

import argparse
import math
import statistics
from pathlib import Path
from typing import Any

import nbformat
import torch
from tqdm import tqdm

from bncourse.tables import table
from bncourse.training import evaluate, train

CHAPTER = Path(__file__).parents[1] / "chapters" / "09-fifty-layers.ipynb"

CELLS = ("imports", "residual-block", "last-norm-block", "contestants", "contest")


def chapter() -> dict[str, Any]:
    """Return the names that the chapter's cells define."""
    cells = {cell.id: cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells}
    names: dict[str, Any] = {}
    for cell in CELLS:
        exec(compile(cells[cell], f"<cell {cell}>", "exec"), names)
    return names


def dev_loss(names: dict[str, Any], block: str, lr: float, seed: int, steps: int) -> float:
    """Train one network and return its loss on the dev split, in nats."""
    torch.manual_seed(seed)
    model = names["network"](names["BLOCKS"][block])
    generator = torch.Generator().manual_seed(seed)
    splits = names["splits"]
    try:
        train(model, splits.train, steps, lr, generator=generator, progress=False)
    except FloatingPointError:
        return math.inf
    return evaluate(model, splits.dev)


def main() -> None:
    """Print the mean dev loss of each network at each learning rate, and each one's best."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300, help="(%(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--rates", type=float, nargs="+", default=[0.01, 0.03, 0.1, 0.3])
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = chapter()
    rows = []
    with tqdm(total=len(names["BLOCKS"]) * len(options.rates) * options.seeds, unit="run") as bar:
        for block in names["BLOCKS"]:
            means, spread = [], []
            for lr in options.rates:
                found = []
                for seed in range(options.seeds):
                    found.append(dev_loss(names, block, lr, seed, options.steps))
                    bar.update()
                means.append(statistics.mean(found))
                spread.append(max(found) - min(found))
            best = min(range(len(means)), key=means.__getitem__)
            rows.append((block, *means, options.rates[best], means[best], spread[best]))
            bar.write(f"{block}: {means[best]:.3f} at lr {options.rates[best]:g}, spread {spread[best]:.3f}")
    headers = ["50 layers", *(f"lr {lr:g}" for lr in options.rates), "best lr", "dev loss there", "largest − smallest"]
    print(table(headers, rows, ["", *[".3f"] * len(options.rates), "g", ".3f", ".3f"]))


if __name__ == "__main__":
    main()
