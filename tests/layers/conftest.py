"""Keeps count of the comparisons with torch.nn, and prints the largest difference at the end of the run."""

from collections import Counter

import pytest
import torch

TOLERANCE = {
    torch.float32: 1e-5,
    torch.float64: 1e-12,
    torch.float16: 2 * torch.finfo(torch.float16).eps,
    torch.bfloat16: 2 * torch.finfo(torch.bfloat16).eps,
}
RECORD = pytest.StashKey()


class Agreement:
    """How many cases were drawn per layer and dtype, and the largest difference from torch.nn in any of them."""

    def __init__(self):
        self.cases = Counter()
        self.largest = {}

    def count(self, layer, dtype):
        self.cases[type(layer).__name__, dtype] += 1

    def compare(self, layer, what, ours, theirs, largest_term=0.0):
        """Assert that two tensors agree, relative to the largest magnitude where that is above 1.

        ``largest_term`` is the largest of the terms that were added up to make them, where these may cancel.
        """
        assert ours.shape == theirs.shape, what
        assert ours.dtype == theirs.dtype, what
        magnitude = max(1.0, theirs.abs().max().item(), largest_term)
        difference = (ours - theirs).abs().max().item() / magnitude
        dtype = ours.dtype
        if dtype in TOLERANCE:
            key = type(layer).__name__, dtype
            self.largest[key] = max(self.largest.get(key, 0.0), difference)
        assert difference <= TOLERANCE.get(dtype, 0), f"{what} of {layer} is off by {difference:.2g}"


@pytest.fixture(autouse=True)
def same_numbers_each_time():
    torch.manual_seed(0)


def pytest_configure(config):
    config.stash[RECORD] = Agreement()


@pytest.fixture(scope="session")
def agreement(request):
    return request.config.stash[RECORD]


def pytest_terminal_summary(terminalreporter, config):
    record = config.stash[RECORD]
    if not record.cases:
        return
    terminalreporter.section("agreement with torch.nn")
    terminalreporter.write_line(f"{'layer':<16}{'dtype':<10}{'cases':>6}  largest difference")
    for (layer, dtype), cases in sorted(record.cases.items(), key=str):
        difference = record.largest[layer, dtype]
        terminalreporter.write_line(f"{layer:<16}{str(dtype)[6:]:<10}{cases:>6}  {difference:.1e}")
    for dtype in TOLERANCE:
        cases = sum(n for (_, d), n in record.cases.items() if d == dtype)
        largest = max((v for (_, d), v in record.largest.items() if d == dtype), default=0.0)
        terminalreporter.write_line(f"{'all':<16}{str(dtype)[6:]:<10}{cases:>6}  {largest:.1e}")
