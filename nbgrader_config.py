"""Settings of nbgrader: where the assignments are, and what a learner finds in place of a solution."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "bncourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# Harmless where it is left in place: a learner who writes above or below it has nothing to delete.
c.ClearSolutions.code_stub = {"python": "...  # your code here"}
c.ClearSolutions.text_stub = "*Write your answer here.*"
