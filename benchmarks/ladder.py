"""The loss ladder by a plain autograd loop and by ``train_ladder``, side by side on this machine.

    python benchmarks/ladder.py            # speed and memory, a minute or two
    python benchmarks/ladder.py --full     # and the losses after 200,000 steps of both ways, ten minutes

Speeds are in run-steps per second: one step of one run counts one. The two ways take turns, and each figure is the
median over the repetitions. Leave the machine alone meanwhile: the clock counts what other programs take.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

# One thread each, as for every small network: set before NumPy and torch load their libraries.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import torch
from torch.nn.functional import cross_entropy

from bncourse.manual.pool import available_cores
from bncourse.manual.training import LECTURE_SEED, RUNGS, train_ladder
from bncourse.names import load_splits

# VmHWM, the most memory that a process ever had; getrusage would count that of the process which started it.
MEMORY_SCRIPT = """
import re, sys
sys.path.insert(0, {here!r})
from ladder import EagerRun, train_ladder
{call}
print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


class EagerRun:
    """One run by autograd, as one writes it in a notebook; BatchNorm as in the makemore lecture."""

    def __init__(self, rung, seed=LECTURE_SEED):
        splits = load_splits()
        self.train_pairs, self.dev_pairs = splits.train, splits.dev
        self.norm = rung == "batchnorm"
        self.g = torch.Generator().manual_seed(seed)
        self.C = torch.randn((27, 10), generator=self.g)
        self.W1 = torch.randn((30, 200), generator=self.g)
        self.b1 = torch.randn(200, generator=self.g)
        self.W2 = torch.randn((200, 27), generator=self.g)
        self.b2 = torch.randn(27, generator=self.g)
        if rung != "bad":
            self.W2 *= 0.01
            self.b2 *= 0
        if rung == "fixed-tanh":
            self.W1 *= 0.2
            self.b1 *= 0.01
        if rung in ("kaiming", "batchnorm"):
            self.W1 *= (5 / 3) / 30**0.5
            self.b1 *= 0.01
        self.parameters = [self.C, self.W1, self.W2, self.b2]
        if self.norm:
            self.gamma, self.beta = torch.ones(200), torch.zeros(200)
            self.running_mean, self.running_std = torch.zeros(200), torch.ones(200)
            self.parameters += [self.gamma, self.beta]
        else:
            self.parameters.append(self.b1)
        for parameter in self.parameters:
            parameter.requires_grad = True

    def pre_activations(self, contexts):
        """Embed, and multiply with the hidden weights."""
        return self.C[contexts].view(len(contexts), -1) @ self.W1

    def loss(self, pre, targets, mean=None, std=None):
        """Cross-entropy, from the hidden layer's weighted sums on."""
        if self.norm:
            pre = self.gamma * (pre - mean) / std + self.beta
        else:
            pre = pre + self.b1
        return cross_entropy(torch.tanh(pre) @ self.W2 + self.b2, targets)

    def train(self, steps):
        """Take ``steps`` steps, the second half at a tenth of the learning rate."""
        contexts, targets = self.train_pairs
        for step in range(steps):
            batch = torch.randint(0, len(targets), (32,), generator=self.g)
            pre = self.pre_activations(contexts[batch])
            mean = std = None
            if self.norm:
                mean, std = pre.mean(0), pre.std(0)
                with torch.no_grad():
                    self.running_mean = 0.999 * self.running_mean + 0.001 * mean
                    self.running_std = 0.999 * self.running_std + 0.001 * std
            loss = self.loss(pre, targets[batch], mean, std)
            for parameter in self.parameters:
                parameter.grad = None
            loss.backward()
            lr = 0.1 if step < steps // 2 else 0.01
            for parameter in self.parameters:
                parameter.data -= lr * parameter.grad
        return self

    @torch.no_grad()
    def dev_losses(self):
        """With BatchNorm: from calibrated and from running statistics. Without: one loss."""
        pre, targets = self.pre_activations(self.dev_pairs.contexts), self.dev_pairs.targets
        if not self.norm:
            return [self.loss(pre, targets).item()]
        over_training = self.pre_activations(self.train_pairs.contexts)
        both = (over_training.mean(0), over_training.std(0)), (self.running_mean, self.running_std)
        return [self.loss(pre, targets, *statistics).item() for statistics in both]


def timed(call, clock=time.perf_counter):
    """Seconds that ``call()`` took, and what it returned."""
    start = clock()
    result = call()
    return clock() - start, result


