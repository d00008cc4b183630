"""``train_ladder`` gives what an autograd loop from the same seed gives, keeps what it finished, and ends cleanly."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bncourse.initialisation import initial_values
from bncourse.manual import LadderRun, train_ladder
from bncourse.manual.ladder import RUNGS, Run, minibatches
from bncourse.manual.lanes import BatchNormLanes, Lanes
from bncourse.manual.pool import MOST_LANES, cost, plan
from bncourse.names import load_splits

LECTURE_SEED = 2147483647


@pytest.fixture(scope="module")
def splits():
    return load_splits()


@pytest.fixture(scope="module")
def small(splits):
    """A few thousand pairs, which evaluate in no time."""
    train, dev = ((part.contexts[:3000], part.targets[:3000]) for part in splits[:2])
    return SimpleNamespace(train=train, dev=dev)


class AutogradRun:
    """One run of the ladder as the lectures write it: tensors, ``loss.backward()``, one seed."""

    def __init__(self, rung, seed, data, dtype=torch.float64, lecture=False):
        self.contexts, self.targets = data.train
        self.generator = g = torch.Generator().manual_seed(seed)
        C, W1, b1 = (torch.randn(shape, generator=g) for shape in ((27, 10), (30, 200), (200,)))
        W2, b2 = (torch.randn(shape, generator=g) for shape in ((200, 27), (27,)))
        if rung != "bad":
            W2, b2 = W2 * 0.01, b2 * 0
        if rung == "fixed-tanh":
            W1, b1 = W1 * 0.2, b1 * 0.01
        if rung in ("kaiming", "batchnorm"):
            W1, b1 = W1 * ((5 / 3) / 30**0.5), b1 * 0.01
        parameters = {"C": C, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
        self.batchnorm, self.lecture = rung == "batchnorm", lecture
        if self.batchnorm:
            parameters["b1"] = torch.zeros(200)  # BatchNorm removes it: no gradient, no effect
            parameters |= {"gamma": torch.ones(200), "beta": torch.zeros(200)}
        self.parameters = {name: p.to(dtype).requires_grad_() for name, p in parameters.items()}
        self.mean, self.spread = torch.zeros(200, dtype=dtype), torch.ones(200, dtype=dtype)

    def pre_activations(self, contexts):
        p = self.parameters
        return p["C"][contexts].flatten(1) @ p["W1"] + p["b1"]

    def loss(self, contexts, targets, statistics=None):
        p = self.parameters
        h = self.pre_activations(contexts)
        if self.batchnorm:
            mean, std = self.batch_statistics(h) if statistics is None else statistics
            h = p["gamma"] * (h - mean) / std + p["beta"]
        return torch.nn.functional.cross_entropy(torch.tanh(h) @ p["W2"] + p["b2"], targets)

    def batch_statistics(self, h):
        mean, unbiased_var = h.mean(0), h.var(0, correction=1)
        spread = unbiased_var.sqrt() if self.lecture else unbiased_var
        with torch.no_grad():
            self.mean = 0.999 * self.mean + 0.001 * mean
            self.spread = 0.999 * self.spread + 0.001 * spread
        return mean, spread if self.lecture else (h.var(0, correction=0) + 1e-5).sqrt()

    def step(self, lr):
        batch = torch.randint(0, len(self.targets), (32,), generator=self.generator)
        loss = self.loss(self.contexts[batch], self.targets[batch])
        for p in self.parameters.values():
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in self.parameters.values():
                p -= lr * p.grad
        return loss.item()

    def train(self, steps):
        return [self.step(0.1 if step < steps // 2 else 0.01) for step in range(steps)]

    @torch.no_grad()
    def evaluate(self, data):
        """Train and dev loss; with BatchNorm from calibrated statistics, then from running ones."""
        if not self.batchnorm:
            return [self.loss(*data.train).item(), self.loss(*data.dev).item(), None, None]
        h = self.pre_activations(data.train[0])
        std = self.spread if self.lecture else (self.spread + 1e-5).sqrt()
        eps = 0 if self.lecture else 1e-5
        calibrated = h.mean(0), (h.var(0, correction=1) + eps).sqrt()
        return [
            self.loss(*part, statistics).item()
            for statistics in (calibrated, (self.mean, std))
            for part in (data.train, data.dev)
        ]


def losses(run):
    return [run.train_loss, run.dev_loss, run.running_train_loss, run.running_dev_loss]


@pytest.mark.parametrize(("rung", "normaliser"), [*((rung, "torch") for rung in RUNGS), ("batchnorm", "lecture")])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-5)])
def test_a_run_ends_where_autograd_ends(small, rung, normaliser, dtype, tolerance):
    if (rung, dtype) == ("bad", "float32"):
        tolerance = 2e-3  # saturated and chaotic: rounding grows from step to step
    steps = 301
    reference = AutogradRun(rung, 5, small, getattr(torch, dtype), lecture=normaliser == "lecture")
    first_loss = reference.train(steps)[0]
    (run,) = train_ladder(rung, [5], steps, normaliser=normaliser, dtype=dtype, data=small, workers=1, progress=False)
    assert (run.rung, run.seed, run.steps) == (rung, 5, steps)
    assert run.first_loss == pytest.approx(first_loss, rel=1e-6 if dtype == "float32" else 1e-12)
    for ours, theirs in zip(losses(run), reference.evaluate(small), strict=True):
        assert ours is theirs is None or ours == pytest.approx(theirs, abs=tolerance)


@pytest.mark.parametrize("kind", ["plain", "torch", "lecture"])
def test_every_parameter_follows_autograd_step_by_step(small, kind):
    rungs = RUNGS[:4] if kind == "plain" else RUNGS[4:]
    runs = [Run(rung, seed) for rung in rungs for seed in (1, 2)]
    references = [AutogradRun(*run, small, lecture=kind == "lecture") for run in runs]
    generators = [torch.Generator().manual_seed(run.seed) for run in runs]
    drawn = [initial_values(run.rung, g) for run, g in zip(runs, generators, strict=True)]
    initial = [{name: tensor.numpy() for name, tensor in values.items()} for values in drawn]
    if kind == "plain":
        lanes = Lanes(initial, np.float64)
    else:
        lanes = BatchNormLanes(initial, np.float64, lectures=kind == "lecture")
    contexts, targets = (array.numpy() for array in small.train)
    indices = np.stack([minibatches(g, len(targets), 40) for g in generators], axis=1)
    for i in indices:
        lanes.step(contexts[i], targets[i], 0.1)
        for lane, reference in enumerate(references):
            reference.step(0.1)
            for name, array in lanes.parameters.items():
                expected = reference.parameters[name].detach().numpy().reshape(array[lane].shape)
                np.testing.assert_allclose(array[lane], expected, atol=1e-11, rtol=0)
            if kind != "plain":
                np.testing.assert_allclose(lanes.running_mean[lane, 0], reference.mean, atol=1e-10)
                spread = reference.spread**2 if kind == "lecture" else reference.spread
                np.testing.assert_allclose(lanes.running_var[lane, 0], spread, atol=1e-10)


def test_the_first_losses_are_the_published_ones(splits):
    """On the whole data, from the lecture's seed; they also decide what each rung draws."""
    runs = train_ladder(steps=1, normaliser="lecture", data=splits, workers=1, progress=False)
    assert [run.rung for run in runs] == list(RUNGS)
    assert [round(run.first_loss, 4) for run in runs] == [27.8817, 3.3221, 3.3135, 3.3179, 3.3147]


