"""``train_ladder``: the loss ladder without autograd, several seeds at once, on all cores."""

from __future__ import annotations

import hashlib
import json
import operator
import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bncourse.arguments import check_choice, check_positive, check_size
from bncourse.manual.ladder import RUNGS, LadderRun, Pairs, Run, Settings
from bncourse.manual.lanes import CLASSES, CONTEXT
from bncourse.manual.pool import available_cores, train_runs
from bncourse.names import load_splits

__all__ = ["RUNGS", "LadderRun", "train_ladder"]

LECTURE_SEED = 2147483647
NORMALISERS = ("torch", "lecture")
DTYPES = ("float32", "float64")
# Part of every file name: raise it when a change of the arithmetic changes results by more than rounding.
ARITHMETIC = 1


def train_ladder(
    rungs: Iterable[str] = RUNGS,
    seeds: Iterable[int] = (LECTURE_SEED,),
    steps: int = 200_000,
    *,
    lr: float = 0.1,
    normaliser: str = "torch",
    dtype: str = "float32",
    data: Any = None,
    workers: int | None = None,
    folder: str | Path | None = None,
    progress: bool = True,
) -> list[LadderRun]:
    """Train every rung of the loss ladder from every seed, with hand-written backward passes.

    The network: three characters, each embedded in 10 numbers; 200 tanh units; 27 classes. ``steps`` updates of SGD on
    minibatches of 32, with the learning rate ``lr``, and ``lr / 10`` from step ``steps // 2`` on. All random numbers
    come from ``torch.Generator().manual_seed(seed)``: first C, W1, b1, W2, b2, then one
    ``torch.randint(0, N, (32,))`` a step, so that a run can be compared with an autograd run of the same seed. The two
    then differ by rounding, which training magnifies: hardly in rungs 2 to 6; in rung 1, whose large logits amplify
    rounding, a change of one number in the seventh digit moves the dev loss after 200,000 steps
    by up to 0.005.

    Runs of several seeds and rungs advance together in batched matrix products, and are distributed over ``workers``
    processes. In a script, call it under ``if __name__ == "__main__":``, as everything that starts processes.

    Arguments:
        rungs: one or some of ``'bad'``, ``'fixed-output'``, ``'fixed-tanh'``, ``'kaiming'``, ``'batchnorm'``. The last
            is one training that gives rungs 5 and 6: evaluated with calibrated and with running statistics.
        seeds: whole numbers from 0 to 2**63 − 1.
        steps: number of updates, at least 1.
        lr: learning rate of the first half, positive.
        normaliser: ``'torch'``: BatchNorm as ``torch.nn.BatchNorm1d(200, momentum=0.001)``; ``'lecture'``: as the
            makemore lecture's code, with the unbiased standard deviation, no eps, and a running standard deviation.
        dtype: ``'float32'``, or ``'float64'`` to compare with autograd to the last digits.
        data: an object with ``.train`` and ``.dev``, each (contexts (N, 3), targets (N,)) as tensors or arrays;
            ``None`` loads ``bncourse.names.load_splits()``.
        workers: processes to use; ``None`` for one per core; 1 trains in this process and starts none.
        folder: where finished runs are kept. A later call, also after a crash, reads those that it asks for and trains
            the rest: only unfinished runs are lost. A run's file name contains everything that its result depends on.
        progress: show a bar. The built book never shows it.

    Returns:
        One :class:`LadderRun` per rung and seed: all seeds of the first rung, then all seeds of the second, and so on.

    Raises:
        TypeError, ValueError: an argument is wrong; nothing has been trained then.
        RuntimeError: a worker process died. Runs finished before are in ``folder``.
        KeyboardInterrupt: at Ctrl-C, when all workers have ended. Runs finished before are in ``folder``.
    """
    rungs, seeds = check_rungs(rungs), check_seeds(seeds)
    settings = Settings(check_size("steps", steps), check_positive("lr", lr), normaliser, dtype)
    check_choice("normaliser", normaliser, NORMALISERS)
    check_choice("dtype", dtype, DTYPES)
    workers = available_cores() if workers is None else check_size("workers", workers)
    data = load_splits() if data is None else data
    train, dev = as_pairs("train", data), as_pairs("dev", data)

    runs = [Run(rung, seed) for rung in rungs for seed in seeds]
    store = Store(folder, settings, (train, dev))
    results = {run: result for run in runs if (result := store.load(run)) is not None}
    pending = [run for run in runs if run not in results]
    with closing(train_runs(pending, settings, train, dev, workers=workers, progress=progress)) as training:
        for result in training:
            store.save(result)
            results[Run(result.rung, result.seed)] = result
    return [results[run] for run in runs]


