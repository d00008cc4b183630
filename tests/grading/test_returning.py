"""What goes back is that of now or that of before, whole, and the same each time."""

import random
import shutil
from pathlib import Path
from warnings import catch_warnings, simplefilter

from classroom import ASSIGNMENT, LAYER_TEST, Classroom, as_bytes, right
from killed_runs import dice_of_this_run, run_until
from platforms import Pupil, canvas
from sqlalchemy.exc import SAWarning

from bncourse.grading.collecting.command import main
from bncourse.grading.course import Course

FILE = f"{ASSIGNMENT}.ipynb"
CLASS = [Pupil(f"Zoe {chr(65 + i)}lias", [(FILE, as_bytes(right()))]) for i in range(20)]


def returned(classroom: Classroom) -> dict[str, bytes]:
    """All that lies in the folder of what goes back."""
    folder = classroom.folder / "returned" / ASSIGNMENT
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def collect(classroom: Classroom, folder: Path, pupils: list[Pupil]) -> None:
    """Collect what Canvas gives."""
    handed = canvas(pupils, folder)
    words = ["collect", ASSIGNMENT, *map(str, handed.archives), "--roster", str(handed.roster)]
    assert main([*words, "--course", str(classroom.folder)]) == 0


def give_back(classroom: Classroom) -> None:
    """Run the command."""
    assert main(["return", ASSIGNMENT, "--course", str(classroom.folder)]) == 0


def put_grades(classroom: Classroom, points: float, dice: random.Random) -> None:
    """Put grades and pages that fill the zip for a while where grading puts them."""
    with Course(classroom.folder).gradebook() as gradebook, catch_warnings():
        simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
        for i in range(len(CLASS)):
            (notebook,) = gradebook.update_or_create_submission(ASSIGNMENT, str(5000 + i)).notebooks
            for grade in notebook.grades:
                grade.auto_score = points if grade.name == LAYER_TEST else 0.0
                grade.needs_manual_grade = False
        gradebook.db.commit()
    for i in range(len(CLASS)):
        for step, end in (("autograded", "ipynb"), ("feedback", "html")):
            folder = classroom.folder / step / str(5000 + i) / ASSIGNMENT
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{ASSIGNMENT}.{end}").write_bytes(dice.randbytes(1 << 18).hex().encode())


def test_killed_at_any_moment_what_goes_back_is_whole_and_in_the_end_the_same(classroom: Classroom, tmp_path: Path):
    dice = dice_of_this_run()
    collect(classroom, tmp_path, CLASS)
    put_grades(classroom, 2.0, dice)
    give_back(classroom)
    old = returned(classroom)
    put_grades(classroom, 4.0, dice)
    calm = Classroom(tmp_path / "calm")
    shutil.copytree(classroom.folder, calm.folder)  # with the times of the files, which are in the zip
    moments = run_until(calm, 0, "return", ASSIGNMENT)
    new = returned(calm)
    assert set(new) == set(old) == {"canvas-grades.csv", "canvas-feedback.zip"}
    assert all(new[name] != old[name] for name in new)

    for moment in sorted(dice.sample(range(1, moments + 1), 5)):
        run_until(classroom, moment, "return", ASSIGNMENT)
        there = returned(classroom)
        for name in new:
            assert there[name] in (old[name], new[name]), f"{name} is neither that of before nor that of now"
    give_back(classroom)
    assert returned(classroom) == new
