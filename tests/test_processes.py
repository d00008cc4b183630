"""Functions that run in several processes at once and add up their tensors."""

from datetime import timedelta

import pytest
import torch
from torch import distributed, nn

from bncourse.processes import run_together


def test_each_process_is_called_once_with_its_number_and_they_add_up():
    def function(rank, weight):
        x = torch.tensor([float(rank + 1), weight])
        distributed.all_reduce(x)
        return rank, distributed.get_world_size(), x

    for _ in range(2):  # the processes are kept, the group is not
        found = run_together(function, 10.0)
        assert [(rank, size) for rank, size, _ in found] == [(0, 2), (1, 2)]
        assert all(x.tolist() == [3.0, 20.0] for *_, x in found)


def test_gradients_are_averaged_for_a_class_that_is_defined_on_the_spot():
    class Twice(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    def function(rank, inputs):
        torch.manual_seed(0)
        model = nn.parallel.DistributedDataParallel(Twice(3, 1))
        model(inputs[rank]).mean().backward()
        return [parameter.grad for parameter in model.parameters()]

    inputs = torch.arange(12.0).reshape(2, 2, 3)
    for weight, bias in run_together(function, inputs):
        torch.testing.assert_close(weight[0], 2 * inputs.mean((0, 1)))
        torch.testing.assert_close(bias, torch.tensor([2.0]))


def test_an_error_in_a_process_is_raised_here():
    def function(rank):
        if rank == 1:
            raise ValueError("process 1 has no data")

    with pytest.raises(ValueError, match=r"^process 1 has no data$"):
        run_together(function)
    assert run_together(lambda rank: rank, processes=1) == [0]


def test_a_process_that_waits_in_vain_gives_up():
    def function(rank):
        if rank == 0:
            distributed.all_reduce(torch.ones(1))

    with pytest.raises(RuntimeError):
        run_together(function, timeout=timedelta(seconds=2))


@pytest.mark.parametrize(("processes", "error"), [(0, ValueError), (1.5, TypeError)])
def test_the_number_of_processes_is_checked(processes, error):
    with pytest.raises(error, match=r"^processes is "):
        run_together(print, processes=processes)
