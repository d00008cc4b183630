"""Settings of nbgrader: where the assignments are, and what a learner finds in place of a solution."""

from bncourse.grading.advice import ADVICE

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "bncourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# What grading writes down for the instructor stays beside the graded notebook: `nbgrader generate_feedback` copies all
# other files into the folder that students get.
for name in (".bncourse-outcome.json", ".bncourse-recorded", ".writing-*"):
    c.CourseDirectory.ignore.append(name)

# Harmless where it is left in place: a learner who writes above or below it has nothing to delete.
c.ClearSolutions.code_stub = {"python": "...  # your code here"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# Submissions run in a sandbox and are judged outside of it, whether by `python -m bncourse.grading`, by
# `nbgrader autograde`, or by the formgrader's button.
# What lies in a submitted folder may be a link to somebody else's work, a pipe, or a terabyte of nothing.
c.Autograde.pre_convert_hook = "bncourse.grading.autograde.set_aside"
c.Autograde.sanitize_preprocessors = ["bncourse.grading.autograde.TakeTexts"]
c.Autograde.autograde_preprocessors = [
    "bncourse.grading.autograde.GradeSafely",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]

# What a learner wrote is shown in the formgrader and in the feedback: nothing of it may run there.
c.HTMLExporter.filters = {
    "markdown2html": "bncourse.grading.written.markdown_to_html",
    "highlight_code": "bncourse.grading.written.code_to_html",
}
# Scores and remarks are shown with it, and in the formgrader the rubric of each written answer.
c.HTMLExporter.preprocessors = [
    "bncourse.grading.beside.BesideTheWork",
    "bncourse.grading.written.NothingFetched",
]

# Files as Canvas and as Moodle name them in a zip, for `nbgrader zip_collect`; the platform's number is the student's
# id. A notebook that was downloaded twice or copied ("Copy of …", "… (1)") is known by the assignment in its name.
c.FileNameCollectorPlugin.named_regexp = (
    r".*[/_](?P<student_id>\d+)_(?:\d+|assignsubmission_file)_/?"
    r"[^/]*?(?P<file_id>\d\d-[a-z]+(?:-[a-z]+)*)[^/]*\.ipynb$"
)

# Where a command skips what is there already, it says how to have it done all the same.
for application in ("GenerateAssignmentApp", "AutogradeApp", "GenerateFeedbackApp", "ZipCollectApp"):
    c[application].logging_config = ADVICE