class Store:
    """Finished runs as JSON files of a folder; without a folder, nothing is kept."""

    def __init__(self, folder: str | Path | None, settings: Settings, data: Sequence[Pairs]) -> None:
        self.folder = None if folder is None else Path(folder)
        self.key = ""
        if self.folder is None:
            return
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"folder is '{folder}', which is a file; it must be a folder or a path for a new one")
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(json.dumps([ARITHMETIC, asdict(settings)]).encode())
        for part in data:
            for array in part:
                digest.update(array.tobytes())
        self.key = digest.hexdigest()[:16]

    def path(self, run: Run) -> Path:
        """File of a run: its rung, its seed, and a digest of the settings, the data and the arithmetic."""
        assert self.folder is not None  # else nothing is kept
        return self.folder / f"{run.rung}-{run.seed}-{self.key}.json"

    def load(self, run: Run) -> LadderRun | None:
        """Result of a run that an earlier call finished, or ``None``."""
        if self.folder is None or not self.path(run).exists():
            return None
        try:
            return LadderRun(**json.loads(self.path(run).read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"'{self.path(run)}' is not the file of a finished run; delete it to train that run again"
            ) from error

    def save(self, result: LadderRun) -> None:
        """Write a result atomically: its file is complete, or it does not exist."""
        if self.folder is None:
            return
        path = self.path(Run(result.rung, result.seed))
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
        os.replace(unfinished, path)


def check_rungs(rungs: Iterable[str]) -> list[str]:
    """Return the rungs as a list of at least one, each of them known, and none twice."""
    if not isinstance(rungs, Iterable):
        raise TypeError(f"rungs is {rungs!r}; it must be a list of names, such as ['kaiming', 'batchnorm']")
    rungs = [rungs] if isinstance(rungs, str) else list(rungs)
    for rung in rungs:
        check_choice("a rung", rung, RUNGS)
    if not rungs or len(set(rungs)) < len(rungs):
        raise ValueError(f"rungs is {rungs!r}; it must name at least one rung, and none twice")
    return rungs


def check_seeds(seeds: Iterable[int]) -> list[int]:
    """Return the seeds as a list of at least one whole number, and none twice."""
    if isinstance(seeds, str) or not isinstance(seeds, Iterable):
        raise TypeError(f"seeds is {seeds!r}; it must be a list of whole numbers, such as [1, 2, 3]")
    given = list(seeds)
    if not all(hasattr(seed, "__index__") and not isinstance(seed, bool) for seed in given):
        raise TypeError(f"seeds is {given!r}; it must be a list of whole numbers, such as [1, 2, 3]")
    seeds = [operator.index(seed) for seed in given]
    if not seeds or len(set(seeds)) < len(seeds) or not all(0 <= seed < 2**63 for seed in seeds):
        raise ValueError(f"seeds is {seeds!r}; it must have at least one, each from 0 to 2**63 - 1 and none twice")
    return seeds


def as_pairs(part: str, data: Any) -> Pairs:
    """Contexts and targets of ``data.train`` or ``data.dev``, as small integers, cheap to send to the workers."""
    try:
        contexts, targets = (np.asarray(array) for array in getattr(data, part))
    except (AttributeError, TypeError, ValueError) as error:
        raise TypeError(
            f"data is of type {type(data).__name__!r}, whose .{part} is not a pair of arrays (contexts, targets); "
            "it must be like what bncourse.names.load_splits() returns"
        ) from error
    if contexts.shape != (len(targets), CONTEXT) or targets.ndim != 1 or len(targets) == 0:
        raise ValueError(
            f"data.{part} has contexts of shape {contexts.shape} and targets of shape {targets.shape}; "
            f"it must have (N, {CONTEXT}) and (N,) with N of at least 1"
        )
    for array in (contexts, targets):
        if array.dtype.kind not in "iu":
            raise TypeError(f"data.{part} has numbers of {array.dtype}; it must have whole numbers")
        if array.min() < 0 or array.max() >= CLASSES:
            raise ValueError(
                f"data.{part} has indices from {array.min()} to {array.max()}; they must be from 0 to {CLASSES - 1}"
            )
    return Pairs(contexts.astype(np.uint8), targets.astype(np.uint8))
