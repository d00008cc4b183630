"""The layer raises an error whose class and message are HTML: the report on it is shown to the instructor (17)."""

GROUP = "file"
CATALOGUE = (17,)
CODE = """
kind = type("<script>alert(1)</script>", (ValueError,), {})


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        raise kind("<img src=x onerror=alert(1)><script>alert(1)</script>\\x1b[31m\\x1b]0;title\\x07")
"""
