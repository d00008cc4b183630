"""The instructor's ~/.jupyter/nbgrader_config.py: where the course is, with its own settings.

The formgrader reads this file and not the one in the course's folder. Without the second line its button would run
submissions without a sandbox.
"""

c = get_config()  # noqa: F821

load_subconfig("nbgrader_config.py", path="/home/instructor/bncourse")  # noqa: F821
c.CourseDirectory.root = "/home/instructor/bncourse"
