"""The laboratory in a notebook and on the site."""


def show(state=None):
    """Placeholder until the page lands."""