def speed(repeats, seeds, workers, eager_steps, steps, ladder_steps):
    """Print run-steps/s of both ways, per rung and for the whole ladder."""
    data = load_splits()
    eager_per_core, fast_per_core = {rung: [] for rung in RUNGS}, {rung: [] for rung in RUNGS}
    eager, fast = [], []
    for _ in range(repeats):
        eager_seconds = 0.0
        for rung in RUNGS:
            run = EagerRun(rung).train(50)
            start = time.perf_counter()
            cpu_seconds, _ = timed(lambda run=run: run.train(eager_steps), time.process_time)
            eager_seconds += time.perf_counter() - start
            eager_per_core[rung].append(eager_steps / cpu_seconds)
            cpu_seconds, _ = timed(
                lambda rung=rung: train_ladder(rung, range(seeds), steps, data=data, workers=1, progress=False),
                time.process_time,
            )
            fast_per_core[rung].append(seeds * steps / cpu_seconds)
        eager.append(len(RUNGS) * eager_steps / eager_seconds)
        seconds, runs = timed(
            lambda: train_ladder(seeds=range(seeds), steps=ladder_steps, data=data, workers=workers, progress=False)
        )
        fast.append(len(runs) * ladder_steps / seconds)

    print(f"Run-steps/s; {seeds} seeds of every rung; median of {repeats} repetitions\n")
    print(f"{'per core':24}{'autograd':>12}{'train_ladder':>14}{'ratio':>8}")
    for rung in RUNGS:
        row(rung, eager_per_core[rung], fast_per_core[rung])
    print("(by processor time, which other work on the machine hardly changes)")
    print(f"\nwhole ladder, {ladder_steps:,} steps")
    row(f"1 core, {workers} workers", eager, fast)
    print("(by the clock; train_ladder with starting its processes and evaluating, autograd without)")


def row(name, eager, fast):
    """Print one line of the table from the figures of all repetitions."""
    eager, fast = statistics.median(eager), statistics.median(fast)
    print(f"{name:24}{eager:12,.0f}{fast:14,.0f}{fast / eager:8.1f}")


def memory(few, many):
    """Print the peak memory of one process after few and after many steps."""
    print("\nPeak memory of one process in MiB; importing torch and loading the data is most of it")
    print(f"{'':24}{few:>12,}{many:>14,} steps")
    calls = {
        "autograd": "EagerRun('batchnorm').train({steps})",
        "train_ladder, 1 run": "train_ladder(['batchnorm'], [1], {steps}, workers=1, progress=False)",
        "train_ladder, 8 runs": "train_ladder(['batchnorm'], range(8), {steps}, workers=1, progress=False)",
    }
    for name, call in calls.items():
        peaks = [peak_memory(call.format(steps=steps)) for steps in (few, many)]
        print(f"{name:24}{peaks[0]:12,.0f}{peaks[1]:14,.0f}")


def peak_memory(call):
    """MiB that a process of its own needs for ``call``."""
    script = MEMORY_SCRIPT.format(here=os.path.dirname(os.path.abspath(__file__)), call=call)
    kibibytes = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    return int(kibibytes) / 1024


def full(steps, workers):
    """Print the dev losses of both ways from the lecture's seed, and how long each took."""
    print(f"\nDev loss after {steps:,} steps from seed {LECTURE_SEED}, BatchNorm as the lecture has it")
    fast_seconds, runs = timed(lambda: train_ladder(steps=steps, normaliser="lecture", workers=workers, progress=False))
    eager_seconds = 0.0
    print(f"{'':24}{'autograd':>12}{'train_ladder':>14}{'difference':>12}")
    for run in runs:
        seconds, eager = timed(lambda run=run: EagerRun(run.rung).train(steps).dev_losses())
        eager_seconds += seconds
        names = (run.rung, "  running statistics")
        for name, theirs, ours in zip(names, eager, (run.dev_loss, run.running_dev_loss), strict=False):
            print(f"{name:24}{theirs:12.4f}{ours:14.4f}{ours - theirs:12.4f}", flush=True)
    print(f"autograd took {eager_seconds:.0f} s, train_ladder {fast_seconds:.0f} s on {workers} workers")


def main():
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="alternating repetitions (3)")
    parser.add_argument("--seeds", type=int, default=8, help="seeds of every rung that train_ladder trains (8)")
    parser.add_argument("--eager-steps", type=int, default=2_000, help="steps of each autograd run (2,000)")
    parser.add_argument("--steps", type=int, default=5_000, help="steps of train_ladder on one core (5,000)")
    parser.add_argument("--ladder-steps", type=int, default=20_000, help="and on all cores (20,000)")
    parser.add_argument("--workers", type=int, default=available_cores(), help="processes (one per core)")
    parser.add_argument("--full", action="store_true", help="also compare the losses after 200,000 steps")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    speed(
        arguments.repeats,
        arguments.seeds,
        arguments.workers,
        arguments.eager_steps,
        arguments.steps,
        arguments.ladder_steps,
    )
    memory(2_000, 20_000)
    if arguments.full:
        full(200_000, arguments.workers)


if __name__ == "__main__":
    main()
