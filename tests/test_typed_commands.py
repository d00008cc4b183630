"""Every command that a page tells the reader to type is one that is there, with the options that it is given."""

import functools
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import identity
from building import ROOT
from contents import CONTENTS

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "index.md",
    *(f"{p}.md" for p in CONTENTS.pages if (ROOT / f"{p}.md").is_file()),
]
BIN = Path(sys.executable).parent
HELPED = {"nbgrader", "jupyter", "jupytext", "pre-commit"}
"""Commands of this environment; what each is told to do is looked up in what it says of itself."""

SYSTEM = {"cd", "cp", "git", "mkdir", "mv", "source", "nano", "unzip", "sudo", "apt-get", "sysctl"}
"""Commands of the reader's system."""

OWN = "17-my-topic"
"""An assignment that the reader lays out; test_typed_sessions.py does."""


def typed() -> list:
    """Each line of each block of commands, with the page that it is on."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for block in re.findall(r"^```(?:sh|bash|powershell)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
            for line in block.splitlines():
                for command in re.split(r" && | \|\| | \| ", line):
                    if command.strip():
                        found.append(pytest.param(command.strip(), id=f"{page}: {command.strip()[:60]}"))
    return found


@functools.cache
def output(*command: str) -> str:
    """What a command says, which must not fail."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    return done.stdout


def names_of_make() -> dict[str, str]:
    """make's verbs, with what the list of verbs says about each."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))


def check_make(words: list[str]) -> None:
    verbs = [word for word in words if "=" not in word and not word.startswith("-")]
    known = names_of_make()
    assert set(verbs) <= set(known)
    for setting in (word.partition("=")[0] for word in words if "=" in word):
        assert any(setting in known[verb] for verb in verbs) or setting == "PYTHON", f"no verb here knows {setting}"


def check_options(help_text: str, words: list[str]) -> None:
    for option in (word.partition("=")[0] for word in words if word.startswith("--")):
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", help_text), f"{option} is no option of it"


def check_helped(name: str, words: list[str]) -> None:
    """A command that says what it can do: the verb is one, and the options are the verb's."""
    if name == "jupytext":
        check_options(output(str(BIN / name), "--help"), words)
        return
    verb = next(word for word in words if not word.startswith("-"))
    if name == "jupyter":
        assert (BIN / f"jupyter-{verb}").is_file()
        return
    rest = words[words.index(verb) + 1 :]
    inner = [verb, *(rest[:2] if verb == "db" else [])]
    every = output(str(BIN / name), "--help")
    # As a word of the list of verbs: nbgrader ends with 0 also for a verb that it does not know.
    assert re.search(rf"^\s*(?:\{{?[\w,-]*\b)?{re.escape(verb)}\b", every, flags=re.MULTILINE), f"{name} has no {verb}"
    check_options(output(str(BIN / name), *inner, "--help-all" if name == "nbgrader" else "--help"), rest)


@pytest.mark.parametrize("command", typed())
def test_command_is_there(command):
    words = shlex.split(command.replace("\\", "/"))
    name = words.pop(0)
    plain = Path(name).name.removesuffix(".exe")
    if name == "make":
        check_make(words)
    elif plain in ("python", "python3", "py") and words[:1] == ["-m"]:
        module = words[1]
        if module in ("pip", "venv"):
            check_options(
                output(sys.executable, "-m", module, *(["install"] if module == "pip" else []), "--help"), words
            )
        else:
            verb = [word for word in words[2:3] if word.isalpha() and module == "bncourse.course"]
            check_options(output(sys.executable, "-m", module, *verb, "--help"), words[2:])
    elif plain in ("python", "python3") and words:
        assert (ROOT / words[0]).is_file()
        check_options((ROOT / words[0]).read_text("utf-8"), words[1:])
    elif name == "uv":
        check_options(output(str(BIN / "uv"), *words[: 1 + (words[0] == "pip")], "--help"), words)
    elif name == "dask":
        check_options(output(str(BIN / "dask"), words[0], "--help"), words)
    elif plain in HELPED:
        check_helped(plain, words)
    else:
        assert name in SYSTEM, f"no rule says how to try {name}"
    for path in (
        word for word in words if re.match(r"(chapters|exercises|solutions|tests|tools|benchmarks|src)/", word)
    ):
        assert OWN in path or list(ROOT.glob(path)), f"{path} is not there"


def test_no_shell_takes_a_remark_for_part_of_a_command():
    # zsh, the shell of macOS, hands "# …" on as arguments when it is typed or pasted.
    assert [command for line in typed() for command in line.values if "#" in command] == []


def test_commands_are_the_same_in_every_shell():
    # Brackets that zsh, variables that fish, and conjunctions that PowerShell reads otherwise than bash does.
    plain = [re.sub(r"\"[^\"$`]*\"", "", command) for line in typed() for command in line.values]
    assert [command for command in plain if re.search(r"[][$`{}()<>;~!]|^export |^[A-Z_]+=", command)] == []
    blocks = re.findall(
        r"^```powershell\n(.*?)^```",
        "\n".join((ROOT / page).read_text("utf-8") for page in PAGES),
        flags=re.DOTALL | re.MULTILINE,
    )
    assert blocks
    assert not [block for block in blocks if "&&" in block]


def test_addresses_that_are_typed_are_those_of_this_course():
    own = identity.read()
    text = "\n".join((ROOT / page).read_text("utf-8") for page in PAGES)
    assert f"{own.site}/{own.wheel}" in text
    cloned = set(re.findall(r"git clone (\S+)", text))
    assert cloned <= {own.url, own.url.replace(own.url.split("/")[3], "YOU", 1), f"https://github.com/YOU/{own.name}"}
