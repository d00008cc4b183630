"""Lay out an assignment of your own, as working stubs: ``make assignment NAME=17-my-topic [KIND=asserts]``.

With a check (the usual kind) these files are made, each of which runs as it is and is to be rewritten::

    solutions/17-my-topic/17-my-topic.ipynb             the notebook with its solution
    src/bncourse/observing/tasks/exercise_17_my_topic.py    what is asked, and how answers are observed
    src/bncourse/judging/answers/exercise_17_my_topic.py    what is right, and mistakes by name
    tests/checks/solutions/my_topic.py                  solutions by which the check is tried

and the assignment becomes a draft: its line in tests/checks/drafts.txt lets the tests accept a check that is tried on
few solutions. With ``KIND=asserts`` the notebook is all there is, with asserts as nbgrader teaches them.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from identity import ROOT, read

__all__ = ["lay_out", "main"]


class NotLaidOut(ValueError):  # noqa: N818
    """Nothing was made; the message says why."""


def main() -> int:
    """Run the command."""
    command = argparse.ArgumentParser(prog="make assignment", description="Lay out an assignment as working stubs.")
    command.add_argument("name", help="as in 17-my-topic")
    command.add_argument("--kind", default="check", help="check, or asserts (default: check)")
    options = command.parse_args()
    try:
        made = lay_out(options.name, options.kind)
    except NotLaidOut as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("Made:", *(f"  {path.relative_to(ROOT)}" for path in made), sep="\n")
    if options.kind == "check":
        print(f"{options.name} is a draft (tests/checks/drafts.txt) until its check is tried on six right solutions")
        print("and twelve wrong ones; the tests warn of that.")
    return 0


def lay_out(name: str, kind: str = "check", root: Path = ROOT) -> list[Path]:
    """Write the files of an assignment, and nothing over a file that is there.

    Raises:
        NotLaidOut: the name or the kind is none, or something of that name is there.
    """
    if kind not in ("check", "asserts"):
        raise NotLaidOut(f"the kind is {kind!r}; give KIND=check or KIND=asserts")
    if not (parts := re.fullmatch(r"(\d\d)-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)", name)):
        raise NotLaidOut(f"the name is {name!r}; give two digits and words in lower case, as in NAME=17-my-topic")
    number, function = parts[1], parts[2].replace("-", "_")
    taken = sorted(path.name for path in (root / "solutions").glob(f"{number}-*"))
    if taken:
        raise NotLaidOut(f"there is an assignment {taken[0]} with that number: give another one")
    words = {"name": name, "number": number, "function": function, "title": parts[2].replace("-", " ")}
    words |= {"module": f"exercise_{number}_{function}"}
    files = {root / "solutions" / name / f"{name}.ipynb": notebook(words, kind, read(root).first_cell)}
    if kind == "check":
        package = root / "src" / "bncourse"
        files |= {
            package / "observing" / "tasks" / f"{words['module']}.py": filled(TASK, words),
            package / "judging" / "answers" / f"{words['module']}.py": filled(ANSWERS, words),
            root / "tests" / "checks" / "solutions" / f"{function}.py": filled(BANK, words),
        }
    there = [path for path in files if path.exists()]
    if there:
        raise NotLaidOut(f"{there[0].relative_to(root)} is there already: give another name")
    if kind == "check":
        add_draft(root / "tests" / "checks" / "drafts.txt", name)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(files)


def add_draft(drafts: Path, name: str) -> None:
    """Add an assignment to the drafts."""
    text = drafts.read_text("utf-8") if drafts.is_file() else ""
    drafts.write_text(f"{text}{name}\n", "utf-8")


def filled(text: str, words: dict[str, str]) -> str:
    """A template with its words, which stand between « and »."""
    return re.sub(r"«(\w+)»", lambda found: words[found[1]], text)


def notebook(words: dict[str, str], kind: str, first_cell: str) -> str:
    """The notebook with its solution."""
    usual = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}

    def own(name: str, **settings: object) -> dict:
        return {"nbgrader": usual | {"grade_id": name} | settings}

    function = words["function"]
    install = own("install") | {"tags": ["remove-cell"]}
    imports = "import torch\nfrom torch import Tensor" + "\n\nfrom bncourse import checks" * (kind == "check")
    test = f"checks.{function}({function}).require()" if kind == "check" else filled(ASSERTS, words)
    cells = [
        new_code_cell(first_cell, metadata=install, id="install"),
        new_markdown_cell(filled(OPENING, words), metadata=own("title"), id="title"),
        new_code_cell(imports, metadata=own("imports"), id="imports"),
        new_markdown_cell(filled(PART, words), metadata=own("part"), id="part"),
        new_code_cell(filled(CODE, words), metadata=own("part-code", solution=True, locked=False), id="part-code"),
    ]
    if kind == "check":
        cells.append(new_code_cell(f"checks.{function}({function})", metadata=own("part-check"), id="part-check"))
    cells += [
        new_markdown_cell(HINTS, metadata=own("part-hints"), id="part-hints"),
        new_code_cell(test, metadata=own("part-test", grade=True, points=8), id="part-test"),
        new_markdown_cell(WHY, metadata=own("why"), id="why"),
        new_markdown_cell(
            ANSWER, metadata=own("why-answer", grade=True, points=2, solution=True, locked=False), id="why-answer"
        ),
    ]
    made = new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    made.metadata["language_info"] = {"name": "python"}
    made.metadata["description"] = f"Assignment {words['number']}: {words['title']}."
    return nbformat.writes(made, indent=1) + "\n"


OPENING = """# Assignment «number»: «title»

