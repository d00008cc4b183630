"""What is counted of a submission's processes, and the queue that hands submissions to workers."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial

import pytest
from dying import die_of_three

from bncourse.grading.family import Family
from bncourse.grading.judging import was_held_up
from bncourse.grading.limits import Limits
from bncourse.grading.sandbox import Fault, Run, free_slot, on_one_core
from bncourse.grading.workers import map_unordered

MIB = 1 << 20


@pytest.fixture
def start():
    """Starts Python code in a process of its own; it has begun when it has written a line."""
    started = []

    def begin(code: str) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
        started.append(process)
        process.stdout.readline()
        return process

    yield begin
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def test_memory_that_processes_share_is_counted_once(start):
    process = start(
        f"import os, time; kept = b'x' * {200 * MIB}\n"
        "for _ in range(4): os.fork() or time.sleep(60)\n"
        "print(flush=True); time.sleep(60)"
    )
    family = Family(process.pid)
    family.look(limit=100 * MIB)
    assert len(family.members) == 5
    assert 200 * MIB < family.memory < 300 * MIB
    assert family.peak == family.memory


def test_memory_that_is_shared_on_purpose_is_counted(start):
    process = start(
        f"import mmap, time; kept = mmap.mmap(-1, {150 * MIB}); kept.write(b'x' * {150 * MIB})\n"
        "print(flush=True); time.sleep(60)"
    )
    family = Family(process.pid)
    family.look(limit=100 * MIB)
    assert family.memory > 150 * MIB


def test_tables_of_pages_that_hold_nothing_are_counted(start):
    process = start(
        "import mmap, time\n"
        f"kept = mmap.mmap(-1, {61 << 30}, flags=mmap.MAP_PRIVATE | 0x4000, prot=mmap.PROT_READ)\n"
        f"for at in range(0, {61 << 30}, 2 << 20): kept[at]\n"
        "print(flush=True); time.sleep(60)"
    )
    family = Family(process.pid)
    family.look(limit=1 << 40)
    assert 120 * MIB < family.tables < 140 * MIB
    assert family.tables < family.memory < 200 * MIB


def test_processor_time_is_the_sum_over_all_processes_also_those_that_ended(start):
    process = start(
        "import os, time\n"
        "def burn(seconds):\n"
        "    while time.process_time() < seconds: pass\n"
        "print(flush=True)\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0: burn(0.5); os._exit(0)\n"
        "for _ in range(3): os.wait()\n"
        "time.sleep(60)"
    )
    family = Family(process.pid)
    deadline = time.monotonic() + 60
    while family.cpu_seconds <= 1.4 and time.monotonic() < deadline:
        family.look(limit=1 << 40)
        time.sleep(0.05)
    assert family.cpu_seconds > 1.4
    family.begin()
    family.look(limit=1 << 40)
    assert family.used < 0.2, "what was used before the beginning is not the submission's"


def test_who_was_kept_from_the_processor_is_told_from_who_slept():
    limits = Limits(wall_seconds=100)
    assert was_held_up(Run(ran_out=True, cpu_seconds=5, held_up=80), limits)
    assert not was_held_up(Run(ran_out=True, cpu_seconds=5, held_up=1), limits), "it slept"
    assert not was_held_up(Run(ran_out=True, cpu_seconds=90, held_up=80), limits), "it worked all the time"


def test_each_sandbox_has_a_number_and_a_core_of_its_own():
    with free_slot() as first, free_slot() as second:
        assert first != second
        before = os.sched_getaffinity(0)
        with on_one_core(first):
            assert len(os.sched_getaffinity(0)) == 1
        assert os.sched_getaffinity(0) == before
    with free_slot() as again:
        assert again in (first, second)


def threads(count: int) -> Callable[[], AbstractContextManager]:
    return lambda: ThreadPoolExecutor(count)


def test_every_job_has_its_result():
    assert sorted(map_unordered(abs, range(-5, 5), threads(2), 2)) == [(n, abs(n)) for n in range(-5, 5)]


def test_no_more_jobs_are_read_than_keep_the_workers_busy():
    read = []

    def jobs():
        for n in range(100):
            read.append(n)
            yield n

    results = map_unordered(abs, jobs(), threads(2), 2)
    next(results)
    assert len(read) <= 6
    results.close()


def test_job_that_fails_once_is_tried_again_when_nothing_else_runs():
    running, tried = [], []

    def work(n: int) -> int:
        running.append(n)
        time.sleep(0.01)
        running.remove(n)
        if n == 3:
            raise OSError("no memory just now")
        return n

    def alone(n: int) -> int:
        tried.append((n, list(running)))
        return -n

    results = dict(map_unordered(work, range(6), threads(3), 3, alone))
    assert results == {0: 0, 1: 1, 2: 2, 3: -3, 4: 4, 5: 5}
    assert tried == [(3, [])]


def test_job_that_fails_twice_has_the_exception_and_the_others_their_results():
    def work(n: int) -> int:
        if n == 1:
            raise Fault("the disk is full")
        return n

    results = dict(map_unordered(work, range(3), threads(2), 2))
    assert (results[0], results[2]) == (0, 2)
    assert isinstance(results[1], Fault)


def test_worker_that_dies_takes_no_other_job_with_it():
    make = partial(ProcessPoolExecutor, 2, mp_context=multiprocessing.get_context("forkserver"))
    results = dict(map_unordered(die_of_three, range(6), make, 2))
    assert isinstance(results.pop(3), BaseException)
    assert results == {n: n for n in (0, 1, 2, 4, 5)}
