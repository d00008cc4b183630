"""What a submission finds in its sandbox, and where: the system's libraries, Python, packages, and what observes.

Nothing lies where it lies on the instructor's machine: Python is in ``/opt/python`` and its packages in
``/opt/packages``, so that no path names a user or a course. There is no ``/proc`` but two files about the machine.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import os
import site
import sys
import sysconfig
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import torch

import bncourse
from bncourse.observing.unjudged import IN_SANDBOX

__all__ = ["HOME", "Places", "environment"]

HOME = "/home/learner"
PYTHON, PACKAGES, COURSE = "/opt/python", "/opt/packages", "/opt/course"

SYSTEM = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/bin",
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/alternatives",
    "/usr/share/fonts",
    "/usr/share/fontconfig",
    "/usr/share/zoneinfo",
    "/proc/cpuinfo",
    "/proc/meminfo",
)
"""What a program needs of the machine; of these, what there is."""

OWN = Path(bncourse.__file__).parent
NEEDED = ("torch", "numpy", "IPython", "matplotlib", "msgpack")
"""Packages that what observes, or nearly every submission, imports."""

SHOWN = ("__init__.py", "observing", "checks", "plugged.py")
"""What a submission sees of this package: what observes, the face by which a cell calls a check, and a training."""

FINISHED = (
    "_decomp/decompositions.py",
    "_decomp/decompositions_for_jvp.py",
    "_refs/__init__.py",
    "_refs/nn/functional/__init__.py",
    "nn/utils/fusion.py",
)
"""Files of torch that hold normalisation written in Python."""

COMPARED = ("common_methods_invocations.py", "common_modules.py", "common_nn.py")
"""Files in ``torch/testing/_internal``: the same again, for torch's own tests to compare with."""

FINISHED_WORDS = ("batch_norm", "layer_norm", "group_norm", "instance_norm", "_normalize", "_bn_weights", "conv_bn")


@functools.cache
def folders_of_packages() -> tuple[str, ...]:
    """The folders from which this Python takes packages, in its order."""
    known = {*site.getsitepackages(), site.getusersitepackages(), *map(folder_of, NEEDED)}
    found = [path for path in sys.path if path in known or os.path.basename(path) in ("site-packages", "dist-packages")]
    return tuple(dict.fromkeys(os.path.realpath(path) for path in found if os.path.isdir(path)))


def folder_of(package: str) -> str:
    """The folder in which a package lies."""
    found = find_spec(package)
    return str(Path(found.origin).parents[1]) if found and found.origin else ""


