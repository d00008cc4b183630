"""The name that the test cell uses is bound to an object of the learner's own (25)."""

GROUP = "comparison"
CATALOGUE = (25,)
CODE = """
class Content:
    require = __call__ = lambda self, *arguments: self

    def __getattr__(self, name):
        return self


checks = Content()
"""