@given(
    seed=st.integers(0, 2**63 - 1),
    pairs=st.integers(1, 300_000),
    blocks=st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
@settings(max_examples=30, derandomize=True, deadline=None)
def test_minibatches_drawn_in_blocks_are_those_drawn_step_by_step(seed, pairs, blocks):
    in_blocks, one_by_one = (torch.Generator().manual_seed(seed) for _ in range(2))
    for steps in blocks:
        expected = [torch.randint(0, pairs, (32,), generator=one_by_one).numpy() for _ in range(steps)]
        np.testing.assert_array_equal(minibatches(in_blocks, pairs, steps), expected)
    assert torch.equal(in_blocks.get_state(), one_by_one.get_state())


def test_the_last_steps_take_a_tenth_of_the_learning_rate(small):
    """Of three steps the first is taken at lr: the second half of an odd number is the longer one."""
    (run,) = train_ladder(["kaiming"], [3], 3, lr=0.2, dtype="float64", data=small, workers=1, progress=False)
    reference = AutogradRun("kaiming", 3, small)
    for lr in (0.2, 0.02, 0.02):
        reference.step(lr)
    assert losses(run) == pytest.approx(reference.evaluate(small), abs=1e-12)


@pytest.fixture(scope="module")
def in_two_processes(small):
    """Results of a call that used two workers, and what it found and left of the things that all code shares."""

    def surroundings():
        # Windows has no mask of signals.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, []) if hasattr(signal, "pthread_sigmask") else set()
        return torch.get_rng_state().tolist(), dict(os.environ), blocked

    before = surroundings()
    results = train_ladder(seeds=[1, 2, 3], steps=250, data=small, workers=2, progress=False)
    return SimpleNamespace(results=results, before=before, after=surroundings())


@pytest.mark.whole
def test_results_come_in_the_order_of_rungs_and_seeds(in_two_processes):
    order = [(run.rung, run.seed) for run in in_two_processes.results]
    assert order == [(rung, seed) for rung in RUNGS for seed in (1, 2, 3)]


@pytest.mark.whole
@pytest.mark.parametrize("rung", RUNGS)
def test_a_run_does_not_depend_on_its_company_or_on_the_number_of_workers(small, in_two_processes, rung):
    alone = train_ladder(rung, [2], 250, data=small, workers=1, progress=False)
    # To the last bit; only the seconds may differ.
    assert alone == [run for run in in_two_processes.results if (run.rung, run.seed) == (rung, 2)]


@pytest.mark.whole
def test_torchs_generator_the_environment_and_the_signals_stay_as_they_were(in_two_processes):
    assert in_two_processes.after == in_two_processes.before


@given(
    rungs=st.lists(st.sampled_from(RUNGS), min_size=1, unique=True),
    seeds=st.integers(1, 30),
    workers=st.integers(1, 64),
)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_plan_holds_every_run_once_in_groups_that_can_train_together(rungs, seeds, workers):
    runs = [Run(rung, seed) for rung in rungs for seed in range(seeds)]
    groups = plan(runs, workers)
    assert sorted(run for group in groups for run in group) == sorted(runs)
    for group in groups:
        assert 1 <= len(group) <= MOST_LANES
        assert len({run.rung == "batchnorm" for run in group}) == 1
        assert cost(group) <= sum(cost([run]) for run in runs) / workers + cost(group[:1])  # an even share
    assert [cost(group) for group in groups] == sorted(map(cost, groups), reverse=True)


# -- the folder ------------------------------------------------------------------------------------------------


def files(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_finished_runs_are_read_from_the_folder_and_only_the_others_trained(small, tmp_path):
    arguments = dict(steps=60, data=small, workers=1, progress=False, folder=tmp_path / "new" / "ladder")
    first = train_ladder(["kaiming"], [1, 2], **arguments)
    kept = files(arguments["folder"])
    assert len(kept) == 2
    more = train_ladder(["kaiming", "batchnorm"], [2, 3], **arguments)
    assert more[0] == first[1]
    assert more[0].seconds == first[1].seconds  # read, not trained again
    assert files(arguments["folder"]).items() >= kept.items()
    assert len(files(arguments["folder"])) == 5
    assert more == train_ladder(["kaiming", "batchnorm"], [2, 3], **arguments | {"folder": None})


@pytest.mark.parametrize(
    "change", [{"steps": 61}, {"lr": 0.2}, {"normaliser": "lecture"}, {"dtype": "float64"}, {"data": "other"}]
)
def test_whatever_changes_the_result_makes_it_another_run(small, tmp_path, change):
    arguments = dict(rungs=["batchnorm"], seeds=[1], steps=60, data=small, workers=1, progress=False)
    if "data" in change:
        change = {"data": SimpleNamespace(train=small.train, dev=(small.dev[0][1:], small.dev[1][1:]))}
    (first,) = train_ladder(**arguments, folder=tmp_path)
    (other,) = train_ladder(**arguments | change, folder=tmp_path)
    assert other != first
    assert len(files(tmp_path)) == 2


def test_a_damaged_file_is_named(small, tmp_path):
    arguments = dict(rungs=["kaiming"], seeds=[1], steps=1, data=small, workers=1, progress=False, folder=tmp_path)
    train_ladder(**arguments)
    (path,) = tmp_path.iterdir()
    path.write_text(json.dumps({"rung": "kaiming"}))
    with pytest.raises(ValueError, match=f"'{path}' is not the file of a finished run; delete it"):
        train_ladder(**arguments)


SCRIPT = """
import sys
from types import SimpleNamespace
from bncourse.manual import train_ladder
from bncourse.names import load_splits

if __name__ == "__main__":
    train, dev = ((part.contexts[:3000], part.targets[:3000]) for part in load_splits()[:2])
    data = SimpleNamespace(train=train, dev=dev)
    steps, workers, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    train_ladder(["kaiming", "batchnorm"], [1, 2], steps, workers=workers, data=data, folder=folder)
"""


def hear_interrupts():
    """As in a terminal: tests that run in the background of a shell hand on that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path):
    """Start the script above, in a process group of its own."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    started = []

    def start(steps, workers, folder):
        arguments = [sys.executable, script, str(steps), str(workers), folder]
        process = subprocess.Popen(
            arguments, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=hear_interrupts
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):  # all gone, as they should
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def read_until(process, sign):
    """Read the progress bar of ``process`` until ``sign(text so far)``."""
    text = ""
    while not sign(text):
        piece = os.read(process.stderr.fileno(), 10_000).decode()
        assert piece, text
        text += piece
    return text


def training_has_begun(text):
    return any(line.split("|")[-1].strip()[:1] in tuple("123456789") for line in text.split("\r") if "|" in line)


@pytest.mark.whole
def test_after_kill_9_a_second_call_trains_only_what_was_in_flight(small, tmp_path, start):
    folder = tmp_path / "runs"
    steps = 6000
    process = start(steps, 1, folder)
    read_until(process, lambda _: folder.is_dir() and len(list(folder.glob("*.json"))) == 2)
    process.kill()
    process.wait()
    kept = {name: time for name, time in files(folder).items() if name.endswith(".json")}
    assert len(kept) == 2

    arguments = dict(rungs=["kaiming", "batchnorm"], seeds=[1, 2], steps=steps, data=small, workers=1, progress=False)
    resumed = train_ladder(**arguments, folder=folder)
    assert files(folder).items() >= kept.items()
    assert resumed == train_ladder(**arguments)


@pytest.mark.whole
@pytest.mark.parametrize(
    ("when", "how"),
    [("while workers start", "Ctrl-C"), ("in training", "Ctrl-C"), ("in training", "kill -9")],
)
def test_no_worker_outlives_the_call(tmp_path, start, when, how):
    process = start(10**9, 2, tmp_path / "runs")
    # The bar is drawn once before the workers start, and ten times a second from then on.
    read_until(process, training_has_begun if when == "in training" else lambda text: text.count("\r") > 3)
    if how == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the workers, too
    else:
        process.kill()
    # The workers hold the other end of this pipe as well: it is read to its end when all of them are gone.
    _, rest = process.communicate(timeout=180)
    assert rest.count(b"Traceback") == (how == "Ctrl-C"), rest.decode()
    assert process.returncode != 0


@pytest.mark.whole
def test_a_script_without_a_main_guard_is_told_so(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace('if __name__ == "__main__":', "if True:"))
    arguments = [sys.executable, script, "1000", "2", tmp_path / "runs"]
    run = subprocess.run(arguments, capture_output=True, text=True, timeout=180)
    assert run.returncode != 0
    assert "RuntimeError: a worker process of train_ladder died" in run.stderr
    assert 'put the call under `if __name__ == "__main__":`' in run.stderr


# -- the progress bar, the arguments ----------------------------------------------------------------------------


def test_the_bar_shows_unless_told_otherwise_or_in_the_book(small, capsys, monkeypatch):
    monkeypatch.delenv("BNCOURSE_BOOK", raising=False)
    arguments = dict(rungs=["kaiming"], seeds=[1], steps=10, data=small, workers=1)
    train_ladder(**arguments)
    assert "loss ladder" in capsys.readouterr().err
    train_ladder(**arguments, progress=False)
    monkeypatch.setenv("BNCOURSE_BOOK", "1")
    train_ladder(**arguments)
    assert capsys.readouterr() == ("", "")


def test_data_may_be_arrays(small):
    arrays = SimpleNamespace(**{name: tuple(t.numpy() for t in part) for name, part in vars(small).items()})
    arguments = dict(rungs=["kaiming"], seeds=[1], steps=10, workers=1, progress=False)
    assert train_ladder(**arguments, data=arrays) == train_ladder(**arguments, data=small)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"rungs": ["kaiming", "relu"]}, ValueError, "a rung is 'relu'; it must be one of 'bad', 'fixed-output'"),
        ({"rungs": []}, ValueError, "at least one rung"),
        ({"rungs": ["bad", "bad"]}, ValueError, "none twice"),
        ({"rungs": 1}, TypeError, "rungs is 1; it must be a list of names"),
        ({"data": 1}, TypeError, "data is of type 'int', whose .train is not a pair of arrays"),
        ({"data": SimpleNamespace(train=None)}, TypeError, "must be like what bncourse.names.load_splits"),
        ({"seeds": []}, ValueError, "seeds is \\[\\]; it must have at least one"),
        ({"seeds": [1, 1]}, ValueError, "none twice"),
        ({"seeds": [-1]}, ValueError, "from 0 to"),
        ({"seeds": 7}, TypeError, "seeds is 7; it must be a list"),
        ({"seeds": [1.5]}, TypeError, "whole numbers"),
        ({"steps": 0}, ValueError, "steps is 0"),
        ({"steps": 1e5}, TypeError, "steps is 100000.0"),
        ({"lr": 0}, ValueError, "lr is 0; it must be a positive number"),
        ({"lr": float("nan")}, ValueError, "lr is nan"),
        ({"lr": "0.1"}, TypeError, "lr is '0.1'"),
        ({"normaliser": "biased"}, ValueError, "normaliser is 'biased'; it must be one of 'torch', 'lecture'"),
        ({"dtype": "float16"}, ValueError, "dtype is 'float16'"),
        ({"workers": 0}, ValueError, "workers is 0"),
    ],
)
def test_a_wrong_argument_gets_one_clear_sentence(small, tmp_path, wrong, error, words):
    arguments = dict(rungs=["bad"], seeds=[1], steps=1, data=small, workers=1, progress=False, folder=tmp_path / "f")
    with pytest.raises(error, match=words) as caught:
        train_ladder(**arguments | wrong)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    ("train", "error", "words"),
    [
        ((np.zeros((4, 2), int), np.zeros(4, int)), ValueError, r"contexts of shape \(4, 2\)"),
        ((np.zeros((0, 3), int), np.zeros(0, int)), ValueError, "N of at least 1"),
        ((np.zeros((4, 3)), np.zeros(4, int)), TypeError, "numbers of float64"),
        ((np.zeros((4, 3), int), np.array([0, 1, 2, 27])), ValueError, "indices from 0 to 27"),
    ],
)
def test_wrong_data_gets_one_clear_sentence(small, train, error, words):
    with pytest.raises(error, match=f"data.train has .*{words}"):
        train_ladder(["bad"], [1], 1, data=SimpleNamespace(train=train, dev=small.dev), workers=1, progress=False)


def test_a_file_in_the_place_of_the_folder_is_refused(small, tmp_path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(ValueError, match=f"folder is '{path}', which is a file"):
        train_ladder(["bad"], [1], 1, data=small, folder=path)


def test_results_are_equal_if_all_but_their_seconds_are():
    values = ("bad", 1, 10, 27.0, 2.1, 2.2, None, None)
    assert LadderRun(*values, seconds=1.0) == LadderRun(*values, seconds=2.0)
    assert LadderRun(*values, seconds=1.0) != LadderRun("bad", 2, *values[2:], seconds=1.0)