@dataclass(frozen=True)
class Places:
    """The mounts of a sandbox.

    Attributes:
        hidden: folders of this machine that must not be seen, also where they lie below something that is.
        handed_out: modules of this package that learners are given with their assignment, as in ``"faulty"``.
    """

    hidden: tuple[str, ...] = ()
    handed_out: tuple[str, ...] = ()
    packages: tuple[str, ...] = field(default_factory=folders_of_packages)

    @property
    def python(self) -> str:
        """The Python inside."""
        executable = os.path.realpath(sys.executable)
        return executable if is_of_the_system() else f"{PYTHON}/bin/{os.path.basename(executable)}"

    @property
    def search(self) -> list[str]:
        """Where Python finds modules inside."""
        return [COURSE, *(f"{PACKAGES}/{i}" for i in range(len(self.packages)))]

    def bound(self) -> list[tuple[str, str]]:
        """What of this machine is seen, and where."""
        found = [(path, path) for path in SYSTEM if os.path.exists(path) and not os.path.islink(path)]
        if not is_of_the_system():
            executable = os.path.realpath(sys.executable)
            found += [(executable, self.python), (f"{os.path.realpath(sys.base_prefix)}/lib", f"{PYTHON}/lib")]
        found += [(folder, f"{PACKAGES}/{i}") for i, folder in enumerate(self.packages)]
        found += [
            (str(OWN / part), f"{COURSE}/bncourse/{part}")
            for part in (*SHOWN, *(f"{name}.py" for name in self.handed_out))
        ]
        return found

    def mounts(self, stack: contextlib.ExitStack) -> tuple[list[str], list[int]]:
        """Options of bubblewrap, and the files that they name by number."""
        options: list[str] = []
        for source, target in self.bound():
            for parent in reversed(Path(target).parents[:-1]):
                options += ["--perms", "0755", "--dir", str(parent)]  # bubblewrap alone would make it root's only
            options += ["--ro-bind", source, target]
        for path in ("/bin", "/lib", "/lib32", "/lib64"):
            if os.path.islink(path):
                options += ["--symlink", os.readlink(path), path]
        for path in self.masked():
            options += ["--perms", "0755", "--tmpfs", path, "--remount-ro", path]
        for path in self.emptied():
            options += ["--ro-bind", "/dev/null", path]
        # The first cell of every notebook asks which version of the package is there.
        described = f"{COURSE}/bncourse-{bncourse.__version__}.dist-info"
        options += ["--perms", "0755", "--dir", described]
        metadata = f"Metadata-Version: 2.1\nName: bncourse\nVersion: {bncourse.__version__}\n"
        written = {self.inside(name): text for name, text in without_finished().items()}
        written[f"{described}/METADATA"] = metadata.encode()
        descriptors = []
        for target, text in written.items():
            descriptor = os.memfd_create("bncourse")
            stack.callback(os.close, descriptor)
            os.write(descriptor, text)
            os.lseek(descriptor, 0, os.SEEK_SET)
            descriptors.append(descriptor)
            options += ["--perms", "0444", "--ro-bind-data", str(descriptor), target]
        return options, descriptors

    def masked(self) -> list[str]:
        """Folders inside that are empty: other copies of this package, packages of Python's own, what is hidden."""
        found = []
        for folder in self.packages:
            found += [self.inside(str(path)) for path in Path(folder).glob("*bncourse*") if path.is_dir()]
        base = f"{os.path.realpath(sys.base_prefix)}/lib/python{sysconfig.get_python_version()}/site-packages"
        if base not in self.packages and os.path.isdir(base):
            found.append(self.inside(base))
        for path in map(os.path.realpath, self.hidden):
            found += [target for target in self.all_inside(path) if os.path.isdir(path)]
        return [path for path in found if path]

    def emptied(self) -> list[str]:
        """Files inside that are empty: those that tell where this package lies."""
        found = []
        for folder in self.packages:
            found += [self.inside(str(path)) for path in Path(folder).glob("*bncourse*") if path.is_file()]
        tests = [Path(torch.__file__).parent / "testing" / "_internal" / name for name in COMPARED]
        found += [self.inside(str(path)) for path in tests if path.is_file()]
        for source in (*map(Path, without_finished()), *tests):
            cached = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
            found += [self.inside(str(cached))] if cached.is_file() else []
        return [path for path in found if path]

    def all_inside(self, path: str) -> list[str]:
        """Where a path of this machine is seen inside: nowhere, once, or more often."""
        seen = []
        for source, target in self.bound():
            source = os.path.realpath(source)
            if path == source or path.startswith(f"{source}/"):
                seen.append(target + path[len(source) :])
        return seen

    def inside(self, path: str) -> str:
        """Where a path of this machine is seen inside; empty where it is not."""
        return next(iter(self.all_inside(os.path.realpath(path))), "")


def is_of_the_system() -> bool:
    """Whether Python is the system's, in ``/usr``, and is seen with it."""
    return os.path.realpath(sys.base_prefix) == "/usr"


@functools.cache
def without_finished() -> dict[str, bytes]:
    """Per file of torch's that holds finished versions in Python: its text, with the same functions that raise."""
    found = {}
    for name in FINISHED:
        path = Path(torch.__file__).parent / name
        if path.is_file():
            found[str(path)] = emptied_of_finished(path.read_text("utf-8"), path.stem).encode()
    return found


def emptied_of_finished(source: str, module: str) -> str:
    """Python code in which every function of a finished version raises."""
    lines = source.splitlines()
    for node in sorted(ast.walk(ast.parse(source)), key=lambda node: -getattr(node, "lineno", 0)):
        if isinstance(node, ast.FunctionDef) and any(word in node.name for word in FINISHED_WORDS):
            first = node.body[0]
            indent = " " * first.col_offset
            words = f"torch's {node.name} is not there where this is graded: write your own"
            lines[first.lineno - 1 : node.body[-1].end_lineno] = [f"{indent}raise RuntimeError({words!r})"]
    return "\n".join(lines) + "\n"


def environment(places: Places | None, home: str = HOME) -> dict[str, str]:
    """The whole environment of the learner's code: nothing of the instructor's."""
    found = {
        "HOME": home,
        "USER": "learner",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        IN_SANDBOX: "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp",
        "IPYTHONDIR": "/tmp/ipython",
        "PIP_NO_INDEX": "1",  # there is no network: say so at once
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    if places is None:
        return found | {"PYTHONPATH": str(OWN.parent), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    found |= {"PYTHONPATH": os.pathsep.join(places.search)}
    # Where Python is a shared library, it knows its folder on the machine that it was built for.
    return found if is_of_the_system() else found | {"LD_LIBRARY_PATH": f"{PYTHON}/lib"}
