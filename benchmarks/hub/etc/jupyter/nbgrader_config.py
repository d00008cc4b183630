"""For everybody on the hub: which course, and where assignments and submissions are exchanged."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "bncourse"
c.Exchange.root = "/srv/nbgrader/exchange"
