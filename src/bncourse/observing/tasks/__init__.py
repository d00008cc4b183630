"""What learners write, one file ``exercise_NN_….py`` per assignment: what is asked, and how answers are observed.

A file of that name is found by itself; each :class:`~bncourse.observing.task.Task` in it is a task.
"""

from bncourse.observing.discovery import exercises
from bncourse.observing.task import Task

TASKS: dict[str, Task] = {task.name: task for task in exercises(__name__, Task)}
"""Every task, by its name, in the order of the assignments."""
