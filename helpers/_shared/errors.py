"""The one kind of error that the course raises on purpose."""


class CourseError(ValueError):
    """Bad input, told in one sentence: what was needed, what came, what to do. Anything else is a bug."""
