"""What `make setup` does before and when something goes wrong; that it works is seen by every run of these tests."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import venv
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import environment
from building import ROOT
from test_first_cell import write_wheel

UV = """\
error: Failed to fetch: https://download.pytorch.org/whl/cpu/torch/
  cause: client error (Connect)
  cause: dns error
  cause: failed to lookup address information: Name or service not known
"""
PIP = """\
WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('HTTPSConnection(index.example, \
port=443): Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/uv/
ERROR: Could not find a version that satisfies the requirement uv==0.13.8 (from versions: none)
ERROR: No matching distribution found for uv==0.13.8
"""
NPM = """\
npm error code SELF_SIGNED_CERT_IN_CHAIN
npm error request to https://registry.npmjs.org/katex failed
npm error A complete log of this run can be found in: /home/ada/.npm/_logs/1.log
"""


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (UV, "failed to lookup address information: Name or service not known"),
        (NPM, "npm error request to https://registry.npmjs.org/katex failed"),
        (PIP, "No matching distribution found for uv==0.13.8: Temporary failure in name resolution"),
        ("", "it said nothing"),
    ],
)
def test_the_reason_is_one_line_of_what_a_tool_says(output, reason):
    assert environment.reason(output) == reason


@pytest.mark.whole
def test_a_half_made_environment_is_made_again_and_a_whole_one_is_kept(tmp_path, capsys):
    place = tmp_path / "with a space and ü"
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").symlink_to(sys.executable)  # as after an interruption: no pip is in it
    (place / "lib").write_text("no folder")
    made = environment.Environment(place)
    made.make_empty()
    assert "made again" in capsys.readouterr().out
    subprocess.run([str(place / "bin" / "python"), "-m", "pip", "--version"], check=True, capture_output=True)
    (place / "kept").touch()
    made.make_empty()
    assert (place / "kept").exists()
    # After the folder was moved, its commands are those of a place that is no more.
    moved = environment.Environment(place.rename(tmp_path / "elsewhere"))
    moved.make_empty()
    assert "made again" in capsys.readouterr().out
    assert not (tmp_path / "elsewhere" / "kept").exists()


def test_where_nothing_can_be_written_one_sentence_says_so():
    with pytest.raises(
        environment.SetupError, match=r"^/proc/\S+ cannot be written \(.*\): use a checkout of your own\.$"
    ):
        environment.Environment(environment.Path("/proc/environment")).make_empty()


def test_a_full_disk_is_refused_before_anything_is_downloaded(tmp_path):
    with pytest.raises(environment.SetupError, match=r"of disk left, and up to 1000000\.0 GB are needed"):
        environment.Environment(tmp_path).need(1e6 * environment.GIB)


def test_what_keeps_python_from_making_an_environment_is_named(tmp_path, monkeypatch):
    made = environment.Environment(tmp_path / "env")
    with monkeypatch.context() as small:
        small.setitem(environment.ROOM, "cpu", 1e6 * environment.GIB)
        with pytest.raises(environment.SetupError, match=r"of disk left, and up to 1000000\.0 GB are needed"):
            made.make_empty()
    monkeypatch.setitem(environment.ROOM, "cpu", 0)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Error: ensurepip failed'; exit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(
        environment.SetupError, match=r"\(Error: ensurepip failed\): check the disk, or give another Py"
    ):
        made.make_empty()
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(environment.SetupError, match=r"on Debian and Ubuntu, install the package python3-venv"):
        made.make_empty()


def test_a_failing_step_names_the_tool_the_reason_and_the_log(tmp_path):
    made = environment.Environment(tmp_path)
    with pytest.raises(environment.SetupError, match=r"^uv failed \(no network\): see .*setup\.log, check the network"):
        made.run([sys.executable, "-c", "print('error: no network'); raise SystemExit(2)"], "uv")
    assert "error: no network" in made.log.read_text("utf-8")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("error: Disk quota exceeded (os error 122)", "make room, also in the home folder, or set UV_CACHE_DIR"),
        ("error: Cannot connect to proxy", "the disk, and the proxy that is set in HTTPS_PROXY, and run"),
        ("error: Name or service not known", "check the network and the disk, and run"),
    ],
)
def test_a_failing_step_says_what_to_look_at(said, advice, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    made = environment.Environment(tmp_path)
    with pytest.raises(environment.SetupError, match=advice):
        made.run([sys.executable, "-c", f"print({said!r}); raise SystemExit(2)"], "uv")


def test_a_program_that_cannot_be_run_is_named(tmp_path):
    made = environment.Environment(tmp_path)
    uv = tmp_path / "uv"
    uv.write_bytes(b"\x7fELF of another system")
    for mode, why in ((0o644, "Permission denied, as on a disk .*'noexec'"), (0o755, "Exec format error")):
        uv.chmod(mode)
        with pytest.raises(
            environment.SetupError, match=rf"^\S+/uv cannot be run \({why}\): use a checkout in another"
        ):
            made.run([str(uv)], "uv")
        assert not made.answers([str(uv)])


def test_on_windows_the_way_through_wsl_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(
        environment.SetupError, match=r"is a Python for Windows, and the book is built and tested in WSL"
    ):
        environment.Environment(tmp_path / "env").make()
    assert not (tmp_path / "env").exists()


def test_what_was_interrupted_is_installed_again_until_all_is_there(tmp_path):
    step = [sys.executable, "-c", "raise SystemExit(0)"]
    killed = environment.Environment(tmp_path)
    killed.unfinished.touch()  # as a step does that is killed before its end
    resumed = environment.Environment(tmp_path)
    assert resumed.again
    resumed.run(step, "uv")
    assert environment.Environment(tmp_path).again  # this one has not come to its end either
    resumed.unfinished.unlink()
    whole = environment.Environment(tmp_path)
    assert not whole.again
    whole.run(step, "uv")
    assert not whole.unfinished.exists()
    with pytest.raises(environment.SetupError, match="No space left on device"):
        whole.run([sys.executable, "-c", "print('error: No space left on device'); raise SystemExit(2)"], "uv")
    assert environment.Environment(tmp_path).again


def test_a_python_without_sqlite_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "find_spec", lambda name: None if name == "_sqlite3" else name)
    with pytest.raises(environment.SetupError, match=r"was built without sqlite3: give another Python, as in 'make"):
        environment.Environment(tmp_path / "env").make()
    assert not (tmp_path / "env").exists()


def test_what_pip_is_told_of_an_index_a_proxy_and_certificates_holds_for_uv_and_npm(tmp_path):
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://far.example/simple\ncert = /etc/ssl/own.pem\ntimeout = 9\n"
        "trusted-host =\n    a.example\n    b.example\n[install]\nindex-url = https://near.example/simple\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    settings = clean | {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_PROXY": "http://proxy.example:3128"}
    settings |= {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path)}
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], env=settings, capture_output=True, text=True, check=True
    )
    found = environment.from_pip(listed.stdout)
    assert found == {
        "UV_DEFAULT_INDEX": "https://near.example/simple",
        "HTTP_PROXY": "http://proxy.example:3128",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "SSL_CERT_FILE": "/etc/ssl/own.pem",
        "NODE_EXTRA_CA_CERTS": "/etc/ssl/own.pem",
        "UV_INSECURE_HOST": "a.example b.example",
    }


def test_what_cannot_be_imported_is_no_environment(tmp_path):
    (tmp_path / ".complete").touch()
    made = environment.Environment(tmp_path)
    made.python.parent.mkdir()
    made.python.write_text("#!/bin/sh\necho 'ImportError: libcudnn.so.9' >&2; exit 1\n")
    made.python.chmod(0o755)
    with pytest.raises(environment.SetupError, match=r"cannot be imported: ImportError: libcudnn\.so\.9"):
        made.report()
    assert not (tmp_path / ".complete").exists()  # so that the next `make` begins again


@pytest.mark.whole
def test_the_report_says_python_torch_its_build_the_size_and_the_place():
    place = environment.Path(sys.prefix)
    line = environment.Environment(place).report()
    import torch

    assert line.startswith(f"Python {sys.version.split()[0]}, torch {torch.__version__} (for ")
    assert line.endswith(f" GB in {place}")


UV_ANSWERS = {
    "cpu index": {"--torch-backend": 0},
    "index alone": {"--torch-backend": 2},
    "newer Python": {"--torch-backend": 2, "-r ": 1},
    "no build": {"--torch-backend": 2, "-r ": 1, "--no-config": 1},
}
"""With which status uv answers when it is asked to look for torch, by an option that only one of the ways has."""


@pytest.fixture
def without_torch(tmp_path, monkeypatch) -> environment.Environment:
    """An environment with the real pip and no torch, on a disk that is large enough."""
    monkeypatch.setattr(environment, "ROOM", {"cpu": 0, "gpu": 0})
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    made = environment.Environment(tmp_path / "env")
    venv.create(made.place, symlinks=True)
    packages = next(made.place.glob("lib/*/site-packages"))
    (packages / "pip").symlink_to(distribution("pip").locate_file("pip"))
    return made


def answer(made: environment.Environment, statuses: dict[str, int]) -> Path:
    """Have uv answer with these statuses; returns the file in which it writes down what it is told to install."""
    told = made.place / "told"
    cases = "".join(f'*"{option}"*) echo "{NO_WHEELS[code]}"; exit {code};;\n' for option, code in statuses.items())
    uv = made.place / "bin" / "uv"
    uv.write_text(
        f'#!/bin/sh\ncase "$*" in\n*--dry-run*) case "$*" in\n{cases}esac;;\n*) echo "$*" >> "{told}";;\nesac\n'
    )
    uv.chmod(0o755)
    return told


NO_WHEELS = {0: "", 1: "error: torch has no wheels with a matching Python ABI tag", 2: UV.replace("\n", "; ")}


@pytest.mark.whole
def test_a_disk_that_fills_up_is_named_in_one_sentence(without_torch):
    (without_torch.place / "setup.log").symlink_to("/dev/full")
    script = [sys.executable, environment.__file__, str(without_torch.place), "--make"]
    done = subprocess.run(script, env=os.environ | {"PIP_NO_INDEX": "1"}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "cannot be used (No space left on device): check the disk and the permissions" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.whole
@pytest.mark.parametrize(
    ("machine", "said", "installed"),
    [
        ("cpu index", "PyTorch's own index, the build for the CPU: about 200 MB", "--torch-backend cpu torch=="),
        ("index alone", "    from the package index, ", "--no-deps -r "),
        ("newer Python", "the newest version is taken", "--no-config torch>="),
    ],
)
def test_torch_is_taken_from_where_it_is_smallest_and_the_size_is_said(machine, said, installed, without_torch, capsys):
    told = answer(without_torch, UV_ANSWERS[machine])
    without_torch.install_torch()
    assert said in capsys.readouterr().out
    (command,) = told.read_text("utf-8").splitlines()
    assert installed in command
    assert "--reinstall" in command  # also where half of it is there already


@pytest.mark.whole
def test_a_local_build_of_torch_is_taken_first(without_torch, tmp_path, capsys, monkeypatch):
    wanted = environment.pinned(environment.TORCH, "torch").partition("==")[2]
    write_wheel(tmp_path, "torch", f"{wanted}+cpu")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    told = answer(without_torch, UV_ANSWERS["cpu index"])
    without_torch.install_torch()
    assert "from a folder that pip's settings name: nothing to download" in capsys.readouterr().out
    assert not told.exists()
    assert list(without_torch.place.glob(f"lib/*/site-packages/torch-{wanted}+cpu.dist-info"))


@pytest.mark.whole
def test_what_an_interrupted_set_up_has_left_is_no_build_at_hand(without_torch, tmp_path, capsys):
    wanted = environment.pinned(environment.TORCH, "torch").partition("==")[2]
    without_torch.pip("install", "--no-index", "--no-deps", str(write_wheel(tmp_path, "torch", wanted)))
    told = answer(without_torch, UV_ANSWERS["index alone"])
    without_torch.install_torch()
    assert "from the package index" in capsys.readouterr().out
    assert "--reinstall-package torch" in told.read_text("utf-8")


@pytest.mark.whole
def test_where_uv_looks_it_does_not_count_what_is_installed(without_torch):
    asked = without_torch.place / "asked"
    uv = without_torch.place / "bin" / "uv"
    uv.write_text(f'#!/bin/sh\necho "$*" >> "{asked}"\n')
    uv.chmod(0o755)
    without_torch.install_for_cpu(environment.pinned(environment.TORCH, "torch"))
    assert all("--reinstall" in line for line in asked.read_text("utf-8").splitlines())


@pytest.mark.whole
def test_a_python_that_torch_has_no_build_for_is_told_so(without_torch):
    answer(without_torch, UV_ANSWERS["no build"])
    with pytest.raises(
        environment.SetupError, match=r"^PyTorch has no build for Python 3\.\d+\.\d+ on .*: give another"
    ):
        without_torch.install_torch()


def test_the_lock_of_torch_brings_what_its_build_for_gpus_needs():
    lines = environment.TORCH_WHOLE.read_text("utf-8").splitlines()
    assert environment.pinned(environment.TORCH, "torch") in lines
    assert [line for line in lines if line.startswith("nvidia-cudnn")]
    # What both locks hold has one version in both.
    both = {line for line in lines if "==" in line and not line.startswith(("nvidia", "cuda", "torch", "triton"))}
    assert both <= set(environment.LOCK.read_text("utf-8").splitlines())


def test_too_old_a_python_is_told_so_by_make():
    old = "/bin/false"  # an interpreter that answers no to every question
    done = subprocess.run(["make", "--always-make", "setup", f"PYTHON={old}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"Python 3.11 or later is needed and '{old}' is not" in done.stdout


@pytest.fixture
def course(tmp_path) -> Path:
    """A folder that has the Makefile, and an environment that only says what it is asked, and what it is told."""
    place = tmp_path / "my course ü"
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", place)
    for name in ("requirements.lock", "requirements-torch.lock", "requirements-torch.txt", "pyproject.toml"):
        (place / name).touch()
    (place / "package-lock.json").touch()
    says = place / ".venv" / "bin" / "python"
    says.write_text('#!/bin/sh\nif [ "$1" = -V ]; then echo "Python 3.11.7"; exit; fi\necho "$@"\nenv\n')
    says.chmod(0o755)
    (place / ".venv" / ".complete").write_text(f"{place}\n", "utf-8")
    return place


def make(place: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=place, env=clean | more, capture_output=True, text=True)


def test_settings_of_other_work_do_not_reach_the_commands(course):
    names = "PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PYTHONOPTIMIZE CDPATH COLUMNS FORCE_COLOR MATPLOTLIBRC "
    names += "MPLBACKEND MPLCONFIGDIR IPYTHONDIR JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR JUPYTERHUB_API_URL JPY_PARENT_PID "
    names += "PYTEST_ADDOPTS NODE_OPTIONS NODE_ENV GIT_DIR GIT_INDEX_FILE TMPDIR XDG_CACHE_HOME UV_CACHE_DIR"
    said = make(course, "setup", **dict.fromkeys(names.split(), "/proc/of others"), LC_ALL="C").stdout
    assert said.startswith("tools/environment.py .venv --report\n")
    assert "/proc/of" not in said
    assert "PYTHONUTF8=1\n" in said


def test_folders_that_can_be_written_are_kept(course):
    own = {"TMPDIR": str(course.parent), "XDG_CACHE_HOME": str(course.parent / "is made"), "PIP_INDEX_URL": "https://x"}
    said = make(course, "setup", **own).stdout
    assert all(f"\n{name}={value}\n" in said for name, value in own.items())


def test_what_is_served_on_this_machine_needs_no_proxy(course):
    assert (
        "\nno_proxy=localhost,127.0.0.1,::1,school.example\n" in make(course, "setup", no_proxy="school.example").stdout
    )
    assert "\nNO_PROXY=localhost,127.0.0.1,::1" in make(course, "setup", http_proxy="http://127.0.0.1:9").stdout


@pytest.mark.parametrize(("verb", "name"), [("assignment", "NAME"), ("release", "VERSION"), ("rename", "TITLE")])
def test_a_verb_takes_its_words_from_the_command_line_alone(verb, name, course):
    done = make(course, verb, **{name: "my-laptop"})  # as WSL sets NAME
    assert done.returncode == 2
    assert re.search(rf"^Say .*: make {verb} .*{name}=", done.stdout)
    assert "my-laptop" in make(course, verb, f"{name}=my-laptop").stdout


def test_verbs_run_one_after_the_other(course):
    for name in ("ruff", "mypy"):
        (course / ".venv" / "bin" / name).write_text("#!/bin/sh\necho begins; sleep 0.2; echo ends\n")
        (course / ".venv" / "bin" / name).chmod(0o755)
    assert make(course, "-j8", "lint", "types").stdout.split() == ["begins", "ends"] * 3  # ruff is called twice


def test_where_grading_cannot_be_tested_make_says_so_first(course):
    (course / "uname").write_text("#!/bin/sh\necho Darwin\n")
    (course / "uname").chmod(0o755)
    done = make(course, "test", PATH=f"{course}:{os.environ['PATH']}")
    assert done.returncode == 2
    assert re.fullmatch("Grading needs Linux, and so do its tests: 'make check' runs here, .*\n", done.stdout)


def test_a_home_that_cannot_be_written_has_a_stand_in(course):
    assert f"\nHOME={course}/.venv/home\n" in make(course, "setup", HOME="/proc/nowhere").stdout
    assert f"\nHOME={course.parent}\n" in make(course, "setup", HOME=str(course.parent)).stdout


def test_a_checkout_that_was_moved_or_copied_makes_its_environment_again(course):
    assert "--make" not in make(course, "setup").stdout
    copied = course.with_name("copy")
    shutil.copytree(course, copied)
    said = make(copied, "setup", f"PYTHON={copied}/.venv/bin/python").stdout
    assert "tools/environment.py .venv --make\n" in said
    assert (copied / ".venv" / ".complete").read_text("utf-8") == f"{copied}\n"
    assert "--make" not in make(copied, "setup").stdout
    # As after an upgrade of the system, whose Python is another version now.
    library = copied / ".venv" / "lib" / "python3.11"
    library.rename(library.with_name("python3.10"))
    assert "tools/environment.py .venv --make\n" in make(copied, "setup", f"PYTHON={copied}/.venv/bin/python").stdout
    library.with_name("python3.10").rename(library)
    # Or has no longer the Python that it was made with.
    (copied / ".venv" / "bin" / "python").rename(copied / "python")
    assert "tools/environment.py .venv --make\n" in make(copied, "setup", f"PYTHON={copied}/python").stdout


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence():
    somebody = {"user": "nobody"} if os.geteuid() == 0 else {}  # who may not write into the root of the system
    text = (ROOT / "Makefile").read_text("utf-8")
    done = subprocess.run(
        ["make", "--file", "-", "book"], cwd="/", input=text, capture_output=True, text=True, **somebody
    )
    assert done.returncode == 2
    assert "This folder cannot be written, and every verb writes into it: use a checkout of your own" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_named_in_one_sentence(course):
    (course / ".venv" / "bin" / "python").unlink()
    (course / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (course / ".venv" / "bin" / "jupyter-book").symlink_to("/bin/true")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = make(course, "serve", f"PORT={port}")
    assert done.returncode == 2
    assert f"Port {port} is taken or not allowed: choose another" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.whole
def test_binder_takes_the_versions_of_the_lock(tmp_path):
    for name in ("requirements.lock", "pyproject.toml", "README.md", "LICENSE", "names.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("src", "_static/lab", "binder"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    # The torch that is here, whichever it is; else pip would look for the one of the lock.
    (tmp_path / "requirements-torch.txt").write_text(f"torch=={version('torch')}\n")
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-build-isolation"]
    done = subprocess.run([*pip, "-r", "binder/requirements.txt"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Would install bncourse-" in done.stdout
    python = (tmp_path / "binder" / "runtime.txt").read_text("utf-8").strip()
    assert re.fullmatch(r"python-3\.1[1-4]", python)


def test_a_codespace_is_set_up_by_a_verb_and_works_in_what_that_makes():
    devcontainer = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert devcontainer["postCreateCommand"] == "make setup"
    (python,) = (
        value
        for name, value in devcontainer["customizations"]["vscode"]["settings"].items()
        if name == "python.defaultInterpreterPath"
    )
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"