Say here what this is about, and which chapter it follows.

**10 points, about 30 minutes.**

| part | you write | points |
| --- | --- | --- |
| 1 | `«function»` | 8 |
| 2 | an answer in your own words | 2 |

Write where it says `# your code here`.
Cells of your own are welcome anywhere."""

PART = """## Part 1: «title» (8 points)

Write `«function»(x)`.
`x` is a tensor of shape (N, D).
Return a tensor of the same shape in which every column has the mean 0.

**A worked step.**
The column 1, 2, 6 has the mean 3, so it becomes −2, −1, 3."""

CODE = """def «function»(x: Tensor) -> Tensor:
    \"\"\"Return x of shape (N, D) less the mean of each column.\"\"\"
    ### BEGIN SOLUTION
    return x - torch.mean(x, dim=0)
    ### END SOLUTION"""

HINTS = """<details><summary>Hint 1: where do I start?</summary>

With the mean over dimension 0: which shape does it have?

</details>
<details><summary>Hint 2: my columns do not have the mean 0</summary>

Which axis did you average over?

</details>"""

ASSERTS = """x = torch.tensor([[1.0, 10.0], [2.0, 20.0], [6.0, 60.0]])
assert «function»(x).shape == x.shape, "the shape of x stays"
assert torch.allclose(«function»(x)[:, 0], torch.tensor([-2.0, -1.0, 3.0])), "the worked step"
### BEGIN HIDDEN TESTS
drawn = torch.randn(7, 3) + 5
assert torch.allclose(«function»(drawn).mean(0), torch.zeros(3), atol=1e-5), "each column has the mean 0"
### END HIDDEN TESTS"""

WHY = """## Part 2: in your own words (2 points)

Ask here for a reason, in two or three sentences."""

ANSWER = """Write a model answer here.

Rubric: 2 points for the reason; 1 point for half of it."""

TASK = '''"""Task of assignment «number»: «title»."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncourse.observing.recorder import Recorder
from bncourse.observing.task import Question, Task

__all__ = ["«function»"]


def ask_«function»(rng: np.random.Generator) -> list[Question]:
    """Matrices of several shapes; every submission is graded on other numbers."""
    questions = []
    for n, d in ((3, 2), (8, 5), (4, 4)):
        x = (rng.normal(size=(n, d)) + rng.uniform(2, 5)).astype("float32")
        dout = rng.normal(size=(n, d)).astype("float32")
        questions.append({"call": "«function»(x)", "words": f"x of shape ({n}, {d})", "x": x, "dout": dout})
    return questions


def observe_«function»(recorder: Recorder, theirs: Any, question: Question) -> None:
    """What comes back, and the gradient that arrives at the input."""
    x = recorder.tensor("x", question["x"], requires_grad=True)
    result = recorder.call("the result", theirs, x)
    recorder.backward(result, question["dout"])
    recorder.write("x.grad", x.grad, "gradients")


«function» = Task(
    name="«function»",
    subject="«function»(x) -> Tensor",
    ask=ask_«function»,
    observing=observe_«function»,
    in_graph=True,
)
'''

ANSWERS = '''"""Answer of assignment «number»: «title»."""

from __future__ import annotations

from torch import Tensor

from bncourse.judging.check import Check
from bncourse.observing.tasks import «module» as tasks

__all__ = ["«function»"]


def columns_centred(x: Tensor) -> Tensor:
    """What is right."""
    return x - x.mean(0)


def mean_over_everything(x: Tensor) -> Tensor:
    """One mean was taken over all numbers: which axis holds the examples?"""
    return x - x.mean()


def mean_over_rows(x: Tensor) -> Tensor:
    """Every row has the mean 0 now: which axis was averaged over?"""
    return x - x.mean(1, keepdim=True)


def mean_without_gradient(x: Tensor) -> Tensor:
    """The mean was taken out of the graph: it depends on x, and so does its gradient."""
    return x - x.mean(0).detach()


«function» = Check(
    tasks.«function»,
    right=columns_centred,
    wrong=(mean_over_everything, mean_over_rows, mean_without_gradient),
)
'''

BANK = """import torch


# %% right: the mean over the examples
def «function»(x):
    return x - x.mean(0)


# %% right: a sum and a division
def «function»(x):
    return x - x.sum(dim=0, keepdim=True) / x.shape[0]


# %% wrong: not-attempted, the stub
def «function»(x): ...  # your code here


# %% wrong: mean-over-everything, one mean for all
def «function»(x):
    return x - torch.mean(x)


# %% wrong: mean-over-rows, the wrong axis
def «function»(x):
    return x - x.mean(dim=-1, keepdim=True)


# %% wrong: mean-without-gradient, detached
def «function»(x):
    return x - x.detach().mean(0)


# %% elsewhere
def allclose(«function»):
    x = torch.tensor([[1.0], [2.0], [6.0]])
    return torch.allclose(«function»(x), torch.tensor([[-2.0], [-1.0], [3.0]]))
"""

if __name__ == "__main__":
    sys.exit(main())
