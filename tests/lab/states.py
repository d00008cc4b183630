"""States drawn at random, of every kind that the laboratory has."""

import random
from typing import Any

from bncourse.lab.state import settings_list

SMALL = 2**31


def draw_settings(rng: random.Random, *, precision: str = "float32") -> dict[str, Any]:
    """Settings of one network: every kind of network, initialisation, BatchNorm, batch, and rates that differ."""
    choices = {s["name"]: list(s["choices"]) for s in settings_list() if s["kind"] == "choice"}
    net = rng.choice(choices["net"])
    deep = net == "deep"
    depth = rng.choice([1, 2, 2, 3, 3, 4, 5, 5, 6, 8, 12, 20]) if deep else 5
    bn = rng.choice(choices["bn"])
    batches = [8, 17, 32, 32, 64, 128]
    # With 2 or 3 examples a BatchNorm divides by differences that are nearly 0: torch parts from its own twin at once.
    if bn == "off":
        batches = [1, 2, 3, *batches]
    settings = {
        "net": net,
        "depth": depth,
        "width": rng.choice([1, 2, 7, 15, 16, 17, 27, 30, 50, 64, 100])
        if deep
        else rng.choice([1, 5, 10, 16, 50, 200]),
        "act": rng.choice(choices["act"]),
        "residual": rng.random() < 0.5,
        "init": rng.choice(choices["init"]),
        "gain": round(rng.uniform(0.2, 3), 3),
        "constant": round(rng.uniform(-0.3, 0.3), 3),
        "gains": [[rng.randint(1, depth), round(rng.uniform(0.1, 3), 2)]] if rng.random() < 0.2 else [],
        "bn": bn,
        "eps": rng.choice([1e-5, 1e-5, 1e-3, 1e-2]),
        "momentum": rng.choice([0.1, 0.001, 1.0, 0.5]),
        "variance": rng.choice(choices["variance"]),
        "bias": rng.random() < 0.5,
        "dev": rng.choice(choices["dev"]),
        "lr": rng.choice([0.001, 0.01, 0.05, 0.1, 0.1, 0.1, 0.2, 0.5]),
        "rates": [[rng.randint(1, 40), 0.02]] if rng.random() < 0.2 else [],
        "decay": rng.random() < 0.3,
        "batch": rng.choice(batches),
        "seed": rng.choice([rng.randrange(SMALL), rng.randrange(2**32), 2147483647, 0]),
        "precision": precision,
        "steps": 50,
    }
    return settings
