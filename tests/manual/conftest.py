"""Counts the cases in which a NumPy layer was laid beside autograd, and says so at the end of the run."""

import numpy as np
import pytest
import torch

TOLERANCE = 1e-10
cases: list[float] = []


@pytest.fixture
def agree():
    """``agree({name: (array, tensor), …})``: one case; every array must be its tensor to 1e-10."""

    def compare(pairs):
        differences = {}
        for name, (ours, reference) in pairs.items():
            reference = np.asarray(reference.detach())
            assert np.shape(ours) == reference.shape, name
            differences[name] = np.max(np.abs(ours - reference), initial=0.0)
        assert all(difference <= TOLERANCE for difference in differences.values()), differences
        cases.append(max(differences.values()))

    return compare


@pytest.fixture(autouse=True)
def one_torch_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pytest_terminal_summary(terminalreporter):
    if cases:
        terminalreporter.write_line(
            f"NumPy layers beside torch autograd, float64: {len(cases)} cases, largest difference {max(cases):.1e}"
        )
