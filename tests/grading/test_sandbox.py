"""What a submission sees of the machine and may ask of it, whoever grades; and that finished layers are not there."""

import json
import shutil

import pytest
from classroom import ASSIGNMENT, LAYER_TEST, Classroom, right
from disguises import BLIND, DISGUISES
from looking import SANDBOX, look
from people import PEOPLE

from bncourse.grading import kernels, sandbox, system_calls
from bncourse.grading.assignment import Assignment
from bncourse.grading.limits import Limits
from building import ROOT

VARIABLES = (
    "BNCOURSE_SANDBOX HOME IPYTHONDIR LANG LD_LIBRARY_PATH MPLBACKEND MPLCONFIGDIR OMP_NUM_THREADS PATH "
    "PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INDEX PWD PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONPATH USER"
)
DEVICES = "console core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero"

SEEN = {
    "variables": set(VARIABLES.split()),
    "folders": {
        "/": {"bin", "dev", "etc", "home", "lib", "lib32", "lib64", "opt", "proc", "tmp", "usr"},
        "/etc": {"alternatives", "fonts", "ld.so.cache"},
        "/home": {"learner"},
        "/opt": {"course", "packages", "python"},
        # plugged.py: the network for names that a learner's parts are plugged into, which has no layer of its own.
        "/opt/course/bncourse": {"__init__.py", "checks", "observing", "plugged.py"},
    },
    "proc": {"cpuinfo", "meminfo"},
    "dev": set(DEVICES.split()),
    "writable": ["/tmp", "/home/learner", "/dev/shm"],
    "sockets": ["AF_UNIX"],
    "paths": {"home", "opt", "usr"},
}
"""All that there may be; where the list grows, somebody has to say why."""


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_what_a_submission_sees(person, tmp_path):
    seen = look(person, tmp_path, SANDBOX)
    assert set(seen["variables"]) <= SEEN["variables"]
    for folder, names in seen["folders"].items():
        assert set(names) <= SEEN["folders"][folder], folder
    assert set(seen["proc"]) <= SEEN["proc"]
    assert set(seen["dev"]) <= SEEN["dev"]
    assert seen["writable"] == SEEN["writable"]
    assert seen["sockets"] == SEEN["sockets"]
    assert seen["calls"] == []
    assert set(seen["paths"]) <= SEEN["paths"]
    assert (seen["host"], seen["root"], seen["groups"]) == ("sandbox", False, [])
    assert (seen["mounts"], seen["processes"], seen["accounts"], seen["capabilities"]) == (0, 0, 0, 0)
    reached = ["token", "token of other processes", "course", "commands", "host's server", "namespace"]
    assert not any(seen[name] for name in reached)


def test_the_course_is_hidden_where_it_lies_within_what_is_mounted(tmp_path):
    from bncourse.grading.places import Places

    inside = Places().packages[0]
    hidden = Places(hidden=(f"{inside}/numpy",)).masked()
    assert "/opt/packages/0/numpy" in hidden


def test_networks_that_one_assignment_hands_out_are_not_there_for_another():
    handed_out = {folder.name: Assignment.load(folder).handed_out for folder in (ROOT / "solutions").glob("[01]*")}
    assert {name for name, modules in handed_out.items() if "faulty" in modules} == {"16-diagnosis"}
    steps = [{"kind": "run", "id": "0", "source": "from bncourse import faulty; print(len(faulty.six_networks()))"}]
    given, kept = (sandbox.run(steps, Limits(), handed_out=modules) for modules in (("faulty",), ()))
    assert given.messages[0]["outputs"][0]["text"] == "6\n"
    assert kept.messages[0]["outputs"][0]["ename"] == "ImportError"


REFUSED = (
    "add_key keyctl request_key io_uring_setup io_uring_enter userfaultfd memfd_create memfd_secret ptrace mount "
    "umount2 unshare setns clone3 bpf perf_event_open process_vm_readv process_vm_writev pidfd_getfd kcmp shmget shmat "
    "msgget semget mq_open open_by_handle_at name_to_handle_at personality chroot pivot_root mknod inotify_init "
    "fanotify_init init_module kexec_load reboot swapon acct syslog iopl ioperm quotactl"
)


def test_what_no_submission_needs_of_the_kernel_is_not_on_the_list():
    assert not set(REFUSED.split()) & system_calls.ALLOWED
    assert system_calls.submission_filter(), "libseccomp is missing: `make sandbox` installs it on Debian"


def test_kernels_are_found_in_this_torch():
    # What a newer torch calls otherwise has to be looked for again; see grading/kernels.py.
    assert kernels.is_possible()
    for name in ("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "cross_entropy", "nll_loss"):
        assert kernels.kernels((name,)), name


@pytest.fixture(scope="module")
def disguised(template, tmp_path_factory) -> tuple[Classroom, str]:
    """A class in which everybody hands in torch's layer, each in another disguise, and what the command said of it."""
    folder = tmp_path_factory.mktemp("disguises") / "course"
    shutil.copytree(template, folder)
    room = Classroom(folder)
    for name, code in DISGUISES.items():
        room.hand_in(name.replace(" ", "-"), right(batchnorm_code=BLIND + code))
    done = PEOPLE[0].run(folder, "-m", "bncourse.grading", ASSIGNMENT, "--wall-seconds", "25")
    assert done.returncode == 0, done.stderr
    return room, done.stdout


@pytest.mark.xdist_group("disguises")
def test_finished_layers_are_not_there_in_any_disguise(disguised):
    passed = []
    for name in DISGUISES:
        folder = disguised[0].folder / "autograded" / name.replace(" ", "-") / ASSIGNMENT
        outcome = json.loads((folder / ".bncourse-outcome.json").read_bytes())
        if outcome["verdicts"][LAYER_TEST]["passed"]:
            passed.append(name)
    assert passed == []


@pytest.mark.xdist_group("disguises")
def test_code_that_reaches_around_the_wall_is_shown_to_the_instructor(disguised):
    told = disguised[1]
    assert "Worth a look, no fault by itself" in told
    assert "bncourse.judging" in told
    assert "multiprocessing" in told
