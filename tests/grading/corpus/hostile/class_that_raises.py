"""The layer is an object that answers every question about its class, and about its class's name, with an error."""

GROUP = "answer"

CODE = """
class Nameless(type):
    @property
    def __name__(cls):
        raise OSError("name")


class Unasked(metaclass=Nameless):
    @property
    def __class__(self):
        raise OSError("class")

    def __getattr__(self, name):
        raise OSError(name)

    def __call__(self, *arguments, **named):
        return self


BatchNorm1d = Unasked()
"""
