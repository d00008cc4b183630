"""What `make setup` does before and when something goes wrong; that it works is seen by every run of these tests."""

import subprocess
import sys

import pytest

import environment
from building import ROOT

UV = """\
error: Failed to fetch: https://download.pytorch.org/whl/cpu/torch/
  cause: client error (Connect)
  cause: dns error
  cause: failed to lookup address information: Name or service not known
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


def test_where_nothing_can_be_written_one_sentence_says_so():
    with pytest.raises(
        environment.SetupError, match=r"^/proc/\S+ cannot be written \(.*\): use a checkout of your own\.$"
    ):
        environment.Environment(environment.Path("/proc/environment")).make_empty()


def test_a_full_disk_is_refused_before_anything_is_downloaded(tmp_path):
    with pytest.raises(environment.SetupError, match=r"of disk left, and up to 1000000\.0 GB are needed"):
        environment.Environment(tmp_path).need(1e6 * environment.GIB)


def test_a_failing_step_names_the_tool_the_reason_and_the_log(tmp_path):
    made = environment.Environment(tmp_path)
    with pytest.raises(environment.SetupError, match=r"^uv failed \(no network\): see .*setup\.log, check the network"):
        made.run([sys.executable, "-c", "print('error: no network'); raise SystemExit(2)"], "uv")
    assert "error: no network" in made.log.read_text("utf-8")


def test_what_cannot_be_imported_is_no_environment(tmp_path):
    (tmp_path / ".complete").touch()
    made = environment.Environment(tmp_path)
    made.python.parent.mkdir()
    made.python.write_text("#!/bin/sh\necho 'ImportError: libcudnn.so.9' >&2; exit 1\n")
    made.python.chmod(0o755)
    with pytest.raises(environment.SetupError, match=r"cannot be imported: ImportError: libcudnn\.so\.9"):
        made.report()
    assert not (tmp_path / ".complete").exists()  # so that the next `make` begins again


def test_the_report_says_python_torch_its_build_the_size_and_the_place():
    place = environment.Path(sys.prefix)
    line = environment.Environment(place).report()
    import torch

    assert line.startswith(f"Python {sys.version.split()[0]}, torch {torch.__version__} (for ")
    assert line.endswith(f" GB in {place}")


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
